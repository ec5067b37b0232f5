"""Applications: storage, freezing, signals, and the way of a request through them."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_routing import (
    AbstractMatchInfo,
    AbstractRouter,
    RouteNotFound,
    RouteTableDef,
    UrlDispatcher,
    get,
)
from tidegate_web_routing import MatchInfoError as RoutingMatchInfoError
from tidegate_web_server import (
    AppKey,
    Application,
    AppRunner,
    HTTPForbidden,
    Request,
    Response,
    StreamResponse,
    middleware,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Serve

KEY = AppKey("key", int)
OTHER = AppKey("other", int)


async def hello(request: Request) -> Response:
    return Response(text="hello")


# --- filling and freezing ---


def test_freezing_fixes_routes_middlewares_and_signals() -> None:
    app = Application()
    unfit: Any = None
    before = app.frozen
    app.freeze()
    app.freeze()
    assert (before, app.frozen, app.router.frozen) == (False, True, True)
    with pytest.raises(RuntimeError):
        app.router.add_get("/", hello)
    with pytest.raises(RuntimeError):
        app.add_routes([get("/", hello)])
    with pytest.raises(RuntimeError):
        app.middlewares.append(unfit)
    for signal in (app.on_startup, app.on_shutdown, app.on_cleanup, app.on_response_prepare):
        with pytest.raises(RuntimeError):
            signal.append(unfit)


def test_what_is_no_middleware_is_refused_when_the_application_freezes() -> None:
    async def wrong(request: Request) -> Response:
        return Response()

    unfit: Any = wrong
    with pytest.raises(TypeError, match=r"middleware\(request, handler=handler\)"):
        Application(middlewares=[unfit]).freeze()


def test_what_is_no_router_is_refused() -> None:
    unfit: Any = object()
    with pytest.raises(TypeError, match="router should be an AbstractRouter, got <object"):
        Application(router=unfit)


def test_the_settings_are_kept() -> None:
    logger = logging.getLogger("own")
    router = UrlDispatcher()
    arguments = {"debug": True}
    app = Application(
        logger=logger, router=router, handler_args=arguments, client_max_size=5, debug=True
    )
    assert (app.logger, app.router, app.client_max_size, app.debug) == (logger, router, 5, True)
    assert app.handler_args == arguments
    assert app.handler_args is not arguments
    assert Application().handler_args == {}
    assert isinstance(Application().router, UrlDispatcher)


async def test_routes_come_from_lists_and_tables(serve: Serve) -> None:
    routes = RouteTableDef()

    @routes.get("/table")
    async def table(request: Request) -> Response:
        return Response(text="table")

    app = Application()
    assert len(app.add_routes(routes)) == 1
    assert len(app.add_routes([get("/list", hello)])) == 1
    served = await serve(app)
    assert (await served.get("/table")).text == "table"
    assert (await served.get("/list")).text == "hello"


async def test_the_limit_of_bodies_reaches_the_request(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        return Response(text=str(request.client_max_size))

    app = Application(client_max_size=77)
    app.router.add_get("/", handler)
    assert (await (await serve(app)).get("/")).text == "77"


def test_an_application_is_its_own_factory() -> None:
    app = Application()
    assert app() is app


# --- what is deprecated ---


def test_deriving_from_application_works_with_a_warning() -> None:
    with pytest.warns(DeprecationWarning, match="Inheritance class Own from web.App") as warned:

        class Own(Application):
            pass

    assert warned[0].filename == __file__
    own = Own()
    own.router.add_get("/", hello)
    AppRunner(own)


def test_attributes_of_one_s_own_work_with_a_warning() -> None:
    app: Any = Application()
    with pytest.warns(
        DeprecationWarning, match="Setting custom web.Application.own attr"
    ) as warned:
        app.own = 1
    assert warned[0].filename == __file__
    app.own += 1
    app.debug = True
    assert (app.own, app.debug) == (2, True)


async def test_a_loop_is_taken_and_told_with_a_warning() -> None:
    loop = asyncio.get_running_loop()
    with pytest.warns(DeprecationWarning, match="loop argument is deprecated"):
        app = Application(loop=loop)
    with pytest.warns(DeprecationWarning, match="loop property is deprecated"):
        assert app.loop is loop
    app = Application()
    with pytest.warns(DeprecationWarning, match="loop property is deprecated"):
        before = app.loop
    assert before is None
    runner = AppRunner(app)
    await runner.setup()
    with pytest.warns(DeprecationWarning, match="loop property is deprecated"):
        assert app.loop is loop
    await runner.cleanup()


# --- signals ---


async def test_signals_fire_in_the_order_of_life() -> None:
    calls: list[str] = []

    def note(name: str) -> Any:
        async def receiver(app: Application) -> None:
            calls.append(name)

        return receiver

    app = Application()
    app.on_startup.append(note("startup 1"))
    app.on_startup.append(note("startup 2"))
    app.on_shutdown.append(note("shutdown"))
    app.on_cleanup.append(note("cleanup"))
    runner = AppRunner(app)
    await runner.setup()
    assert calls == ["startup 1", "startup 2"]
    await runner.cleanup()
    assert calls[2:] == ["shutdown", "cleanup"]


async def test_an_application_may_be_filled_while_it_starts(serve: Serve) -> None:
    calls: list[str] = []

    @middleware
    async def note(request: Request, handler: Any) -> StreamResponse:
        calls.append("middleware")
        response: StreamResponse = await handler(request)
        return response

    async def cleanup(app: Application) -> None:
        calls.append("cleanup")

    async def startup(app: Application) -> None:
        app[KEY] = 1
        app.router.add_get("/", hello)
        app.middlewares.append(note)
        app.on_cleanup.append(cleanup)
        with pytest.raises(RuntimeError):
            app.on_startup.append(startup)
        with pytest.raises(RuntimeError):
            app.cleanup_ctx.append(context)

    async def context(app: Application) -> AsyncIterator[None]:
        app[OTHER] = 2
        yield

    app = Application()
    app.cleanup_ctx.append(context)
    app.on_startup.append(startup)
    served = await serve(app)
    assert app.frozen
    assert (app[KEY], app[OTHER]) == (1, 2)
    assert (await served.get("/")).text == "hello"
    await served.runner.cleanup()
    assert calls == ["middleware", "cleanup"]


async def test_an_application_that_never_started_has_nothing_to_clean_up() -> None:
    async def never(app: Application) -> None:
        raise AssertionError

    app = Application()
    app.on_cleanup.append(never)
    await app.cleanup()


# --- the way of a request ---


async def test_a_miss_is_a_404_and_a_wrong_method_a_405(serve: Serve) -> None:
    app = Application()
    app.router.add_get("/", hello)
    app.router.add_post("/", hello)
    connection = await (await serve(app)).connect()
    answer = await connection.ask("/nothing")
    assert (answer.status, answer.text) == (404, "404: Not Found")
    answer = await connection.ask("/", method="PUT")
    assert answer.status == 405
    assert answer.text == "405: Method Not Allowed"
    assert answer.headers["allow"] == "GET,HEAD,POST"


async def test_middlewares_run_around_the_handler_the_first_one_outermost(serve: Serve) -> None:
    calls: list[str] = []

    def noting(name: str) -> Any:
        @middleware
        async def note(request: Request, handler: Any) -> StreamResponse:
            calls.append(f"{name} in")
            assert asyncio.current_task() is request.task
            response: StreamResponse = await handler(request)
            calls.append(f"{name} out")
            return response

        return note

    async def handler(request: Request) -> Response:
        calls.append("handler")
        return Response()

    app = Application(middlewares=[noting("a"), noting("b")])
    app.router.add_get("/", handler)
    connection = await (await serve(app)).connect()
    for _ in range(2):
        await connection.ask("/")
        assert calls == ["a in", "b in", "handler", "b out", "a out"]
        calls.clear()


async def test_middlewares_see_misses_as_answers_that_are_raised(serve: Serve) -> None:
    seen: list[int] = []

    @middleware
    async def catch(request: Request, handler: Any) -> StreamResponse:
        assert request.match_info.http_exception is not None
        try:
            response: StreamResponse = await handler(request)
        except Exception as exc:
            status: int = getattr(exc, "status")  # noqa: B009  # whatever its class is
            seen.append(status)
            return Response(status=200, text="caught")
        return response

    app = Application(middlewares=[catch])
    app.router.add_post("/", hello)
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/nothing")).text == "caught"
    assert (await connection.ask("/")).text == "caught"
    assert seen == [404, 405]


async def test_a_middleware_may_answer_itself(serve: Serve) -> None:
    @middleware
    async def refuse(request: Request, handler: Any) -> StreamResponse:
        raise HTTPForbidden

    app = Application(middlewares=[refuse])
    app.router.add_get("/", hello)
    assert (await (await serve(app)).get("/")).status == 403


async def test_a_middleware_may_be_any_object_that_can_be_called_as_one(serve: Serve) -> None:
    class Counting:
        count = 0

        async def __call__(self, request: Request, handler: Any) -> StreamResponse:
            self.count += 1
            response: StreamResponse = await handler(request)
            return response

        async def method(self, request: Request, handler: Any) -> StreamResponse:
            return await self(request, handler)

    counting = Counting()
    app = Application(middlewares=[counting, counting.method])
    app.router.add_get("/", hello)
    assert (await (await serve(app)).get("/")).text == "hello"
    assert counting.count == 2


async def test_a_handler_may_be_an_object_that_cannot_be_hashed(serve: Serve) -> None:
    @dataclass
    class Page:
        text: str

        async def __call__(self, request: Request) -> Response:
            return Response(text=self.text)

    @middleware
    async def plain(request: Request, handler: Any) -> StreamResponse:
        response: StreamResponse = await handler(request)
        return response

    app = Application(middlewares=[plain])
    app.router.add_get("/", Page("page"))
    connection = await (await serve(app)).connect()
    for _ in range(2):
        assert (await connection.ask("/")).text == "page"


async def test_handlers_that_are_equal_are_still_two(serve: Serve) -> None:
    @dataclass(frozen=True)
    class Page:
        name: str

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Page)

        def __hash__(self) -> int:
            return 0

        async def __call__(self, request: Request) -> Response:
            return Response(text=self.name)

    @middleware
    async def plain(request: Request, handler: Any) -> StreamResponse:
        response: StreamResponse = await handler(request)
        return response

    app = Application(middlewares=[plain])
    app.router.add_get("/a", Page("a"))
    app.router.add_get("/b", Page("b"))
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/a")).text == "a"
    assert (await connection.ask("/b")).text == "b"


# --- other routers ---


class EachTimeNew(AbstractRouter):
    """A router that makes a new handler for each request, and refuses what is not /ok."""

    async def resolve(self, request: Request) -> AbstractMatchInfo:
        if request.path == "/forbidden":
            return RoutingMatchInfoError(HTTPForbidden())
        if request.path != "/ok":
            return RoutingMatchInfoError(RouteNotFound())

        async def handler(request: Request) -> Response:
            return Response(text=f"{request.app is not None} {request.match_info.apps!r}")

        return Found(handler)


class Found(AbstractMatchInfo):
    """The least that a match info can be."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler
        self._apps: tuple[Any, ...] = ()

    @property
    def handler(self) -> Any:
        return self._handler

    @property
    def expect_handler(self) -> Any:
        async def answer(request: Request) -> None:
            return None

        return answer

    @property
    def http_exception(self) -> None:
        return None

    @property
    def apps(self) -> tuple[Any, ...]:
        return self._apps

    def add_app(self, app: Any) -> None:
        self._apps = (app, *self._apps)

    def freeze(self) -> None:
        pass

    def get_info(self) -> dict[str, Any]:
        return {}


@pytest.mark.parametrize("middlewares", [0, 1])
async def test_any_router_can_take_the_place_of_the_default_one(
    serve: Serve, middlewares: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tidegate_web_server.handler_chain.COMPOSED_LIMIT", 3)

    @middleware
    async def plain(request: Request, handler: Any) -> StreamResponse:
        response: StreamResponse = await handler(request)
        return response

    app = Application(router=EachTimeNew(), middlewares=[plain] * middlewares)
    connection = await (await serve(app)).connect()
    for _ in range(10):
        assert (await connection.ask("/ok")).text == f"True ({app!r},)"
    assert app._chain is not None
    assert len(app._chain) <= 3, "a handler made for one request must not stay for ever"
    assert (await connection.ask("/else")).status == 404
    assert (await connection.ask("/forbidden")).status == 403


async def test_handle_and_resolve_can_be_replaced_on_their_classes(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    handle, resolve = Application._handle, UrlDispatcher.resolve

    async def traced_handle(self: Application, request: Request) -> StreamResponse:
        calls.append("handle")
        return await handle(self, request)

    async def traced_resolve(self: UrlDispatcher, request: Request) -> Any:
        calls.append("resolve")
        return await resolve(self, request)

    app = Application()
    app.router.add_get("/", hello)
    connection = await (await serve(app)).connect()
    await connection.ask("/")
    assert calls == []
    monkeypatch.setattr(Application, "_handle", traced_handle)
    monkeypatch.setattr(UrlDispatcher, "resolve", traced_resolve)
    await connection.ask("/")
    assert calls == ["handle", "resolve"]
