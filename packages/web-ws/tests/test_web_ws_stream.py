"""Messages that are received piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import BaseRequest, ClientConnectionResetError
from tidegate_web_ws import MessageStream, WebSocketResponse, WSMsgType
from tidegate_web_ws.frames import BINARY, CLOSE, CONTINUATION, TEXT

if TYPE_CHECKING:
    from conftest import Masked, Serve

WAIT = 5.0


class Talk:
    """A handler that receives streams, and its outcome."""

    def __init__(
        self, conversation: Callable[[WebSocketResponse], Awaitable[object]], **options: Any
    ) -> None:
        self.ws = WebSocketResponse(stream=True, **options)
        self.done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._conversation = conversation

    async def __call__(self, request: BaseRequest) -> WebSocketResponse:
        await self.ws.prepare(request)
        try:
            self.done.set_result(await self._conversation(self.ws))
        except Exception as exc:
            self.done.set_exception(exc)
        return self.ws

    async def outcome(self) -> Any:
        async with asyncio.timeout(WAIT):
            return await self.done


async def test_pieces_come_before_the_message_is_whole(serve: Serve, masked: Masked) -> None:
    seen: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def conversation(ws: WebSocketResponse) -> list[WSMsgType]:
        kinds = []
        async for message in ws:
            kinds.append(message.type)
            async for piece in message.data:
                seen.put_nowait(piece)
        return kinds

    talk = Talk(conversation)
    peer = await (await serve(talk)).open()
    async with asyncio.timeout(WAIT):
        peer.send_frame(TEXT, b"one ", fin=False)
        assert await seen.get() == "one "
        peer.send_frame(CONTINUATION, b"two")
        assert await seen.get() == "two"
        wire = masked(BINARY, bytes(100_000))
        peer.send(wire[:50_000])
        first = await seen.get()
        peer.send(wire[50_000:])
        size = len(first)
        while size < 100_000:
            size += len(await seen.get())
        peer.send_frame(CLOSE, b"\x03\xe8")
    assert await talk.outcome() == [WSMsgType.TEXT, WSMsgType.BINARY]


async def test_a_stream_can_be_read_whole(serve: Serve, masked: Masked) -> None:
    async def conversation(ws: WebSocketResponse) -> list[object]:
        return [
            await (await ws.receive()).data.read(),
            await ws.receive_str(),
            await ws.receive_bytes(),
            await ws.receive_json(),
        ]

    talk = Talk(conversation)
    peer = await (await serve(talk)).open()
    peer.send(masked(TEXT, b"a", fin=False) + masked(CONTINUATION, b"b"))
    peer.send(masked(TEXT, b"text") + masked(BINARY, b"data") + masked(TEXT, b"[1]"))
    assert await talk.outcome() == ["ab", "text", b"data", [1]]


async def test_what_is_left_of_a_message_is_dropped(serve: Serve, masked: Masked) -> None:
    async def conversation(ws: WebSocketResponse) -> tuple[bool, str | bytes, bool]:
        first: MessageStream = (await ws.receive()).data
        async for _ in first:
            break
        return first.ended, await ws.receive_str(), first.ended

    talk = Talk(conversation)
    peer = await (await serve(talk)).open()
    peer.send(masked(BINARY, b"a", fin=False) + masked(CONTINUATION, b"b", fin=False))
    peer.send(masked(CONTINUATION, b"c") + masked(TEXT, b"next"))
    assert await talk.outcome() == (False, "next", True)


@pytest.mark.parametrize("how", ["close", "violation", "vanish"])
async def test_a_connection_that_ends_within_a_message_is_an_error(
    serve: Serve, masked: Masked, how: str
) -> None:
    async def conversation(ws: WebSocketResponse) -> WSMsgType:
        message = await ws.receive()
        with pytest.raises(ClientConnectionResetError):
            await message.data.read()
        with pytest.raises(StopAsyncIteration):
            await anext(message.data)
        return (await ws.receive()).type

    talk = Talk(conversation)
    peer = await (await serve(talk)).open()
    peer.send_frame(BINARY, b"a", fin=False)
    await asyncio.sleep(0.01)
    if how == "vanish":
        peer.vanish()
    else:
        peer.send(masked(CLOSE, b"\x03\xe8") if how == "close" else masked(TEXT))
    expected = {"close": WSMsgType.CLOSE, "violation": WSMsgType.ERROR, "vanish": WSMsgType.CLOSED}
    assert await talk.outcome() is expected[how]


async def test_a_message_larger_than_the_queue_stops_the_client(serve: Serve) -> None:
    # Pieces that nobody takes stop the transport from reading.
    may_read = asyncio.Event()

    async def conversation(ws: WebSocketResponse) -> int:
        message = await ws.receive()
        await may_read.wait()
        return sum([len(piece) async for piece in message.data])

    talk = Talk(conversation, max_msg_size=0)
    peer = await (await serve(talk)).open()
    size = 20_000_000
    peer.send(b"\x82\xff" + size.to_bytes(8) + bytes(4) + bytes(size))
    session: Any = None
    async with asyncio.timeout(WAIT):
        while session is None or not session.reading_paused:
            await asyncio.sleep(0.001)
            session = talk.ws._session
    assert session._held < 2_000_000
    may_read.set()
    assert await talk.outcome() == size


async def test_pings_have_to_be_answered_by_themselves() -> None:
    with pytest.raises(ValueError, match="autoping"):
        WebSocketResponse(stream=True, autoping=False)
