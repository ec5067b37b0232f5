"""Bytes of one connection in, the events of its messages out: what both directions share.

    state       what is read                                              next
    HEAD        empty lines, a start line, a header section               by framing
    LENGTH      Content-Length bytes                                      HEAD
    CHUNKS      a chunked body and its trailers, see chunked.py           HEAD
    CLOSE       everything until the connection ends                      HEAD

A head that is complete in the segment it begins in is parsed in place, all at once (head.py).
Any other head is collected and cut into lines as they come (lines.py): each line is checked as
soon as it is complete, and refused as soon as it is too long. When the all-at-once way meets an
error, the same bytes go the line way, which names the first violation in the order of the bytes;
so the events and the error are the same however the bytes were cut.

The events of one call end with the end of one message. What comes after it is kept untouched
until the next call, so that a flood of pipelined messages, the bytes after an Upgrade, or a
tunnel never run ahead of their reader. After a violation nothing is ever parsed again.

`MessageParser` knows no start line: its subclasses RequestParser and ResponseParser, in a module
each, parse heads and say what may stand between two messages.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from .chunked import ChunkedDecoder
from .errors import FieldsTooLarge, IncompleteMessage, LocalProtocolError, ProtocolError
from .fields import FieldNames, parse_field_line
from .limits import Limits
from .lines import FIELD_LINE, LineKind, LineReader
from .messages import CHUNKED, CONTENT_LENGTH, END_OF_MESSAGE, MessageHead
from .section import SectionParser

if TYPE_CHECKING:
    from mypy_extensions import i64

# What the events of one role are.
E = TypeVar("E")

_HEAD: Final = 0
_LENGTH: Final = 1
_CHUNKS: Final = 2
_CLOSE: Final = 3

# Up to this size a segment that ends like a head is taken for one without a search.
_SMALL: Final = 2048

DEFAULT_LIMITS: Final = Limits()
DEFAULT_NAMES: Final = FieldNames()


class MessageParser(Generic[E]):
    """Parses the messages that come in on one connection.

    Give every segment that is received to `feed`, in order, and call `feed(b"")` as long as
    `pending` says so; or loop over `events`, which does both.
    """

    __slots__ = (
        "_data",
        "_decoder",
        "_empty_lines",
        "_eof",
        "_fields_count",
        "_handed_over",
        "_heads",
        "_limits",
        "_line_seen",
        "_lines",
        "_missing",
        "_names",
        "_position",
        "_section_size",
        "_segments",
        "_start_limit",
        "_start_line",
        "_state",
        "_violation",
    )

    def __init__(
        self,
        limits: Limits,
        names: FieldNames,
        heads: SectionParser,
        start_line: LineKind,
        start_limit: int,
    ) -> None:
        """Begin a connection whose messages begin with `start_line`, of so many bytes at most.

        `heads` is what the role parses heads with.
        """
        self._limits = limits
        self._names = names
        self._heads = heads
        self._start_line = start_line
        self._start_limit = start_limit
        self._state: i64 = _HEAD
        # The segment being read, and the segments behind it.
        self._data = b""
        self._position: i64 = 0
        self._segments: deque[bytes] | None = None
        # A head that comes in pieces.
        self._lines: LineReader | None = None
        self._empty_lines: i64 = 0
        self._line_seen = False
        self._section_size = 0
        self._fields_count = 0
        # The body.
        self._missing = 0
        self._decoder: ChunkedDecoder | None = None
        self._violation: ProtocolError | None = None
        self._eof = False
        # Whether what comes now is not HTTP/1.1, and no business of this parser.
        self._handed_over = False

    @property
    def pending(self) -> bool:
        """Whether `feed(b"")` makes sense now: bytes are waiting, or a violation to raise."""
        return self._position < len(self._data) or self._violation is not None

    @property
    def idle(self) -> bool:
        """Whether the connection is between messages: nothing of a next one has come."""
        return self._state == _HEAD and self._lines is None and not self.pending

    def feed(self, data: bytes) -> list[E]:
        """Take a segment, return the events up to the end of one message at most.

        Raises ProtocolError for a violation. When events came before it in this call they are
        returned, and the next call raises; from then on every call raises the same error.
        Raises LocalProtocolError after `detach`, and after a response that changes the protocol.
        """
        if self._violation is not None:
            raise self._violation.with_traceback(None)
        if self._handed_over:
            raise LocalProtocolError(
                "expected detach and no feed from now on: the connection is no longer HTTP/1.1"
            )
        events: list[E] = []
        if self._position >= len(self._data):
            self._data = data
            self._position = 0
        elif data:
            self._keep(data)
        try:
            while not self._read(events) and self._next_segment():
                pass
            if self._eof:
                self._check_complete(events)
        except ProtocolError as violation:
            self._break(violation)
            if not events:
                raise
        return events

    def events(self, data: bytes) -> Iterator[E]:
        """Take a segment, yield every event it completes, of any number of messages.

        Raises ProtocolError in its place, after the events before it.
        """
        yield from self.feed(data)
        while self.pending:
            yield from self.feed(b"")

    def feed_eof(self) -> list[E]:
        """The peer half-closed: it will send nothing more.

        Returns the events that completes: the end of a body that lasts until the close, so none
        for requests. Raises IncompleteMessage inside a message (RFC 9112 section 8), or the
        violation that is waiting. While bytes are `pending` it is `feed` that does so, in its
        turn.
        """
        if self._violation is not None:
            raise self._violation.with_traceback(None)
        self._eof = True
        events: list[E] = []
        try:
            self._check_complete(events)
        except ProtocolError as violation:
            self._break(violation)
            if not events:
                raise
        return events

    def detach(self) -> bytes:
        """Hand the connection over (Upgrade, CONNECT): return the bytes after the last message.

        Raises LocalProtocolError while a message is still being read: its bytes are not the next
        protocol's.
        """
        if self._violation is not None:
            raise self._violation.with_traceback(None)
        if self._state != _HEAD:
            raise LocalProtocolError("expected detach after the end of a message, not inside one")
        rest = [self._data[self._position :]]
        if self._lines is not None:
            rest = [bytes(self._lines.buffer)]
        if self._segments is not None:
            rest.extend(self._segments)
        self._data = b""
        self._position = 0
        self._segments = None
        self._lines = None
        self._handed_over = True
        return b"".join(rest)

    # --- What a role adds ---

    def _check_start_line(self, line: bytes) -> None:
        """Check a start line of a head that comes in pieces. Raises ProtocolError."""
        raise NotImplementedError

    def _skip_empty_line(self) -> None:
        """Count an empty line before a start line, or refuse it."""
        raise NotImplementedError

    def _parse_head(self, head: bytes) -> MessageHead:
        """Parse the head that `head` begins with; `_heads.end` then says where it is over."""
        raise NotImplementedError

    def _break(self, violation: ProtocolError) -> None:
        """Keep a violation: nothing is parsed from now on."""
        self._violation = violation

    def _end_message(self, events: list[E]) -> None:
        events.append(cast("E", END_OF_MESSAGE))
        self._state = _HEAD
        self._close_segment()

    def _check_complete(self, events: list[E]) -> None:
        """Take the end of the connection, once nothing waits to be read."""
        if self._handed_over or self.idle or self.pending:
            return
        if self._state == _CLOSE:
            self._end_message(events)
            return
        place = "head" if self._state == _HEAD else "body"
        raise IncompleteMessage(
            f"expected the rest of a message's {place}, got the end of the connection"
        )

    # --- Segments ---

    def _keep(self, data: bytes) -> None:
        """Put a segment behind those that wait."""
        if self._segments is None:
            self._segments = deque()
        self._segments.append(data)

    def _next_segment(self) -> bool:
        """Go on to the next segment that waits, if there is one."""
        self._data = b""
        self._position = 0
        if not self._segments:
            return False
        self._data = self._segments.popleft()
        return True

    def _close_segment(self) -> None:
        """Let go of a segment that is used up; the next one takes its place."""
        if self._position >= len(self._data):
            self._next_segment()

    # --- Messages ---

    def _read(self, events: list[E]) -> bool:
        """Read the segment; return True at the end of a message, False at that of the segment."""
        if self._state == _HEAD:
            head = self._read_head()
            if head is None:
                return False
            events.append(cast("E", head))
            if not head.has_body:
                self._end_message(events)
                return True
            self._begin_body(head)
        if self._position >= len(self._data):
            return False
        if self._decoder is not None:
            self._position = self._decoder.decode(self._data, self._position, events)
            if self._decoder.done:
                self._decoder = None
                self._state = _HEAD
                self._close_segment()
                return True
            return False
        if self._state == _CLOSE:
            at = self._position
            events.append(cast("E", self._data[at:] if at else self._data))
            self._position = len(self._data)
            return False
        return self._read_length(events)

    def _begin_body(self, head: MessageHead) -> None:
        if head.framing == CONTENT_LENGTH:
            self._missing = head.content_length
            self._state = _LENGTH
        elif head.framing == CHUNKED:
            self._decoder = ChunkedDecoder(self._limits, self._names, len(head.fields.pairs))
            self._state = _CHUNKS
        else:
            self._state = _CLOSE

    def _read_length(self, events: list[E]) -> bool:
        data = self._data
        position = self._position
        # A Content-Length has up to 19 digits, so it is compared as an int: it may not fit an i64.
        left: int = len(data) - position
        if self._missing > left:
            self._missing -= left
            events.append(cast("E", data[position:] if position else data))
            self._position = len(data)
            return False
        end: i64 = position + self._missing
        events.append(cast("E", data[position:end] if position or end < len(data) else data))
        self._position = end
        self._end_message(events)
        return True

    # --- Heads ---

    def _read_head(self) -> MessageHead | None:
        if self._lines is not None:
            return self._collect_head(self._data[self._position :])
        data = self._data
        at = self._position
        size: i64 = len(data)
        while at + 1 < size and data[at] == 13 and data[at + 1] == 10:
            self._skip_empty_line()
            at += 2
        self._position = at
        if at == size:
            return None
        end = _end_of_head(data, at)
        if end:
            try:
                head = self._parse_head(data if at == 0 and end == size else data[at:end])
            except ProtocolError:
                self._heads.forget()
            else:
                self._position = at + self._heads.end + 2
                self._empty_lines = 0
                return head
        return self._collect_head(data[at:] if at else data)

    def _collect_head(self, data: bytes) -> MessageHead | None:
        """Take the next piece of a head that did not come whole."""
        self._position = len(self._data)
        lines = self._lines
        if lines is None:
            lines = self._lines = LineReader()
            self._line_seen = False
            self._section_size = 0
            self._fields_count = 0
        lines.feed(data)
        while not self._line_seen:
            line = lines.next(self._start_line, self._start_limit)
            if line is None:
                return None
            if line:
                self._check_start_line(line)
                self._line_seen = True
            else:
                self._skip_empty_line()
                lines.drop()
                if not lines.buffer:
                    self._lines = None
                    return None
        while True:
            left = self._limits.fields_size - self._section_size - 2
            line = lines.next(FIELD_LINE, max(0, min(self._limits.field_line, left)))
            if line is None:
                return None
            if not line:
                return self._finish_head(lines)
            self._section_size += len(line) + 2
            self._fields_count += 1
            if self._fields_count > self._limits.fields_count:
                raise FieldsTooLarge(f"expected at most {self._limits.fields_count} fields")
            parse_field_line(line, self._names)

    def _finish_head(self, lines: LineReader) -> MessageHead:
        collected = bytes(lines.buffer)
        head = self._parse_head(collected[: lines.start])
        self._data = collected
        self._position = lines.start
        self._lines = None
        self._empty_lines = 0
        return head


def _end_of_head(data: bytes, start: i64) -> i64:
    """Return an offset that ends with an empty line and has a whole head before it, or 0.

    It may lie behind the head, at the end of a later one: then it did not cost a search.
    """
    size: i64 = len(data)
    if (
        size - start <= _SMALL
        and size - start >= 4
        and data[size - 1] == 10
        and data[size - 2] == 13
        and data[size - 3] == 10
        and data[size - 4] == 13
    ):
        return size
    end: i64 = data.find(b"\r\n\r\n", start)
    return 0 if end < 0 else end + 4
