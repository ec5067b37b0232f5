"""A client's frames, written down independently of the package, and raw clients of a server."""

import asyncio
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol

import pytest
from tidegate_web_server import Application, AppRunner, BaseRequest, StreamResponse, TCPSite
from tidegate_web_ws import WebSocketResponse

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

    async def raw_frame(self) -> tuple[int, bytes]:
        """Read one frame of the server; return its first byte and payload."""
        async with asyncio.timeout(WAIT):
            first, second = await self.reader.readexactly(2)
            assert second < 128, "a server's frames are not masked"
            size = second
            if size > 125:
                size = int.from_bytes(await self.reader.readexactly(2 if size == 126 else 8))
            return first, await self.reader.readexactly(size)

    async def frame(self) -> tuple[int, bytes]:
        """Read one whole frame of the server; return its opcode and payload."""
        first, payload = await self.raw_frame()
        assert first & 0x70 == 0, "a reserved bit is set"
        assert first & 0x80, "a fragment"
        return first & 0x0F, payload

    async def rest(self) -> bytes:
        """Read up to the end of the connection."""
        async with asyncio.timeout(WAIT):
            return await self.reader.read()

    async def settled(self) -> None:
        """Answer the server's Close and see the connection end."""
        opcode, payload = await self.frame()
        assert opcode == 0x8, "expected a Close"
        self.send_frame(0x8, payload[:2])
        assert await self.rest() == b""

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


Conversation = Callable[[WebSocketResponse], Awaitable[object]]


class Talk:
    """A handler that runs one conversation, and what came of it."""

    def __init__(self, conversation: Conversation, **options: Any) -> None:
        self.ws = WebSocketResponse(**options)
        self.conversation = conversation
        self.ended = asyncio.Event()
        self.error: BaseException | None = None
        self.result: Any = None

    async def __call__(self, request: BaseRequest) -> StreamResponse:
        try:
            await self.ws.prepare(request)
            self.result = await self.conversation(self.ws)
        except Exception as exc:
            self.error = exc
        finally:
            self.ended.set()
        return self.ws

    async def outcome(self) -> Any:
        """Wait for the conversation's end; return its result or raise its error."""
        async with asyncio.timeout(WAIT):
            await self.ended.wait()
        if self.error is not None:
            raise self.error
        return self.result


class Serve:
    """Starts servers whose every path is served by one handler."""

    def __init__(self) -> None:
        self.started: list[Served] = []

    async def __call__(self, handler: Handler, *, shutdown_timeout: float = 1.0) -> Served:
        async def handle(request: BaseRequest) -> StreamResponse:
            return await handler(request)

        app = Application()
        app.router.add_route("*", "/{path:.*}", handle)
        runner = AppRunner(app, shutdown_timeout=shutdown_timeout)
        await runner.setup()
        site = TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        served = Served(runner, site.port)
        self.started.append(served)
        return served

    def talk(self, conversation: Conversation, **options: Any) -> Talk:
        """Make a handler that runs *conversation* with a WebSocket of these options."""
        return Talk(conversation, **options)


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    serve = Serve()
    yield serve
    for served in serve.started:
        for peer in served.peers:
            peer.close()
        await served.runner.cleanup()
