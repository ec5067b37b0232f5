"""A ``unittest`` case with an application, its server and a client."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar
from unittest import IsolatedAsyncioTestCase
from warnings import warn

from tidegate_web_server.application import Application
from tidegate_web_server.request import Request

from .client import TestClient
from .servers import TestServer

_Function = TypeVar("_Function", bound=Callable[..., Any])


class AioHTTPTestCase(IsolatedAsyncioTestCase):
    """Starts an application before each test and stops it afterwards.

    ::

        class TestHello(AioHTTPTestCase):
            async def get_application(self):
                return make_app()

            async def test_hello(self):
                async with self.client.get("/") as response:
                    self.assertEqual(response.status, 200)

    A test finds ``self.app``, ``self.server``, ``self.client`` and ``self.loop``.
    """

    app: Application
    server: TestServer
    client: TestClient[Request, Application]
    loop: asyncio.AbstractEventLoop

    async def get_application(self) -> Application:
        """Return the application to test; override it."""
        return self.get_app()

    def get_app(self) -> Application:
        """Return the application to test, where it is made without awaiting anything."""
        raise RuntimeError(
            f"{type(self).__name__} has no application: "
            "override get_application() and return a web.Application"
        )

    async def get_server(self, app: Application) -> TestServer:
        """Return the server of *app*; override it to change its settings."""
        return TestServer(app)

    async def get_client(self, server: TestServer) -> TestClient[Request, Application]:
        """Return the client of *server*; override it to change its settings."""
        return TestClient(server)

    async def asyncSetUp(self) -> None:
        """Start the application and its server."""
        self.loop = asyncio.get_running_loop()
        await self.setUpAsync()

    async def setUpAsync(self) -> None:
        """Start the application and its server; an override calls this one."""
        self.app = await self.get_application()
        self.server = await self.get_server(self.app)
        self.client = await self.get_client(self.server)
        try:
            await self.client.start_server()
        except BaseException:
            # unittest calls no tearDown after a set-up that failed.
            await self.client.close()
            raise

    async def asyncTearDown(self) -> None:
        """Close the client and the server."""
        await self.tearDownAsync()

    async def tearDownAsync(self) -> None:
        """Close the client and the server; an override calls this one."""
        await self.client.close()


def unittest_run_loop(func: _Function, *args: Any, **kwargs: Any) -> _Function:
    """Return *func*: tests may be coroutines without it."""
    warn(
        "unittest_run_loop() does nothing any more: tests of AioHTTPTestCase may be coroutines",
        DeprecationWarning,
        stacklevel=2,
    )
    return func
