"""Runners: start a server, own its sites, and stop it in the right order.

::

    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 8080)
    await site.start()
    ...
    await runner.cleanup()

The order of :meth:`BaseRunner.cleanup`: sites stop listening; idle connections close;
``on_shutdown`` fires; what connections were handed over to, WebSockets for instance, is told to
end; requests in service have ``shutdown_timeout`` to finish and are cancelled then; what is still
open is closed; ``on_cleanup`` fires.
"""

import asyncio
import signal
from abc import ABC, abstractmethod
from collections.abc import Awaitable
from contextlib import suppress
from typing import Any

from .application import Application
from .request import Request
from .server import Server
from .sites import BaseSite
from .stream_response import StreamResponse


class GracefulExit(SystemExit):
    """Ends the program after its server was asked to stop."""

    code = 1


def _raise_graceful_exit() -> None:
    raise GracefulExit


class BaseRunner(ABC):
    """Starts a server and owns the sites on which it listens."""

    def __init__(
        self, *, handle_signals: bool = False, shutdown_timeout: float = 60.0, **kwargs: Any
    ) -> None:
        """Prepare a runner.

        :param handle_signals: end the program gracefully on SIGINT and SIGTERM.
        :param shutdown_timeout: seconds that requests in service have to finish at the end.
        :param kwargs: for :class:`Server`.
        """
        self.shutdown_timeout = shutdown_timeout
        self._handle_signals = handle_signals
        self._kwargs = kwargs
        self._server: Server | None = None
        self._sites: list[BaseSite] = []
        self._set_up = False

    @property
    def server(self) -> Server | None:
        """The server, None before :meth:`setup`; call it to make a connection handler."""
        return self._server

    @property
    def addresses(self) -> list[Any]:
        """The addresses that are listened on, as sockets have them."""
        return [address for site in self._sites for address in site.addresses]

    @property
    def sites(self) -> set[BaseSite]:
        """The sites that have been started."""
        return set(self._sites)

    async def setup(self) -> None:
        """Start the server; sites can be started afterwards."""
        loop = asyncio.get_running_loop()
        if self._handle_signals:
            # Not on Windows: Ctrl-C is a KeyboardInterrupt there.
            with suppress(NotImplementedError):
                loop.add_signal_handler(signal.SIGINT, _raise_graceful_exit)
                loop.add_signal_handler(signal.SIGTERM, _raise_graceful_exit)
        self._set_up = True
        self._server = await self._make_server()

    async def cleanup(self) -> None:
        """Stop listening, end the requests in service, and clean up; see the module's top."""
        for site in list(self._sites):
            await site.stop()
        if not self._set_up:
            return
        self._set_up = False
        # A failure on the way does not keep the rest from being ended; a cancellation does: who
        # cancels a clean-up wants it to be over.
        failure = None
        for step in (self._tell, self._end_requests, self._cleanup_server):
            try:
                await step()
            except Exception as exc:
                failure = failure or exc
        self._server = None
        if self._handle_signals:
            with suppress(NotImplementedError):
                loop = asyncio.get_running_loop()
                loop.remove_signal_handler(signal.SIGINT)
                loop.remove_signal_handler(signal.SIGTERM)
        if failure is not None:
            raise failure

    async def _tell(self) -> None:
        if self._server is not None:
            self._server.pre_shutdown()
            await self.shutdown()

    async def _end_requests(self) -> None:
        if self._server is not None:
            await self._server.shutdown(self.shutdown_timeout)

    @abstractmethod
    async def shutdown(self) -> None:
        """Tell what is served that the end is near."""

    @abstractmethod
    async def _make_server(self) -> Server:
        """Start what is served and make its server."""

    @abstractmethod
    async def _cleanup_server(self) -> None:
        """Clean up what is served."""

    def register(self, site: BaseSite) -> None:
        """Take a site that starts; called by the site.

        :raises RuntimeError: when the site was started before.
        """
        if site in self._sites:
            raise RuntimeError(f"Site {site} is already registered in runner {self}")
        self._sites.append(site)

    def unregister(self, site: BaseSite) -> None:
        """Forget a site that stopped; called by the site."""
        if site in self._sites:
            self._sites.remove(site)


class ServerRunner(BaseRunner):
    """Runs a low-level :class:`Server`."""

    def __init__(self, web_server: Server, *, handle_signals: bool = False, **kwargs: Any) -> None:
        """Run *web_server*; see :class:`BaseRunner`."""
        super().__init__(handle_signals=handle_signals, **kwargs)
        self._web_server = web_server

    async def shutdown(self) -> None:
        """Do nothing: a low-level server has nobody to tell."""

    async def _make_server(self) -> Server:
        return self._web_server

    async def _cleanup_server(self) -> None:
        pass


class AppServer(Server):
    """The server of an application."""

    def __init__(self, app: Application, **kwargs: Any) -> None:
        """Serve *app*; *kwargs* are those of :class:`Server`."""
        super().__init__(app._handle, request_factory=Request, **kwargs)
        self._app = app

    def handle(self, request: Request) -> Awaitable[StreamResponse]:
        """Let the application answer.

        The method is looked up on each request: tracing add-ons replace it on the class.
        """
        return self._app._handle(request)


class AppRunner(BaseRunner):
    """Runs an :class:`Application`."""

    def __init__(self, app: Application, *, handle_signals: bool = False, **kwargs: Any) -> None:
        """Run *app*; see :class:`BaseRunner`.

        :raises TypeError: when *app* is no :class:`Application`.
        """
        if not isinstance(app, Application):
            raise TypeError(f"The first argument should be web.Application instance, got {app!r}")
        super().__init__(handle_signals=handle_signals, **kwargs)
        self._app = app

    @property
    def app(self) -> Application:
        """The application that is run."""
        return self._app

    async def shutdown(self) -> None:
        """Fire the application's ``on_shutdown``."""
        await self._app.shutdown()

    async def _make_server(self) -> Server:
        app = self._app
        app.freeze()
        await app.startup()
        arguments = {
            "debug": app.debug,
            "client_max_size": app.client_max_size,
            **self._kwargs,
            **app.handler_args,
        }
        return AppServer(app, **arguments)

    async def _cleanup_server(self) -> None:
        await self._app.cleanup()
