"""A client for a test server: aiohttp's, with paths in place of URLs.

::

    async with TestClient(TestServer(app)) as client:
        async with client.get("/") as response:
            assert await response.text() == "Hello"

It starts the server and stops it; responses and WebSockets that a test leaves open are closed.
"""

import asyncio
from collections.abc import Awaitable, Generator
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, ClassVar, Generic, Self, TypeVar, cast, overload

from yarl import URL

from tidegate_web_server.application import Application
from tidegate_web_server.request import Request

from .servers import BaseTestServer, TestServer

try:
    import aiohttp
except ImportError as exc:
    raise ModuleNotFoundError(
        "TestClient is a layer over aiohttp's client: "
        "install it with `pip install 'tidegate-web-server[testing]'`",
        name="aiohttp",
    ) from exc

_Request = TypeVar("_Request", bound=Request)
_ApplicationNone = TypeVar("_ApplicationNone", Application, None)
_Opened = TypeVar(
    "_Opened", bound="aiohttp.ClientResponse | aiohttp.ClientWebSocketResponse[bool]"
)


class PendingResponse(Awaitable[_Opened], AbstractAsyncContextManager[_Opened]):
    """A request on its way: ``await`` it, or use it with ``async with``, as with aiohttp."""

    __slots__ = ("_opened", "_pending", "_response")

    def __init__(self, pending: Awaitable[_Opened], opened: list[_Opened]) -> None:
        """Wait for *pending*; what comes of it is added to *opened*."""
        self._pending = pending
        self._opened = opened
        self._response: _Opened | None = None

    async def _open(self) -> _Opened:
        response = await self._pending
        self._opened.append(response)
        return response

    def __await__(self) -> Generator[Any, Any, _Opened]:
        """Return the response; the client closes it at its end."""
        return self._open().__await__()

    async def __aenter__(self) -> _Opened:
        """Return the response."""
        self._response = await self._open()
        return self._response

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Release the response, or close the WebSocket."""
        response = self._response
        if response is None:
            return
        if isinstance(response, aiohttp.ClientResponse):
            response.release()
        else:
            await response.close()


class TestClient(Generic[_Request, _ApplicationNone]):
    """Sends requests to a test server through a session of aiohttp's client."""

    # It begins with "Test", and is none.
    __test__: ClassVar[bool] = False

    @overload
    def __init__(
        self: "TestClient[Request, Application]",
        server: TestServer,
        *,
        cookie_jar: aiohttp.abc.AbstractCookieJar | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        **kwargs: Any,
    ) -> None: ...
    @overload
    def __init__(
        self: "TestClient[Request, None]",
        server: BaseTestServer,
        *,
        cookie_jar: aiohttp.abc.AbstractCookieJar | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        **kwargs: Any,
    ) -> None: ...
    def __init__(
        self,
        server: BaseTestServer,
        *,
        cookie_jar: aiohttp.abc.AbstractCookieJar | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        **kwargs: Any,
    ) -> None:
        """Prepare a client of *server*.

        :param server: a :class:`TestServer` or :class:`RawTestServer`, started or not.
        :param cookie_jar: by default one that takes cookies from servers without a name, which
            test servers are.
        :param loop: ignored: a client runs on the loop that uses it.
        :param kwargs: for :class:`aiohttp.ClientSession`.
        :raises TypeError: when *server* is none.
        """
        if not isinstance(server, BaseTestServer):
            raise TypeError(
                "expected a TestServer or a RawTestServer, "
                f"got {type(server).__name__}: wrap an application as TestServer(app)"
            )
        self._server = server
        if cookie_jar is None:
            cookie_jar = aiohttp.CookieJar(unsafe=True)
        self._session = aiohttp.ClientSession(cookie_jar=cookie_jar, **kwargs)
        self._responses: list[aiohttp.ClientResponse] = []
        self._sockets: list[aiohttp.ClientWebSocketResponse[bool]] = []
        self._closed = False

    async def start_server(self) -> None:
        """Start the server, unless it runs already."""
        await self._server.start_server()

    @property
    def host(self) -> str:
        """The address of the server."""
        return self._server.host

    @property
    def port(self) -> int | None:
        """The port of the server."""
        return self._server.port

    @property
    def server(self) -> BaseTestServer:
        """The server that requests go to."""
        return self._server

    @property
    def app(self) -> _ApplicationNone:
        """The application that is served, None for a :class:`RawTestServer`."""
        return cast("_ApplicationNone", getattr(self._server, "app", None))

    @property
    def session(self) -> aiohttp.ClientSession:
        """aiohttp's session, with its cookies."""
        return self._session

    def make_url(self, path: str | URL) -> URL:
        """Return the absolute URL of *path* on the server."""
        return self._server.make_url(path)

    def request(
        self, method: str, path: str | URL, **kwargs: Any
    ) -> PendingResponse[aiohttp.ClientResponse]:
        """Send a request; *kwargs* are those of :meth:`aiohttp.ClientSession.request`."""
        pending = self._session.request(method, self.make_url(path), **kwargs)
        return PendingResponse(pending, self._responses)

    def get(self, path: str | URL, **kwargs: Any) -> PendingResponse[aiohttp.ClientResponse]:
        """Send a GET request."""
        return self.request("GET", path, **kwargs)

    def post(self, path: str | URL, **kwargs: Any) -> PendingResponse[aiohttp.ClientResponse]:
        """Send a POST request."""
        return self.request("POST", path, **kwargs)

    def options(self, path: str | URL, **kwargs: Any) -> PendingResponse[aiohttp.ClientResponse]:
        """Send an OPTIONS request."""
        return self.request("OPTIONS", path, **kwargs)

    def head(self, path: str | URL, **kwargs: Any) -> PendingResponse[aiohttp.ClientResponse]:
        """Send a HEAD request; redirects are not followed."""
        return self.request("HEAD", path, **{"allow_redirects": False, **kwargs})

    def put(self, path: str | URL, **kwargs: Any) -> PendingResponse[aiohttp.ClientResponse]:
        """Send a PUT request."""
        return self.request("PUT", path, **kwargs)

    def patch(self, path: str | URL, **kwargs: Any) -> PendingResponse[aiohttp.ClientResponse]:
        """Send a PATCH request."""
        return self.request("PATCH", path, **kwargs)

    def delete(self, path: str | URL, **kwargs: Any) -> PendingResponse[aiohttp.ClientResponse]:
        """Send a DELETE request."""
        return self.request("DELETE", path, **kwargs)

    def ws_connect(
        self, path: str | URL, **kwargs: Any
    ) -> "PendingResponse[aiohttp.ClientWebSocketResponse[bool]]":
        """Open a WebSocket; *kwargs* are those of :meth:`aiohttp.ClientSession.ws_connect`."""
        pending = self._session.ws_connect(self.make_url(path), **kwargs)
        return PendingResponse(pending, self._sockets)

    async def close(self) -> None:
        """Close what is open, the session and the server; does nothing a second time."""
        if self._closed:
            return
        self._closed = True
        for response in self._responses:
            response.close()
        for socket in self._sockets:
            await socket.close()
        await self._session.close()
        await self._server.close()

    async def __aenter__(self) -> Self:
        """Start the server."""
        await self.start_server()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        """Close the client and the server."""
        await self.close()
