"""Which files change in the folders of a program: its sources, and what its pages are made of.

:func:`changes` yields sets of files that were changed, added or removed, each set once the changes
have paused, since editors and version control write several files, and one in several steps. The
system tells of changes through watchfiles where it is installed; without it, where it can't (no
more watches, a network file system), and on demand, files are looked at a few times a second.

Only sources count: hidden folders, virtual environments, caches, ``node_modules``, ``build``,
``dist`` are left out, and of the files those that no pattern names.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from .errors import CommandError

SOURCES = ("*.py",)
PAGES = (
    *("*.html", "*.htm", "*.css", "*.js", "*.mjs", "*.svg", "*.png", "*.jpg", "*.webp"),
    *("*.jinja", "*.jinja2", "*.j2", "*.mako"),
)
"""Files whose change leaves the program as it is, and shows in the browser alone."""

_SKIPPED = frozenset({"__pycache__", "node_modules", "site-packages", "build", "dist"})
_LONGEST_DEBOUNCE = 20  # looks in a row that found changes, after which they are told anyway


class WatchError(CommandError):
    """A folder to watch that is none."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What is watched: folders, and patterns for the names of files in them."""

    folders: tuple[Path, ...]
    sources: tuple[str, ...] = SOURCES
    """Patterns of files whose change restarts the program."""
    pages: tuple[str, ...] = PAGES
    """Patterns of files whose change reloads pages."""
    excluded: tuple[str, ...] = ()
    """Patterns of names, or of paths in a folder, that don't count."""

    def __post_init__(self) -> None:
        """Refuse folders that are none."""
        for folder in self.folders:
            if not folder.is_dir():
                raise WatchError(f"--reload-dir: no such folder: {folder}")

    def counts(self, path: str) -> bool:
        """Tell whether the file at *path* is watched."""
        return self.is_source(path) or self._matches(path, self.pages)

    def is_source(self, path: str) -> bool:
        """Tell whether a change of the file at *path* restarts the program."""
        return self._matches(path, self.sources)

    def _matches(self, path: str, patterns: Sequence[str]) -> bool:
        file = Path(path)
        inside = next((file.relative_to(f) for f in self.folders if file.is_relative_to(f)), None)
        if inside is None or any(map(self._skips, inside.parts[:-1])):
            return False
        if self._excludes(inside):
            return False
        return any(fnmatch(file.name, pattern) for pattern in patterns)

    def _skips(self, folder: str) -> bool:
        return folder.startswith(".") or folder in _SKIPPED

    def _excludes(self, inside: Path) -> bool:
        return any(
            fnmatch(inside.as_posix(), pattern) or any(fnmatch(p, pattern) for p in inside.parts)
            for pattern in self.excluded
        )

    def files(self) -> Iterator[tuple[str, tuple[int, int]]]:
        """Yield each watched file with its time of change and size."""
        for folder in self.folders:
            for where, folders, names in os.walk(folder):
                folders[:] = [
                    name
                    for name in folders
                    if not self._skips(name)
                    and not os.path.exists(os.path.join(where, name, "pyvenv.cfg"))
                ]
                for name in names:
                    path = os.path.join(where, name)
                    if self.counts(path):
                        try:
                            found = os.stat(path)
                        except OSError:
                            continue  # it was removed just now
                        yield path, (found.st_mtime_ns, found.st_size)


async def changes(watched: Watched, *, delay: float, poll: bool) -> AsyncIterator[set[str]]:
    """Yield the paths that changed, each time that changes have paused for *delay* seconds.

    :param poll: look at the files, whatever is installed.
    """
    if not poll:
        try:
            async for found in _told(watched, delay):
                yield found
        except (ImportError, OSError, RuntimeError):
            pass  # not installed, or the system has no watches left
        else:
            return
    async for found in _seen(watched, delay):
        yield found


async def _told(watched: Watched, delay: float) -> AsyncIterator[set[str]]:
    """Yield what the system tells of."""
    from watchfiles import awatch

    pause = max(50, int(delay * 1000))
    told = awatch(
        *watched.folders,
        watch_filter=lambda _, path: watched.counts(path) and not _in_environment(watched, path),
        step=pause,
        debounce=max(1600, pause),
        recursive=True,
    )
    async for found in told:
        yield {path for _, path in found}


def _in_environment(watched: Watched, path: str) -> bool:
    """Tell whether *path* is in a virtual environment inside of a watched folder."""
    for parent in Path(path).parents:
        if parent in watched.folders:
            return False
        if (parent / "pyvenv.cfg").exists():
            return True
    return False


async def _seen(watched: Watched, delay: float) -> AsyncIterator[set[str]]:
    """Yield what is seen by looking at the files again and again."""
    before = await asyncio.to_thread(lambda: dict(watched.files()))
    changed: set[str] = set()
    looks = 0
    while True:
        await asyncio.sleep(max(0.05, delay))
        now = await asyncio.to_thread(lambda: dict(watched.files()))
        news = {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}
        before = now
        changed |= news
        looks += 1
        if changed and (not news or looks >= _LONGEST_DEBOUNCE):
            yield changed
            changed = set()
        if not changed:
            looks = 0
