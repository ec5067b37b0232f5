"""The banner tells truly what runs, and has the lines that people and programs look for."""

import asyncio
import platform
import sys
from contextlib import closing
from importlib import import_module
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from types import ModuleType

import pytest
import tidegate_web_cli
from tidegate_web_cli import Build, describe_build
from tidegate_web_cli.banner import COMPILED_LEAVES, banner, speed

BUILD = Build("1.2.3", "compiled", "uvloop", "CPython 3.11.7")


def describe() -> Build:
    with closing(asyncio.new_event_loop()) as loop:
        return describe_build(loop)


def test_the_build_says_python_and_loop() -> None:
    build = describe()
    assert build.loop == "asyncio"
    assert build.python == f"{platform.python_implementation()} {platform.python_version()}"


def test_the_version_is_that_of_the_whole_where_the_whole_is_loaded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    facade = ModuleType("tidegate")
    vars(facade)["__version__"] = "7.8.9"
    monkeypatch.setitem(sys.modules, "tidegate", facade)
    assert describe().version == "7.8.9"


def test_the_version_is_its_own_where_it_is_used_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "tidegate", raising=False)
    assert describe().version == tidegate_web_cli.__version__


def test_the_speed_is_that_of_the_modules_which_run() -> None:
    files = [str(import_module(leaf).__file__) for leaf in COMPILED_LEAVES]
    pure = [file for file in files if file.endswith(".py")]
    expected = "partly compiled" if pure else "compiled"
    assert describe().speed == ("pure Python" if pure == files else expected)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["a.py", "b.py"], "pure Python"),
        ([f"a{EXTENSION_SUFFIXES[0]}", f"b{EXTENSION_SUFFIXES[0]}"], "compiled"),
        ([f"a{EXTENSION_SUFFIXES[0]}", "b.py"], "partly compiled"),
    ],
)
def test_compiled_and_pure_modules_are_told_apart(
    files: list[str], expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # To be found a module needs a file with its suffix; only to be imported a true one.
    for file in files:
        (tmp_path / f"leaf_{file}").touch()
    monkeypatch.syspath_prepend(tmp_path)
    assert speed(["leaf_a", "leaf_b"]) == expected


def test_a_module_that_is_not_installed_is_not_counted() -> None:
    assert speed(["tidegate_no_such_module", "tidegate_no_such_package.leaf"]) == "pure Python"


def test_the_banner_has_three_lines() -> None:
    lines = banner(["http://127.0.0.1:8080"], BUILD).split("\n")
    assert lines == [
        "======== Running on http://127.0.0.1:8080 ========",
        "tidegate 1.2.3 (compiled, uvloop) on CPython 3.11.7",
        "(Press CTRL+C to quit)",
    ]


def test_several_places_are_sorted() -> None:
    first = banner(["http://unix:/s:", "http://b:2", "http://a:1"], BUILD).split("\n")[0]
    assert first == "======== Running on http://a:1, http://b:2, http://unix:/s: ========"
