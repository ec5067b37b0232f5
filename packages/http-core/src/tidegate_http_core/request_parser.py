"""The requests of one connection: what a server reads."""

from __future__ import annotations

from typing import final

from .errors import BadRequestLine
from .fields import FieldNames
from .head import RequestHeadParser
from .limits import Limits
from .lines import REQUEST_LINE
from .messages import Event, MessageHead
from .parser import DEFAULT_LIMITS, DEFAULT_NAMES, MessageParser
from .request_line import check_request_line


@final
class RequestParser(MessageParser[Event]):
    """Parses the requests of one connection.

    Give every segment that is received to `feed`, in order, and call `feed(b"")` as long as
    `pending` says so; or loop over `events`, which does both.
    """

    __slots__ = ("_head",)

    def __init__(self, limits: Limits = DEFAULT_LIMITS, names: FieldNames | None = None) -> None:
        """Begin a connection.

        `names` is the table of field names; parsers that make the same kind of names share one.
        """
        if names is None:
            names = DEFAULT_NAMES
        self._head = RequestHeadParser(limits, names)
        super().__init__(limits, names, self._head, REQUEST_LINE, limits.request_line)

    def _check_start_line(self, line: bytes) -> None:
        check_request_line(line.decode("latin-1"), self._limits.method)

    def _skip_empty_line(self) -> None:
        """Count an empty line before a request line (RFC 9112 section 2.2)."""
        self._empty_lines += 1
        if self._empty_lines > self._limits.empty_lines:
            raise BadRequestLine(f"expected a request line, got {self._empty_lines} empty lines")

    def _parse_head(self, head: bytes) -> MessageHead:
        return self._head.parse(head)
