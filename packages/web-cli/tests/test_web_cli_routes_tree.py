"""Routes are read as a tree, with the places of their handlers, and shown in lines."""

import functools
import io
import json
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli.reports import as_json, console, show_facts, show_problems, show_routes
from tidegate_web_cli.routes_tree import describe, place_of, problems
from tidegate_web_routing import AbstractRouter, View
from tidegate_web_server import Application, Request, Response, middleware


async def handler(request: Request) -> Response:
    return Response()


class Item(View):
    async def get(self) -> Response:
        return Response()

    async def delete(self) -> Response:
        return Response()


class Callable_:
    async def __call__(self, request: Request) -> Response:
        return Response()


@middleware
async def outer(request: Request, handler: Any) -> Any:
    return await handler(request)


class OtherRouter(AbstractRouter):
    async def resolve(self, request: Any) -> Any:
        raise NotImplementedError


def make_app() -> Application:
    app = Application(middlewares=[outer])
    app.router.add_get("/", handler, name="index")
    app.router.add_post("/", functools.partial(handler))
    app.router.add_view("/items/{id}", Item)
    app.router.add_route("PURGE", "/[x]", Callable_())
    nested = Application()
    nested.router.add_get("/a", handler)
    nested.router.add_get("/b", handler)
    nested.router.add_get("/a", handler)
    app.add_subapp("/nested", nested, name="nested")
    app.router.add_get("/nested/late", handler)
    app.add_domain("example.com", Application())
    return app


def test_a_tree_has_resources_methods_handlers_and_nested_applications() -> None:
    tree = describe(make_app())
    index, posted, items, odd, nested, late, domain = tree.resources
    assert (index.path, index.name) == ("/", "index")
    assert [line.methods for line in posted.routes] == [("POST",)]
    assert [line.methods for line in items.routes] == [("GET", "DELETE")]
    assert odd.routes[0].handler.name.endswith("Callable_")
    assert nested.app is not None
    assert [node.path for node in nested.app.resources] == ["/nested/a", "/nested/b", "/nested/a"]
    assert late.routes[0].handler.file is not None
    assert domain.path == "example.com"
    assert tree.count() > 8
    assert json.loads(as_json(tree.to_json()))["middlewares"][0]["name"].endswith("outer")


def test_a_router_of_another_kind_has_no_resources_to_show() -> None:
    app = Application(router=OtherRouter())
    assert describe(app).resources == ()
    assert problems(app) == []


def test_what_is_never_reached_is_said() -> None:
    assert {each.kind for each in problems(make_app())} == {"unreachable", "duplicate"}
    text = "\n".join(map(str, problems(make_app())))
    assert "/nested comes first and takes its requests" in text
    assert "the same path and method come earlier" in text


def test_what_has_no_source_has_a_name_alone() -> None:
    assert str(place_of(len)) == "builtins.len"
    assert "(" in str(place_of(handler))


@pytest.mark.parametrize("colors", [False, True])
def test_reports_are_lines(colors: bool) -> None:
    out = io.StringIO()
    writer = console(out, colors)
    show_routes(writer, describe(make_app()), "app:app", verbose=True)
    show_problems(writer, problems(make_app()))
    show_facts(writer, {"group": {"name": "value"}})
    text = out.getvalue()
    assert ("\x1b[" in text) is colors
    if not colors:
        assert "/%5Bx%5D" in text
        assert "1. " in text
        assert "example.com application (0 routes)" in text
        assert "  name  value" in text


def test_static_files_show_their_folder(tmp_path: Path) -> None:
    pytest.importorskip("tidegate_web_static")
    app = Application()
    app.router.add_static("/static", tmp_path)
    out = io.StringIO()
    show_routes(console(out, False), describe(app), "app", verbose=False)
    assert f"/static files of {tmp_path}" in out.getvalue()
