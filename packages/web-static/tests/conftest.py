"""A server on a free loopback port, a client that speaks in bytes, and a directory to serve.

The modules that test how files are sent run on each event loop that is installed.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
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

WAIT = 5.0  # seconds; nothing here should take any of them
LONG_AGO = 1_700_000_000  # Tue, 14 Nov 2023 22:13:20 GMT
SECRET = b"outside of the root"

ON_EVERY_LOOP = {"test_web_static_file_response", "test_web_static_partial"}


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


class Connection:
    """A raw connection to the server under test."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, method: str, path: str, *fields: str) -> None:
        lines = [f"{method} {path} HTTP/1.1", "Host: test", *fields, "", ""]
        self.writer.write("\r\n".join(lines).encode("latin-1"))

    async def head(self) -> Answer:
        """Read the head of a response."""
        async with asyncio.timeout(WAIT):
            head = await self.reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        _, status, reason = lines[0].split(" ", 2)
        headers = {}
        for line in lines[1:-2]:
            name, _, value = line.partition(":")
            assert name.lower() not in headers, f"{name} was sent twice"
            headers[name.lower()] = value.strip()
        return Answer(int(status), reason, headers, b"")

    async def answer(self, *, method: str = "GET") -> Answer:
        """Read a response whose body has a Content-Length or is chunked."""
        answer = await self.head()
        if method == "HEAD" or answer.status == 304:
            return answer
        async with asyncio.timeout(WAIT):
            if answer.headers.get("transfer-encoding") == "chunked":
                while size := int(await self.reader.readline(), 16):
                    answer.body += await self.reader.readexactly(size)
                    assert await self.reader.readexactly(2) == b"\r\n"
                assert await self.reader.readexactly(2) == b"\r\n"
            else:
                length = int(answer.headers["content-length"])
                answer.body = await self.reader.readexactly(length)
        return answer

    async def rest(self) -> bytes:
        """Read up to the end of the connection."""
        async with asyncio.timeout(WAIT):
            return await self.reader.read()


class Served:
    """A running server."""

    def __init__(self, runner: BaseRunner, site: TCPSite) -> None:
        self.runner = runner
        self.site = site
        self.connections: list[Connection] = []

    async def connect(self, *, buffer: int = 2**16) -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.site.port, limit=buffer)
        connection = Connection(reader, writer)
        self.connections.append(connection)
        return connection

    async def ask(self, method: str, path: str, *fields: str) -> Answer:
        """Send a request over a connection of its own and return the response."""
        connection = await self.connect()
        connection.send(method, path, *fields)
        return await connection.answer(method=method)

    async def get(self, path: str, *fields: str) -> Answer:
        return await self.ask("GET", path, *fields)


class Serve(Protocol):
    """Starts a server for an application or a bare handler."""

    async def __call__(
        self, what: Application | Callable[[Any], Awaitable[Any]], **kwargs: Any
    ) -> Served: ...


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    started: list[Served] = []

    async def start(what: Application | Callable[[Any], Awaitable[Any]], **kwargs: Any) -> Served:
        runner: BaseRunner
        if isinstance(what, Application):
            runner = AppRunner(what, shutdown_timeout=1.0, **kwargs)
        else:
            runner = ServerRunner(Server(what, **kwargs), shutdown_timeout=1.0)
        await runner.setup()
        site = TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        served = Served(runner, site)
        started.append(served)
        return served

    yield start
    for served in started:
        for connection in served.connections:
            connection.writer.close()
        await served.runner.cleanup()


def write(path: Path, content: bytes, *, mtime: float = LONG_AGO) -> Path:
    """Write a file that was last modified at *mtime*."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (mtime, mtime))
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Make a directory to serve, with links in it and a secret beside it."""
    root = tmp_path / "root"
    write(root / "index.html", b"<p>index</p>")
    write(root / "css" / "deep" / "site.css", b"body {}")
    write(root / "my file.txt", b"with a space")
    write(root / "empty.txt", b"")
    write(tmp_path / "secret.txt", SECRET)
    write(tmp_path / "outside" / "secret.txt", SECRET)
    # Its name begins like the root's.
    write(tmp_path / "root2" / "secret.txt", SECRET)
    (root / "inner.html").symlink_to("index.html")
    (root / "styles").symlink_to("css")
    (root / "itself").symlink_to(".")
    (root / "css" / "up.html").symlink_to("../index.html")
    (root / "leak.txt").symlink_to("../secret.txt")
    (root / "leak-absolute.txt").symlink_to(tmp_path / "secret.txt")
    (root / "leak-beside.txt").symlink_to("../root2/secret.txt")
    (root / "out").symlink_to("../outside")
    (root / "out-missing").symlink_to("../no-such-directory")
    (root / "broken").symlink_to("nowhere")
    (root / "loop").symlink_to("loop")
    return root


class Descriptors:
    """Counts the descriptors that this process has open on files below a directory."""

    def __init__(self, root: Path) -> None:
        self.root = str(root)

    def __call__(self) -> int:
        names = []
        for entry in os.scandir("/proc/self/fd"):
            try:
                names.append(os.readlink(entry.path))
            except OSError:  # the one that scandir itself had
                continue
        return sum(name.startswith(self.root) for name in names)


@pytest.fixture
def open_files(tmp_path: Path) -> Descriptors:
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("open files are counted in /proc")
    return Descriptors(tmp_path)
