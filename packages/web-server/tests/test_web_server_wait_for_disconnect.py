"""A handler that waits for its client to go away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import BaseRequest, Response
from tidegate_web_server.testing import make_mocked_request

if TYPE_CHECKING:
    from conftest import Serve, Until

GET = b"GET / HTTP/1.1\r\nHost: t\r\n\r\n"


@pytest.mark.parametrize("way", ["reset", "half_close", "close"])
async def test_it_returns_when_the_client_goes_away(serve: Serve, until: Until, way: str) -> None:
    seen: list[str] = []

    async def handler(request: BaseRequest) -> Response:
        seen.append("waiting")
        await request.wait_for_disconnect()
        seen.append("gone")
        # Once more: it is gone already.
        await request.wait_for_disconnect()
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(GET)
    await until(lambda: seen == ["waiting"])
    getattr(connection, way)()
    await until(lambda: seen == ["waiting", "gone"])


async def test_several_tasks_may_wait(serve: Serve, until: Until) -> None:
    seen: list[int] = []

    async def wait(request: BaseRequest, number: int) -> None:
        await request.wait_for_disconnect()
        seen.append(number)

    async def handler(request: BaseRequest) -> Response:
        async with asyncio.TaskGroup() as group:
            for number in range(3):
                group.create_task(wait(request, number))
            seen.append(-1)
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(GET)
    await until(lambda: seen == [-1])
    connection.reset()
    await until(lambda: sorted(seen) == [-1, 0, 1, 2])


async def test_it_can_be_given_up_and_the_request_is_answered(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        waiting = asyncio.ensure_future(request.wait_for_disconnect())
        await asyncio.sleep(0)
        assert not waiting.done()
        waiting.cancel()
        return Response(text="here")

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        connection.send(GET)
        assert (await connection.answer()).text == "here"


async def test_a_request_without_a_connection_that_can_tell_waits_for_ever() -> None:
    request = make_mocked_request("GET", "/")
    waiting = asyncio.ensure_future(request.wait_for_disconnect())
    await asyncio.sleep(0)
    assert waiting.done() is (request.transport is None)
    waiting.cancel()
