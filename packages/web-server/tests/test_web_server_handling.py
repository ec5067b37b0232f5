"""What a handler returns or raises, and what the client and the log see of it."""

from __future__ import annotations

import asyncio
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    Application,
    BaseRequest,
    HTTPFound,
    HTTPNotFound,
    Request,
    Response,
    StreamResponse,
)

if TYPE_CHECKING:
    from conftest import Log, Serve

SECRET = "the password is swordfish"


async def fails(request: BaseRequest) -> Response:
    raise ValueError(SECRET)


async def test_a_handler_that_fails_is_a_500_without_details(serve: Serve, log: Log) -> None:
    connection = await (await serve(fails)).connect()
    connection.send(b"GET /path HTTP/1.1\r\nHost: test\r\n\r\n")
    answer = await connection.answer()
    assert answer.status == 500
    assert answer.headers["connection"] == "close"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "500 Internal Server Error" in answer.text
    assert "swordfish" not in f"{answer}"
    assert "Traceback" not in answer.text
    assert "ValueError" not in answer.text
    assert await connection.closed()
    record = log.take_one()
    assert record.getMessage() == "Error handling <BaseRequest GET /path>"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == SECRET


async def test_a_handler_that_waited_in_vain_is_a_504(serve: Serve, log: Log) -> None:
    async def handler(request: BaseRequest) -> Response:
        raise TimeoutError(SECRET)

    answer = await (await serve(handler)).get("/path")
    assert answer.status == 504
    assert answer.text.startswith("504 Gateway Timeout")
    assert "swordfish" not in answer.text
    assert log.take_one().exc_info is not None


async def test_debug_mode_shows_the_traceback(serve: Serve, log: Log) -> None:
    answer = await (await serve(fails, debug=True)).get("/")
    assert answer.status == 500
    assert f"ValueError: {SECRET}" in answer.text
    assert "Traceback" in answer.text
    assert "in fails" in answer.text
    assert log.take_one().exc_info is not None


async def test_debug_mode_of_an_application_reaches_its_server(serve: Serve, log: Log) -> None:
    app = Application(debug=True)
    app.router.add_get("/", fails)
    assert "swordfish" in (await (await serve(app)).get("/")).text
    assert log.take()


async def test_an_answer_that_is_raised_is_sent(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        raise HTTPNotFound(headers={"X-Why": "none"})

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        answer = await connection.ask("/")
        assert answer.status == 404
        assert answer.text == "404: Not Found"
        assert answer.headers["x-why"] == "none"


async def test_an_answer_that_is_returned_is_sent_with_a_warning(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return HTTPNotFound()

    with pytest.warns(DeprecationWarning, match="returning HTTPException object is deprecated"):
        answer = await (await serve(handler)).get("/")
    assert answer.status == 404


async def test_a_raised_answer_does_not_warn(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        raise HTTPNotFound

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        assert (await (await serve(handler)).get("/")).status == 404
    assert [w for w in caught if issubclass(w.category, DeprecationWarning)] == []


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "Missing return statement on the handler of <BaseRequest GET /x>: "),
        (None, ".handler returned None; it should return a response, such as web.Response("),
        ("text", "the handler of <BaseRequest GET /x> should return a response, such as "),
        (b"bytes", "handler returned bytes"),
        ({"json": 1}, "handler returned dict"),
    ],
)
async def test_a_handler_that_returns_no_response_is_a_500(
    serve: Serve, log: Log, returned: Any, message: str
) -> None:
    async def handler(request: BaseRequest) -> Any:
        return returned

    answer = await (await serve(handler)).get("/x")
    assert answer.status == 500
    exc_info = log.take_one().exc_info
    assert exc_info is not None
    assert isinstance(exc_info[1], TypeError)
    assert message in str(exc_info[1])


async def test_a_handler_that_is_not_async_is_a_500(serve: Serve, log: Log) -> None:
    def handler(request: BaseRequest) -> Any:
        return Response()

    assert (await (await serve(handler)).get("/")).status == 500
    assert log.take_one().exc_info is not None


async def test_a_handler_that_awaits_a_cancelled_task_is_a_500(serve: Serve, log: Log) -> None:
    # Nobody cancelled the request: it is the handler's failure, and a loud one.
    async def handler(request: BaseRequest) -> Response:
        task = asyncio.ensure_future(asyncio.sleep(60))
        await asyncio.sleep(0)
        task.cancel()
        await task
        return Response()

    assert (await (await serve(handler)).get("/")).status == 500
    assert log.take()


async def test_a_handler_that_cancels_its_own_task_aborts_the_connection(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        assert request.task is not None
        request.task.cancel()
        await asyncio.sleep(60)
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    data, _ = await connection.until_lost()
    assert data == b""


async def test_a_request_factory_that_fails_is_a_500(serve: Serve, log: Log) -> None:
    def factory(*args: Any, **kwargs: Any) -> BaseRequest:
        raise ValueError(SECRET)

    connection = await (await serve(fails, request_factory=factory)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    data, _ = await connection.until_lost()
    assert data.startswith(b"HTTP/1.1 500 ")
    assert b"swordfish" not in data
    assert log.take()


# --- once the answer has begun ---


async def test_an_exception_in_the_middle_of_a_stream_aborts_it_visibly(
    serve: Serve, log: Log
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await response.write(b"part")
        raise ValueError(SECRET)

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" * 2)
    data, _ = await connection.until_lost()
    assert not data.endswith(b"0\r\n\r\n"), "a last chunk would make a part look like the whole"
    assert data.count(b"HTTP/1.1") <= 1
    first, second = log.take()
    assert first.exc_info is not None
    assert "had been answered in part" in second.getMessage()


async def test_an_exception_in_the_middle_of_a_stream_to_http_1_0_is_a_reset(
    serve: Serve, log: Log
) -> None:
    # The end of the connection would be the end of the body.
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await response.write(b"part")
        await asyncio.sleep(0.02)
        raise ValueError(SECRET)

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.0\r\n\r\n")
    _, reset = await connection.until_lost()
    assert reset
    assert log.take()


async def test_an_answer_raised_in_the_middle_of_a_stream_aborts_it_and_is_logged(
    serve: Serve, log: Log
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await response.write(b"part")
        raise HTTPNotFound

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    data, _ = await connection.until_lost()
    assert b"404" not in data
    assert not data.endswith(b"0\r\n\r\n")
    assert log.take(), "nobody learns that this handler is wrong"


async def test_two_responses_for_one_request_abort_the_connection_and_are_logged(
    serve: Serve, log: Log
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        return Response(text="second")

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    data, _ = await connection.until_lost()
    assert b"second" not in data
    assert not data.endswith(b"0\r\n\r\n")
    assert log.take(), "nobody learns that this handler is wrong"


async def test_preparing_a_second_response_is_refused(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        first = StreamResponse()
        await first.prepare(request)
        try:
            await Response(text="second").prepare(request)
        except RuntimeError as exc:
            await first.write(str(exc).encode())
        return first

    answer = await (await serve(handler)).get("/")
    assert answer.text == "<BaseRequest GET /> has been answered with another response"


async def test_a_response_that_was_ended_by_the_handler_is_complete(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await response.write_eof(b"all")
        await response.write_eof()
        return response

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        assert (await connection.ask("/")).body == b"all"


# --- what may not be sent ---


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Name": "value\r\nSet-Cookie: evil=1"},
        {"X-Name": "value\nSet-Cookie: evil=1"},
        {"X-Name": "evil\0"},
        {"X-Name\r\nSet-Cookie": "evil=1"},
        {"X Name": "evil"},
        {"": "evil"},
    ],
)
@pytest.mark.parametrize("kind", [Response, StreamResponse])
async def test_a_header_that_cannot_be_sent_is_a_500_and_nothing_of_it_is_on_the_wire(
    serve: Serve, log: Log, kind: type[StreamResponse], headers: dict[str, str]
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = kind(headers=headers)
        if kind is StreamResponse:
            await response.prepare(request)
        return response

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    data, _ = await connection.until_lost()
    assert data.startswith(b"HTTP/1.1 500 ")
    assert b"evil" not in data
    assert log.take_one().exc_info is not None


async def test_a_location_cannot_split_the_response(serve: Serve, log: Log) -> None:
    async def handler(request: BaseRequest) -> Response:
        raise HTTPFound("/next\r\nSet-Cookie: evil=1")

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    data, _ = await connection.until_lost()
    assert data.startswith(b"HTTP/1.1 500 ")
    assert b"evil" not in data
    assert log.take()


@pytest.mark.parametrize("status", [0, 99, 1000])
async def test_a_status_of_not_three_digits_is_a_500(serve: Serve, log: Log, status: int) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(status=status)

    assert (await (await serve(handler)).get("/")).status == 500
    assert log.take()


async def test_a_signal_that_fails_is_a_500_and_is_not_asked_again(serve: Serve, log: Log) -> None:
    calls = 0

    async def prepare(request: Request, response: StreamResponse) -> None:
        nonlocal calls
        calls += 1
        raise ValueError(SECRET)

    async def handler(request: Request) -> Response:
        return Response()

    app = Application()
    app.router.add_get("/", handler)
    app.on_response_prepare.append(prepare)
    answer = await (await serve(app)).get("/")
    assert answer.status == 500
    assert "swordfish" not in answer.text
    assert calls == 1
    assert log.take_one().exc_info is not None


async def test_head_and_get_may_share_a_stream_s_headers(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(headers={"Content-Length": "3"})
        await response.prepare(request)
        if request.method != "HEAD":
            await response.write(b"abc")
        return response

    connection = await (await serve(handler)).connect()
    answer = await connection.ask("/", method="HEAD")
    assert answer.headers["content-length"] == "3"
    assert (await connection.ask("/")).body == b"abc"


async def test_an_answer_whose_causes_go_in_a_circle_is_sent(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        answer = HTTPNotFound()
        try:
            raise ValueError(SECRET)
        except ValueError as exc:
            exc.__cause__ = answer
            raise answer from exc

    assert (await (await serve(handler)).get("/")).status == 404
