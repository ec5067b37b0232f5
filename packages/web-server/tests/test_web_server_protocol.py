"""Requests that follow each other on a connection: order, keep-alive, versions, pipelining."""

from __future__ import annotations

import asyncio
import contextvars
import sys
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import (
    Application,
    BaseRequest,
    HttpProtocol,
    Request,
    Response,
    StreamResponse,
)

if TYPE_CHECKING:
    from conftest import Serve, Until

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"


def get(path: str, *fields: str) -> bytes:
    return "\r\n".join([f"GET {path} HTTP/1.1", "Host: test", *fields, "", ""]).encode()


async def echo_path(request: BaseRequest) -> Response:
    return Response(text=request.path)


async def stream(request: BaseRequest) -> StreamResponse:
    response = StreamResponse()
    await response.prepare(request)
    await response.write(b"one ")
    await response.write(b"two")
    return response


async def test_a_connection_answers_one_request_after_another(serve: Serve) -> None:
    connection = await (await serve(echo_path)).connect()
    for path in ("/a", "/b", "/c"):
        answer = await connection.ask(path)
        assert answer.text == path
        assert "connection" not in answer.headers


async def test_connections_are_served_at_the_same_time(serve: Serve) -> None:
    meeting = asyncio.Barrier(3)

    async def meet(request: BaseRequest) -> Response:
        await meeting.wait()
        return Response()

    served = await serve(meet)
    answers = await asyncio.gather(*(served.get("/") for _ in range(3)))
    assert [answer.status for answer in answers] == [200, 200, 200]


async def test_a_request_split_at_every_byte_is_answered(serve: Serve) -> None:
    async def echo(request: BaseRequest) -> Response:
        return Response(text=f"{request.path} {await request.text()}")

    served = await serve(echo)
    request = b"POST /x HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\n\r\nhello"
    connection = await served.connect()
    for byte in request:
        connection.send(bytes([byte]))
        await asyncio.sleep(0)
    assert (await connection.answer()).text == "/x hello"
    for cut in range(1, len(request)):
        connection.send(request[:cut])
        await asyncio.sleep(0)
        connection.send(request[cut:])
        assert (await connection.answer()).text == "/x hello"


async def test_pipelined_requests_are_answered_in_order_though_the_first_is_slow(
    serve: Serve,
) -> None:
    go = asyncio.Event()
    started: list[str] = []

    async def handler(request: BaseRequest) -> Response:
        started.append(request.path)
        if request.path == "/slow":
            await go.wait()
        return Response(text=request.path)

    connection = await (await serve(handler)).connect()
    connection.send(get("/slow") + get("/b") + get("/c"))
    while not started:
        await asyncio.sleep(0)
    connection.send(get("/d"))
    await asyncio.sleep(0.01)
    assert started == ["/slow"], "one request at a time is served on a connection"
    go.set()
    assert [(await connection.answer()).text for _ in range(4)] == ["/slow", "/b", "/c", "/d"]


@pytest.mark.parametrize("slow", [True, False])
async def test_pipelined_requests_each_have_their_own_body(serve: Serve, slow: bool) -> None:
    async def echo(request: BaseRequest) -> Response:
        if slow:
            await asyncio.sleep(0)
        return Response(body=await request.read())

    connection = await (await serve(echo)).connect()
    head = b"POST / HTTP/1.1\r\nHost: test\r\n"
    connection.send(
        (head + b"Content-Length: 3\r\n\r\none")
        + (head + b"Transfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n")
        + GET
        + (head + b"Content-Length: 5\r\n\r\nthree")
    )
    assert [(await connection.answer()).body for _ in range(4)] == [b"one", b"two", b"", b"three"]


async def test_a_flood_of_pipelined_requests_stops_the_transport_and_is_answered_in_order(
    serve: Serve, until: Until
) -> None:
    go = asyncio.Event()
    count = 3000

    async def handler(request: BaseRequest) -> Response:
        if request.path == "/0":
            await go.wait()
        return Response(text=request.path)

    served = await serve(handler)
    connection = await served.connect()
    connection.send(b"".join(get(f"/{n}", "X-Padding: " + "x" * 1000) for n in range(count)))
    await until(lambda: len(served.server.connections) == 1)
    (protocol,) = served.server.connections
    assert isinstance(protocol, HttpProtocol)
    transport = protocol.transport
    assert transport is not None
    await until(lambda: not transport.is_reading())
    assert (protocol._next is not None, len(protocol._queue or ())) == (True, 16)
    go.set()
    for n in range(count):
        assert (await connection.answer()).text == f"/{n}"


@pytest.mark.parametrize("count", [9, 16, 17, 18, 24, 25, 26, 40])
async def test_a_connection_goes_on_after_pipelined_requests(serve: Serve, count: int) -> None:
    first = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        if request.path == "/0":
            await first.wait()
        return Response(text=request.path)

    connection = await (await serve(handler)).connect()
    connection.send(b"".join(get(f"/{n}") for n in range(count)))
    await asyncio.sleep(0.01)
    first.set()
    for n in range(count):
        assert (await connection.answer()).text == f"/{n}"
    assert (await connection.ask("/after")).text == "/after"


async def test_each_request_runs_in_a_task_and_a_context_of_its_own(serve: Serve) -> None:
    variable = contextvars.ContextVar("variable", default="unset")
    variable.set("by the server's maker")
    tasks = set()

    async def handler(request: BaseRequest) -> Response:
        before = variable.get()
        variable.set("by a handler")
        task = asyncio.current_task()
        assert task is request.task
        tasks.add(task)
        await asyncio.sleep(0)
        return Response(text=before)

    connection = await (await serve(handler)).connect()
    assert (await connection.ask("/")).text == "by the server's maker"
    assert (await connection.ask("/")).text == "by the server's maker"
    assert len(tasks) == 2


@pytest.mark.skipif(sys.version_info < (3, 12), reason="tasks start eagerly from Python 3.12 on")
async def test_a_handler_that_never_waits_is_answered_within_data_received(serve: Serve) -> None:
    stacks = []

    async def handler(request: BaseRequest) -> Response:
        frame = sys._getframe()
        while frame.f_back is not None:
            frame = frame.f_back
            stacks.append(frame.f_code.co_name)
        return Response()

    assert (await (await serve(handler)).get("/")).status == 200
    assert "data_received" in stacks


# --- how a connection ends ---


async def test_connection_close_is_answered_with_close(serve: Serve) -> None:
    connection = await (await serve(echo_path)).connect()
    answer = await connection.ask("/", "Connection: close")
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


@pytest.mark.parametrize("option", ["Close", "foo, CLOSE", "close, keep-alive"])
async def test_the_close_option_is_found_in_a_list_in_any_case(serve: Serve, option: str) -> None:
    connection = await (await serve(echo_path)).connect()
    connection.send(get("/", f"Connection: {option}"))
    assert (await connection.answer()).headers["connection"] == "close"
    assert await connection.closed()


async def test_requests_behind_connection_close_are_not_served(serve: Serve) -> None:
    paths = []

    async def handler(request: BaseRequest) -> Response:
        paths.append(request.path)
        await asyncio.sleep(0)
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(get("/a", "Connection: close") + get("/b"))
    assert (await connection.answer()).status == 200
    connection.send(get("/c"))
    assert await connection.closed()
    assert paths == ["/a"]


async def test_a_handler_can_close_the_connection(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response()
        response.force_close()
        return response

    connection = await (await serve(handler)).connect()
    assert (await connection.ask("/")).headers["connection"] == "close"
    assert await connection.closed()


async def test_a_handler_can_close_the_connection_with_a_header(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(headers={"Connection": "close"})

    connection = await (await serve(handler)).connect()
    assert (await connection.ask("/")).headers["connection"] == "close"
    assert await connection.closed()


async def test_http_1_0_closes_by_default(serve: Serve) -> None:
    connection = await (await serve(echo_path)).connect()
    connection.send(b"GET /a HTTP/1.0\r\n\r\n")
    answer = await connection.answer()
    assert answer.text == "/a"
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_http_1_0_keeps_the_connection_when_asked_and_says_so(serve: Serve) -> None:
    connection = await (await serve(echo_path)).connect()
    for _ in range(2):
        connection.send(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        answer = await connection.answer()
        assert answer.headers["connection"] == "keep-alive"
        assert answer.headers["content-length"] == "2"


async def test_a_stream_to_http_1_0_ends_with_the_connection_and_is_not_chunked(
    serve: Serve,
) -> None:
    connection = await (await serve(stream)).connect()
    connection.send(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    answer = await connection.answer()
    assert "transfer-encoding" not in answer.headers
    assert "content-length" not in answer.headers
    assert answer.headers["connection"] == "close"
    assert answer.body == b"one two"


async def test_a_stream_to_http_1_1_is_chunked_and_the_connection_goes_on(serve: Serve) -> None:
    connection = await (await serve(stream)).connect()
    for _ in range(2):
        answer = await connection.ask("/")
        assert answer.headers["transfer-encoding"] == "chunked"
        assert answer.body == b"one two"


async def test_a_client_that_half_closes_is_still_answered(serve: Serve) -> None:
    go = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        await go.wait()
        return Response(text=request.path)

    connection = await (await serve(handler)).connect()
    connection.send(get("/a") + get("/b"))
    connection.half_close()
    await asyncio.sleep(0.01)
    go.set()
    first, second = await connection.answer(), await connection.answer()
    assert [first.text, second.text] == ["/a", "/b"]
    assert "connection" not in first.headers
    assert second.headers["connection"] == "close"
    assert await connection.closed()


async def test_a_half_closed_client_with_a_full_pipeline_gets_every_answer(serve: Serve) -> None:
    go = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        await go.wait()
        return Response(text=request.path)

    connection = await (await serve(handler)).connect()
    connection.send(b"".join(get(f"/{n}") for n in range(50)))
    connection.half_close()
    await asyncio.sleep(0.01)
    go.set()
    assert [(await connection.answer()).text for _ in range(50)] == [f"/{n}" for n in range(50)]
    assert await connection.closed()


async def test_an_idle_client_that_half_closes_is_closed(serve: Serve) -> None:
    connection = await (await serve(echo_path)).connect()
    assert (await connection.ask("/")).status == 200
    connection.half_close()
    assert await connection.closed()


async def test_a_silent_client_that_half_closes_is_closed(serve: Serve) -> None:
    connection = await (await serve(echo_path)).connect()
    connection.half_close()
    assert await connection.closed()


# --- messages without a body ---


async def test_head_is_answered_without_the_body_and_the_connection_goes_on(serve: Serve) -> None:
    connection = await (await serve(echo_path)).connect()
    answer = await connection.ask("/four", method="HEAD")
    assert answer.headers["content-length"] == "5"
    assert (await connection.ask("/next")).text == "/next"


async def test_head_of_a_stream_has_no_body_whatever_is_written(serve: Serve) -> None:
    connection = await (await serve(stream)).connect()
    for _ in range(2):
        answer = await connection.ask("/", method="HEAD")
        assert answer.headers["transfer-encoding"] == "chunked"
    assert (await connection.ask("/")).body == b"one two"


async def test_head_of_a_stream_to_http_1_0_can_keep_the_connection(serve: Serve) -> None:
    connection = await (await serve(stream)).connect()
    for _ in range(2):
        connection.send(b"HEAD / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        answer = await connection.answer(method="HEAD")
        assert answer.headers["connection"] == "keep-alive"
        assert "transfer-encoding" not in answer.headers


@pytest.mark.parametrize("status", [204, 304])
async def test_statuses_without_a_body_never_have_one(serve: Serve, status: int) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        if request.path == "/stream":
            response = StreamResponse(status=status, headers={"Content-Length": "3"})
            await response.prepare(request)
            await response.write(b"abc")
            return response
        return Response(status=status, text="abc")

    connection = await (await serve(handler)).connect()
    for path in ("/", "/stream"):
        answer = await connection.ask(path)
        assert answer.status == status
        assert "content-length" not in answer.headers
        assert "transfer-encoding" not in answer.headers
    assert (await connection.ask("/")).status == status


async def test_empty_lines_before_a_request_are_skipped(serve: Serve) -> None:
    connection = await (await serve(echo_path)).connect()
    connection.send(b"\r\n" + get("/a") + b"\r\n\r\n" + get("/b"))
    assert [(await connection.answer()).text for _ in range(2)] == ["/a", "/b"]


async def test_the_repr_of_a_connection_shows_the_peer_and_its_phase(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(text=repr(request.protocol))

    connection = await (await serve(handler)).connect()
    address = connection.writer.get_extra_info("sockname")
    assert (await connection.ask("/")).text == f"<HttpProtocol {address} serving>"


async def test_requests_of_an_application_are_answered_on_one_connection(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response(text=request.match_info["name"])

    app = Application()
    app.router.add_get("/{name}", handler)
    connection = await (await serve(app)).connect()
    connection.send(get("/a") + get("/b/c") + get("/d"))
    answers = [await connection.answer() for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 404, 200]
    assert answers[2].text == "d"
