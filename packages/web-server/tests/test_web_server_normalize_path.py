"""Redirects to the path that was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_web_routing import (
    AbstractResource,
    PlainResource,
    RoutableRequest,
    UrlDispatcher,
)
from tidegate_web_server import (
    Application,
    HTTPFound,
    HTTPMovedPermanently,
    HTTPNotFound,
    HTTPPermanentRedirect,
    Request,
    Response,
    normalize_path_middleware,
)
from tidegate_web_server.testing import make_mocked_request
from yarl import URL

if TYPE_CHECKING:
    from conftest import Serve

APPEND: dict[str, Any] = {}
REMOVE = {"append_slash": False, "remove_slash": True}
MERGE = {"append_slash": False}
NOT_MERGED = {"merge_slashes": False}
NOT_MERGED_REMOVE = {**REMOVE, "merge_slashes": False}


async def handler(request: Request) -> Response:
    return Response(text="found")


def application(**options: Any) -> Application:
    app = Application(middlewares=[normalize_path_middleware(**options)])
    app.router.add_get("/", handler)
    for path in ("/slash/", "/none", "/a/{name}/", "/b/{name}"):
        app.router.add_get(path, handler)
    for path in ("/deep/er/slash/", "/deep/er/none"):
        app.router.add_get(path, handler)
    return app


@pytest.mark.parametrize(
    ("options", "path", "location"),
    [
        (APPEND, "/slash", "/slash/"),
        (APPEND, "/none/", None),
        (APPEND, "//slash/", "/slash/"),
        (APPEND, "//none", "/none"),
        (APPEND, "//slash", "/slash/"),
        (APPEND, "/deep//er///slash", "/deep/er/slash/"),
        (APPEND, "/slash///", "/slash/"),
        (APPEND, "/a/x", "/a/x/"),
        (APPEND, "/a/caf%C3%A9%20%2F", "/a/caf%C3%A9%20%2F/"),
        (APPEND, "/nothing", None),
        (APPEND, "//nothing", None),
        (REMOVE, "/none/", "/none"),
        (REMOVE, "/slash", None),
        (REMOVE, "//none/", "/none"),
        (REMOVE, "/none//", "/none"),
        (REMOVE, "/deep//er//none//", "/deep/er/none"),
        (REMOVE, "//slash/", "/slash/"),
        (REMOVE, "/b/x/", "/b/x"),
        (MERGE, "/slash", None),
        (MERGE, "//slash//", "/slash/"),
        (NOT_MERGED, "/slash", "/slash/"),
        (NOT_MERGED, "/deep//er/slash/", None),
        (NOT_MERGED, "//slash/", None),
        (NOT_MERGED, "/deep//er/slash", None),
        (NOT_MERGED_REMOVE, "/none/", "/none"),
        (NOT_MERGED_REMOVE, "/deep//er/none/", None),
    ],
)
async def test_it_redirects_to_the_first_path_that_a_route_serves(
    serve: Serve, options: dict[str, Any], path: str, location: str | None
) -> None:
    connection = await (await serve(application(**options))).connect()
    for query in ("", "?a=1&b=%20//", "?q=/x//y?&c=%2f+%41", "?a;b&&="):
        answer = await connection.ask(path + query)
        if location is None:
            assert answer.status == 404
        else:
            assert answer.status == 308
            assert answer.headers["location"] == location + query


async def test_what_a_route_serves_is_left_alone(serve: Serve) -> None:
    app = application()
    app.router.add_get("/twice//", handler)
    connection = await (await serve(app)).connect()
    for path in ("/", "/none", "/slash/", "/twice//", "/a/x/"):
        assert (await connection.ask(path)).text == "found"


async def test_a_client_that_follows_arrives(serve: Serve) -> None:
    served = await serve(application())
    async with (
        aiohttp.ClientSession() as session,
        session.get(URL(f"http://127.0.0.1:{served.site.port}//deep/er//slash?x=1")) as answer,
    ):
        assert answer.status == 200
        assert answer.url.path_qs == "/deep/er/slash/?x=1"


async def test_the_method_has_to_fit(serve: Serve) -> None:
    app = application()
    app.router.add_post("/slash", handler)
    connection = await (await serve(app)).connect()
    # 405 without the slash, served with it.
    assert (await connection.ask("/slash")).headers["location"] == "/slash/"
    assert (await connection.ask("/none/", method="POST")).status == 404
    assert (await connection.ask("/none", method="POST")).status == 405


@pytest.mark.parametrize("given_class", [HTTPFound, HTTPMovedPermanently, HTTPPermanentRedirect])
async def test_the_redirect_is_of_the_class_that_is_given(serve: Serve, given_class: Any) -> None:
    answer = await (await serve(application(redirect_class=given_class))).get("/slash")
    assert answer.status == given_class.status_code


def test_slashes_are_not_both_appended_and_removed() -> None:
    with pytest.raises(AssertionError, match="Cannot both remove and append slash"):
        normalize_path_middleware(append_slash=True, remove_slash=True)
    with pytest.raises(AssertionError, match="Cannot both remove and append slash"):
        normalize_path_middleware(remove_slash=True)


def test_what_is_no_redirect_is_refused() -> None:
    unfit: Any = Response
    with pytest.raises(TypeError, match=r"redirect_class is a subclass of web\.HTTPMove, got"):
        normalize_path_middleware(redirect_class=unfit)


# --- never to another host ---


@pytest.mark.parametrize("options", [APPEND, REMOVE, NOT_MERGED, NOT_MERGED_REMOVE])
@pytest.mark.parametrize(
    "path",
    [
        *("//evil.test", "//evil.test/", "///evil.test/", "/\\evil.test", "/\\evil.test/"),
        *("//evil.test/%2e%2e", "/\\/evil.test/", "\\\\evil.test", "//evil.test//"),
        *("/%5Cevil.test", "/%2Fevil.test/", "//google.test:80/", "//a@evil.test/x"),
    ],
)
async def test_it_never_redirects_to_another_host(
    serve: Serve, options: dict[str, Any], path: str
) -> None:
    app = Application(middlewares=[normalize_path_middleware(**options)])
    suffix = "" if options.get("remove_slash") else "/"
    app.router.add_get("/{one}" + suffix, handler)
    app.router.add_get("/{one}/{two}" + suffix, handler)
    answer = await (await serve(app)).get(path)
    location = answer.headers.get("location")
    assert answer.status in (200, 308, 404, 400)
    if location is not None:
        assert location[0] == "/"
        assert location[1:2] not in ("/", "\\")


@settings(max_examples=200, deadline=None)
@given(path=st.text(alphabet="/\\.a%25CF?#@:", max_size=12), remove=st.booleans())
async def test_whatever_is_asked_stays_on_this_host(path: str, remove: bool) -> None:
    router = UrlDispatcher()
    router.add_get(r"/{anything:.*}" if remove else r"/{anything:.*}/", handler)
    app = Application(
        router=router,
        middlewares=[normalize_path_middleware(append_slash=not remove, remove_slash=remove)],
    )
    app.freeze()
    for target in (f"/{path}", f"//{path}"):
        request = make_mocked_request("GET", target, {"Host": "this.test"}, app=app)
        try:
            await app._handle(request)
        except HTTPNotFound:
            pass
        except HTTPPermanentRedirect as exc:
            location = str(exc.location)
            assert location.startswith("/")
            assert location[1:2] not in ("/", "\\")
            joined = URL("http://this.test/").join(URL(location, encoded=True))
            assert joined.host == "this.test"


# --- nested applications and other routers ---


async def test_nested_applications_are_asked_too(serve: Serve) -> None:
    app, nested = application(), Application()
    nested.router.add_get("/page/", handler)
    app.add_subapp("/nested", nested)
    connection = await (await serve(app)).connect()
    answer = await connection.ask("//nested//page?x")
    assert (answer.status, answer.headers["location"]) == (308, "/nested/page/?x")


async def test_a_nested_application_normalizes_its_own_paths(serve: Serve) -> None:
    app, nested = Application(), application()
    app.router.add_get("/slash/", handler)
    app.add_subapp("/nested", nested)
    connection = await (await serve(app)).connect()
    answer = await connection.ask("/nested/slash")
    assert (answer.status, answer.headers["location"]) == (308, "/nested/slash/")
    assert (await connection.ask("/slash")).status == 404


async def test_a_target_with_a_host_is_redirected_by_its_path(serve: Serve) -> None:
    served = await serve(application())
    answer = await served.ask(b"GET http://test/slash?x HTTP/1.1\r\nHost: test\r\n\r\n")
    assert (answer.status, answer.headers["location"]) == (308, "/slash/?x")


class ByAgent(AbstractResource):
    """A resource that needs the whole request."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = PlainResource("/agent/")
        self.inner.add_route("GET", handler)

    @property
    def canonical(self) -> str:
        return "/"

    def url_for(self, **kwargs: str) -> URL:
        raise AssertionError

    def add_prefix(self, prefix: str) -> None:
        raise AssertionError

    def get_info(self) -> dict[str, Any]:
        return {}

    def raw_match(self, path: str) -> bool:
        return False

    def __len__(self) -> int:
        return len(self.inner)

    def __iter__(self) -> Any:
        return iter(self.inner)

    async def resolve(self, request: RoutableRequest) -> Any:
        assert isinstance(request, Request)
        if request.headers.get("User-Agent") != "known":
            return None, frozenset()
        return await self.inner.resolve(request)


async def test_a_resource_that_needs_the_request_is_asked_with_one(serve: Serve) -> None:
    app = Application(middlewares=[normalize_path_middleware()])
    app.router.register_resource(ByAgent())
    served = await serve(app)
    answer = await served.get("/agent?x", "User-Agent: known")
    assert (answer.status, answer.headers["location"]) == (308, "/agent/?x")
    assert (await served.get("/agent?x", "User-Agent: other")).status == 404
