"""``WebSocketResponse`` over real sockets, with a client that speaks in bytes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    BaseRequest,
    ClientConnectionResetError,
    HTTPBadRequest,
    Response,
    StreamResponse,
)
from tidegate_web_ws import (
    WebSocketError,
    WebSocketReady,
    WebSocketResponse,
    WSCloseCode,
    WSMessage,
    WSMessageTypeError,
    WSMsgType,
)
from tidegate_web_ws.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT
from tidegate_web_ws.session import QUEUE_LIMIT

if TYPE_CHECKING:
    from conftest import Masked, Peer, Serve, Served

WAIT = 5.0
GOODBYE = b"\x03\xe8"

Conversation = Callable[[WebSocketResponse], Awaitable[object]]


async def echo(request: BaseRequest) -> WebSocketResponse:
    ws = WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await ws.send_bytes(message.data)
    return ws


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


async def settled(peer: Peer) -> None:
    """Answer the server's Close and see the connection end."""
    opcode, payload = await peer.frame()
    assert opcode == CLOSE
    peer.send_frame(CLOSE, payload[:2])
    assert await peer.rest() == b""


# --- the handshake ---


async def test_a_handshake_is_answered_with_101(serve: Serve) -> None:
    served = await serve(echo)
    peer = await served.open()
    assert peer.head.startswith("HTTP/1.1 101 Switching Protocols\r\n")
    lines = peer.head.split("\r\n")
    assert "Upgrade: websocket" in lines
    assert "Connection: Upgrade" in lines
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in lines
    for absent in ("Content-", "Transfer-", "Sec-WebSocket-Protocol", "Sec-WebSocket-Ext"):
        assert absent not in peer.head


async def test_frames_may_come_with_the_handshake(serve: Serve, masked: Masked) -> None:
    served = await serve(echo)
    peer = await served.connect()
    writing = peer.handshake()
    first = asyncio.ensure_future(writing)
    await asyncio.sleep(0)
    peer.send(masked(TEXT, b"early"))
    await first
    assert await peer.frame() == (TEXT, b"early")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
        ("GET / HTTP/1.0\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", "400"),
    ],
)
async def test_a_request_that_is_no_handshake_is_refused(
    serve: Serve, request_: str, status: str
) -> None:
    peer = await (await serve(echo)).connect()
    peer.send(request_.encode())
    head = await peer.reader.readuntil(b"\r\n\r\n")
    assert head.split()[1].decode() == status


async def test_another_method_is_refused(serve: Serve) -> None:
    peer = await (await serve(echo)).connect()
    head = await peer.handshake(method="POST")
    assert head.startswith("HTTP/1.1 405 ")
    assert "Allow: GET\r\n" in head


async def test_a_handshake_with_a_body_is_refused(serve: Serve) -> None:
    peer = await (await serve(echo)).connect()
    assert (await peer.handshake("/", "Content-Length: 3")).startswith("HTTP/1.1 400 ")


async def test_another_version_is_told_which_one_to_use(serve: Serve) -> None:
    peer = await (await serve(echo)).connect()
    peer.send(
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n"
    )
    head = (await peer.reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 426 ")
    assert "Sec-WebSocket-Version: 13\r\n" in head


async def test_a_handler_can_ask_first(serve: Serve) -> None:
    seen: list[object] = []

    async def handler(request: BaseRequest) -> StreamResponse:
        ws = WebSocketResponse(protocols=["chat"])
        ready = ws.can_prepare(request)
        seen.append(ready)
        if not ready:
            return Response(text="plain")
        await ws.prepare(request)
        with pytest.raises(RuntimeError, match="Already started"):
            ws.can_prepare(request)
        return ws

    served = await serve(handler)
    plain = await served.connect()
    plain.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"plain" in await plain.rest()
    peer = await served.open("/", "Sec-WebSocket-Protocol: x", "Sec-WebSocket-Protocol: chat")
    assert "Sec-WebSocket-Protocol: chat\r\n" in peer.head
    await settled(peer)
    assert seen == [WebSocketReady(False, None), WebSocketReady(True, "chat")]


async def test_no_common_subprotocol_is_a_warning(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def goodbye(ws: WebSocketResponse) -> str | None:
        return ws.ws_protocol

    talk = Talk(goodbye, protocols=["chat"])
    served = await serve(talk)
    peer = await served.open("/", "Sec-WebSocket-Protocol: video")
    assert await talk.outcome() is None
    assert "'video'" in caplog.text
    assert caplog.records[0].levelno == logging.WARNING
    await settled(peer)


async def test_a_client_without_subprotocols_is_no_warning(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def goodbye(ws: WebSocketResponse) -> None:
        pass

    peer = await (await serve(Talk(goodbye, protocols=["chat"]))).open()
    await settled(peer)
    assert not caplog.records


async def test_a_handler_that_prepares_nothing_still_answers(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        return WebSocketResponse()

    peer = await (await serve(handler)).open()
    await settled(peer)


async def test_prepare_can_be_called_again(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        ws = WebSocketResponse()
        writer = await ws.prepare(request)
        assert await ws.prepare(request) is writer
        await ws.send_str("once")
        return ws

    peer = await (await serve(handler)).open()
    assert await peer.frame() == (TEXT, b"once")
    await settled(peer)


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

    peer = await (await serve(Talk(send))).open()
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
    await settled(peer)


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

    talk = Talk(send)
    peer = await (await serve(talk)).open()
    await talk.outcome()
    assert await peer.frame() == (TEXT, b"still open")
    await settled(peer)


async def test_every_way_to_receive(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[Any]:
        return [
            await ws.receive_str(),
            await ws.receive_bytes(),
            await ws.receive_json(),
            await ws.receive_json(loads=lambda text: text.upper()),
        ]

    talk = Talk(receive)
    peer = await (await serve(talk)).open()
    peer.send_frame(TEXT, "né".encode())
    peer.send_frame(BINARY, b"\xff")
    peer.send_frame(TEXT, b"[1]")
    peer.send_frame(TEXT, b"x")
    assert await talk.outcome() == ["né", b"\xff", [1], "X"]
    await settled(peer)


async def test_another_kind_than_asked_for_is_told(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> None:
        with pytest.raises(WSMessageTypeError, match="BINARY"):
            await ws.receive_str()
        with pytest.raises(WSMessageTypeError, match="TEXT"):
            await ws.receive_bytes()
        with pytest.raises(WSMessageTypeError, match="CLOSE"):
            await ws.receive_json()

    talk = Talk(receive)
    peer = await (await serve(talk)).open()
    peer.send_frame(BINARY, b"x")
    peer.send_frame(TEXT, b"x")
    peer.send_frame(CLOSE)
    await talk.outcome()


async def test_text_can_stay_bytes(serve: Serve) -> None:
    talk = Talk(WebSocketResponse.receive_str, decode_text=False)
    peer = await (await serve(talk)).open()
    peer.send_frame(TEXT, "é".encode())
    assert await talk.outcome() == "é".encode()


async def test_a_message_of_just_the_limit_passes_and_a_larger_one_is_1009(serve: Serve) -> None:
    talk = Talk(collect, max_msg_size=4)
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

    peer = await (await serve(Talk(busy))).open()
    peer.send_frame(PING, b"there?")
    assert await peer.frame() == (PONG, b"there?")
    go_on.set()
    await settled(peer)


async def test_pings_can_be_answered_by_the_handler(serve: Serve) -> None:
    async def answer(ws: WebSocketResponse) -> list[WSMessage]:
        messages = [await ws.receive(), await ws.receive()]
        await ws.pong(messages[0].data)
        return messages

    talk = Talk(answer, autoping=False)
    peer = await (await serve(talk)).open()
    peer.send_frame(PING, b"1")
    peer.send_frame(PONG, b"2")
    assert await peer.frame() == (PONG, b"1")
    assert kinds(await talk.outcome()) == ["PING", "PONG"]
    await settled(peer)


async def test_what_the_transport_knows_can_be_asked(serve: Serve) -> None:
    async def ask(ws: WebSocketResponse) -> list[Any]:
        return [ws.get_extra_info("peername")[0], ws.get_extra_info("nothing", "default")]

    talk = Talk(ask)
    peer = await (await serve(talk)).open()
    assert await talk.outcome() == ["127.0.0.1", "default"]
    await settled(peer)
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

    talk = Talk(receive)
    peer = await (await serve(talk)).open()
    assert await peer.frame() == (TEXT, b"now")
    peer.send_frame(TEXT, b"late")
    assert (await talk.outcome()).data == "late"
    await settled(peer)


async def test_the_time_to_receive_is_not_extended_by_pings(serve: Serve) -> None:
    talk = Talk(WebSocketResponse.receive, receive_timeout=0.1)
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

    talk = Talk(receive)
    peer = await (await serve(talk)).open()
    await peer.frame()
    peer.send_frame(TEXT, b"kept")
    assert await talk.outcome() == ["kept"]
    await settled(peer)


async def test_only_one_task_receives(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> object:
        waiting = asyncio.create_task(ws.receive())
        await asyncio.sleep(0)
        with pytest.raises(RuntimeError, match="Concurrent call"):
            await ws.receive()
        await ws.send_str("ready")
        return await waiting

    talk = Talk(receive)
    peer = await (await serve(talk)).open()
    await peer.frame()
    peer.send_frame(TEXT, b"for the first")
    assert (await talk.outcome()).data == "for the first"
    await settled(peer)


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

    talk = Talk(receive)
    peer = await (await serve(talk)).open()
    for _ in range(count):
        peer.send_frame(BINARY, bytes(65536))
    peer.send_frame(CLOSE, GOODBYE)
    session: Any = talk.ws._session
    await until(lambda: session._reading_paused)
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

    talk = Talk(receive)
    peer = await (await serve(talk)).open()
    peer.send(masked(BINARY) * count + masked(CLOSE))
    session: Any = talk.ws._session
    await until(lambda: session._reading_paused)
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

    talk = Talk(send)
    peer = await (await serve(talk)).open()
    await until(lambda: talk.ws._session is not None and talk.ws._session.writing_paused)
    before = sent
    for _ in range(20):
        await asyncio.sleep(0.001)
    assert sent <= before + 1 < 40
    for _ in range(40):
        assert await peer.frame() == (opcode, chunk)
    await talk.outcome()
    await settled(peer)


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

    talk = Talk(send)
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
    assert await peer.frame() == (CLOSE, GOODBYE)
    await talk.outcome()


# --- the client closes ---


async def test_the_client_s_close_is_answered_and_ends_the_loop(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        return [message async for message in ws]

    talk = Talk(receive)
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

    talk = Talk(answer)
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

    talk = Talk(answer)
    peer = await (await serve(talk)).open()
    peer.send(masked(BINARY, bytes(size)) * count + masked(CLOSE, GOODBYE))
    session: Any = talk.ws._session
    await until(lambda: session._reading_paused)
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

    talk = Talk(answer)
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

    talk = Talk(close)
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

    talk = Talk(receive)
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

    talk = Talk(send)
    peer = await (await serve(talk)).open()
    peer.send_frame(CLOSE, GOODBYE)
    assert await talk.outcome() is False


async def test_a_close_can_be_left_to_the_handler(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> list[object]:
        message = await ws.receive()
        after = await ws.receive()
        assert ws.closed
        return [message, after.type, await ws.close(code=message.data), await ws.close()]

    talk = Talk(close, autoclose=False)
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
    talk = Talk(collect)
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
    talk = Talk(collect)
    peer = await (await serve(talk)).open()
    peer.writer.write_eof()
    assert await peer.rest() == b""
    assert kinds(await talk.outcome()) == ["CLOSED"]
    assert talk.ws.close_code == 1006


async def test_a_sender_whose_client_vanishes_is_told(serve: Serve) -> None:
    async def send(ws: WebSocketResponse) -> None:
        while True:
            await ws.send_bytes(bytes(100_000))

    talk = Talk(send)
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

    talk = Talk(receive)
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
    talk = Talk(collect)
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
    talk = Talk(collect, timeout=0.1)
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

    talk = Talk(receive)
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
    talk = Talk(collect)
    peer = await (await serve(talk)).open()
    peer.send(b"\x81\x01a")
    await until(lambda: talk.ws.closed)
    for _ in range(100):
        peer.send(bytes(10_000))
        await asyncio.sleep(0)
    assert (await peer.frame())[1][:2] == (1002).to_bytes(2)
    assert await peer.rest() == b""
    peer.close()


# --- the server closes ---


async def test_close_waits_for_the_client_and_drops_what_comes_before(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> list[object]:
        await ws.receive()
        first = await ws.close(code=4000, message="enough")
        return [first, await ws.close(), (await ws.receive()).type]

    talk = Talk(close)
    peer = await (await serve(talk)).open()
    peer.send_frame(TEXT, b"go")
    assert await peer.frame() == (CLOSE, (4000).to_bytes(2) + b"enough")
    peer.send_frame(TEXT, b"dropped")
    peer.send_frame(BINARY, b"dropped", fin=False)
    assert not talk.ended.is_set()
    peer.send_frame(CLOSE, (4000).to_bytes(2) + b"fine")
    assert await peer.rest() == b""
    assert await talk.outcome() == [True, False, WSMsgType.CLOSED]
    # No timer outlives the connection.
    session: Any = talk.ws._session
    assert session._deadline.cancelled()
    assert (talk.ws.close_code, talk.ws.close_reason) == (4000, "fine")
    assert talk.ws.exception() is None


async def test_close_drops_what_was_not_received(serve: Serve, masked: Masked) -> None:
    go_on = asyncio.Event()

    async def close(ws: WebSocketResponse) -> list[WSMessage]:
        await go_on.wait()
        await ws.close()
        return await collect(ws)

    talk = Talk(close)
    peer = await (await serve(talk)).open()
    peer.send(masked(BINARY, bytes(1000)) * 1000)
    session: Any = talk.ws._session
    await until(lambda: session._reading_paused)
    go_on.set()
    await settled(peer)
    assert kinds(await talk.outcome()) == ["CLOSED"]


async def test_a_client_that_does_not_answer_is_waited_for_no_longer_than_the_timeout(
    serve: Serve,
) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        return await ws.close()

    talk = Talk(close, timeout=0.05)
    peer = await (await serve(talk)).open()
    assert await talk.outcome() is True
    assert talk.ws.close_code == 1006
    assert isinstance(talk.ws.exception(), TimeoutError)
    with contextlib.suppress(ConnectionResetError):
        assert await peer.rest() == b"\x88\x02\x03\xe8"


async def test_a_client_that_takes_no_bytes_is_waited_for_no_longer_either(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                while True:
                    await ws.send_bytes(bytes(1_000_000))
        return await ws.close()

    talk = Talk(close, timeout=0.05)
    await (await serve(talk)).open()
    assert await talk.outcome() is True
    assert talk.ws.close_code == 1006


async def test_without_draining_a_client_that_takes_no_bytes_is_aborted(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                while True:
                    await ws.send_bytes(bytes(1_000_000))
        return await ws.close(drain=False)

    talk = Talk(close, timeout=1000)
    await (await serve(talk)).open()
    assert await talk.outcome() is True
    assert talk.ws.close_code == 1006


async def test_a_violation_instead_of_an_answer_ends_it(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        return await ws.close()

    talk = Talk(close)
    peer = await (await serve(talk)).open()
    assert (await peer.frame())[0] == CLOSE
    peer.send(b"\x83\x80\0\0\0\0")
    assert await peer.rest() == b""
    assert await talk.outcome() is True
    assert talk.ws.close_code == 1006


async def test_a_close_from_another_task_wakes_the_receiver(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        return await collect(ws)

    talk = Talk(receive)
    peer = await (await serve(talk)).open()
    session: Any = talk.ws._session
    await until(lambda: session._waiter is not None)
    closing = asyncio.create_task(talk.ws.close(code=4003, message=b"kept"))
    # The handler may end before close() does: its code and reason are sent all the same.
    assert await peer.frame() == (CLOSE, (4003).to_bytes(2) + b"kept")
    peer.send_frame(CLOSE, (4003).to_bytes(2))
    assert await peer.rest() == b""
    assert await closing is True
    assert kinds(await talk.outcome()) == ["CLOSING", "CLOSED"]
    assert talk.ws.close_code == 4003


async def test_a_handler_that_returns_closes_with_1000(serve: Serve) -> None:
    async def goodbye(ws: WebSocketResponse) -> None:
        await ws.send_str("bye")

    peer = await (await serve(Talk(goodbye))).open()
    assert await peer.frame() == (TEXT, b"bye")
    assert await peer.frame() == (CLOSE, GOODBYE)
    peer.send_frame(CLOSE, GOODBYE)
    assert await peer.rest() == b""


async def test_a_handler_that_raises_after_its_own_close_is_answered_nothing_else(
    serve: Serve,
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        ws = WebSocketResponse()
        await ws.prepare(request)
        await ws.close(code=WSCloseCode.POLICY_VIOLATION)
        raise HTTPBadRequest

    peer = await (await serve(handler)).open()
    opcode, payload = await peer.frame()
    assert (opcode, payload) == (CLOSE, (1008).to_bytes(2))
    peer.send_frame(CLOSE, payload)
    assert await peer.rest() == b""


async def test_the_server_s_shutdown_closes_with_1001(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        messages = await collect(ws)
        with pytest.raises(ClientConnectionResetError):
            await ws.send_str("late")
        return messages

    talk = Talk(receive)
    served: Served = await serve(talk, shutdown_timeout=WAIT)
    peer = await served.open()
    session: Any = talk.ws._session
    await until(lambda: session._waiter is not None)
    cleaning = asyncio.create_task(served.runner.cleanup())
    assert await peer.frame() == (CLOSE, (1001).to_bytes(2))
    peer.send_frame(CLOSE, (1001).to_bytes(2))
    assert await peer.rest() == b""
    await cleaning
    assert kinds(await talk.outcome()) == ["CLOSING", "CLOSED"]
    assert talk.ws.close_code == 1001


async def test_messages_received_before_a_shutdown_are_delivered(serve: Serve) -> None:
    go_on = asyncio.Event()

    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        await go_on.wait()
        return await collect(ws)

    talk = Talk(receive)
    served = await serve(talk, shutdown_timeout=WAIT)
    peer = await served.open()
    peer.send_frame(TEXT, b"before")
    session: Any = talk.ws._session
    await until(lambda: session._messages)
    cleaning = asyncio.create_task(served.runner.cleanup())
    await settled(peer)
    go_on.set()
    await cleaning
    assert kinds(await talk.outcome()) == ["TEXT", "CLOSED"]


async def test_a_shutdown_leaves_a_closing_connection_alone(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        return await ws.close(code=4004)

    talk = Talk(close)
    served = await serve(talk, shutdown_timeout=WAIT)
    peer = await served.open()
    assert await peer.frame() == (CLOSE, (4004).to_bytes(2))
    cleaning = asyncio.create_task(served.runner.cleanup())
    await asyncio.sleep(0)
    peer.send_frame(CLOSE, (4004).to_bytes(2))
    assert await peer.rest() == b""
    await cleaning
    assert await talk.outcome() is True


async def test_fragments_of_a_message_come_as_one(serve: Serve) -> None:
    peer = await (await serve(echo)).open()
    peer.send_frame(TEXT, b"\xc3", fin=False)
    peer.send_frame(PING, b"between")
    peer.send_frame(CONTINUATION, b"\xa9")
    assert await peer.frame() == (PONG, b"between")
    assert await peer.frame() == (TEXT, "é".encode())
