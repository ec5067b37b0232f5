"""Connections that are handed over to another protocol, and upgrades that are declined."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import (
    BaseRequest,
    ClientConnectionResetError,
    Response,
    StreamResponse,
    Upgraded,
    upgrade,
)

if TYPE_CHECKING:
    from conftest import Connection, Log, Serve, Served, Until

ASK = b"GET /up HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
NEXT = b"GET /next HTTP/1.1\r\nHost: test\r\n\r\n"


class Receiver:
    """Keeps what a peer sends, and how it ends."""

    def __init__(self) -> None:
        self.data = b""
        self.calls: list[str] = []
        self.changed = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        self.data += data
        self._note("data")

    def eof_received(self) -> None:
        self._note("eof")

    def connection_lost(self, exc: Exception | None) -> None:
        self._note("lost")

    def pause_writing(self) -> None:
        self._note("pause")

    def resume_writing(self) -> None:
        self._note("resume")

    def shutdown(self) -> None:
        self._note("shutdown")

    async def handler_failed(self) -> None:
        self._note("failed")

    def _note(self, call: str) -> None:
        self.calls.append(call)
        self.changed.set()

    async def until(self, call: str) -> None:
        async with asyncio.timeout(3):
            while call not in self.calls:
                self.changed.clear()
                await self.changed.wait()


class Upgrader:
    """A handler that accepts an upgrade and lets the test drive what follows."""

    def __init__(self, *, waits: bool = False) -> None:
        self.receiver = Receiver()
        self.accepted: asyncio.Future[Upgraded] = asyncio.get_running_loop().create_future()
        self.finish = asyncio.Event()
        self.may_accept = asyncio.Event()
        if not waits:
            self.may_accept.set()

    async def __call__(self, request: BaseRequest) -> StreamResponse:
        await self.may_accept.wait()
        response = StreamResponse(status=101, headers={"Connection": "Upgrade", "Upgrade": "echo"})
        await response.prepare(request)
        self.accepted.set_result(upgrade(request, self.receiver))
        await self.finish.wait()
        return response


def try_upgrade(request: BaseRequest) -> str:
    """Hand the connection over; return why not, when that is refused."""
    try:
        upgrade(request, Receiver())
    except RuntimeError as exc:
        return str(exc)
    return "handed over"


async def accept(served: Served, upgrader: Upgrader, behind: bytes = b"") -> Connection:
    connection = await served.connect()
    connection.send(ASK + behind)
    assert (await connection.answer()).status == 101
    return connection


async def test_bytes_pass_both_ways_after_an_upgrade(serve: Serve) -> None:
    upgrader = Upgrader()
    connection = await accept(await serve(upgrader), upgrader)
    upgraded = await upgrader.accepted
    connection.send(b"ping\r\n\r\n")
    await upgrader.receiver.until("data")
    assert upgrader.receiver.data == b"ping\r\n\r\n"
    upgraded.write(b"pong")
    await upgraded.drain()
    assert await connection.reader.readexactly(4) == b"pong"
    assert not upgraded.writing_paused
    assert upgraded.transport is not None


async def test_the_answer_to_an_upgrade_has_no_framing(serve: Serve) -> None:
    upgrader = Upgrader()
    connection = await (await serve(upgrader)).connect()
    connection.send(ASK)
    answer = await connection.answer()
    assert answer.headers["connection"] == "Upgrade"
    assert "content-length" not in answer.headers
    assert "transfer-encoding" not in answer.headers


async def test_bytes_that_came_with_the_request_come_first(serve: Serve) -> None:
    upgrader = Upgrader()
    connection = await accept(await serve(upgrader), upgrader, b"\x81\x00GET first")
    connection.send(b" second")
    while not upgrader.receiver.data.endswith(b"second"):
        await upgrader.receiver.until("data")
        upgrader.receiver.calls.clear()
    assert upgrader.receiver.data == b"\x81\x00GET first second"


@pytest.mark.parametrize("behind", [b"\x81\x05hello", NEXT, b"GET / HT", b"\r\n"])
async def test_bytes_that_come_while_the_handler_decides_are_kept(
    serve: Serve, until: Until, behind: bytes
) -> None:
    upgrader = Upgrader(waits=True)
    served = await serve(upgrader)
    connection = await served.connect()
    connection.send(ASK)
    await until(lambda: any(c.task is not None for c in served.server.connections))
    connection.send(behind)
    await asyncio.sleep(0.02)
    upgrader.may_accept.set()
    assert (await connection.answer()).status == 101
    await upgrader.receiver.until("data")
    assert upgrader.receiver.data == behind


@pytest.mark.parametrize("slow", [True, False])
@pytest.mark.parametrize("behind", [b"\x81\x05hello", NEXT, b"GET / HT", b"zz\r\n\r\n"])
async def test_bytes_behind_an_upgrade_in_the_pipeline_are_kept(
    serve: Serve, slow: bool, behind: bytes
) -> None:
    upgrader = Upgrader()

    async def handler(request: BaseRequest) -> StreamResponse:
        if request.path == "/up":
            return await upgrader(request)
        if slow:
            await asyncio.sleep(0.01)
        return Response(text=request.path)

    connection = await (await serve(handler)).connect()
    connection.send(NEXT + NEXT + ASK + behind)
    assert [(await connection.answer()).text for _ in range(2)] == ["/next", "/next"]
    assert (await connection.answer()).status == 101
    await upgrader.receiver.until("data")
    assert upgrader.receiver.data == behind


async def test_the_connection_closes_when_the_handler_returns(serve: Serve) -> None:
    upgrader = Upgrader()
    connection = await accept(await serve(upgrader), upgrader)
    (await upgrader.accepted).write(b"bye")
    upgrader.finish.set()
    assert await connection.rest() == b"bye"
    await upgrader.receiver.until("lost")


async def test_a_handler_that_upgrades_and_returns_at_once_closes(serve: Serve) -> None:
    receiver = Receiver()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(status=101)
        await response.prepare(request)
        upgrade(request, receiver)
        return response

    connection = await (await serve(handler)).connect()
    connection.send(ASK)
    assert (await connection.answer()).status == 101
    assert await connection.closed()
    await receiver.until("lost")


async def test_the_receiver_is_told_of_a_half_close_and_the_handler_can_still_write(
    serve: Serve,
) -> None:
    upgrader = Upgrader()
    connection = await accept(await serve(upgrader), upgrader)
    connection.half_close()
    await upgrader.receiver.until("eof")
    (await upgrader.accepted).write(b"last words")
    upgrader.finish.set()
    assert await connection.rest() == b"last words"
    assert upgrader.receiver.calls == ["eof", "lost"]


async def test_the_receiver_is_told_of_a_lost_connection_and_writing_raises(serve: Serve) -> None:
    upgrader = Upgrader()
    connection = await accept(await serve(upgrader), upgrader)
    connection.reset()
    await upgrader.receiver.until("lost")
    upgraded = await upgrader.accepted
    assert upgraded.transport is None
    with pytest.raises(ClientConnectionResetError):
        upgraded.write(b"x")
    with pytest.raises(ClientConnectionResetError):
        await upgraded.drain()
    upgrader.finish.set()


async def test_a_writer_waits_for_a_slow_peer(serve: Serve, until: Until) -> None:
    upgrader = Upgrader()
    served = await serve(upgrader)
    connection = await served.connect(receive_buffer=4096)
    connection.send(ASK)
    await connection.answer()
    upgraded = await upgrader.accepted
    size = 10_000_000
    upgraded.write(b"x" * size)
    assert upgraded.writing_paused
    drained = asyncio.ensure_future(upgraded.drain())
    await asyncio.sleep(0.01)
    assert not drained.done()
    await connection.reader.readexactly(size)
    await drained
    assert not upgraded.writing_paused


async def test_reading_can_be_paused_and_resumed(serve: Serve) -> None:
    upgrader = Upgrader()
    connection = await accept(await serve(upgrader), upgrader)
    upgraded = await upgrader.accepted
    upgraded.pause_reading()
    connection.send(b"late")
    await asyncio.sleep(0.02)
    assert upgrader.receiver.calls == []
    upgraded.resume_reading()
    await upgrader.receiver.until("data")
    assert upgrader.receiver.data == b"late"


@pytest.mark.parametrize("how", ["close", "abort"])
async def test_the_handler_can_end_the_connection(serve: Serve, how: str) -> None:
    upgrader = Upgrader()
    connection = await accept(await serve(upgrader), upgrader)
    upgraded = await upgrader.accepted
    upgraded.close() if how == "close" else upgraded.abort()
    with pytest.raises(ClientConnectionResetError):
        upgraded.write(b"too late")
    await connection.until_lost()
    await upgrader.receiver.until("lost")
    upgrader.finish.set()


async def test_a_server_that_goes_away_tells_the_receiver_and_waits(serve: Serve) -> None:
    upgrader = Upgrader()
    served = await serve(upgrader, shutdown_timeout=3)
    connection = await accept(served, upgrader)
    cleanup = asyncio.ensure_future(served.runner.cleanup())
    await upgrader.receiver.until("shutdown")
    (await upgrader.accepted).write(b"goodbye")
    upgrader.finish.set()
    await cleanup
    assert await connection.rest() == b"goodbye"
    assert upgrader.receiver.calls == ["shutdown", "lost"]


async def test_a_plain_request_cannot_be_handed_over(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        return Response(text=try_upgrade(request))

    connection = await (await serve(handler)).connect()
    expected = "only a request that asks for an upgrade can hand its connection on"
    assert (await connection.ask("/")).text == expected
    assert (await connection.ask("/", "Upgrade: echo")).text == expected


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n",
    ],
)
async def test_a_request_that_closes_or_is_too_old_did_not_ask_for_an_upgrade(
    serve: Serve, head: bytes
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        return Response(text=try_upgrade(request))

    answer = await (await serve(handler)).ask(head)
    assert answer.text == "only a request that asks for an upgrade can hand its connection on"


async def test_a_connection_is_handed_over_once(serve: Serve) -> None:
    results: asyncio.Queue[str] = asyncio.Queue()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(status=101)
        await response.prepare(request)
        results.put_nowait(try_upgrade(request))
        results.put_nowait(try_upgrade(request))
        return response

    connection = await (await serve(handler)).connect()
    connection.send(ASK)
    assert (await connection.answer()).status == 101
    assert await asyncio.wait_for(results.get(), 3) == "handed over"
    assert await asyncio.wait_for(results.get(), 3) != "handed over"


async def test_a_connection_that_is_gone_cannot_be_handed_over(serve: Serve, until: Until) -> None:
    refused = asyncio.Event()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(status=101)
        await response.prepare(request)
        await until(lambda: request.transport is None)
        try:
            upgrade(request, Receiver())
        except ClientConnectionResetError:
            refused.set()
            raise
        return response

    connection = await (await serve(handler)).connect()
    connection.send(ASK)
    await connection.answer()
    connection.reset()
    await asyncio.wait_for(refused.wait(), 3)


async def test_bytes_behind_an_upgrade_that_ends_at_once_are_delivered_before_the_end(
    serve: Serve,
) -> None:
    receiver = Receiver()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(status=101)
        await response.prepare(request)
        upgrade(request, receiver)
        return response

    connection = await (await serve(handler)).connect()
    connection.send(ASK + b"behind")
    assert (await connection.answer()).status == 101
    assert await connection.closed()
    await receiver.until("lost")
    assert receiver.calls[-1] == "lost"
    assert receiver.data in (b"", b"behind")


async def test_a_half_close_with_the_request_is_told_after_the_bytes(serve: Serve) -> None:
    upgrader = Upgrader(waits=True)
    connection = await (await serve(upgrader)).connect()
    connection.send(ASK + b"all there is")
    connection.half_close()
    await asyncio.sleep(0.02)
    upgrader.may_accept.set()
    assert (await connection.answer()).status == 101
    await upgrader.receiver.until("eof")
    assert upgrader.receiver.data == b"all there is"
    assert upgrader.receiver.calls == ["data", "eof"]
    (await upgrader.accepted).write(b"last words")
    upgrader.finish.set()
    assert await connection.rest() == b"last words"


@pytest.mark.parametrize("slow", [True, False])
async def test_a_declined_upgrade_leaves_the_requests_behind_it_intact(
    serve: Serve, slow: bool
) -> None:
    async def handler(request: BaseRequest) -> Response:
        if slow:
            await asyncio.sleep(0.01)
        return Response(text=request.path)

    connection = await (await serve(handler)).connect()
    connection.send(ASK + NEXT + ASK)
    assert [(await connection.answer()).text for _ in range(3)] == ["/up", "/next", "/up"]
    connection.send(NEXT)
    assert (await connection.answer()).text == "/next"


async def test_a_declined_upgrade_leaves_requests_that_come_later_intact(
    serve: Serve, until: Until
) -> None:
    go = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        await go.wait()
        return Response(text=request.path)

    served = await serve(handler)
    connection = await served.connect()
    connection.send(ASK)
    await until(lambda: any(c.task is not None for c in served.server.connections))
    connection.send(NEXT + NEXT[:10])
    await asyncio.sleep(0.01)
    connection.send(NEXT[10:])
    await asyncio.sleep(0.01)
    go.set()
    assert [(await connection.answer()).text for _ in range(3)] == ["/up", "/next", "/next"]


@pytest.mark.parametrize("read", [True, False])
async def test_a_declined_upgrade_with_a_body_leaves_the_body_and_what_follows(
    serve: Serve, read: bool
) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(body=await request.read() if read else b"unread")

    ask = ASK.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\n")
    connection = await (await serve(handler)).connect()
    connection.send(ask + b"bo")
    await asyncio.sleep(0.01)
    connection.send(b"dy" + NEXT)
    answers = [(await connection.answer()).body for _ in range(2)]
    assert answers == ([b"body", b""] if read else [b"unread", b"unread"])


async def test_an_upgrade_with_a_body_that_is_still_arriving_is_refused(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(text=f"{try_upgrade(request)}: {await request.text()}")

    ask = ASK.replace(b"GET", b"POST").replace(b"\r\n\r\n", b"\r\nContent-Length: 4\r\n\r\n")
    connection = await (await serve(handler)).connect()
    connection.send(ask + b"bo")
    await asyncio.sleep(0.01)
    connection.send(b"dy")
    answer = await connection.answer()
    assert (
        answer.text == "only a request that asks for an upgrade can hand its connection on: body"
    )


async def test_a_flood_behind_an_upgrade_stops_the_transport(serve: Serve, until: Until) -> None:
    # Nobody has asked for these bytes yet, so they must not be kept without a bound.
    upgrader = Upgrader(waits=True)
    served = await serve(upgrader)
    connection = await served.connect()
    connection.send(ASK)
    await until(lambda: any(c.task is not None for c in served.server.connections))
    transport = served.server.connections[0].transport
    assert transport is not None
    total = 5_000_000
    connection.send(b"x" * total)
    await until(lambda: not transport.is_reading())
    upgrader.may_accept.set()
    assert (await connection.answer()).status == 101
    await until(lambda: len(upgrader.receiver.data) == total)


async def test_the_receiver_is_told_when_writing_should_wait(serve: Serve) -> None:
    upgrader = Upgrader()
    served = await serve(upgrader)
    connection = await served.connect(receive_buffer=4096)
    connection.send(ASK)
    await connection.answer()
    upgraded = await upgrader.accepted
    upgraded.writelines([b"x" * 5_000_000, b"y" * 5_000_000])
    assert upgrader.receiver.calls == ["pause"]
    got = 0
    async with asyncio.timeout(5):
        while got < 10_000_000:
            got += len(await connection.reader.read(1_000_000))
    await upgrader.receiver.until("resume")
    upgrader.finish.set()
    await upgrader.receiver.until("lost")
    with pytest.raises(ClientConnectionResetError):
        upgraded.writelines([b"late"])


async def test_a_handler_that_fails_lets_the_receiver_say_goodbye(serve: Serve, log: Log) -> None:
    class Polite(Receiver):
        upgraded: Upgraded

        async def handler_failed(self) -> None:
            self.upgraded.write(b"sorry")
            await asyncio.sleep(0)
            self.upgraded.write(b"bye")
            self._note("failed")

    receiver = Polite()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(status=101)
        await response.prepare(request)
        receiver.upgraded = upgrade(request, receiver)
        raise LookupError("the handler failed")

    connection = await (await serve(handler)).connect()
    connection.send(ASK)
    assert (await connection.answer()).status == 101
    assert await connection.rest() == b"sorrybye"
    await receiver.until("lost")
    assert receiver.calls == ["failed", "lost"]
    assert "the handler failed" in str(log.take_one().exc_info)
