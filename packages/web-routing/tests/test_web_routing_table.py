"""Route definitions describe routes, and register them when a router gets them."""

from pathlib import Path
from typing import Any

import pytest
import tidegate_web_routing as web
from tidegate_web_routing import UrlDispatcher, View


async def handler(request: Any) -> Any:
    return request


class MyView(View):
    async def get(self) -> Any:
        return self.request


def registered(router: UrlDispatcher) -> list[tuple[str, str]]:
    return [(route.method, route.get_info()["path"]) for route in router.routes()]


@pytest.mark.parametrize(
    ("define", "method"),
    [
        (web.head, "HEAD"),
        (web.options, "OPTIONS"),
        (web.post, "POST"),
        (web.put, "PUT"),
        (web.patch, "PATCH"),
        (web.delete, "DELETE"),
    ],
)
def test_a_definition_registers_its_method(define: Any, method: str) -> None:
    router = UrlDispatcher()
    definition = define("/a", handler, name="n")
    assert definition == web.RouteDef(method, "/a", handler, {"name": "n"})
    (route,) = router.add_routes([definition])
    assert registered(router) == [(method, "/a")]
    assert (route.handler, route.name) == (handler, "n")


@pytest.mark.parametrize(
    "definition",
    [web.get("/a", handler), web.route("GET", "/a", handler), web.route("get", "/a", handler)],
    ids=repr,
)
def test_get_brings_head_along(definition: web.RouteDef) -> None:
    router = UrlDispatcher()
    (route,) = router.add_routes([definition])
    assert route.method == "GET"
    assert registered(router) == [("HEAD", "/a"), ("GET", "/a")]


def test_get_without_head() -> None:
    router = UrlDispatcher()
    router.add_routes([web.get("/a", handler, allow_head=False)])
    assert registered(router) == [("GET", "/a")]


def test_any_method_and_views() -> None:
    router = UrlDispatcher()
    router.add_routes(
        [
            web.view("/v", MyView),
            web.route("*", "/any", handler),
            web.route("propfind", "/p", handler),
        ]
    )
    assert registered(router) == [("*", "/v"), ("*", "/any"), ("PROPFIND", "/p")]


def test_the_expect_handler_is_passed_on() -> None:
    router = UrlDispatcher()
    (route,) = router.add_routes([web.get("/a", handler, expect_handler=handler)])
    assert route.expect_handler != web.default_expect_handler


def test_definitions_can_be_read() -> None:
    assert repr(web.post("/a", handler, name="n")) == "<RouteDef POST /a -> handler, name='n'>"
    assert repr(web.static("/s", Path("d"), show_index=True)) == (
        "<StaticDef /s -> d, show_index=True>"
    )


def test_a_table_collects_what_its_decorators_decorate() -> None:
    routes = web.RouteTableDef()
    for method in ("head", "get", "post", "put", "patch", "delete", "options"):
        assert getattr(routes, method)(f"/{method}")(handler) is handler
    assert routes.view("/view")(MyView) is MyView
    assert routes.route("BREW", "/pot", name="pot")(handler) is handler
    routes.static("/s", "directory", name="files")

    assert len(routes) == 10
    assert repr(routes) == "<RouteTableDef count=10>"
    assert routes[1] == web.RouteDef("GET", "/get", handler, {})
    assert routes[0:2] == list(routes)[:2]
    assert routes[-1] == web.StaticDef("/s", "directory", {"name": "files"})
    assert routes[3] in routes
    assert web.get("/get", handler) not in routes

    router = UrlDispatcher()
    router.add_routes(routes[:-1])
    assert registered(router) == [
        ("HEAD", "/head"),
        ("HEAD", "/get"),
        ("GET", "/get"),
        ("POST", "/post"),
        ("PUT", "/put"),
        ("PATCH", "/patch"),
        ("DELETE", "/delete"),
        ("OPTIONS", "/options"),
        ("*", "/view"),
        ("BREW", "/pot"),
    ]
    assert router["pot"].canonical == "/pot"
