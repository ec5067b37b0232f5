"""Runners: what they start, and the order in which they stop it."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import socket
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    Application,
    AppRunner,
    BaseRequest,
    GracefulExit,
    Request,
    RequestHandler,
    Response,
    Server,
    ServerRunner,
    TCPSite,
)

if TYPE_CHECKING:
    from conftest import Serve


async def hello(request: BaseRequest) -> Response:
    return Response(text="hello")


async def test_a_runner_has_a_server_from_setup_to_cleanup() -> None:
    runner = AppRunner(Application())
    servers = [runner.server]
    await runner.setup()
    servers.append(runner.server)
    await runner.cleanup()
    servers.append(runner.server)
    assert isinstance(servers[1], Server)
    assert servers[0] is servers[2] is None


async def test_a_runner_of_a_low_level_server_runs_that_one() -> None:
    server = Server(hello)
    runner = ServerRunner(server)
    await runner.setup()
    assert runner.server is server
    await runner.cleanup()


def test_only_an_application_is_run() -> None:
    unfit: Any = object()
    with pytest.raises(TypeError, match=r"should be web\.Application instance, got <object"):
        AppRunner(unfit)


def test_only_a_server_is_run_by_its_runner() -> None:
    unfit: Any = hello
    with pytest.raises(
        TypeError, match=r"first argument should be web\.Server instance, got <func"
    ):
        ServerRunner(unfit)


async def test_settings_that_are_the_server_s_do_nothing_at_its_runner() -> None:
    with pytest.warns(
        DeprecationWarning, match=r"does nothing with debug, limits: give it to web"
    ):
        ServerRunner(Server(hello), debug=True, limits=None)


async def test_a_setting_that_nobody_takes_is_refused_before_the_application_starts() -> None:
    with pytest.raises(TypeError, match=r"unexpected keyword argument 'keep_alive_timeout'.*"):
        AppRunner(Application(), keep_alive_timeout=1)
    unfit: Any = str
    with pytest.raises(TypeError, match="must be a subclass of AbstractAccessLogger, got <class"):
        AppRunner(Application(), access_log_class=unfit)


async def test_the_server_of_a_runner_is_a_protocol_factory() -> None:
    app = Application()
    app.router.add_get("/", hello)
    runner = AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    assert runner.server is not None
    protocol = runner.server()
    assert isinstance(protocol, RequestHandler)
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.connect_accepted_socket(lambda: protocol, ours)
    await loop.sock_sendall(theirs, b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
    data = b""
    async with asyncio.timeout(3):
        while piece := await loop.sock_recv(theirs, 2**16):
            data += piece
    theirs.close()
    assert data.startswith(b"HTTP/1.1 200 OK")
    await runner.cleanup()


async def test_a_runner_freezes_its_application() -> None:
    app = Application()
    runner = AppRunner(app)
    assert runner.app is app
    await runner.setup()
    assert app.frozen
    await runner.cleanup()


async def test_a_runner_cleans_up_without_having_been_set_up() -> None:
    await AppRunner(Application()).cleanup()
    await ServerRunner(Server(hello)).cleanup()


async def test_the_order_of_an_end(serve: Serve) -> None:
    calls: list[str] = []
    go = asyncio.Event()

    def note(name: str) -> Any:
        async def receiver(app: Application) -> None:
            calls.append(name)
            if name == "on_shutdown":
                try:
                    await served.connect()
                except OSError:
                    calls.append("not listening")
                calls.append("idle closed" if await idle.closed() else "idle answered")
                (connection,) = served.server.connections
                calls.append(f"may keep alive: {connection.may_keep_alive}")
                go.set()

        return receiver

    async def handler(request: Request) -> Response:
        if request.path == "/busy":
            await go.wait()
            calls.append("handler finished")
        return Response()

    app = Application()
    app.router.add_get("/{x}", handler)
    app.on_shutdown.append(note("on_shutdown"))
    app.on_cleanup.append(note("on_cleanup"))
    served = await serve(app, shutdown_timeout=3)
    idle, busy = await served.connect(), await served.connect()
    await idle.ask("/idle")
    busy.send(b"GET /busy HTTP/1.1\r\nHost: test\r\n\r\n")
    await asyncio.sleep(0.01)
    await served.runner.cleanup()
    assert (await busy.answer()).headers["connection"] == "close"
    assert calls == [
        "on_shutdown",
        "not listening",
        "idle closed",
        "may keep alive: False",
        "handler finished",
        "on_cleanup",
    ]


async def test_sites_and_addresses_are_those_that_listen(serve: Serve) -> None:
    served = await serve(hello)
    runner = served.runner
    assert runner.sites == {served.site}
    assert runner.addresses == [("127.0.0.1", served.site.port)]
    other = TCPSite(runner, "127.0.0.1", 0)
    await other.start()
    assert runner.sites == {served.site, other}
    assert len(runner.addresses) == 2
    await runner.cleanup()
    assert runner.sites == set()
    assert runner.addresses == []


async def test_handlers_see_the_context_in_which_the_application_was_set_up(
    serve: Serve,
) -> None:
    variable = contextvars.ContextVar("variable", default="unset")

    async def startup(app: Application) -> None:
        variable.set("by startup")

    async def handler(request: Request) -> Response:
        return Response(text=variable.get())

    app = Application()
    app.on_startup.append(startup)
    app.router.add_get("/", handler)
    assert (await (await serve(app)).get("/")).text == "by startup"


async def test_a_startup_that_fails_leaves_a_runner_that_can_be_cleaned_up() -> None:
    cleaned = []

    async def startup(app: Application) -> None:
        raise ValueError("no database")

    async def cleanup(app: Application) -> None:
        cleaned.append(app)

    app = Application()
    app.on_startup.append(startup)
    app.on_cleanup.append(cleanup)
    runner = AppRunner(app)
    with pytest.raises(ValueError, match="no database"):
        await runner.setup()
    assert runner.server is None
    await runner.cleanup()
    assert (app.frozen, cleaned) == (False, [app])


async def test_a_shutdown_signal_that_fails_still_ends_the_server(serve: Serve) -> None:
    calls: list[str] = []

    async def fail(app: Application) -> None:
        if not calls:
            calls.append("on_shutdown")
            raise ValueError("in on_shutdown")

    async def cleanup(app: Application) -> None:
        calls.append("on_cleanup")

    app = Application()
    app.on_shutdown.append(fail)
    app.on_cleanup.append(cleanup)
    served = await serve(app)
    connection = await served.connect()
    await connection.ask("/")
    server = served.server
    with pytest.raises(ValueError, match="in on_shutdown"):
        await served.runner.cleanup()
    assert calls == ["on_shutdown", "on_cleanup"]
    assert await connection.closed()
    assert server._sweeper is None


async def test_cleaning_up_twice_fires_the_signals_once(serve: Serve) -> None:
    calls: list[str] = []

    async def cleanup(app: Application) -> None:
        calls.append("on_cleanup")

    app = Application()
    app.on_cleanup.append(cleanup)
    served = await serve(app)
    await served.runner.cleanup()
    await served.runner.cleanup()
    assert calls == ["on_cleanup"]


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_runner_that_handles_signals_ends_the_program(signum: signal.Signals) -> None:
    async def main() -> None:
        runner = AppRunner(Application(), handle_signals=True)
        await runner.setup()
        os.kill(os.getpid(), signum)
        await asyncio.sleep(3)

    with pytest.raises(GracefulExit) as caught:
        asyncio.run(main())
    assert caught.value.code == 1


def test_signals_are_left_alone_after_cleanup() -> None:
    before = signal.getsignal(signal.SIGTERM)

    async def main() -> None:
        runner = AppRunner(Application(), handle_signals=True)
        await runner.setup()
        assert signal.getsignal(signal.SIGTERM) is not before
        await runner.cleanup()

    asyncio.run(main())
    assert signal.getsignal(signal.SIGTERM) == before
