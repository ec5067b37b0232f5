"""The server of an application: what a runner starts, and ``Application.make_handler`` makes."""

from collections.abc import Awaitable, Mapping
from typing import Any, Protocol

from .request import Request
from .server import Server
from .stream_response import StreamResponse


class Served(Protocol):
    """What is asked of an :class:`Application`."""

    client_max_size: int
    client_max_fields: int
    debug: bool

    @property
    def handler_args(self) -> Mapping[str, Any]:
        """Arguments for the server."""

    def _handle(self, request: Request) -> Awaitable[StreamResponse]: ...


class AppServer(Server):
    """Lets an application answer requests."""

    def __init__(self, app: Served, **kwargs: Any) -> None:
        """Serve *app*.

        :param kwargs: those of :class:`Server`; where the application has arguments for its
            server those win, and what it says itself is the default.
        """
        arguments = {
            "debug": app.debug,
            "client_max_size": app.client_max_size,
            "client_max_fields": app.client_max_fields,
            "request_factory": Request,
            **kwargs,
            **app.handler_args,
        }
        super().__init__(app._handle, **arguments)
        self._app = app

    def handle(self, request: Request) -> Awaitable[StreamResponse]:
        """Let the application answer.

        The method is looked up on each request: tracing add-ons replace it on the class.
        """
        return self._app._handle(request)
