"""``run_app``: one call from an application to a server that stops well.

It checks where to listen, makes an event loop, and serves in it (:mod:`.service`) until something
asks for a stop (:mod:`.lifetime`): the caller of ``run_app`` finds nothing of it running. With
several workers it does not serve, but starts processes that do (:mod:`.supervisor`): each runs the
program anew, up to its call of ``run_app``, which there serves on the sockets of the first one
(:mod:`.takeover`). So the application need not be one that another process can import.
"""

import asyncio
import builtins
import inspect
import logging
import socket
import ssl
import sys
from collections.abc import Awaitable, Iterable
from typing import Any

from tidegate_web_server import (
    AbstractAccessLogger,
    AccessLogger,
    Application,
)
from tidegate_web_server.access_log import access_logger

from .lifetime import run_until_stopped
from .listening import Listeners, Path
from .loops import LoopName, new_event_loop
from .service import Print, serve_app
from .settings import RunSettings
from .stop_signals import STOP_SIGNALS
from .takeover import RunCall, current_takeover


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
    workers: int = 1,
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
    :param workers: processes that serve. More than one run the program that was started, each up
        to this call, and are replaced when they end; arguments may be anything but *sock* and a
        loop of your own.
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
    runner_options = {
        "shutdown_timeout": shutdown_timeout,
        "keepalive_timeout": keepalive_timeout,
        "access_log_class": access_log_class,
        "access_log_format": access_log_format,
        "access_log": access_log,
        "handler_cancellation": handler_cancellation,
        **kwargs,
    }
    call = RunCall(app, listeners, runner_options, handle_signals)
    takeover = current_takeover()
    if takeover is not None:
        takeover(call)
    elif workers != 1:
        _supervise(call, loop, workers)
    else:
        say = _flushed if print is builtins.print else print
        _serve(call, loop, say)


def _serve(
    call: RunCall, loop: asyncio.AbstractEventLoop | LoopName | None, say: Print | None
) -> None:
    event_loop = new_event_loop(loop or "auto") if loop is None or isinstance(loop, str) else loop
    if call.runner_options["access_log"] is access_logger and event_loop.get_debug():
        _show(access_logger)
    serving = serve_app(call.app, call.runner_options, call.listeners, say)
    run_until_stopped(event_loop, serving, STOP_SIGNALS if call.handle_signals else ())


def _supervise(
    call: RunCall, loop: asyncio.AbstractEventLoop | LoopName | None, workers: int
) -> None:
    """Start and keep *workers* processes that serve; exit when they don't end well."""
    from .supervisor import supervise

    if call.listeners.socks:
        raise ValueError(
            "several workers share sockets that run_app makes: give host and port, or path, "
            "in place of sock"
        )
    if loop is not None and not isinstance(loop, str):
        raise ValueError('each worker makes its own event loop: give its name, such as "uvloop"')
    settings = RunSettings(
        target=_this_program(),
        script=True,
        args=tuple(sys.argv[1:]),
        workers=workers,
        loop=loop or "auto",
        backlog=call.listeners.backlog,
        timeout_graceful_shutdown=call.runner_options["shutdown_timeout"],
    )
    if inspect.iscoroutine(call.app):
        call.app.close()  # each worker makes its own
    sockets = call.listeners.bind()
    try:
        scheme = "http" if call.listeners.ssl_context is None else "https"
        code = supervise(settings, sockets, scheme=scheme)
    finally:
        for each in sockets:
            each.close()
    if code:
        sys.exit(code)


def _this_program() -> str:
    """Name the program that runs, so that another process can run it: a module, or a file."""
    main = sys.modules["__main__"]
    spec = getattr(main, "__spec__", None)
    if spec is not None:
        return str(spec.name).removesuffix(".__main__")
    file = getattr(main, "__file__", None)
    if file is None:
        raise ValueError(
            "several workers run the program anew, which must be a file or a module: it can't be "
            "python -c, standard input, or an interactive interpreter"
        )
    return str(file)


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
