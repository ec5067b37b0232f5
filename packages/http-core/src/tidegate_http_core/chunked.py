"""The chunked coding (RFC 9112 section 7.1): encode a chunk, decode a body in any segmentation.

The decoder is a small machine over six states:

    SIZE ──chunk-size > 0──► DATA ──all bytes──► DATA_CR ──CR──► DATA_LF ──LF──► SIZE
      └────chunk-size 0────► TRAILERS ──empty line──► DONE

A chunk-size line that is complete in the segment and has no extensions is read in place; any
other line goes through a `LineReader`, which keeps it until its end has come, within the limits.
Small chunks of one segment are joined, so that a peer that sends one byte a chunk can't make us
hold an object a byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, final

from .errors import BadChunk, ContentTooLarge, FieldsTooLarge, excerpt
from .fields import FieldNames, parse_field_line
from .grammar import CHUNK_EXTENSIONS
from .limits import Limits
from .lines import CHUNK_LINE, TRAILER_LINE, LineReader
from .messages import END_OF_MESSAGE, EndOfMessage

if TYPE_CHECKING:
    from mypy_extensions import i64

LAST_CHUNK: Final = b"0\r\n\r\n"

_SIZE: Final = 0
_DATA: Final = 1
_DATA_CR: Final = 2
_DATA_LF: Final = 3
_TRAILERS: Final = 4
_DONE: Final = 5

# The value of a hexadecimal digit, 16 for every other byte.
_HEX: Final = bytes(
    int(chr(c), 16) if chr(c) in "0123456789abcdefABCDEF" else 16 for c in range(256)
)
_HEX_DIGITS: Final = frozenset("0123456789abcdefABCDEF")

# Pieces from here on are handed out as they are; joining them would cost more than it saves.
_LARGE: Final = 4096


def encode_chunk(data: bytes) -> bytes:
    """Return `data` as one chunk.

    Raises ValueError for empty data: a chunk of size 0 would end the body. Use `LAST_CHUNK`.
    """
    if not data:
        raise ValueError("expected at least one byte: an empty chunk ends the body (LAST_CHUNK)")
    return b"%x\r\n%b\r\n" % (len(data), data)


@final
class ChunkedDecoder:
    """Takes the chunked coding off one body. `done` says that its end, and the trailers, came."""

    __slots__ = (
        "_body",
        "_extensions",
        "_field_names",
        "_fields_count",
        "_limits",
        "_lines",
        "_missing",
        "_state",
        "_trailers",
        "_trailers_size",
        "done",
    )

    def __init__(
        self, limits: Limits | None = None, names: FieldNames | None = None, fields_count: int = 0
    ) -> None:
        """Begin a body; `fields_count` fields of its head count towards the limit of fields."""
        self._limits = Limits() if limits is None else limits
        self._field_names = FieldNames() if names is None else names
        self._fields_count = fields_count
        self._state: i64 = _SIZE
        self._missing = 0
        self._body = 0
        self._extensions = 0
        self._trailers: list[tuple[str, str]] = []
        self._trailers_size = 0
        self._lines: LineReader | None = None
        self.done = False

    def decode(self, data: bytes, start: int, events: list[Any]) -> int:
        """Decode `data` from `start` on, append what it holds to `events`.

        Appends bytes, and an EndOfMessage when the body is over; `events` may be a list of the
        events of requests, of responses, or of these two alone. Returns the offset of the first
        byte that is not part of the body, `len(data)` while it goes on. Raises BadChunk,
        BadField, ContentTooLarge or FieldsTooLarge; what came before the violation is in
        `events` then.
        """
        parts: list[bytes] = []
        try:
            position = self._decode(data, start, parts, events)
        finally:
            _flush(parts, events)
        if self._state == _DONE and not self.done:
            self.done = True
            trailers = self._trailers
            events.append(EndOfMessage(tuple(trailers)) if trailers else END_OF_MESSAGE)
        return position

    def _decode(self, data: bytes, start: i64, parts: list[bytes], events: list[Any]) -> i64:
        position = start
        size: i64 = len(data)
        state = self._state
        while position < size and state != _DONE:
            if state == _SIZE:
                position = self._read_size(data, position)
            elif state == _DATA:
                # A size has up to 64 bits, so it is compared as an int: it may not fit an i64.
                left: int = size - position
                if self._missing > left:
                    self._missing -= left
                    end = size
                else:
                    end = position + self._missing
                    self._state = _DATA_CR
                # A segment that is all data is handed on as it is: compiled, a slice copies.
                piece = data if position == 0 and end == size else data[position:end]
                if end - position >= _LARGE:
                    _flush(parts, events)
                    events.append(piece)
                else:
                    parts.append(piece)
                position = end
            elif state == _DATA_CR:
                if data[position] != 13:
                    raise self._bad_end(data[position])
                self._state = _DATA_LF
                position += 1
            elif state == _DATA_LF:
                if data[position] != 10:
                    raise self._bad_end(data[position])
                self._state = _SIZE
                position += 1
            elif self._lines is None and data[position : position + 2] == b"\r\n":
                self._state = _DONE
                position += 2
            else:
                position = self._read_line(data, position)
            state = self._state
        return position

    def _read_size(self, data: bytes, start: i64) -> i64:
        """Read a chunk-size line in place if it is complete and plain."""
        if self._lines is not None:
            return self._read_line(data, start)
        hexadecimal = _HEX
        size: i64 = len(data)
        # Fifteen digits fit a native integer; the general way takes more.
        last: i64 = min(size, start + min(self._limits.chunk_size_digits, 15))
        value: i64 = 0
        position = start
        while position < last:
            digit: i64 = hexadecimal[data[position]]
            if digit > 15:
                break
            value = value * 16 + digit
            position += 1
        if (
            position == start
            or position + 1 >= size
            or data[position] != 13
            or data[position + 1] != 10
        ):
            return self._read_line(data, start)
        self._begin_chunk(value)
        return position + 2

    def _begin_chunk(self, size: int) -> None:
        if size:
            self._missing = size
            self._body += size
            self._state = _DATA
        else:
            self._state = _TRAILERS

    def _bad_end(self, byte: int) -> BadChunk:
        return BadChunk(
            f"expected CRLF after {self._body} bytes of chunk-data, got byte 0x{byte:02x}"
        )

    def _read_line(self, data: bytes, start: i64) -> i64:
        """Read a chunk-size or trailer line that the fast way leaves, or the part that has come.

        No more than that line is copied: what is behind it may be many lines.
        """
        lines = self._lines
        if lines is None:
            lines = self._lines = LineReader()
        end: i64 = data.find(b"\n", start) + 1
        if end == 0:
            end = len(data)
        lines.feed(data[start:end])
        if self._state == _SIZE:
            line = lines.next(CHUNK_LINE, self._limits.chunk_line)
        else:
            line = lines.next(TRAILER_LINE, self._trailer_limit())
        if line is None:
            return end
        self._lines = None
        if self._state == _SIZE:
            self._size_line(line.decode("latin-1"))
        else:
            self._trailer_line(line)
        return end

    def _size_line(self, line: str) -> None:
        digits = 0
        while digits < len(line) and line[digits] in _HEX_DIGITS:
            digits += 1
        limit = self._limits.chunk_size_digits
        if not 1 <= digits <= limit:
            raise BadChunk(
                f"expected a chunk-size of 1 to {limit} hexadecimal digits, got {excerpt(line)}"
            )
        extensions = line[digits:]
        if extensions:
            if not CHUNK_EXTENSIONS.fullmatch(extensions):
                raise BadChunk(
                    f"expected CRLF or ';' name '=' value after a chunk-size, got {excerpt(line)}"
                )
            self._extensions += len(extensions)
            allowed = self._limits.chunk_extensions + 2 * self._body
            if self._extensions > allowed:
                raise ContentTooLarge(
                    f"expected at most {allowed} bytes of chunk extensions "
                    f"beside {self._body} bytes of body, got {self._extensions}"
                )
        self._begin_chunk(int(line[:digits], 16))

    def _trailer_limit(self) -> int:
        left = self._limits.trailers_size - self._trailers_size - 2
        return max(0, min(self._limits.field_line, left))

    def _trailer_line(self, line: bytes) -> None:
        if not line:
            self._state = _DONE
            return
        self._trailers_size += len(line) + 2
        limit = self._limits.fields_count
        if self._fields_count + len(self._trailers) >= limit:
            raise FieldsTooLarge(f"expected at most {limit} fields, trailers included")
        self._trailers.append(parse_field_line(line, self._field_names))


def _flush(parts: list[bytes], events: list[Any]) -> None:
    """Hand out the small pieces as one."""
    if parts:
        events.append(parts[0] if len(parts) == 1 else b"".join(parts))
        parts.clear()
