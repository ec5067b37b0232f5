"""The client ends the conversation: by a Close, by vanishing, by breaking the protocol."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import ClientConnectionResetError
from tidegate_web_ws import WebSocketError, WebSocketResponse, WSMessage, WSMsgType
from tidegate_web_ws.frames import BINARY, CLOSE, PING, TEXT

if TYPE_CHECKING:
    from conftest import Masked, Serve

WAIT = 5.0
GOODBYE = b"\x03\xe8"


async def collect(ws: WebSocketResponse) -> list[WSMessage]:
    """Receive up to and with the first CLOSED."""
    messages: list[WSMessage] = []
    while not messages or messages[-1].type is not WSMsgType.CLOSED:
        messages.append(await ws.receive())
    return messages


def kinds(messages: list[WSMessage]) -> list[str]:
    return [message.type.name for message in messages]


async def until(condition: Callable[[], object]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(WAIT):
        while not condition():
            await asyncio.sleep(0.001)


# --- the client closes ---


async def test_the_client_s_close_is_answered_and_ends_the_loop(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        return [message async for message in ws]

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    peer.send_frame(TEXT, b"one")
    peer.send_frame(CLOSE, (4001).to_bytes(2) + "tschüs".encode())
    assert await peer.frame() == (CLOSE, (4001).to_bytes(2))
    assert await peer.rest() == b""
    assert kinds(await talk.outcome()) == ["TEXT"]
    assert talk.ws.closed
    assert (talk.ws.close_code, talk.ws.close_reason) == (4001, "tschüs")
    assert talk.ws.exception() is None


@pytest.mark.parametrize("vanishes", [False, True])
async def test_messages_before_a_close_can_be_answered(
    serve: Serve, masked: Masked, vanishes: bool
) -> None:
    go_on = asyncio.Event()

    async def answer(ws: WebSocketResponse) -> list[WSMessage]:
        await go_on.wait()
        messages = []
        for _ in range(3):
            messages.append(await ws.receive())
            if messages[-1].type is WSMsgType.TEXT and not vanishes:
                assert not ws.closed
                await ws.send_str("answer")
        return messages

    talk = serve.talk(answer)
    peer = await (await serve(talk)).open()
    peer.send(masked(TEXT, b"1") + masked(TEXT, b"2") + masked(CLOSE, GOODBYE) + b"ignored")
    session: Any = talk.ws._session
    await until(lambda: session._connection.ending)
    peer.send(b"ignored")
    if vanishes:
        peer.vanish()
        await until(session._ended.is_set)
    else:
        peer.writer.write_eof()
        await until(lambda: session._half_closed)
    go_on.set()
    assert kinds(await talk.outcome()) == ["TEXT", "TEXT", "CLOSE"]
    assert talk.ws.close_code == 1000
    if not vanishes:
        assert await peer.rest() == b"\x81\x06answer\x81\x06answer\x88\x02\x03\xe8"


@pytest.mark.parametrize(("count", "size"), [(3000, 0), (1, 300_000)])
async def test_the_last_message_before_a_close_can_be_answered_however_full_the_queue_was(
    serve: Serve, masked: Masked, count: int, size: int
) -> None:
    go_on = asyncio.Event()

    async def answer(ws: WebSocketResponse) -> None:
        await go_on.wait()
        async for _ in ws:
            await ws.send_str("")

    talk = serve.talk(answer)
    peer = await (await serve(talk)).open()
    peer.send(masked(BINARY, bytes(size)) * count + masked(CLOSE, GOODBYE))
    session: Any = talk.ws._session
    await until(lambda: session.reading_paused)
    go_on.set()
    assert await peer.rest() == b"\x81\x00" * count + b"\x88\x02" + GOODBYE
    await talk.outcome()


@pytest.mark.parametrize("half_closed", [False, True])
async def test_messages_before_a_violation_can_be_answered(
    serve: Serve, masked: Masked, half_closed: bool
) -> None:
    go_on = asyncio.Event()

    async def answer(ws: WebSocketResponse) -> list[str]:
        await go_on.wait()
        seen = []
        async for message in ws:
            seen.append(message.type.name)
            if message.type is WSMsgType.TEXT:
                await ws.send_str("answer")
        return seen

    talk = serve.talk(answer)
    peer = await (await serve(talk)).open()
    peer.send(masked(TEXT, b"1") + b"\x83\x80\0\0\0\0")
    session: Any = talk.ws._session
    await until(lambda: session._connection.ending)
    if half_closed:
        peer.writer.write_eof()
        await until(lambda: session._half_closed)
    go_on.set()
    assert await peer.frame() == (TEXT, b"answer")
    assert (await peer.frame())[1][:2] == (1002).to_bytes(2)
    assert await peer.rest() == b""
    peer.close()
    assert await talk.outcome() == ["TEXT", "ERROR"]
    assert talk.ws.close_code == 1002


async def test_our_close_over_one_that_waits_is_the_client_s(serve: Serve, masked: Masked) -> None:
    go_on = asyncio.Event()

    async def close(ws: WebSocketResponse) -> bool:
        await go_on.wait()
        return await ws.close(code=4000)

    talk = serve.talk(close)
    peer = await (await serve(talk)).open()
    peer.send(masked(TEXT, b"unread") + masked(CLOSE, (4001).to_bytes(2)))
    session: Any = talk.ws._session
    await until(lambda: session._connection.ending)
    go_on.set()
    assert await peer.frame() == (CLOSE, (4001).to_bytes(2))
    assert await talk.outcome() is False


async def test_after_the_end_it_is_told_five_times(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        messages = [await ws.receive() for _ in range(6)]
        with pytest.raises(RuntimeError, match="closed"):
            await ws.receive()
        return messages

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    peer.send_frame(CLOSE, GOODBYE)
    assert kinds(await talk.outcome()) == ["CLOSE"] + ["CLOSED"] * 5


async def test_after_the_end_nothing_is_sent(serve: Serve) -> None:
    async def send(ws: WebSocketResponse) -> bool:
        async for _ in ws:
            pass
        for call in (ws.send_str("x"), ws.send_bytes(b"x"), ws.ping()):
            with pytest.raises(ClientConnectionResetError):
                await call
        return await ws.close()

    talk = serve.talk(send)
    peer = await (await serve(talk)).open()
    peer.send_frame(CLOSE, GOODBYE)
    assert await talk.outcome() is False


async def test_a_close_can_be_left_to_the_handler(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> list[object]:
        message = await ws.receive()
        after = await ws.receive()
        assert ws.closed
        return [message, after.type, await ws.close(code=message.data), await ws.close()]

    talk = serve.talk(close, autoclose=False)
    peer = await (await serve(talk)).open()
    peer.send_frame(CLOSE, (4002).to_bytes(2))
    # It waits, half closed, for our Close.
    peer.writer.write_eof()
    assert await peer.frame() == (CLOSE, (4002).to_bytes(2))
    assert await talk.outcome() == [
        (WSMsgType.CLOSE, 4002, ""),
        WSMsgType.CLOSED,
        True,
        False,
    ]


# --- the client vanishes ---


@pytest.mark.parametrize("how", ["close", "vanish"])
async def test_a_client_that_vanishes_ends_the_handler(serve: Serve, how: str) -> None:
    talk = serve.talk(collect)
    peer = await (await serve(talk)).open()
    peer.send_frame(TEXT, b"last words")
    await until(lambda: talk.ws._session is not None)
    if how == "close":
        peer.close()
    else:
        await asyncio.sleep(0.01)
        peer.vanish()
    messages = await talk.outcome()
    assert kinds(messages) == ["TEXT", "CLOSED"]
    assert talk.ws.close_code == 1006
    assert talk.ws.closed
    assert isinstance(talk.ws.exception(), ConnectionError)


async def test_a_half_closed_connection_is_at_its_end(serve: Serve) -> None:
    talk = serve.talk(collect)
    peer = await (await serve(talk)).open()
    peer.writer.write_eof()
    assert await peer.rest() == b""
    assert kinds(await talk.outcome()) == ["CLOSED"]
    assert talk.ws.close_code == 1006


async def test_a_sender_whose_client_vanishes_is_told(serve: Serve) -> None:
    async def send(ws: WebSocketResponse) -> None:
        while True:
            await ws.send_bytes(bytes(100_000))

    talk = serve.talk(send)
    peer = await (await serve(talk)).open()
    await until(lambda: talk.ws._session is not None and talk.ws._session.writing_paused)
    # A Pong waits then, too.
    peer.send_frame(PING)
    session: Any = talk.ws._session
    await until(lambda: session._connection.answering)
    peer.vanish()
    with pytest.raises(ClientConnectionResetError):
        await talk.outcome()
    assert talk.ws.close_code == 1006


async def test_messages_that_were_not_decoded_yet_survive_the_client(
    serve: Serve, masked: Masked
) -> None:
    go_on = asyncio.Event()

    async def receive(ws: WebSocketResponse) -> int:
        await go_on.wait()
        return sum([1 async for _ in ws])

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    # In one segment more than the queue takes.
    peer.send(masked(BINARY) * 3000)
    session: Any = talk.ws._session
    await until(lambda: session._connection.pending)
    session.connection_lost(None)
    go_on.set()
    assert await talk.outcome() == 3000


# --- the client breaks the protocol ---


@pytest.mark.parametrize(
    ("wire", "code"),
    [
        (b"\x81\x01a", 1002),
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\x81\x81\0\0\0\0\xff", 1007),
        (b"\x88\x82\0\0\0\0\x03\xed", 1002),
    ],
)
async def test_a_violation_is_delivered_after_what_came_before(
    serve: Serve, masked: Masked, wire: bytes, code: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    talk = serve.talk(collect)
    peer = await (await serve(talk)).open()
    peer.send(masked(TEXT, b"good") + wire + masked(TEXT, b"after"))
    opcode, payload = await peer.frame()
    assert (opcode, payload[:2]) == (CLOSE, code.to_bytes(2))
    assert await peer.rest() == b""
    peer.close()
    messages = await talk.outcome()
    assert kinds(messages) == ["TEXT", "ERROR", "CLOSED"]
    assert isinstance(messages[1].data, WebSocketError)
    assert talk.ws.exception() is messages[1].data
    assert talk.ws.close_code == code
    # A client's fault is a quiet line.
    assert [record.levelno for record in caplog.records] == [logging.INFO]
    assert "Traceback" not in caplog.text


async def test_a_client_that_goes_on_after_a_violation_is_cut_off(serve: Serve) -> None:
    talk = serve.talk(collect, timeout=0.1)
    peer = await (await serve(talk)).open()
    peer.send(b"\x81\x01a")
    await talk.outcome()
    session: Any = talk.ws._session
    async with asyncio.timeout(WAIT):
        while not session._ended.is_set():
            peer.send(bytes(1000))
            await asyncio.sleep(0.005)
    assert isinstance(talk.ws.exception(), WebSocketError)


async def test_a_client_that_vanishes_after_a_violation_is_quiet(
    serve: Serve, masked: Masked
) -> None:
    go_on = asyncio.Event()

    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        await go_on.wait()
        return await collect(ws)

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    peer.send(masked(TEXT, b"1") + b"\x83\x80\0\0\0\0")
    session: Any = talk.ws._session
    await until(lambda: session._connection.ending)
    peer.vanish()
    await until(session._ended.is_set)
    go_on.set()
    assert kinds(await talk.outcome()) == ["TEXT", "ERROR", "CLOSED"]
    assert talk.ws.close_code == 1002


async def test_bytes_on_their_way_do_not_take_the_close_frame_away(
    serve: Serve, masked: Masked
) -> None:
    talk = serve.talk(collect)
    peer = await (await serve(talk)).open()
    peer.send(b"\x81\x01a")
    await until(lambda: talk.ws.closed)
    for _ in range(100):
        peer.send(bytes(10_000))
        await asyncio.sleep(0)
    assert (await peer.frame())[1][:2] == (1002).to_bytes(2)
    assert await peer.rest() == b""
    peer.close()
