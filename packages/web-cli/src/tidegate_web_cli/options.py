"""The options of the commands that serve, as click has them, and settings made of them.

They are spelled as uvicorn spells them, where it has them. Each is taken from the environment as
well, as ``TIDEGATE_`` and its name in capitals (``TIDEGATE_LOG_LEVEL``), and a few under names
that hosting platforms set (``PORT``). The command line decides over the environment, and the
environment over the file given as ``--env-file``. Several values of one variable are separated by
blanks, addresses of proxies by commas as well.
"""

import os
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import click
from click.core import ParameterSource

from .environment import load_env_file
from .settings import CertificateRequest, LogLevel, Loop, RunSettings

if TYPE_CHECKING:
    from .reload import DevSettings

RELOAD_DELAY = 0.25  # seconds without a change after which changes are acted on
EVERY_INTERFACE = "0.0.0.0"  # noqa: S104 - its name; who takes it is said below

_F = TypeVar("_F", bound=Callable[..., Any])

_DEFAULTS = RunSettings()


def _option(*names: str, env: str | None = None, **settings: Any) -> Callable[[_F], _F]:
    """Make an option with its variable, and its default from the settings."""
    field = names[0].lstrip("-").partition("/")[0].replace("-", "_")
    variables = [f"TIDEGATE_{field.upper()}", *([env] if env else [])]
    if "default" not in settings and not settings.get("multiple"):
        settings["default"] = getattr(_DEFAULTS, field, None)
        settings.setdefault("show_default", settings["default"] is not None)
    return click.option(*names, envvar=variables, **settings)


def _load_env_file(context: click.Context, parameter: click.Parameter, path: str | None) -> None:
    if path is not None and not context.resilient_parsing:
        load_env_file(path)


_APPLICATION: tuple[Callable[[Any], Any], ...] = (
    click.argument("target", required=False, envvar="TIDEGATE_TARGET"),
    click.argument("args", nargs=-1, type=click.UNPROCESSED),
    _option("--app-dir", metavar="FOLDER", help="Search for modules in this folder first."),
    _option("--factory", is_flag=True, help="TARGET is called to make the application."),
    _option(
        "--env-file",
        metavar="FILE",
        is_eager=True,
        expose_value=False,
        callback=_load_env_file,
        help="Set the environment variables of this file that are not set.",
    ),
)

_LISTENING: tuple[Callable[[Any], Any], ...] = (
    _option(
        "--host",
        multiple=True,
        help="Host to listen on, several times for several. "
        "[default: 127.0.0.1; 0.0.0.0 if the port comes from PORT]",
    ),
    _option(
        "--port",
        type=int,
        env="PORT",
        help="Port to listen on, 0: the system chooses. [default: 8080, with TLS 8443]",
    ),
    _option("--uds", metavar="PATH", help="Unix domain socket to listen on."),
    _option("--fd", type=int, help="File descriptor of a socket to listen on."),
    _option("--backlog", type=int, help="Connections held before they are accepted."),
)

_SERVING: tuple[Callable[[Any], Any], ...] = (
    _option("--loop", type=click.Choice(get_args(Loop)), help="Event loop."),
    _option("--ssl-certfile", metavar="FILE", help="Certificate, in PEM form: serve TLS."),
    _option("--ssl-keyfile", metavar="FILE", help="Its key, if it is in another file."),
    _option("--ssl-keyfile-password", metavar="TEXT", help="Password of the key."),
    _option("--ssl-ca-certs", metavar="FILE", help="Authorities of clients' certificates."),
    _option(
        "--ssl-cert-reqs",
        type=click.Choice(get_args(CertificateRequest)),
        help="Whether clients need a certificate.",
    ),
    _option("--ssl-ciphers", metavar="LIST", help="Ciphers, as OpenSSL names them."),
    _option("--log-level", type=click.Choice(get_args(LogLevel)), help="Least level shown."),
    _option("--log-config", metavar="FILE", help="Configure logging: .json, .yaml, else ini."),
    _option("--access-log/--no-access-log", help="Log each request."),
    _option(
        "--use-colors/--no-use-colors",
        help="Colours in the log. [default: in a terminal, unless NO_COLOR is set]",
    ),
    _option(
        "--proxy-headers/--no-proxy-headers",
        help="Believe Forwarded and X-Forwarded-* of --forwarded-allow-ips.",
    ),
    _option(
        "--forwarded-allow-ips",
        env="FORWARDED_ALLOW_IPS",
        metavar="LIST",
        default=",".join(_DEFAULTS.forwarded_allow_ips),
        show_default=True,
        help="Addresses and networks of proxies, * for everybody.",
    ),
    _option(
        "--limit-concurrency",
        type=int,
        metavar="N",
        help="Answer 503 when N requests are in service.",
    ),
    _option(
        "--timeout-keep-alive",
        type=float,
        metavar="SECONDS",
        help="Keep idle connections open so long.",
    ),
    _option(
        "--timeout-first-byte",
        type=float,
        metavar="SECONDS",
        help="A new connection has so long to say something.",
    ),
    _option(
        "--timeout-headers",
        type=float,
        metavar="SECONDS",
        help="The head of a request may take so long.",
    ),
    _option(
        "--timeout-body",
        type=float,
        metavar="SECONDS",
        help="Wait so long for the next piece of a body.",
    ),
    _option(
        "--timeout-write",
        type=float,
        metavar="SECONDS",
        help="A client may take nothing for so long.",
    ),
    _option(
        "--timeout-graceful-shutdown",
        type=float,
        metavar="SECONDS",
        help="Requests in service may take so long at a stop.",
    ),
    _option(
        "--shutdown-delay",
        type=float,
        metavar="SECONDS",
        help="Go on serving so long at a stop, until balancers have noticed.",
    ),
    _option("--metrics", metavar="PATH", help="Show metrics for Prometheus at this path."),
)

_WORKERS: tuple[Callable[[Any], Any], ...] = (
    _option("--workers", "-w", type=int, env="WEB_CONCURRENCY", help="Processes that serve."),
    _option("--limit-max-requests", type=int, metavar="N", help="Replace a worker after N."),
    _option(
        "--limit-max-requests-jitter", type=int, metavar="N", help="Add up to N, by chance, to it."
    ),
    _option(
        "--timeout-worker-healthcheck",
        type=float,
        metavar="SECONDS",
        help="Replace a worker that is silent for so long.",
    ),
    _option(
        "--worker-memory-limit",
        type=int,
        metavar="MIB",
        help="Replace a worker that has more memory.",
    ),
    _option("--pidfile", metavar="FILE", help="Write the process ID to this file."),
)

_RELOADING: tuple[Callable[[Any], Any], ...] = (
    _option(
        "--reload-dir",
        multiple=True,
        metavar="FOLDER",
        help="Watch this folder. [default: that of the application's sources]",
    ),
    _option(
        "--reload-include",
        multiple=True,
        metavar="PATTERN",
        help="Restart for files of this name, beside *.py.",
    ),
    _option(
        "--reload-exclude",
        multiple=True,
        metavar="PATTERN",
        help="Don't watch files and folders of this name.",
    ),
    _option(
        "--reload-delay",
        type=float,
        metavar="SECONDS",
        default=RELOAD_DELAY,
        show_default=True,
        help="Wait until files rest for so long.",
    ),
    _option(
        "--poll",
        is_flag=True,
        default=False,
        help="Look at the files again and again: for network folders and containers.",
    ),
    _option(
        "--live/--no-live",
        default=True,
        show_default=True,
        help="Let pages reload themselves in the browser.",
    ),
    _option(
        "--live-port",
        type=int,
        default=0,
        metavar="PORT",
        help="Port by which pages hear of changes. [default: the system chooses]",
    ),
)


def run_options(command: _F) -> _F:
    """Give *command* the options of ``tidegate run``."""
    return _with(command, _APPLICATION, _LISTENING, _WORKERS, _SERVING)


def dev_options(command: _F) -> _F:
    """Give *command* the options of ``tidegate dev``."""
    return _with(command, _APPLICATION, _LISTENING, _RELOADING, _SERVING)


def reload_options(command: _F) -> _F:
    """Give *command* the options about reloading."""
    return _with(command, _RELOADING)


def application_options(command: _F) -> _F:
    """Give *command* the options that say which application it is about."""
    return _with(command, _APPLICATION)


def _with(command: _F, *groups: tuple[Callable[[Any], Any], ...]) -> _F:
    for option in reversed([option for group in groups for option in group]):
        command = option(command)
    return command


def run_settings(context: click.Context, options: dict[str, Any], **changes: Any) -> RunSettings:
    """Make settings of the values of options.

    :param changes: settings that are other by default for a command.
    :raises SettingsError: they can't work.
    """
    known = {field.name for field in fields(RunSettings)}
    given = {name: value for name, value in options.items() if name in known}
    given |= {
        name: value
        for name, value in changes.items()
        if context.get_parameter_source(name) in (None, ParameterSource.DEFAULT)
    }
    if "forwarded_allow_ips" in given:
        given["forwarded_allow_ips"] = tuple(
            given["forwarded_allow_ips"].replace(",", " ").split()
        )
    if given.get("port") is not None and not given["host"] and _is_of_platform(context):
        # Who sets PORT, a container platform, reaches the process over the network.
        given["host"] = (EVERY_INTERFACE,)
    return RunSettings(**given)


def _is_of_platform(context: click.Context) -> bool:
    return (
        context.get_parameter_source("port") is ParameterSource.ENVIRONMENT
        and not os.environ.get("TIDEGATE_PORT")
        and context.params.get("uds") is None
    )


def dev_settings(options: dict[str, Any], source: Path | None, app_dir: str) -> "DevSettings":
    """Make settings of reloading.

    :param source: the file of the application, None where none is known.
    :raises WatchError: a folder to watch is none.
    """
    # A server that is not developed does not wait for this to be imported.
    from .reload import DevSettings, source_folders
    from .watching import PAGES, SOURCES, Watched

    folders = tuple(Path(folder).resolve() for folder in options["reload_dir"])
    watched = Watched(
        folders or source_folders(source, app_dir),
        (*SOURCES, *options["reload_include"]),
        PAGES,
        options["reload_exclude"],
    )
    return DevSettings(
        watched=watched,
        delay=options["reload_delay"],
        poll=options["poll"],
        live=options["live"],
        live_port=options["live_port"],
    )


def as_development(settings: RunSettings) -> RunSettings:
    """Return *settings* with what development has beside them."""
    return replace(settings, debug=True)
