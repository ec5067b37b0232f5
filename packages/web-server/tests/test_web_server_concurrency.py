"""Limits on requests and connections: 503 for what is too much, and no harm to the rest."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import Application, BaseRequest, Response, Server

if TYPE_CHECKING:
    from conftest import Log, Serve, Until

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


class Gate:
    """A handler that waits until it is let go."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.waiting = 0

    async def __call__(self, request: BaseRequest) -> Response:
        self.waiting += 1
        try:
            await self.open.wait()
        finally:
            self.waiting -= 1
        return Response(text=f"{len(await request.read())}")


async def test_a_request_over_the_limit_is_refused_and_its_connection_lives(
    serve: Serve, until: Until, log: Log
) -> None:
    gate = Gate()
    served = await serve(gate, limit_concurrency=1)
    first, second = await served.connect(), await served.connect()
    first.send(GET)
    await until(lambda: gate.waiting == 1)
    refused = await second.ask("/")
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert "connection" not in refused.headers
    assert gate.waiting == 1
    gate.open.set()
    assert (await first.answer()).status == 200
    assert (await second.ask("/")).status == 200
    (line,) = log.quiet_lines()
    assert line.startswith("refused a request from ('127.0.0.1', ")
    assert line.endswith(": 1 are in service")


async def test_a_short_body_of_a_refused_request_is_passed_over(
    serve: Serve, until: Until
) -> None:
    gate = Gate()
    served = await serve(gate, limit_concurrency=1)
    first, second = await served.connect(), await served.connect()
    first.send(GET)
    await until(lambda: gate.waiting == 1)
    second.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello")
    assert (await second.answer()).status == 503
    gate.open.set()
    assert (await first.answer()).status == 200
    assert (await second.ask("/")).status == 200


async def test_a_long_body_of_a_refused_request_ends_the_connection_after_the_answer(
    serve: Serve, until: Until
) -> None:
    gate = Gate()
    served = await serve(gate, limit_concurrency=1)
    first, second = await served.connect(), await served.connect()
    first.send(GET)
    await until(lambda: gate.waiting == 1)
    second.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 9999999\r\n\r\nhello")
    refused = await second.answer()
    assert (refused.status, refused.headers["connection"]) == (503, "close")
    assert await second.closed()
    gate.open.set()


async def test_pipelined_requests_are_counted_one_by_one(serve: Serve, until: Until) -> None:
    gate = Gate()
    gate.open.set()
    served = await serve(gate, limit_concurrency=1)
    connection = await served.connect()
    connection.send(GET * 5)
    assert [(await connection.answer()).status for _ in range(5)] == [200] * 5


async def test_a_request_that_fails_or_vanishes_is_counted_out(
    serve: Serve, until: Until, log: Log
) -> None:
    async def handler(request: BaseRequest) -> Response:
        if request.path == "/wait":
            await request.wait_for_disconnect()
        if request.path == "/fail":
            raise ValueError("in the handler")
        return Response()

    served = await serve(handler, limit_concurrency=1)
    assert (await served.get("/fail")).status == 500
    log.take_one()
    connection = await served.connect()
    connection.send(b"GET /wait HTTP/1.1\r\nHost: test\r\n\r\n")
    await until(lambda: served.server.requests_count == 2)
    connection.reset()
    await until(lambda: len(served.server.connections) < 2)
    statuses: list[int] = []
    async with asyncio.timeout(3):
        while 200 not in statuses:
            statuses.append((await served.get("/")).status)


async def test_a_connection_over_the_limit_is_answered_and_closed(
    serve: Serve, until: Until, log: Log
) -> None:
    gate = Gate()
    gate.open.set()
    served = await serve(gate, limit_connections=1)
    first = await served.connect()
    assert (await first.ask("/")).status == 200
    second = await served.connect()
    # It has asked already when the refusal comes.
    second.send(GET)
    refused = await second.answer()
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert refused.headers["connection"] == "close"
    assert await second.closed()
    second.close()
    await until(lambda: len(served.server.connections) == 1)
    assert (await first.ask("/")).status == 200
    first.close()
    await until(lambda: served.server.connections == [])
    assert (await served.get("/")).status == 200
    (line,) = log.quiet_lines()
    assert line.endswith(": 1 connections are open")


async def test_a_flood_of_connections_is_dropped(serve: Serve, until: Until) -> None:
    gate = Gate()
    served = await serve(gate, limit_connections=1)
    connections = [await served.connect() for _ in range(3)]
    assert (await connections[2].until_lost())[0] == b""
    await until(lambda: len(served.server.connections) <= 2)


@pytest.mark.parametrize("name", ["limit_concurrency", "limit_connections"])
async def test_a_limit_is_at_least_one(name: str) -> None:
    arguments: dict[str, Any] = {name: 0}
    with pytest.raises(ValueError, match=f"{name} is 1 or more, or None for no limit, got 0"):
        Server(Gate(), **arguments)


async def test_an_application_is_not_asked_about_a_refused_request(
    serve: Serve, until: Until
) -> None:
    gate, asked = Gate(), []

    async def prepare(request: BaseRequest, response: Response) -> None:
        asked.append(response.status)

    app = Application()
    app.router.add_get("/", gate)
    app.on_response_prepare.append(prepare)  # type: ignore[arg-type]  # looser than a receiver
    served = await serve(app, limit_concurrency=1)
    first = await served.connect()
    first.send(GET)
    await until(lambda: gate.waiting == 1)
    assert (await served.get("/")).status == 503
    gate.open.set()
    assert (await first.answer()).status == 200
    assert asked == [200]
