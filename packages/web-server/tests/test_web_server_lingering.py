"""Answers to clients that are still sending: they can read them, and the rest is bounded."""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING

from tidegate_web_server import BaseRequest, HttpProtocol, Response, StreamResponse, Timeouts

if TYPE_CHECKING:
    from conftest import Connection, Serve, Served, Until

MEGABYTE = b"x" * 1_000_000


async def hello(request: BaseRequest) -> Response:
    return Response(text="hello")


async def slow_hello(request: BaseRequest) -> Response:
    await asyncio.sleep(0)
    return Response(text="hello")


def post(length: int) -> bytes:
    return b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % length


def nobody_connected(served: Served) -> bool:
    return served.server.connections == []


async def keep_sending(connection: Connection, data: bytes = b"x" * 10_000) -> None:
    """Send until the server has had enough."""
    try:
        async with asyncio.timeout(3):
            while True:
                connection.send(data)
                await connection.writer.drain()
    except ConnectionError:
        pass


async def test_an_answer_before_a_long_body_says_close_and_can_be_read(serve: Serve) -> None:
    for handler in (hello, slow_hello):
        connection = await (await serve(handler)).connect()
        connection.send(post(600_000) + b"x" * 1000)
        answer = await connection.answer()
        assert answer.text == "hello"
        assert answer.headers["connection"] == "close"
        assert await connection.closed()
        # The server still reads, so that its closing does not turn into a reset.
        connection.send(b"x" * 500_000)
        await connection.writer.drain()


async def test_a_client_that_sends_everything_first_still_gets_the_answer(serve: Serve) -> None:
    connection = await (await serve(hello)).connect()
    connection.send(post(900_000) + MEGABYTE[:900_000])
    await connection.writer.drain()
    assert (await connection.answer()).text == "hello"
    assert await connection.closed()


async def test_a_client_that_never_stops_sending_is_cut_off(serve: Serve, until: Until) -> None:
    served = await serve(hello)
    connection = await served.connect()
    connection.send(post(10**12))
    assert (await connection.answer()).headers["connection"] == "close"
    await keep_sending(connection, MEGABYTE)
    await until(lambda: served.server.connections == [])


async def test_a_chunked_body_without_end_is_drained_for_a_while_and_cut_off(
    serve: Serve, until: Until
) -> None:
    served = await serve(hello)
    connection = await served.connect()
    connection.send(b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n")
    assert (await connection.answer()).text == "hello"
    await keep_sending(connection, b"2710\r\n" + b"x" * 10_000 + b"\r\n")
    await until(lambda: served.server.connections == [])


async def test_a_client_that_reads_its_answer_and_goes_frees_the_connection(
    serve: Serve, until: Until
) -> None:
    served = await serve(hello)
    connection = await served.connect()
    connection.send(post(10**6))
    await connection.answer()
    connection.close()
    await until(lambda: served.server.connections == [])


async def test_a_client_that_lingers_too_long_is_closed(serve: Serve, until: Until) -> None:
    for handler in (hello, slow_hello):
        served = await serve(handler, timeouts=Timeouts(linger=0.1))
        connection = await served.connect()
        connection.send(post(10**6))
        assert (await connection.answer()).headers["connection"] == "close"
        assert await connection.closed()
        await until(functools.partial(nobody_connected, served))


async def test_a_short_body_that_does_not_come_is_not_waited_for_long(
    serve: Serve, until: Until
) -> None:
    for handler in (hello, slow_hello):
        served = await serve(handler, timeouts=Timeouts(linger=0.1))
        connection = await served.connect()
        connection.send(post(100))
        answer = await connection.answer()
        assert "connection" not in answer.headers
        assert await connection.closed()


async def test_dripping_does_not_extend_the_time_a_body_nobody_reads_is_waited_for(
    serve: Serve,
) -> None:
    connection = await (await serve(hello, timeouts=Timeouts(linger=0.2))).connect()
    connection.send(post(1000))
    await connection.answer()
    ended = asyncio.ensure_future(connection.until_lost())
    while not ended.done():
        connection.send(b"x")
        await asyncio.wait([ended], timeout=0.02)
    data, _ = await ended
    assert data == b""


async def test_dripping_does_not_extend_lingering(serve: Serve, until: Until) -> None:
    served = await serve(hello, timeouts=Timeouts(linger=0.2))
    connection = await served.connect()
    connection.send(post(10**6))
    await connection.answer()
    async with asyncio.timeout(3):
        while served.server.connections:
            connection.send(b"x")
            await asyncio.sleep(0.02)


async def test_a_lingering_connection_answers_nothing_more(serve: Serve) -> None:
    count = 0

    async def handler(request: BaseRequest) -> Response:
        nonlocal count
        count += 1
        response = Response()
        response.force_close()
        return response

    connection = await (await serve(handler)).connect()
    request = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
    connection.send(request * 3)
    await connection.answer()
    connection.send(request)
    assert await connection.closed()
    assert count == 1


async def test_a_large_answer_passes_through_lingering(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(headers={"Content-Length": "4000000"})
        await response.prepare(request)
        await response.write(MEGABYTE * 4)
        return response

    connection = await (await serve(handler)).connect(receive_buffer=4096)
    connection.send(post(10**6))
    await asyncio.sleep(0.05)
    assert (await connection.answer()).body == MEGABYTE * 4
    assert await connection.closed()


async def test_a_lingering_connection_does_not_hold_up_the_server(serve: Serve) -> None:
    served = await serve(hello, shutdown_timeout=10)
    connection = await served.connect()
    connection.send(post(10**6))
    await connection.answer()
    async with asyncio.timeout(3):
        await served.runner.cleanup()
    data, _ = await connection.until_lost()
    assert data == b""


async def test_the_time_of_the_sweep_is_not_lost_by_lingering(serve: Serve, until: Until) -> None:
    # A connection that lingers must not break the time-outs of the others.
    served = await serve(hello, timeouts=Timeouts(linger=0.1, head=0.1, first_byte=0.2))
    lingering = await served.connect()
    lingering.send(post(10**6))
    await lingering.answer()
    silent = await served.connect()
    assert await silent.closed()
    assert all(isinstance(c, HttpProtocol) for c in served.server.connections)
