"""Expect: 100-continue (RFC 9110 section 10.1.1)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tidegate_web_server import (
    Application,
    BaseRequest,
    HTTPForbidden,
    Request,
    Response,
    StreamResponse,
    Timeouts,
)

if TYPE_CHECKING:
    from conftest import Connection, Serve

# And the client waits.
HEAD = b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"


async def echo(request: BaseRequest) -> Response:
    return Response(body=await request.read())


async def nothing_came(connection: Connection) -> bool:
    """Tell whether the server stays silent while the loop runs through everything it has."""
    reading = asyncio.ensure_future(connection.reader.read(1))
    await asyncio.wait([reading], timeout=0.02)
    silent = not reading.done()
    reading.cancel()
    await asyncio.wait([reading])
    return silent


async def test_continue_is_sent_when_the_handler_reads(serve: Serve) -> None:
    go = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        await go.wait()
        return await echo(request)

    connection = await (await serve(handler)).connect()
    connection.send(HEAD)
    assert await nothing_came(connection)
    go.set()
    assert await connection.reader.readexactly(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.send(b"hello")
    assert (await connection.answer()).body == b"hello"
    assert (await connection.ask("/next")).body == b""


async def test_continue_is_sent_to_applications_too(serve: Serve) -> None:
    app = Application()

    async def handler(request: Request) -> Response:
        return await echo(request)

    app.router.add_post("/", handler)
    connection = await (await serve(app)).connect()
    connection.send(HEAD.replace(b"100-continue", b"100-CONTINUE"))
    assert (await connection.answer()).status == 100
    connection.send(b"hello")
    assert (await connection.answer()).body == b"hello"


async def test_continue_is_not_sent_when_the_body_is_there_already(serve: Serve) -> None:
    connection = await (await serve(echo)).connect()
    connection.send(HEAD + b"hello")
    assert (await connection.answer()).body == b"hello"


async def test_a_handler_that_does_not_read_sends_its_answer_alone_and_closes(
    serve: Serve,
) -> None:
    # Nobody can tell whether the client will send the body that it was not asked for.
    async def handler(request: BaseRequest) -> Response:
        raise HTTPForbidden

    connection = await (await serve(handler)).connect()
    connection.send(HEAD)
    answer = await connection.answer()
    assert answer.status == 403
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_a_body_over_the_limit_is_refused_instead_of_asked_for(serve: Serve) -> None:
    connection = await (await serve(echo, client_max_size=4)).connect()
    connection.send(HEAD)
    answer = await connection.answer()
    assert answer.status == 413
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_a_body_not_found_is_not_asked_for(serve: Serve) -> None:
    connection = await (await serve(Application())).connect()
    connection.send(HEAD)
    assert (await connection.answer()).status == 404
    assert await connection.closed()


async def test_continue_is_never_sent_after_a_final_answer_has_begun(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await response.write(await request.read())
        return response

    connection = await (await serve(handler)).connect()
    connection.send(HEAD)
    head = await connection.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert await nothing_came(connection)
    connection.send(b"hello")
    assert await connection.rest() == b"5\r\nhello\r\n0\r\n\r\n"


async def test_http_1_0_clients_never_see_100(serve: Serve) -> None:
    connection = await (await serve(echo)).connect()
    connection.send(HEAD.replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert await nothing_came(connection)
    connection.send(b"hello")
    answer = await connection.answer()
    assert answer.status == 200
    assert answer.body == b"hello"


async def test_an_unknown_expectation_is_a_417(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response()

    app = Application()
    app.router.add_get("/", handler)
    served = await serve(app)
    answer = await served.get("/", "Expect: a miracle")
    assert answer.status == 417
    assert (await served.ask(b"GET / HTTP/1.0\r\nExpect: a miracle\r\n\r\n")).status == 200


async def test_an_expectation_of_a_request_without_a_body_needs_no_answer(serve: Serve) -> None:
    connection = await (await serve(echo)).connect()
    for _ in range(2):
        assert (await connection.ask("/", "Expect: 100-continue")).status == 200


async def test_a_route_answers_expectations_itself(serve: Serve) -> None:
    asked: list[str] = []

    async def expect(request: Request) -> Response | None:
        asked.append(request.headers["Expect"])
        return Response(status=401) if request.path == "/refused" else None

    async def handler(request: Request) -> Response:
        return await echo(request)

    app = Application()
    app.router.add_post("/refused", handler, expect_handler=expect)
    app.router.add_post("/", handler, expect_handler=expect)
    served = await serve(app)
    connection = await served.connect()
    connection.send(HEAD.replace(b" / ", b" /refused "))
    assert (await connection.answer()).status == 401
    assert await connection.closed()
    connection = await served.connect()
    connection.send(HEAD)
    assert (await connection.answer()).status == 100
    connection.send(b"hello")
    assert (await connection.answer()).body == b"hello"
    assert asked == ["100-continue"] * 2


async def test_a_client_that_waits_to_be_asked_is_not_timed_out(serve: Serve) -> None:
    waited = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        # Longer than the time-out, which is for clients that are awaited.
        await asyncio.sleep(0.5)
        waited.set()
        return await echo(request)

    connection = await (await serve(handler, timeouts=Timeouts(body=0.2))).connect()
    connection.send(HEAD)
    await waited.wait()
    assert (await connection.answer()).status == 100
    connection.send(b"hello")
    assert (await connection.answer()).body == b"hello"


async def test_a_client_that_goes_away_instead_of_sending_fails_the_read(serve: Serve) -> None:
    connection = await (await serve(echo)).connect()
    connection.send(HEAD)
    assert (await connection.answer()).status == 100
    connection.half_close()
    assert (await connection.answer()).status == 400
    assert await connection.closed()
