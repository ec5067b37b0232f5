"""One response for several requests, one after another and at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import (
    Application,
    BaseRequest,
    HTTPNotFound,
    Request,
    Response,
    StreamResponse,
)

if TYPE_CHECKING:
    from conftest import Log, Serve, Until

SECRET = "the password is swordfish"


async def test_a_response_made_once_answers_again_and_again(serve: Serve) -> None:
    response = Response(text="shared", headers={"X-Own": "1"})

    async def handler(request: BaseRequest) -> Response:
        return response

    served = await serve(handler)
    for _ in range(2):
        connection = await served.connect()
        for method in ("GET", "HEAD", "GET"):
            answer = await connection.ask("/", method=method)
            assert answer.headers["content-length"] == "6"
            assert answer.headers["x-own"] == "1"
            assert "connection" not in answer.headers
        answer = await connection.ask("/", "Connection: close")
        assert answer.text == "shared"
        assert answer.headers["connection"] == "close"


async def test_a_response_made_once_keeps_what_its_author_set(serve: Serve) -> None:
    response = Response(headers={"Connection": "close", "Date": "Thu, 01 Jan 1970 00:00:00 GMT"})

    async def handler(request: BaseRequest) -> Response:
        return response

    served = await serve(handler)
    for _ in range(2):
        answer = await served.get("/")
        assert answer.headers["connection"] == "close"
        assert answer.headers["date"] == "Thu, 01 Jan 1970 00:00:00 GMT"


async def test_an_exception_made_once_is_raised_again_and_again(serve: Serve) -> None:
    error = HTTPNotFound()

    async def handler(request: BaseRequest) -> Response:
        raise error

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        assert (await connection.ask("/")).status == 404


async def test_a_stream_cannot_answer_a_second_request(serve: Serve, log: Log) -> None:
    response = StreamResponse()

    async def handler(request: BaseRequest) -> StreamResponse:
        if not response.prepared:
            await response.prepare(request)
            await response.write_eof(b"once")
        return response

    connection = await (await serve(handler)).connect()
    assert (await connection.ask("/")).body == b"once"
    assert (await connection.ask("/")).status == 500
    assert log.take_one().exc_info is not None


async def test_a_response_shared_by_two_requests_at_once_leaves_none_without_an_answer(
    serve: Serve, log: Log
) -> None:
    response = Response(text="shared")
    both = asyncio.Barrier(2)

    async def prepare(request: Request, response: StreamResponse) -> None:
        if request.path == "/first":
            await asyncio.wait_for(both.wait(), 1)

    async def handler(request: Request) -> Response:
        if request.path == "/second":
            await asyncio.wait_for(both.wait(), 1)
        return response

    app = Application()
    app.router.add_get("/{name}", handler)
    app.on_response_prepare.append(prepare)
    served = await serve(app)
    answers = await asyncio.gather(served.get("/first"), served.get("/second"))
    # Refusing the second is as good as serving it.
    assert [answer.status for answer in answers] in ([200, 200], [200, 500])
    log.take()


async def test_a_shared_response_survives_a_client_that_did_not_take_it(
    serve: Serve, until: Until
) -> None:
    response = Response(text="shared")
    gone = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        if request.path == "/gone":
            await until(lambda: request.transport is None)
            gone.set()
        return response

    served = await serve(handler)
    connection = await served.connect()
    connection.send(b"GET /gone HTTP/1.1\r\nHost: test\r\n\r\n")
    await until(lambda: served.server.requests_count == 1)
    connection.reset()
    await asyncio.wait_for(gone.wait(), 3)
    await until(lambda: served.server.connections == [])
    assert (await served.get("/")).text == "shared"


async def test_a_shared_response_survives_a_signal_that_failed(serve: Serve, log: Log) -> None:
    response = Response(text="shared")

    async def prepare(request: Request, response: StreamResponse) -> None:
        if request.path == "/fail":
            raise ValueError(SECRET)

    async def handler(request: Request) -> Response:
        return response

    app = Application()
    app.router.add_get("/{name:.*}", handler)
    app.on_response_prepare.append(prepare)
    served = await serve(app)
    assert (await served.get("/fail")).status == 500
    assert log.take()
    assert (await served.get("/")).text == "shared"


@pytest.mark.parametrize("first", ["HEAD /", "GET /old"])
async def test_a_shared_chunked_response_stays_chunked(serve: Serve, first: str) -> None:
    response = Response(text="shared")
    response.enable_chunked_encoding()

    async def handler(request: BaseRequest) -> Response:
        return response

    served = await serve(handler)
    method, path = first.split()
    version = "1.0" if path == "/old" else "1.1"
    await served.ask(
        f"{method} {path} HTTP/{version}\r\nHost: test\r\n\r\n".encode(), method=method
    )
    for _ in range(2):
        answer = await served.get("/")
        assert answer.text == "shared"
        assert answer.headers["transfer-encoding"] == "chunked"
