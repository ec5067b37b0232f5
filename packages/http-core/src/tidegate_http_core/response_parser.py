"""The responses of one connection: what a client, a proxy or a test reads.

A response can't be read alone. Whether it has a body depends on the method it answers, so whoever
sends a request says so with `expect`, before the response comes. Requests and final responses are
matched in order (RFC 9112 section 9.2); interim responses (1xx) come in front of the final one and
match nothing. Bytes that no request asked for are refused, and so is a change of protocol (101)
that the request did not offer: what a peer sends unasked is not for the next who asks.
"""

from __future__ import annotations

from collections import deque
from typing import final

from .errors import BadStatusLine, IncompleteMessage, ProtocolError, UnexpectedResponse
from .fields import FieldNames
from .head import ResponseHeadParser
from .limits import Limits
from .lines import STATUS_LINE
from .messages import END_OF_MESSAGE, MessageHead, ResponseEvent
from .parser import DEFAULT_LIMITS, DEFAULT_NAMES, MessageParser
from .status_line import check_status_line

# RFC 9110 section 15.6.3: what a gateway answers when a response is invalid.
_BAD_GATEWAY = 502


@final
class ResponseParser(MessageParser[ResponseEvent]):
    """Parses the responses of one connection.

    Call `expect` for each request that is sent. Give every segment that is received to `feed`, in
    order, and call `feed(b"")` as long as `pending` says so; or loop over `events`, which does
    both. At the end of the connection call `feed_eof`: a body may last until then.

    Every violation has the status 502, see `errors`.
    """

    __slots__ = ("_expected", "_head", "_switches")

    def __init__(self, limits: Limits = DEFAULT_LIMITS, names: FieldNames | None = None) -> None:
        """Begin a connection.

        `names` is the table of field names; parsers that make the same kind of names share one.
        """
        if names is None:
            names = DEFAULT_NAMES
        self._head = ResponseHeadParser(limits, names)
        super().__init__(limits, names, self._head, STATUS_LINE, limits.status_line)
        # The method of each request that has no final response yet, and whether it offered to
        # change the protocol.
        self._expected: deque[tuple[str, bool]] = deque()
        # Whether the message being read is the last one before another protocol.
        self._switches = False

    @property
    def outstanding(self) -> int:
        """How many requests still wait for the head of their final response."""
        return len(self._expected)

    def expect(self, method: str, *, upgrade: bool = False) -> None:
        """Say that a request with `method` was sent, and whether it had an Upgrade field."""
        self._expected.append((method, upgrade))

    def _check_start_line(self, line: bytes) -> None:
        check_status_line(line.decode("latin-1"))

    def _skip_empty_line(self) -> None:
        """Refuse an empty line: RFC 9112 section 2.2 has them in front of requests only."""
        raise BadStatusLine("expected a status line, got an empty line")

    def _read_head(self) -> MessageHead | None:
        if not self._expected and self._position < len(self._data):
            # RFC 9112 section 9.2
            raise UnexpectedResponse("expected nothing, no request is waiting for a response")
        return super()._read_head()

    def _parse_head(self, head: bytes) -> MessageHead:
        method, offered = self._expected[0]
        response = self._head.parse(head, method)
        if response.status == 101 and not offered:
            # RFC 9110 section 7.8
            raise UnexpectedResponse("expected no 101, the request did not offer to upgrade")
        if not response.interim:
            self._expected.popleft()
        self._switches = response.upgrade
        return response

    def _end_message(self, events: list[ResponseEvent]) -> None:
        if not self._switches:
            super()._end_message(events)
            return
        # What follows is kept for `detach`.
        rest = self.detach()
        if rest:
            self._keep(rest)
        events.append(END_OF_MESSAGE)

    def _break(self, violation: ProtocolError) -> None:
        violation.status = _BAD_GATEWAY
        super()._break(violation)

    def _check_complete(self, events: list[ResponseEvent]) -> None:
        super()._check_complete(events)
        if self._expected and self.idle and not self._handed_over:
            raise IncompleteMessage(
                f"expected a response to {self._expected[0][0]}, got the end of the connection"
            )
