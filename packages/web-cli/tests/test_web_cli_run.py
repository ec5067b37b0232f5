"""run_app serves where it was told, and leaves nothing behind when it has stopped."""

import asyncio
import builtins
import errno
import http.client
import logging
import signal
import socket
import struct
import subprocess
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import tidegate_web_cli.loops
from tidegate_web_cli import ListenError, describe_build, run_app
from tidegate_web_server import Application, GracefulExit, Request, Response, Timeouts

unix_sockets = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="this system has no Unix domain sockets"
)
needs_uvloop = pytest.mark.skipif(find_spec("uvloop") is None, reason="uvloop is not installed")


async def hello(request: Request) -> Response:
    return Response(text="hello")


def hello_app() -> Application:
    app = Application()
    app.router.add_get("/", hello)
    return app


def leaving_app() -> Application:
    """Make an application that stops as soon as it serves."""

    def leave() -> None:
        raise GracefulExit

    async def leave_soon(app: Application) -> None:
        asyncio.get_running_loop().call_later(0.01, leave)

    app = hello_app()
    app.on_startup.append(leave_soon)
    return app


def places(banner: str) -> list[str]:
    return banner.split("\n")[0].strip("= ").removeprefix("Running on ").split(", ")


def get(url: str) -> bytes:
    """GET / at a TCP address or a Unix domain socket, as the banner names them."""
    address = url.removeprefix("http://")
    if address.startswith("unix:"):
        sock = socket.socket(socket.AF_UNIX)
        sock.settimeout(30)
        sock.connect(address.removeprefix("unix:").removesuffix(":"))
        connection = http.client.HTTPConnection("localhost")
        connection.sock = sock
    else:
        connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", "/")
    body = connection.getresponse().read()
    connection.close()
    return body


def get_everywhere(banner: str) -> list[bytes]:
    return [get(place) for place in places(banner)]


def test_it_serves_on_the_host_and_the_port_that_the_banner_names(serving: Any) -> None:
    assert serving(hello_app(), get_everywhere, host="127.0.0.1", port=0) == [b"hello"]
    (banner,) = serving.banners
    first, second, third = banner.split("\n")
    assert first.startswith("======== Running on http://127.0.0.1:")
    assert second.startswith("tidegate ")
    assert third == "(Press CTRL+C to quit)"
    assert places(banner) != ["http://127.0.0.1:0"]


def test_it_serves_on_several_hosts(serving: Any) -> None:
    hosts = ["127.0.0.1", "localhost"]
    assert serving(hello_app(), get_everywhere, host=hosts, port=0) == [b"hello", b"hello"]


@unix_sockets
def test_it_serves_on_unix_domain_sockets_and_a_port_at_once(serving: Any, tmp_path: Path) -> None:
    paths = [tmp_path / "a", str(tmp_path / "b")]
    got = serving(hello_app(), get_everywhere, path=paths, host="127.0.0.1", port=0)
    assert got == [b"hello"] * 3
    assert places(serving.banners[0])[1:] == [f"http://unix:{path}:" for path in paths]


@unix_sockets
@pytest.mark.real
@pytest.mark.skipif(which("curl") is None, reason="needs the program curl (package curl)")
def test_curl_is_served_on_a_unix_domain_socket(serving: Any, tmp_path: Path) -> None:
    def curl(banner: str) -> str:
        command = ["curl", "--silent", "--show-error", "--max-time", "30", "--unix-socket"]
        command += [str(tmp_path / "socket"), "http://localhost/"]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    assert serving(hello_app(), curl, path=tmp_path / "socket") == "hello"


def test_it_serves_on_a_socket_and_on_several(serving: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one:
        expected = f"http://127.0.0.1:{one.getsockname()[1]}"
        assert serving(hello_app(), get_everywhere, sock=one) == [b"hello"]
        assert places(serving.banners[0]) == [expected]
    with socket.create_server(("127.0.0.1", 0)) as one, socket.socket() as two:
        two.bind(("127.0.0.1", 0))
        serving.banners.clear()
        assert serving(hello_app(), get_everywhere, sock=[one, two]) == [b"hello"] * 2


def test_a_coroutine_makes_the_application_in_the_loop_that_serves_it(serving: Any) -> None:
    loops = []

    async def made(app: Application) -> Application:
        loops.append(asyncio.get_running_loop())

        async def started(app: Application) -> None:
            loops.append(asyncio.get_running_loop())

        app.on_startup.append(started)
        return app

    got = serving(hello_app(), get_everywhere, wrap=made, host="127.0.0.1", port=0)
    assert got == [b"hello"]
    assert loops[0] is loops[1]


def test_print_none_prints_nothing(capfd: pytest.CaptureFixture[str]) -> None:
    run_app(leaving_app(), host="127.0.0.1", port=0, print=None)
    assert capfd.readouterr() == ("", "")


def test_the_builtin_print_is_flushed(monkeypatch: pytest.MonkeyPatch) -> None:
    printed = []
    monkeypatch.setattr(builtins, "print", lambda *args, **kwargs: printed.append((args, kwargs)))
    run_app(leaving_app(), host="127.0.0.1", port=0, print=builtins.print)
    ((_, keywords),) = printed
    assert keywords == {"flush": True}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("asyncio", "asyncio"),
        pytest.param("uvloop", "uvloop", marks=needs_uvloop),
        pytest.param("auto", "uvloop", marks=needs_uvloop),
        pytest.param(None, "uvloop", marks=needs_uvloop),
    ],
)
def test_the_loop_is_the_one_that_was_named(name: Any, expected: str) -> None:
    seen = []

    async def look(app: Application) -> None:
        seen.append(describe_build(asyncio.get_running_loop()).loop)

    app = leaving_app()
    app.on_startup.append(look)
    run_app(app, host="127.0.0.1", port=0, print=None, loop=name)
    assert seen == [expected]


@pytest.fixture(params=["asyncio", pytest.param("uvloop", marks=needs_uvloop)])
def loop(request: pytest.FixtureRequest) -> asyncio.AbstractEventLoop:
    return tidegate_web_cli.loops.new_event_loop(request.param)


def run(app: Application, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
    run_app(app, host="127.0.0.1", port=0, print=None, loop=loop, **options)


def test_a_given_loop_is_used_and_closed(loop: asyncio.AbstractEventLoop) -> None:
    run(leaving_app(), loop)
    assert loop.is_closed()


def test_tasks_left_behind_are_cancelled_and_awaited(loop: asyncio.AbstractEventLoop) -> None:
    steps = []

    async def background() -> None:
        steps.append("started")
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0.01)
            steps.append("ended")

    async def begin(app: Application) -> None:
        app_tasks.append(asyncio.create_task(background()))

    app_tasks: list[asyncio.Task[None]] = []
    app = leaving_app()
    app.on_startup.append(begin)
    run(app, loop)
    assert steps == ["started", "ended"]
    assert app_tasks[0].cancelled()


def test_a_task_left_behind_that_fails_when_cancelled_is_reported(
    loop: asyncio.AbstractEventLoop, caplog: pytest.LogCaptureFixture
) -> None:
    async def background() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise LookupError("lost")

    async def begin(app: Application) -> None:
        tasks.add(asyncio.create_task(background()))

    tasks: set[asyncio.Task[None]] = set()
    app = leaving_app()
    app.on_startup.append(begin)
    with caplog.at_level(logging.ERROR, "asyncio"):
        run(app, loop)
    (record,) = caplog.records
    assert "a task that was cancelled at the end" in record.message
    assert record.exc_info is not None
    assert isinstance(record.exc_info[1], LookupError)


def test_asynchronous_generators_and_the_executor_are_shut_down(
    loop: asyncio.AbstractEventLoop,
) -> None:
    steps = []

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            steps.append("generator")
            thread_may_end.set()

    generator = numbers()
    thread_may_end = threading.Event()

    def in_thread() -> None:
        thread_may_end.wait(30)
        time.sleep(0.2)  # the loop would be closed by then if nobody waited
        steps.append("thread")

    async def begin(app: Application) -> None:
        await anext(generator)
        asyncio.get_running_loop().run_in_executor(None, in_thread)

    app = leaving_app()
    app.on_startup.append(begin)
    run(app, loop)
    assert steps == ["generator", "thread"]


def test_a_loop_that_the_application_stops_is_a_stop_in_order(
    loop: asyncio.AbstractEventLoop,
) -> None:
    steps = []

    async def begin(app: Application) -> None:
        asyncio.get_running_loop().call_later(0.01, asyncio.get_running_loop().stop)

    async def end(app: Application) -> None:
        steps.append("cleanup")

    app = hello_app()
    app.on_startup.append(begin)
    app.on_cleanup.append(end)
    run(app, loop)
    assert steps == ["cleanup"]


def test_an_error_of_the_start_up_reaches_the_caller_after_the_clean_up(
    loop: asyncio.AbstractEventLoop,
) -> None:
    steps = []

    async def fail(app: Application) -> None:
        raise LookupError("no database")

    async def end(app: Application) -> None:
        steps.append("cleanup")

    app = hello_app()
    app.on_startup.append(fail)
    app.on_cleanup.append(end)
    with pytest.raises(LookupError, match="no database"):
        run(app, loop)
    assert steps == ["cleanup"]
    assert loop.is_closed()


def test_signals_are_given_back(loop: asyncio.AbstractEventLoop) -> None:
    def mine(signum: int, frame: object) -> None:
        pass

    before = signal.signal(signal.SIGTERM, mine)
    try:
        run(leaving_app(), loop)
        assert signal.getsignal(signal.SIGTERM) is mine
    finally:
        signal.signal(signal.SIGTERM, before)


def test_it_runs_in_a_thread_where_there_are_no_signals() -> None:
    errors: list[BaseException] = []

    def serve() -> None:
        try:
            run_app(leaving_app(), host="127.0.0.1", port=0, print=None)
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=serve)
    thread.start()
    thread.join(30)
    assert errors == []
    assert not thread.is_alive()


def test_a_port_in_use_is_one_clear_error_after_the_clean_up(
    loop: asyncio.AbstractEventLoop,
) -> None:
    steps = []

    async def end(app: Application) -> None:
        steps.append("cleanup")

    app = hello_app()
    app.on_cleanup.append(end)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match="choose another port") as caught:
            run_app(app, host="127.0.0.1", port=port, print=None, loop=loop)
    assert caught.value.errno == errno.EADDRINUSE
    assert steps == ["cleanup"]


def wait_for_close(banner: str) -> bytes:
    """Make a request, and wait until the server ends the idle connection."""
    host, _, port = places(banner)[0].removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def test_the_keep_alive_timeout_reaches_the_server(serving: Any) -> None:
    received = serving(
        hello_app(), wait_for_close, host="127.0.0.1", port=0, keepalive_timeout=0.1
    )
    assert received.endswith(b"hello")


def test_further_parameters_reach_the_server(serving: Any) -> None:
    def say_nothing(banner: str) -> bytes:
        host, _, port = places(banner)[0].removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            return connection.recv(1)

    timeouts = Timeouts(first_byte=0.1)
    got = serving(hello_app(), say_nothing, host="127.0.0.1", port=0, timeouts=timeouts)
    assert got == b""


@pytest.fixture
def access_log() -> Iterator[logging.Logger]:
    """Return the default logger of the access log; afterwards it is as it was."""
    logger = logging.getLogger("tidegate.access")
    level, handlers, propagate = logger.level, logger.handlers[:], logger.propagate
    yield logger
    logger.setLevel(level)
    logger.handlers[:] = handlers
    logger.propagate = propagate


def test_the_access_log_has_the_logger_and_the_format_that_were_given(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    options: dict[str, Any] = {"host": "127.0.0.1", "port": 0, "access_log_format": "%s for %r"}
    caplog.set_level(logging.INFO)
    serving(hello_app(), get_everywhere, access_log=logging.getLogger("mine"), **options)
    assert caplog.record_tuples == [("mine", logging.INFO, "200 for GET / HTTP/1.1")]


def test_without_an_access_log_nothing_is_logged(
    serving: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    serving(hello_app(), get_everywhere, host="127.0.0.1", port=0, access_log=None)
    assert caplog.records == []


@pytest.mark.parametrize("debug", [True, False])
def test_in_debug_mode_the_access_log_shows_itself(
    serving: Any,
    access_log: logging.Logger,
    loop: asyncio.AbstractEventLoop,
    capfd: pytest.CaptureFixture[str],
    debug: bool,
) -> None:
    # As in a program that has not set logging up.
    access_log.setLevel(logging.NOTSET)
    access_log.propagate = False
    loop.set_debug(debug)
    serving(hello_app(), get_everywhere, host="127.0.0.1", port=0, loop=loop)
    assert ('"GET / HTTP/1.1" 200' in capfd.readouterr().err) == debug


def test_handler_cancellation_reaches_the_server(serving: Any) -> None:
    cancelled = threading.Event()
    entered = threading.Event()

    async def endless(request: Request) -> Response:
        entered.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return Response()

    def go_away(banner: str) -> bool:
        host, _, port = places(banner)[0].removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port)), timeout=30) as connection:
            connection.sendall(b"GET /endless HTTP/1.1\r\nHost: h\r\n\r\n")
            assert entered.wait(30)
            # Reset the connection: a client that only closes it may still wait for the response.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return cancelled.wait(30)

    app = hello_app()
    app.router.add_get("/endless", endless)
    options: dict[str, Any] = {"host": "127.0.0.1", "port": 0, "shutdown_timeout": 1}
    assert serving(app, go_away, handler_cancellation=True, **options)


def test_a_parameter_that_nobody_knows_is_refused(loop: asyncio.AbstractEventLoop) -> None:
    with pytest.raises(TypeError, match="no_such_parameter"):
        run(hello_app(), loop, no_such_parameter=1)


@pytest.mark.parametrize(
    ("wrong", "hint"),
    [(lambda: hello_app(), r"call it: run_app\(f\(\)\)"), (3, "awaitable of one, not 3")],
)
def test_what_is_no_application_is_refused(wrong: Callable[[], Any] | int, hint: str) -> None:
    with pytest.raises(TypeError, match=hint):
        run_app(wrong, print=None)  # type: ignore[arg-type]  # it is to be refused


async def test_it_refuses_to_run_inside_a_coroutine() -> None:
    with pytest.raises(RuntimeError, match="use AppRunner and a site"):
        run_app(hello_app())
