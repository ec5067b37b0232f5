"""Nested applications, under a prefix and by domain."""

from typing import Any

import pytest
from tidegate_web_routing import (
    AbstractMatchInfo,
    AbstractRouter,
    AbstractRuleMatching,
    Domain,
    DynamicResource,
    MaskDomain,
    MatchedSubAppResource,
    MatchInfoError,
    MethodNotAllowed,
    Placement,
    PrefixedSubAppResource,
    RouteNotFound,
    UnreachableRoute,
    UrlDispatcher,
    UrlMappingMatchInfo,
)
from yarl import URL


async def handler(request: Any) -> Any:
    return request


async def other(request: Any) -> Any:
    return request


class App:
    """The least that an application has."""

    def __init__(self, name: str = "app", *, prefer_fixed: bool = False) -> None:
        self.name = name
        self.router = UrlDispatcher(prefer_fixed=prefer_fixed)

    def __repr__(self) -> str:
        return f"<App {self.name}>"


class Request:
    def __init__(self, method: str, path: str, host: str = "localhost") -> None:
        self.method = method
        self.rel_url = URL(path, encoded=True)
        self.match_path = self.rel_url.raw_path
        self.host = host


async def both(
    router: UrlDispatcher, method: str, path: str, host: str = "localhost"
) -> UrlMappingMatchInfo:
    """Match with and without a request: it has to be the same."""
    matched = router.match(method, path, host)
    resolved = await router.resolve(Request(method, path, host))
    assert (dict(matched), matched.apps) == (dict(resolved), resolved.apps)
    assert type(matched.http_exception) is type(resolved.http_exception)
    if matched.http_exception is None:
        assert matched.handler is resolved.handler
    return matched


def nested() -> tuple[App, App, App]:
    """An application in an application in an application."""
    top, middle, leaf = App("top"), App("middle"), App("leaf")
    leaf.router.add_get("", handler, name="root")
    leaf.router.add_get("/x/{id}", handler, name="x")
    middle.router.register_resource(PrefixedSubAppResource("/leaf", leaf, name="leaf"))
    middle.router.add_get("/own", handler, name="own")
    top.router.register_resource(PrefixedSubAppResource("/middle", middle, name="middle"))
    top.router.add_get("/top", handler)
    return top, middle, leaf


async def test_what_is_under_the_prefix_is_the_applications() -> None:
    top, middle, leaf = nested()
    found = await both(top.router, "GET", "/middle/leaf/x/a%20b")
    assert found == {"id": "a b"}
    assert (found.apps, found.current_app) == ((middle, leaf), leaf)
    found.add_app(top)
    assert (found.apps, found.current_app) == ((top, middle, leaf), leaf)
    assert (await both(top.router, "GET", "/middle/leaf")).apps == (middle, leaf)
    assert (await both(top.router, "GET", "/middle/own")).apps == (middle,)
    assert (await both(top.router, "GET", "/top")).apps == ()


@pytest.mark.parametrize("path", ["/middlex", "/middl", "/", "/middle%2Fleaf", "/x/1", "/leaf"])
async def test_a_prefix_ends_at_a_slash(path: str) -> None:
    top, _, _ = nested()
    missed = await both(top.router, "GET", path)
    assert isinstance(missed.http_exception, RouteNotFound)
    assert missed.apps == ()


async def test_a_404_and_a_405_stay_inside() -> None:
    top, middle, leaf = nested()
    top.router.add_route("*", "/{everything:.*}", other)
    missed = await both(top.router, "GET", "/middle/leaf/nothing")
    assert isinstance(missed.http_exception, RouteNotFound)
    assert missed.apps == (middle, leaf)
    missed = await both(top.router, "PUT", "/middle/own")
    assert isinstance(missed.http_exception, MethodNotAllowed)
    assert missed.http_exception.allowed_methods == {"GET", "HEAD"}
    assert missed.apps == (middle,)
    assert (await both(top.router, "PUT", "/elsewhere")).handler is other


async def test_what_comes_first_is_asked_first() -> None:
    top, app = App(), App()
    app.router.add_get("/{rest}", handler)
    top.router.add_get("/p/before", other)
    top.router.register_resource(PrefixedSubAppResource("/p", app))
    top.router.add_get("/p/after", other)
    assert (await both(top.router, "GET", "/p/before")).handler is other
    assert (await both(top.router, "GET", "/p/after")).handler is handler


async def test_an_application_may_have_every_path() -> None:
    for prefix in ("/", ""):
        top, app = App(), App()
        app.router.add_get("/{name}", handler, name="n")
        top.router.add_get("/own", other)
        resource = PrefixedSubAppResource(prefix, app)
        top.router.register_resource(resource)
        assert resource.canonical == ""
        assert repr(resource) == "<PrefixedSubAppResource / -> <App app>>"
        assert (await both(top.router, "GET", "/own")).apps == ()
        assert (await both(top.router, "GET", "/its")).apps == (app,)
        assert app.router["n"].url_for(name="x") == URL("/x")


def test_the_resources_of_the_application_get_the_prefix() -> None:
    top, middle, leaf = nested()
    assert [resource.canonical for resource in leaf.router.resources()] == [
        "/middle/leaf",
        "/middle/leaf/x/{id}",
    ]
    assert leaf.router["x"].url_for(id="1") == URL("/middle/leaf/x/1")
    assert middle.router["own"].url_for() == URL("/middle/own")
    resource = top.router["middle"]
    resource.add_prefix("/more")
    assert resource.canonical == "/more/middle"
    assert leaf.router["x"].url_for(id="1") == URL("/more/middle/leaf/x/1")


async def test_a_prefix_is_quoted_and_may_end_with_a_slash() -> None:
    top, app = App(), App()
    app.router.add_get("/a", handler)
    resource = PrefixedSubAppResource("/é/", app)
    top.router.register_resource(resource)
    assert resource.canonical == "/%C3%A9"
    assert (await both(top.router, "GET", "/%C3%A9/a")).handler is handler


@pytest.mark.parametrize(
    ("prefix", "message", "column"),
    [
        ("admin", "a prefix must start with '/'", 0),
        ("/admin//", "must go on and not end with '/'", 6),
        ("/a/{b}", "a prefix has no variable parts", 3),
        ("/a}", "a prefix has no variable parts", 2),
    ],
)
def test_a_bad_prefix_is_pointed_at(prefix: str, message: str, column: int) -> None:
    with pytest.raises(ValueError, match=message) as caught:
        PrefixedSubAppResource(prefix, App())
    *_, shown, pointer = str(caught.value).splitlines()
    assert shown.strip() == prefix.removesuffix("/")
    assert pointer == " " * (4 + column) + "^"


def test_a_prefix_is_a_str() -> None:
    with pytest.raises(TypeError, match="a prefix must be a str, got 5"):
        PrefixedSubAppResource(5, App())  # type: ignore[arg-type]  # that is what is tested


def test_a_nested_application_describes_itself() -> None:
    top, middle, _ = nested()
    resource = top.router["middle"]
    assert isinstance(resource, PrefixedSubAppResource)
    assert resource.app is middle
    assert resource.get_info() == {"app": middle, "prefix": "/middle"}
    assert repr(resource) == "<PrefixedSubAppResource /middle -> <App middle>>"
    assert [route.method for route in resource] == ["HEAD", "GET"] * 3
    assert len(resource) == 6
    assert len(top.router.routes()) == 8
    assert not resource.raw_match("/middle")
    with pytest.raises(RuntimeError, match="not supported"):
        resource.url_for()


def test_names_in_a_nested_application_are_found_through_its_own() -> None:
    top, middle, leaf = nested()
    assert top.router["middle:own"] is middle.router["own"]
    assert top.router["middle:leaf:x"] is leaf.router["x"]
    assert "middle:leaf:x" in top.router
    assert top.router.get("middle:leaf:nothing") is None
    assert list(top.router) == ["middle"]
    for name in ("nothing", "middle:", "middle:nothing", "own:x", ":x"):
        assert name not in top.router
        with pytest.raises(KeyError):
            top.router[name]
    no_name: Any = 5
    assert no_name not in top.router


def test_a_name_with_a_colon_of_the_outer_application_comes_first() -> None:
    top, _, _ = nested()
    mine = top.router.add_resource("/mine", name="middle:own")
    assert top.router["middle:own"] is mine


def test_names_are_not_looked_for_in_a_router_without_names() -> None:
    top = App()
    top.router.register_resource(PrefixedSubAppResource("", Foreign(), name="foreign"))
    with pytest.raises(KeyError):
        top.router["foreign:x"]


def test_freezing_goes_through_all_applications() -> None:
    top, middle, leaf = nested()
    top.router.freeze()
    assert middle.router.frozen
    assert leaf.router.frozen
    assert leaf.router["x"].url_for(id="1") == URL("/middle/leaf/x/1")


async def test_routes_added_after_nesting_have_no_prefix_but_are_looked_for() -> None:
    # An application fixes a nested one as it nests it; a router on its own does not.
    top, app = App(), App()
    top.router.register_resource(PrefixedSubAppResource("/p", app))
    app.router.add_get("/p/late", handler)
    assert (await both(top.router, "GET", "/p/late")).handler is handler


def test_a_router_that_refuses_a_prefix_is_as_it_was() -> None:
    app = App()
    app.router.add_get("/a", handler)
    for prefix in ("p", "/p/", "/{p}"):
        with pytest.raises(ValueError, match="invalid prefix"):
            app.router.add_prefix(prefix)
    assert app.router.match("GET", "/a").handler is handler


def test_an_application_taken_out_of_the_index_takes_its_prefix_along() -> None:
    app = App()
    app.router.add_get("/a", handler)
    app.router.add_get("/b", other)
    hidden = next(iter(app.router.resources()))
    app.router.unindex_resource(hidden)
    app.router.add_prefix("/p")
    assert hidden.canonical == "/p/a"
    assert app.router.match("GET", "/p/a").http_exception is not None
    assert app.router.match("GET", "/p/b").handler is other


async def test_the_applications_that_a_path_can_not_belong_to_are_not_asked() -> None:
    asked = []

    class Asking(UrlDispatcher):
        async def resolve(self, request: Any) -> UrlMappingMatchInfo:
            asked.append(self)
            return await super().resolve(request)

    top = App()
    apps = []
    for number in range(100):
        app = App()
        app.router = Asking()
        app.router.add_get("/x", handler)
        top.router.register_resource(PrefixedSubAppResource(f"/app{number}", app))
        apps.append(app)
    found = await top.router.resolve(Request("GET", "/app42/x"))
    assert found.apps == (apps[42],)
    assert asked == [apps[42].router]


# -- Domains ------------------------------------------------------------------------------------


async def test_an_application_serves_its_domain() -> None:
    top, api, rest = App("top"), App("api"), App("rest")
    api.router.add_get("/", handler)
    rest.router.add_get("/", handler)
    top.router.register_resource(MatchedSubAppResource(Domain("api.example.com"), api))
    top.router.register_resource(MatchedSubAppResource(MaskDomain("*.example.com"), rest))
    top.router.add_get("/", other)
    for host, apps in (
        ("api.example.com", (api,)),
        ("API.example.com:8080", (api,)),
        ("www.example.com", (rest,)),
        ("example.com", ()),
    ):
        assert (await both(top.router, "GET", "/", host)).apps == apps
    # Nothing of an application's domain is anybody else's.
    missed = await both(top.router, "GET", "/nothing", "api.example.com")
    assert isinstance(missed.http_exception, RouteNotFound)
    assert missed.apps == (api,)
    assert top.router.match("GET", "/").handler is other


async def test_domains_come_in_turn_or_with_fixed_paths_first_last() -> None:
    for prefer_fixed, winner in ((False, handler), (True, other)):
        top, api = App(prefer_fixed=prefer_fixed), App()
        api.router.add_get("/{x}", handler)
        top.router.register_resource(MatchedSubAppResource(Domain("a.b"), api))
        top.router.add_get("/{x}", other)
        assert (await both(top.router, "GET", "/1", "a.b")).handler is winner


async def test_domains_come_after_resources_that_may_have_any_path() -> None:
    class Anywhere(DynamicResource):
        def placement(self) -> Placement:
            return Placement((), False)

    top, api = App(prefer_fixed=True), App()
    api.router.add_get("/{x}", handler)
    top.router.register_resource(MatchedSubAppResource(Domain("a.b"), api))
    anywhere = Anywhere("/{x}")
    anywhere.add_route("GET", other)
    top.router.register_resource(anywhere)
    assert (await both(top.router, "GET", "/1", "a.b")).handler is other


async def test_a_domain_in_a_prefixed_application_has_the_prefix() -> None:
    top, middle, api = App("top"), App("middle"), App("api")
    api.router.add_get("/x", handler, name="x")
    middle.router.register_resource(MatchedSubAppResource(Domain("a.b"), api, name="api"))
    top.router.register_resource(PrefixedSubAppResource("/p", middle, name="p"))
    assert (await both(top.router, "GET", "/p/x", "a.b")).apps == (middle, api)
    assert (await both(top.router, "GET", "/x", "a.b")).apps == ()
    assert top.router["p:api:x"].url_for() == URL("/p/x")


def test_a_domain_describes_itself() -> None:
    app, rule = App(), Domain("a.b")
    resource = MatchedSubAppResource(rule, app)
    assert resource.rule is rule
    assert resource.canonical == "a.b"
    assert resource.get_info() == {"app": app, "rule": rule}
    assert repr(resource) == "<MatchedSubAppResource a.b -> <App app>>"


class ByMethod(AbstractRuleMatching):
    canonical = "PURGE"

    async def match(self, request: Any) -> bool:
        return bool(request.method == "PURGE")

    def get_info(self) -> dict[str, Any]:
        return {"rule": "PURGE"}


async def test_a_rule_of_ones_own_is_given_the_request() -> None:
    top, app = App(), App()
    app.router.add_route("*", "/x", handler)
    top.router.register_resource(MatchedSubAppResource(ByMethod(), app))
    top.router.add_route("*", "/x", other)
    assert (await top.router.resolve(Request("PURGE", "/x"))).handler is handler
    assert (await top.router.resolve(Request("GET", "/x"))).handler is other
    with pytest.raises(TypeError, match=r"the rule of .* needs a request"):
        top.router.match("GET", "/x")


# -- Routers of other kinds ---------------------------------------------------------------------


class ForeignRouter(AbstractRouter):
    async def resolve(self, request: Any) -> AbstractMatchInfo:
        return MatchInfoError(RouteNotFound())

    def __repr__(self) -> str:
        return "<ForeignRouter>"


class Foreign:
    def __init__(self) -> None:
        self.router = ForeignRouter()


async def test_a_router_that_takes_no_prefix_can_be_nested_without_one() -> None:
    top, app = App(), Foreign()
    with pytest.raises(TypeError, match="<ForeignRouter> can't be nested under '/p'"):
        PrefixedSubAppResource("/p", app)
    resource = PrefixedSubAppResource("/", app)
    top.router.register_resource(resource)
    assert list(resource) == []
    assert len(resource) == 0
    assert (await top.router.resolve(Request("GET", "/x"))).apps == (app,)
    with pytest.raises(TypeError, match="<ForeignRouter> needs a request"):
        top.router.match("GET", "/x")


# -- What can't be reached ----------------------------------------------------------------------


def test_what_is_registered_below_a_nested_application_is_lost() -> None:
    top, app, later, api = App(), App(), App(), App()
    later.router.add_get("/z", handler)
    api.router.add_get("/z", handler)
    first = PrefixedSubAppResource("/p", app)
    top.router.register_resource(MatchedSubAppResource(Domain("a.b"), api))
    top.router.register_resource(first)
    lost = [
        top.router.add_post("/p", handler),
        top.router.add_post("/p/x", handler),
        top.router.add_post("/p/{x}/y", handler),
    ]
    top.router.add_get("/px", handler)
    top.router.add_get("/{x}/y", handler)
    top.router.register_resource(PrefixedSubAppResource("/p/later", later))
    lost += list(later.router.routes())
    assert top.router.unreachable_routes() == [UnreachableRoute(route, first) for route in lost]


# -- The old way --------------------------------------------------------------------------------


async def test_the_router_of_no_application_nests_with_a_warning() -> None:
    top, app = App(), App()
    app.router.add_get("/x", handler)
    with pytest.warns(DeprecationWarning, match=r"use Application\.add_subapp"):
        resource = top.router.add_subapp("/p", app)
    assert (await both(top.router, "GET", "/p/x")).apps == (app,)
    assert list(top.router.resources()) == [resource]
    top.router.freeze()
    with (
        pytest.warns(DeprecationWarning, match="deprecated"),
        pytest.raises(RuntimeError, match="the router is frozen"),
    ):
        top.router.add_subapp("/q", app)


def test_the_application_of_the_router_is_asked_to_nest() -> None:
    class Outer(App):
        def add_subapp(self, prefix: str, app: App) -> PrefixedSubAppResource:
            resource = PrefixedSubAppResource(prefix + "/told", app)
            self.router.register_resource(resource)
            return resource

    top = Outer()
    top.router.post_init(top)
    with pytest.warns(DeprecationWarning, match="deprecated"):
        assert top.router.add_subapp("/p", App()).canonical == "/p/told"
