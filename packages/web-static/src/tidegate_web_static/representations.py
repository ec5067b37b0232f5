"""Which file stands for a name: the file itself, or a compressed one beside it.

Beside ``site.js`` there may be ``site.js.br``, ``site.js.zst`` and ``site.js.gz``. They are looked
for whenever the file is opened, in the same hop to the executor, and the best one that the client
accepts (RFC 9110 section 12.5.3) is sent in place of the file, as the same media type with a
Content-Encoding. Without the file itself they count for nothing.

A :class:`Source` opens the files of one name, and both kinds give the variants no more rights than
the file: below a root, a variant is opened by the same rule that keeps the file below it.
"""

import os
from typing import Final, Protocol

from tidegate_http_core import choose_coding

from .opening import FileRefused, OpenFile, open_beneath, open_file

#: The suffixes of variants by the name of the coding, the best first.
SUFFIXES: Final = {"br": ".br", "zstd": ".zst", "gzip": ".gz"}

# Outcomes of choosing, by what it was chosen from: browsers send few different fields.
_choices: Final[dict[tuple[str | None, tuple[str, ...]], str | None]] = {}
_CHOICES_KEPT: Final = 256


class Source(Protocol):
    """Opens the files of one name."""

    def path(self, suffix: str = "") -> str:
        """Return the path of the file, or of the variant with *suffix*."""

    def open(self, suffix: str = "") -> OpenFile:
        """Open the file, or the variant with *suffix*.

        :raises FileRefused: when it can't be served.
        """


class PathSource:
    """A path that a handler gave; symbolic links are followed."""

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        """Open *path*."""
        self._path = path

    def path(self, suffix: str = "") -> str:
        """Return the path."""
        return self._path + suffix

    def open(self, suffix: str = "") -> OpenFile:
        """Open the file."""
        return open_file(self._path + suffix)


class BeneathSource:
    """A name below a directory, which is never left."""

    __slots__ = ("_filename", "_follow_symlinks", "_root")

    def __init__(self, root: str, filename: str, follow_symlinks: bool) -> None:
        """Open *filename* below *root*, as :func:`~.opening.open_beneath` does."""
        self._root = root
        self._filename = filename
        self._follow_symlinks = follow_symlinks

    def path(self, suffix: str = "") -> str:
        """Return the path."""
        return os.path.join(self._root, self._filename) + suffix

    def open(self, suffix: str = "") -> OpenFile:
        """Open the file."""
        return open_beneath(
            self._root, self._filename + suffix, follow_symlinks=self._follow_symlinks
        )


class Representation:
    """An open file that stands for a name (RFC 9110 section 3.2).

    :ivar file: the file, or the variant.
    :ivar path: its path.
    :ivar coding: the content coding of the variant, None for the file itself.
    :ivar codings: those of all variants that there are.
    """

    __slots__ = ("coding", "codings", "file", "head", "path")

    def __init__(
        self, file: OpenFile, path: str, coding: str | None, codings: tuple[str, ...]
    ) -> None:
        """Keep what was found."""
        self.file = file
        self.path = path
        self.coding = coding
        self.codings = codings
        self.head: object | None = None  # what the layer above derives from it


def choose(accept_encoding: str | None, codings: tuple[str, ...]) -> str | None:
    """Choose one of *codings*; None stands for the file itself.

    :param accept_encoding: the value of the field, None without one.
    """
    if not codings:
        return None
    asked = (accept_encoding, codings)
    try:
        return _choices[asked]
    except KeyError:
        pass
    # Without the field anything may be sent (RFC 9110 section 12.5.3), and the plain file is what
    # every client can read.
    chosen = None if accept_encoding is None else choose_coding(accept_encoding, codings)
    if len(_choices) >= _CHOICES_KEPT:
        _choices.clear()
    _choices[asked] = chosen
    return chosen


def look_up(source: Source, accept_encoding: str | None, *, variants: bool) -> Representation:
    """Open what is to be sent for a name; blocks.

    :param variants: whether compressed variants are considered.
    :raises FileRefused: when the file itself can't be served.
    """
    file = source.open()
    found: dict[str, OpenFile] = {}
    chosen: str | None = None
    try:
        if variants:
            for coding, suffix in SUFFIXES.items():
                try:
                    found[coding] = source.open(suffix)
                except FileRefused:
                    continue
        codings = tuple(found)
        chosen = choose(accept_encoding, codings)
        if chosen is None:
            return Representation(file, source.path(), None, codings)
        file.close()
        return Representation(found.pop(chosen), source.path(SUFFIXES[chosen]), chosen, codings)
    finally:
        for other in found.values():
            other.close()
