"""Lines out of bytes that come in any segmentation.

A `LineReader` keeps what has come since the section began and remembers how far it has searched,
so that one byte at a time costs O(n) in all. One search per line finds its first byte that is not
part of it: the CR of its end, or a byte that no such line may hold. So a line is refused at the
same byte, with the same error, however the bytes were cut into segments, and binary garbage is
refused at its first byte instead of being kept until a line end turns up.

A line ends with CRLF and nothing else. RFC 9112 section 2.2 would let a recipient take a bare LF
for a line end; two parties that differ about that are how requests are smuggled, so both a bare
LF and a bare CR are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from re import Match
from typing import TYPE_CHECKING, Final, TypeAlias, final

from .errors import (
    BadChunk,
    BadField,
    BadRequestLine,
    BadStatusLine,
    FieldsTooLarge,
    ProtocolError,
    RequestLineTooLong,
    excerpt,
)
from .grammar import FIELD_LINE_STOP, REQUEST_LINE_STOP

if TYPE_CHECKING:
    from mypy_extensions import i64

_Search: TypeAlias = Callable[[bytearray, int], Match[bytes] | None]


class LineKind:
    """What sort of line is read: where it stops, and which errors it has."""

    __slots__ = ("bad", "name", "stop", "too_long")

    def __init__(
        self,
        name: str,
        stop: _Search,
        bad: type[ProtocolError],
        too_long: type[ProtocolError],
    ) -> None:
        """Name the line for messages; `stop` finds the first byte that is not part of it."""
        self.name = name
        self.stop = stop
        self.bad = bad
        self.too_long = too_long


REQUEST_LINE: Final = LineKind(
    "request line", REQUEST_LINE_STOP.search, BadRequestLine, RequestLineTooLong
)
STATUS_LINE: Final = LineKind("status line", FIELD_LINE_STOP.search, BadStatusLine, BadStatusLine)
FIELD_LINE: Final = LineKind("field line", FIELD_LINE_STOP.search, BadField, FieldsTooLarge)
TRAILER_LINE: Final = LineKind("trailer line", FIELD_LINE_STOP.search, BadField, FieldsTooLarge)
CHUNK_LINE: Final = LineKind("chunk-size line", FIELD_LINE_STOP.search, BadChunk, BadChunk)


@final
class LineReader:
    """Cuts lines off what was fed. `start` is where the next line begins in `buffer`."""

    __slots__ = ("_searched", "buffer", "start")

    def __init__(self) -> None:
        """Begin with nothing."""
        self.buffer = bytearray()
        self.start: i64 = 0
        self._searched: i64 = 0

    def feed(self, data: bytes) -> None:
        """Append a segment."""
        self.buffer += data

    def next(self, kind: LineKind, limit: int) -> bytes | None:
        """Return the next line without its CRLF, or None until its end has come.

        Raises the kind's errors: a line longer than `limit` bytes, a byte it can't hold, a bare
        CR or LF.
        """
        start = self.start
        buffer = self.buffer
        size: i64 = len(buffer)
        found = kind.stop(buffer, self._searched)
        stop: i64 = size if found is None else found.start()
        if stop - start > limit:
            raise kind.too_long(
                f"expected a {kind.name} of at most {limit} bytes, "
                f"it begins with {excerpt(bytes(buffer[start : start + limit + 1]))}"
            )
        if found is None or (buffer[stop] == 13 and stop + 1 == size):
            self._searched = stop
            return None
        if buffer[stop] != 13 or buffer[stop + 1] != 10:
            raise kind.bad(
                f"expected a {kind.name} ending with CRLF, "
                f"got byte 0x{buffer[stop]:02x} after {excerpt(bytes(buffer[start:stop]))}"
            )
        self.start = self._searched = stop + 2
        return bytes(buffer[start:stop])

    def drop(self) -> None:
        """Forget the lines that were read."""
        del self.buffer[: self.start]
        self.start = 0
        self._searched = 0
