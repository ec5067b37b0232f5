"""The process of ``tidegate dev`` that serves: started anew after each change.

It is started by :mod:`.reload` as ``python -m tidegate_web_cli.dev_child FD``. On the socket FD
comes one line of JSON: the settings, the descriptors of the sockets to listen with, the port and
generation of live pages. It answers ``ready`` when it serves, ``broken`` when the application
can't be loaded or started: it then serves a page with the traceback instead, so that the browser
shows what is wrong, and reloads when it is right again. Further lines bring new generations; when
the socket ends, so has who started this, and it stops.
"""

import html
import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Sequence
from typing import IO, Any

from tidegate_web_server import Application, Request, Response

from .console import ConsoleAccessLogger, colors_wanted, styled
from .lifetime import run_until_stopped
from .live_page import LiveState, script
from .loops import new_event_loop
from .service import serve_app
from .serving import listeners_of, serve, show_failure
from .settings import RunSettings
from .tracebacks import formatted, place

_SIGNALS = (signal.SIGTERM,)

BROKEN_PAGE = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body{{font:1rem/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem}}
pre{{background:#f4f4f4;color:#111;overflow:auto;padding:1rem}}</style></head><body>
<h1>{title}</h1><p>{where}</p><pre>{traceback}</pre><p>This page reloads when a file changes.</p>
</body></html>
"""


class Child:
    """One life of the application."""

    def __init__(self, link: socket.socket) -> None:
        """Read what to do from *link*."""
        self._link = link
        self._lines: IO[str] = link.makefile("r", encoding="utf-8")
        work = json.loads(self._lines.readline())
        self.settings = RunSettings.from_json(work["settings"])
        self._sockets = [socket.socket(fileno=fd) for fd in work["sockets"]]
        self._live = LiveState(work["port"], work["generation"]) if work["port"] else None

    def run(self) -> int:
        """Serve; return the exit code."""
        # CTRL+C at the terminal goes to both processes, and the other one ends this in order. A
        # function, since what is ignored would stay ignored in programs that are started here.
        signal.signal(signal.SIGINT, lambda *_: None)
        threading.Thread(target=self._follow, daemon=True).start()
        return serve(
            self.settings,
            sockets=self._copies(),
            on_ready=lambda: self._say("ready"),
            prepare=self._prepare,
            runner_options=self._runner_options(),
            on_failure=self._serve_failure,
            signals=_SIGNALS,
        )

    def _follow(self) -> None:
        """Take in generations until the link ends; then stop this process."""
        for line in self._lines:
            if self._live is not None:
                self._live.generation = int(line)
        os.kill(os.getpid(), signal.SIGTERM)

    def _say(self, word: str) -> None:
        self._link.sendall(f"{word}\n".encode())

    def _copies(self) -> list[socket.socket]:
        # A server closes what it listens with at its end; the page about an error needs it, too.
        return [each.dup() for each in self._sockets]

    def _prepare(self, app: Application) -> None:
        if self._live is not None:
            self._live.install(app)

    def _runner_options(self) -> dict[str, Any]:
        if not self.settings.access_log:
            return {}
        colors = colors_wanted(self.settings.use_colors, sys.stderr)
        return {
            "access_log_class": ConsoleAccessLogger,
            "access_log_format": ConsoleAccessLogger.COLORS if colors else "",
        }

    # -- When the application fails -------------------------------------------------------------

    def _serve_failure(self, error: Exception) -> int:
        """Say what is wrong, in the terminal and to browsers, until there is a change."""
        show_failure(error)
        colors = colors_wanted(self.settings.use_colors, sys.stderr)
        summary = f"The application does not start: {type(error).__name__} at {place(error)}."
        print(styled(summary, "red", colors=colors), file=sys.stderr)  # noqa: T201
        print("Waiting for a change.", file=sys.stderr, flush=True)  # noqa: T201
        serving = serve_app(
            self._broken_app(error),
            {"access_log": None, "shutdown_timeout": 0.1},
            listeners_of(self.settings, self._copies()),
            None,
            on_ready=lambda: self._say("broken"),
        )
        run_until_stopped(new_event_loop(self.settings.loop), serving, _SIGNALS)
        return 1

    def _broken_app(self, error: Exception) -> Application:
        page = BROKEN_PAGE.format(
            title="The application does not start",
            where=html.escape(f"{type(error).__name__} at {place(error)}"),
            traceback=html.escape(formatted(error)),
        )

        async def show(request: Request) -> Response:
            live = self._live
            end = "" if live is None else script(live.port, live.generation)
            return Response(
                status=500,
                text=page.replace("</body>", f"{end}</body>"),
                content_type="text/html",
                headers={"Cache-Control": "no-store"},
            )

        app = Application()
        app.router.add_route("*", "/{path:.*}", show)
        return app


def main(argv: Sequence[str]) -> int:
    """Serve for the process at the other end of the socket whose number is ``argv[0]``."""
    with socket.socket(fileno=int(argv[0])) as link:
        return Child(link).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
