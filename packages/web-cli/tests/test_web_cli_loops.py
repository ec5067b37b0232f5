"""new_event_loop makes the loop that was named, and says what is wrong where it can't."""

import asyncio
import sys
from contextlib import closing
from importlib.util import find_spec

import pytest
from tidegate_web_cli import LoopName, new_event_loop
from tidegate_web_cli.loops import loop_name

needs_uvloop = pytest.mark.skipif(find_spec("uvloop") is None, reason="uvloop is not installed")


@pytest.fixture
def without_uvloop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``import uvloop`` fail, as where it is not installed."""
    monkeypatch.setitem(sys.modules, "uvloop", None)


@pytest.fixture(params=["asyncio", pytest.param("uvloop", marks=needs_uvloop)])
def name(request: pytest.FixtureRequest) -> LoopName:
    name: LoopName = request.param
    return name


def test_the_named_loop_is_made_and_works(name: LoopName) -> None:
    async def answer() -> int:
        await asyncio.sleep(0)
        return 42

    with closing(new_event_loop(name)) as loop:
        assert loop_name(loop) == name
        assert loop.run_until_complete(answer()) == 42


@needs_uvloop
def test_auto_is_uvloop_where_it_is_installed() -> None:
    with closing(new_event_loop("auto")) as loop:
        assert loop_name(loop) == "uvloop"


@pytest.mark.usefixtures("without_uvloop")
def test_auto_is_asyncio_where_uvloop_is_not_installed() -> None:
    with closing(new_event_loop("auto")) as loop:
        assert loop_name(loop) == "asyncio"


@pytest.mark.usefixtures("without_uvloop")
def test_uvloop_by_name_where_it_is_not_installed_says_what_to_do() -> None:
    with pytest.raises(ImportError, match="pip install uvloop"):
        new_event_loop("uvloop")


def test_an_unknown_name_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="'auto', 'uvloop', 'asyncio', not 'trio'"):
        new_event_loop("trio")  # type: ignore[arg-type]  # a checker refuses it, too


def test_the_loop_of_another_package_has_its_name() -> None:
    class Loop(asyncio.SelectorEventLoop):
        __module__ = "winloop.loop"

    with closing(Loop()) as loop:
        assert loop_name(loop) == "winloop"
