"""The heartbeat: its decisions by a clock of the test's own, then over real sockets."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import BaseRequest
from tidegate_web_ws import WebSocketResponse, WSMsgType
from tidegate_web_ws.frames import BINARY, CLOSE, PING, PONG, TEXT
from tidegate_web_ws.heartbeat import Heartbeat

if TYPE_CHECKING:
    from conftest import Serve

WAIT = 5.0


class Watched:
    """A client that the test plays."""

    def __init__(self) -> None:
        self.reading_paused = False
        self.writing_paused = False
        self.acknowledged = 0
        self.pings = 0
        self.silent = False

    def send_ping(self) -> None:
        self.pings += 1

    def client_silent(self) -> None:
        self.silent = True


class Clocked:
    """A heartbeat of 10 seconds whose looks are taken when the test says so."""

    def __init__(self) -> None:
        self.watched = Watched()
        self.heartbeat = Heartbeat(10, self.watched)
        self.heartbeat.stop()
        self.start = self.heartbeat.heard

    def look(self, seconds: float) -> float | None:
        delay = self.heartbeat._next_look(self.watched, self.start + seconds)
        return None if delay is None else round(delay, 3)

    def hear(self, seconds: float) -> None:
        self.heartbeat.heard = self.start + seconds


@pytest.fixture
async def clocked() -> Clocked:
    return Clocked()


async def test_silence_is_pinged_and_then_given_up(clocked: Clocked) -> None:
    assert clocked.look(10) == 5
    assert clocked.watched.pings == 1
    assert clocked.look(15) == 0.02  # the loop gets a chance to read
    assert clocked.look(15.02) is None


async def test_any_byte_puts_the_ping_off(clocked: Clocked) -> None:
    clocked.hear(7)
    assert clocked.look(10) == 7
    assert clocked.watched.pings == 0
    assert clocked.look(17) == 5
    assert clocked.watched.pings == 1
    clocked.hear(18)  # not the pong: any byte
    assert clocked.look(22) == 6
    assert clocked.look(28) == 5


async def test_what_came_while_the_loop_was_busy_counts(clocked: Clocked) -> None:
    assert clocked.look(10) == 5
    assert clocked.look(40) == 0.02
    clocked.hear(40.01)
    assert clocked.look(40.02) == 9.99


async def test_while_this_side_does_not_read_nobody_is_blamed(clocked: Clocked) -> None:
    assert clocked.look(10) == 5
    clocked.watched.reading_paused = True
    assert clocked.look(15) == 10
    assert clocked.look(100) == 10
    clocked.watched.reading_paused = False
    assert clocked.look(110) == 5


async def test_a_client_that_takes_what_is_sent_lives(clocked: Clocked) -> None:
    assert clocked.look(10) == 5
    for second in (15, 20, 25):
        clocked.watched.acknowledged += 1
        assert clocked.look(second) == 5
    assert clocked.look(30) == 0.02
    assert clocked.look(31) is None


async def test_no_ping_is_added_to_what_waits(clocked: Clocked) -> None:
    clocked.watched.writing_paused = True
    assert clocked.look(10) == 10
    assert clocked.watched.pings == 0


# --- over real sockets ---


class Chat:
    """A handler with a heartbeat that receives to the end."""

    def __init__(self, heartbeat: float) -> None:
        self.ws = WebSocketResponse(heartbeat=heartbeat)
        self.kinds: list[WSMsgType] = []
        self.ended = asyncio.Event()

    async def __call__(self, request: BaseRequest) -> WebSocketResponse:
        await self.ws.prepare(request)
        while not self.kinds or self.kinds[-1] is not WSMsgType.CLOSED:
            self.kinds.append((await self.ws.receive()).type)
        self.ended.set()
        return self.ws


async def test_a_silent_client_is_given_up(serve: Serve) -> None:
    chat = Chat(0.05)
    peer = await (await serve(chat)).open()
    assert (await peer.frame())[0] == PING
    async with asyncio.timeout(WAIT):
        await chat.ended.wait()
    assert chat.kinds == [WSMsgType.CLOSED]
    assert chat.ws.close_code == 1006
    assert isinstance(chat.ws.exception(), TimeoutError)
    session: Any = chat.ws._session
    assert session._heartbeat._timer is None


async def test_a_client_that_answers_lives_and_its_latency_is_known(serve: Serve) -> None:
    chat = Chat(0.05)
    peer = await (await serve(chat)).open()
    for _ in range(4):
        opcode, payload = await peer.frame()
        assert opcode == PING
        peer.send_frame(PONG, payload)
    peer.send_frame(CLOSE, b"\x03\xe8")
    assert await peer.frame() == (CLOSE, b"\x03\xe8")
    assert chat.ws.latency is not None
    assert 0 < chat.ws.latency < WAIT
    async with asyncio.timeout(WAIT):
        await chat.ended.wait()
    session: Any = chat.ws._session
    assert session._heartbeat._timer is None


async def test_a_handler_that_only_sends_keeps_a_healthy_client(serve: Serve) -> None:
    # Its pongs are read though nobody receives.
    going = asyncio.Event()
    ws = WebSocketResponse(heartbeat=0.03)

    async def handler(request: BaseRequest) -> WebSocketResponse:
        await ws.prepare(request)
        await going.wait()
        await ws.send_str("still here")
        return ws

    peer = await (await serve(handler)).open()
    for _ in range(6):
        opcode, payload = await peer.frame()
        assert opcode == PING
        peer.send_frame(PONG, payload)
    going.set()
    while (frame := await peer.frame())[0] == PING:
        peer.send_frame(PONG, frame[1])
    assert frame == (TEXT, b"still here")


async def test_a_client_that_reads_slowly_is_not_blamed(serve: Serve) -> None:
    # The ping is behind megabytes, which it takes bit by bit.
    ws = WebSocketResponse(heartbeat=0.4, compress=False, writer_limit=2**30)
    size = 16 * 1024 * 1024

    async def handler(request: BaseRequest) -> WebSocketResponse:
        await ws.prepare(request)
        await ws.send_bytes(bytes(size))
        async for _ in ws:
            pass
        return ws

    peer = await (await serve(handler)).open()
    head = await peer.reader.readexactly(10)
    assert head[0] == 0x80 | BINARY
    got = 0
    async with asyncio.timeout(12 * WAIT):
        while got < size:
            got += len(await peer.reader.read(min(size - got, 1024 * 1024)))
            await asyncio.sleep(0.01)
    assert ws.open


async def test_the_heartbeat_ends_with_a_client_that_vanishes(serve: Serve) -> None:
    chat = Chat(1000)
    peer = await (await serve(chat)).open()
    peer.vanish()
    async with asyncio.timeout(WAIT):
        await chat.ended.wait()
    session: Any = chat.ws._session
    # No timer outlives the connection.
    assert session._heartbeat._timer is None
