"""What all connections of a server share.

The handler, the limits and time-outs, the context in which handlers run, the coarse clock
(:mod:`.timeouts`), and the set of open connections, which a sweep visits at each step of the
clock.
"""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from multidict import istr
from tidegate_http_core import FieldNames, Limits

from .abc import AbstractAccessLogger, AbstractConnection
from .stream_response import StreamResponse
from .timeouts import Timeouts

server_logger = logging.getLogger("tidegate.server")

Handler = Callable[[Any], Awaitable[StreamResponse]]


class Host:
    """The part of a server that its connections know."""

    def __init__(
        self,
        handler: Handler,
        *,
        request_factory: Callable[..., Any],
        loop: asyncio.AbstractEventLoop | None = None,
        logger: logging.Logger = server_logger,
        debug: bool = False,
        limits: Limits,
        timeouts: Timeouts,
        client_max_size: int = 1024**2,
        read_bufsize: int = 2**18,
        handler_cancellation: bool = False,
        access_log: AbstractAccessLogger | None = None,
    ) -> None:
        """Keep what is shared; the parameters are those of :class:`Server`."""
        self.loop = asyncio.get_running_loop() if loop is None else loop
        self.handler = handler
        self.request_factory = request_factory
        self.logger = logger
        self.debug = debug
        self.limits = limits
        self.timeouts = timeouts
        self.client_max_size = client_max_size
        self.read_bufsize = read_bufsize
        self.handler_cancellation = handler_cancellation
        self.access_log = access_log
        # Read for each request, so it is asked for at each step of the clock and kept.
        self.access_log_enabled = access_log is not None and access_log.enabled
        # Names become keys of case-insensitive multidicts once, not once a request.
        self.field_names = FieldNames(istr)
        # Every handler runs in a copy of the context in which the server was made.
        self.context = contextvars.copy_context()
        self.requests_count = 0
        self.closing = False
        self.clock = self.loop.time()
        self._connections: set[AbstractConnection] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed: asyncio.Event | None = None

    def handle(self, request: Any) -> Awaitable[StreamResponse]:
        """Call the handler of the server with *request*."""
        return self.handler(request)

    @property
    def connections(self) -> list[AbstractConnection]:
        """The open connections."""
        return list(self._connections)

    def connection_made(self, connection: AbstractConnection) -> None:
        """Count a connection in; called by itself."""
        self._connections.add(connection)
        if self._sweeper is None:
            self.clock = self.loop.time()
            self.access_log_enabled = self.access_log is not None and self.access_log.enabled
            self._sweeper = self.loop.call_later(self.timeouts.step, self._sweep)

    def connection_lost(self, connection: AbstractConnection) -> None:
        """Count a connection out; called by itself."""
        self._connections.discard(connection)
        if self._closed is not None and not self._connections:
            self._closed.set()

    # What is bounded is the waiting, and what is left open then is the caller's to abort.
    async def wait_closed(self, timeout: float) -> None:  # noqa: ASYNC109
        """Wait until no connection is open, *timeout* seconds at most."""
        if self._connections:
            self._closed = asyncio.Event()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._closed.wait(), timeout)

    def stop_clock(self) -> None:
        """Stop visiting connections."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def _sweep(self) -> None:
        self.clock = self.loop.time()
        self.access_log_enabled = self.access_log is not None and self.access_log.enabled
        for connection in self.connections:
            connection.check_timeouts(self.clock)
        if self._connections:
            self._sweeper = self.loop.call_later(self.timeouts.step, self._sweep)
        else:
            self._sweeper = None
