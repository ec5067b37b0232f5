"""Serving in one process what the settings of a run ask for: ``tidegate run``, and each worker.

:func:`serve` does what they say in this order: logging, the TLS context, loading the application,
listening, serving until something asks for a stop. What is loaded may turn out to be a program
that calls ``run_app`` itself; its call is then served in place, with the arguments it gave, but
for what the settings say otherwise.

What can't be carried out is said in one line on standard error. An error of the application is
shown with its traceback, from the application's first line on. Exit codes:

====  ======================================================================
0     stopped in order, by a signal or by the application
1     ended otherwise: an error of the application (with its traceback), an
      address that can't be listened on, a second signal during the stop
2     it can't be carried out: an option, a file, a module, a certificate
====  ======================================================================
"""

import os
import signal
import socket
import sys
from collections.abc import Callable, Collection, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from tidegate_web_server import Application, GracefulExit, Server, Timeouts, TrustedProxies

from .discovery import Made, Target, find_target, is_program, load, run_program, search_first
from .errors import CommandError
from .lifetime import run_until_stopped
from .listening import PORT, TLS_PORT, ListenError, Listeners, inherited
from .logging_setup import set_up_logging
from .loops import new_event_loop
from .service import Print, serve_app
from .settings import RunSettings
from .stop_signals import STOP_SIGNALS
from .systemd import notify, take_sockets
from .takeover import RunCall, taking_over
from .tracebacks import show_error

if TYPE_CHECKING:
    import ssl

LOCALHOST = "127.0.0.1"

_RUNNER_OPTIONS = {
    "timeout_graceful_shutdown": "shutdown_timeout",
    "timeout_keep_alive": "keepalive_timeout",
    "limit_concurrency": "limit_concurrency",
    "shutdown_delay": "shutdown_delay",
}
"""Which setting is which parameter of AppRunner."""

_WAITS = {
    "timeout_first_byte": "first_byte",
    "timeout_headers": "head",
    "timeout_body": "body",
    "timeout_write": "write",
}
"""Which setting is which of Timeouts."""

_EVERYBODY = ("0.0.0.0/0", "::/0")


def serve(
    settings: RunSettings,
    *,
    sockets: Sequence[socket.socket] | None = None,
    on_ready: Callable[[], None] | None = None,
    on_tick: Callable[[Server], None] | None = None,
    prepare: Callable[[Application], None] | None = None,
    runner_options: dict[str, Any] | None = None,
    on_failure: Callable[[Exception], int] | None = None,
    signals: Collection[signal.Signals] = STOP_SIGNALS,
) -> int:
    """Serve in this process until told to stop; return the exit code.

    :param sockets: bound sockets to listen with; None: open what *settings* say.
    :param on_ready: called when it listens; who gives it says so to the world, which else the
        banner and a notification of systemd do.
    :param on_tick: called with the server about once a second.
    :param prepare: called with the application before it starts.
    :param runner_options: further keyword arguments of :class:`AppRunner`.
    :param on_failure: called with an error that ended it, in place of showing it; it returns the
        exit code.
    :param signals: stop it.
    :raises SystemExit: one that the application raised, or GracefulExit after a second signal.
    """
    run = _Run(settings, sockets, on_ready, on_tick, prepare, runner_options or {}, signals)
    try:
        run()
    except Exception as error:
        return (on_failure or show_failure)(error)
    return 0


def show_failure(error: Exception) -> int:
    """Show what ended a run, in one line or with a traceback; return the exit code for it."""
    if isinstance(error, CommandError | ListenError):
        return show_problem(error)
    show_error(error, sys.stderr)
    return 1


def show_problem(error: CommandError | ListenError) -> int:
    """Say in one line what can't be carried out; return the exit code for it."""
    print(f"tidegate: error: {error}", file=sys.stderr, flush=True)  # noqa: T201
    return error.exit_code if isinstance(error, CommandError) else 1


class _Run:
    """One run of one process."""

    def __init__(
        self,
        settings: RunSettings,
        sockets: Sequence[socket.socket] | None,
        on_ready: Callable[[], None] | None,
        on_tick: Callable[[Server], None] | None,
        prepare: Callable[[Application], None] | None,
        runner_options: dict[str, Any],
        signals: Collection[signal.Signals],
    ) -> None:
        self._signals = signals
        self._settings = settings
        self._sockets = sockets
        self._on_ready = on_ready
        self._on_tick = on_tick or limit_of_requests(settings)
        self._prepare = prepare
        self._runner_options = runner_options
        self._ssl_context: ssl.SSLContext | None = None
        self._served = False

    def __call__(self) -> None:
        settings = self._settings
        check_proxies(settings)
        set_up_logging(settings)
        if settings.tls:
            from .tls import make_ssl_context

            self._ssl_context = make_ssl_context(settings)
        search_first(settings.app_dir)
        target = script_target(settings) or find_target(settings.target, settings.app_dir)
        with taking_over(self._serve_call):
            if settings.script or is_program(target):
                run_program(target, settings.args)
                if not self._served:
                    raise CommandError(
                        f"{target} ended without a call of run_app: nothing is served by it"
                    )
                return
            made = load(
                target,
                app_dir=settings.app_dir,
                factory=settings.factory,
                args=settings.args,
            )
        # A module may call run_app while it is imported.
        if not self._served:
            options = {
                **runner_options_of(settings),
                **self._runner_options,
            }
            self._serve(made, self._listeners(), options, self._signals)

    def _serve_call(self, call: RunCall) -> None:
        """Serve what a program has handed to run_app."""
        options = {**call.runner_options, **changed_options(self._settings)}
        options.update(self._runner_options)
        signals = self._signals if call.handle_signals else ()
        if not asked_to_listen(self._settings) and self._sockets is None:
            self._serve(call.app, call.listeners, options, signals)
            return
        self._ssl_context = self._ssl_context or call.listeners.ssl_context
        self._serve(call.app, self._listeners(), options, signals)

    def _listeners(self) -> Listeners:
        return listeners_of(self._settings, self._sockets, self._ssl_context)

    def _serve(
        self,
        app: Made,
        listeners: Listeners,
        options: dict[str, Any],
        signals: Collection[signal.Signals],
    ) -> None:
        self._served = True
        alone = self._on_ready is None
        say: Print | None = _say if alone else None
        serving = serve_app(
            app,
            options,
            listeners,
            say,
            prepare=self._prepared,
            on_ready=_tell_ready if alone else self._on_ready,
            on_tick=self._on_tick,
            on_stop=_tell_stopping if alone else None,
        )
        run_until_stopped(new_event_loop(self._settings.loop), serving, signals)

    def _prepared(self, app: Application) -> None:
        if self._settings.debug:
            app.debug = True
        if self._settings.metrics is not None:
            from .metrics import setup_metrics

            setup_metrics(app, path=self._settings.metrics)
        if self._prepare is not None:
            self._prepare(app)


def script_target(settings: RunSettings) -> Target | None:
    """Return the program that *settings* name as one, a file or a module; None for none."""
    if not settings.script or settings.target is None:
        return None
    if os.path.isfile(settings.target):
        return find_target(settings.target, settings.app_dir)
    return Target(settings.target, None)


def asked_to_listen(settings: RunSettings) -> bool:
    """Tell whether *settings* say where to listen."""
    return bool(
        settings.host
        or settings.port is not None
        or settings.uds is not None
        or settings.fd is not None
        or "LISTEN_FDS" in os.environ
    )


def listeners_of(
    settings: RunSettings,
    sockets: Sequence[socket.socket] | None = None,
    ssl_context: "ssl.SSLContext | None" = None,
) -> Listeners:
    """Return where *settings* say to listen; sockets are taken over from who started this.

    :param sockets: what to listen with instead.
    :raises ListenError: what was passed on is no socket.
    """
    host: str | tuple[str, ...] | None = settings.host or None
    port, path = settings.port, settings.uds
    if sockets is not None:
        host = port = path = None
    elif settings.fd is not None:
        sockets = [inherited(settings.fd)]
    else:
        sockets = take_sockets() or None
    if host is None and (port is not None or (path is None and sockets is None)):
        host = LOCALHOST
    if host is not None and port is None:
        port = TLS_PORT if settings.tls else PORT
    try:
        return Listeners.of(
            host=host,
            port=port,
            path=path,
            sock=sockets,
            ssl_context=ssl_context,
            backlog=settings.backlog,
            reuse_address=None,
            reuse_port=None,
        )
    except ValueError as error:
        raise CommandError(str(error)) from error


# -- What is handed to the runner ---------------------------------------------------------------


def runner_options_of(settings: RunSettings) -> dict[str, Any]:
    """Return the keyword arguments of AppRunner for *settings*."""
    options = {
        "shutdown_timeout": settings.timeout_graceful_shutdown,
        "keepalive_timeout": settings.timeout_keep_alive,
        **changed_options(settings),
    }
    options["trusted_proxies"] = trusted_proxies(settings)
    return options


def changed_options(settings: RunSettings) -> dict[str, Any]:
    """Return the keyword arguments of AppRunner for what *settings* have but by default."""
    plain = RunSettings()
    changed = {
        field.name
        for field in fields(settings)
        if getattr(settings, field.name) != getattr(plain, field.name)
    }
    options = {
        parameter: getattr(settings, name)
        for name, parameter in _RUNNER_OPTIONS.items()
        if name in changed
    }
    waits = {limit: getattr(settings, name) for name, limit in _WAITS.items() if name in changed}
    if waits:
        options["timeouts"] = Timeouts(**waits)
    if not settings.access_log:
        options["access_log"] = None
    if changed & {"proxy_headers", "forwarded_allow_ips"}:
        options["trusted_proxies"] = trusted_proxies(settings)
    return options


def trusted_proxies(settings: RunSettings) -> tuple[str, ...]:
    """Return the networks whose word about the client is taken."""
    if not settings.proxy_headers:
        return ()
    networks: list[str] = []
    for each in settings.forwarded_allow_ips:
        networks += _EVERYBODY if each == "*" else [each]
    return tuple(networks)


def check_proxies(settings: RunSettings) -> None:
    """Refuse addresses of proxies that are none.

    :raises CommandError: it names the wrong one.
    """
    try:
        TrustedProxies(trusted_proxies(settings))
    except ValueError as error:
        raise CommandError(f"--forwarded-allow-ips: {error}") from error


def limit_of_requests(settings: RunSettings) -> Callable[[Server], None] | None:
    """Return what stops a server after the number of requests that *settings* allow, if any."""
    if settings.limit_max_requests is None:
        return None
    most = settings.limit_max_requests
    if settings.limit_max_requests_jitter:
        from random import randint

        most += randint(0, settings.limit_max_requests_jitter)  # noqa: S311 - it is no secret

    def check(server: Server) -> None:
        if server.requests_count >= most:
            raise GracefulExit

    return check


def _tell_ready() -> None:
    notify(f"READY=1\nMAINPID={os.getpid()}")


def _tell_stopping() -> None:
    notify("STOPPING=1")


def _say(text: str) -> None:
    # Into a pipe (a container's log, a supervisor) print() would keep the banner in its buffer.
    print(text, flush=True)  # noqa: T201
