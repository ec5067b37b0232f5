"""A low-level server, and how it ends."""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_http_core import Limits
from tidegate_web_server import (
    AccessLogger,
    BaseRequest,
    Response,
    Server,
    StreamResponse,
    Timeouts,
)

if TYPE_CHECKING:
    from conftest import Log, Serve, Until

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


async def hello(request: BaseRequest) -> Response:
    return Response(text="hello")


async def test_a_server_counts_its_connections_and_requests(serve: Serve, until: Until) -> None:
    served = await serve(hello)
    server = served.server
    assert (server.connections, server.requests_count) == ([], 0)
    first, second = await served.connect(), await served.connect()
    for connection in (first, second, first):
        await connection.ask("/")
    assert len(server.connections) == 2
    assert server.requests_count == 3
    assert repr(server) == "<Server 2 connections>"
    first.close()
    await until(lambda: len(server.connections) == 1)


async def test_a_server_is_a_protocol_factory() -> None:
    server = Server(hello)
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
    assert (await reader.read()).endswith(b"hello")
    writer.close()
    listener.close()
    await server.shutdown()


async def test_a_server_takes_its_own_requests_and_logger(serve: Serve, log: Log) -> None:
    class Own(BaseRequest):
        pass

    async def handler(request: BaseRequest) -> Response:
        assert type(request) is Own
        raise ValueError

    served = await serve(handler, request_factory=Own, logger=logging.getLogger("own"))
    assert (await served.get("/")).status == 500
    assert log.take_one().name == "own"


async def test_a_request_factory_gets_what_aiohttp_s_gets(serve: Serve) -> None:
    seen: list[tuple[Any, ...]] = []

    class Own(BaseRequest):
        pass

    def factory(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> BaseRequest:
        seen.append((message.method, task))
        return Own(message, payload, protocol, writer, task, asyncio.get_running_loop())

    async def handler(request: BaseRequest) -> Response:
        assert seen == [("GET", asyncio.current_task())]
        return Response(text=type(request).__name__)

    assert (await (await serve(handler, request_factory=factory)).get("/")).text == "Own"
    assert (await (await serve(hello, request_factory=None)).get("/")).text == "hello"


async def test_what_cannot_be_called_is_refused() -> None:
    unfit: Any = "text"
    with pytest.raises(TypeError, match="a handler is an async function of a request, got 'text'"):
        Server(unfit)
    with pytest.raises(TypeError, match="request_factory is a function that makes a request, got"):
        Server(hello, request_factory=unfit)


async def test_every_setting_of_aiohttp_s_request_handler_is_taken() -> None:
    logger = logging.getLogger("own")
    with pytest.warns(DeprecationWarning, match="timeout_ceil_threshold is deprecated") as warned:
        server = Server(
            hello,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=3630,
            tcp_keepalive=False,
            logger=logger,
            access_log_class=AccessLogger,
            access_log=logger,
            access_log_format="%a",
            debug=True,
            max_line_size=8191,
            max_headers=129,
            max_field_size=8192,
            lingering_time=11.0,
            read_bufsize=2**17,
            auto_decompress=False,
            timeout_ceil_threshold=5,
        )
    assert warned[0].filename == __file__
    assert (server.tcp_keepalive, server.auto_decompress, server.debug) == (False, False, True)
    assert (server.read_bufsize, server.logger) == (2**17, logger)
    assert (server.timeouts.keep_alive, server.timeouts.linger) == (3630, 11.0)
    limits = server.limits
    assert (limits.request_line, limits.field_line, limits.fields_count) == (8191, 8192, 129)
    assert isinstance(server.access_log, AccessLogger)
    assert server.access_log.log_format == "%a"


@pytest.mark.parametrize("wanted", [True, False])
async def test_the_system_probes_silent_connections_unless_told_not_to(
    serve: Serve, wanted: bool
) -> None:
    async def handler(request: BaseRequest) -> Response:
        sock = request.get_extra_info("socket")
        return Response(text=str(sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) != 0))

    served = await serve(handler, tcp_keepalive=wanted)
    assert (await served.get("/")).text == str(wanted)


async def test_connections_are_counted_as_their_handlers_say() -> None:
    server = Server(hello, tcp_keepalive=True)
    handler = server()
    server.connection_made(handler, None)
    assert server.connections == [handler]
    server.connection_lost(handler, OSError("gone"))
    assert server.connections == []
    await server.shutdown()


async def test_settings_by_the_names_of_old_change_limits_and_time_outs() -> None:
    server = Server(
        hello,
        limits=Limits(fields_size=999),
        timeouts=Timeouts(head=9),
        keepalive_timeout=1,
        lingering_time=2,
        max_line_size=3,
        max_field_size=4,
        max_headers=5,
    )
    assert server.timeouts == Timeouts(head=9, keep_alive=1, linger=2)
    assert server.limits == Limits(fields_size=999, request_line=3, field_line=4, fields_count=5)
    assert Server(hello).limits == Limits()
    assert Server(hello).timeouts == Timeouts()


async def test_an_unknown_setting_is_refused() -> None:
    unknown: dict[str, Any] = {"keepalive": 1}
    with pytest.raises(TypeError, match="keepalive"):
        Server(hello, **unknown)


# --- the end ---


async def test_idle_connections_close_at_once(serve: Serve) -> None:
    served = await serve(hello, shutdown_timeout=60)
    idle, silent = await served.connect(), await served.connect()
    await idle.ask("/")
    async with asyncio.timeout(3):
        await served.runner.cleanup()
    assert await idle.closed()
    assert await silent.closed()


@pytest.mark.parametrize("kind", ["whole", "stream"])
async def test_requests_in_service_finish_and_say_close(serve: Serve, kind: str) -> None:
    go = asyncio.Event()
    started = asyncio.Event()

    async def handler(request: BaseRequest) -> StreamResponse:
        started.set()
        await go.wait()
        if kind == "whole":
            return Response(text="finished")
        response = StreamResponse()
        await response.prepare(request)
        await asyncio.sleep(0.02)
        await response.write(b"finished")
        return response

    served = await serve(handler, shutdown_timeout=60)
    connection = await served.connect()
    connection.send(GET)
    await started.wait()
    cleanup = asyncio.ensure_future(served.runner.cleanup())
    await asyncio.sleep(0.01)
    assert not cleanup.done()
    go.set()
    answer = await connection.answer()
    assert answer.text == "finished"
    assert answer.headers["connection"] == "close"
    assert await connection.closed()
    await asyncio.wait_for(cleanup, 3)


async def test_a_large_answer_reaches_a_slow_client_though_the_server_goes_away(
    serve: Serve, until: Until
) -> None:
    size = 5_000_000
    started = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        started.set()
        return Response(body=b"x" * size)

    served = await serve(handler, shutdown_timeout=60)
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET)
    await started.wait()
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    cleanup = asyncio.ensure_future(served.runner.cleanup())
    await asyncio.sleep(0.05)
    data, reset = await connection.until_lost()
    assert len(data.partition(b"\r\n\r\n")[2]) == size
    assert not reset
    await asyncio.wait_for(cleanup, 3)


async def test_an_answer_that_fits_the_buffers_is_not_cut_off(serve: Serve) -> None:
    # Less than what makes a writer wait, more than what the kernel takes of it at once.
    piece = b"x" * 60_000
    started = asyncio.Event()
    go = asyncio.Event()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        while not request.protocol.writing_paused:
            transport = request.transport
            assert transport is not None
            await response.write(piece)
            if transport.get_write_buffer_size():
                break
        started.set()
        await go.wait()
        return response

    served = await serve(handler, shutdown_timeout=60)
    connection = await served.connect(receive_buffer=2**14)
    connection.send(GET)
    await started.wait()
    cleanup = asyncio.ensure_future(served.runner.cleanup())
    await asyncio.sleep(0.01)
    go.set()
    await asyncio.sleep(0.05)
    answer = await connection.answer()
    assert len(answer.body) % len(piece) == 0
    await asyncio.wait_for(cleanup, 3)


async def test_a_client_that_does_not_take_its_answer_does_not_hold_up_the_server(
    serve: Serve, until: Until
) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(body=b"x" * 20_000_000)

    served = await serve(handler, shutdown_timeout=0.05)
    connection = await served.connect(receive_buffer=4096)
    connection.send(GET)
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    async with asyncio.timeout(3):
        await served.runner.cleanup()
    data, _ = await connection.until_lost()
    assert len(data) < 20_000_000


async def test_requests_that_do_not_finish_are_cancelled_after_the_time_for_it(
    serve: Serve,
) -> None:
    cancelled = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return Response()

    served = await serve(handler, shutdown_timeout=0.05)
    connection = await served.connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    async with asyncio.timeout(3):
        await served.runner.cleanup()
    assert cancelled.is_set()
    data, _ = await connection.until_lost()
    assert data == b""


@pytest.mark.parametrize("patience", [0, None])
async def test_no_time_to_finish_cancels_at_once(serve: Serve, patience: float | None) -> None:
    cancelled = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        try:
            await asyncio.sleep(60)
        finally:
            cancelled.set()
        return Response()

    served = await serve(handler)
    connection = await served.connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    async with asyncio.timeout(3):
        await served.server.shutdown(patience)
    assert cancelled.is_set()


async def test_a_handler_that_ignores_its_cancellation_does_not_hold_up_the_server(
    serve: Serve,
) -> None:
    ended = asyncio.Event()
    finish = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        while not finish.is_set():
            try:
                await finish.wait()
            except asyncio.CancelledError:
                continue
        ended.set()
        return Response()

    served = await serve(handler, shutdown_timeout=0.05)
    connection = await served.connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    async with asyncio.timeout(3):
        await served.runner.cleanup()
    data, _ = await connection.until_lost()
    assert data == b""
    finish.set()
    await asyncio.wait_for(ended.wait(), 3)


async def test_pipelined_requests_behind_the_one_in_service_are_not_begun(serve: Serve) -> None:
    go = asyncio.Event()
    paths = []

    async def handler(request: BaseRequest) -> Response:
        paths.append(request.path)
        await go.wait()
        return Response()

    served = await serve(handler, shutdown_timeout=60)
    connection = await served.connect()
    connection.send(GET + GET.replace(b" / ", b" /second "))
    await asyncio.sleep(0.01)
    cleanup = asyncio.ensure_future(served.runner.cleanup())
    await asyncio.sleep(0.01)
    go.set()
    assert (await connection.answer()).headers["connection"] == "close"
    assert await connection.closed()
    await asyncio.wait_for(cleanup, 3)
    assert paths == ["/"]


async def test_a_client_that_connects_while_the_server_ends_gets_one_answer(
    serve: Serve,
) -> None:
    served = await serve(hello)
    served.server.pre_shutdown()
    connection = await served.connect()
    answer = await connection.ask("/")
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_handlers_are_cancelled_with_their_client_when_asked_for(serve: Serve) -> None:
    cancelled = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return Response()

    served = await serve(handler, handler_cancellation=True)
    connection = await served.connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    connection.reset()
    await asyncio.wait_for(cancelled.wait(), 3)


async def test_a_task_may_begin_a_second_stream_of_events() -> None:
    failures: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: failures.append(context))
    server = Server(hello)
    task = asyncio.create_task(asyncio.sleep(0))
    for stream in (StreamResponse(), StreamResponse()):
        server.event_stream_begun(task, stream)
    await task
    await asyncio.sleep(0)
    assert failures == []
