"""Routers: how routes are added and found, what they build, and what they refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from compat.bench import Bench, Case
from compat.wire import request

Fill = Callable[[Any, Any], object]
"""Fills a router: takes the framework's module and the application."""


def _named(bench: Bench, name: str) -> Any:
    async def handler(request: Any) -> Any:
        info = request.match_info
        bench.note("handler", (name, dict(info), request.path))
        return bench.web.Response(text=name)

    handler.__name__ = name
    return handler


PATTERNS = {
    "fixed": "/a/b",
    "variable": "/users/{name}",
    "two variables": "/{first}-{second}/x",
    "regex": r"/items/{number:\d+}",
    "regex with braces": r"/y/{year:\d{4}}",
    "tail": "/files/{tail:.*}",
    "middle": "/x/{name}/y",
    "dots": "/file.{ext}",
    "root": "/",
    "empty": "",
    "trailing slash": "/dir/",
    "encoded": "/a%20b",
    "space": "/a b",
    "unicode": "/путь",
    "unicode variable": "/é/{name}",
    "star": "/a*b+c",
    "brackets": "/a(b)[c]",
    "no slash": "no/slash",
    "unclosed brace": "/{name",
    "closing brace": "/name}",
    "empty brace": "/{}",
    "bad name": "/{1name}",
    "name twice": "/{a}/{a}",
    "bad regex": "/{a:(}",
    "group in regex": r"/{a:(x|y)}/z",
    "query in path": "/a?b=c",
    "anchors": "/{a:^x$}",
    "slash in variable": r"/{a:[^/]+/[^/]+}/end",
}

PATHS = (
    "/",
    "/a/b",
    "/a/b/",
    "/A/b",
    "/users/anna",
    "/users/",
    "/users/a%20b",
    "/users/a%2Fb",
    "/users/%C3%A9",
    "/users/a/b",
    "/users/a%7Bb",
    "/one-two/x",
    "/one-two-three/x",
    "/items/12",
    "/items/a",
    "/items/%31",
    "/y/2020",
    "/y/20201",
    "/files/",
    "/files",
    "/files/a/b.txt",
    "/files/a%2Fb",
    "/x/1/y",
    "/file.txt",
    "/fileXtxt",
    "/dir/",
    "/dir",
    "/a%20b",
    "/a+b",
    "/%D0%BF%D1%83%D1%82%D1%8C",
    "/%C3%A9/n",
    "/a*b+c",
    "/a%2Ab+c",
    "/a(b)[c]",
    "/a(b)%5Bc%5D",
    "/x/z",
    "/p/q/end",
    "//a/b",
    "/a//b",
    "/./a/b",
    "/a/../a/b",
    "/a/b;x=1",
    "/a/b?c=d",
    "/%61/b",
    "/a%2fb",
)


def _pattern(pattern: str) -> Case:
    async def case(bench: Bench) -> None:
        app = bench.web.Application()
        handler = _named(bench, "found")
        route = bench.fails("adding", lambda: app.router.add_get(pattern, handler))
        if route is None:
            return
        resource = route.resource
        bench.note("canonical", resource.canonical)
        bench.note("kind", type(resource).__name__)
        info = resource.get_info()
        bench.note("info", sorted(info))
        bench.note("info values", str(info.get("path", info.get("formatter"))))
        bench.note("method", route.method)
        bench.note("name", resource.name)
        served = await bench.serve(app)
        for path in PATHS:
            await served.ask(request(path), label=f"{path} ")

    return case


URLS: dict[str, tuple[str, dict[str, Any]]] = {
    "fixed": ("/a/b", {}),
    "fixed, extra": ("/a/b", {"c": "d"}),
    "variable": ("/u/{name}", {"name": "anna"}),
    "variable quoted": ("/u/{name}", {"name": "a b/c?d#e%é"}),
    "variable number": ("/u/{name}", {"name": 5}),
    "variable extra": ("/u/{name}", {"name": "a", "more": "b"}),
    "regex": (r"/i/{n:\d+}", {"n": "12"}),
    "regex not matched": (r"/i/{n:\d+}", {"n": "x"}),
    "tail": ("/f/{tail:.*}", {"tail": "a/b c"}),
    "unicode": ("/é/{name}", {"name": "й"}),
    "plus": ("/u/{name}", {"name": "a+b"}),
    "encoded": ("/u/{name}", {"name": "%20"}),
    "empty": ("/u/{name}", {"name": ""}),
}


def _url(pattern: str, parts: dict[str, Any]) -> Case:
    async def case(bench: Bench) -> None:
        app = bench.web.Application()
        app.router.add_get(pattern, _named(bench, "x"), name="here")
        bench.attempt("url", lambda: str(app.router["here"].url_for(**parts)))
        bench.attempt("raw", lambda: app.router["here"].url_for(**parts).raw_path)
        bench.attempt("type", lambda: type(app.router["here"].url_for(**parts)).__name__)
        bench.attempt(
            "with query", lambda: str(app.router["here"].url_for(**parts).with_query({"a": "b"}))
        )

    return case


NAMES = ["name", "a.b", "a:b-c", "a_b", "class", "1a", "a b", "", "é", "a..b", ":a", "a-", None, 5]


def _resource_name(name: Any) -> Case:
    async def case(bench: Bench) -> None:
        app = bench.web.Application()
        bench.fails("named", lambda: app.router.add_get("/", _named(bench, "x"), name=name))
        bench.note("names", sorted(app.router.named_resources()))
        bench.fails(
            "named again", lambda: app.router.add_get("/other", _named(bench, "y"), name=name)
        )
        bench.fails("same path", lambda: app.router.add_post("/", _named(bench, "z"), name=name))
        bench.note("resources", len(app.router.resources()))

    return case


async def views_of_a_router(bench: Bench) -> None:
    app = bench.web.Application()
    router = app.router
    router.add_get("/a", _named(bench, "a"), name="a")
    router.add_post("/a", _named(bench, "b"))
    router.add_put("/c", _named(bench, "c"), name="c")
    router.add_get("/b/{c}", _named(bench, "d"), name="d", allow_head=False)
    router.add_route("*", "/e", _named(bench, "e"))
    router.add_delete("/b/{c}", _named(bench, "f"))
    bench.note("resources", [each.canonical for each in router.resources()])
    bench.note(
        "routes", sorted((each.method, each.resource.canonical) for each in router.routes())
    )
    bench.note("named", sorted(router.named_resources()))
    bench.note("lengths", (len(router), len(router.resources()), len(router.routes())))
    bench.note("iter", sorted(router))
    bench.note("in", ("a" in router, "none" in router))
    bench.attempt("missing name", lambda: router["none"])
    bench.note("get", router.get("none"))
    bench.note("resource in", router["a"] in router.resources())
    bench.note("route in", next(iter(router.routes())) in router.routes())
    bench.fails("missing setter", lambda: router.named_resources().__setitem__("x", 1))
    bench.note("repr", repr(next(iter(router.resources()))).partition(" ")[0])


async def verbs(bench: Bench) -> None:
    web = bench.web
    app = web.Application()
    for verb in ("get", "post", "put", "patch", "delete", "head", "options"):
        getattr(app.router, f"add_{verb}")(f"/{verb}", _named(bench, verb))
    app.router.add_get("/no-head", _named(bench, "no head"), allow_head=False)
    app.router.add_route("*", "/any", _named(bench, "any"))
    app.router.add_route("propfind", "/custom", _named(bench, "custom"))
    app.router.add_route("GET", "/both", _named(bench, "both get"))
    app.router.add_route("POST", "/both", _named(bench, "both post"))
    served = await bench.serve(app)
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND"]
    paths = ["get", "post", "head", "options", "no-head", "any", "custom", "both", "none"]
    for path in paths:
        for method in methods:
            await served.ask(request(f"/{path}", method=method), label=f"{method} {path} ")


REFUSED: dict[str, Fill] = {
    "same method twice": lambda w, a: [a.router.add_get("/", _nothing) for _ in range(2)],
    "any after get": lambda w, a: [
        a.router.add_get("/", _nothing),
        a.router.add_route("*", "/", _nothing),
    ],
    "get after any": lambda w, a: [
        a.router.add_route("*", "/", _nothing),
        a.router.add_get("/", _nothing),
    ],
    "bad method": lambda w, a: a.router.add_route("GE T", "/", _nothing),
    "empty method": lambda w, a: a.router.add_route("", "/", _nothing),
    "lower method": lambda w, a: a.router.add_route("get", "/", _nothing),
    "handler None": lambda w, a: a.router.add_get("/", None),
    "handler number": lambda w, a: a.router.add_get("/", 17),
    "handler class": lambda w, a: a.router.add_get("/", int),
    "handler view": lambda w, a: a.router.add_view("/", type("V", (w.View,), {})),
    "handler plain": lambda w, a: a.router.add_get("/", lambda request: None),
    "expect_handler plain": lambda w, a: a.router.add_get(
        "/", _nothing, expect_handler=lambda request: None
    ),
    "static missing": lambda w, a: a.router.add_static("/s", "/no/such/directory"),
    "static prefix": lambda w, a: a.router.add_static("s", "/tmp"),
    "static file": lambda w, a: a.router.add_static("/s", __file__),
    "static root": lambda w, a: a.router.add_static("/", "/tmp"),
    "static trailing slash": lambda w, a: a.router.add_static("/s/", "/tmp"),
    "routes None": lambda w, a: a.add_routes(None),
    "register nonsense": lambda w, a: a.router.register_resource(object()),
    "resource": lambda w, a: a.router.add_resource("/r").add_route("GET", _nothing),
    "resource twice": lambda w, a: [
        a.router.add_resource("/r").add_route("GET", _nothing) for _ in range(2)
    ],
    "resource then get": lambda w, a: [
        a.router.add_resource("/r", name="r").add_route("GET", _nothing),
        a.router.add_get("/r", _nothing, name="other"),
    ],
}


async def _nothing(request: Any) -> Any:
    raise RuntimeError("never called")


def _refused(fill: Fill) -> Case:
    async def case(bench: Bench) -> None:
        app = bench.web.Application()
        bench.fails("filling", lambda: fill(bench.web, app))
        bench.note("resources", [each.canonical for each in app.router.resources()])
        bench.note("routes", sorted(each.method for each in app.router.routes()))

    return case


async def definitions(bench: Bench) -> None:
    web = bench.web
    table = web.RouteTableDef()

    @table.get("/a", name="a")  # type: ignore[untyped-decorator]  # of either framework
    async def a(request: Any) -> Any:
        return web.Response(text="a")

    @table.route("*", "/b")  # type: ignore[untyped-decorator]  # of either framework
    async def b(request: Any) -> Any:
        return web.Response(text=request.method)

    @table.view("/c")
    class C(web.View):  # type: ignore[misc, name-defined]  # of either framework
        async def get(self) -> Any:
            return web.Response(text="c")

    table.static("/s", "/tmp", name="static")
    bench.note("table", (len(table), table[0].path, table[1].method, table[0] in table))
    bench.note("kinds", [type(each).__name__ for each in table])
    bench.note("kwargs", dict(table[0].kwargs))
    bench.note("equal", web.get("/x", a) == web.get("/x", a))
    bench.note(
        "helpers",
        [
            (each.method, each.path, dict(each.kwargs))
            for each in (
                web.get("/", a),
                web.get("/", a, name="n", allow_head=False),
                web.post("/", a),
                web.put("/", a),
                web.patch("/", a),
                web.delete("/", a),
                web.head("/", a),
                web.options("/", a),
                web.view("/", C),
                web.route("x", "/", a),
            )
        ],
    )
    static = web.static("/s", "/tmp", show_index=True)
    bench.note("static", (static.prefix, str(static.path), dict(static.kwargs)))
    app = web.Application()
    added = app.add_routes(table)
    bench.note("added", sorted((each.method, each.resource.canonical) for each in added))
    added = app.add_routes([web.post("/a", b), web.get("/d", a)])
    bench.note("added more", sorted((each.method, each.resource.canonical) for each in added))
    served = await bench.serve(app)
    for target in ("/a", "/b", "/c", "/d"):
        for method in ("GET", "POST", "HEAD"):
            await served.ask(request(target, method=method), label=f"{method} {target} ")


async def class_based_views(bench: Bench) -> None:
    web = bench.web

    class View(web.View):  # type: ignore[misc, name-defined]  # of either framework
        async def get(self) -> Any:
            return web.Response(text=f"get {self.request.path}")

        async def post(self) -> Any:
            return web.Response(text="post")

        async def _helper(self) -> None:
            raise RuntimeError

    app = web.Application()
    app.router.add_view("/v", View)
    app.router.add_route("*", "/star", View)
    app.router.add_route("GET", "/get", View)
    served = await bench.serve(app)
    for target in ("/v", "/star", "/get"):
        for method in ("GET", "POST", "PUT", "HEAD", "OPTIONS", "_HELPER", "REQUEST"):
            await served.ask(request(target, method=method), label=f"{method} {target} ")
    bench.attempt("not a request", lambda: View(None).request)
    bench.note("abstract", issubclass(web.View, bench.framework.abc.AbstractView))


async def match_info(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        info = request.match_info
        bench.note("kind", type(info).__name__)
        bench.note("dict", dict(info))
        bench.note("is dict", isinstance(info, dict))
        bench.note("http_exception", info.http_exception)
        bench.note("handler", info.handler is handler)
        bench.note("route", (info.route.method, info.route.name, info.route.resource.canonical))
        bench.note("apps", len(info.apps))
        bench.note("current_app", info.current_app is request.app)
        bench.note("get_info", sorted(info.get_info()))
        bench.attempt("missing part", lambda: info["none"])
        bench.fails("add_app", lambda: info.add_app(web.Application()))
        bench.fails("freeze", info.freeze)
        return web.Response()

    app = web.Application()
    app.router.add_get("/{a}/{b:x*}", handler, name="n")
    served = await bench.serve(app)
    await served.ask(request("/1/xx"), label="1 ")


async def match_info_of_errors(bench: Bench) -> None:
    web = bench.web

    @web.middleware  # type: ignore[untyped-decorator]  # of either framework
    async def look(request: Any, handler: Any) -> Any:
        info = request.match_info
        exc = info.http_exception
        bench.note("exception", (type(exc).__name__, exc.status, dict(info)))
        bench.note("allowed", sorted(getattr(exc, "allowed_methods", ())))
        bench.note("resource", info.route.resource)
        bench.note("name", info.route.name)
        bench.note("method", info.route.method)
        bench.note("get_info", sorted(info.get_info()))
        try:
            return await handler(request)
        except web.HTTPException as caught:
            bench.note("caught", (type(caught).__name__, caught.text, caught is exc))
            raise

    app = web.Application(middlewares=[look])
    app.router.add_get("/a", _nothing)
    app.router.add_post("/a", _nothing)
    app.router.add_put("/{b}", _nothing)
    served = await bench.serve(app)
    await served.ask(request("/none/at/all"), label="404 ")
    await served.ask(request("/a", method="DELETE"), label="405 ")
    await served.ask(request("/other", method="DELETE"), label="405 other ")


async def expect(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        return web.Response(text=await request.text())

    async def nothing(request: Any) -> Any:
        bench.note("expect handler", request.headers["Expect"])

    async def answers(request: Any) -> Any:
        return web.Response(status=418, text="no")

    async def refuses(request: Any) -> Any:
        raise web.HTTPForbidden(text="refused")

    app = web.Application()
    app.router.add_post("/default", handler)
    app.router.add_post("/nothing", handler, expect_handler=nothing)
    app.router.add_post("/answers", handler, expect_handler=answers)
    app.router.add_post("/refuses", handler, expect_handler=refuses)
    served = await bench.serve(app)
    for path in ("/default", "/nothing", "/answers", "/refuses"):
        for value in ("100-continue", "100-Continue", "nonsense"):
            client = await served.connect()
            await client.send(request(path, f"Expect: {value}", method="POST", body=b"hello"))
            answer = await client.answer()
            if answer is not None and answer.status == 100:
                bench.note(f"{path} {value} interim", answer.reason)
                answer = await client.answer()
            bench.note_answer(answer, f"{path} {value} ")


ORDERS: dict[str, list[str]] = {
    "fixed first": ["/a/b", "/a/{x}"],
    "variable first": ["/a/{x}", "/a/b"],
    "two variables": ["/a/{x}", "/a/{y}"],
    "regex before": [r"/a/{x:\d+}", "/a/{y}"],
    "regex after": ["/a/{y}", r"/a/{x:\d+}"],
    "tail first": ["/{tail:.*}", "/a/b"],
    "prefix": ["/a/{x:.*}", "/a/b/{y}"],
}


def _order(patterns: list[str]) -> Case:
    async def case(bench: Bench) -> None:
        app = bench.web.Application()
        for pattern in patterns:
            app.router.add_get(pattern, _named(bench, pattern.replace("/", "|")))
        served = await bench.serve(app)
        for path in ("/a/b", "/a/1", "/a/b/c"):
            await served.ask(request(path), label=f"{path} ")

    return case


async def custom_resource(bench: Bench) -> None:
    web = bench.web
    from yarl import URL

    class Ours(web.AbstractResource):  # type: ignore[misc, name-defined]  # of either framework
        def __init__(self) -> None:
            super().__init__(name="ours")

        @property
        def canonical(self) -> str:
            return "/ours"

        def url_for(self, **parts: str) -> Any:
            return URL("/ours")

        def add_prefix(self, prefix: str) -> None:
            raise RuntimeError

        def get_info(self) -> Any:
            return {}

        def raw_match(self, path: str) -> bool:
            return False

        def __len__(self) -> int:
            return 0

        def __iter__(self) -> Any:
            return iter(())

        async def resolve(self, request: Any) -> Any:
            if request.rel_url.raw_path.startswith("/ours"):
                route = web.ResourceRoute("GET", handler, self)
                return web.UrlMappingMatchInfo({"a": "b"}, route), {"GET"}
            return None, set()

    handler = _named(bench, "custom")
    app = web.Application()
    app.router.register_resource(Ours())
    bench.note("named", sorted(app.router.named_resources()))
    bench.note("url", str(app.router["ours"].url_for()))
    served = await bench.serve(app)
    await served.ask(request("/ours"), label="found ")
    await served.ask(request("/none"), label="not found ")


async def custom_router(bench: Bench) -> None:
    web = bench.web
    handler = _named(bench, "routed")

    class Info(web.UrlMappingMatchInfo):  # type: ignore[misc, name-defined]  # of either
        pass

    class Router(bench.framework.abc.AbstractRouter):  # type: ignore[misc, name-defined]  # either
        async def resolve(self, request: Any) -> Any:
            return Info({"x": request.path}, web.UrlDispatcher().add_get("/any", handler))

    bench.fails("made", lambda: web.Application(router=Router()))
    app = web.Application(router=Router())
    served = await bench.serve(app)
    await served.ask(request("/whatever"), label="1 ")


async def frozen(bench: Bench) -> None:
    app = bench.web.Application()
    app.router.add_get("/a", _nothing)
    bench.note("frozen before", app.router.frozen)
    await bench.serve(app)
    bench.note("frozen after", app.router.frozen)
    bench.fails("add_get", lambda: app.router.add_get("/b", _nothing))
    bench.fails("add_resource", lambda: app.router.add_resource("/b"))
    bench.fails("add_routes", lambda: app.add_routes([bench.web.get("/b", _nothing)]))
    bench.fails("add_static", lambda: app.router.add_static("/s", "/tmp"))


async def plain_functions(bench: Bench) -> None:
    web = bench.web

    def plain(request: Any) -> Any:
        return web.Response(text="plain")

    app = web.Application()
    app.router.add_get("/plain", plain)
    served = await bench.serve(app)
    await served.ask(request("/plain"))


CASES: dict[str, Case] = {
    **{f"pattern: {name}": _pattern(pattern) for name, pattern in PATTERNS.items()},
    **{f"url_for: {name}": _url(*given) for name, given in URLS.items()},
    **{f"name: {name!r}": _resource_name(name) for name in NAMES},
    **{f"filled: {name}": _refused(fill) for name, fill in REFUSED.items()},
    **{f"order: {name}": _order(patterns) for name, patterns in ORDERS.items()},
    "views of a router": views_of_a_router,
    "verbs": verbs,
    "definitions": definitions,
    "class based views": class_based_views,
    "match_info": match_info,
    "match_info of errors": match_info_of_errors,
    "expect": expect,
    "custom resource": custom_resource,
    "custom router": custom_router,
    "frozen": frozen,
    "plain functions": plain_functions,
}
