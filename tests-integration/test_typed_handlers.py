"""Users' code is typed well: what a checker knows of keys, handlers, middlewares and routes.

``mypy --strict`` reads this module with all others (``hatch run types:check``). What is right has
to pass, and each ``type: ignore`` marks a mistake that has to be found: one that no longer is
found fails as an unused ignore. That what is typed also runs is the business of the tests below.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, assert_type

from multidict import CIMultiDictProxy
from tidegate import web
from tidegate_web_server.testing import make_mocked_request
from yarl import URL


class Database:
    async def name_of(self, number: int) -> str:
        return f"name {number}"


DATABASE = web.AppKey("DATABASE", Database)
USER = web.RequestKey("USER", str)
COST = web.ResponseKey("COST", int)

routes = web.RouteTableDef()


@routes.get("/users/{number}", name="user")
async def user(request: web.Request) -> web.Response:
    database = assert_type(request.app[DATABASE], Database)
    assert_type(request[USER], str)
    assert_type(request.get(USER), str | None)
    assert_type(request.match_info["number"], str)
    assert_type(request.headers, CIMultiDictProxy[str])
    assert_type(request.query["a"], str)
    assert_type(request.url, URL)
    assert_type(request.remote, str | None)
    response = web.Response(text=await database.name_of(int(request.match_info["number"])))
    response[COST] = 3
    assert_type(response[COST], int)
    return response


@routes.post("/users")
async def add_user(request: web.Request) -> web.StreamResponse:
    assert_type(await request.text(), str)
    assert_type(await request.read(), bytes)
    assert_type(await request.json(), Any)
    for value in (await request.post()).values():
        if isinstance(value, web.FileField):
            assert_type(value.filename, str)
    raise web.HTTPFound(request.app.router["user"].url_for(number="1"))


@routes.view("/view")
class View(web.View):
    async def get(self) -> web.StreamResponse:
        assert_type(self.request, web.Request)
        return web.json_response({"a": 1})


@web.middleware
async def named(request: web.Request, handler: web.Handler) -> web.StreamResponse:
    request[USER] = "Ada"
    return await handler(request)


async def database(app: web.Application) -> AsyncIterator[None]:
    app[DATABASE] = Database()
    yield


def make_app() -> web.Application:
    app = web.Application(middlewares=[named])
    app.cleanup_ctx.append(database)
    app.add_routes(routes)
    app.add_routes([web.get("/again/{number}", user), web.view("/other", View)])
    return app


def mistakes(app: web.Application, request: web.Request) -> None:
    """Never called: a checker is to find each of these."""
    app[DATABASE] = "a name"  # type: ignore[misc]  # not a Database
    request[USER] = 5  # type: ignore[misc]  # not a str
    request.app[DATABASE].nmae_of(1)  # type: ignore[attr-defined]  # misspelt
    web.Response(txet="a")  # type: ignore[call-arg]  # misspelt
    web.Response(text=b"a")  # type: ignore[arg-type]  # bytes are a body
    request.match_info["number"] + 1  # type: ignore[operator]  # a str


async def test_what_is_typed_runs() -> None:
    app = make_app()
    app[DATABASE] = Database()
    request = make_mocked_request("GET", "/users/5", match_info={"number": "5"}, app=app)
    request[USER] = "Ada"
    query = request.clone(rel_url="/users/5?a=b")
    assert query.query["a"] == "b"
    request = make_mocked_request("GET", "/users/5?a=b", match_info={"number": "5"}, app=app)
    request[USER] = "Ada"
    assert (await user(request)).text == "name 5"
