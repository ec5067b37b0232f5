"""A server on a free loopback port, a client that speaks in bytes, and an eye on the log.

Every test fails when something was logged as a warning or worse and the test did not take it: a
client's fault or disappearance is never more than a quiet line.

The modules that test connections run on each event loop that is installed.
"""

import asyncio
import logging
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import pytest
from tidegate_web_server import (
    Application,
    AppRunner,
    BaseRunner,
    Server,
    ServerRunner,
    TCPSite,
)

WAIT = 3.0  # seconds; nothing here should take any of them

ON_EVERY_LOOP = {
    f"test_web_server_{name}"
    for name in (
        "backpressure",
        "bodies",
        "cancellation",
        "concurrency",
        "content_length",
        "decoded_stream",
        "disconnects",
        "expect",
        "handling",
        "lingering",
        "protocol",
        "sendfile",
        "server",
        "shared_responses",
        "shutdown",
        "sites",
        "timeouts",
        "upgrade",
        "violations",
        "wait_for_disconnect",
    )
}


# Optional, because pytest-asyncio knows it since 1.4 only; before, asyncio's own loop is tested.
@pytest.hookimpl(optionalhook=True)
def pytest_asyncio_loop_factories(
    item: pytest.Item,
) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    factories: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {
        "asyncio": asyncio.new_event_loop
    }
    if find_spec("uvloop") is not None and item.path.stem in ON_EVERY_LOOP:
        factories["uvloop"] = import_module("uvloop").new_event_loop
    return factories


@dataclass
class Answer:
    """A parsed response."""

    status: int
    reason: str
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Connection:
    """A raw connection to the server under test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def answer(self, *, method: str = "GET") -> Answer:
        """Read one response with a Content-Length or chunked body, or one that ends."""
        async with asyncio.timeout(WAIT):
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            _, status, reason = lines[0].split(" ", 2)
            headers = {}
            for line in lines[1:-2]:
                name, _, value = line.partition(":")
                assert name.lower() not in headers, f"{name} was sent twice"
                headers[name.lower()] = value.strip()
            return Answer(int(status), reason, headers, await self._body(method, status, headers))

    async def _body(self, method: str, status: str, headers: dict[str, str]) -> bytes:
        if method == "HEAD" or status[0] == "1" or status in ("204", "304"):
            return b""
        if "content-length" in headers:
            return await self.reader.readexactly(int(headers["content-length"]))
        if headers.get("transfer-encoding") == "chunked":
            pieces = []
            while size := int(await self.reader.readline(), 16):
                pieces.append(await self.reader.readexactly(size))
                assert await self.reader.readexactly(2) == b"\r\n"
            assert await self.reader.readexactly(2) == b"\r\n"
            return b"".join(pieces)
        return await self.reader.read()

    async def rest(self) -> bytes:
        """Read up to the end of the connection."""
        async with asyncio.timeout(WAIT):
            return await self.reader.read()

    async def until_lost(self) -> tuple[bytes, bool]:
        """Read up to the end of the connection, and tell whether that was a reset."""
        data = b""
        async with asyncio.timeout(WAIT):
            try:
                while piece := await self.reader.read(2**16):
                    data += piece
            except ConnectionResetError:
                return data, True
        return data, False

    async def ask(self, path: str, *fields: str, method: str = "GET") -> Answer:
        """Send one request and read its response."""
        lines = [f"{method} {path} HTTP/1.1", "Host: test", *fields, "", ""]
        self.send("\r\n".join(lines).encode())
        return await self.answer(method=method)

    def half_close(self) -> None:
        """Send no more."""
        self.writer.write_eof()

    def reset(self) -> None:
        """Go away without a goodbye."""
        sock = self.writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()

    async def closed(self) -> bool:
        """Tell whether the server closes the connection without another byte."""
        return await self.rest() == b""

    def close(self) -> None:
        self.writer.close()


class Served:
    """A running server."""

    def __init__(self, runner: BaseRunner, site: TCPSite) -> None:
        self.runner = runner
        self.site = site
        self.connections: list[Connection] = []

    @property
    def server(self) -> Server:
        assert self.runner.server is not None
        return self.runner.server

    async def connect(self, *, receive_buffer: int | None = None) -> Connection:
        """Connect; a small *receive_buffer* makes a client that stops reading felt at once."""
        # With the protocol named, asyncio sends small pieces without delay.
        sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        if receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        sock.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(sock, ("127.0.0.1", self.site.port))
        except OSError:
            sock.close()
            raise
        reader, writer = await asyncio.open_connection(sock=sock, limit=2**16)
        connection = Connection(reader, writer)
        self.connections.append(connection)
        return connection

    async def ask(self, request: bytes, *, method: str = "GET") -> Answer:
        """Send *request* over a connection of its own and return the response."""
        connection = await self.connect()
        connection.send(request)
        return await connection.answer(method=method)

    async def get(self, path: str, *fields: str) -> Answer:
        lines = [f"GET {path} HTTP/1.1", "Host: test", *fields, "", ""]
        return await self.ask("\r\n".join(lines).encode())


class Serve(Protocol):
    """Starts a server for an application or a bare handler."""

    async def __call__(
        self, what: Application | Callable[[Any], Awaitable[Any]], **kwargs: Any
    ) -> Served: ...


class Log:
    """What was logged as a warning or worse and nobody has taken yet."""

    def __init__(self, caplog: pytest.LogCaptureFixture) -> None:
        self.caplog = caplog
        self.seen = 0

    def take(self) -> list[logging.LogRecord]:
        """Return what came since the last call."""
        new = self.caplog.get_records("call")[self.seen :]
        self.seen += len(new)
        return [record for record in new if record.levelno >= logging.WARNING]

    @property
    def waiting(self) -> bool:
        """Whether there is something to take."""
        new = self.caplog.get_records("call")[self.seen :]
        return any(record.levelno >= logging.WARNING for record in new)

    def take_one(self) -> logging.LogRecord:
        """Return the only one that came since the last call."""
        (record,) = self.take()
        return record

    def quiet_lines(self) -> list[str]:
        """Return everything the server logged below a warning."""
        return [
            record.getMessage()
            for record in self.caplog.get_records("call")
            if record.levelno < logging.WARNING and record.name == "tidegate.server"
        ]


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[Log]:
    caplog.set_level(logging.DEBUG, logger="tidegate.server")
    log = Log(caplog)
    yield log
    left = [record.getMessage() for record in log.take()]
    left += [
        record.getMessage()
        for record in caplog.get_records("teardown")
        if record.levelno >= logging.WARNING
    ]
    assert left == [], "this was logged and not expected"


Until = Callable[[Callable[[], bool]], Awaitable[None]]


@pytest.fixture
def until() -> Until:
    """Let the loop run until a condition holds; fail when it does not come to hold."""

    async def wait(condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(WAIT):
            while not condition():
                await asyncio.sleep(0.001)

    return wait


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    started: list[Served] = []

    async def start(what: Application | Callable[[Any], Awaitable[Any]], **kwargs: Any) -> Served:
        runner: BaseRunner
        patience = kwargs.pop("shutdown_timeout", 0.1)
        if isinstance(what, Application):
            runner = AppRunner(what, shutdown_timeout=patience, **kwargs)
        else:
            runner = ServerRunner(Server(what, **kwargs), shutdown_timeout=patience)
        await runner.setup()
        site = TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        served = Served(runner, site)
        started.append(served)
        return served

    yield start
    for served in started:
        for connection in served.connections:
            connection.close()
        await served.runner.cleanup()
