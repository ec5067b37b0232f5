"""Fixtures for pytest, under the names that tests for aiohttp use.

Load it with ``-p tidegate_web_server.testing.pytest_plugin``, or ``pytest_plugins`` in a
``conftest.py``. pytest-asyncio runs the tests: mark them, or set its ``asyncio_mode = auto``.

::

    async def test_hello(aiohttp_client):
        client = await aiohttp_client(make_app())
        async with client.get("/") as response:
            assert response.status == 200

What a fixture started is closed when the test ends.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Protocol
from warnings import warn

import pytest
import pytest_asyncio

from tidegate_web_server.application import Application
from tidegate_web_server.request import BaseRequest
from tidegate_web_server.stream_response import StreamResponse

from .client import TestClient
from .ports import unused_port as _unused_port
from .servers import BaseTestServer, RawTestServer, TestServer


class AiohttpClient(Protocol):
    """What the fixture ``aiohttp_client`` is."""

    async def __call__(
        self,
        app_or_server: Application | BaseTestServer,
        /,
        *,
        server_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> TestClient[Any, Any]:
        """Start a server, if *app_or_server* is an application, and return its client.

        :param server_kwargs: for :class:`TestServer`.
        :param kwargs: for :class:`TestClient`.
        """


class AiohttpServer(Protocol):
    """What the fixture ``aiohttp_server`` is."""

    async def __call__(
        self, app: Application, *, port: int | None = None, **kwargs: Any
    ) -> TestServer:
        """Start and return a server of *app*; *kwargs* are those of its ``start_server``."""


class AiohttpRawServer(Protocol):
    """What the fixture ``aiohttp_raw_server`` is."""

    async def __call__(
        self,
        handler: Callable[[BaseRequest], Awaitable[StreamResponse]],
        *,
        port: int | None = None,
        **kwargs: Any,
    ) -> RawTestServer:
        """Start and return a server of *handler*; *kwargs* are those of its ``start_server``."""


@pytest_asyncio.fixture
async def loop() -> asyncio.AbstractEventLoop:
    """Give the event loop that the test runs on."""
    return asyncio.get_running_loop()


@pytest.fixture
def aiohttp_unused_port() -> Callable[[], int]:
    """Give a function that returns a TCP port of the loopback interface that is free."""
    return _unused_port


@pytest_asyncio.fixture
async def aiohttp_server() -> AsyncIterator[AiohttpServer]:
    """Give a function that starts a server of an application."""
    servers: list[TestServer] = []

    async def start(app: Application, *, port: int | None = None, **kwargs: Any) -> TestServer:
        server = TestServer(app, port=port)
        servers.append(server)
        await server.start_server(**kwargs)
        return server

    yield start
    for server in reversed(servers):
        await server.close()


@pytest_asyncio.fixture
async def aiohttp_raw_server() -> AsyncIterator[AiohttpRawServer]:
    """Give a function that starts a low-level server of a handler."""
    servers: list[RawTestServer] = []

    async def start(
        handler: Callable[[BaseRequest], Awaitable[StreamResponse]],
        *,
        port: int | None = None,
        **kwargs: Any,
    ) -> RawTestServer:
        server = RawTestServer(handler, port=port)
        servers.append(server)
        await server.start_server(**kwargs)
        return server

    yield start
    for server in reversed(servers):
        await server.close()


@pytest_asyncio.fixture
async def aiohttp_client() -> AsyncIterator[AiohttpClient]:
    """Give a function that returns the client of an application or of a test server."""
    clients: list[TestClient[Any, Any]] = []

    async def start(
        app_or_server: Application | BaseTestServer,
        /,
        *,
        server_kwargs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> TestClient[Any, Any]:
        server: BaseTestServer
        if isinstance(app_or_server, Application):
            server = TestServer(app_or_server, **(server_kwargs or {}))
        elif isinstance(app_or_server, BaseTestServer):
            server = app_or_server
        else:
            raise TypeError(
                "aiohttp_client() takes a web.Application or a test server, "
                f"got {type(app_or_server).__name__}"
            )
        client: TestClient[Any, Any] = TestClient(server, **kwargs)
        clients.append(client)
        await client.start_server()
        return client

    yield start
    for client in reversed(clients):
        await client.close()


def _renamed(old: str, new: str) -> None:
    warn(f"the fixture {old!r} is deprecated, use {new!r}", DeprecationWarning, stacklevel=3)


@pytest.fixture
def unused_port(aiohttp_unused_port: Callable[[], int]) -> Callable[[], int]:
    """Give what ``aiohttp_unused_port`` gives; deprecated."""
    _renamed("unused_port", "aiohttp_unused_port")
    return aiohttp_unused_port


@pytest.fixture
def test_server(aiohttp_server: AiohttpServer) -> AiohttpServer:
    """Give what ``aiohttp_server`` gives; deprecated."""
    _renamed("test_server", "aiohttp_server")
    return aiohttp_server


@pytest.fixture
def raw_test_server(aiohttp_raw_server: AiohttpRawServer) -> AiohttpRawServer:
    """Give what ``aiohttp_raw_server`` gives; deprecated."""
    _renamed("raw_test_server", "aiohttp_raw_server")
    return aiohttp_raw_server


@pytest.fixture
def test_client(aiohttp_client: AiohttpClient) -> AiohttpClient:
    """Give what ``aiohttp_client`` gives; deprecated."""
    _renamed("test_client", "aiohttp_client")
    return aiohttp_client
