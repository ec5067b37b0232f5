"""Runners, sites, the end of a server, the access log, low-level servers, testing tools."""

from __future__ import annotations

import asyncio
import functools
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compat.bench import Bench, Case
from compat.wire import Client, request

# --- runners and sites ---


async def runner_states(bench: Bench) -> None:
    web = bench.web
    app = web.Application()
    runner = web.AppRunner(app, access_log=None)
    bench.note("new", (runner.addresses, len(runner.sites), runner.server, runner.app is app))
    bench.fails("site before setup", lambda: web.TCPSite(runner, "127.0.0.1", 0))
    await runner.setup()
    bench.note("server", type(runner.server).__name__)
    site = web.TCPSite(runner, "127.0.0.1", 0)
    bench.note("not started", (len(runner.sites), len(runner.addresses)))
    await site.start()
    port = runner.addresses[0][1]
    bench.note("name", site.name.replace(str(port), "PORT"))
    bench.note("port", site.port == port)
    bench.note("sites", (len(runner.sites), site in runner.sites))
    await bench.attempt_await("start again", site.start)
    other = web.TCPSite(runner, "127.0.0.1", 0)
    await other.start()
    bench.note("two", (len(runner.sites), len(runner.addresses)))
    await site.stop()
    bench.note("stopped", (len(runner.sites), len(runner.addresses)))
    await bench.attempt_await("stop again", site.stop)
    await runner.cleanup()
    bench.note("cleaned", (runner.addresses, len(runner.sites), runner.server))
    await bench.attempt_await("cleanup again", runner.cleanup)


REFUSED: dict[str, Callable[[Any], Any]] = {
    "no application": lambda w: w.AppRunner(object()),
    "a server": lambda w: w.AppRunner(w.Server(_answer)),
    "no server": lambda w: w.ServerRunner(object()),
    "an application": lambda w: w.ServerRunner(w.Application()),
    "access_log_class": lambda w: w.AppRunner(w.Application(), access_log_class=int),
    "BaseRunner": lambda w: w.BaseRunner(),
    "known options": lambda w: w.AppRunner(
        w.Application(),
        keepalive_timeout=1.0,
        shutdown_timeout=1.0,
        handle_signals=False,
        max_line_size=100,
        max_field_size=100,
        tcp_keepalive=False,
        lingering_time=1.0,
        read_bufsize=1024,
        auto_decompress=False,
        handler_cancellation=True,
    ),
}


async def _answer(request: Any) -> Any:
    raise RuntimeError("never called")


def _refused(make: Callable[[Any], Any]) -> Case:
    async def case(bench: Bench) -> None:
        bench.fails("made", lambda: make(bench.web))

    return case


async def names_of_sites(bench: Bench) -> None:
    import ssl

    web = bench.web
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    for name, site in {
        "default": web.TCPSite(runner),
        "tls": web.TCPSite(runner, ssl_context=context),
        "host": web.TCPSite(runner, "localhost", 99),
        "ipv6": web.TCPSite(runner, "::1", 99),
        "any": web.TCPSite(runner, "", 99),
        "unix": web.UnixSite(runner, "/tmp/x.sock"),
        "unix tls": web.UnixSite(runner, "/tmp/x.sock", ssl_context=context),
    }.items():
        bench.note(name, site.name)
    await runner.cleanup()


async def unix_site(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        bench.note("remote", request.remote)
        bench.note("host", request.host)
        bench.note("url", str(request.url))
        return web.Response(text="unix")

    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    with tempfile.TemporaryDirectory() as top:
        path = str(Path(top) / "s")
        site = web.UnixSite(runner, path)
        await site.start()
        bench.note("addresses", [each == path for each in runner.addresses])
        client = Client(*await asyncio.open_unix_connection(path))
        await client.send(request())
        bench.note_answer(await client.answer())
        await client.close()
        client = Client(*await asyncio.open_unix_connection(path))
        await client.send(request(version="1.0", host=None))
        bench.note_answer(await client.answer(), "1.0 ")
        await client.close()
        await runner.cleanup()
        bench.note("path left", Path(path).exists())


async def sock_site(bench: Bench) -> None:
    web = bench.web
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        site = web.SockSite(runner, listening)
        bench.note("name", site.name.replace(str(port), "PORT"))
        await site.start()
        client = await Client.connect("127.0.0.1", port)
        await client.send(request())
        bench.note_answer(await client.answer())
        await client.close()
        await runner.cleanup()
        bench.note("closed", listening.fileno())


# --- the end ---


async def order_of_the_end(bench: Bench) -> None:
    """A request in service is finished, idle connections are closed, nobody new is let in."""
    web = bench.web
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def handler(request: Any) -> Any:
        if request.path == "/slow":
            begun.set()
            await go_on.wait()
            bench.note("handler", "done")
        return web.Response(text="a")

    async def on_shutdown(app: Any) -> None:
        bench.note("on_shutdown", begun.is_set())
        try:
            await Client.connect("127.0.0.1", served.port)
            bench.note("new connection", "taken")
        except OSError:
            bench.note("new connection", "refused")
        go_on.set()

    async def on_cleanup(app: Any) -> None:
        bench.note("on_cleanup", go_on.is_set())

    app = web.Application()
    app.router.add_get("/{path}", handler)
    app.on_shutdown.append(on_shutdown)
    app.on_cleanup.append(on_cleanup)
    served = await bench.serve(app, shutdown_timeout=10)
    idle = await served.connect()
    await idle.send(request("/quick"))
    await idle.answer()
    slow = await served.connect()
    await slow.send(request("/slow"))
    await begun.wait()
    ending = asyncio.ensure_future(served.end())
    bench.note_answer(await slow.answer(), "slow ")
    bench.note("then", await slow.read())
    await ending
    bench.note("idle", await idle.read())


async def handler_that_never_ends(bench: Bench) -> None:
    web = bench.web
    begun = asyncio.Event()

    async def handler(request: Any) -> Any:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            bench.note("handler", "cancelled")
            raise

    app = web.Application()
    app.router.add_get("/", handler)
    served = await bench.serve(app, shutdown_timeout=0.05)
    client = await served.connect()
    await client.send(request())
    await begun.wait()
    await served.end()
    bench.note("client", await client.answer())


def _cancellation(options: dict[str, Any]) -> Case:
    async def case(bench: Bench) -> None:
        begun, ended = asyncio.Event(), asyncio.Event()
        go_on = asyncio.Event()

        async def handler(request: Any) -> Any:
            begun.set()
            try:
                await asyncio.wait_for(go_on.wait(), 5)
                bench.note("handler", "went on")
            except asyncio.CancelledError:
                bench.note("handler", "cancelled")
                raise
            finally:
                ended.set()
            return bench.web.Response()

        served = await bench.serve(handler, **options)
        client = await served.connect()
        await client.send(request())
        await begun.wait()
        await client.close()
        if not options.get("handler_cancellation"):
            # Time for the server to see it, and to cancel if it did.
            await asyncio.sleep(0.1)
            go_on.set()
        await ended.wait()

    return case


# --- the access log ---

FORMATS = [
    "",
    "plain",
    "%a",
    "%%",
    "%r",
    "%s",
    "%b",
    "%{User-Agent}i",
    "%{X-None}i",
    "%{Content-Type}o",
    "%{x-own}o",
    '%a "%r" %s %b "%{Referer}i"',
    "%O",
    "%x",
    "%{User-Agent}e",
    "100%% %s%%",
    "%s%s%s",
]


def _logged(log_format: str) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web

        async def handler(request: Any) -> Any:
            if request.path == "/missing":
                raise web.HTTPNotFound
            return web.Response(text="hello", headers={"X-Own": "own"})

        app = web.Application()
        app.router.add_get("/{path:.*}", handler)
        import logging

        logger = logging.getLogger(f"{bench.framework.name}.access")
        served = await bench.serve(app, access_log=logger, access_log_format=log_format)
        for target in ("/", "/a%20b?c=d", "/missing"):
            client = await served.connect()
            await client.send(request(target, 'User-Agent: me "q" \\x', "Connection: close"))
            await client.answer()
            await client.read()
            await client.close()
        await served.stop()
        for record in bench.records.found:
            if record.name.endswith("access"):
                size = str(getattr(record, "response_size", "none"))
                bench.note("line", record.getMessage().replace(size, "SIZE"))
                extra = {
                    name: value
                    for name, value in vars(record).items()
                    if name.startswith(("remote", "first", "request_", "response_"))
                }
                bench.note("extra", {**extra, "response_size": 0} if size != "none" else extra)

    return case


async def timing_atoms(bench: Bench) -> None:
    import logging
    import re

    async def handler(request: Any) -> Any:
        return bench.web.Response(text="a")

    logger = logging.getLogger(f"{bench.framework.name}.access")
    served = await bench.serve(handler, access_log=logger, access_log_format="%t|%P|%T|%Tf|%D|%b")
    await served.ask(request("/", "Connection: close"))
    await served.stop()
    for record in bench.records.found:
        line = re.sub(r"\d+", "N", re.sub("[A-Z][a-z]{2}", "Mon", record.getMessage()))
        bench.note("shape", line)
        bench.note(
            "types",
            sorted(
                (name, type(value).__name__)
                for name, value in vars(record).items()
                if name.startswith(("request_", "response_")) or name == "process_id"
            ),
        )


async def own_access_logger(bench: Bench) -> None:
    web = bench.web

    class Own(bench.framework.abc.AbstractAccessLogger):  # type: ignore[misc, name-defined]
        # of either framework
        def log(self, request: Any, response: Any, time: float) -> None:
            bench.note("log", (request.path, response.status, time >= 0, self.log_format))

    async def handler(request: Any) -> Any:
        return web.Response(status=201)

    app = web.Application()
    app.router.add_get("/", handler)
    served = await bench.serve(
        app, access_log=__import__("logging").getLogger("x"), access_log_class=Own
    )
    await served.ask(request("/", "Connection: close"), request("/none", "Connection: close"))
    await served.stop()


# --- low-level servers ---


async def low_level(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        bench.note("request", (type(request).__name__, request.method, request.path))
        bench.note(
            "base", (isinstance(request, web.BaseRequest), isinstance(request, web.Request))
        )
        if request.path == "/fails":
            raise ValueError
        if request.path == "/raises":
            raise web.HTTPForbidden
        return web.Response(text=await request.text())

    server = web.Server(handler, access_log=None)
    bench.note("new", (server.connections, server.requests_count))
    served = await bench.serve(server)
    for path in ("/", "/fails", "/raises"):
        await served.ask(request(path, method="POST", body=b"body"), label=f"{path} ")
    bench.note("count", server.requests_count)
    client = await served.connect()
    await client.send(request("/", method="POST", body=b""))
    await client.answer()
    bench.note("connections", [type(each).__name__ for each in server.connections])


async def own_request_class(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        return web.Response(text=type(request).__name__)

    class Own(web.BaseRequest):  # type: ignore[misc, name-defined]  # of either framework
        pass

    def factory(message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> Any:
        bench.note("message", (message.method, tuple(message.version)))
        bench.attempt("missing path", lambda: message.path)
        return Own(message, payload, protocol, writer, task, asyncio.get_running_loop())

    server = web.Server(handler, request_factory=factory, access_log=None)
    served = await bench.serve(server)
    await served.ask(request("/path"))


async def by_create_server(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        return web.Response(text="low")

    server = web.Server(handler, access_log=None)
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(server, "127.0.0.1", 0)
    client = await Client.connect("127.0.0.1", listening.sockets[0].getsockname()[1])
    await client.send(request())
    bench.note_answer(await client.answer())
    listening.close()
    server.pre_shutdown()
    await server.shutdown(1)
    bench.note("closed", await client.read())
    await client.close()


async def by_make_handler(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        return web.Response(text="old")

    app = web.Application()
    app.router.add_get("/", handler)
    factory = app.make_handler(access_log=None)
    loop = asyncio.get_running_loop()
    await app.startup()
    listening = await loop.create_server(factory, "127.0.0.1", 0)
    client = await Client.connect("127.0.0.1", listening.sockets[0].getsockname()[1])
    await client.send(request())
    bench.note_answer(await client.answer())
    await client.close()
    listening.close()
    await app.shutdown()
    await factory.shutdown(1)
    await app.cleanup()


# --- testing tools ---


async def tools(bench: Bench) -> None:
    web, tools = bench.web, bench.framework.testing

    async def handler(request: Any) -> Any:
        return web.json_response({"path": request.path, "body": await request.text()})

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", handler)
    async with tools.TestClient(tools.TestServer(app)) as client:
        response = await client.post("/a", data="x")
        bench.note("post", (response.status, await response.json()))
        bench.note("url", (client.make_url("/b?c=d").path_qs, client.host, client.port > 0))
        bench.note("app", client.app is app)
        bench.fails("absolute", lambda: client.make_url("http://other/"))
        for method in ("get", "put", "patch", "delete", "options", "head"):
            got = await getattr(client, method)("/m")
            bench.note(method, got.status)
        bench.note("server", (client.server.started, client.server.closed))
        server = client.server
    bench.note("closed", server.closed)

    async def raw(request: Any) -> Any:
        return web.Response(text="raw")

    async with tools.TestClient(tools.RawTestServer(raw)) as client:
        bench.note("raw", await (await client.get("/")).text())
    bench.note("port", isinstance(tools.unused_port(), int))


async def mocked(bench: Bench) -> None:
    tools = bench.framework.testing
    made = tools.make_mocked_request("GET", "/a?b=c", headers={"X-A": "1", "Host": "h:1"})
    bench.note("kind", isinstance(made, bench.web.Request))
    bench.note("line", (made.method, made.path, made.query_string, tuple(made.version)))
    bench.note("headers", (made.headers["X-A"], made.host, str(made.url)))
    bench.note("match_info", dict(made.match_info))
    made = tools.make_mocked_request(
        "POST", "/", match_info={"x": "y"}, app=bench.web.Application(), client_max_size=10
    )
    bench.note("more", (made.match_info["x"], made.client_max_size, type(made.app).__name__))
    bench.note("keep_alive", made.keep_alive)
    made["key"] = 1
    bench.note("item", made["key"])
    coro = tools.make_mocked_coro(return_value=17)
    bench.note("coro", (await coro(1, a=2), coro.called, coro.call_args[0]))
    await bench.attempt_await(
        "coro raises", tools.make_mocked_coro(raise_exception=ValueError("x"))
    )


async def keys(bench: Bench) -> None:
    web = bench.web
    for name in ("AppKey", "RequestKey", "ResponseKey"):
        cls: Any = getattr(web, name)
        one, two = cls("name", int), cls("name", int)
        bench.note(name, (one == two, one == one, hash(one) == hash(one), str(one)[:2]))
        bench.fails(f"{name} without type", functools.partial(cls, "name"))
        bench.fails(f"{name} generic", functools.partial(cls, "name", dict[str, int]))
        bench.fails(f"{name} nothing", cls)


CASES: dict[str, Case] = {
    "states of a runner": runner_states,
    **{f"runner: {name}": _refused(make) for name, make in REFUSED.items()},
    "names of sites": names_of_sites,
    "UnixSite": unix_site,
    "SockSite": sock_site,
    "order of the end": order_of_the_end,
    "a handler that never ends": handler_that_never_ends,
    "a client that leaves": _cancellation({}),
    "a client that leaves, handler_cancellation": _cancellation({"handler_cancellation": True}),
    **{f"access log: {log_format!r}": _logged(log_format) for log_format in FORMATS},
    "access log: times": timing_atoms,
    "access log: of one's own": own_access_logger,
    "Server": low_level,
    "Server with a request class": own_request_class,
    "Server by create_server": by_create_server,
    "make_handler": by_make_handler,
    "testing tools": tools,
    "mocked requests": mocked,
    "keys": keys,
}
