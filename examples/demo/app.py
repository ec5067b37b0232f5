"""A small application: a page, some JSON, a path with a variable, a counter.

    python examples/demo/app.py

It shows handlers, a route table, application state under a typed key, and errors that are
raised; all of it comes from ``tidegate.web``.
"""

import html
import os
import platform
from pathlib import Path

from tidegate import web

PAGE = Path(__file__).with_name("page.html").read_text("utf-8")

visits = web.AppKey("visits", dict[str, int])
routes = web.RouteTableDef()


@routes.get("/", name="index")
async def index(request: web.Request) -> web.Response:
    """Serve the page, with the links that the router makes."""
    router = request.app.router
    page = PAGE.replace("{hello}", str(router["hello"].url_for(name="Ada")))
    page = page.replace("{status}", str(router["status"].url_for()))
    return web.Response(text=page, content_type="text/html")


@routes.get("/hello/{name}", name="hello")
async def hello(request: web.Request) -> web.Response:
    """Greet whom the path names; what comes from a client is escaped."""
    name = request.match_info["name"]
    count = request.app[visits]
    count[name] = count.get(name, 0) + 1
    again = "" if count[name] == 1 else f" Nice to see you again ({count[name]})."
    text = f"<!doctype html><title>Hello</title><h1>Hello, {html.escape(name)}!{again}</h1>"
    return web.Response(text=text, content_type="text/html")


@routes.get("/api/status", name="status")
async def status(request: web.Request) -> web.Response:
    """Answer with JSON."""
    return web.json_response(
        {
            "python": platform.python_version(),
            "visits": request.app[visits],
            "you": {"method": request.method, "path": request.path, "query": dict(request.query)},
        }
    )


@routes.post("/api/add")
async def add(request: web.Request) -> web.Response:
    """Add the numbers of a JSON list; what is no JSON at all is answered before, by a 400."""
    numbers = await request.json()
    if not isinstance(numbers, list) or not all(isinstance(n, int | float) for n in numbers):
        raise web.HTTPBadRequest(text="expected a JSON list of numbers, such as [1, 2.5]")
    return web.json_response({"sum": sum(numbers)})


def make_app(argv: list[str] | None = None) -> web.Application:
    """Make the application; *argv* is what ``python -m tidegate.web`` hands over."""
    app = web.Application()
    app[visits] = {}
    app.add_routes(routes)
    return app


if __name__ == "__main__":
    web.run_app(make_app(), host="localhost", port=int(os.environ.get("PORT", "8080")))
