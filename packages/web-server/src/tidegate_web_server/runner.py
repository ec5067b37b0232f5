"""Runners: start a server, own its sites, and stop it in the right order.

::

    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "localhost", 8080)
    await site.start()
    ...
    await runner.cleanup()

The order of :meth:`BaseRunner.cleanup`:

1. ``shutting_down`` of the server, and of all its requests, is set: a readiness check fails from
   now on, and long polls answer;
2. after ``shutdown_delay``, in which load balancers take notice, sites stop listening;
3. idle connections close, all others will after the response they are at;
4. ``on_shutdown`` fires;
5. what does not end by itself is ended: connections that were handed over, WebSockets for
   instance, are told to, and handlers that stream events are cancelled;
6. requests in service have ``shutdown_timeout`` to finish and are cancelled then;
7. what is still open is closed, contexts are left, ``on_cleanup`` fires.

Why in this order: docs/decisions/0011-what-stops-a-server-in-which-order.md.
"""

import asyncio
import inspect
import signal
import warnings
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import Any

from .abc import AbstractAccessLogger
from .access_log import AccessLogger
from .app_server import AppServer
from .application import Application
from .server import Server
from .sites import BaseSite


class GracefulExit(SystemExit):
    """Ends the program after its server was asked to stop."""

    code = 1


def _raise_graceful_exit() -> None:
    raise GracefulExit


class BaseRunner(ABC):
    """Starts a server and owns the sites on which it listens."""

    def __init__(
        self,
        *,
        handle_signals: bool = False,
        shutdown_timeout: float = 60.0,
        shutdown_delay: float = 0.0,
        **kwargs: Any,
    ) -> None:
        """Prepare a runner.

        :param handle_signals: end the program gracefully on SIGINT and SIGTERM.
        :param shutdown_timeout: seconds that requests in service have to finish at the end.
        :param shutdown_delay: seconds between the news that the server is going to end and the
            end of listening: as long as a load balancer takes to notice.
        :param kwargs: for :class:`Server`.
        :raises ValueError: for a negative delay.
        """
        if shutdown_delay < 0:
            raise ValueError(f"shutdown_delay is 0 or more seconds, got {shutdown_delay}")
        self.shutdown_timeout = shutdown_timeout
        self.shutdown_delay = shutdown_delay
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
        set_up, self._set_up = self._set_up, False
        try:
            if set_up and self._server is not None:
                await self._announce(self._server)
        finally:
            for site in list(self._sites):
                await site.stop()
        if not set_up:
            return
        # A failure on the way does not keep the rest from being ended; a cancellation does: who
        # cancels a clean-up wants it to be over.
        failure = None
        for step in (self._settle, self._tell, self._end_requests, self._cleanup_server):
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

    async def _announce(self, server: Server) -> None:
        """Say that the server is going to end, and wait until those who ask have heard it."""
        server.shutting_down.set()
        if self.shutdown_delay and self._sites:
            await asyncio.sleep(self.shutdown_delay)

    async def _settle(self) -> None:
        if self._server is not None:
            await self._server.settle()

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
        if not isinstance(web_server, Server):
            raise TypeError(
                f"The first argument should be web.Server instance, got {web_server!r}"
            )
        super().__init__(handle_signals=handle_signals, **kwargs)
        if self._kwargs:
            warnings.warn(
                f"ServerRunner does nothing with {', '.join(sorted(self._kwargs))}: give it to "
                "web.Server",
                DeprecationWarning,
                stacklevel=2,
            )
        self._web_server = web_server

    async def shutdown(self) -> None:
        """Do nothing: a low-level server has nobody to tell."""

    async def _make_server(self) -> Server:
        return self._web_server

    async def _cleanup_server(self) -> None:
        pass


class AppRunner(BaseRunner):
    """Runs an :class:`Application`."""

    def __init__(
        self,
        app: Application,
        *,
        handle_signals: bool = False,
        access_log_class: type[AbstractAccessLogger] = AccessLogger,
        **kwargs: Any,
    ) -> None:
        """Run *app*; see :class:`BaseRunner`.

        :param access_log_class: writes the access log.
        :raises TypeError: when *app* is no :class:`Application`, *access_log_class* no subclass
            of :class:`AbstractAccessLogger`, or :class:`Server` does not take one of *kwargs*.
        """
        if not isinstance(app, Application):
            raise TypeError(f"The first argument should be web.Application instance, got {app!r}")
        if not issubclass(access_log_class, AbstractAccessLogger):
            raise TypeError(
                "access_log_class must be a subclass of AbstractAccessLogger, "
                f"got {access_log_class!r}"
            )
        super().__init__(
            handle_signals=handle_signals, access_log_class=access_log_class, **kwargs
        )
        taken = inspect.signature(Server).parameters
        for name in self._kwargs:
            if name not in taken:
                raise TypeError(
                    f"AppRunner got an unexpected keyword argument {name!r}; besides its own it "
                    f"takes those of web.Server: {', '.join(sorted(taken.keys() - {'handler'}))}"
                )
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
        # In this order: what starts may fill the application.
        await app.startup()
        app.freeze()
        return AppServer(app, **self._kwargs)

    async def _cleanup_server(self) -> None:
        await self._app.cleanup()
