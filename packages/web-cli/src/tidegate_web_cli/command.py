"""The command ``tidegate``: run, dev, routes, info, check.

click reads the command line, :mod:`.options` makes settings of it, and other modules do the work;
they are imported when their command is given, so that a server does not wait for the rest.

Exit codes:

====  ======================================================================
0     stopped in order; nothing to complain about
1     ended otherwise: an error of the application (with its traceback), an
      address that can't be listened on, a second signal during the stop;
      ``check`` and ``routes --check``: there are problems
2     it can't be carried out: an option, a file, a module, a certificate
====  ======================================================================
"""

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from ._version import __version__
from .errors import CommandError
from .listening import ListenError, Listeners
from .options import (
    application_options,
    as_development,
    dev_options,
    dev_settings,
    reload_options,
    run_options,
    run_settings,
)
from .settings import RunSettings

EPILOG = """\b
Exit codes:
  0  stopped in order, nothing to complain about
  1  an error of the application, a place that can't be listened on,
     a second signal during the stop; problems found by a check
  2  it can't be carried out: an option, a file, a module, a certificate
"""

_SETTINGS = {"max_content_width": 100, "help_option_names": ["-h", "--help"]}


@click.group(
    context_settings=_SETTINGS, epilog=EPILOG, invoke_without_command=True, no_args_is_help=False
)
@click.version_option(__version__, prog_name="tidegate")
@click.pass_context
def cli(context: click.Context) -> None:
    """Serve applications of tidegate, and look at them.

    TARGET is a file, a module, or package.module:attribute. Without one, app.py or main.py of
    the current directory is taken, and in it the application app, or create_app or init_func,
    which make one.

    \b
    Examples:
      tidegate dev                         develop app.py of this folder
      tidegate run shop.web:create_app     serve what a function makes
      tidegate run -w 4 --host 0.0.0.0     four processes, on every interface
      tidegate routes --check shop.web     show routes, find those never reached
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


@cli.command(epilog=EPILOG)
@run_options
@click.option("--reload", is_flag=True, envvar="TIDEGATE_RELOAD", help="As tidegate dev does.")
@reload_options
@click.pass_context
def run(context: click.Context, /, reload: bool, **options: Any) -> int:
    """Serve an application.

    ARGS, after --, go to the function that makes the application, in a list. Each option is
    also an environment variable: --log-level is TIDEGATE_LOG_LEVEL. PORT, WEB_CONCURRENCY,
    FORWARDED_ALLOW_IPS and NO_COLOR are understood, and systemd's sockets are taken over.

    \b
    Examples:
      tidegate run
      tidegate run shop.web:app --port 8000
      tidegate run shop.web:create_app -- --config prod.toml
      tidegate run --workers 4 --host 0.0.0.0 --shutdown-delay 5
      tidegate run --ssl-certfile cert.pem --ssl-keyfile key.pem
      tidegate run --uds /run/shop/web.sock --proxy-headers
      PORT=8000 WEB_CONCURRENCY=2 tidegate run
    """
    settings = run_settings(context, options)
    if reload:
        if settings.workers > 1:
            raise click.UsageError("--reload is for one process: leave --workers out")
        return _develop(settings, options)
    # To replace a worker takes somebody who outlives it.
    if settings.workers > 1 or settings.worker_memory_limit is not None:
        return _supervise(settings)
    from .serving import serve

    if settings.pidfile is None:
        return serve(settings)
    from .pid_file import PidFile

    with PidFile(settings.pidfile):
        return serve(settings)


@cli.command(epilog=EPILOG)
@dev_options
@click.pass_context
def dev(context: click.Context, /, **options: Any) -> int:
    """Serve an application for its developer: reload on change, show errors.

    The program starts anew when one of its sources changes, and pages reload themselves in the
    browser. An application that does not start shows why, in the terminal and in the browser,
    and is tried again after the next change. A file that calls run_app itself is fine, too.

    \b
    Examples:
      tidegate dev
      tidegate dev path/to/app.py --port 8000
      tidegate dev shop.web:create_app --reload-dir shop --reload-include '*.toml'
      tidegate dev --poll                   in a container, on a network folder
    """
    return _develop(run_settings(context, options, timeout_graceful_shutdown=1.0), options)


@cli.command(epilog=EPILOG)
@application_options
@click.option("--check", is_flag=True, help="Show only what can't be reached; exit with 1 then.")
@click.option("--json", "json_", is_flag=True, help="For programs.")
@click.option("-v", "--verbose", is_flag=True, help="Show the order of the middlewares, too.")
@click.option("--use-colors/--no-use-colors", default=None, help="[default: in a terminal]")
def routes(
    check: bool, json_: bool, verbose: bool, use_colors: bool | None, **options: Any
) -> int:
    """Show the routes of an application and of those nested in it.

    \b
    Examples:
      tidegate routes shop.web:app
      tidegate routes -v                    with middlewares
      tidegate routes --check               are there routes that no request reaches?
      tidegate routes --json | jq '.resources[].path'
    """
    from .inspection import inspected
    from .reports import as_json, console, show_problems, show_routes
    from .routes_tree import describe, problems

    app, title = inspected(_settings_of(options))
    found = problems(app)
    out = console(sys.stdout, use_colors)
    if json_:
        report = {**describe(app).to_json(), "problems": [_problem(each) for each in found]}
        click.echo(as_json(report))
    elif not check:
        show_routes(out, describe(app), title, verbose=verbose)
    if not json_:
        show_problems(out, found)
    return 1 if check and found else 0


@cli.command(epilog=EPILOG)
@run_options
@click.pass_context
def check(context: click.Context, /, **options: Any) -> int:
    """Say whether an application would be served with these options, and serve nothing.

    It is imported, made and frozen; routes that no request reaches, and options, certificates
    and files that can't work are reported.

    \b
    Examples:
      tidegate check shop.web:app
      tidegate check --ssl-certfile cert.pem --log-config logging.json
    """
    from .inspection import check_run

    found = check_run(run_settings(context, options))
    for each in found:
        click.echo(each, err=True)
    if not found:
        click.echo("Nothing to complain about.")
    return 1 if found else 0


@cli.command(epilog=EPILOG)
@click.option("--json", "json_", is_flag=True, help="For programs.")
def info(json_: bool) -> int:
    """Show versions, the build and the platform: what a report of a bug should have.

    \b
    Example:
      tidegate info --json > info.json
    """
    from .info import facts

    found = facts()
    if json_:
        from .reports import as_json

        click.echo(as_json(found))
    else:
        from .reports import console, show_facts

        show_facts(console(sys.stdout, None), {k: v for k, v in found.items() if v})
    return 0


def _settings_of(options: dict[str, Any]) -> RunSettings:
    return RunSettings(**options)


def _problem(problem: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(problem)


def _develop(settings: RunSettings, options: dict[str, Any]) -> int:
    from .discovery import find_target, search_first
    from .reload import develop

    search_first(settings.app_dir)
    target = find_target(settings.target, settings.app_dir)
    dev = dev_settings(options, target.source, settings.app_dir)
    listeners = _listeners(settings)
    sockets = listeners.bind()
    try:
        return develop(as_development(settings), dev, sockets, listeners.names(sockets))
    finally:
        _close(listeners, sockets)


def _supervise(settings: RunSettings) -> int:
    from .supervisor import supervise

    listeners = _listeners(settings)
    sockets = listeners.bind()
    try:
        return supervise(settings, sockets)
    finally:
        _close(listeners, sockets)


def _listeners(settings: RunSettings) -> Listeners:
    """Return where to listen for several processes, when they could serve there."""
    from .serving import check_proxies, listeners_of

    check_proxies(settings)
    context = None
    if settings.tls:
        from .tls import make_ssl_context

        context = make_ssl_context(settings)
    return listeners_of(settings, ssl_context=context)


def _close(listeners: Listeners, sockets: Sequence[Any]) -> None:
    for each in sockets:
        each.close()
    for path in listeners.paths:
        if os.path.exists(path):
            os.unlink(path)


def main(argv: Sequence[str] | None = None) -> None:
    """Carry out a command line, and exit.

    :param argv: the arguments; those of the process when None.
    :raises SystemExit: always; its code is one of the module's table.
    """
    from .serving import show_problem

    try:
        code = cli.main(args=argv, prog_name="tidegate", standalone_mode=False)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        command = "tidegate" if context is None else context.command_path
        click.echo(f"tidegate: error: {error.format_message()} (try '{command} --help')", err=True)
        code = error.exit_code
    except (CommandError, ListenError) as error:
        code = show_problem(error)
    except click.Abort:
        code = 1
    sys.exit(code or 0)
