"""What can be a middleware."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import Application, Request, Response, StreamResponse, middleware

if TYPE_CHECKING:
    from collections.abc import Callable

    from conftest import Serve


async def hello(request: Request) -> Response:
    return Response(text="hello")


async def good(request: Request, handler: Any) -> StreamResponse:
    response: StreamResponse = await handler(request)
    return response


def test_a_middleware_is_returned_as_it_is() -> None:
    assert middleware(good) is good
    partial = functools.partial(good)
    assert middleware(partial) is partial


@pytest.mark.parametrize(
    "accepted",
    [
        lambda request, *, handler: None,
        lambda request, **kwargs: None,
        lambda *args, handler=None: None,
        lambda request, handler, extra=1: None,
    ],
)
def test_any_signature_that_fits_is_accepted(accepted: Callable[..., Any]) -> None:
    assert middleware(accepted) is accepted


@pytest.mark.parametrize(
    "refused",
    [
        lambda request: None,
        lambda request, other: None,
        lambda request, handler, more: None,
        lambda handler: None,
        lambda: None,
    ],
)
def test_a_signature_that_does_not_fit_is_refused_when_it_is_marked(
    refused: Callable[..., Any],
) -> None:
    with pytest.raises(TypeError, match=r"called as middleware\(request, handler=handler\)"):
        middleware(refused)


def test_what_cannot_be_called_is_refused() -> None:
    unfit: Any = "text"
    with pytest.raises(TypeError, match="a middleware is a coroutine function, got 'text'"):
        middleware(unfit)


# --- the old style ---


async def test_a_factory_of_the_old_style_works_with_a_warning(serve: Serve) -> None:
    calls: list[object] = []

    async def factory(app: Application, handler: Any) -> Any:
        async def run(request: Request) -> StreamResponse:
            calls.append(app)
            response: StreamResponse = await handler(request)
            response.headers["X-Old"] = "yes"
            return response

        return run

    old: Any = factory
    app = Application(middlewares=[old])
    app.router.add_get("/", hello)
    with pytest.warns(DeprecationWarning, match=r"old-style middleware .*factory.* is deprecated"):
        app.freeze()
    connection = await (await serve(app)).connect()
    for _ in range(2):
        answer = await connection.ask("/")
        assert (answer.text, answer.headers["x-old"]) == ("hello", "yes")
    assert calls == [app, app]


async def test_old_and_new_styles_go_together_in_their_order(serve: Serve) -> None:
    calls: list[str] = []

    async def old(app: Application, handler: Any) -> Any:
        async def run(request: Request) -> StreamResponse:
            calls.append("old")
            response: StreamResponse = await handler(request)
            return response

        return run

    def noting(name: str) -> Any:
        @middleware
        async def note(request: Request, handler: Any) -> StreamResponse:
            calls.append(name)
            response: StreamResponse = await handler(request)
            return response

        return note

    factory: Any = old
    app = Application(middlewares=[noting("first"), factory, noting("last")])
    with pytest.warns(DeprecationWarning, match="old-style"):
        app.freeze()
    assert (await (await serve(app)).get("/")).status == 404
    assert calls == ["first", "old", "last"]


@pytest.mark.parametrize("style", ["unmarked", "marked", "partial", "app is no factory"])
async def test_what_is_called_with_a_request_is_of_the_new_style(serve: Serve, style: str) -> None:
    async def plain(request: Request, handler: Any) -> StreamResponse:
        response: StreamResponse = await handler(request)
        response.headers["X-New"] = "yes"
        return response

    async def marked(app: Request, handler: Any) -> StreamResponse:
        return await plain(app, handler)

    async def more(app: Request, handler: Any, extra: int = 0) -> StreamResponse:
        return await plain(app, handler)

    choice: dict[str, Any] = {
        "unmarked": plain,
        "marked": middleware(marked),
        "partial": functools.partial(more, extra=1),
        "app is no factory": more,
    }
    app = Application(middlewares=[choice[style]])
    app.router.add_get("/", hello)
    assert (await (await serve(app)).get("/")).headers["x-new"] == "yes"


def test_what_is_neither_is_refused_when_the_application_freezes() -> None:
    unfit: Any
    for unfit in (lambda request: None, lambda: None, "text", lambda first, second: None):
        with pytest.raises(TypeError, match="middleware"):
            Application(middlewares=[unfit]).freeze()


def test_the_mark_is_the_one_that_aiohttp_sets() -> None:
    assert getattr(middleware(good), "__middleware_version__") == 1  # noqa: B009  # as others look


def test_a_bound_method_can_be_marked() -> None:
    class Counting:
        async def run(self, request: Request, handler: Any) -> StreamResponse:
            response: StreamResponse = await handler(request)
            return response

    bound = Counting().run
    assert middleware(bound) is bound
