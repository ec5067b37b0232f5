"""Test servers: the real server, on a free loopback port, for as long as a test lasts.

::

    async with TestServer(app) as server:
        print(server.make_url("/"))

:class:`TestServer` serves an application, :class:`RawTestServer` a handler of the low-level
server. Both start the same runner and site as in production; what a test sees is what a client
would see.
"""

import asyncio
import socket
import ssl
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from ipaddress import ip_address
from types import TracebackType
from typing import Any, ClassVar, Self

from yarl import URL

from tidegate_web_server.application import Application
from tidegate_web_server.request import BaseRequest
from tidegate_web_server.runner import AppRunner, BaseRunner, ServerRunner
from tidegate_web_server.server import Server
from tidegate_web_server.sites import SockSite
from tidegate_web_server.stream_response import StreamResponse

from .ports import LOOPBACK, get_port_socket

_SocketFactory = Callable[[str, int, socket.AddressFamily], socket.socket]

# Seconds that requests have to finish when a server closes: a test that leaves one open is over.
_GRACE = 1.0


class BaseTestServer(ABC):
    """A server that a test starts and stops; subclasses say what it serves."""

    # It begins with "Test", and is none.
    __test__: ClassVar[bool] = False

    def __init__(
        self,
        *,
        scheme: str = "",
        loop: asyncio.AbstractEventLoop | None = None,
        host: str = LOOPBACK,
        port: int | None = None,
        skip_url_asserts: bool = False,
        socket_factory: _SocketFactory = get_port_socket,
        **kwargs: Any,
    ) -> None:
        """Prepare a server; nothing listens before :meth:`start_server`.

        :param scheme: of the URLs; by default ``https`` with TLS, else ``http``.
        :param loop: ignored: a server runs on the loop that starts it.
        :param host: the address to listen on.
        :param port: the port to listen on; a free one by default.
        :param skip_url_asserts: let :meth:`make_url` pass absolute URLs.
        :param socket_factory: makes the listening socket from host, port and family.
        :param kwargs: for the runner, see :class:`AppRunner` and :class:`Server`.
        """
        self.scheme = scheme
        self.host = host
        self.port = port or 0
        self.skip_url_asserts = skip_url_asserts
        self.socket_factory = socket_factory
        self.runner: BaseRunner | None = None
        self._kwargs = kwargs
        self._root: URL | None = None
        self._closed = False

    @abstractmethod
    async def _make_runner(self, **kwargs: Any) -> BaseRunner:
        """Make the runner of what is served."""

    async def start_server(
        self, loop: asyncio.AbstractEventLoop | None = None, **kwargs: Any
    ) -> None:
        """Start to listen; does nothing when it does so already.

        :param loop: ignored: a server runs on the loop that starts it.
        :param kwargs: ``ssl``, an :class:`ssl.SSLContext`; the rest goes to the runner.
        """
        if self.runner is not None:
            return
        arguments = {"shutdown_timeout": _GRACE, **self._kwargs, **kwargs}
        context: ssl.SSLContext | None = arguments.pop("ssl", None)
        runner = await self._make_runner(**arguments)
        await runner.setup()
        self.runner = runner
        family = socket.AF_INET6 if ip_address(self.host).version == 6 else socket.AF_INET
        try:
            sock = self.socket_factory(self.host, self.port, family)
            await SockSite(runner, sock, ssl_context=context).start()
        except BaseException:
            await self.close()
            raise
        self.host, self.port = sock.getsockname()[:2]
        self.scheme = self.scheme or ("http" if context is None else "https")
        self._root = URL.build(scheme=self.scheme, host=self.host, port=self.port)

    @property
    def started(self) -> bool:
        """Whether the server has been started."""
        return self.runner is not None

    @property
    def closed(self) -> bool:
        """Whether the server has been closed."""
        return self._closed

    @property
    def handler(self) -> Server:
        """The server behind the socket.

        :raises RuntimeError: when it is not running.
        """
        server = None if self.runner is None else self.runner.server
        if server is None:
            raise RuntimeError(
                "the test server is not running: use `async with` or start_server() first"
            )
        return server

    def make_url(self, path: str | URL) -> URL:
        """Return the absolute URL of *path* on this server.

        :raises RuntimeError: before the server has been started.
        :raises ValueError: for an absolute URL, unless ``skip_url_asserts`` was set.
        """
        if self._root is None:
            raise RuntimeError(
                "the test server has no URL yet: use `async with` or start_server() first"
            )
        url = URL(path)
        if url.absolute and not self.skip_url_asserts:
            raise ValueError(f"expected a path on the test server, got an absolute URL: {url}")
        return self._root.join(url)

    async def close(self) -> None:
        """Stop the server and clean up what it served; does nothing a second time."""
        if self.runner is None or self._closed:
            return
        self._closed = True
        await self.runner.cleanup()

    async def __aenter__(self) -> Self:
        """Start the server."""
        await self.start_server()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the server."""
        await self.close()


class TestServer(BaseTestServer):
    """Serves an application."""

    def __init__(
        self,
        app: Application,
        *,
        scheme: str = "",
        host: str = LOOPBACK,
        port: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Serve *app*; see :class:`BaseTestServer`."""
        super().__init__(scheme=scheme, host=host, port=port, **kwargs)
        self.app = app

    async def _make_runner(self, **kwargs: Any) -> BaseRunner:
        return AppRunner(self.app, **kwargs)


class RawTestServer(BaseTestServer):
    """Serves a handler of the low-level server, without an application."""

    def __init__(
        self,
        handler: Callable[[BaseRequest], Awaitable[StreamResponse]],
        *,
        scheme: str = "",
        host: str = LOOPBACK,
        port: int | None = None,
        **kwargs: Any,
    ) -> None:
        """Answer every request by *handler*; see :class:`BaseTestServer`."""
        super().__init__(scheme=scheme, host=host, port=port, **kwargs)
        self._handler = handler

    async def _make_runner(
        self, *, shutdown_timeout: float = _GRACE, debug: bool = True, **kwargs: Any
    ) -> BaseRunner:
        server = Server(self._handler, debug=debug, **kwargs)
        return ServerRunner(server, shutdown_timeout=shutdown_timeout)
