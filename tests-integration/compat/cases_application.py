"""Applications: storage, middlewares, signals, clean-up, and applications in applications."""

from __future__ import annotations

import contextlib
import contextvars
import functools
from collections.abc import AsyncIterator, Callable
from typing import Any

from compat.bench import Bench, Case
from compat.wire import request


def _handler(bench: Bench, name: str) -> Any:
    async def handler(request: Any) -> Any:
        return bench.web.Response(text=name)

    return handler


# --- storage ---


async def storage(bench: Bench) -> None:
    web = bench.web
    app = web.Application()
    key: Any = web.AppKey("number", int)
    other: Any = web.AppKey("number", int)
    app[key] = 1
    app["name"] = "value"
    bench.note("items", (app[key], app["name"], app.get("none"), app.get(key, 5)))
    bench.note("in", (key in app, other in app, "name" in app))
    bench.note("len", len(app))
    bench.note("keys", sorted(str(each) for each in app if isinstance(each, str)))
    bench.note("key", str(key).startswith("<AppKey("))
    bench.note("key equal", (key == other, key == key))
    bench.attempt("missing name", lambda: "none" in app or app.get("none"))
    bench.fails("missing key", lambda: app[other])
    bench.fails("missing str", lambda: app["none"])
    del app["name"]
    bench.note("deleted", "name" in app)
    bench.note("truth", bool(web.Application()))
    bench.note("equal", (app == app, app == web.Application()))
    bench.fails("hash", lambda: hash(app))
    bench.fails("attribute", lambda: setattr(app, "custom", 1))
    bench.fails("copy", lambda: app.copy() if hasattr(app, "copy") else None)
    bench.note("repr", repr(app).startswith("<Application"))
    await bench.serve(app)
    bench.fails("changed when frozen", lambda: app.__setitem__(key, 2))
    bench.fails("deleted when frozen", lambda: app.__delitem__(key))
    bench.note("still", app.get(key))


ARGUMENTS: dict[str, Callable[[Any], Any]] = {
    "none": lambda w: w.Application(),
    "middlewares": lambda w: w.Application(middlewares=()),
    "middlewares None": lambda w: w.Application(middlewares=None),
    "client_max_size": lambda w: w.Application(client_max_size=10),
    "client_max_fields": lambda w: w.Application(client_max_fields=10),
    "logger": lambda w: w.Application(logger=None),
    "handler_args": lambda w: w.Application(handler_args={"keepalive_timeout": 5.0}),
    "router": lambda w: w.Application(router=w.UrlDispatcher()),
    "router nonsense": lambda w: w.Application(router=object()),
    "debug": lambda w: w.Application(debug=True),
    "loop": lambda w: w.Application(loop=None),
    "positional": lambda w: w.Application(object()),
    "unknown": lambda w: w.Application(nonsense=1),
    "subclass": lambda w: type("Ours", (w.Application,), {})(),
}


def _made(make: Callable[[Any], Any]) -> Case:
    async def case(bench: Bench) -> None:
        app = bench.fails("made", lambda: make(bench.web))
        if app is None:
            return
        bench.note("frozen", app.frozen)
        bench.note("pre_frozen", app.pre_frozen)
        bench.note("middlewares", list(app.middlewares))
        bench.note("router", type(app.router).__name__)
        lists = (app.on_startup, app.on_shutdown, app.on_cleanup, app.on_response_prepare)
        bench.note("signals", [each.frozen for each in lists])
        bench.note("receivers", (len(app.on_shutdown), len(app.on_response_prepare)))
        bench.note("cleanup_ctx", len(app.cleanup_ctx))
        bench.note("logger", app.logger is not None)

    return case


# --- middlewares ---


async def order_of_middlewares(bench: Bench) -> None:
    web = bench.web

    def make(name: str) -> Any:
        @web.middleware  # type: ignore[untyped-decorator]  # of either framework
        async def around(request: Any, handler: Any) -> Any:
            bench.note("in", (name, request.path, request.app is app))
            try:
                response = await handler(request)
            except web.HTTPException as exc:
                bench.note("raised", (name, type(exc).__name__))
                exc.headers[f"X-{name}"] = "raised"
                raise
            bench.note("out", (name, response.status, response.prepared))
            response.headers[f"X-{name}"] = "1"
            return response

        return around

    async def missing(request: Any) -> Any:
        raise web.HTTPGone(text="gone")

    app = web.Application(middlewares=[make("one"), make("two")])
    app.middlewares.append(make("three"))
    app.router.add_get("/", _handler(bench, "handler"))
    app.router.add_get("/gone", missing)
    served = await bench.serve(app)
    for path, method in (("/", "GET"), ("/gone", "GET"), ("/none", "GET"), ("/", "PUT")):
        await served.ask(request(path, method=method), label=f"{method} {path} ")
    bench.fails("append when frozen", lambda: app.middlewares.append(make("four")))


async def kinds_of_middlewares(bench: Bench) -> None:
    web = bench.web

    class Callable_:
        async def __call__(self, request: Any, handler: Any) -> Any:
            bench.note("object", request.path)
            return await handler(request)

    async def old(app: Any, handler: Any) -> Any:
        bench.note("old factory", type(app).__name__)

        async def inner(request: Any) -> Any:
            bench.note("old", request.path)
            return await handler(request)

        return inner

    @web.middleware  # type: ignore[untyped-decorator]  # of either framework
    async def answers(request: Any, handler: Any) -> Any:
        if request.path == "/answered":
            return web.Response(text="by the middleware", status=203)
        return await handler(request)

    one = Callable_()
    app = web.Application(middlewares=[web.middleware(one), old, answers])
    app.router.add_get("/", _handler(bench, "handler"))
    served = await bench.serve(app)
    await served.ask(request("/"), label="/ ")
    await served.ask(request("/answered"), label="/answered ")


async def middlewares_change_requests(bench: Bench) -> None:
    web = bench.web

    @web.middleware  # type: ignore[untyped-decorator]  # of either framework
    async def clone(request: Any, handler: Any) -> Any:
        request["from"] = "middleware"
        changed = request.clone(rel_url="/other?x=1", method="PUT")
        return await handler(changed)

    @web.middleware  # type: ignore[untyped-decorator]  # of either framework
    async def catch(request: Any, handler: Any) -> Any:
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return web.json_response({"error": "not found"}, status=404)
        except ValueError as exc:
            return web.Response(text=str(exc), status=400)

    async def handler(request: Any) -> Any:
        bench.note("seen", (request.method, request.path_qs, request["from"]))
        if request.match_info.get("what") == "fail":
            raise ValueError("failed")
        return web.Response(text=str(sorted(request.match_info.items())))

    app = web.Application(middlewares=[catch, clone])
    app.router.add_get("/{what}", handler)
    served = await bench.serve(app)
    await served.ask(request("/a"), request("/fail"), request("/none/at/all"))


async def broken_middlewares(bench: Bench) -> None:
    web = bench.web
    for name, result in (("none", None), ("text", "text")):

        @web.middleware  # type: ignore[untyped-decorator]  # of either framework
        async def broken(request: Any, handler: Any, result: Any = result) -> Any:
            return result

        app = web.Application(middlewares=[broken])
        served = await bench.serve(app)
        answer = await served.ask(request("/"), label=f"{name} ")
        bench.note(f"{name} answered", answer.status if answer else None)

    @web.middleware  # type: ignore[untyped-decorator]  # of either framework
    async def fails(request: Any, handler: Any) -> Any:
        raise RuntimeError("middleware")

    served = await bench.serve(web.Application(middlewares=[fails]))
    await served.ask(request("/"), label="fails ")


NORMALIZED: dict[str, dict[str, Any]] = {
    "default": {},
    "no append": {"append_slash": False},
    "no merge": {"merge_slashes": False},
    "remove": {"append_slash": False, "remove_slash": True},
    "remove, no merge": {"append_slash": False, "remove_slash": True, "merge_slashes": False},
    "nothing": {"append_slash": False, "merge_slashes": False},
    "both": {"append_slash": True, "remove_slash": True},
    "redirect class": {"redirect_class": "HTTPFound"},
}


def _normalized(options: dict[str, Any]) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web
        chosen = dict(options)
        if "redirect_class" in chosen:
            chosen["redirect_class"] = getattr(web, chosen["redirect_class"])
        middleware = bench.fails("made", lambda: web.normalize_path_middleware(**chosen))
        if middleware is None:
            return
        app = web.Application(middlewares=[middleware])
        for path in ("/a", "/b/", "/c/d", "/e/f/", "/v/{x}", "/w/{x}/"):
            app.router.add_get(path, _handler(bench, path))
        served = await bench.serve(app)
        for path in (
            "/a",
            "/a/",
            "/b",
            "/b/",
            "/c//d",
            "/c//d/",
            "//c/d",
            "//evil.example/",
            "//evil.example/%2e%2e",
            "/e//f",
            "///e///f///",
            "/b?x=1&y=%20",
            "/c//d?x=//",
            "/v/1/",
            "/w/1",
            "/w/a%2Fb",
            "/w/a%20b",
            "/none",
            "/none/",
            "/",
        ):
            await served.ask(request(path), label=f"{path} ")
        await served.ask(request("/b", method="POST"), label="POST ")

    return case


# --- start and end ---


async def signals(bench: Bench) -> None:
    web = bench.web
    app = web.Application()
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")

    def receiver(name: str) -> Any:
        async def receive(received: Any) -> None:
            bench.note("signal", (name, received is app, variable.get()))
            variable.set(name)

        return receive

    def context(name: str) -> Any:
        async def manage(received: Any) -> AsyncIterator[None]:
            bench.note("entered", (name, received is app, variable.get()))
            yield
            bench.note("left", (name, variable.get()))

        return manage

    @contextlib.asynccontextmanager
    async def managed(received: Any) -> AsyncIterator[None]:
        bench.note("entered managed", received is app)
        yield
        bench.note("left managed", received is app)

    async def prepare(request: Any, response: Any) -> None:
        bench.note(
            "prepare",
            (
                request.path,
                response.status,
                sorted(str(name).lower() for name in response.headers),
                response.prepared,
            ),
        )
        response.headers["X-Signal"] = "1"

    async def handler(request: Any) -> Any:
        bench.note("handler variable", variable.get())
        variable.set("handler")
        return web.Response(text="a")

    app.on_startup.append(receiver("startup 1"))
    app.on_startup.append(receiver("startup 2"))
    app.on_shutdown.append(receiver("shutdown"))
    app.on_cleanup.append(receiver("cleanup 1"))
    app.on_cleanup.append(receiver("cleanup 2"))
    app.cleanup_ctx.append(context("1"))
    app.cleanup_ctx.append(context("2"))
    app.cleanup_ctx.append(managed)
    app.on_response_prepare.append(prepare)
    app.router.add_get("/", handler)
    served = await bench.serve(app)
    bench.note("frozen", (app.frozen, app.pre_frozen, app.on_startup.frozen))
    for signal in (app.on_startup, app.on_shutdown, app.on_cleanup, app.on_response_prepare):
        bench.fails("late receiver", functools.partial(signal.append, receiver("late")))
    await served.ask(request("/"), request("/"), request("/none"))
    await served.stop()
    bench.note("stopped", True)


async def plain_receivers(bench: Bench) -> None:
    web = bench.web
    app = web.Application()
    app.on_startup.append(lambda app: None)
    await bench.attempt_await("startup", lambda: bench.serve(app))


FAILING = ["ctx 1 enter", "ctx 2 enter", "ctx 1 leave", "both leave", "startup", "shutdown"]
FAILING += ["cleanup", "ctx yields twice", "ctx never yields", "ctx 2 leave and cleanup"]


def _failing(where: str) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web
        app = web.Application()

        def context(name: str) -> Any:
            async def manage(received: Any) -> AsyncIterator[None]:
                bench.note("enter", name)
                if where == f"{name} enter":
                    raise ValueError(name)
                if where == "ctx never yields" and name == "ctx 1":
                    return
                yield
                if where == "ctx yields twice" and name == "ctx 1":
                    yield
                bench.note("leave", name)
                if where.startswith(f"{name} leave") or where == "both leave":
                    raise ValueError(name)

            return manage

        def receiver(name: str) -> Any:
            async def receive(received: Any) -> None:
                bench.note("signal", name)
                if where.endswith(name):
                    raise KeyboardError(name)

            return receive

        app.cleanup_ctx.append(context("ctx 1"))
        app.cleanup_ctx.append(context("ctx 2"))
        app.on_startup.append(receiver("startup"))
        app.on_shutdown.append(receiver("shutdown"))
        app.on_cleanup.append(receiver("cleanup"))
        runner = web.AppRunner(app, access_log=None)
        await bench.attempt_await("setup", runner.setup)
        try:
            await runner.cleanup()
        except Exception as exc:
            bench.note("cleanup failed", type(exc).__name__)
            bench.note("exceptions", len(getattr(exc, "exceptions", ())))

    return case


class KeyboardError(Exception):
    """An exception of the application's own."""


# --- applications in applications ---


async def nested(bench: Bench) -> None:
    web = bench.web

    def make(name: str) -> Any:
        @web.middleware  # type: ignore[untyped-decorator]  # of either framework
        async def around(request: Any, handler: Any) -> Any:
            bench.note("in", (name, names[request.app]))
            response = await handler(request)
            bench.note("out", name)
            return response

        return around

    class Names(dict[int, str]):
        def __getitem__(self, app: Any) -> str:
            return super().__getitem__(id(app))

    names = Names()

    async def handler(request: Any) -> Any:
        bench.note(
            "handler",
            (
                names[request.app],
                [names[app] for app in request.match_info.apps],
                dict(request.match_info),
                request.config_dict["own"],
                request.config_dict["outer only"],
                request.config_dict.get("none"),
                request.app.get("outer only"),
                str(request.match_info.route.resource.canonical),
            ),
        )
        return web.Response(text=str(request.app.router["page"].url_for(x="1")))

    async def prepare(request: Any, response: Any) -> None:
        bench.note("prepare", names[request.app])

    apps = {name: web.Application(middlewares=[make(name)]) for name in ("outer", "sub", "inner")}
    for name, app in apps.items():
        names[id(app)] = name
        app["own"] = name
        app.router.add_get("/page/{x}", handler, name="page")
        app.on_response_prepare.append(prepare)
    apps["outer"]["outer only"] = "yes"
    apps["sub"].router.add_post("/post", handler)
    for name in ("startup", "shutdown", "cleanup"):
        for which, app in apps.items():

            async def receive(received: Any, name: str = name, which: str = which) -> None:
                bench.note("signal", (name, which, names[received]))

            getattr(app, f"on_{name}").append(receive)
    inner = apps["sub"].add_subapp("/inner", apps["inner"])
    bench.note("resource", (type(inner).__name__, inner.canonical))
    apps["outer"].add_subapp("/sub/", apps["sub"])
    apps["outer"].router.add_get("/sub/outside", handler)
    bench.note("frozen", [(app.frozen, app.pre_frozen) for app in apps.values()])
    bench.note("url", str(apps["inner"].router["page"].url_for(x="a b")))
    bench.note("routes", sorted(r.resource.canonical for r in apps["outer"].router.routes()))
    bench.fails("adding to a nested one", lambda: apps["sub"].router.add_get("/late", handler))
    served = await bench.serve(apps["outer"])
    for method, path in (
        ("GET", "/page/1"),
        ("GET", "/sub/page/2"),
        ("GET", "/sub/inner/page/3"),
        ("GET", "/sub/none"),
        ("GET", "/sub/post"),
        ("GET", "/sub"),
        ("GET", "/sub/"),
        ("GET", "/subpage/1"),
        ("GET", "/sub/inner/none"),
        ("GET", "/sub/outside"),
        ("GET", "/none"),
    ):
        await served.ask(request(path, method=method), label=f"{method} {path} ")
    await served.stop()


PREFIXES = ["/", "", "sub", "/sub", "/sub/", "/a b", "/a/b", "/{x}", "/é", "//x"]


def _prefix(prefix: str) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web
        app, sub = web.Application(), web.Application()
        sub.router.add_get("/x", _handler(bench, "x"), name="x")
        bench.fails("added", lambda: app.add_subapp(prefix, sub))
        bench.note("url", str(sub.router["x"].url_for()))

    return case


async def nesting_refused(bench: Bench) -> None:
    web = bench.web
    sub = web.Application()
    one, two = web.Application(), web.Application()
    one.add_subapp("/a", sub)
    bench.fails("twice", lambda: two.add_subapp("/b", sub))
    await bench.serve(two)
    bench.fails("when started", lambda: two.add_subapp("/c", web.Application()))
    bench.fails("started one", lambda: one.add_subapp("/d", two))


DOMAINS: list[Any] = ["example.com", "*.example.com", "EXAMPLE.com", "*", "sub.*.com", "a.b:80"]
DOMAINS += ["", "http://x", None, "a b", "-x.com", "xn--e1afmkfd.com", "é.com", "example.com:8080"]


def _domain(domain: Any) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web
        app, sub = web.Application(), web.Application()
        sub.router.add_get("/", _handler(bench, "sub"))
        bench.fails("added", lambda: app.add_domain(domain, sub))
        app.router.add_get("/", _handler(bench, "outer"))
        served = await bench.serve(app)
        for host in (
            "example.com",
            "www.example.com",
            "a.b.example.com",
            "EXAMPLE.COM",
            "example.com:8080",
            "other.com",
            "sub.x.com",
            "a.b:80",
            "xn--e1afmkfd.com",
        ):
            await served.ask(request(host=host), label=f"{host} ")

    return case


async def domain_beside_routes(bench: Bench) -> None:
    web = bench.web
    app, sub = web.Application(), web.Application()
    sub.router.add_get("/only-sub", _handler(bench, "sub"))
    app.add_domain("example.com", sub)
    app.router.add_get("/only-outer", _handler(bench, "outer"))
    served = await bench.serve(app)
    for path in ("/only-sub", "/only-outer", "/none"):
        await served.ask(request(path), label=f"{path} ")
        await served.ask(request(path, host="other.com"), label=f"other {path} ")


async def domain_after_a_route(bench: Bench) -> None:
    web = bench.web
    app, sub = web.Application(), web.Application()
    app.router.add_get("/", _handler(bench, "outer"))
    sub.router.add_get("/", _handler(bench, "sub"))
    app.add_domain("example.com", sub)
    served = await bench.serve(app)
    await served.ask()


CASES: dict[str, Case] = {
    "storage": storage,
    **{f"made: {name}": _made(make) for name, make in ARGUMENTS.items()},
    "middlewares: order": order_of_middlewares,
    "middlewares: kinds": kinds_of_middlewares,
    "middlewares: change requests": middlewares_change_requests,
    "middlewares: broken": broken_middlewares,
    **{f"normalize_path: {name}": _normalized(options) for name, options in NORMALIZED.items()},
    "signals": signals,
    "signals: plain receivers": plain_receivers,
    **{f"failing: {where}": _failing(where) for where in FAILING},
    "nested": nested,
    **{f"add_subapp: {prefix!r}": _prefix(prefix) for prefix in PREFIXES},
    "nesting refused": nesting_refused,
    **{f"add_domain: {domain!r}": _domain(domain) for domain in DOMAINS},
    "add_domain beside routes": domain_beside_routes,
    "add_domain after a route": domain_after_a_route,
}
