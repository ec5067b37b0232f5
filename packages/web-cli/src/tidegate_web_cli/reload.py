"""``tidegate dev``: watches the files of a program, and starts it anew when they change.

This process opens the sockets, once, and never serves with them. It starts a child
(:mod:`.dev_child`) that does, waits for a change (:mod:`.watching`), stops the child, and starts
the next one. Since the sockets stay open all the while, a browser that comes in between waits for
an answer instead of being refused, and a WebSocket that was closed gets through at its first
attempt to connect again. A child that ends by itself is not started anew before there is a change.

It also serves the event stream of live pages (:mod:`.live_page`), which outlives the children.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .console import colors_wanted, styled
from .lifetime import run_until_stopped
from .live_page import LiveServer
from .loops import new_event_loop
from .settings import RunSettings
from .watching import Watched, changes

KILL_PATIENCE = 2.0  # seconds beyond its own grace that a child has to end
_NAMED = 3  # files that a message names


@dataclass(frozen=True, slots=True, kw_only=True)
class DevSettings:
    """What ``tidegate dev`` was asked for beside what ``tidegate run`` knows."""

    watched: Watched
    delay: float = 0.25
    """Seconds without a change after which changes are acted on."""
    poll: bool = False
    """Look at the files, where the system can't tell of changes."""
    live: bool = True
    """Let pages reload themselves."""
    live_port: int = 0
    """The port of the event stream; 0: the system chooses."""


def develop(
    settings: RunSettings,
    dev: DevSettings,
    sockets: Sequence[socket.socket],
    names: Sequence[str],
) -> int:
    """Serve and reload until told to stop; return the exit code.

    :param sockets: bound sockets to listen with.
    :param names: what to say that it listens on.
    """
    keeper = _Keeper(settings, dev, sockets, names)
    # It only waits; and what watches files is at home on asyncio's loop.
    run_until_stopped(new_event_loop("asyncio"), keeper.run())
    return 0


class _Keeper:
    def __init__(
        self,
        settings: RunSettings,
        dev: DevSettings,
        sockets: Sequence[socket.socket],
        names: Sequence[str],
    ) -> None:
        self._settings = settings
        self._dev = dev
        self._sockets = sockets
        self._names = names
        self._generation = 0
        self._live: LiveServer | None = None
        self._live_port = 0
        self._colors = colors_wanted(settings.use_colors, sys.stderr)

    async def run(self) -> None:
        """Keep a child running until cancelled."""
        self._say(f"Serving on {', '.join(self._names)} (press CTRL+C to quit)", "green")
        folders = ", ".join(str(folder) for folder in self._dev.watched.folders)
        self._say(f"Watching {folders}")
        child: _Child | None = None
        try:
            if self._dev.live:
                await self._start_live()
            changed = changes(self._dev.watched, delay=self._dev.delay, poll=self._dev.poll)
            news = asyncio.ensure_future(_next(changed))
            child = await self._start_child()
            while True:
                await self._until_change_or_end(child, news)
                if not news.done():
                    self._say(f"The program ended {child.how}. Waiting for a change.", "yellow")
                    await asyncio.wait({news})
                paths = news.result()
                news = asyncio.ensure_future(_next(changed))
                if child.ended or any(map(self._dev.watched.is_source, paths)):
                    self._say(f"{self._shown(paths)} changed, restarting", "cyan")
                    await child.stop(self._settings.timeout_graceful_shutdown + KILL_PATIENCE)
                    child = await self._start_child()
                else:
                    self._say(f"{self._shown(paths)} changed, reloading pages", "cyan")
                    self._generation += 1
                    child.tell(self._generation)
                    await self._tell_pages()
        finally:
            if child is not None:
                await child.stop(self._settings.timeout_graceful_shutdown + KILL_PATIENCE)
            if self._live is not None:
                await self._live.stop()

    async def _until_change_or_end(
        self, child: "_Child", news: "asyncio.Future[set[str]]"
    ) -> None:
        """Wait until there is a change or the child has ended; tell pages when it serves."""
        end = asyncio.create_task(child.wait())
        serves = asyncio.create_task(child.serves())
        waited: set[asyncio.Future[Any]] = {news, end, serves}
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
            if serves.done() and serves.result():
                await self._tell_pages()
            if not news.done() and not end.done():
                await asyncio.wait(waited - {serves}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            end.cancel()
            serves.cancel()

    async def _start_live(self) -> None:
        hosts = [sock.getsockname()[0] for sock in self._sockets if _is_tcp(sock)]
        live = LiveServer(hosts[0] if hosts else "127.0.0.1", self._dev.live_port)
        try:
            self._live_port = await live.start()
        except OSError as error:
            self._say(f"Pages won't reload themselves: {error.strerror or error}", "yellow")
            await live.stop()
        else:
            self._live = live

    async def _start_child(self) -> "_Child":
        self._generation += 1
        child = _Child()
        work = {
            "settings": self._settings.to_json(),
            "sockets": [sock.fileno() for sock in self._sockets],
            "port": self._live_port,
            "generation": self._generation,
        }
        await child.start(work, self._sockets)
        return child

    async def _tell_pages(self) -> None:
        if self._live is not None:
            await self._live.tell(self._generation)

    def _shown(self, paths: set[str]) -> str:
        names = sorted(os.path.relpath(path) for path in paths)
        more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
        return f"{', '.join(names[:_NAMED])}{more}"

    def _say(self, text: str, style: str | None = None) -> None:
        line = styled(f"[tidegate] {text}", style, colors=self._colors)
        print(line, file=sys.stderr, flush=True)  # noqa: T201


class _Child:
    """A process that serves."""

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._reader: asyncio.StreamReader | None = None

    async def start(self, work: dict[str, object], sockets: Sequence[socket.socket]) -> None:
        """Start the process, and hand it *work* and *sockets*."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(["-X", "dev"] if sys.flags.dev_mode else []),
                *(f"-W{option}" for option in sys.warnoptions),
                "-m",
                "tidegate_web_cli.dev_child",
                str(theirs.fileno()),
                pass_fds=(theirs.fileno(), *(sock.fileno() for sock in sockets)),
            )
        self._reader, self._writer = await asyncio.open_connection(sock=ours)
        self._writer.write(json.dumps(work).encode() + b"\n")

    async def serves(self) -> bool:
        """Wait until it serves, the application or a page about its error; False: it ended."""
        if self._reader is None:
            return False
        try:
            return bool(await self._reader.readline())
        except OSError:
            return False

    def tell(self, generation: int) -> None:
        """Tell it the generation of its pages."""
        if self._writer is not None and not self.ended:
            self._writer.write(f"{generation}\n".encode())

    async def wait(self) -> None:
        """Wait until it has ended."""
        if self._process is not None:
            await self._process.wait()

    @property
    def ended(self) -> bool:
        """It has ended."""
        return self._process is None or self._process.returncode is not None

    @property
    def how(self) -> str:
        """How it ended, for people."""
        code = None if self._process is None else self._process.returncode
        if code is None or code >= 0:
            return f"with exit code {code}"
        return f"by {signal.Signals(-code).name}"

    async def stop(self, patience: float) -> None:
        """Stop it in order; kill it after *patience* seconds."""
        if self._process is None:
            return
        for end in (self._process.terminate, self._process.kill):
            if not self.ended:
                with suppress(ProcessLookupError):
                    end()
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._process.wait(), patience)
        if self._writer is not None:
            self._writer.close()


async def _next(changed: AsyncIterator[set[str]]) -> set[str]:
    return await anext(changed)


def _is_tcp(sock: socket.socket) -> bool:
    return sock.family in (socket.AF_INET, socket.AF_INET6)


def source_folders(path: Path | None, app_dir: str) -> tuple[Path, ...]:
    """Return the folder of a program's sources: of its outermost package, or of its file.

    :param path: its file, None where there is none to be found.
    """
    if path is None:
        return (Path(app_dir).resolve(),)
    folder = path.resolve().parent
    while (folder.parent / "__init__.py").is_file():
        folder = folder.parent
    return (folder,)
