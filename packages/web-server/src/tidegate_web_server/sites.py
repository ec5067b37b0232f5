"""Sites: where a runner's server listens.

One runner may have several: two ports, a port and a Unix socket, an inherited socket.

To write one of your own, derive from :class:`BaseSite`, say its ``name``, and either open the
listening sockets in ``_listen(server)``, or, as sites for aiohttp do, extend ``start()``: await
``super().start()`` and keep what ``loop.create_server()`` gives as ``self._server``. Both ways
``stop()`` closes it.
"""

import asyncio
import os
import socket
import ssl
import warnings
from abc import ABC, abstractmethod
from typing import Any, Protocol

from yarl import URL

from .server import Server


class Listener(Protocol):
    """What listens: an :class:`asyncio.Server`, or a like of it."""

    def close(self) -> None:
        """Stop listening."""


class SiteOwner(Protocol):
    """What a site needs of its runner: :class:`BaseRunner`, or a like of it."""

    shutdown_timeout: float

    @property
    def server(self) -> Server | None:
        """The server that is to listen, None before it has been set up."""

    def register(self, site: "BaseSite") -> None:
        """Take a site that starts."""

    def unregister(self, site: "BaseSite") -> None:
        """Forget a site that stopped."""


class BaseSite(ABC):
    """A place where the server of a runner listens."""

    __slots__ = ("_backlog", "_runner", "_server", "_ssl_context")

    def __init__(
        self,
        runner: SiteOwner,
        *,
        shutdown_timeout: float | None = None,
        ssl_context: ssl.SSLContext | None = None,
        backlog: int = 128,
    ) -> None:
        """Prepare a site.

        :param runner: whose server listens; it must have been set up.
        :param shutdown_timeout: deprecated; it is the runner's.
        :param ssl_context: serve HTTPS with this context.
        :param backlog: connections that the system queues before it refuses more.
        :raises RuntimeError: when :meth:`BaseRunner.setup` has not been called.
        """
        if runner.server is None:
            raise RuntimeError("Call runner.setup() before making a site")
        if shutdown_timeout is not None:
            warnings.warn(
                "shutdown_timeout should be set on the runner: AppRunner(app, shutdown_timeout=…)",
                DeprecationWarning,
                stacklevel=3 if type(self).__module__ == __name__ else 2,
            )
            runner.shutdown_timeout = shutdown_timeout
        self._runner = runner
        self._ssl_context = ssl_context
        self._backlog = backlog
        self._server: Listener | None = None

    def __repr__(self) -> str:
        """Show the name."""
        return f"<{type(self).__name__} {self.name}>"

    @property
    @abstractmethod
    def name(self) -> str:
        """The site as a URL, ``http://localhost:8080``."""

    @property
    def addresses(self) -> list[Any]:
        """The addresses of the listening sockets, empty before :meth:`start`."""
        return [sock.getsockname() for sock in getattr(self._server, "sockets", ())]

    async def start(self) -> None:
        """Listen.

        :raises RuntimeError: when the site listens already.
        :raises OSError: when the address can't be listened on.
        """
        self._runner.register(self)
        try:
            server = self._runner.server
            if server is None:
                raise RuntimeError("Call runner.setup() before starting a site")
            self._server = await self._listen(server)
        except BaseException:
            self._runner.unregister(self)
            raise

    async def stop(self) -> None:
        """Stop listening; connections that are open stay open."""
        if self._server is not None:
            self._server.close()
            self._server = None
        self._runner.unregister(self)

    async def _listen(self, server: Server) -> Listener | None:
        """Open the listening sockets; None leaves that to an overridden :meth:`start`."""
        return None

    @property
    def _scheme(self) -> str:
        return "http" if self._ssl_context is None else "https"


class TCPSite(BaseSite):
    """Listens on a TCP port."""

    __slots__ = ("_host", "_port", "_reuse_address", "_reuse_port")

    def __init__(
        self,
        runner: SiteOwner,
        host: str | None = None,
        port: int | None = None,
        *,
        shutdown_timeout: float | None = None,
        ssl_context: ssl.SSLContext | None = None,
        backlog: int = 128,
        reuse_address: bool | None = None,
        reuse_port: bool | None = None,
    ) -> None:
        """Prepare a site.

        :param host: host name or address; every interface when None.
        :param port: port number, 0 for a free one; 8080, or 8443 with TLS, when None.
        :param reuse_address: let the port be bound while old connections linger.
        :param reuse_port: let several processes listen on the port.
        """
        super().__init__(
            runner,
            shutdown_timeout=shutdown_timeout,
            ssl_context=ssl_context,
            backlog=backlog,
        )
        self._host = host
        self._port = (8443 if ssl_context else 8080) if port is None else port
        self._reuse_address = reuse_address
        self._reuse_port = reuse_port

    @property
    def port(self) -> int:
        """The port; once started the real one, also where 0 was asked for."""
        addresses = self.addresses
        return int(addresses[0][1]) if addresses else self._port

    @property
    def name(self) -> str:
        """The site as a URL."""
        return str(URL.build(scheme=self._scheme, host=self._host or "0.0.0.0", port=self.port))  # noqa: S104 - the name of every interface

    async def _listen(self, server: Server) -> Listener:
        return await server.loop.create_server(
            server,
            self._host,
            self._port,
            ssl=self._ssl_context,
            backlog=self._backlog,
            reuse_address=self._reuse_address,
            reuse_port=self._reuse_port,
        )


class UnixSite(BaseSite):
    """Listens on a Unix domain socket."""

    __slots__ = ("_path",)

    def __init__(
        self,
        runner: SiteOwner,
        path: str | os.PathLike[str],
        *,
        shutdown_timeout: float | None = None,
        ssl_context: ssl.SSLContext | None = None,
        backlog: int = 128,
    ) -> None:
        """Prepare a site at *path* in the file system."""
        super().__init__(
            runner,
            shutdown_timeout=shutdown_timeout,
            ssl_context=ssl_context,
            backlog=backlog,
        )
        self._path = os.fspath(path)

    @property
    def name(self) -> str:
        """The site as a URL."""
        return f"{self._scheme}://unix:{self._path}:"

    async def _listen(self, server: Server) -> Listener:
        return await server.loop.create_unix_server(
            server, self._path, ssl=self._ssl_context, backlog=self._backlog
        )


class SockSite(BaseSite):
    """Listens on a socket that is bound already."""

    __slots__ = ("_sock",)

    def __init__(
        self,
        runner: SiteOwner,
        sock: socket.socket,
        *,
        shutdown_timeout: float | None = None,
        ssl_context: ssl.SSLContext | None = None,
        backlog: int = 128,
    ) -> None:
        """Prepare a site on *sock*."""
        super().__init__(
            runner,
            shutdown_timeout=shutdown_timeout,
            ssl_context=ssl_context,
            backlog=backlog,
        )
        self._sock = sock

    @property
    def name(self) -> str:
        """The site as a URL."""
        if hasattr(socket, "AF_UNIX") and self._sock.family == socket.AF_UNIX:
            return f"{self._scheme}://unix:{self._sock.getsockname()}:"
        host, port = self._sock.getsockname()[:2]
        return str(URL.build(scheme=self._scheme, host=host, port=port))

    async def _listen(self, server: Server) -> Listener:
        return await server.loop.create_server(
            server, sock=self._sock, ssl=self._ssl_context, backlog=self._backlog
        )


class NamedPipeSite(BaseSite):
    """Listens on a named pipe of Windows."""

    __slots__ = ("_path",)

    def __init__(
        self, runner: SiteOwner, path: str, *, shutdown_timeout: float | None = None
    ) -> None:
        r"""Prepare a site at *path*, ``r"\\.\pipe\name"``.

        :raises RuntimeError: when the running event loop has no named pipes: they are a thing of
            Windows, and of asyncio's ``ProactorEventLoop`` there.
        """
        if not hasattr(asyncio.get_running_loop(), "start_serving_pipe"):
            raise RuntimeError(
                "named pipes are available on Windows only, with asyncio.ProactorEventLoop; "
                "use UnixSite elsewhere"
            )
        super().__init__(runner, shutdown_timeout=shutdown_timeout)
        self._path = path

    @property
    def name(self) -> str:
        """The path of the pipe."""
        return self._path

    async def _listen(self, server: Server) -> Listener:
        loop: Any = server.loop
        servers: list[Listener] = await loop.start_serving_pipe(server, self._path)
        return servers[0]
