"""An application that is loaded to be looked at: made and frozen, never started or served."""

import asyncio
import sys
from collections.abc import Awaitable
from typing import Any

from tidegate_web_server import Application

from .discovery import find_target, load_to_inspect, search_first
from .errors import CommandError
from .listening import ListenError
from .routes_tree import problems
from .settings import RunSettings
from .tracebacks import show_error


class ApplicationFailed(CommandError):
    """The application raised an error; it has been shown."""

    exit_code = 1


def inspected(settings: RunSettings) -> tuple[Application, str]:
    """Load and freeze the application of *settings*; return it and what it is called.

    :raises CommandError: there is none, or it fails.
    """
    search_first(settings.app_dir)
    target = find_target(settings.target, settings.app_dir)
    try:
        made: Any = load_to_inspect(
            target, app_dir=settings.app_dir, factory=settings.factory, args=settings.args
        )
        app = asyncio.run(_awaited(made)) if not isinstance(made, Application) else made
        app.pre_freeze()
    except CommandError:
        raise
    except Exception as error:
        show_error(error, sys.stderr)
        raise ApplicationFailed(f"{target} raised {type(error).__name__}, see above") from error
    return app, str(target)


async def _awaited(made: Awaitable[Any]) -> Application:
    app = await made
    if not isinstance(app, Application):
        raise CommandError(f"expected a web.Application, not {app!r}")
    return app


def check_run(settings: RunSettings) -> list[str]:
    """Return what a run with *settings* would complain about, a line each.

    The traceback of an application that fails is shown.

    :raises CommandError: there is no application.
    """
    from .logging_setup import set_up_logging
    from .serving import check_proxies
    from .tls import make_ssl_context

    found = []
    for step in (check_proxies, make_ssl_context, set_up_logging):
        try:
            step(settings)
        except (CommandError, ListenError) as error:
            found.append(str(error))
    try:
        app, _ = inspected(settings)
    except ApplicationFailed as error:
        return [*found, str(error)]
    return [*found, *map(str, problems(app))]
