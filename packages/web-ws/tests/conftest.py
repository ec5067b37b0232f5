"""A client's frames, written down independently of the package, and raw clients of a server."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import pytest
from tidegate_web_server import Application, AppRunner, BaseRequest, StreamResponse, TCPSite

WAIT = 5.0  # seconds; nothing here should take any of them

KEY = b"\x37\xfa\x21\x3d"


class Masked(Protocol):
    """Makes a client's frame."""

    def __call__(
        self, opcode: int, payload: bytes = b"", *, fin: bool = True, key: bytes = KEY
    ) -> bytes: ...


def masked_frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, key: bytes = KEY
) -> bytes:
    size = len(payload)
    head = bytes([opcode | 0x80 * fin])
    if size < 126:
        head += bytes([0x80 | size])
    elif size < 65536:
        head += b"\xfe" + size.to_bytes(2, "big")
    else:
        head += b"\xff" + size.to_bytes(8, "big")
    return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(payload))


@pytest.fixture(scope="session")
def masked() -> Masked:
    return masked_frame


HANDSHAKE = {
    "Host": "test",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


class Peer:
    """A client that speaks in bytes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.head = ""

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    def send_frame(self, opcode: int, payload: bytes = b"", *, fin: bool = True) -> None:
        self.writer.write(masked_frame(opcode, payload, fin=fin))

    async def handshake(self, path: str = "/", *more: str, method: str = "GET") -> str:
        """Ask for a WebSocket; return the head of the response."""
        fields = [f"{name}: {value}" for name, value in HANDSHAKE.items()]
        request = "\r\n".join([f"{method} {path} HTTP/1.1", *fields, *more, "", ""])
        self.send(request.encode())
        async with asyncio.timeout(WAIT):
            self.head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        return self.head

    async def frame(self) -> tuple[int, bytes]:
        """Read one whole frame of the server; return its opcode and payload."""
        async with asyncio.timeout(WAIT):
            first, second = await self.reader.readexactly(2)
            assert first & 0x70 == 0, "a reserved bit is set"
            assert second < 128, "a server's frames are not masked"
            size = second
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
            assert first & 0x80, "a fragment"
            return first & 0x0F, await self.reader.readexactly(size)

    async def rest(self) -> bytes:
        """Read up to the end of the connection."""
        async with asyncio.timeout(WAIT):
            return await self.reader.read()

    def close(self) -> None:
        self.writer.close()

    def vanish(self) -> None:
        """Reset the connection."""
        sock = self.writer.get_extra_info("socket")
        # Closed at once, whatever is unsent or unread (socket(7), SO_LINGER).
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Served:
    """A running server; handlers note in `seen` what a test wants to know."""

    def __init__(self, runner: AppRunner, port: int) -> None:
        self.runner = runner
        self.port = port
        self.peers: list[Peer] = []

    async def connect(self) -> Peer:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        peer = Peer(reader, writer)
        self.peers.append(peer)
        return peer

    async def open(self, path: str = "/", *more: str) -> Peer:
        """Connect and become a WebSocket."""
        peer = await self.connect()
        head = await peer.handshake(path, *more)
        assert head.startswith("HTTP/1.1 101 "), head
        return peer


Handler = Callable[[Any], Awaitable[StreamResponse]]


class Serve(Protocol):
    """Starts a server whose every path is served by one handler."""

    async def __call__(self, handler: Handler, *, shutdown_timeout: float = 1.0) -> Served: ...


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    started: list[Served] = []

    async def start(handler: Handler, *, shutdown_timeout: float = 1.0) -> Served:
        async def handle(request: BaseRequest) -> StreamResponse:
            return await handler(request)

        app = Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = AppRunner(app, shutdown_timeout=shutdown_timeout)
        await runner.setup()
        site = TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        served = Served(runner, site.port)
        started.append(served)
        return served

    yield start
    for served in started:
        for peer in served.peers:
            peer.close()
        await served.runner.cleanup()
