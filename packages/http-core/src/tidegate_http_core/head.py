"""A whole request head at once: the bytes up to the empty line become a `RequestHead`.

`HeadParser.parse` is given a head that is complete. It works on one copy of it, decoded as latin-1
so that every offset is that of the bytes, and keeps slices only. Names are checked as they are
looked up; all other bytes that are new are checked at once, in one pass of `bytes.translate`,
which is what is fast both compiled and interpreted.

Clients repeat their header section on a connection, whole or but for a line or two (a cookie, a
request id). So the parser remembers the last section, within a bound: the same bytes give the very
same `Fields`, and a line that equals the one in its place last time gives the same pair without
being parsed again. What the section says about the message (`_Control`) is read again whenever a
line that may decide it is new, gone or changed.

An error raised here is not the last word on what is wrong: it may not be the first violation in
the order of the bytes. `RequestParser` then cuts the same bytes into lines, which finds that one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, cast, final

from .errors import BadField, BadHost, BadRequestLine, FieldsTooLarge, RequestLineTooLong, excerpt
from .fields import (
    CONNECTION,
    CONTENT_LENGTH,
    HOST,
    ORDINARY,
    TRANSFER_ENCODING,
    UPGRADE,
    FieldName,
    FieldNames,
    parse_field_line,
)
from .framing import request_framing
from .grammar import HOST as HOST_GRAMMAR
from .grammar import UNUSUAL, VALUE_STOP
from .limits import Limits
from .messages import NO_BODY, Fields, HttpVersion10, HttpVersion11, RequestHead
from .request_line import check_request_line

if TYPE_CHECKING:
    from mypy_extensions import i64

# Methods whose usual request line needs no look at the grammar.
_PLAIN_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"})

# Sections longer than this are not remembered: what an idle connection holds stays small.
_REMEMBERED: Final = 4096

# Every byte that is usual in a head stands for itself, any other for NUL. HTAB and obs-text may be
# right, but are rare: a head with them is looked at again, line by line. So much for one call of
# `translate`; a search with a pattern takes eight times as long.
_CLASSES: Final = bytes(c if 32 <= c < 127 or c in (10, 13) else 0 for c in range(256))
_BAD: Final = 0

# A pair as mypyc keeps it without taking it apart: a tuple of a length it does not know.
_Pair: TypeAlias = tuple[str, ...]


@final
class _Control:
    """What the fields of a section say about the message itself."""

    __slots__ = ("content_length", "expect", "expect_continue", "framing", "keep_alive", "upgrade")

    def __init__(self) -> None:
        self.framing = NO_BODY
        self.content_length = -1
        self.keep_alive = True
        self.upgrade = False
        self.expect = False
        self.expect_continue = False


@final
class HeadParser:
    """Parses complete heads of one connection; `end` is where the last one ended."""

    __slots__ = (
        "_control",
        "_count_limit",
        "_digits_limit",
        "_fields",
        "_host",
        "_line_limit",
        "_line_names",
        "_lines",
        "_method_limit",
        "_names",
        "_pairs",
        "_request_line_limit",
        "_size_limit",
        "end",
    )

    def __init__(self, limits: Limits, names: FieldNames) -> None:
        """Take the limits, and the table that makes and checks names."""
        self._names = names
        self._method_limit = limits.method
        self._digits_limit = limits.content_length_digits
        self._request_line_limit: i64 = limits.request_line
        self._line_limit: i64 = limits.field_line
        self._size_limit: i64 = limits.fields_size
        self._count_limit: i64 = limits.fields_count
        # The last section, if it came with HTTP/1.1: whole, and line by line the text with its
        # CRLF, the name and the pair it was parsed into; and what the section says.
        self._fields: Fields | None = None
        self._lines: list[str] = []
        self._line_names: list[FieldName] = []
        self._pairs: list[_Pair] = []
        self._control = _Control()
        # The last Host that passed its grammar.
        self._host: str | None = None
        self.end: i64 = 0

    def forget(self) -> None:
        """Drop what is remembered; needed after an error, when a section is half remembered."""
        self._fields = None
        self._forget_lines(0)

    def _forget_lines(self, count: i64) -> None:
        """Drop the lines that are remembered from the `count`th on."""
        del self._lines[count:]
        del self._line_names[count:]
        del self._pairs[count:]

    def parse(self, data: bytes, start: i64, end: i64) -> RequestHead:
        """Parse the head that begins at `start`; `data[start:end]` ends with an empty line.

        The head may be over before `end`: `self.end` says where. Raises ProtocolError.
        """
        head = data if start == 0 and end == len(data) else data[start:end]
        text = head.decode("latin-1")
        line_end = _line_end(head, text, 0)
        line = text[:line_end]
        parts = line.split(" ")
        if (
            len(parts) == 3
            and parts[2] == "HTTP/1.1"
            and parts[0] in _PLAIN_METHODS
            and parts[1][:1] == "/"
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
        at = line_end + 2
        fields = self._fields
        if fields is not None and http11 and _follows(head, at, fields.raw):
            if _BAD in head[:line_end].translate(_CLASSES):
                raise BadRequestLine(f"expected a target of visible ASCII, got {excerpt(target)}")
            at += len(fields.raw)
        else:
            self._fields = None
            at = self._read_section(head, text, at, http11)
            fields = Fields(
                cast("tuple[tuple[str, str], ...]", tuple(self._pairs)),
                head[line_end + 2 : at],
            )
            if http11 and at - line_end <= _REMEMBERED:
                self._fields = fields
            else:
                self._forget_lines(0)
        self.end = start + at + 2
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

    def _read_section(self, head: bytes, text: str, start: i64, http11: bool) -> i64:
        """Bring `_lines` and `_control` up to the section at `start`; return where it ends."""
        lines = self._lines
        names = self._line_names
        known: i64 = len(lines)
        # Whether a field that decides about the message is new, gone or changed.
        decides = known == 0 or not http11
        # From where to where there are lines that are new.
        first: i64 = 0
        last: i64 = 0
        count: i64 = 0
        at = start
        while True:
            if count < known:
                line = lines[count]
                size: i64 = len(line)
                if text[at : at + size] == line:
                    at += size
                    count += 1
                    continue
            line_end = _line_end(head, text, at)
            if line_end == at:
                break
            # The line that was here last time may have decided, and so may the new one.
            if count < known and names[count].kind != ORDINARY:
                decides = True
            if self._parse_line(head, text, at, line_end, count).kind != ORDINARY:
                decides = True
            count += 1
            if first == 0:
                first = at
            at = last = line_end + 2
        if count < known:
            self._forget_lines(count)
            decides = True
        # The request line and the new lines, checked at once.
        if _BAD in (head[: start - 2] + head[first:last]).translate(_CLASSES):
            self._check_unusual(text[: start - 2])
        if count > self._count_limit or at - start > self._size_limit:
            raise FieldsTooLarge(
                f"expected at most {self._count_limit} fields of {self._size_limit} bytes"
            )
        if decides:
            self._control = self._read_control(http11)
        return at

    def _parse_line(self, head: bytes, text: str, start: i64, end: i64, index: i64) -> FieldName:
        """Parse a field line (RFC 9112 section 5) and remember it as the line at `index`.

        The name is checked here, the other bytes are checked with all the others.
        """
        colon: i64 = text.find(":", start)
        if colon < 0 or colon > end:
            raise BadField(f"expected a field line 'name: value', got {excerpt(text[start:end])}")
        if end - start > self._line_limit:
            raise FieldsTooLarge(f"expected a field line of at most {self._line_limit} bytes")
        name = self._names.get(text[start:colon])
        colon += 1
        if head[colon] == 32:
            colon += 1
        value = text[colon:end]
        if colon < end and (_is_space(head[colon]) or _is_space(head[end - 1])):
            value = value.strip(" \t")
        pair: _Pair = (name.text, value)
        if index < len(self._lines):
            self._lines[index] = text[start : end + 2]
            self._line_names[index] = name
            self._pairs[index] = pair
        else:
            self._lines.append(text[start : end + 2])
            self._line_names.append(name)
            self._pairs.append(pair)
        return name

    def _check_unusual(self, request_line: str) -> None:
        """Check a head that is not all printable ASCII, and decode the values with obs-text.

        RFC 9110 section 5.5 leaves the coding of obs-text open; UTF-8 is what is sent in practice.
        """
        if UNUSUAL.search(request_line):
            raise BadRequestLine(f"expected visible ASCII in {excerpt(request_line)}")
        for index, line in enumerate(self._lines):
            text = line[:-2]
            if VALUE_STOP.search(text):
                raise BadField(f"expected a line without controls, got {excerpt(text)}")
            if not text.isascii():
                self._pairs[index] = parse_field_line(text.encode("latin-1"), self._names)

    def _read_control(self, http11: bool) -> _Control:
        """Read what the section says about the message itself."""
        control = _Control()
        hosts = 0
        connection = ""
        upgrade = False
        lengths: list[str] = []
        codings: list[str] = []
        for index, name in enumerate(self._line_names):
            kind = name.kind
            if kind == ORDINARY:
                continue
            value = self._pairs[index][1]
            if kind == HOST:
                hosts += 1
                self._check_host(value)
            elif kind == CONNECTION:
                connection = f"{connection},{value}" if connection else value
            elif kind == CONTENT_LENGTH:
                lengths.append(value)
            elif kind == TRANSFER_ENCODING:
                codings.append(value)
            elif kind == UPGRADE:
                upgrade = upgrade or value != ""
            else:
                # RFC 9110 section 10.1.1: an HTTP/1.0 client does not know what it says.
                control.expect = http11
                if value.lower() == "100-continue":
                    control.expect_continue = http11
        # RFC 9112 section 3.2
        if hosts != 1 and (http11 or hosts):
            raise BadHost(f"expected one Host field, got {hosts}")
        if lengths or codings:
            control.framing, control.content_length = request_framing(
                codings, lengths, http11, self._digits_limit
            )
        # RFC 9112 section 9.3; RFC 9110 sections 7.6.1 and 7.8
        if connection == "" or connection == "keep-alive":
            control.keep_alive = http11 or connection != ""
        else:
            # An option is a token, so ASCII; outside of it there are letters that fold to it.
            options = [
                option.strip(" \t").lower() for option in connection.split(",") if option.isascii()
            ]
            control.keep_alive = "close" not in options and (http11 or "keep-alive" in options)
            control.upgrade = upgrade and http11 and "upgrade" in options
        return control

    def _check_host(self, value: str) -> None:
        if value != self._host:
            if not HOST_GRAMMAR.fullmatch(value):
                raise BadHost(f"expected Host to be host or host:port, got {excerpt(value)}")
            self._host = value


def _line_end(head: bytes, text: str, start: i64) -> i64:
    """Return where the line ends; no CR and no LF is before that, nor is either of them bare."""
    end: i64 = text.find("\r", start)
    line_feed: i64 = text.find("\n", start)
    if line_feed != end + 1:
        raise BadField("expected a line ending with CRLF")
    return end


def _follows(head: bytes, at: i64, raw: bytes) -> bool:
    """Say whether `raw` and an empty line are at `at`."""
    size: i64 = len(raw)
    end = at + size
    return end + 2 <= len(head) and head[end] == 13 and head[end + 1] == 10 and head[at:end] == raw


def _is_space(byte: i64) -> bool:
    return byte == 32 or byte == 9
