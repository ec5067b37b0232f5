"""The router: registering, finding, naming, freezing."""

import gc
import sys
from collections.abc import Mapping
from typing import Any

import pytest
from tidegate_web_routing import (
    AbstractResource,
    AbstractRouter,
    DynamicResource,
    MethodNotAllowed,
    Placement,
    PlainResource,
    PrefixResource,
    RouteNotFound,
    UrlDispatcher,
    UrlMappingMatchInfo,
    View,
)
from tidegate_web_routing.resources import Resolved
from yarl import URL


async def handler(request: Any) -> Any:
    return request


async def other(request: Any) -> Any:
    return request


class MyView(View):
    async def get(self) -> Any:
        return self.request


class Request:
    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.rel_url = URL(path)


class QuickRequest:
    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.match_path = path

    @property
    def rel_url(self) -> URL:
        raise AssertionError("a URL was asked for")


class Anything(PrefixResource):
    """A resource of one's own that serves a prefix with one route, and needs the request."""

    def __init__(self, prefix: str, method: str = "GET") -> None:
        super().__init__(prefix)
        self._route = PlainResource("/x").add_route(method, handler)

    def url_for(self, **kwargs: str) -> URL:
        return URL(self.canonical)

    def get_info(self) -> dict[str, Any]:
        return {"prefix": self.canonical}

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Any:
        return iter([self._route])

    async def resolve(self, request: Any) -> Resolved:
        if not request.rel_url.raw_path.startswith(self.canonical + "/"):
            return None, set()
        if request.method != self._route.method:
            return None, {self._route.method}
        return UrlMappingMatchInfo({"by": self.canonical}, self._route), {self._route.method}


def router_with(*paths: str, prefer_fixed: bool = False) -> UrlDispatcher:
    router = UrlDispatcher(prefer_fixed=prefer_fixed)
    for path in paths:
        router.add_get(path, handler)
    return router


def canonical(router: UrlDispatcher, path: str, method: str = "GET") -> str | None:
    match_info = router.match(method, path)
    resource = match_info.route.resource
    return None if resource is None else resource.canonical


# -- Finding the route --------------------------------------------------------------------------


def test_a_path_is_found_with_its_parts_and_route() -> None:
    router = UrlDispatcher()
    route = router.add_get("/a/{x}", handler)
    match_info = router.match("GET", "/a/b%20c")
    assert match_info == {"x": "b c"}
    assert match_info.route is route
    assert match_info.handler is handler
    assert match_info.http_exception is None


def test_an_unknown_path_is_a_404_that_is_carried_not_raised() -> None:
    match_info = router_with("/a").match("GET", "/b")
    assert isinstance(match_info.http_exception, RouteNotFound)
    assert match_info == {}


def test_an_unknown_method_is_a_405_with_the_methods_of_all_resources_of_the_path() -> None:
    router = UrlDispatcher()
    router.add_get("/a", handler)
    router.add_post("/{x}", handler)
    router.add_put("/b", handler)
    exception = router.match("BREW", "/a").http_exception
    assert isinstance(exception, MethodNotAllowed)
    assert exception.method == "BREW"
    assert exception.allow == "GET, HEAD, POST"


def test_a_later_resource_with_the_method_wins_over_an_earlier_one_without() -> None:
    router = UrlDispatcher()
    router.add_get("/a", handler)
    router.add_put("/{x}", handler)
    assert canonical(router, "/a", "PUT") == "/{x}"


def test_a_resource_without_routes_is_not_there() -> None:
    router = UrlDispatcher()
    router.add_resource("/a")
    assert isinstance(router.match("GET", "/a").http_exception, RouteNotFound)


@pytest.mark.parametrize(
    "path", ["", "*", "a", "example.com:443", "http://x/a", "/a?q", "//a", "/a/"]
)
def test_no_path_that_is_not_registered_finds_anything(path: str) -> None:
    assert canonical(router_with("/a", "/b/{x}"), path) is None


@pytest.mark.parametrize(
    ("paths", "asked", "first", "fixed"),
    [
        (["/{x}", "/a"], "/a", "/{x}", "/a"),
        (["/{x}/b", "/a/{y}", "/a/b"], "/a/b", "/{x}/b", "/a/b"),
        (["/{x}/b", "/a/{y}"], "/a/b", "/{x}/b", "/a/{y}"),
        (["/a/{y}", "/a/b{x}"], "/a/bc", "/a/{y}", "/a/{y}"),
        (["/{t:.*}", "/a/{x}/{y}", "/a/b/{z}"], "/a/b/c", "/{t}", "/a/b/{z}"),
        (["/{t:.*}", "/"], "/", "/{t}", "/{t}"),
        (["/a/{t:.*}", "/a/"], "/a/", "/a/{t}", "/a/{t}"),
    ],
)
def test_both_orders_of_lookup(paths: list[str], asked: str, first: str, fixed: str) -> None:
    assert canonical(router_with(*paths), asked) == first
    assert canonical(router_with(*paths, prefer_fixed=True), asked) == fixed


def test_one_star_route_serves_every_method_and_a_view_too() -> None:
    router = UrlDispatcher()
    router.add_route("*", "/a", handler)
    router.add_view("/v", MyView)
    assert router.match("BREW", "/a").handler is handler
    assert router.match("GET", "/v").handler is MyView


async def test_a_request_is_resolved_by_its_raw_path() -> None:
    router = router_with("/é/{x}")
    assert await router.resolve(Request("GET", "/é/a%2Fb?q=1")) == {"x": "a/b"}
    assert isinstance((await router.resolve(Request("GET", "/e"))).http_exception, RouteNotFound)


async def test_a_request_that_knows_its_path_is_not_asked_for_a_url() -> None:
    assert await router_with("/{x}").resolve(QuickRequest("GET", "/a")) == {"x": "a"}


def test_misses_leave_nothing_behind() -> None:
    router = router_with("/a", "/{x}/b", "/c/{t:.*}", "/{y}/{z}")

    def ask(number: int) -> None:
        for path in (f"/{number}", f"/{number}/b/{number}", f"/a/{number}"):
            router.match("GET", path)
        router.match(f"M{number}", "/a")
        router.match(f"M{number}", f"/{number}/b")

    ask(-1)
    gc.collect()
    before = sys.getallocatedblocks()
    for number in range(2000):
        ask(number)
    gc.collect()
    # Some slack for what the interpreter itself keeps; a leak would be 2,000 and more.
    assert sys.getallocatedblocks() - before < 200


# -- Registering --------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["head", "post", "put", "patch", "delete", "options"])
def test_each_method_has_its_own_way_to_be_added(method: str) -> None:
    router = UrlDispatcher()
    route = getattr(router, f"add_{method}")("/a", handler, name="n", expect_handler=other)
    assert (route.method, route.name) == (method.upper(), "n")
    assert [known.method for known in router.routes()] == [method.upper()]


def test_get_brings_head_along_unless_told_otherwise() -> None:
    router = UrlDispatcher()
    route = router.add_get("/a", handler, name="n")
    assert route.method == "GET"
    assert [(known.method, known.name) for known in router.routes()] == [
        ("HEAD", "n"),
        ("GET", "n"),
    ]
    only = UrlDispatcher()
    only.add_get("/a", handler, allow_head=False)
    assert isinstance(only.match("HEAD", "/a").http_exception, MethodNotAllowed)


def test_routes_for_the_path_added_last_share_its_resource() -> None:
    router = UrlDispatcher()
    router.add_get("/é", handler, name="n")
    router.add_post("/%C3%A9", handler, name="n")
    router.add_put("/b/{x}", handler)
    router.add_post("/b/{x}", handler)
    assert [len(resource) for resource in router.resources()] == [3, 2]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("/a", "n"), ("/a", None)),
        (("/a", None), ("/a", "n")),
        (("/a", None), ("/b", None)),
        (("/{x}", None), (r"/{x:\d+}", None)),
    ],
)
def test_another_path_or_name_is_another_resource(first: Any, second: Any) -> None:
    router = UrlDispatcher()
    for method, (path, name) in zip(("GET", "POST"), (first, second), strict=True):
        router.add_route(method, path, handler, name=name)
    assert [len(resource) for resource in router.resources()] == [1, 1]


def test_routes_for_a_path_with_others_between_do_not_share_a_resource() -> None:
    router = UrlDispatcher()
    for method, path in (("GET", "/a"), ("GET", "/b"), ("POST", "/a")):
        router.add_route(method, path, handler)
    assert [resource.canonical for resource in router.resources()] == ["/a", "/b", "/a"]
    assert router.match("POST", "/a").http_exception is None


def test_a_resource_of_ones_own_is_not_merged_into() -> None:
    class Greedy(Anything):
        def raw_match(self, path: str) -> bool:
            return True

    router = UrlDispatcher()
    router.register_resource(Greedy("/a"))
    assert router.add_resource("/a") is not next(iter(router.resources()))


def test_a_method_can_not_be_added_twice() -> None:
    router = UrlDispatcher()
    router.add_get("/a", handler)
    with pytest.raises(RuntimeError, match="would never be used"):
        router.add_get("/a", other, allow_head=False)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("GET", "a", handler), ValueError),
        (("GET", "/{a", handler), ValueError),
        (("G T", "/a", handler), ValueError),
        (("GET", "/a", 5), TypeError),
        (("GET", None, handler), TypeError),
    ],
)
def test_a_route_that_is_refused_leaves_nothing_behind(arguments: Any, error: Any) -> None:
    router = UrlDispatcher()
    with pytest.raises(error):
        router.add_route(*arguments, name="n")
    assert len(router.resources()) == len(router) == 0


def test_a_get_route_that_is_refused_leaves_nothing_behind() -> None:
    router = UrlDispatcher()
    wrong: Any = 5
    with pytest.raises(TypeError):
        router.add_get("/a", wrong, name="n")
    assert len(router.resources()) == len(router) == 0


def test_only_a_resource_can_be_registered_and_only_once() -> None:
    router = UrlDispatcher()
    wrong: Any = "/a"
    with pytest.raises(TypeError, match="must derive from AbstractResource, got '/a' of type str"):
        router.register_resource(wrong)
    resource = PlainResource("/a")
    router.register_resource(resource)
    with pytest.raises(ValueError, match="is in the table of this router already"):
        router.register_resource(resource)


# -- Names --------------------------------------------------------------------------------------


def test_the_router_is_a_mapping_of_its_named_resources() -> None:
    router = UrlDispatcher()
    assert isinstance(router, AbstractRouter)
    assert isinstance(router, Mapping)
    router.add_get("/a/{x}", handler, name="a")
    router.add_get("/b", handler)
    assert list(router) == ["a"]
    assert len(router) == 1
    assert "a" in router
    assert "b" not in router
    assert router["a"].url_for(x="1") == URL("/a/1")
    assert router.get("b") is None
    assert dict(router.named_resources()) == {"a": router["a"]}
    with pytest.raises(TypeError):
        router.named_resources()["c"] = router["a"]  # type: ignore[index]  # it is read-only
    assert repr(router) == "<UrlDispatcher resources=2 frozen=False>"


def test_named_routes_is_deprecated() -> None:
    router = UrlDispatcher()
    router.add_get("/a", handler, name="a")
    with pytest.deprecated_call(match=r"use named_resources\(\)"):
        assert list(router.named_routes()) == ["a"]


def test_a_name_is_given_once() -> None:
    router = UrlDispatcher()
    router.add_get("/a", handler, name="n")
    with pytest.raises(
        ValueError, match="duplicate route name 'n': <PlainResource 'n' /a> has it"
    ):
        router.add_get("/b", handler, name="n")
    with pytest.raises(ValueError, match="invalid route name '1'"):
        router.add_get("/c", handler, name="1")
    assert len(router.resources()) == 1


# -- The index ----------------------------------------------------------------------------------


def test_a_resource_keeps_its_place_when_its_path_changes() -> None:
    router = router_with("/{x}/a", "/{y}/{z}")
    first = next(iter(router.resources()))
    router.unindex_resource(first)
    assert canonical(router, "/p/a") == "/{y}/{z}"
    first.add_prefix("/p")
    router.index_resource(first)
    assert canonical(router, "/p/b/a") == "/p/{x}/a"
    router.add_get("/p/{q}/{r}", handler)
    assert canonical(router, "/p/b/a") == "/p/{x}/a"


def test_the_index_takes_only_what_is_registered_and_only_once() -> None:
    router = router_with("/a")
    (resource,) = router.resources()
    with pytest.raises(ValueError, match=r"use register_resource\(\)"):
        router.index_resource(PlainResource("/a"))
    with pytest.raises(ValueError, match=r"use unindex_resource\(\) first"):
        router.index_resource(resource)
    router.unindex_resource(resource)
    with pytest.raises(ValueError, match="is not in the index of this router"):
        router.unindex_resource(resource)
    router.freeze()
    assert canonical(router, "/a") is None


# -- Resources of one's own ---------------------------------------------------------------------


async def test_a_resource_of_ones_own_is_given_the_request_in_its_turn() -> None:
    router = UrlDispatcher()
    router.add_get("/files/first", handler)
    router.register_resource(Anything("/files"))
    router.add_get("/files/{name}", handler)
    assert await router.resolve(Request("GET", "/files/first")) == {}
    assert await router.resolve(Request("GET", "/files/second")) == {"by": "/files"}
    assert await router.resolve(Request("HEAD", "/files/second")) == {"name": "second"}
    assert (await router.resolve(Request("GET", "/files"))).http_exception is not None
    missed = (await router.resolve(Request("PUT", "/files/x"))).http_exception
    assert isinstance(missed, MethodNotAllowed)
    assert missed.allow == "GET, HEAD"


def test_without_the_request_such_a_resource_can_not_be_asked() -> None:
    router = UrlDispatcher()
    router.register_resource(Anything("/files"))
    router.add_get("/a", handler)
    assert canonical(router, "/a") == "/a"
    with pytest.raises(TypeError, match=r"'await router\.resolve"):
        router.match("GET", "/files/x")


async def test_a_resource_may_match_by_host() -> None:
    class ByHost(PlainResource):
        def match(self, method: str, path: str, host: str | None = None) -> Resolved:
            return super().match(method, path) if host == "example.com" else (None, set())

    router = UrlDispatcher()
    resource = ByHost("/a")
    resource.add_route("GET", handler)
    router.register_resource(resource)
    assert router.match("GET", "/a").http_exception is not None
    assert router.match("GET", "/a", "example.com").http_exception is None
    request: Any = Request("GET", "/a")
    request.host = "example.com"
    assert (await router.resolve(request)).http_exception is None
    router.unindex_resource(resource)
    assert (await router.resolve(request)).http_exception is not None


# -- Freezing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "add",
    [
        lambda router: router.add_get("/new", handler),
        lambda router: router.add_post("/a", handler),
        lambda router: router.add_resource("/a"),
        lambda router: router.register_resource(PlainResource("/new")),
        lambda router: router.add_static("/new", "."),
    ],
)
def test_a_frozen_router_takes_no_more(add: Any) -> None:
    router = router_with("/a")
    router.freeze()
    with pytest.raises(RuntimeError, match=r"the router is frozen.*add all routes before that"):
        add(router)
    assert len(router.routes()) == 2


def test_freezing_freezes_the_resources_and_finds_them_under_their_last_path() -> None:
    class Late(PlainResource):
        def freeze(self) -> None:
            self._path = "/late"

    router = router_with("", "/a")
    late = Late("/early")
    late.add_route("GET", handler)
    router.register_resource(late)
    assert canonical(router, "/") == ""
    router.freeze()
    assert router.frozen
    assert canonical(router, "/") == "/"
    assert canonical(router, "/late") == "/late"
    assert canonical(router, "/early") is None


def test_a_placement_is_what_the_resource_says() -> None:
    class Everywhere(DynamicResource):
        def placement(self) -> Placement:
            return Placement((), False)

    router = UrlDispatcher()
    resource = Everywhere("/a/{x}")
    resource.add_route("GET", handler)
    router.register_resource(resource)
    assert canonical(router, "/a/1") == "/a/{x}"


def test_resources_that_are_equal_are_not_the_same() -> None:
    class Equal(PlainResource):
        def __eq__(self, other: object) -> bool:
            return isinstance(other, Equal)

        __hash__ = None  # type: ignore[assignment]  # as for any class with only __eq__

    router = UrlDispatcher()
    resources: list[AbstractResource] = [Equal("/a"), Equal("/b")]
    for resource in resources:
        router.register_resource(resource)
    assert len(router.resources()) == 2


async def test_a_resource_that_needs_the_request_is_only_asked_for_its_own_paths() -> None:
    asked = []

    class Nosy(PrefixResource):
        async def resolve(self, request: Any) -> Any:
            asked.append(request.rel_url.raw_path)
            return None, frozenset({"PURGE"})

        def url_for(self, **kwargs: str) -> URL:
            return URL(self.canonical)

        def get_info(self) -> dict[str, Any]:
            return {}

        def __len__(self) -> int:
            return 0

        def __iter__(self) -> Any:
            return iter(())

    router = UrlDispatcher()
    router.register_resource(Nosy("/nosy"))
    router.add_get("/{x}/{y}", handler)
    assert (await router.resolve(Request("GET", "/a/b"))).http_exception is None
    assert asked == []
    assert router.match("GET", "/a/b").http_exception is None
    assert (await router.resolve(Request("GET", "/nosy/b"))).http_exception is None
    missed = (await router.resolve(Request("GET", "/nosy"))).http_exception
    assert isinstance(missed, MethodNotAllowed)
    assert missed.allowed_methods == {"PURGE"}
    assert asked == ["/nosy/b", "/nosy"]


async def test_a_resource_that_matches_by_path_is_asked_without_a_request() -> None:
    class ByPath(Anything):
        matches_by_path = True
        resolve = PrefixResource.resolve

        def match(self, method: str, path: str, host: str | None = None) -> Resolved:
            if not path.startswith(self.canonical + "/"):
                return None, set()
            return UrlMappingMatchInfo({"by": path}, self._route), {self._route.method}

    router = UrlDispatcher()
    router.register_resource(ByPath("/files"))
    assert router.match("GET", "/files/x") == {"by": "/files/x"}
    assert await router.resolve(Request("GET", "/files/x")) == {"by": "/files/x"}
