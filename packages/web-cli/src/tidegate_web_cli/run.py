"""``run_app``: one call from an application to a server that stops well.

It makes an event loop, sets the application up in it, listens, says so, and waits. What ends the
waiting: a signal, ``GracefulExit`` or ``KeyboardInterrupt`` from anywhere in the loop, or an
error while starting. Then the runner stops in order (no new connections, on_shutdown, requests in
service finish or are cancelled, on_cleanup), tasks that the application left behind are cancelled
and awaited, asynchronous generators and the executor are shut down, and the loop is closed: the
caller of ``run_app`` finds nothing of it running.

One task does all the serving, and that task is what a stop cancels; so a signal ends a
slow start-up as well as the serving. A signal during the stop abandons it (see
:mod:`.stop_signals`): all tasks are cancelled, get a second to end, and GracefulExit goes to the
caller.
"""

import asyncio
import builtins
import inspect
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from contextlib import nullcontext, suppress
from typing import Any

from tidegate_web_server import (
    AbstractAccessLogger,
    AccessLogger,
    Application,
    AppRunner,
    GracefulExit,
)
from tidegate_web_server.access_log import access_logger

from .banner import banner, describe_build
from .listening import Listeners, Path, start
from .loops import LoopName, new_event_loop
from .stop_signals import StopSignals

FORCED_STOP_PATIENCE = 1.0  # seconds that cancelled tasks get when a stop is abandoned
STOP_NOTICE_DELAY = 1.0  # seconds that a stop may last before it says that it waits
STOP_NOTICE = "Waiting for requests in service and for cleanup (CTRL+C again ends at once)"

Print = Callable[..., None]


def run_app(
    app: Application | Awaitable[Application],
    *,
    host: str | Iterable[str] | None = None,
    port: int | None = None,
    path: Path | Iterable[Path] | None = None,
    sock: socket.socket | Iterable[socket.socket] | None = None,
    shutdown_timeout: float = 60.0,
    keepalive_timeout: float = 75.0,
    ssl_context: ssl.SSLContext | None = None,
    print: Print | None = print,
    backlog: int = 128,
    access_log_class: type[AbstractAccessLogger] = AccessLogger,
    access_log_format: str = AccessLogger.LOG_FORMAT,
    access_log: logging.Logger | None = access_logger,
    handle_signals: bool = True,
    reuse_address: bool | None = None,
    reuse_port: bool | None = None,
    handler_cancellation: bool = False,
    loop: asyncio.AbstractEventLoop | LoopName | None = None,
    **kwargs: Any,
) -> None:
    """Serve *app* until it is told to stop; return when it has stopped in order.

    Without host, path and sock it listens on 0.0.0.0; a path or sock alone means no TCP.

    :param app: the application, or an awaitable of it: it is then made inside the event loop.
    :param host: a host name or address, or several.
    :param port: a TCP port for each host; 8080 when None, 8443 with TLS. 0: the system chooses.
    :param path: the path of a Unix domain socket, or several.
    :param sock: a stream socket that is bound, or several.
    :param shutdown_timeout: seconds that requests in service have to finish at a stop.
    :param keepalive_timeout: seconds that an idle connection is kept open.
    :param ssl_context: serve TLS with this context.
    :param print: what shows the banner; None shows nothing.
    :param backlog: connections that the system may hold before the server accepts them.
    :param access_log_class: what writes the access log.
    :param access_log_format: the format of a line, for *access_log_class*.
    :param access_log: the logger of the access log; None: no access log. In asyncio's debug mode
        the default one gets a handler, where it has none, and shows itself on standard error.
    :param handle_signals: stop in order at SIGINT and SIGTERM, at once at the second of them.
        False leaves the signals alone; KeyboardInterrupt then stops the server in order.
    :param reuse_address: set SO_REUSEADDR; None: the system's habit.
    :param reuse_port: set SO_REUSEPORT.
    :param handler_cancellation: cancel the handler of a request when its client goes away.
    :param loop: an event loop, which is closed at the end, or the name of one to make: "uvloop",
        "asyncio", or "auto" (as None): uvloop where it is installed, else asyncio.
    :param kwargs: further parameters of :class:`AppRunner`, such as ``timeouts`` and ``limits``.
    :raises ListenError: an OSError: a place to listen is refused by the system.
    :raises GracefulExit: a SystemExit with code 1: a second signal ended the server at once.
    :raises RuntimeError: when called from a coroutine.
    :raises ValueError: for arguments that can't work, see :class:`Listeners`.
    """
    _refuse_running_loop()
    listeners = Listeners.of(
        host=host,
        port=port,
        path=path,
        sock=sock,
        ssl_context=ssl_context,
        backlog=backlog,
        reuse_address=reuse_address,
        reuse_port=reuse_port,
    )
    event_loop = new_event_loop(loop or "auto") if loop is None or isinstance(loop, str) else loop
    if access_log is access_logger and event_loop.get_debug():
        _show(access_logger)
    runner_options = {
        "shutdown_timeout": shutdown_timeout,
        "keepalive_timeout": keepalive_timeout,
        "access_log_class": access_log_class,
        "access_log_format": access_log_format,
        "access_log": access_log,
        "handler_cancellation": handler_cancellation,
        **kwargs,
    }
    say = _flushed if print is builtins.print else print
    _run(event_loop, _serve(app, runner_options, listeners, say), handle_signals)


def _refuse_running_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise RuntimeError(
        "run_app() runs an event loop of its own and can't be called from a coroutine; "
        "use AppRunner and a site, such as TCPSite, there"
    )


def _show(logger: logging.Logger) -> None:
    # A developer who turns asyncio's debug mode on wants to see requests, with no more set up.
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.DEBUG)
    if not logger.hasHandlers():
        logger.addHandler(logging.StreamHandler())


def _flushed(text: str) -> None:
    # Into a pipe (a container's log, a supervisor) print() would keep the banner in its buffer.
    builtins.print(text, flush=True)  # noqa: T201


async def _serve(
    app: Application | Awaitable[Application],
    runner_options: dict[str, Any],
    listeners: Listeners,
    say: Print | None,
) -> None:
    """Serve until cancelled; stop the application in order, however the serving ends."""
    loop = asyncio.get_running_loop()
    runner = AppRunner(await _made(app), **runner_options)
    try:
        await runner.setup()
        for site in listeners.sites(runner):
            await start(site)
        if say is not None:
            say(banner((site.name for site in runner.sites), describe_build(loop)))
        await loop.create_future()
    finally:
        # What stops in here runs to its end: for time-outs and task groups in the application's
        # clean-up, this task is not one that is being cancelled.
        while (task := asyncio.current_task()) is not None and task.cancelling():
            task.uncancel()
        notice = None if say is None else loop.call_later(STOP_NOTICE_DELAY, say, STOP_NOTICE)
        try:
            await runner.cleanup()
        finally:
            if notice is not None:
                notice.cancel()


async def _made(app: Any) -> Application:
    made = await app if inspect.isawaitable(app) else app
    if not isinstance(made, Application):
        hint = "; call it: run_app(f())" if callable(made) else ""
        raise TypeError(
            f"run_app() takes a web.Application or an awaitable of one, not {made!r}{hint}"
        )
    return made


def _run(
    loop: asyncio.AbstractEventLoop, serving: Coroutine[Any, Any, None], handle_signals: bool
) -> None:
    """Run *serving* in *loop* until it has ended, and close the loop."""
    asyncio.set_event_loop(loop)
    try:
        _catch_exits(loop)
        main = loop.create_task(serving)
        stop = StopSignals(loop, main.cancel)
        with stop if handle_signals else nullcontext():
            try:
                _run_until_stopped(loop, main, stop)
            finally:
                stop.begin()
                patience = FORCED_STOP_PATIENCE if stop.forced else None
                _run_to_end(loop, loop.create_task(_shut_down(patience)))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _catch_exits(loop: asyncio.AbstractEventLoop) -> None:
    """Let exits go through *loop*, and through it only: an exit is not an error to be logged.

    An exit that a handler raises stays in its task as well, which complains that nobody asked for
    it. And uvloop reports an exit instead of raising it when it comes out of a protocol's
    callback, as it does where tasks start eagerly and where a signal arrives.
    """
    handle = loop.get_exception_handler()

    def leave(error: BaseException) -> None:
        raise error

    def handle_errors(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, SystemExit | KeyboardInterrupt):
            if "future" not in context:
                loop.call_soon(leave, error)
        elif handle is None:
            loop.default_exception_handler(context)
        else:
            handle(loop, context)

    loop.set_exception_handler(handle_errors)


def _run_until_stopped(
    loop: asyncio.AbstractEventLoop, main: "asyncio.Task[None]", stop: StopSignals
) -> None:
    """Run *main*, cancel it when something asks for a stop, and run it to its end.

    SystemExit and KeyboardInterrupt go through an event loop and leave it stopped half-way, with
    *main* none the wiser: the loop is then run again, for the stop in order.
    """
    leaving: BaseException | None = None
    main.add_done_callback(lambda _: loop.stop())
    while not main.done():
        try:
            loop.run_forever()
        except (SystemExit, KeyboardInterrupt) as error:
            if stop.stopping and isinstance(error, KeyboardInterrupt):
                stop.forced = True
            if stop.forced:
                raise
            leaving = leaving or error
        # Here main is done, or something raised through the loop or called loop.stop().
        if stop.begin():
            main.cancel()
    if not main.cancelled():
        leaving = main.exception() or leaving
    if leaving is not None and not isinstance(leaving, GracefulExit | KeyboardInterrupt):
        raise leaving


def _run_to_end(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    """Run *loop* until *task* is done, though somebody else may have called ``loop.stop()``."""
    task.add_done_callback(lambda _: loop.stop())
    while not task.done():
        loop.run_forever()
    task.result()


async def _shut_down(patience: float | None) -> None:
    """Cancel all other tasks and await them, then end asynchronous generators and the executor.

    :param patience: seconds to wait for tasks and generators before they are left; the executor is
        then not waited for at all. None: wait for all of them as long as they take.
    """
    loop = asyncio.get_running_loop()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=patience)
    for task in tasks:
        _report(loop, task)
    with suppress(TimeoutError):
        await asyncio.wait_for(loop.shutdown_asyncgens(), patience)
    if patience is None:
        await loop.shutdown_default_executor()


def _report(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[Any]") -> None:
    if not task.done() or task.cancelled():
        return
    error = task.exception()
    if isinstance(error, Exception):
        loop.call_exception_handler(
            {
                "message": "unhandled exception in a task that was cancelled at the end",
                "exception": error,
                "task": task,
            }
        )
