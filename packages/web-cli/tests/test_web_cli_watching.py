"""Changes of sources and pages are told, each set once, and nothing else is."""

import asyncio
import sys
from pathlib import Path

import pytest
from tidegate_web_cli import watching
from tidegate_web_cli.watching import Watched, WatchError, changes


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("pkg/a.py", "pkg/a.css", ".git/x.py", "venv/lib/x.py", "node_modules/x.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "venv/pyvenv.cfg").touch()
    return tmp_path


def test_sources_and_pages_count_and_nothing_else(folder: Path) -> None:
    watched = Watched((folder,), excluded=("gen_*", "pkg/not/*"))
    assert {Path(path).name for path, _ in watched.files()} == {"a.py", "a.css"}
    assert watched.is_source(str(folder / "pkg/a.py"))
    assert not watched.is_source(str(folder / "pkg/a.css"))
    for name in ("pkg/gen_x.py", "pkg/not/x.py", "pkg/__pycache__/x.py", "pkg/.#a.py.swp"):
        assert not watched.counts(str(folder / name))
    assert not watched.counts("/somewhere/else.py")


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WatchError, match="no such folder"):
        Watched((tmp_path / "none",))


async def first_change(folder: Path, changed: list[str], *, poll: bool) -> set[str]:
    """Touch files until a change is told: when watching has begun can't be seen from outside."""
    told = changes(Watched((folder,)), delay=0.05, poll=poll)
    news = asyncio.ensure_future(anext(told))
    count = 0
    while not news.done():
        count += 1
        for name in changed:
            (folder / name).write_text("#" * count)
        await asyncio.wait({news}, timeout=0.3)
    await told.aclose()  # type: ignore[attr-defined]  # it is an asynchronous generator
    return {str(Path(path).relative_to(folder)) for path in news.result()}


@pytest.mark.parametrize("poll", [False, True])
async def test_changes_are_told(folder: Path, poll: bool) -> None:
    changed = ["pkg/a.py", "pkg/new.html", "pkg/a.txt", "venv/lib/x.py", ".git/x.py"]
    assert await first_change(folder, changed, poll=poll) <= {"pkg/a.py", "pkg/new.html"}


async def test_without_watchfiles_files_are_looked_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert await first_change(folder, ["pkg/a.py"], poll=False) == {"pkg/a.py"}


async def test_a_removed_file_is_a_change(folder: Path) -> None:
    told = changes(Watched((folder,)), delay=0.05, poll=True)
    news = asyncio.ensure_future(anext(told))
    # The first look is done in a thread; the second one sees what happened since.
    await asyncio.wait({news}, timeout=0.3)
    (folder / "pkg/a.css").unlink()
    assert await news == {str(folder / "pkg/a.css")}


async def test_changes_without_a_pause_are_told_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_LONGEST_DEBOUNCE", 1)
    assert await first_change(folder, ["pkg/a.py"], poll=True) == {"pkg/a.py"}
