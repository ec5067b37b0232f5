"""Cases, and the raw client that plays them: bytes out, responses in, nothing taken on trust.

A :class:`Case` is what is sent and what has to come back. The client is a socket and a reader of
responses that is written for this suite alone, strict, so that nothing here shares a line, or a
mistake, with the server under test.

What has to come back is one of:

:func:`refused`    one response with one of these statuses, and the end of the connection
:func:`answers`    these responses in this order; then the connection still answers
:func:`last`       these responses in this order, and the end of the connection
:func:`answered`   one response with one of these statuses; then either
:func:`ends`       the end of the connection; a refusal may come first
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass, field

WAIT = 10.0
"""Seconds after which a server that neither answers nor closes has failed."""

STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([1-5][0-9][0-9]) [\t\x20-\x7e\x80-\xff]*")
FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*((?:[\t\x20-\x7e\x80-\xff])*)")


class Failed(AssertionError):
    """The server under test did something else than the case asks for."""


@dataclass(frozen=True)
class Pause:
    """Wait, between two pieces that are sent."""

    seconds: float


class HalfClose:
    """Close the sending side, and go on reading."""


@dataclass(frozen=True)
class Expected:
    """One response: its status, and its body where that matters."""

    statuses: tuple[int, ...]
    body: bytes | None = None


@dataclass(frozen=True)
class Expectation:
    """What has to come back."""

    responses: tuple[Expected, ...]
    closes: bool
    optional: bool = False
    """Whether the server may leave the responses out and only close."""
    either: bool = False
    """Whether it does not matter if the connection ends."""
    rest: bytes = b""
    """A pattern for what comes after the responses, up to the end of the connection."""


@dataclass(frozen=True)
class Case:
    """What is sent, what has to come back, and which rule says so."""

    name: str
    rule: str
    send: tuple[bytes | Pause | HalfClose, ...]
    expect: Expectation
    methods: tuple[str, ...] = field(default=())
    """The methods of the requests, where one is HEAD: its response has no body."""


@dataclass(frozen=True)
class Response:
    """A response as it came."""

    status: int
    fields: dict[str, str]
    body: bytes
    complete: bool
    """False when the connection ended inside the body."""


def refused(*statuses: int) -> Expectation:
    """Expect a refusal with one of *statuses*, and the end of the connection."""
    return Expectation((Expected(statuses),), closes=True)


def answers(*bodies: bytes | int) -> Expectation:
    """Expect responses, by their bodies (and then 200) or statuses, and a living connection."""
    return Expectation(tuple(map(_expected, bodies)), closes=False)


def last(*bodies: bytes | int) -> Expectation:
    """Expect responses, by their bodies (and then 200) or statuses, and then the end."""
    return Expectation(tuple(map(_expected, bodies)), closes=True)


def answered(*statuses: int) -> Expectation:
    """Expect one response with one of *statuses*; the connection may live on or not."""
    return Expectation((Expected(statuses),), closes=False, either=True)


def ends(*statuses: int) -> Expectation:
    """Expect the end of the connection; a response with one of *statuses* may come before."""
    responses = (Expected(statuses),) if statuses else ()
    return Expectation(responses, closes=True, optional=True)


def _expected(body: bytes | int) -> Expected:
    return Expected((body,)) if isinstance(body, int) else Expected((200,), body)


class Connection:
    """A raw connection, read response by response."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=WAIT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = b""
        self._ended = False

    def close(self) -> None:
        self.socket.close()

    def send(self, pieces: tuple[bytes | Pause | HalfClose, ...]) -> None:
        """Send *pieces*; a server that has closed meanwhile is read all the same."""
        for piece in pieces:
            try:
                if isinstance(piece, Pause):
                    time.sleep(piece.seconds)
                elif isinstance(piece, HalfClose):
                    self.socket.shutdown(socket.SHUT_WR)
                else:
                    self.socket.sendall(piece)
            except (BrokenPipeError, ConnectionResetError, OSError):
                return

    def response(self, method: str = "GET") -> Response | None:
        """Read one final response to a *method* request; None at the end of the connection."""
        while True:
            head = self._until(b"\r\n\r\n")
            if head is None:
                if self._buffer:
                    raise Failed(f"the connection ended in a head: {self._buffer!r}")
                return None
            status, fields = parse_head(head)
            if status >= 200 or status == 101:
                break
        if method == "HEAD" or status in (101, 204, 304):
            return Response(status, fields, b"", True)
        if "transfer-encoding" in fields:
            if fields["transfer-encoding"] != "chunked" or "content-length" in fields:
                raise Failed(f"ambiguous framing: {fields}")
            return self._chunked(status, fields)
        if "content-length" in fields:
            length = int(fields["content-length"])
            body = self.exactly(length)
            return Response(status, fields, body, len(body) == length)
        while self._more():
            pass
        body, self._buffer = self._buffer, b""
        return Response(status, fields, body, True)

    def rest(self) -> bytes:
        """Read to the end of the connection."""
        while self._more():
            pass
        rest, self._buffer = self._buffer, b""
        return rest

    def _chunked(self, status: int, fields: dict[str, str]) -> Response:
        body = b""
        while True:
            line = self._until(b"\r\n")
            if line is None:
                return Response(status, fields, body, False)
            if not re.fullmatch(rb"[0-9A-Fa-f]+", line):
                raise Failed(f"no chunk size: {line!r}")
            size = int(line, 16)
            data = self.exactly(size + 2)
            if len(data) < size + 2:
                return Response(status, fields, body, False)
            if data[size:] != b"\r\n":
                raise Failed(f"a chunk of {size} bytes does not end: {data[size:]!r}")
            if not size:
                return Response(status, fields, body, True)
            body += data[:size]

    def _until(self, end: bytes) -> bytes | None:
        while end not in self._buffer:
            if not self._more():
                return None
        found, _, self._buffer = self._buffer.partition(end)
        return found

    def exactly(self, size: int) -> bytes:
        """Read *size* bytes, fewer at the end of the connection."""
        while len(self._buffer) < size and self._more():
            pass
        found, self._buffer = self._buffer[:size], self._buffer[size:]
        return found

    def _more(self) -> bool:
        if self._ended:
            return False
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        except TimeoutError:
            raise Failed(f"nothing came for {WAIT:g} s; before: {self._buffer!r}") from None
        self._ended = not data
        self._buffer += data
        return bool(data)


def parse_head(head: bytes) -> tuple[int, dict[str, str]]:
    """Return status and fields, names in lower case; raise :class:`Failed` for bad syntax."""
    line, *rest = head.split(b"\r\n")
    found = STATUS_LINE.fullmatch(line)
    if not found:
        raise Failed(f"no status line: {line!r}")
    fields: dict[str, str] = {}
    for raw in rest:
        pair = FIELD.fullmatch(raw)
        if not pair:
            raise Failed(f"no field: {raw!r}")
        name = pair[1].decode().lower()
        if name in fields and name in ("content-length", "transfer-encoding"):
            raise Failed(f"{name} twice")
        fields[name] = pair[2].decode("latin-1").strip(" \t")
    return int(found[1]), fields


def play(case: Case, host: str, port: int) -> None:
    """Play *case*; raise :class:`Failed` when something else comes back than has to."""
    connection = Connection(host, port)
    try:
        connection.send(case.send)
        for place, expected in enumerate(case.expect.responses):
            method = case.methods[place] if case.methods else "GET"
            response = connection.response(method)
            if response is None:
                if case.expect.optional:
                    return
                raise Failed(f"the connection ended before response {place + 1}")
            check(response, expected, place + 1)
        if case.expect.closes:
            rest = connection.rest()
            if not re.fullmatch(case.expect.rest, rest, re.DOTALL):
                raise Failed(f"expected {case.expect.rest!r} and the end, got {rest[:200]!r}")
            return
        if case.expect.either:
            return
        connection.send((b"GET /alive HTTP/1.1\r\nHost: a\r\n\r\n",))
        alive = connection.response()
        if alive is None or alive.body != b"alive":
            raise Failed(f"the connection answers no longer: {alive}")
    finally:
        connection.close()


def check(response: Response, expected: Expected, place: int) -> None:
    """Compare one response with what was expected."""
    if response.status not in expected.statuses:
        raise Failed(f"response {place} is a {response.status}, expected {expected.statuses}")
    if not response.complete:
        raise Failed(f"response {place} is cut short: {response.body[:200]!r}")
    if expected.body is not None and response.body != expected.body:
        raise Failed(f"response {place} is {response.body[:200]!r}, expected {expected.body!r}")
