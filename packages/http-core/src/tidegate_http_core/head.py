"""A whole head at once: the bytes up to the empty line become a RequestHead or a ResponseHead.

Both are a start line of three parts and a header section. The section is parsed, and the last one
remembered, by `section.SectionParser`; here are the start lines, and what a message is once both
are read.

An error raised here is not the last word on what is wrong: it may not be the first violation in
the order of the bytes. The parser of the connection then cuts the same bytes into lines, which
finds that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

from .errors import BadField, BadRequestLine, BadStatusLine, RequestLineTooLong, excerpt
from .fields import FieldNames
from .framing import opens_tunnel, response_framing
from .grammar import UNUSUAL, VALUE_STOP
from .limits import Limits
from .messages import UNTIL_CLOSE, HttpVersion10, HttpVersion11, RequestHead, ResponseHead
from .request_line import check_request_line
from .section import SectionParser, line_end_at
from .status_line import check_status_line

if TYPE_CHECKING:
    from mypy_extensions import i64

# Methods whose usual request line needs no look at the grammar.
_PLAIN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})


@final
class RequestHeadParser(SectionParser):
    """Parses complete heads of the requests of one connection."""

    __slots__ = ("_method_limit", "_request_line_limit")

    def __init__(self, limits: Limits, names: FieldNames) -> None:
        """Take the limits, and the table that makes and checks names."""
        super().__init__(limits, names, answers=False)
        self._method_limit = limits.method
        self._request_line_limit: i64 = limits.request_line

    def parse(self, head: bytes) -> RequestHead:
        """Parse the head that `head` begins with; `head` ends with an empty line.

        The head may be over before that: `end` says where, without its empty line. Raises
        ProtocolError.
        """
        text = head.decode("latin-1")
        line_end = line_end_at(head, text, 0)
        line = text[:line_end]
        parts = line.split(" ")
        if (
            len(parts) == 3
            and parts[2] == "HTTP/1.1"
            and parts[0] in _PLAIN_METHODS
            and parts[1][:1] == "/"
            and "#" not in parts[1]
        ):
            method = parts[0]
            target = parts[1]
            http11 = True
        else:
            method, target, http11 = check_request_line(line, self._method_limit)
        if line_end > self._request_line_limit:
            raise RequestLineTooLong(
                f"expected a request line of {self._request_line_limit} bytes"
            )
        fields = self._section(head, text, line_end, http11)
        control = self._control
        return RequestHead(
            method,
            target,
            HttpVersion11 if http11 else HttpVersion10,
            fields,
            control.framing,
            control.content_length,
            control.keep_alive,
            control.upgrade,
            control.expect,
            control.expect_continue,
        )

    def _check_unusual_start(self, line: str) -> None:
        if UNUSUAL.search(line):
            raise BadRequestLine(f"expected a request line of visible ASCII, got {excerpt(line)}")


@final
class ResponseHeadParser(SectionParser):
    """Parses complete heads of the responses of one connection."""

    __slots__ = ("_last", "_last_line", "_status_line_limit")

    def __init__(self, limits: Limits, names: FieldNames) -> None:
        """Take the limits, and the table that makes and checks names."""
        super().__init__(limits, names, answers=True)
        self._status_line_limit: i64 = limits.status_line
        # The last status line, and what was read of it.
        self._last_line = ""
        self._last: tuple[int, str, bool] = (0, "", True)

    def parse(self, head: bytes, method: str) -> ResponseHead:
        """Parse the head that `head` begins with; `head` ends with an empty line.

        It answers a request with `method`, unless it is interim. The head may be over before the
        end: `end` says where, without its empty line. Raises ProtocolError.
        """
        text = head.decode("latin-1")
        line_end = line_end_at(head, text, 0)
        line = text[:line_end]
        if line != self._last_line:
            if line_end > self._status_line_limit:
                raise BadStatusLine(f"expected a status line of {self._status_line_limit} bytes")
            self._last = check_status_line(line)
            self._last_line = line
        status, reason, http11 = self._last
        tunnel = opens_tunnel(status, method)
        self._ignores_framing = tunnel
        fields = self._section(head, text, line_end, http11)
        control = self._control
        framing = response_framing(status, method, control.framing)
        # RFC 9110 section 15.2.2: a 101 names the protocol it changes to.
        if status == 101 and not control.upgrade:
            raise BadField("expected Upgrade and 'Connection: upgrade' in a 101 response")
        return ResponseHead(
            status,
            reason,
            HttpVersion11 if http11 else HttpVersion10,
            fields,
            framing,
            control.content_length,
            control.keep_alive and framing != UNTIL_CLOSE,
            tunnel or status == 101,
        )

    def _check_unusual_start(self, line: str) -> None:
        if VALUE_STOP.search(line):
            raise BadStatusLine(f"expected no control character, got {excerpt(line)}")
