"""Clients that vanish: writers and readers learn of it, and no traceback is logged."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import (
    Application,
    BaseRequest,
    ClientConnectionResetError,
    Request,
    RequestPayloadError,
    Response,
    StreamResponse,
)

if TYPE_CHECKING:
    from conftest import Log, Serve, Until

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


async def until_gone(request: BaseRequest, until: Until) -> None:
    await until(lambda: request.transport is None)


@pytest.mark.parametrize("how", ["reset", "close"])
async def test_a_client_that_vanishes_in_the_middle_of_a_body_fails_the_read(
    serve: Serve, how: str
) -> None:
    failed: asyncio.Queue[BaseException] = asyncio.Queue()

    async def handler(request: BaseRequest) -> Response:
        try:
            await request.read()
        except RequestPayloadError as exc:
            failed.put_nowait(exc)
            raise
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc")
    await asyncio.sleep(0.01)
    connection.reset() if how == "reset" else connection.close()
    exc = await asyncio.wait_for(failed.get(), 3)
    assert isinstance(exc, RequestPayloadError)


async def test_a_client_that_vanishes_before_its_answer_is_no_error(
    serve: Serve, until: Until
) -> None:
    done = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        await until_gone(request, until)
        done.set()
        return Response(text="nobody reads this")

    served = await serve(handler)
    connection = await served.connect()
    connection.send(GET)
    await until(lambda: bool(served.server.connections))
    connection.reset()
    await asyncio.wait_for(done.wait(), 3)
    await asyncio.sleep(0)
    await until(lambda: served.server.connections == [])


async def test_preparing_a_stream_for_a_client_that_is_gone_raises_one_exception(
    serve: Serve, until: Until
) -> None:
    caught: asyncio.Queue[BaseException] = asyncio.Queue()

    async def handler(request: BaseRequest) -> StreamResponse:
        await until_gone(request, until)
        response = StreamResponse()
        try:
            await response.prepare(request)
        except ConnectionResetError as exc:
            caught.put_nowait(exc)
            raise
        return response

    connection = await (await serve(handler)).connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    connection.reset()
    assert isinstance(await asyncio.wait_for(caught.get(), 3), ClientConnectionResetError)


@pytest.mark.parametrize("call", ["write", "write_eof", "drain"])
async def test_writing_to_a_client_that_is_gone_raises_one_exception(
    serve: Serve, until: Until, call: str
) -> None:
    caught: asyncio.Queue[BaseException] = asyncio.Queue()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        writer = await response.prepare(request)
        assert writer is not None
        await until_gone(request, until)
        assert writer.transport is None
        try:
            if call == "write":
                await response.write(b"x")
            elif call == "write_eof":
                await response.write_eof()
            else:
                await writer.drain()
        except ConnectionResetError as exc:
            caught.put_nowait(exc)
            raise
        return response

    connection = await (await serve(handler)).connect()
    connection.send(GET)
    await connection.reader.readuntil(b"\r\n\r\n")
    connection.reset()
    assert isinstance(await asyncio.wait_for(caught.get(), 3), ClientConnectionResetError)


async def test_a_client_that_vanishes_between_two_writes_is_no_error(serve: Serve) -> None:
    # One write finds out, and the next comes before the loop has told the connection.
    caught: asyncio.Queue[BaseException] = asyncio.Queue()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        try:
            for _ in range(3):
                await response.write(b"x")
        except ConnectionResetError as exc:
            caught.put_nowait(exc)
            raise
        return response

    served = await serve(handler)
    loop = asyncio.get_running_loop()
    client = socket.socket()
    client.setblocking(False)
    await loop.sock_connect(client, ("127.0.0.1", served.site.port))
    await loop.sock_sendall(client, GET)
    assert isinstance(await asyncio.wait_for(caught.get(), 3), ClientConnectionResetError)


async def test_a_client_that_vanishes_before_the_connection_can_linger_is_no_error(
    serve: Serve, until: Until
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await response.write_eof(b"all")
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        return response

    served = await serve(handler)
    loop = asyncio.get_running_loop()
    client = socket.socket()
    client.setblocking(False)
    await loop.sock_connect(client, ("127.0.0.1", served.site.port))
    head = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n"
    await loop.sock_sendall(client, head)
    await until(lambda: served.server.requests_count == 1)
    await until(lambda: served.server.connections == [])
    gc.collect()


async def test_a_writer_that_waits_for_a_slow_client_learns_that_it_is_gone(
    serve: Serve, until: Until
) -> None:
    caught: asyncio.Queue[BaseException] = asyncio.Queue()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 2**16)
        except ConnectionResetError as exc:
            caught.put_nowait(exc)
            raise

    served = await serve(handler)
    connection = await served.connect(receive_buffer=4096)
    connection.send(GET)
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    connection.reset()
    assert isinstance(await asyncio.wait_for(caught.get(), 3), ClientConnectionResetError)


async def test_a_handler_that_fails_for_its_own_reasons_after_the_client_is_gone_is_logged(
    serve: Serve, until: Until, log: Log
) -> None:
    async def handler(request: BaseRequest) -> Response:
        await until_gone(request, until)
        raise ValueError("own")

    connection = await (await serve(handler)).connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    connection.reset()
    await until(lambda: log.waiting)
    exc_info = log.take_one().exc_info
    assert exc_info is not None
    assert isinstance(exc_info[1], ValueError)


async def test_a_signal_that_fails_after_the_client_is_gone_leaves_no_lost_exception(
    serve: Serve, until: Until, log: Log
) -> None:
    failed = asyncio.Event()

    async def prepare(request: Request, response: StreamResponse) -> None:
        await until_gone(request, until)
        failed.set()
        raise ValueError("in the signal")

    async def handler(request: Request) -> Response:
        return Response()

    app = Application()
    app.router.add_get("/", handler)
    app.on_response_prepare.append(prepare)
    connection = await (await serve(app)).connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    connection.reset()
    await asyncio.wait_for(failed.wait(), 3)
    await asyncio.sleep(0.01)
    gc.collect()
    assert "in the signal" in str(log.take_one().exc_info)


async def test_a_client_that_vanishes_with_requests_in_the_pipeline_stops_them(
    serve: Serve, until: Until
) -> None:
    paths = []

    async def handler(request: BaseRequest) -> Response:
        paths.append(request.path)
        await until_gone(request, until)
        return Response()

    served = await serve(handler)
    connection = await served.connect()
    connection.send(GET + GET.replace(b" / ", b" /second ") * 10)
    await until(lambda: paths == ["/"])
    connection.reset()
    await until(lambda: served.server.connections == [])
    await asyncio.sleep(0.01)
    assert paths == ["/"]


async def test_a_client_that_vanishes_in_the_middle_of_a_head_is_no_error(
    serve: Serve, until: Until
) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response()

    served = await serve(handler)
    connection = await served.connect()
    connection.send(b"GET / HTTP/1.1\r\nHo")
    await until(lambda: bool(served.server.connections))
    connection.reset()
    await until(lambda: served.server.connections == [])


async def test_what_a_request_knows_of_its_client_is_gone_with_it(
    serve: Serve, until: Until
) -> None:
    known: asyncio.Queue[tuple[object, ...]] = asyncio.Queue()

    async def handler(request: BaseRequest) -> Response:
        protocol = request.protocol
        assert protocol.connected
        await until_gone(request, until)
        known.put_nowait(
            (
                request.remote,
                request.get_extra_info("peername", "gone"),
                protocol.peername,
                protocol.sockname,
                protocol.ssl_context,
                protocol.connected,
                request.scheme,
            )
        )
        # Nothing of these fails either; there is nobody left to pause or close.
        protocol.pause_reading()
        protocol.resume_reading()
        protocol.close()
        protocol.abort()
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    connection.reset()
    expected = (None, "gone", None, None, None, False, "http")
    assert await asyncio.wait_for(known.get(), 3) == expected
