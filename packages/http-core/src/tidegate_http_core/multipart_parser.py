"""A multipart body (RFC 2046 section 5.1) from bytes to events, without I/O.

    PartBegin(fields)  bytes ...  PartEnd      once for each part
    EndOfMultipart                             at the closing delimiter

Any way to cut the body into segments gives the same parts with the same bytes, and the same error.
Events that came before a violation are handed out first; the next call raises it.

How it works. Everything is a search for the delimiter, CRLF "--" boundary, with `bytes.find`: the
content of a part is handed on as the piece of the segment that it is. A delimiter has one CR, at
its start, so what must wait at the end of a segment is at most the delimiter's beginning, from the
last CR on. Two CRLFs are counted twice on purpose, as the grammar has it: the body begins as if a
CRLF stood before it, and the empty line under a header section may begin the next delimiter, for a
part without content. Nothing is searched twice, so that any segmentation costs O(n); what waits is
bounded by a delimiter or by the limit of a header section.

What is strict here beyond RFC 2046, because another party might see other parts: a line that
begins with the delimiter and goes on with anything but white space is refused, neither taken for a
delimiter (section 5.1.1 would compare the beginning alone) nor for content; line ends are CRLF and
nothing else; names of fields are tokens; the closing delimiter has to come. A field that is folded
over lines (RFC 5322 section 2.2.3), which mail programs do, is unfolded.

Content-Transfer-Encoding is not looked at (see `content_transfer_encoding`), and a part that is
multipart itself is handed on as bytes: feed them to another parser.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias, final

from .errors import BadMultipart, MultipartTooLarge, ProtocolError, TooManyParts, excerpt
from .fields import FieldNames, parse_field_line
from .grammar import FIELD_LINE_STOP
from .messages import Fields
from .multipart_boundary import check_received_boundary
from .multipart_limits import MultipartLimits

if TYPE_CHECKING:
    from mypy_extensions import i64

_PREAMBLE: Final = 0
_CONTENT: Final = 1
_LINE: Final = 2  # behind the boundary of a delimiter line
_HEAD: Final = 3
_CLOSE_LINE: Final = 4  # behind the "--" of the closing delimiter
_EPILOGUE: Final = 5

_STATES: Final = (
    "before the first delimiter",
    "in a part",
    "in a delimiter line",
    "in the header section of a part",
)

# RFC 2046 section 5.1.1: transport-padding := *LWSP-char. It has no use, so it need not be long.
_LONGEST_PADDING: Final = 128
_PADDING: Final = re.compile(rb"[ \t]*+\r?\n?")
_FOLD: Final = re.compile(rb"\r\n(?=[ \t])")


@final
class PartBegin:
    """A part begins: its header section (RFC 2046 section 5.1), names and values as they came."""

    __slots__ = ("fields",)

    def __init__(self, fields: Fields) -> None:
        """Keep the header section."""
        self.fields = fields

    def __repr__(self) -> str:
        """Show the header section."""
        return f"PartBegin({self.fields!r})"


@final
class PartEnd:
    """A part is complete."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show the name."""
        return "PartEnd()"


@final
class EndOfMultipart:
    """The closing delimiter has come; an epilogue may follow and is not handed out."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Show the name."""
        return "EndOfMultipart()"


PART_END: Final = PartEnd()
END_OF_MULTIPART: Final = EndOfMultipart()

MultipartEvent: TypeAlias = PartBegin | bytes | PartEnd | EndOfMultipart

_DEFAULT_LIMITS: Final = MultipartLimits()
_NAMES: Final = FieldNames()
_NO_FIELDS: Final = Fields((), b"")


@final
class MultipartParser:
    """The parser of one multipart body."""

    __slots__ = (
        "_delimiter",
        "_error",
        "_head",
        "_held",
        "_ignored",
        "_limits",
        "_line",
        "_names",
        "_part_size",
        "_parts",
        "_skip",
        "_state",
    )

    def __init__(
        self,
        boundary: bytes | str,
        limits: MultipartLimits = _DEFAULT_LIMITS,
        field_names: FieldNames = _NAMES,
    ) -> None:
        """Parse a body that `boundary` delimits, see `parse_boundary`.

        `field_names` makes the names of fields; one table may serve many parsers. Raises
        BadMultipart for a boundary that is empty, longer than 70 characters or not visible ASCII.
        """
        text = boundary if isinstance(boundary, str) else boundary.decode("latin-1")
        self._delimiter = b"\r\n--" + check_received_boundary(text).encode("ascii")
        self._limits = limits
        self._names = field_names
        self._state: i64 = _PREAMBLE
        self._error: ProtocolError | None = None
        # The beginning of a delimiter, perhaps, and how many of its bytes are no content in any
        # case: those of a CRLF that is not, or not only, the delimiter's.
        self._held = b"\r\n"
        self._skip: i64 = 2
        self._line = b""
        self._head = bytearray()
        self._parts: i64 = 0
        self._part_size: i64 = 0
        self._ignored: i64 = 0

    @property
    def ended(self) -> bool:
        """Whether the closing delimiter has come."""
        return self._state >= _CLOSE_LINE

    def feed(self, data: bytes) -> list[MultipartEvent]:
        """Return the events that `data`, the next bytes of the body, completes.

        Raises ProtocolError and nothing else: BadMultipart and BadField (400), MultipartTooLarge
        and TooManyParts (413); and the same error again on every later call.
        """
        if self._error is not None:
            raise self._error
        events: list[MultipartEvent] = []
        at: i64 = 0
        size: i64 = len(data)
        try:
            while at < size:
                state = self._state
                if state <= _CONTENT:
                    at = self._search(data, at, events)
                elif state == _HEAD:
                    at = self._read_head(data, at, events)
                elif state == _EPILOGUE:
                    self._ignore(size - at, self._limits.epilogue, "behind the last part")
                    at = size
                else:
                    at = self._read_line(data, at, events)
        except ProtocolError as error:
            self._error = error
            if not events:
                raise
        return events

    def feed_eof(self) -> None:
        """Say that the body has ended.

        Raises BadMultipart when the closing delimiter has not come, and the error of a violation
        that is still to be told.
        """
        if self._error is not None:
            raise self._error
        if self._state < _CLOSE_LINE:
            self._error = BadMultipart(
                f"expected the closing delimiter, got the end {_STATES[self._state]}"
            )
            raise self._error

    # --- content ---

    def _search(self, data: bytes, at: i64, events: list[MultipartEvent]) -> i64:
        """Take what comes before the next delimiter, and the delimiter."""
        if self._held:
            return self._search_on(data, at, events)
        delimiter = self._delimiter
        found: i64 = data.find(delimiter, at)
        start: i64 = at + self._skip
        self._skip = 0
        if found >= 0:
            if found > start:
                self._take(data[start:found], events)
            self._end_content(events)
            return found + len(delimiter)
        end: i64 = len(data)
        # A delimiter may have begun at the last CR, and nowhere else: it has no other.
        last: i64 = data.rfind(b"\r", max(at, end - len(delimiter) + 1))
        if last >= 0 and delimiter.startswith(data[last:]):
            end = last
            self._held = data[last:]
            # The CRLF of an empty line above the content waits itself.
            self._skip = max(0, start - last)
        if end > start:
            self._take(data[start:end] if start or end != len(data) else data, events)
        return len(data)

    def _search_on(self, data: bytes, at: i64, events: list[MultipartEvent]) -> i64:
        """Look whether the delimiter that may have begun goes on."""
        delimiter = self._delimiter
        held = self._held
        missing: i64 = len(delimiter) - len(held)
        joined = held + data[at : at + missing]
        if not delimiter.startswith(joined):
            self._held = b""
            content = held[self._skip :]
            self._skip = 0
            if content:
                self._take(content, events)
            return at
        if len(joined) < len(delimiter):
            self._held = joined
            return len(data)
        self._held = b""
        self._skip = 0
        self._end_content(events)
        return at + missing

    def _take(self, content: bytes, events: list[MultipartEvent]) -> None:
        if self._state == _PREAMBLE:
            self._ignore(len(content), self._limits.preamble, "before the first part")
            return
        self._part_size += len(content)
        if self._part_size > self._limits.part_size:
            raise MultipartTooLarge(
                f"expected at most {self._limits.part_size} bytes in a part of a multipart body"
            )
        events.append(content)

    def _ignore(self, size: i64, limit: i64, where: str) -> None:
        self._ignored += size
        if self._ignored > limit:
            raise MultipartTooLarge(f"expected at most {limit} bytes {where} of a multipart body")

    def _end_content(self, events: list[MultipartEvent]) -> None:
        if self._state == _CONTENT:
            events.append(PART_END)
        self._ignored = 0
        self._state = _LINE

    # --- delimiter lines and header sections ---

    def _read_line(self, data: bytes, at: i64, events: list[MultipartEvent]) -> i64:
        """Read the rest of a delimiter line: "--" of the closing one, white space, CRLF."""
        if self._state == _LINE and not self._line and data.startswith(b"\r\n", at):
            return self._begin_head(at + 2)
        # One byte decides it; two bytes are needed for "--" and for CRLF.
        taken = data[at : at + _LONGEST_PADDING + 4]
        line = self._line + taken
        if self._state == _LINE and line[:1] == b"-":
            if len(line) == 1:
                self._line = line
                return at + 1
            if line[1] != 45:
                raise self._bad_line(line[1])
            at += 2 - len(self._line)
            self._line = b""
            self._state = _CLOSE_LINE
            events.append(END_OF_MULTIPART)
            return at
        padding = _PADDING.match(line)
        end = 0 if padding is None else padding.end()
        if end > _LONGEST_PADDING + 2:
            raise MultipartTooLarge(
                f"expected at most {_LONGEST_PADDING} bytes of white space in a delimiter line"
            )
        if line[:end].endswith(b"\r\n"):
            at += end - len(self._line)
            self._line = b""
            if self._state == _LINE:
                return self._begin_head(at)
            self._state = _EPILOGUE
            return at
        # Without the CR, a LF is no line end either.
        if line[:end].endswith(b"\n"):
            end -= 1
        if end < len(line):
            raise self._bad_line(line[end])
        self._line = line
        return at + len(taken)

    def _bad_line(self, byte: int) -> BadMultipart:
        return BadMultipart(
            f"expected CRLF or '--' behind the boundary {excerpt(self._delimiter[4:])}, "
            f"got byte 0x{byte:02x}"
        )

    def _begin_head(self, at: i64) -> i64:
        self._state = _HEAD
        self._head.clear()
        # The CRLF of the delimiter line: a section without fields ends with the next one.
        self._head += b"\r\n"
        return at

    def _read_head(self, data: bytes, at: i64, events: list[MultipartEvent]) -> i64:
        """Read a header section and the empty line under it."""
        limit: i64 = self._limits.part_fields_size
        head = self._head
        if len(head) == 2 and at >= 2:
            # The usual way: all of it is here, behind the CRLF of the delimiter line.
            end: i64 = data.find(b"\r\n\r\n", at - 2, at + limit + 2)
            if end >= 0:
                # Compiled, a slice has no negative length: a section without fields is not cut.
                self._begin_part(data[at:end] if end > at else b"", events)
                self._skip = 2
                return end + 2
        known: i64 = len(head)
        taken: i64 = min(len(data) - at, limit + 4 - known)
        head += data[at : at + taken]
        found: i64 = head.find(b"\r\n\r\n", max(0, known - 3))
        if found >= 0:
            self._begin_part(bytes(head[2:found]) if found > 2 else b"", events)
            self._held = b"\r\n"
            self._skip = 2
            return at + found + 4 - known
        if len(head) == limit + 4:
            raise MultipartTooLarge(
                f"expected at most {limit} bytes in the header section of a part, "
                f"it begins with {excerpt(bytes(head[2:62]))}"
            )
        return at + taken

    def _begin_part(self, section: bytes, events: list[MultipartEvent]) -> None:
        self._parts += 1
        if self._parts > self._limits.parts:
            raise TooManyParts(f"expected at most {self._limits.parts} parts in a multipart body")
        fields = _NO_FIELDS
        if section:
            fields = self._parse_fields(section)
        self._part_size = 0
        self._state = _CONTENT
        events.append(PartBegin(fields))

    def _parse_fields(self, section: bytes) -> Fields:
        limit = self._limits.part_fields
        if section.count(b"\r\n") >= limit:
            raise MultipartTooLarge(
                f"expected at most {limit} lines in the header section of a part"
            )
        if b"\r\n " in section or b"\r\n\t" in section:
            section = _FOLD.sub(b"", section)
        pairs = []
        for line in section.split(b"\r\n"):
            stop = FIELD_LINE_STOP.search(line)
            if stop is not None:
                raise BadMultipart(
                    "expected a field line ending with CRLF in the header section of a part, "
                    f"got byte 0x{line[stop.start()]:02x} after {excerpt(line[: stop.start()])}"
                )
            pairs.append(parse_field_line(line, self._names))
        return Fields(tuple(pairs), section + b"\r\n")
