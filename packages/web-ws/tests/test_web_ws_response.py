"""``WebSocketResponse``: sending, receiving, waiting, over real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import BaseRequest
from tidegate_web_ws import WebSocketResponse, WSMessage, WSMessageTypeError, WSMsgType
from tidegate_web_ws.frames import BINARY, CLOSE, PING, PONG, TEXT
from tidegate_web_ws.session import QUEUE_LIMIT

if TYPE_CHECKING:
    from conftest import Masked, Serve

WAIT = 5.0
GOODBYE = b"\x03\xe8"


async def echo(request: BaseRequest) -> WebSocketResponse:
    ws = WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await ws.send_bytes(message.data)
    return ws


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


# --- before prepare ---


async def test_before_prepare_nothing_works() -> None:
    ws = WebSocketResponse()
    calls: list[Callable[[], Awaitable[object]]] = [
        lambda: ws.send_str("x"),
        lambda: ws.send_bytes(b"x"),
        lambda: ws.ping(),
        lambda: ws.pong(),
        lambda: ws.receive(),
        lambda: ws.close(),
        lambda: ws.write_eof(),
    ]
    for call in calls:
        with pytest.raises(RuntimeError, match="prepare"):
            await call()
    assert not ws.closed
    assert not ws.prepared
    nothing = [ws.close_code, ws.close_reason, ws.ws_protocol, ws.exception()]
    assert nothing == [None] * 4
    assert ws.get_extra_info("peername", "nobody") == "nobody"


async def test_a_websocket_has_no_body() -> None:
    ws = WebSocketResponse()
    with pytest.raises(RuntimeError, match="websocket"):
        await ws.write(b"x")
    with pytest.raises(RuntimeError, match="WebSocket"):
        await ws.write_eof(b"x")


# --- messages ---


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65535, 65536, 300_000])
async def test_messages_of_every_size_are_echoed(serve: Serve, size: int) -> None:
    peer = await (await serve(echo)).open()
    peer.send_frame(TEXT, b"t" * size)
    assert await peer.frame() == (TEXT, b"t" * size)
    payload = bytes(index % 251 for index in range(size))
    peer.send_frame(BINARY, payload)
    assert await peer.frame() == (BINARY, payload)


async def test_every_way_to_send(serve: Serve) -> None:
    async def send(ws: WebSocketResponse) -> None:
        await ws.send_str("naïve")
        await ws.send_bytes(bytearray(b"ab"))
        await ws.send_bytes(memoryview(b"abcd").cast("H"))
        await ws.send_json({"a": 1})
        await ws.send_json([1, 2], dumps=lambda data: "-".join(map(str, data)))
        await ws.send_json_bytes({"a": 1}, dumps=lambda data: json.dumps(data).encode())
        await ws.send_frame(b"raw", WSMsgType.TEXT)
        await ws.send_frame(b"raw", WSMsgType.BINARY)
        await ws.ping("hé")
        await ws.pong(b"p")

    peer = await (await serve(serve.talk(send))).open()
    assert [await peer.frame() for _ in range(10)] == [
        (TEXT, "naïve".encode()),
        (BINARY, b"ab"),
        (BINARY, b"abcd"),
        (TEXT, b'{"a": 1}'),
        (TEXT, b"1-2"),
        (BINARY, b'{"a": 1}'),
        (TEXT, b"raw"),
        (BINARY, b"raw"),
        (PING, "hé".encode()),
        (PONG, b"p"),
    ]
    await peer.settled()


async def test_what_can_t_be_sent_is_refused(serve: Serve) -> None:
    wrong: Any = object()

    async def send(ws: WebSocketResponse) -> None:
        for call in (ws.send_str, ws.send_bytes, ws.ping, ws.pong):
            with pytest.raises(TypeError, match="argument must be"):
                await call(wrong)
        with pytest.raises(TypeError, match="str"):
            await ws.send_str(b"bytes")  # type: ignore[arg-type] # what is refused
        with pytest.raises(TypeError, match="byte-ish"):
            await ws.send_bytes("str")  # type: ignore[arg-type] # what is refused
        with pytest.raises(ValueError, match="opcode"):
            await ws.send_frame(b"", WSMsgType.CLOSE)
        with pytest.raises(ValueError, match="125"):
            await ws.ping(bytes(126))
        with pytest.raises(ValueError, match="close code"):
            await ws.close(code=1005)
        with pytest.raises(ValueError, match="123"):
            await ws.close(message=bytes(124))
        await ws.send_str("still open")

    talk = serve.talk(send)
    peer = await (await serve(talk)).open()
    await talk.outcome()
    assert await peer.frame() == (TEXT, b"still open")
    await peer.settled()


async def test_every_way_to_receive(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[Any]:
        return [
            await ws.receive_str(),
            await ws.receive_bytes(),
            await ws.receive_json(),
            await ws.receive_json(loads=lambda text: text.upper()),
        ]

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    peer.send_frame(TEXT, "né".encode())
    peer.send_frame(BINARY, b"\xff")
    peer.send_frame(TEXT, b"[1]")
    peer.send_frame(TEXT, b"x")
    assert await talk.outcome() == ["né", b"\xff", [1], "X"]
    await peer.settled()


async def test_another_kind_than_asked_for_is_told(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> None:
        with pytest.raises(WSMessageTypeError, match="BINARY"):
            await ws.receive_str()
        with pytest.raises(WSMessageTypeError, match="TEXT"):
            await ws.receive_bytes()
        with pytest.raises(WSMessageTypeError, match="CLOSE"):
            await ws.receive_json()

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    peer.send_frame(BINARY, b"x")
    peer.send_frame(TEXT, b"x")
    peer.send_frame(CLOSE)
    await talk.outcome()


async def test_text_can_stay_bytes(serve: Serve) -> None:
    talk = serve.talk(WebSocketResponse.receive_str, decode_text=False)
    peer = await (await serve(talk)).open()
    peer.send_frame(TEXT, "é".encode())
    assert await talk.outcome() == "é".encode()


async def test_a_message_of_just_the_limit_passes_and_a_larger_one_is_1009(serve: Serve) -> None:
    talk = serve.talk(collect, max_msg_size=4)
    peer = await (await serve(talk)).open()
    peer.send_frame(BINARY, b"1234")
    peer.send_frame(BINARY, b"12345")
    messages = await talk.outcome()
    assert kinds(messages) == ["BINARY", "ERROR", "CLOSED"]
    opcode, payload = await peer.frame()
    assert (opcode, payload[:2]) == (CLOSE, (1009).to_bytes(2))
    assert talk.ws.close_code == 1009


async def test_pings_are_answered_while_nobody_receives(serve: Serve) -> None:
    go_on = asyncio.Event()

    async def busy(ws: WebSocketResponse) -> None:
        await go_on.wait()

    peer = await (await serve(serve.talk(busy))).open()
    peer.send_frame(PING, b"there?")
    assert await peer.frame() == (PONG, b"there?")
    go_on.set()
    await peer.settled()


async def test_pings_can_be_answered_by_the_handler(serve: Serve) -> None:
    async def answer(ws: WebSocketResponse) -> list[WSMessage]:
        messages = [await ws.receive(), await ws.receive()]
        await ws.pong(messages[0].data)
        return messages

    talk = serve.talk(answer, autoping=False)
    peer = await (await serve(talk)).open()
    peer.send_frame(PING, b"1")
    peer.send_frame(PONG, b"2")
    assert await peer.frame() == (PONG, b"1")
    assert kinds(await talk.outcome()) == ["PING", "PONG"]
    await peer.settled()


async def test_what_the_transport_knows_can_be_asked(serve: Serve) -> None:
    async def ask(ws: WebSocketResponse) -> list[Any]:
        return [ws.get_extra_info("peername")[0], ws.get_extra_info("nothing", "default")]

    talk = serve.talk(ask)
    peer = await (await serve(talk)).open()
    assert await talk.outcome() == ["127.0.0.1", "default"]
    await peer.settled()
    await until(lambda: talk.ws.get_extra_info("peername") is None)


# --- waiting ---


async def test_receiving_can_be_limited_in_time(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> object:
        with pytest.raises(TimeoutError):
            await ws.receive(timeout=0.02)
        with pytest.raises(TimeoutError):
            await ws.receive_str(timeout=0.02)
        await ws.send_str("now")
        return await ws.receive(timeout=WAIT)

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    assert await peer.frame() == (TEXT, b"now")
    peer.send_frame(TEXT, b"late")
    assert (await talk.outcome()).data == "late"
    await peer.settled()


async def test_the_time_to_receive_is_not_extended_by_pings(serve: Serve) -> None:
    talk = serve.talk(WebSocketResponse.receive, receive_timeout=0.1)
    peer = await (await serve(talk)).open()

    async def keep_pinging() -> None:
        while True:
            peer.send_frame(PING)
            await asyncio.sleep(0.01)

    pinging = asyncio.create_task(keep_pinging())
    with pytest.raises(TimeoutError):
        await talk.outcome()
    pinging.cancel()


async def test_a_cancelled_receive_loses_no_message(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[Any]:
        await ws.send_str("ready")
        waiting = asyncio.create_task(ws.receive())
        while not ws._session._messages:  # type: ignore[union-attr] # looked at from outside
            await asyncio.sleep(0)
        waiting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            return [(await waiting).data]
        return [(await ws.receive()).data]

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    await peer.frame()
    peer.send_frame(TEXT, b"kept")
    assert await talk.outcome() == ["kept"]
    await peer.settled()


async def test_only_one_task_receives(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> object:
        waiting = asyncio.create_task(ws.receive())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="Concurrent call"):
            await ws.receive()
        await ws.send_str("ready")
        return await waiting

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    await peer.frame()
    peer.send_frame(TEXT, b"for the first")
    assert (await talk.outcome()).data == "for the first"
    await peer.settled()


async def test_messages_that_nobody_receives_stop_the_client(serve: Serve) -> None:
    go_on = asyncio.Event()
    count = 200

    async def receive(ws: WebSocketResponse) -> int:
        await go_on.wait()
        received = 0
        async for message in ws:
            assert len(message.data) == 65536
            received += 1
        return received

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    for _ in range(count):
        peer.send_frame(BINARY, bytes(65536))
    peer.send_frame(CLOSE, GOODBYE)
    session: Any = talk.ws._session
    await until(lambda: session.reading_paused)
    assert session._held <= QUEUE_LIMIT + 65536 + 1000
    assert len(session._messages) < 20
    assert peer.writer.transport.get_write_buffer_size() > 0
    go_on.set()
    assert await talk.outcome() == count
    assert talk.ws.close_code == 1000


async def test_many_empty_messages_stop_the_client_too(serve: Serve, masked: Masked) -> None:
    go_on = asyncio.Event()
    count = 100_000

    async def receive(ws: WebSocketResponse) -> int:
        await go_on.wait()
        return sum([1 async for _ in ws])

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    peer.send(masked(BINARY) * count + masked(CLOSE))
    session: Any = talk.ws._session
    await until(lambda: session.reading_paused)
    assert len(session._messages) < 5000
    go_on.set()
    assert await talk.outcome() == count


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
async def test_sending_waits_for_a_slow_client(serve: Serve, opcode: int) -> None:
    chunk = b"x" * 1024 * 1024
    sent = 0

    async def send(ws: WebSocketResponse) -> None:
        nonlocal sent
        for _ in range(40):
            await (ws.send_bytes(chunk) if opcode == BINARY else ws.send_str(chunk.decode()))
            sent += 1

    talk = serve.talk(send)
    peer = await (await serve(talk)).open()
    await until(lambda: talk.ws._session is not None and talk.ws._session.writing_paused)
    before = sent
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert sent <= before + 1 < 40
    for _ in range(40):
        assert await peer.frame() == (opcode, chunk)
    await talk.outcome()
    await peer.settled()


async def test_a_flood_of_pings_to_a_client_that_does_not_read_fills_no_buffer(
    serve: Serve, masked: Masked
) -> None:
    async def send(ws: WebSocketResponse) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                while True:
                    await ws.send_bytes(bytes(100_000))
        async for _ in ws:
            pass

    talk = serve.talk(send)
    peer = await (await serve(talk)).open()
    session: Any
    await until(lambda: talk.ws._session is not None and talk.ws._session.writing_paused)
    session = talk.ws._session
    size = session.transport.get_write_buffer_size()
    for number in range(2000):
        peer.send(masked(PING, b"%0100d" % number))
        await asyncio.sleep(0)
    await until(lambda: session._connection.answering)
    peer.send(masked(PING, b"last") + masked(TEXT, b"seen"))
    await until(lambda: not session._messages)
    assert session.transport.get_write_buffer_size() <= size + 100_100
    # Once it reads, it gets the answer to the last.
    while (frame := await peer.frame())[0] != PONG or frame[1] != b"last":
        assert frame[0] in (BINARY, PONG)
    peer.send_frame(CLOSE, GOODBYE)
    while (frame := await peer.frame())[0] == BINARY:
        pass
    assert frame == (CLOSE, GOODBYE)
    await talk.outcome()
