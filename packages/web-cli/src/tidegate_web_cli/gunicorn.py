"""Workers for gunicorn, under the names that users of aiohttp know (extra "gunicorn").

::

    gunicorn app:app --worker-class tidegate_web_cli.gunicorn.GunicornWebWorker

What gunicorn imports is an application, or a function, ordinary or async, that returns one or an
:class:`AppRunner`. The worker runs it on the sockets that gunicorn opened, and once a second tells
gunicorn that it lives, during its stop, too. It stops in order when gunicorn tells it to, when it
has answered ``max_requests``, and when gunicorn is gone; requests in service then have 95 % of
``graceful_timeout``, so that they are ended here and not by being killed.

Of gunicorn's settings it obeys those for TLS (the hook ``ssl_context`` too), ``keepalive``,
``backlog``, ``max_requests`` with its jitter, ``graceful_timeout``, ``accesslog`` and
``access_log_format``. gunicorn's default format stands for :class:`AccessLogger`'s own; one in
gunicorn's notation, ``%(h)s``, is refused.

An application that can't be made or started ends gunicorn too: it would be tried for ever.
"""

import asyncio
import inspect
import os
import re
import signal
import ssl
import sys
from typing import Any

from gunicorn.config import AccessLogFormat  # type: ignore[import-untyped] # it has no types
from gunicorn.workers.base import Worker  # type: ignore[import-untyped] # it has no types
from tidegate_web_server import AccessLogger, Application, AppRunner, BaseRunner, SockSite

from .loops import LoopName, new_event_loop

# The exit code by which a worker tells gunicorn that starting another one is of no use.
BOOT_ERROR = 3
HEARTBEAT = 1.0  # seconds
GRACEFUL_SHARE = 0.95


class GunicornWebWorker(Worker):  # type: ignore[misc] # gunicorn has no types
    """Serves an application on asyncio's own event loop."""

    DEFAULT_AIOHTTP_LOG_FORMAT = AccessLogger.LOG_FORMAT
    DEFAULT_GUNICORN_LOG_FORMAT = AccessLogFormat.default

    loop_name: LoopName = "asyncio"

    def init_process(self) -> None:
        """Make the event loop, after the fork; gunicorn then loads the application and runs.

        :raises ValueError: for an access log format in gunicorn's notation.
        """
        self._log_format = self._get_valid_log_format(self.cfg.access_log_format)
        self.loop = new_event_loop(self.loop_name)
        asyncio.set_event_loop(self.loop)
        self._woken = asyncio.Event()
        self._grace = self.cfg.graceful_timeout * GRACEFUL_SHARE
        super().init_process()

    def init_signals(self) -> None:
        """Take signals in the event loop; SIGABRT stays gunicorn's, for a loop that is stuck."""
        super().init_signals()
        for signum, handle in (
            (signal.SIGTERM, self._leave),
            (signal.SIGINT, self._leave_at_once),
            (signal.SIGQUIT, self._leave_at_once),
            (signal.SIGUSR1, self.log.reopen_files),
        ):
            self.loop.add_signal_handler(signum, handle)

    def run(self) -> None:
        """Serve until gunicorn tells it to stop, and exit.

        :raises SystemExit: always.
        """
        code = 0
        self._serving = self.loop.create_task(self._serve())
        try:
            self.loop.run_until_complete(self._serving)
        except asyncio.CancelledError:
            self.log.info("%s was told to end at once", self)
        except Exception:
            self.log.exception("the application ended with an error")
            code = BOOT_ERROR
        # Not after gunicorn's SystemExit, for a loop that was stuck: run again, it would take
        # connections that wait for the next worker.
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.close()
        sys.exit(code)

    async def _serve(self) -> None:
        runner = await self._make_runner()
        beating = asyncio.create_task(self._beat())
        try:
            await runner.setup()
            context = self._make_ssl_context()
            for each in self.sockets:
                site = SockSite(runner, each.sock, ssl_context=context, backlog=self.cfg.backlog)
                await site.start()
            await self._wait_until_told(runner)
        finally:
            await runner.cleanup()
            beating.cancel()

    def _leave(self) -> None:
        self.alive = False
        self._woken.set()

    def _leave_at_once(self) -> None:
        self.cfg.worker_int(self)
        self._grace = 0.0
        if self.alive:
            self._leave()
        else:
            self._serving.cancel()  # not even what a stop in order takes

    async def _beat(self) -> None:
        while True:
            self.notify()
            await asyncio.sleep(HEARTBEAT)

    async def _wait_until_told(self, runner: BaseRunner) -> None:
        while self.alive:
            if runner.server is not None and runner.server.requests_count >= self.max_requests:
                self.log.info("%s has answered max_requests: it stops", self)
                self.alive = False
            elif os.getppid() != self.ppid:
                self.log.info("gunicorn is gone: %s stops", self)
                self.alive = False
            else:
                try:
                    await asyncio.wait_for(self._woken.wait(), HEARTBEAT)
                except TimeoutError:
                    continue
        runner.shutdown_timeout = self._grace

    # -- The application ------------------------------------------------------------------------

    async def _make_runner(self) -> BaseRunner:
        made: Any = self.wsgi
        if not isinstance(made, Application | BaseRunner) and callable(made):
            made = made()
            if inspect.isawaitable(made):
                made = await made
        if isinstance(made, BaseRunner):
            return made
        if not isinstance(made, Application):
            raise TypeError(
                "gunicorn is to be given a web.Application, or a function that returns one or an "
                f"AppRunner, sync or async; it was given {self.wsgi!r}, which made {made!r}"
            )
        return AppRunner(
            made,
            keepalive_timeout=self.cfg.keepalive,
            access_log=self.log.access_log if self.cfg.accesslog else None,
            access_log_format=self._log_format,
        )

    def _get_valid_log_format(self, source_format: str) -> str:
        """Return the format for the access log.

        :raises ValueError: for one in gunicorn's notation.
        """
        if source_format == self.DEFAULT_GUNICORN_LOG_FORMAT:
            return self.DEFAULT_AIOHTTP_LOG_FORMAT
        if re.search(r"%\([^)]+\)", source_format):
            raise ValueError(
                "the access log's format is written as %a or %{Referer}i here, not in gunicorn's "
                f"notation, %(name)s: {source_format!r}; see tidegate_web_server.AccessLogger"
            )
        return source_format

    # -- TLS ------------------------------------------------------------------------------------

    def _make_ssl_context(self) -> ssl.SSLContext | None:
        if not self.cfg.is_ssl:
            return None
        context: ssl.SSLContext = self.cfg.ssl_context(self.cfg, self._default_ssl_context)
        return context

    def _default_ssl_context(self) -> ssl.SSLContext:
        cfg = self.cfg
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=cfg.ca_certs or None)
        context.load_cert_chain(cfg.certfile, cfg.keyfile or None)
        context.verify_mode = ssl.VerifyMode(int(cfg.cert_reqs or 0))
        if cfg.ciphers:
            context.set_ciphers(cfg.ciphers)
        return context


class GunicornUVLoopWebWorker(GunicornWebWorker):
    """Serves an application on uvloop."""

    loop_name: LoopName = "uvloop"
