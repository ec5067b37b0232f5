"""The factory of connections, and their end.

``Server(handler)`` is what ``loop.create_server`` takes: called, it makes what handles a
connection. :mod:`.hosting` is what its connections know of it.
"""

import asyncio
import logging
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

from tidegate_http_core import Limits

from .abc import AbstractAccessLogger
from .access_log import AccessLogger, access_logger
from .concurrency import ConcurrencyLimit
from .hosting import Handler, Host, server_logger
from .protocol import HttpProtocol
from .request import BaseRequest
from .timeouts import Timeouts
from .trusted_proxies import TrustedProxies, as_trusted_proxies

# From the listener's callback to the first bytes of a connection an event loop takes four.
_TURNS_TO_READ = 6
# Seconds that a connection has to say its first word once the listeners have closed.
_MOMENT = 0.2
# Seconds that cancelled handlers and closing connections have at least.
_REACTION = 1.0

_Settings = TypeVar("_Settings", Limits, Timeouts)


def _changed(settings: _Settings, **changes: float | None) -> _Settings:
    """Return *settings* with those of *changes* that were given."""
    given: dict[str, Any] = {name: value for name, value in changes.items() if value is not None}
    return replace(settings, **given) if given else settings


def _check_limit(name: str, limit: int | None) -> None:
    if limit is not None and limit < 1:
        raise ValueError(f"{name} is 1 or more, or None for no limit, got {limit}")


#: Makes a request of head, body, connection, writer and task; or a subclass of BaseRequest.
RequestFactory = Callable[..., BaseRequest]


def _with_all_arguments(factory: RequestFactory | None) -> RequestFactory:
    """Return what makes a request of the arguments of :class:`BaseRequest`."""
    if factory is None:
        return BaseRequest
    if isinstance(factory, type) and issubclass(factory, BaseRequest):
        return factory
    if not callable(factory):
        raise TypeError(f"request_factory is a function that makes a request, got {factory!r}")

    return partial(_with_five_arguments, factory)


def _with_five_arguments(factory: Any, *arguments: Any, **_settings: Any) -> BaseRequest:
    request: BaseRequest = factory(*arguments[:5])
    return request


class Server(Host):
    """Makes a connection handler for each connection; calls one handler for each request."""

    def __init__(
        self,
        handler: Handler,
        *,
        request_factory: RequestFactory | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
        logger: logging.Logger = server_logger,
        debug: bool = False,
        limits: Limits | None = None,
        timeouts: Timeouts | None = None,
        client_max_size: int = 1024**2,
        client_max_fields: int = 1000,
        read_bufsize: int = 2**18,
        auto_decompress: bool = True,
        tcp_keepalive: bool = True,
        handler_cancellation: bool = False,
        keepalive_timeout: float | None = None,
        lingering_time: float | None = None,
        max_line_size: int | None = None,
        max_field_size: int | None = None,
        max_headers: int | None = None,
        access_log_class: type[AbstractAccessLogger] = AccessLogger,
        access_log: logging.Logger | None = access_logger,
        access_log_format: str = AccessLogger.LOG_FORMAT,
        limit_concurrency: int | None = None,
        limit_connections: int | None = None,
        trusted_proxies: TrustedProxies | Iterable[str] | None = None,
        timeout_ceil_threshold: float | None = None,
    ) -> None:
        """Make a server; it listens through ``loop.create_server(server, …)`` or a runner.

        :param handler: called with each request; returns or raises the response.
        :param request_factory: a subclass of :class:`BaseRequest`, or a function of the head, the
            body's reader, the connection, the response's writer and the task, that returns a
            request; :class:`BaseRequest` when None.
        :param loop: the event loop; the running one when None.
        :param logger: where faults of handlers and, quietly, of clients are logged.
        :param debug: show tracebacks in answers to requests that failed.
        :param limits: bounds of what a client may send in a head and in framing.
        :param timeouts: bounds of waiting for a client.
        :param client_max_size: largest body in bytes that ``request.read()`` accepts; 0 for no
            limit.
        :param client_max_fields: most fields of a form that ``request.post()`` accepts; 0 for no
            limit.
        :param read_bufsize: bytes of an unread body above which the connection stops reading.
        :param auto_decompress: decode bodies that came with a Content-Encoding.
        :param tcp_keepalive: let the system probe connections that are silent for hours, so that
            those of peers that vanished come to an end.
        :param handler_cancellation: cancel a handler when its client goes away, or closes its
            sending side, which looks the same.
        :param keepalive_timeout: sets ``timeouts.keep_alive``.
        :param lingering_time: sets ``timeouts.linger``.
        :param max_line_size: sets ``limits.request_line``.
        :param max_field_size: sets ``limits.field_line``.
        :param max_headers: sets ``limits.fields_count``.
        :param access_log_class: writes the access log.
        :param access_log: where access lines go; None for no access log.
        :param access_log_format: the format of a line, for *access_log_class*.
        :param limit_concurrency: requests that are in service at a time; one more is answered with
            503 and Retry-After. None for no limit.
        :param limit_connections: connections that are open at a time; one more is answered with
            503 and closed. None for no limit.
        :param trusted_proxies: addresses and networks of proxies that are believed about the
            client, see :class:`TrustedProxies`; None for nobody.
        :param timeout_ceil_threshold: deprecated; time-outs are swept by one coarse clock.
        """
        if timeout_ceil_threshold is not None:
            warnings.warn(
                "timeout_ceil_threshold is deprecated and does nothing: all time-outs go by one "
                "coarse clock",
                DeprecationWarning,
                stacklevel=2,
            )
        if not callable(handler):
            raise TypeError(f"a handler is an async function of a request, got {handler!r}")
        if not issubclass(access_log_class, AbstractAccessLogger):
            raise TypeError(
                "access_log_class must be a subclass of AbstractAccessLogger, "
                f"got {access_log_class!r}"
            )
        _check_limit("limit_concurrency", limit_concurrency)
        _check_limit("limit_connections", limit_connections)
        super().__init__(
            handler,
            request_factory=_with_all_arguments(request_factory),
            loop=loop,
            logger=logger,
            debug=debug,
            limits=_changed(
                Limits() if limits is None else limits,
                request_line=max_line_size,
                field_line=max_field_size,
                fields_count=max_headers,
            ),
            timeouts=_changed(
                Timeouts() if timeouts is None else timeouts,
                keep_alive=keepalive_timeout,
                linger=lingering_time,
            ),
            handler_cancellation=handler_cancellation,
            client_max_size=client_max_size,
            client_max_fields=client_max_fields,
            auto_decompress=auto_decompress,
            tcp_keepalive=tcp_keepalive,
            read_bufsize=read_bufsize,
            access_log=(
                None if access_log is None else access_log_class(access_log, access_log_format)
            ),
            concurrency=None if limit_concurrency is None else ConcurrencyLimit(limit_concurrency),
            limit_connections=limit_connections,
            trusted_proxies=as_trusted_proxies(trusted_proxies),
        )

    def __repr__(self) -> str:
        """Show how many connections are open."""
        return f"<{type(self).__name__} {len(self.connections)} connections>"

    def __call__(self) -> HttpProtocol:
        """Make the handler of one connection."""
        return HttpProtocol(self)

    async def settle(self) -> None:
        """Read what clients had sent before the listeners closed; to be awaited once they have.

        A connection that was accepted and not read yet, and one that is kept and has its next
        request in the system's buffer, would be reset by closing it, and its request lost. So the
        loop gets some turns to read, and a connection that has not said anything yet a moment to
        do so. What is answered from now on closes its connection.
        """
        self.closing = True
        for connection in self.connections:
            connection.close_after_response()
        for _ in range(_TURNS_TO_READ):
            await asyncio.sleep(0)
        end = self.loop.time() + _MOMENT
        # Looked at now and then: connections would have to know of this one moment otherwise.
        while any(c.silent for c in self.connections) and self.loop.time() < end:  # noqa: ASYNC110
            await asyncio.sleep(_MOMENT / 20)

    def pre_shutdown(self) -> None:
        """Close idle connections; let the others close after the response they are at."""
        self.shutting_down.set()
        self.closing = True
        for connection in self.connections:
            connection.close_when_idle()

    # The parameter is named as in the interface this follows, and means what it says there.
    async def shutdown(self, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Wait for the requests in service, then cancel them and close what is open.

        What does not end by itself is ended first: connections that were handed over, to
        WebSockets for instance, are told to end, and handlers that stream events
        (``text/event-stream``) are cancelled. An application that wants to end them in its own way
        does so before, in ``on_shutdown``.

        :param timeout: seconds that requests have to finish, and again to react to their
            cancellation; None or 0 for no waiting.
        """
        self.pre_shutdown()
        end = self.loop.time() + (timeout or 0)
        for connection in self.connections:
            connection.end_successor()
        self.end_event_streams()
        tasks = [c.task for c in self.connections if c.task is not None]
        if tasks and timeout:
            await asyncio.wait(tasks, timeout=timeout)
        left = [task for task in tasks if not task.done()]
        for task in left:
            task.cancel()
        if left:
            await asyncio.wait(left, timeout=timeout or _REACTION)
        # What was answered may still be on its way to clients that read slowly.
        for connection in self.connections:
            connection.close()
        await self.wait_closed(max(end - self.loop.time(), _REACTION))
        for connection in self.connections:
            connection.abort()
        self.stop_clock()
