"""Nested applications: who is asked, in which order, and whose application it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from tidegate_web_routing import AbstractMatchInfo, AbstractRouter, MatchedSubAppResource
from tidegate_web_routing import PrefixedSubAppResource as PrefixedResource
from tidegate_web_server import (
    AppKey,
    Application,
    AppRunner,
    Request,
    Response,
    StreamResponse,
    middleware,
)

if TYPE_CHECKING:
    from conftest import Serve

NAME = AppKey("name", str)


def named(name: str, *, middlewares: int = 0, calls: list[str] | None = None) -> Application:
    """Make an application with a name and middlewares that note whose application it is."""
    noted = [] if calls is None else calls

    def noting(number: int) -> Any:
        @middleware
        async def note(request: Request, handler: Any) -> StreamResponse:
            noted.append(f"{name}{number} in as {request.app[NAME]}")
            assert asyncio.current_task() is request.task
            try:
                response: StreamResponse = await handler(request)
            finally:
                noted.append(f"{name}{number} out as {request.app[NAME]}")
            return response

        return note

    app = Application(middlewares=[noting(number) for number in range(middlewares)])
    app[NAME] = name
    return app


async def tell(request: Request) -> Response:
    """Tell the application that handles the request, and all of them."""
    apps = " ".join(app[NAME] for app in request.match_info.apps)
    return Response(text=f"{request.app[NAME]} of {apps}")


async def test_the_signal_of_an_answer_sees_the_innermost_application(serve: Serve) -> None:
    app, nested = named("outer", middlewares=1), named("nested", middlewares=1)
    seen: list[str] = []

    async def prepare(request: Request, response: StreamResponse) -> None:
        seen.append(request.app[NAME])

    app.on_response_prepare.append(prepare)
    nested.on_response_prepare.append(prepare)
    nested.router.add_get("/here", tell)
    app.router.add_get("/", tell)
    app.add_subapp("/nested", nested)
    served = await serve(app)
    await served.get("/nested/here")
    assert seen == ["nested", "nested"]
    await served.get("/nested/none")
    assert seen == ["nested"] * 4
    await served.get("/")
    assert seen[4:] == ["outer"]


# --- who is asked ---


async def test_everything_under_the_prefix_is_the_nested_application_s(serve: Serve) -> None:
    app, nested = named("outer"), named("nested")
    app.router.add_get("/", tell)
    app.router.add_get("/nested/later", tell)
    nested.router.add_get("/here", tell)
    nested.router.add_get("/here/{name}", tell)
    resource = app.add_subapp("/nested/", nested)
    app.router.add_get("/nested/too/late", tell)
    assert isinstance(resource, PrefixedResource)
    assert resource.canonical == "/nested"
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/")).text == "outer of outer"
    assert (await connection.ask("/nested/here")).text == "nested of outer nested"
    assert (await connection.ask("/nested/here/x")).text == "nested of outer nested"
    assert (await connection.ask("/nested/later")).text == "outer of outer"
    assert (await connection.ask("/nested/too/late")).status == 404
    answer = await connection.ask("/nested/here", method="POST")
    assert (answer.status, answer.headers["allow"]) == (405, "GET,HEAD")


async def test_urls_of_a_nested_application_have_its_prefix() -> None:
    app, middle, nested = named("outer"), named("middle"), named("nested")
    nested.router.add_get("/{name}", tell, name="page")
    middle.add_subapp("/c", nested)
    app.add_subapp("/a/b", middle)
    assert str(nested.router["page"].url_for(name="x")) == "/a/b/c/x"


async def test_a_nested_application_can_be_found_by_the_name_of_its_resource() -> None:
    app, nested = named("outer"), named("nested")
    nested.router.add_get("/page", tell, name="page")
    app.add_subapp("/nested", nested, name="sub")
    assert str(app.router["sub:page"].url_for()) == "/nested/page"


async def test_a_domain_chooses_a_nested_application(serve: Serve) -> None:
    app = named("outer")
    for domain in ("one.test", "*.two.test"):
        nested = named(domain)
        nested.router.add_get("/", tell)
        assert isinstance(app.add_domain(domain, nested), MatchedSubAppResource)
    served = await serve(app)
    async with aiohttp.ClientSession() as session:

        async def get(host: str) -> str:
            url = f"http://127.0.0.1:{served.site.port}/"
            async with session.get(url, headers={"Host": host}) as answer:
                return await answer.text()

        assert await get("one.test:80") == "one.test of outer one.test"
        assert await get("a.two.test") == "*.two.test of outer *.two.test"
        assert await get("else.test") == "404: Not Found"


async def test_every_host_is_the_way_to_nest_at_the_root(serve: Serve) -> None:
    app, nested = named("outer"), named("nested")
    app.router.add_get("/own", tell)
    nested.router.add_get("/", tell)
    app.add_domain("*", nested)
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/")).text == "nested of outer nested"
    assert (await connection.ask("/own")).text == "outer of outer"


async def test_a_nested_application_finds_what_those_around_it_have_stored(serve: Serve) -> None:
    shared = AppKey("shared", str)

    async def handler(request: Request) -> Response:
        found = request.config_dict
        return Response(text=f"{found[NAME]} {found[shared]} {request.app.get(shared)}")

    app, nested = named("outer"), named("nested")
    app[shared] = "of the outer one"
    nested.router.add_get("/x", handler)
    app.router.add_get("/x", handler)
    app.add_subapp("/nested", nested)
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/nested/x")).text == "nested of the outer one None"
    assert (await connection.ask("/x")).text == "outer of the outer one of the outer one"


# --- in which order ---


async def test_middlewares_of_the_outer_application_come_first(serve: Serve) -> None:
    calls: list[str] = []
    app = named("a", middlewares=2, calls=calls)
    middle = named("b")
    nested = named("c", middlewares=1, calls=calls)
    nested.router.add_get("/x", tell)
    middle.add_subapp("/c", nested)
    app.add_subapp("/b", middle)
    connection = await (await serve(app)).connect()
    for path, status in (("/b/c/x", 200), ("/b/c/x", 200), ("/b/c/none", 404)):
        answer = await connection.ask(path)
        assert answer.status == status
        assert calls == [
            *("a0 in as a", "a1 in as a", "c0 in as c"),
            *("c0 out as c", "a1 out as a", "a0 out as a"),
        ]
        calls.clear()
    assert (await connection.ask("/b/c/x")).text == "c of a b c"
    calls.clear()
    # What the middle one misses is not the innermost one's.
    assert (await connection.ask("/b/none")).status == 404
    assert calls == ["a0 in as a", "a1 in as a", "a1 out as a", "a0 out as a"]


async def test_the_innermost_application_is_current_where_only_it_has_middlewares(
    serve: Serve,
) -> None:
    calls: list[str] = []
    app, nested = named("a"), named("b", middlewares=1, calls=calls)
    nested.router.add_get("/x", tell)
    app.add_subapp("/b", nested)
    assert (await (await serve(app)).get("/b/x")).text == "b of a b"
    assert calls == ["b0 in as b", "b0 out as b"]


async def test_one_handler_may_serve_several_applications(serve: Serve) -> None:
    calls: list[str] = []
    app, nested = named("a", middlewares=1, calls=calls), named("b", middlewares=1, calls=calls)
    app.router.add_get("/x", tell)
    nested.router.add_get("/x", tell)
    app.add_subapp("/b", nested)
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/x")).text == "a of a"
    assert len(calls) == 2
    assert (await connection.ask("/b/x")).text == "b of a b"
    assert len(calls) == 6
    assert (await connection.ask("/x")).text == "a of a"
    assert len(calls) == 8


async def test_receivers_of_on_response_prepare_are_called_from_the_outside_in(
    serve: Serve,
) -> None:
    def noting(name: str) -> Any:
        async def prepare(request: Request, response: StreamResponse) -> None:
            response.headers["X-Order"] = response.headers.get("X-Order", "") + name

        return prepare

    app, middle, nested = named("a"), named("b"), named("c")
    for one in (app, nested):
        one.router.add_get("/x", tell)
        one.on_response_prepare.append(noting(one[NAME]))
        one.on_response_prepare.append(noting(one[NAME].upper()))
    middle.router.add_get("/x", tell)
    middle.add_subapp("/c", nested)
    app.add_subapp("/b", middle)
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/x")).headers["x-order"] == "aA"
    assert (await connection.ask("/b/x")).headers["x-order"] == "aA"
    assert (await connection.ask("/b/c/x")).headers["x-order"] == "aAcC"


async def test_signals_of_life_reach_nested_applications_with_themselves() -> None:
    calls: list[tuple[str, str]] = []

    def note(what: str) -> Any:
        async def receiver(app: Application) -> None:
            calls.append((what, app[NAME]))

        return receiver

    app, nested = named("a"), named("b")
    for one in (nested, app):
        one.on_startup.append(note("startup"))
        one.on_shutdown.append(note("shutdown"))
        one.on_cleanup.append(note("cleanup"))
    app.add_subapp("/b", nested)
    runner = AppRunner(app)
    await runner.setup()
    await runner.cleanup()
    assert calls == [(what, name) for what in ("startup", "shutdown", "cleanup") for name in "ab"]


# --- what can't be nested ---


@pytest.mark.parametrize(
    ("prefix", "error", "message"),
    [
        (None, TypeError, "a prefix is a str such as '/admin', got None"),
        ("admin", AssertionError, "a prefix starts with '/', got 'admin'"),
        ("/", ValueError, r"a prefix is more than '/': .*use add_domain\('\*', subapp\)"),
        ("", ValueError, "a prefix is more than '/'"),
        ("/{name}", ValueError, "prefix"),
    ],
)
def test_a_prefix_that_is_none_is_refused(
    prefix: Any, error: type[Exception], message: str
) -> None:
    app, nested = Application(), Application()
    with pytest.raises(error, match=message):
        app.add_subapp(prefix, nested)
    assert app._subapps == []
    app.add_subapp("/good", nested)
    assert app._subapps == [nested]


@pytest.mark.parametrize(
    ("domain", "error"),
    [(None, TypeError), (3, TypeError), ("", ValueError), ("a b", ValueError)],
)
def test_a_domain_that_is_none_is_refused(domain: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="domain"):
        Application().add_domain(domain, Application())


def test_what_is_no_application_is_refused() -> None:
    unfit: Any = object()
    with pytest.raises(TypeError, match=r"a sub-application is a web\.Application, got <object"):
        Application().add_subapp("/a", unfit)


def test_an_application_is_nested_once_and_not_in_itself() -> None:
    app, nested = Application(), Application()
    with pytest.raises(RuntimeError, match="can't be a sub-application of itself"):
        app.add_subapp("/a", app)
    app.add_subapp("/a", nested)
    with pytest.raises(RuntimeError, match="it has started, or is one already"):
        app.add_subapp("/b", nested)
    with pytest.raises(RuntimeError, match="it has started, or is one already"):
        Application().add_domain("b.test", nested)
    with pytest.raises(RuntimeError, match="add the innermost ones first"):
        nested.add_subapp("/c", Application())


def test_nothing_is_nested_once_one_of_the_two_has_started() -> None:
    app, started = Application(), Application()
    started.freeze()
    with pytest.raises(RuntimeError, match="it has started"):
        app.add_subapp("/a", started)
    with pytest.raises(RuntimeError, match="which has started"):
        started.add_subapp("/a", app)


def test_the_routes_of_a_nested_application_are_fixed_and_its_storage_with_the_outer_one() -> None:
    app, nested = Application(), Application()
    app.add_subapp("/a", nested)
    assert (nested.pre_frozen, nested.frozen) == (True, False)
    with pytest.raises(RuntimeError):
        nested.router.add_get("/", tell)
    nested[NAME] = "still open"
    app.freeze()
    assert nested.frozen
    with pytest.warns(DeprecationWarning, match="Changing state of started"):
        nested[NAME] = "late"


class Bare(AbstractRouter):
    """A router without resources."""

    async def resolve(self, request: Request) -> AbstractMatchInfo:
        raise AssertionError


def test_a_router_that_holds_no_resources_holds_no_application() -> None:
    with pytest.raises(TypeError, match=r"can't hold a sub-application: .* register_resource"):
        Application(router=Bare()).add_subapp("/a", Application())


# --- other match infos ---


class Nesting(AbstractRouter):
    """A router that puts an application of its own on the stack."""

    def __init__(self, nested: Application) -> None:
        super().__init__()
        self.nested = nested

    async def resolve(self, request: Request) -> AbstractMatchInfo:
        found = Found()
        found.add_app(self.nested)
        return found


class Found(AbstractMatchInfo):
    """A match info that knows of no current application."""

    def __init__(self) -> None:
        self._apps: tuple[Any, ...] = ()

    @property
    def handler(self) -> Any:
        return tell

    @property
    def expect_handler(self) -> Any:
        raise AssertionError

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


async def test_a_router_may_nest_applications_in_its_own_way(serve: Serve) -> None:
    calls: list[str] = []
    nested = named("b", middlewares=1, calls=calls)
    app = Application(router=Nesting(nested), middlewares=named("a", middlewares=1).middlewares)
    app[NAME] = "a"
    connection = await (await serve(app)).connect()
    for _ in range(2):
        assert (await connection.ask("/")).text == "b of a b"
    assert calls == ["b0 in as b", "b0 out as b"] * 2
    assert nested.pre_frozen
