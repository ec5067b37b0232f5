"""Requests leave nothing behind that only the garbage collector could free."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    Application,
    HTTPForbidden,
    Request,
    Response,
    StreamResponse,
    json_response,
    middleware,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Serve, Until


class Garbage:
    """What only the collector can free of what is made after :meth:`watch`."""

    def watch(self) -> None:
        gc.collect()
        gc.freeze()  # what is there by now is not looked at
        gc.set_debug(gc.DEBUG_SAVEALL)

    def found(self) -> list[Any]:
        """Return what belongs to this package, and exceptions."""
        gc.collect()
        return [
            thing
            for thing in gc.garbage
            if type(thing).__module__.startswith("tidegate") or isinstance(thing, BaseException)
        ]


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    gc.disable()
    yield Garbage()
    gc.set_debug(0)
    gc.garbage.clear()
    gc.unfreeze()
    gc.enable()


@middleware
async def plain_middleware(request: Request, handler: Any) -> StreamResponse:
    response: StreamResponse = await handler(request)
    return response


async def hello(request: Request) -> StreamResponse:
    if request.path == "/read":
        return json_response(await request.json())
    if request.path == "/stream":
        response = StreamResponse()
        await response.prepare(request)
        await response.write(b"abc")
        return response
    if request.path == "/forbidden":
        raise HTTPForbidden
    # What a handler looks at is made and kept, and must go with the request.
    looked_at = (request.url, request.query, request.headers, request.host, request.remote)
    request["key"] = "value"
    return Response(text=str(looked_at))


async def prepare(request: Request, response: StreamResponse) -> None:
    response.headers["X-Signal"] = "1"


POST = b"POST /read HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\n[1]"
REQUESTS = {
    "GET": b"GET / HTTP/1.1\r\nHost: test\r\n\r\n",
    "POST": POST,
    "POST with a body that comes late": POST,
    "stream": b"GET /stream HTTP/1.1\r\nHost: test\r\n\r\n",
    "404": b"GET /nothing/here HTTP/1.1\r\nHost: test\r\n\r\n",
    "405": b"PUT / HTTP/1.1\r\nHost: test\r\n\r\n",
    "403 that is raised": b"GET /forbidden HTTP/1.1\r\nHost: test\r\n\r\n",
    "400 that is raised": POST.replace(b"[1]", b"[1 "),
}


@pytest.mark.parametrize("equipped", [False, True], ids=["bare", "signal and middleware"])
@pytest.mark.parametrize("kind", REQUESTS)
async def test_a_keep_alive_request_leaves_no_reference_cycle(
    serve: Serve, garbage: Garbage, kind: str, equipped: bool
) -> None:
    app = Application(middlewares=[plain_middleware] if equipped else [])
    if equipped:
        app.on_response_prepare.append(prepare)
    app.router.add_get("/{name:[a-z]*}", hello)
    app.router.add_post("/read", hello)
    connection = await (await serve(app)).connect()
    request = REQUESTS[kind]

    async def ask() -> None:
        if "late" in kind:
            connection.send(request[:-3])
            await connection.writer.drain()
            connection.send(request[-3:])
        else:
            connection.send(request)
        await connection.answer()

    await ask()  # what is made once is made now
    garbage.watch()
    await ask()
    assert garbage.found() == []


async def test_a_connection_leaves_no_reference_cycle(
    serve: Serve, garbage: Garbage, until: Until
) -> None:
    app = Application()
    app.router.add_get("/{name:[a-z]*}", hello)
    served = await serve(app)

    async def visit() -> None:
        connection = await served.connect()
        await connection.ask("/")
        connection.close()
        served.connections.clear()
        await until(lambda: served.server.connections == [])

    await visit()
    garbage.watch()
    await visit()
    assert garbage.found() == []
