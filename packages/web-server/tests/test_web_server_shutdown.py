"""The end of a server, in its order: what learns of it when, and what does not hold it up."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    AppKey,
    Application,
    AppRunner,
    Request,
    Response,
    StreamResponse,
    TCPSite,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Connection, Log, Serve, Served, Until

LATE = AppKey("LATE", str)

LONG = 30.0
"""Seconds of grace that no test here should use up."""


def application(**handlers: Any) -> Application:
    app = Application()
    for name, handler in handlers.items():
        app.router.add_get(f"/{name}", handler)
    return app


async def ask(served: Served, path: str, until: Until) -> Connection:
    """Send a request, and wait until it is in service."""
    before = served.server.requests_count
    connection = await served.connect()
    connection.send(f"GET {path} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    await until(lambda: served.server.requests_count > before)
    return connection


async def test_requests_learn_of_the_end_before_anything_is_closed(
    serve: Serve, until: Until
) -> None:
    noted: list[str] = []

    async def ready(request: Request) -> Response:
        return Response(status=503 if request.shutting_down.is_set() else 200)

    async def shutdown(app: Application) -> None:
        noted.append("on_shutdown")

    app = application(ready=ready)
    app.on_shutdown.append(shutdown)
    served = await serve(app, shutdown_delay=LONG)
    connection = await served.connect()
    assert (await connection.ask("/ready")).status == 200
    ending = asyncio.ensure_future(served.runner.cleanup())
    await until(served.server.shutting_down.is_set)
    # It still listens, and keeps connections: load balancers ask, and others have not noticed.
    assert (await connection.ask("/ready")).status == 503
    assert (await served.get("/ready")).status == 503
    assert noted == []
    ending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await ending
    # Who cancels a clean-up wants it to be over, but nobody wants it to go on listening.
    assert served.runner.sites == set()


async def test_the_delay_is_over_before_listening_ends(serve: Serve) -> None:
    events: list[str] = []

    async def shutdown(app: Application) -> None:
        events.append("on_shutdown")

    app = application()
    app.on_shutdown.append(shutdown)
    served = await serve(app, shutdown_delay=0.01)
    server = served.server
    await served.runner.cleanup()
    assert server.shutting_down.is_set()
    assert events == ["on_shutdown"]


async def test_a_runner_that_listens_nowhere_has_nobody_to_wait_for() -> None:
    runner = AppRunner(Application(), shutdown_delay=LONG)
    await runner.setup()
    async with asyncio.timeout(3):
        await runner.cleanup()


def test_a_delay_is_not_negative() -> None:
    with pytest.raises(ValueError, match="shutdown_delay is 0 or more seconds, got -1"):
        AppRunner(Application(), shutdown_delay=-1)


async def test_a_long_poll_ends_when_the_server_does(serve: Serve, until: Until) -> None:
    async def poll(request: Request) -> Response:
        await request.shutting_down.wait()
        return Response(text="nothing new")

    served = await serve(application(poll=poll), shutdown_timeout=LONG)
    connection = await ask(served, "/poll", until)
    async with asyncio.timeout(3):
        await served.runner.cleanup()
    answer = await connection.answer()
    assert (answer.text, answer.headers["connection"]) == ("nothing new", "close")


EVENTS = {"Content-Type": "text/event-stream; charset=utf-8"}


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_stream_of_events_ends_in_order(
    serve: Serve, until: Until, compressed: bool
) -> None:
    calls: list[str] = []
    begun = asyncio.Event()

    async def events(request: Request) -> StreamResponse:
        response = StreamResponse(headers=EVENTS)
        if compressed:
            response.enable_compression()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"data: hello\n\n")
                begun.set()
                await asyncio.sleep(LONG)
        finally:
            calls.append("handler cleaned up")

    async def shutdown(app: Application) -> None:
        calls.append("on_shutdown")

    app = application(events=events)
    app.on_shutdown.append(shutdown)
    served = await serve(app, shutdown_timeout=LONG)
    connection = await served.connect()
    connection.send(b"GET /events HTTP/1.1\r\nHost: test\r\nAccept-Encoding: gzip\r\n\r\n")
    await asyncio.wait_for(begun.wait(), 3)
    async with asyncio.timeout(3):
        await served.runner.cleanup()
    assert calls == ["on_shutdown", "handler cleaned up"]
    answer = await connection.answer()
    if not compressed:
        assert answer.body == b"data: hello\n\n"
    assert await connection.closed()


async def test_a_stream_of_events_from_a_generator_ends_too(serve: Serve, until: Until) -> None:
    closed = asyncio.Event()

    async def generate() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"data: hello\n\n"
                await asyncio.sleep(LONG)
        finally:
            closed.set()

    async def events(request: Request) -> Response:
        return Response(body=generate(), headers=EVENTS)

    served = await serve(application(events=events), shutdown_timeout=LONG)
    connection = await ask(served, "/events", until)
    async with asyncio.timeout(3):
        await connection.reader.readuntil(b"hello\n\n")
        await served.runner.cleanup()
        await closed.wait()
    assert (await connection.rest()).endswith(b"0\r\n\r\n")


async def test_a_stream_of_events_to_an_old_client_ends_with_its_connection(
    serve: Serve, until: Until
) -> None:
    async def events(request: Request) -> StreamResponse:
        response = StreamResponse(headers=EVENTS)
        await response.prepare(request)
        await response.write(b"data: hello\n\n")
        await asyncio.sleep(LONG)
        return response

    served = await serve(application(events=events), shutdown_timeout=LONG)
    connection = await served.connect()
    connection.send(b"GET /events HTTP/1.0\r\n\r\n")
    async with asyncio.timeout(3):
        await connection.reader.readuntil(b"hello\n\n")
        await served.runner.cleanup()
    assert await connection.closed()


async def test_a_stream_of_events_that_begins_late_ends_at_once(
    serve: Serve, until: Until
) -> None:
    waiting = asyncio.Event()

    async def events(request: Request) -> StreamResponse:
        waiting.set()
        await request.shutting_down.wait()
        while not served.server.closing:
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        response = StreamResponse(headers=EVENTS)
        await response.prepare(request)
        await asyncio.sleep(LONG)
        return response

    served = await serve(application(events=events), shutdown_timeout=LONG)
    connection = await ask(served, "/events", until)
    await asyncio.wait_for(waiting.wait(), 3)
    async with asyncio.timeout(3):
        await served.runner.cleanup()
    assert (await connection.answer()).body == b""


async def test_a_stream_of_events_whose_client_is_gone_is_no_error(
    serve: Serve, until: Until, log: Log
) -> None:
    async def events(request: Request) -> StreamResponse:
        response = StreamResponse(headers=EVENTS)
        await response.prepare(request)
        await asyncio.sleep(LONG)
        return response

    served = await serve(application(events=events), shutdown_timeout=LONG)
    connection = await ask(served, "/events", until)
    (theirs,) = served.server.connections
    connection.reset()
    await until(lambda: theirs.transport is None)
    async with asyncio.timeout(3):
        await served.runner.cleanup()


async def test_a_client_that_is_gone_when_its_stream_of_events_ends_is_no_error(
    serve: Serve, until: Until, log: Log
) -> None:
    ending = asyncio.Event()

    async def events(request: Request) -> StreamResponse:
        response = StreamResponse(headers=EVENTS)
        await response.prepare(request)
        try:
            await asyncio.sleep(LONG)
        finally:
            ending.set()
            await until(lambda: request.transport is None)
        return response

    served = await serve(application(events=events), shutdown_timeout=LONG)
    connection = await ask(served, "/events", until)
    stopping = asyncio.ensure_future(served.runner.cleanup())
    await asyncio.wait_for(ending.wait(), 3)
    connection.reset()
    await asyncio.wait_for(stopping, 3)
    assert not [record for record in log.caplog.records if record.exc_info]


async def test_a_stream_of_events_that_is_ended_is_in_the_access_log(
    serve: Serve, until: Until, caplog: pytest.LogCaptureFixture
) -> None:
    async def events(request: Request) -> StreamResponse:
        # An answer that was given up before counts no longer.
        for _ in range(2):
            request.renew_writer()
            response = StreamResponse(headers=EVENTS)
            response.head_waits_for_body = True  # type: ignore[misc]  # of this one alone
            await response.prepare(request)
        await response.write(b"data: hello\n\n")
        await asyncio.sleep(LONG)
        return response

    caplog.set_level(logging.INFO, logger="tidegate.access")
    served = await serve(
        application(events=events), shutdown_timeout=LONG, access_log_format="%r %s"
    )
    connection = await ask(served, "/events", until)
    async with asyncio.timeout(3):
        await connection.reader.readuntil(b"hello\n\n")
        await served.runner.cleanup()
    lines = [r.getMessage() for r in caplog.records if r.name == "tidegate.access"]
    assert lines == ["GET /events HTTP/1.1 200"]


@pytest.mark.parametrize("kept", [True, False], ids=["kept", "new"])
async def test_a_request_that_was_sent_before_the_end_is_answered(
    serve: Serve, kept: bool
) -> None:
    async def hello(request: Request) -> Response:
        return Response(text="hello")

    served = await serve(application(hello=hello))
    connection = await served.connect()
    if kept:
        assert (await connection.ask("/hello")).text == "hello"
    # Straight into the system's buffer: the server has no turn to read it before it stops.
    connection.send(b"GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
    await served.runner.cleanup()
    answer = await connection.answer()
    assert (answer.text, answer.headers["connection"]) == ("hello", "close")
    assert await connection.closed()


async def test_a_client_that_has_just_connected_may_say_its_first_word(
    serve: Serve, until: Until
) -> None:
    async def hello(request: Request) -> Response:
        return Response(text="hello")

    served = await serve(application(hello=hello))
    connection = await served.connect()
    await until(lambda: bool(served.server.connections))
    server = served.server
    ending = asyncio.create_task(served.runner.cleanup())
    await until(lambda: server.closing)
    connection.send(b"GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
    assert (await connection.answer()).text == "hello"
    await ending


async def test_another_stream_has_the_grace_time(serve: Serve, until: Until) -> None:
    async def stream(request: Request) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await request.shutting_down.wait()
        await asyncio.sleep(0.02)
        await response.write(b"all of it")
        return response

    served = await serve(application(stream=stream), shutdown_timeout=LONG)
    connection = await ask(served, "/stream", until)
    await served.runner.cleanup()
    assert (await connection.answer()).body == b"all of it"


async def test_a_stream_of_events_is_forgotten_when_it_has_ended(serve: Serve) -> None:
    async def events(request: Request) -> StreamResponse:
        response = StreamResponse(headers=EVENTS)
        await response.prepare(request)
        return response

    served = await serve(application(events=events))
    connection = await served.connect()
    assert (await connection.ask("/events")).body == b""
    assert served.server._event_streams == {}


async def test_a_handler_that_will_not_end_is_cancelled_and_cut_off(
    serve: Serve, until: Until
) -> None:
    async def stubborn(request: Request) -> Response:
        await asyncio.sleep(LONG)
        return Response()

    served = await serve(application(stubborn=stubborn), shutdown_timeout=0.05)
    connection = await ask(served, "/stubborn", until)
    async with asyncio.timeout(3):
        await served.runner.cleanup()
    assert (await connection.until_lost())[0] == b""


async def test_startup_may_fill_the_application_and_contexts_are_left_before_on_cleanup() -> None:
    calls: list[str] = []

    async def late(request: Request) -> Response:
        return Response()

    async def context(app: Application) -> AsyncIterator[None]:
        calls.append("entered")
        app.router.add_get("/late", late)
        yield
        calls.append("left")

    async def startup(app: Application) -> None:
        app[LATE] = "set at startup"
        calls.append(f"on_startup, frozen: {app.frozen}")

    async def cleanup(app: Application) -> None:
        calls.append("on_cleanup")

    app = Application()
    app.cleanup_ctx.append(context)
    app.on_startup.append(startup)
    app.on_cleanup.append(cleanup)
    runner = AppRunner(app)
    await runner.setup()
    await TCPSite(runner, "127.0.0.1", 0).start()
    assert app.frozen
    await runner.cleanup()
    assert calls == ["entered", "on_startup, frozen: False", "left", "on_cleanup"]
