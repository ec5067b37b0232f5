"""Handlers whose clients go away: cancelled or not, by server, by handler, by request."""

from __future__ import annotations

import asyncio
import sys
import types
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientConnectionResetError as TheirError
from tidegate_web_server import (
    Application,
    BaseRequest,
    ClientConnectionResetError,
    Request,
    Response,
    StreamResponse,
    View,
    atomic,
    cancel_on_disconnect,
    middleware,
)

if TYPE_CHECKING:
    from conftest import Connection, Serve, Served, Until

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


class Work:
    """Something a handler does, and how it ended."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.ended: asyncio.Queue[str] = asyncio.Queue()
        self.go = asyncio.Event()

    async def do(self) -> Response:
        how = "cancelled"
        self.begun.set()
        try:
            await self.go.wait()
            how = "done"
        finally:
            self.ended.put_nowait(how)
        return Response()

    async def until_it_ends(self, served: Served, until: Until) -> str:
        """Let it go on when the client is gone and it has not been cancelled for that."""
        await until(lambda: not self.ended.empty() or served.server.connections == [])
        await asyncio.sleep(0.01)
        self.go.set()
        return await asyncio.wait_for(self.ended.get(), 3)


@pytest.fixture
async def work() -> Work:
    return Work()


def leave(connection: Connection, how: str) -> None:
    {"reset": connection.reset, "close": connection.close, "half-close": connection.half_close}[
        how
    ]()


WAYS = pytest.mark.parametrize("how", ["reset", "close", "half-close"])
SERVERS = pytest.mark.parametrize("everywhere", [False, True])


@WAYS
@SERVERS
async def test_a_handler_that_wants_it_is_cancelled(
    serve: Serve, work: Work, until: Until, how: str, everywhere: bool
) -> None:
    @cancel_on_disconnect
    async def handler(request: BaseRequest) -> Response:
        return await work.do()

    served = await serve(handler, handler_cancellation=everywhere)
    connection = await served.connect()
    connection.send(GET)
    await asyncio.wait_for(work.begun.wait(), 3)
    leave(connection, how)
    assert await asyncio.wait_for(work.ended.get(), 3) == "cancelled"
    await until(lambda: served.server.connections == [])


@SERVERS
async def test_an_atomic_handler_is_not(
    serve: Serve, work: Work, until: Until, everywhere: bool
) -> None:
    @atomic
    async def handler(request: BaseRequest) -> Response:
        return await work.do()

    served = await serve(handler, handler_cancellation=everywhere)
    connection = await served.connect()
    connection.send(GET)
    await asyncio.wait_for(work.begun.wait(), 3)
    connection.reset()
    assert await work.until_it_ends(served, until) == "done"


async def test_a_client_that_closes_its_side_gets_the_answer_of_an_atomic_handler(
    serve: Serve, work: Work
) -> None:
    @atomic
    async def handler(request: BaseRequest) -> Response:
        return await work.do()

    served = await serve(handler, handler_cancellation=True)
    connection = await served.connect()
    connection.send(GET)
    await asyncio.wait_for(work.begun.wait(), 3)
    connection.half_close()
    await asyncio.sleep(0.01)
    work.go.set()
    assert (await connection.answer()).status == 200


async def test_the_next_request_goes_by_the_server_again(
    serve: Serve, work: Work, until: Until
) -> None:
    async def handler(request: BaseRequest) -> Response:
        if request.path == "/first":
            request.cancel_on_disconnect()
            return Response()
        return await work.do()

    served = await serve(handler)
    connection = await served.connect()
    assert (await connection.ask("/first")).status == 200
    connection.send(GET)
    await asyncio.wait_for(work.begun.wait(), 3)
    connection.reset()
    assert await work.until_it_ends(served, until) == "done"


async def test_a_client_that_is_gone_already_cancels_at_once(
    serve: Serve, work: Work, until: Until
) -> None:
    async def handler(request: BaseRequest) -> Response:
        await until(lambda: request.transport is None)
        request.cancel_on_disconnect()
        return await work.do()

    connection = await (await serve(handler)).connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    connection.reset()
    assert await asyncio.wait_for(work.ended.get(), 3) == "cancelled"


async def test_methods_of_views_and_middlewares_may_decide(
    serve: Serve, work: Work, until: Until
) -> None:
    class Page(View):
        @cancel_on_disconnect
        async def get(self) -> Response:
            return await work.do()

    @middleware
    async def all_atomic(request: Request, handler: Any) -> StreamResponse:
        request.cancel_on_disconnect(False)
        response: StreamResponse = await handler(request)
        return response

    app = Application(middlewares=[all_atomic])
    app.router.add_view("/", Page)
    served = await serve(app, handler_cancellation=True)
    connection = await served.connect()
    connection.send(GET)
    await asyncio.wait_for(work.begun.wait(), 3)
    connection.reset()
    assert await asyncio.wait_for(work.ended.get(), 3) == "cancelled"


async def test_only_async_functions_are_decorated() -> None:
    unfit: Any = len
    with pytest.raises(TypeError, match="cancel_on_disconnect decorates async handlers"):
        cancel_on_disconnect(unfit)
    with pytest.raises(TypeError, match="atomic decorates async handlers"):
        atomic(unfit)

    @atomic
    async def handler(request: object) -> Response:
        """Do it."""
        return Response()

    assert (handler.__name__, handler.__doc__) == ("handler", "Do it.")
    with pytest.raises(TypeError, match="called with a request, got"):
        await handler(None)


async def test_a_handler_cancelled_before_its_first_step_leaves_no_connection(
    serve: Serve, until: Until
) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response()

    served = await serve(handler, handler_cancellation=True)
    connection = await served.connect()
    # The end of what the client sends comes with the request, before its task has begun.
    connection.send(GET)
    connection.half_close()
    await connection.until_lost()
    await until(lambda: served.server.connections == [])


async def test_a_disconnect_is_noticed_while_a_handler_streams_and_requests_wait(
    serve: Serve,
) -> None:
    noticed = asyncio.Event()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        gone = asyncio.ensure_future(request.wait_for_disconnect())
        while not gone.done():
            await response.write(b"tick")
            await asyncio.sleep(0.001)
        noticed.set()
        return response

    connection = await (await serve(handler)).connect()
    connection.send(GET * 3)
    assert (await connection.reader.readexactly(8)) == b"HTTP/1.1"
    connection.close()
    await asyncio.wait_for(noticed.wait(), 3)


# --- the one exception ---


def test_a_write_to_a_gone_connection_is_aiohttp_s_exception_too() -> None:
    with pytest.raises(TheirError, match="gone") as caught:
        raise ClientConnectionResetError("gone")
    assert isinstance(caught.value, ClientConnectionResetError)
    assert isinstance(caught.value, ConnectionResetError)
    assert type(caught.value).__name__ == "ClientConnectionResetError"
    assert type(ClientConnectionResetError("x")) is type(caught.value)


@pytest.mark.parametrize("loaded", [None, types.ModuleType("aiohttp"), "itself"])
def test_without_aiohttp_it_is_ours_alone(monkeypatch: pytest.MonkeyPatch, loaded: Any) -> None:
    if loaded == "itself":
        # The façade of an installation without aiohttp names ours.
        loaded = types.ModuleType("aiohttp")
        vars(loaded)["ClientConnectionResetError"] = ClientConnectionResetError
    if loaded is None:
        monkeypatch.delitem(sys.modules, "aiohttp")
    else:
        monkeypatch.setitem(sys.modules, "aiohttp", loaded)
    assert type(ClientConnectionResetError("gone")) is ClientConnectionResetError
    if loaded is None:
        assert "aiohttp" not in sys.modules
