"""How long clients are waited for; the times are shortened, and nothing is measured."""

from __future__ import annotations

import asyncio
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import (
    BaseRequest,
    HttpProtocol,
    RequestPayloadError,
    Response,
    StreamResponse,
    Timeouts,
)

if TYPE_CHECKING:
    from conftest import Log, Serve, Until

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\n"


async def hello(request: BaseRequest) -> Response:
    return Response(text="hello")


async def echo(request: BaseRequest) -> Response:
    return Response(body=await request.read())


def only(**limits: float) -> Timeouts:
    """Time-outs of which all but *limits* are off."""
    return Timeouts(**dict.fromkeys((f.name for f in fields(Timeouts)), 0.0) | limits)


# --- the settings ---


def test_time_outs_are_on_by_default() -> None:
    defaults = {f.name: getattr(Timeouts(), f.name) for f in fields(Timeouts)}
    assert defaults == {
        "first_byte": 30.0,
        "head": 30.0,
        "body": 60.0,
        "keep_alive": 75.0,
        "write": 60.0,
        "linger": 5.0,
    }


@pytest.mark.parametrize("name", [f.name for f in fields(Timeouts)])
def test_a_negative_time_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match=f"timeout {name} is 0 or more seconds, got -1"):
        Timeouts(**{name: -1})


def test_a_time_out_never_fires_early_and_zero_never_fires() -> None:
    timeouts = Timeouts(first_byte=10.0, head=0.0)
    assert timeouts.step == 1.0
    assert not timeouts.over("first_byte", 11.0)
    assert timeouts.over("first_byte", 11.1)
    assert not timeouts.over("head", 1e9)


def test_the_clock_moves_in_quarters_of_the_shortest_time() -> None:
    assert Timeouts(body=0.4).step == 0.1
    assert only().step == 1.0


# --- what they do ---


async def test_a_silent_connection_is_closed(serve: Serve) -> None:
    served = await serve(hello, timeouts=only(first_byte=0.05))
    assert await (await served.connect()).closed()


async def test_a_connection_that_spoke_is_not_waited_for_as_a_silent_one(serve: Serve) -> None:
    served = await serve(hello, timeouts=only(first_byte=0.1))
    connection = await served.connect()
    await connection.ask("/")
    silent = await served.connect()
    assert await silent.closed()
    assert (await connection.ask("/")).text == "hello"


async def test_a_head_that_does_not_come_is_a_408(serve: Serve, log: Log) -> None:
    connection = await (await serve(hello, timeouts=only(head=0.05))).connect()
    connection.send(GET[:-2])
    answer = await connection.answer()
    assert answer.status == 408
    assert answer.headers["connection"] == "close"
    assert await connection.closed()
    assert "head did not come in time" in log.quiet_lines()[0]


async def test_a_head_that_drips_is_not_given_more_time(serve: Serve) -> None:
    connection = await (await serve(hello, timeouts=only(head=0.2))).connect()
    answer = asyncio.ensure_future(connection.answer())
    head = b"GET / HTTP/1.1\r\nHost: test\r\n" + b"X-Drip: drop\r\n" * 20
    for byte in head:
        connection.send(bytes([byte]))
        await asyncio.wait([answer], timeout=0.02)
        if answer.done():
            break
    assert (await answer).status == 408
    assert await connection.closed()


async def test_the_second_head_has_its_own_time(serve: Serve) -> None:
    connection = await (await serve(hello, timeouts=only(head=0.05))).connect()
    await connection.ask("/")
    connection.send(GET[:5])
    assert (await connection.answer()).status == 408
    assert await connection.closed()


@pytest.mark.parametrize("waits", [True, False])
async def test_a_head_begun_behind_a_request_has_its_time_after_that(
    serve: Serve, waits: bool
) -> None:
    async def handler(request: BaseRequest) -> Response:
        if waits:
            await asyncio.sleep(0.3)
        return Response()

    connection = await (await serve(handler, timeouts=only(head=0.1))).connect()
    connection.send(GET + GET[:5])
    assert (await connection.answer()).status == 200
    assert (await connection.answer()).status == 408
    assert await connection.closed()


async def test_an_idle_connection_is_closed(serve: Serve) -> None:
    connection = await (await serve(hello, timeouts=only(keep_alive=0.05))).connect()
    for _ in range(2):
        assert (await connection.ask("/")).status == 200
    assert await connection.closed()


async def test_a_connection_whose_body_was_dropped_is_idle_afterwards(serve: Serve) -> None:
    connection = await (await serve(hello, timeouts=only(keep_alive=0.05))).connect()
    connection.send(POST)
    assert (await connection.answer()).status == 200
    connection.send(b"0123456789")
    assert await connection.closed()


async def test_a_handler_is_never_timed_out(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        await asyncio.sleep(0.3)
        return Response(text="late")

    short = Timeouts(first_byte=0.05, head=0.05, body=0.05, keep_alive=0.05)
    assert (await (await serve(handler, timeouts=short)).get("/")).text == "late"


async def test_a_body_that_stalls_fails_the_read_with_408(serve: Serve) -> None:
    statuses: asyncio.Queue[int] = asyncio.Queue()

    async def handler(request: BaseRequest) -> Response:
        try:
            return await echo(request)
        except RequestPayloadError as exc:
            statuses.put_nowait(exc.status)
            raise

    connection = await (await serve(handler, timeouts=only(body=0.05))).connect()
    connection.send(POST + b"abc")
    answer = await connection.answer()
    assert answer.status == statuses.get_nowait() == 408
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_a_body_whose_pieces_keep_coming_is_not_timed_out(serve: Serve) -> None:
    connection = await (await serve(echo, timeouts=only(body=0.4))).connect()
    connection.send(POST)
    for byte in b"0123456789":
        await asyncio.sleep(0.1)
        connection.send(bytes([byte]))
    assert (await connection.answer()).body == b"0123456789"


async def test_a_handler_may_take_longer_than_the_body_it_has_got(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        body = await request.read()
        await asyncio.sleep(0.4)
        return Response(body=body)

    connection = await (await serve(handler, timeouts=only(body=0.1))).connect()
    connection.send(POST)
    await asyncio.sleep(0.01)
    connection.send(b"0123456789")
    assert (await connection.answer()).body == b"0123456789"
    # And the connection is in order.
    assert (await connection.ask("/")).body == b""


async def test_a_client_that_was_not_read_has_the_full_time_again(
    serve: Serve, until: Until
) -> None:
    resumed = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        transport = request.transport
        assert transport is not None
        await until(lambda: not transport.is_reading())
        await asyncio.sleep(1.0)
        size = len(await request.content.readany())
        resumed.set()
        async for piece in request.content.iter_any():
            size += len(piece)
        return Response(text=str(size))

    served = await serve(handler, timeouts=only(body=0.6), read_bufsize=1000)
    connection = await served.connect()
    connection.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 6000\r\n\r\n" + b"x" * 5000)
    await resumed.wait()
    await asyncio.sleep(0.3)
    connection.send(b"x" * 1000)
    assert (await connection.answer()).text == "6000"


async def test_a_client_that_never_reads_is_cut_off(serve: Serve, until: Until) -> None:
    ended = asyncio.Event()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 2**16)
        finally:
            ended.set()

    served = await serve(handler, timeouts=only(write=0.1))
    connection = await served.connect(receive_buffer=4096)
    connection.send(GET)
    await asyncio.wait_for(ended.wait(), 3)
    await until(lambda: served.server.connections == [])


async def test_a_client_that_reads_slowly_but_steadily_is_served(serve: Serve) -> None:
    size = 9_000_000  # more than the kernel holds, for longer than the time-out

    async def handler(request: BaseRequest) -> Response:
        return Response(body=b"x" * size)

    served = await serve(handler, timeouts=only(write=0.25))
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET)
    await connection.reader.readuntil(b"\r\n\r\n")
    got = 0
    while got < size:
        await asyncio.sleep(0.02)
        piece = await connection.reader.read(2**17)
        assert piece, f"cut off after {got} bytes"
        got += len(piece)
    assert got == size


async def test_time_outs_off_wait_for_ever(serve: Serve) -> None:
    served = await serve(echo, timeouts=only())
    connection = await served.connect()
    await asyncio.sleep(0.05)
    connection.send(GET[:5])
    for connected in served.server.connections:
        connected.check_timeouts(1e9)
    connection.send(GET[5:])
    assert (await connection.answer()).status == 200


async def test_the_clock_stops_with_the_last_connection(serve: Serve, until: Until) -> None:
    served = await serve(hello, timeouts=Timeouts(keep_alive=0.05))

    def runs() -> bool:
        return served.server._sweeper is not None

    assert not runs()
    connection = await served.connect()
    await connection.ask("/")
    assert runs()
    connection.close()
    await until(lambda: not runs())
    assert (await served.get("/")).status == 200
    assert runs()


async def test_a_connection_that_fails_does_not_stop_the_clock(
    serve: Serve, log: Log, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = await serve(hello, timeouts=only(keep_alive=0.05))
    failing = await served.connect()
    await failing.ask("/")
    (connected,) = served.server.connections

    def fail(self: HttpProtocol, clock: float) -> None:
        if self is connected:
            raise RuntimeError("on purpose")
        check(self, clock)

    check = HttpProtocol.check_timeouts
    monkeypatch.setattr(HttpProtocol, "check_timeouts", fail)
    other = await served.connect()
    await other.ask("/")
    assert await other.closed()
    assert (await failing.until_lost())[1]
    assert log.take_one().msg == "Error checking the time-outs of %r"
