"""One message to many."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import BaseRequest
from tidegate_web_ws import (
    DeflateSettings,
    WebSocketConnection,
    WebSocketResponse,
    broadcast,
    prepare_message,
)
from tidegate_web_ws.frames import BINARY, CLOSE, TEXT

if TYPE_CHECKING:
    from conftest import Peer, Serve, Served

OFFER = "Sec-WebSocket-Extensions: permessage-deflate"
WAIT = 5.0


class Room:
    """A handler that keeps the sockets of all clients."""

    def __init__(self, **options: Any) -> None:
        self.options = options
        self.sockets: list[WebSocketResponse] = []

    async def __call__(self, request: BaseRequest) -> WebSocketResponse:
        ws = WebSocketResponse(**self.options)
        await ws.prepare(request)
        self.sockets.append(ws)
        async for message in ws:
            await ws.send_str(message.data)
        return ws

    async def join(self, served: Served, *more: str) -> Peer:
        count = len(self.sockets)
        peer = await served.open("/", *more)
        async with asyncio.timeout(WAIT):
            while len(self.sockets) == count:
                await asyncio.sleep(0)
        return peer


async def fill(ws: WebSocketResponse) -> None:
    """Send to a client that does not read until it takes no more."""
    message = prepare_message(bytes(300_000))
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(0.2):
            while True:
                await ws.send_prepared(message)


def inflated(payload: bytes) -> bytes:
    return zlib.decompressobj(-15).decompress(payload + b"\0\0\xff\xff")


async def test_everybody_gets_it(serve: Serve) -> None:
    room = Room()
    served = await serve(room)
    plain = [await room.join(served) for _ in range(3)]
    deflating = [await room.join(served, OFFER) for _ in range(3)]
    text = "hello " * 50
    assert broadcast(room.sockets, text) == (6, (), ())
    assert [await peer.frame() for peer in plain] == [(TEXT, text.encode())] * 3
    for peer in deflating:
        first, payload = await peer.raw_frame()
        assert first == 0xC1
        assert inflated(payload) == text.encode()
    # Under the threshold of compression nobody gets it compressed.
    assert broadcast(iter(room.sockets), b"bytes").sent == 6
    assert [await peer.frame() for peer in plain + deflating] == [(BINARY, b"bytes")] * 6


async def test_what_follows_a_broadcast_inflates(serve: Serve) -> None:
    room = Room(compress=DeflateSettings(threshold=0))
    served = await serve(room)
    peer = await room.join(served, OFFER)
    decompressor = zlib.decompressobj(-15)
    text = "the same again and again " * 8
    for _ in range(3):
        peer.send_frame(TEXT, text.encode())
        assert broadcast(room.sockets, text[::-1]).sent == 1
        got = [
            decompressor.decompress((await peer.raw_frame())[1] + b"\0\0\xff\xff")
            for _ in range(2)
        ]
        assert sorted(got) == sorted([text.encode(), text[::-1].encode()])


async def test_slow_and_closed_ones_are_skipped_and_reported(serve: Serve) -> None:
    room = Room()
    served = await serve(room)
    slow_peer, closing_peer, fine_peer = [await room.join(served) for _ in range(3)]
    slow, closing, fine = room.sockets
    await fill(slow)
    closed = asyncio.ensure_future(closing.close())
    await asyncio.sleep(0)
    unprepared = WebSocketResponse()
    result = broadcast([slow, closing, fine, unprepared], "news")
    assert result.sent == 1
    assert result.slow == (slow,)
    assert result.closed == (closing, unprepared)
    assert await fine_peer.frame() == (TEXT, b"news")
    assert await closing_peer.frame() == (CLOSE, b"\x03\xe8")
    closing_peer.send_frame(CLOSE, b"\x03\xe8")
    await closed
    slow_peer.vanish()


async def test_a_client_that_is_gone_is_reported(serve: Serve) -> None:
    room = Room()
    served = await serve(room)
    await room.join(served)
    (ws,) = room.sockets
    session: Any = ws._session
    session._upgraded._transport.abort()  # asyncio tells of it later
    assert broadcast(room.sockets, "news") == (0, (), (ws,))


async def test_a_prepared_message_waits_for_a_slow_client(serve: Serve) -> None:
    room = Room()
    served = await serve(room)
    peer = await room.join(served)
    (ws,) = room.sockets
    await fill(ws)
    sending = asyncio.ensure_future(ws.send_prepared(prepare_message("last")))
    async with asyncio.timeout(WAIT):
        while (frame := await peer.frame())[0] == BINARY:
            pass
    assert frame == (TEXT, b"last")
    await sending


def test_it_is_encoded_once() -> None:
    message = prepare_message("x" * 100)
    assert message.plain() is message.plain()
    assert message.compressed((1, 12, 5)) is message.compressed((1, 12, 5))
    assert message.compressed((9, 15, 8)) is not message.compressed((1, 12, 5))
    assert WebSocketConnection().send_prepared(message) is message.plain()


@pytest.mark.parametrize("data", [b"x", bytearray(b"x"), memoryview(b"x")])
def test_bytes_are_binary(data: bytes) -> None:
    assert prepare_message(data).plain() == b"\x82\x01x"


def test_something_else_is_refused() -> None:
    wrong: Any = 5
    with pytest.raises(TypeError, match="int"):
        prepare_message(wrong)
    with pytest.raises(TypeError, match="int"):
        broadcast([], wrong)
