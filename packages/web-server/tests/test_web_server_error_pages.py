"""What a client sees of a request that failed and that nobody answered."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from tidegate_web_routing import PlainResource
from tidegate_web_server import (
    Application,
    BaseRequest,
    HTTPFound,
    HTTPNotFound,
    Request,
    Response,
    StreamResponse,
    middleware,
)

if TYPE_CHECKING:
    from conftest import Answer, Log, Serve

SECRET = "the password is <b>swordfish</b>"
BROWSER = "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


async def fails(request: BaseRequest) -> Response:
    raise ValueError(SECRET)


def assert_nothing_is_told(answer: Answer) -> None:
    assert answer.status == 500
    for told in ("swordfish", "ValueError", "Traceback", "fails", "/path", ".py"):
        assert told not in f"{answer}"


# --- outside debug mode ---


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "text/*"])
async def test_it_is_plain_text_for_who_does_not_ask_for_a_page(
    serve: Serve, log: Log, accept: str | None
) -> None:
    fields = [] if accept is None else [f"Accept: {accept}"]
    answer = await (await serve(fails)).get("/path", *fields)
    assert_nothing_is_told(answer)
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == "500 Internal Server Error\n\nServer got itself in trouble"
    assert "content-security-policy" not in answer.headers
    assert log.take_one().exc_info is not None


@pytest.mark.parametrize("accept", [BROWSER, "Accept: TEXT/HTML"])
async def test_it_is_a_page_for_browsers(serve: Serve, log: Log, accept: str) -> None:
    answer = await (await serve(fails)).get("/path", accept)
    assert_nothing_is_told(answer)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.text.startswith("<!doctype html>")
    assert "<h1>500 Internal Server Error</h1>" in answer.text
    assert "Server got itself in trouble" in answer.text
    assert log.take_one().exc_info is not None


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("text/html;q=0, */*", "text/plain"),
        ("text/plain, text/html;q=0.1", "text/plain"),
        ("application/json, text/htmlx", "text/plain"),
        ("text/plain, text/html", "text/html"),
        ("text/html;q=0.5", "text/html"),
    ],
)
async def test_weights_count(serve: Serve, log: Log, accept: str, content_type: str) -> None:
    answer = await (await serve(fails)).get("/", f"Accept: {accept}")
    assert answer.headers["content-type"] == f"{content_type}; charset=utf-8"
    log.take_one()


@pytest.mark.parametrize("debug", [False, True])
@pytest.mark.parametrize("accept", ["Accept: */*", BROWSER])
async def test_it_comes_with_fields_that_make_it_harmless(
    serve: Serve, log: Log, accept: str, debug: bool
) -> None:
    answer = await (await serve(fails, debug=debug)).get("/", accept)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["connection"] == "close"
    if accept == BROWSER:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert log.take()


async def test_a_body_that_fails_has_a_page_that_says_the_status(serve: Serve) -> None:
    async def reads(request: BaseRequest) -> Response:
        return Response(body=await request.read())

    head = "POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n{}\r\n\r\nx\r\n"
    served = await serve(reads)
    answer = await served.ask(head.format("X: y").encode())
    assert (answer.status, answer.text) == (400, "400: Bad Request")
    answer = await served.ask(head.format(BROWSER).encode())
    assert answer.status == 400
    assert "<h1>400 Bad Request</h1>" in answer.text
    assert "trouble" not in answer.text


async def test_errors_that_are_raised_or_refused_are_not_to_be_sniffed(serve: Serve) -> None:
    async def redirects(request: Request) -> Response:
        raise HTTPFound("/")

    async def sniffs(request: Request) -> Response:
        raise HTTPNotFound(headers={"X-Content-Type-Options": "own"})

    app = Application()
    app.router.add_get("/redirect", redirects)
    app.router.add_get("/own", sniffs)
    served = await serve(app)
    assert (await served.get("/nothing")).headers["x-content-type-options"] == "nosniff"
    assert (await served.get("/own")).headers["x-content-type-options"] == "own"
    assert "x-content-type-options" not in (await served.get("/redirect")).headers
    answer = await served.ask(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
    assert answer.status == 400
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_failure_is_logged_once_at_the_server_s_logger(serve: Serve, log: Log) -> None:
    await (await serve(fails)).get("/")
    record = log.take_one()
    assert (record.name, record.levelname) == ("tidegate.server", "ERROR")
    assert record.exc_info is not None


# --- in debug mode ---


@pytest.mark.parametrize("accept", ["Accept: */*", BROWSER])
async def test_debug_mode_shows_the_traceback_the_request_and_the_route(
    serve: Serve, log: Log, accept: str
) -> None:
    app = Application(debug=True)
    app.router.add_get("/users/{name}", fails)
    answer = await (await serve(app)).get("/users/J%C3%BCrgen?page=2", accept, "X-Field: value")
    assert answer.status == 500
    shown = html.unescape(answer.text)
    for expected in (
        "Traceback (most recent call last)",
        "in fails",
        f"ValueError: {SECRET}",
        "GET /users/Jürgen?page=2 HTTP/1.1",
        "127.0.0.1",
        "X-Field",
        "value",
        "test_web_server_error_pages.fails",
        "/users/{name}",
        "{name}",
        repr(app),
    ):
        assert expected in shown
    if accept == BROWSER:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "<b>swordfish" not in answer.text
        assert f"<strong>ValueError: {html.escape(SECRET)}</strong>" in answer.text
    assert log.take()


async def test_debug_mode_masks_what_is_secret_by_its_name(serve: Serve, log: Log) -> None:
    app = Application(debug=True)
    app.router.add_get("/reset/{token}/{author}", fails)
    url = f"http://127.0.0.1:{(await serve(app)).site.port}/reset/hidden-1/shown-1"
    async with httpx.AsyncClient() as client:
        for accept in ("*/*", "text/html"):
            answer = await client.get(
                url,
                params={"api_key": "hidden-2", "page": "shown-2", "code": "hidden-9"},
                headers={
                    "Accept": accept,
                    "Authorization": "Bearer hidden-3",
                    "Proxy-Authorization": "hidden-4",
                    "Cookie": "sid=hidden-5",
                    "X-Api-Key": "hidden-6",
                    "X-CSRF-Token": "hidden-7",
                    "Referer": "http://shown-3.test/?token=hidden-8",
                    "X-Author": "shown-4",
                    "Keep-Alive": "shown-5",
                },
            )
            # The target is what was asked, and a path is no secret place.
            shown = answer.text.replace("/reset/hidden-1/", "")
            assert "hidden" not in shown
            for number in range(1, 6):
                assert f"shown-{number}" in shown
            assert log.take()


async def test_debug_mode_escapes_what_a_client_sends(serve: Serve, log: Log) -> None:
    script = "<script>alert(1)</script>"
    app = Application(debug=True)
    app.router.add_get("/{name}", fails)
    answer = await (await serve(app)).get(
        "/%3Cscript%3Ealert(1)%3C%2Fscript%3E?%3Cscript%3E=%3Cscript%3E",
        BROWSER,
        f"X-Field: {script}",
        f"User-Agent: {script}",
    )
    assert "<script" not in answer.text
    assert html.escape(script) in answer.text
    assert log.take()


async def test_debug_mode_of_a_server_without_application_has_no_route(
    serve: Serve, log: Log
) -> None:
    answer = await (await serve(fails, debug=True)).get("/", BROWSER)
    assert "<h2>Header fields</h2>" in answer.text
    assert "<h2>Route</h2>" not in answer.text
    assert log.take()


async def test_a_failure_before_there_is_a_route_is_shown_without_one(
    serve: Serve, log: Log
) -> None:
    app = Application(debug=True)

    async def resolve(request: Request) -> Any:
        raise ValueError(SECRET)

    app.router.resolve = resolve  # type: ignore[method-assign,assignment]  # a router that fails
    answer = await (await serve(app)).get("/", BROWSER)
    assert answer.status == 500
    assert "<h2>Traceback</h2>" in answer.text
    assert "<h2>Route</h2>" not in answer.text
    assert log.take()


async def test_a_page_that_cannot_be_composed_is_the_plain_one(serve: Serve, log: Log) -> None:
    class Shy(PlainResource):
        def get_info(self) -> dict[str, Any]:
            raise RuntimeError("no info")

    app = Application(debug=True)
    resource = Shy("/")
    resource.add_route("GET", fails)
    app.router.register_resource(resource)
    answer = await (await serve(app)).get("/")
    assert answer.text == "500 Internal Server Error\n\nServer got itself in trouble"
    assert log.take()


async def test_a_long_traceback_is_shown_in_part(serve: Serve, log: Log) -> None:
    async def shouts(request: BaseRequest) -> Response:
        raise ValueError("begin" + "x" * 1_000_000 + "end")

    answer = await (await serve(shouts, debug=True)).get("/", BROWSER)
    assert len(answer.body) < 400_000
    assert "ValueError: begin" in answer.text
    assert "xend" in answer.text
    assert "characters …" in answer.text
    assert log.take()


async def test_what_cannot_be_encoded_is_shown_escaped(serve: Serve, log: Log) -> None:
    async def odd(request: BaseRequest) -> Response:
        raise ValueError("\ud800")

    answer = await (await serve(odd, debug=True)).get("/")
    assert "ValueError: \\ud800" in answer.text
    assert log.take()


# --- a handler that returns nothing ---


async def test_a_handler_that_returns_nothing_is_named_with_what_to_return(
    serve: Serve, log: Log
) -> None:
    async def forgetful(request: Request) -> Any:
        return None

    @middleware
    async def forgets(request: Request, handler: Any) -> StreamResponse:
        response: StreamResponse = await handler(request)
        return response

    for middlewares in ([], [forgets]):
        app = Application(middlewares=middlewares)
        app.router.add_get("/", forgetful)
        answer = await (await serve(app)).get("/")
        assert answer.status == 500
        assert "forgetful" not in answer.text
        exc_info = log.take_one().exc_info
        assert exc_info is not None
        message = str(exc_info[1])
        assert message.startswith("Missing return statement on the handler of <Request GET />: ")
        assert "<locals>.forgetful" in message
        assert ("or a middleware around it" in message) is bool(middlewares)
        assert "it should return a response, such as web.Response(text=" in message


async def test_a_handler_without_a_name_is_shown_as_it_is(serve: Serve, log: Log) -> None:
    class Page:
        async def __call__(self, request: BaseRequest) -> Any:
            return 5

        def __repr__(self) -> str:
            return "<the page>"

    assert (await (await serve(Page())).get("/")).status == 500
    exc_info = log.take_one().exc_info
    assert exc_info is not None
    assert "<the page> returned int" in str(exc_info[1])
