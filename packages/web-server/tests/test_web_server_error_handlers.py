"""An application's own answers to errors: which handler is called, and what becomes of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from tidegate_web_server import (
    Application,
    ClientConnectionResetError,
    HTTPBadRequest,
    HTTPClientError,
    HTTPException,
    HTTPForbidden,
    HTTPFound,
    HTTPNotFound,
    HTTPServiceUnavailable,
    HTTPUnauthorized,
    Request,
    RequestPayloadError,
    Response,
    StreamResponse,
    middleware,
)

if TYPE_CHECKING:
    from conftest import Log, Serve, Until

SECRET = "the password is swordfish"


class DatabaseError(Exception):
    """Something of an application's own."""


class Lost(DatabaseError):
    """A kind of it."""


class Missing(HTTPNotFound):
    """An answer of an application's own."""


def answering(text: str, status: int = 200) -> Any:
    async def handler(request: Request, exc: Exception) -> Response:
        return Response(text=f"{text}: {type(exc).__name__}", status=status)

    return handler


def raising(error: Exception | type[Exception]) -> Any:
    async def handler(request: Request) -> Response:
        raise error

    return handler


# --- which one is called ---


async def test_a_status_is_answered_wherever_it_comes_from(serve: Serve) -> None:
    @middleware
    async def forbids(request: Request, handler: Any) -> StreamResponse:
        if request.path == "/secret":
            raise HTTPForbidden
        response: StreamResponse = await handler(request)
        return response

    app = Application(middlewares=[forbids])
    app.add_error_handler(404, answering("missing", 404))
    app.add_error_handler(403, answering("forbidden", 403))
    app.router.add_get("/raises", raising(HTTPNotFound))
    connection = await (await serve(app)).connect()
    for _ in range(2):
        for path in ("/nothing", "/raises"):
            answer = await connection.ask(path)
            assert (answer.status, answer.text) == (404, "missing: HTTPNotFound")
    answer = await connection.ask("/secret")
    assert (answer.status, answer.text) == (403, "forbidden: HTTPForbidden")


@pytest.mark.parametrize(
    ("raised", "answered"),
    [
        (Lost(), "database: Lost"),
        (KeyError("k"), "lookup: KeyError"),
        (Missing(), "missing: Missing"),
        (HTTPNotFound(), "404: HTTPNotFound"),
        (HTTPForbidden(), "client: HTTPForbidden"),
        (HTTPServiceUnavailable(), "http: HTTPServiceUnavailable"),
        (HTTPFound("/"), "http: HTTPFound"),
        (RequestPayloadError("cut", 400), "400: RequestPayloadError"),
        (HTTPBadRequest(), "400: HTTPBadRequest"),
    ],
)
async def test_the_nearest_class_is_asked_and_a_status_comes_before_its_family(
    serve: Serve, raised: Exception, answered: str
) -> None:
    app = Application()
    app.add_error_handler(Exception, answering("exception"))
    app.add_error_handler(DatabaseError, answering("database"))
    app.add_error_handler(LookupError, answering("lookup"))
    app.add_error_handler(Missing, answering("missing"))
    app.add_error_handler(HTTPException, answering("http"))
    app.add_error_handler(HTTPClientError, answering("client"))
    app.add_error_handler(404, answering("404"))
    app.add_error_handler(400, answering("400"))
    app.router.add_get("/", raising(raised))
    assert (await (await serve(app)).get("/")).text == answered
    if isinstance(raised, RequestPayloadError):
        assert raised.status == 400


async def test_a_handler_for_exceptions_gets_no_answer_that_is_raised_and_no_client_s_fault(
    serve: Serve,
) -> None:
    app = Application()
    app.add_error_handler(Exception, answering("exception"))
    app.router.add_get("/redirects", raising(HTTPFound("/elsewhere")))
    app.router.add_get("/cut", raising(RequestPayloadError("cut", 400)))
    app.router.add_get("/fails", raising(ValueError))
    served = await serve(app)
    assert (await served.get("/redirects")).status == 302
    assert (await served.get("/nothing")).status == 404
    assert (await served.get("/cut")).status == 400
    assert (await served.get("/fails")).text == "exception: ValueError"


async def test_the_status_500_is_the_last_to_be_asked_and_the_failure_is_logged_once(
    serve: Serve, log: Log
) -> None:
    app = Application()
    app.add_error_handler(500, answering("sorry", 500))
    app.add_error_handler(KeyError, answering("expected"))
    app.router.add_get("/fails", raising(ValueError(SECRET)))
    app.router.add_get("/expected", raising(KeyError(SECRET)))
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/expected")).text == "expected: KeyError"
    answer = await connection.ask("/fails")
    assert (answer.status, answer.text) == (500, "sorry: ValueError")
    record = log.take_one()
    assert record.name == "tidegate.server"
    assert record.getMessage() == "Error handling <Request GET /fails>"
    assert record.exc_info is not None
    assert str(record.exc_info[1]) == SECRET


async def test_a_body_that_fails_is_answered_by_its_status_in_one_quiet_line(
    serve: Serve, log: Log
) -> None:
    async def reads(request: Request) -> Response:
        return Response(body=await request.read())

    app = Application()
    app.add_error_handler(400, answering("bad", 400))
    app.router.add_post("/", reads)
    connection = await (await serve(app)).connect()
    connection.send(
        b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n"
    )
    answer = await connection.answer()
    assert (answer.status, answer.text) == (400, "bad: RequestPayloadError")
    assert any("<Request POST /> failed" in line for line in log.quiet_lines())


async def test_the_innermost_application_is_asked_first(serve: Serve) -> None:
    app, nested = Application(), Application()
    app.add_error_handler(404, answering("outer", 404))
    app.add_error_handler(LookupError, answering("outer"))
    nested.add_error_handler(404, answering("nested", 404))
    nested.router.add_get("/lookup", raising(KeyError))
    nested.router.add_get("/gone", raising(HTTPForbidden))
    app.add_subapp("/nested", nested)
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/nothing")).text == "outer: HTTPNotFound"
    assert (await connection.ask("/nested/nothing")).text == "nested: HTTPNotFound"
    assert (await connection.ask("/nested/lookup")).text == "outer: KeyError"
    assert (await connection.ask("/nested/gone")).text == "403: Forbidden"


async def test_the_answer_of_a_nested_application_goes_through_the_middlewares_around_it(
    serve: Serve,
) -> None:
    seen: list[str] = []

    def noting(name: str) -> Any:
        @middleware
        async def note(request: Request, handler: Any) -> StreamResponse:
            try:
                response: StreamResponse = await handler(request)
            except HTTPException as exc:
                seen.append(f"{name} raised {exc.status}")
                raise
            seen.append(f"{name} returned {response.status}")
            return response

        return note

    app, nested = Application(middlewares=[noting("a")]), Application(middlewares=[noting("b")])
    nested.add_error_handler(404, answering("nested", 404))
    app.add_subapp("/nested", nested)
    assert (await (await serve(app)).get("/nested/x")).text == "nested: HTTPNotFound"
    assert seen == ["b raised 404", "a returned 404"]


# --- what becomes of it ---


async def test_a_handler_runs_in_the_request_s_task_with_the_application_it_belongs_to(
    serve: Serve,
) -> None:
    app, nested = Application(), Application()
    tasks: list[object] = []

    @app.error_handler(404, 403)
    async def handler(request: Request, exc: HTTPException) -> Response:
        tasks.append(asyncio.current_task() is request.task)
        return Response(text=f"{request.app is app} {exc.status}", status=exc.status)

    nested.router.add_get("/x", raising(HTTPForbidden))
    app.add_subapp("/nested", nested)
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/nested/y")).text == "True 404"
    assert (await connection.ask("/nested/x")).text == "True 403"
    assert tasks == [True, True]


async def test_what_a_handler_raises_takes_the_place_of_the_error(serve: Serve, log: Log) -> None:
    app, nested = Application(), Application()

    @nested.error_handler(DatabaseError)
    async def unavailable(request: Request, exc: DatabaseError) -> Response:
        raise HTTPServiceUnavailable(headers={"Retry-After": "9"}) from exc

    @nested.error_handler(KeyError)
    async def fails(request: Request, exc: KeyError) -> Response:
        raise ValueError(SECRET)

    # The same application is not asked again, the one around it is.
    nested.add_error_handler(503, answering("never"))
    nested.add_error_handler(ValueError, answering("never"))
    app.add_error_handler(503, answering("outer", 503))
    nested.router.add_get("/database", raising(Lost))
    nested.router.add_get("/fails", raising(KeyError("first")))
    app.add_subapp("/nested", nested)
    served = await serve(app)
    answer = await served.get("/nested/database")
    assert (answer.text, answer.headers["retry-after"]) == ("outer: HTTPServiceUnavailable", "9")
    answer = await served.get("/nested/fails")
    assert answer.status == 500
    assert "swordfish" not in answer.text
    record = log.take_one()
    assert record.exc_info is not None
    error = record.exc_info[1]
    assert isinstance(error, ValueError)
    assert isinstance(error.__context__, KeyError), "the first failure is not in the log"


@pytest.mark.parametrize("returned", [None, "text", 404])
async def test_a_handler_that_returns_no_response_is_a_500_that_names_it(
    serve: Serve, log: Log, returned: Any
) -> None:
    app = Application()

    @app.error_handler(404)
    async def not_found(request: Request, exc: HTTPNotFound) -> Any:
        return returned

    assert (await (await serve(app)).get("/")).status == 500
    exc_info = log.take_one().exc_info
    assert exc_info is not None
    message = str(exc_info[1])
    assert "not_found" in message
    assert f"returned {returned!r}" in message
    assert "should return a response" in message


async def test_returning_the_exception_is_raising_it(serve: Serve) -> None:
    app = Application()

    @app.error_handler(404)
    async def decorate(request: Request, exc: HTTPNotFound) -> StreamResponse:
        exc.headers["X-Decorated"] = "yes"
        return exc

    answer = await (await serve(app)).get("/")
    assert (answer.status, answer.text) == (404, "404: Not Found")
    assert answer.headers["x-decorated"] == "yes"


async def test_header_fields_of_the_error_are_kept_where_the_status_is(serve: Serve) -> None:
    async def handler(request: Request, exc: HTTPException) -> Response:
        status = 200 if "hide" in request.query else exc.status
        headers = {"WWW-Authenticate": "Own"} if "own" in request.query else None
        return Response(text="own", status=status, headers=headers, content_type="text/html")

    app = Application()
    app.add_error_handler(405, handler)
    app.add_error_handler(401, handler)
    challenge = HTTPUnauthorized(headers={"WWW-Authenticate": "Basic"})
    challenge.headers.add("X-Twice", "1")
    challenge.headers.add("X-Twice", "2")
    del challenge.headers["X-Twice"]
    app.router.add_get("/", raising(challenge))
    connection = await (await serve(app)).connect()
    answer = await connection.ask("/", method="POST")
    assert (answer.status, answer.text) == (405, "own")
    assert answer.headers["allow"] == "GET,HEAD"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "allow" not in (await connection.ask("/?hide", method="POST")).headers
    assert (await connection.ask("/")).headers["www-authenticate"] == "Basic"
    assert (await connection.ask("/?own")).headers["www-authenticate"] == "Own"


async def test_all_values_of_a_field_of_the_error_are_kept(serve: Serve) -> None:
    app = Application()
    app.add_error_handler(401, answering("who?", 401))
    challenge = HTTPUnauthorized()
    challenge.headers.extend([("WWW-Authenticate", "Basic"), ("WWW-Authenticate", "Digest")])
    app.router.add_get("/", raising(challenge))
    connection = await (await serve(app)).connect()
    connection.send(b"GET / HTTP/1.0\r\nHost: test\r\n\r\n")
    data = await connection.rest()
    assert data.count(b"WWW-Authenticate: ") == 2


async def test_cookies_of_the_error_are_kept(serve: Serve) -> None:
    async def ends_session(request: Request) -> Response:
        answer = HTTPUnauthorized()
        answer.del_cookie("session")
        answer.set_cookie("seen", "error")
        raise answer

    async def handle(request: Request, exc: HTTPUnauthorized) -> Response:
        response = Response(text="who?", status=401)
        response.set_cookie("seen", "own")
        return response

    app = Application()
    app.add_error_handler(401, handle)
    app.router.add_get("/", ends_session)
    served = await serve(app)
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{served.site.port}/") as answer,
    ):
        assert await answer.text() == "who?"
        cookies = sorted(answer.headers.getall("Set-Cookie"))
    assert len(cookies) == 2
    assert cookies[0].startswith("seen=own")
    assert cookies[1].startswith("session=;")
    assert "Max-Age=0" in cookies[1]


async def test_a_handler_may_stream_its_answer(serve: Serve) -> None:
    async def describes_first(request: Request) -> StreamResponse:
        # Its head waits for its body.
        await Response(text="never sent").prepare(request)
        raise KeyError

    async def streams(request: Request, exc: KeyError) -> StreamResponse:
        response = StreamResponse(status=503)
        await response.prepare(request)
        await response.write(b"in ")
        await response.write(b"pieces")
        return response

    async def streams_missing(request: Request, exc: HTTPNotFound) -> StreamResponse:
        response = StreamResponse(status=404)
        await response.prepare(request)
        await response.write(b"missing")
        return response

    app = Application()
    app.add_error_handler(KeyError, streams)
    app.add_error_handler(404, streams_missing)
    app.router.add_get("/", describes_first)
    connection = await (await serve(app)).connect()
    for _ in range(2):
        answer = await connection.ask("/nothing")
        assert (answer.status, answer.body) == (404, b"missing")
    answer = await connection.ask("/")
    assert (answer.status, answer.body) == (503, b"in pieces")


async def test_what_fails_after_the_answer_has_begun_is_cut_off(serve: Serve, log: Log) -> None:
    async def handler(request: Request) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await response.write(b"part")
        raise KeyError

    app = Application()
    app.add_error_handler(KeyError, answering("never"))
    app.router.add_get("/", handler)
    connection = await (await serve(app)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    data, _ = await connection.until_lost()
    assert b"never" not in data
    assert not data.endswith(b"0\r\n\r\n")
    assert log.take()


async def test_a_client_that_is_gone_is_nobody_s_error(serve: Serve, until: Until) -> None:
    seen: list[str] = []

    async def handler(request: Request) -> StreamResponse:
        seen.append("begun")
        while request.transport is not None:
            await asyncio.sleep(0.001)
        response = StreamResponse()
        try:
            await response.prepare(request)
            await response.write(b"to nobody")
        except ClientConnectionResetError:
            assert request.writer.output_size == 0
            seen.append("gone")
            raise
        return response

    async def handle(request: Request, exc: Exception) -> Response:
        seen.append(f"handled {exc!r}")
        return Response()

    app = Application()
    app.add_error_handler(Exception, handle)
    app.add_error_handler(500, handle)
    app.router.add_get("/", handler)
    served = await serve(app)
    connection = await served.connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    await until(lambda: seen == ["begun"])
    connection.reset()
    await until(lambda: len(seen) > 1)
    await served.runner.cleanup()
    assert seen == ["begun", "gone"]


# --- what can't be added ---


def test_what_is_no_error_is_refused() -> None:
    app = Application()
    handler = answering("x")
    unfit: Any
    for unfit in ("404", None, True, object, BaseException, HTTPNotFound()):
        with pytest.raises(TypeError, match="for a status such as 404 or a subclass of Exception"):
            app.add_error_handler(unfit, handler)
    for status in (200, 302, 399, 600, -1):
        with pytest.raises(ValueError, match=f"of an error is 400 to 599, got {status}"):
            app.add_error_handler(status, handler)
    unfit = "not callable"
    with pytest.raises(TypeError, match=r"an async function of \(request, exc\), got 'not"):
        app.add_error_handler(404, unfit)
    with pytest.raises(TypeError, match=r"expected what to handle, as in @app.error_handler\(404"):
        app.error_handler()


def test_an_error_has_one_handler() -> None:
    app = Application()
    app.add_error_handler(404, answering("x"))
    app.add_error_handler(KeyError, answering("x"))
    with pytest.raises(ValueError, match="404 has an error handler already"):
        app.add_error_handler(404, answering("y"))
    with pytest.raises(ValueError, match="KeyError'> has an error handler already"):
        app.add_error_handler(KeyError, answering("y"))


def test_handlers_are_fixed_when_the_application_starts() -> None:
    app = Application()
    app.freeze()
    with pytest.raises(RuntimeError, match="has started"):
        app.add_error_handler(404, answering("x"))


def test_the_decorator_gives_the_handler_back() -> None:
    handler = answering("x")
    assert Application().error_handler(404, KeyError)(handler) is handler
