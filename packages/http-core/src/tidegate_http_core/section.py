"""A header section at once: field lines become pairs, and what they say about the message.

`SectionParser` works on one copy of a complete head, decoded as latin-1 so that every offset is
that of the bytes, and keeps slices only. Names are checked as they are looked up; the values that
are new are checked all at once, in one pass of `bytes.translate`, which is what is fast both
compiled and interpreted.

Peers repeat their header section on a connection, whole or but for a line or two (a cookie, a
request id, a date). So the parser remembers the last section, within a bound: the same bytes give
the very same `Fields`, and a line that equals the one in its place last time gives the same pair
without being parsed again. What the section says about the message (`Control`) is read again
whenever a line that may decide it is new, gone or changed.

The start line, which differs between requests and responses, is the subclasses', see `head`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias, cast, final

from .errors import BadField, BadHost, FieldsTooLarge, excerpt
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
from .framing import field_framing
from .grammar import HOST as HOST_GRAMMAR
from .grammar import VALUE_STOP
from .limits import Limits
from .messages import NO_BODY, Fields

if TYPE_CHECKING:
    from mypy_extensions import i64

# Sections longer than this are not remembered: what an idle connection holds stays small.
_REMEMBERED: Final = 4096

# Every byte that is usual in a line stands for itself, any other for NUL. HTAB and obs-text may be
# right, but are rare: a head with them is looked at again, line by line. So much for one call of
# `translate`; a search with a pattern takes eight times as long.
_CLASSES: Final = bytes(c if 32 <= c < 127 else 0 for c in range(256))
_BAD: Final = 0

# A pair as mypyc keeps it without taking it apart: a tuple of a length it does not know.
_Pair: TypeAlias = tuple[str, ...]


@final
class Control:
    """What the fields of a section say about the message itself."""

    __slots__ = ("content_length", "expect", "expect_continue", "framing", "keep_alive", "upgrade")

    def __init__(self) -> None:
        """Begin with what an empty section says."""
        self.framing = NO_BODY
        self.content_length = -1
        self.keep_alive = True
        self.upgrade = False
        self.expect = False
        self.expect_continue = False


class SectionParser:
    """Parses the header sections of complete heads of one connection.

    `end` is where the last one ended in the text it was given, its empty line not counted.
    """

    __slots__ = (
        "_answers",
        "_control",
        "_count_limit",
        "_digits_limit",
        "_fields",
        "_host",
        "_ignores_framing",
        "_line_limit",
        "_line_names",
        "_lines",
        "_names",
        "_pairs",
        "_size_limit",
        "end",
    )

    def __init__(self, limits: Limits, names: FieldNames, answers: bool) -> None:
        """Take the limits, the table that makes and checks names, and whose sections they are.

        `answers` says that they are those of responses, where Host has no meaning.
        """
        self._names = names
        self._answers = answers
        self._digits_limit = limits.content_length_digits
        self._line_limit: i64 = limits.field_line
        self._size_limit: i64 = limits.fields_size
        self._count_limit: i64 = limits.fields_count
        # The last section, if it came with HTTP/1.1: whole, and line by line the text with its
        # CRLF, the name and the pair it was parsed into; and what the section says.
        self._fields: Fields | None = None
        self._lines: list[str] = []
        self._line_names: list[FieldName] = []
        self._pairs: list[_Pair] = []
        self._control = Control()
        # Whether the start line says that Content-Length and Transfer-Encoding do not count.
        self._ignores_framing = False
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

    def _section(self, head: bytes, text: str, line_end: i64, http11: bool) -> Fields:
        """Return the section behind the start line, which ends at `line_end`; set `end`.

        Checks the bytes of the start line with those of the lines that are new.
        """
        start = line_end + 2
        fields = self._fields
        if fields is not None and http11 and _follows(head, start, fields.raw):
            if _BAD in head[:line_end].translate(_CLASSES):
                self._check_unusual_start(text[:line_end])
            self.end = start + len(fields.raw)
            return fields
        self._fields = None
        end = self._read_section(head, text, start, http11)
        fields = Fields(
            cast("tuple[tuple[str, str], ...]", tuple(self._pairs)),
            head[start:end],
        )
        if http11 and end - start <= _REMEMBERED:
            self._fields = fields
        else:
            self._forget_lines(0)
        self.end = end
        return fields

    def _check_unusual_start(self, line: str) -> None:
        """Check a start line that is not all printable ASCII. The subclasses say how."""
        raise NotImplementedError

    def _read_section(self, head: bytes, text: str, start: i64, http11: bool) -> i64:
        """Bring `_lines` and `_control` up to the section at `start`; return where it ends."""
        lines = self._lines
        names = self._line_names
        known: i64 = len(lines)
        # Whether a field that decides about the message is new, gone or changed.
        decides = known == 0 or not http11
        # The start line and the values that are new, to be checked at once.
        unchecked = [text[: start - 2]]
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
            line_end = line_end_at(head, text, at)
            if line_end == at:
                break
            # The line that was here last time may have decided, and so may the new one.
            if count < known and names[count].kind != ORDINARY:
                decides = True
            name = self._name_at(text, at, line_end, count)
            if name.kind != ORDINARY:
                decides = True
            unchecked.append(self._parse_line(head, text, at, line_end, name, count))
            count += 1
            at = line_end + 2
        if count < known:
            self._forget_lines(count)
            decides = True
        if _BAD in "".join(unchecked).encode("latin-1").translate(_CLASSES):
            self._check_unusual(unchecked[0])
        if count > self._count_limit or at - start > self._size_limit:
            raise FieldsTooLarge(
                f"expected at most {self._count_limit} fields of {self._size_limit} bytes"
            )
        if decides:
            self._control = self._read_control(http11)
        return at

    def _name_at(self, text: str, start: i64, end: i64, index: i64) -> FieldName:
        """Return the name of a line: most often it is that of the line in its place last time."""
        if index < len(self._line_names):
            name = self._line_names[index]
            if text[start : start + name.prefix_size] == name.prefix:
                return name
        colon: i64 = text.find(":", start)
        if colon < 0 or colon > end:
            raise BadField(f"expected a field line 'name: value', got {excerpt(text[start:end])}")
        return self._names.get(text[start:colon])

    def _parse_line(
        self, head: bytes, text: str, start: i64, end: i64, name: FieldName, index: i64
    ) -> str:
        """Remember a field line (RFC 9112 section 5) as the line at `index`; return its value.

        The name is checked, the value is still to be.
        """
        if end - start > self._line_limit:
            raise FieldsTooLarge(f"expected a field line of at most {self._line_limit} bytes")
        at = start + name.prefix_size
        if head[at] == 32:
            at += 1
        value = text[at:end]
        if at < end and (_is_space(head[at]) or _is_space(head[end - 1])):
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
        return value

    def _check_unusual(self, start_line: str) -> None:
        """Check a head that is not all printable ASCII, and decode the values with obs-text.

        RFC 9110 section 5.5 leaves the coding of obs-text open; UTF-8 is what is sent in practice.
        """
        self._check_unusual_start(start_line)
        for index, line in enumerate(self._lines):
            text = line[:-2]
            if VALUE_STOP.search(text):
                raise BadField(f"expected a line without controls, got {excerpt(text)}")
            if not text.isascii():
                self._pairs[index] = parse_field_line(text.encode("latin-1"), self._names)

    def _read_control(self, http11: bool) -> Control:
        """Read what the section says about the message itself."""
        control = Control()
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
                if not self._answers:
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
        if hosts != 1 and (http11 or hosts) and not self._answers:
            raise BadHost(f"expected one Host field, got {hosts}")
        if (lengths or codings) and not self._ignores_framing:
            control.framing, control.content_length = field_framing(
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


def line_end_at(head: bytes, text: str, start: i64) -> i64:
    """Return where the line ends: at its first CR, which has an LF behind it.

    A bare LF may still be inside the line.
    """
    end: i64 = text.find("\r", start)
    if end < 0 or head[end + 1] != 10:
        raise BadField("expected a line ending with CRLF")
    return end


def _follows(head: bytes, at: i64, raw: bytes) -> bool:
    """Say whether `raw` and an empty line are at `at`."""
    size: i64 = len(raw)
    end = at + size
    return end + 2 <= len(head) and head[end] == 13 and head[end + 1] == 10 and head[at:end] == raw


def _is_space(byte: i64) -> bool:
    return byte == 32 or byte == 9
