"""What all connections of a server share.

The handler, the limits and time-outs, the context in which handlers run, the coarse clock
(:mod:`.timeouts`), and the set of open connections, which a sweep visits at each step of the
clock.
"""

import asyncio
import contextvars
import logging
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from multidict import istr
from tidegate_http_core import FieldNames, Limits, hdrs

from .abc import AbstractAccessLogger, AbstractConnection, EndableStream, ProxyTrust
from .concurrency import ConcurrencyLimit
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
        client_max_fields: int = 1000,
        read_bufsize: int = 2**18,
        auto_decompress: bool = True,
        tcp_keepalive: bool = True,
        handler_cancellation: bool = False,
        access_log: AbstractAccessLogger | None = None,
        concurrency: ConcurrencyLimit | None = None,
        limit_connections: int | None = None,
        trusted_proxies: ProxyTrust | None = None,
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
        self.client_max_fields = client_max_fields
        self.auto_decompress = auto_decompress
        self.tcp_keepalive = tcp_keepalive
        self.read_bufsize = read_bufsize
        self.handler_cancellation = handler_cancellation
        self.access_log = access_log
        self.concurrency = concurrency
        self.limit_connections = limit_connections
        self.trusted_proxies = trusted_proxies
        #: Set first of all when the server is going to end; handlers may wait for it.
        self.shutting_down = asyncio.Event()
        # Read for each request, so it is asked for at each step of the clock and kept.
        self.access_log_enabled = access_log is not None and access_log.enabled
        # Names become keys of case-insensitive multidicts once, not once a request.
        self.field_names = _field_names()
        # Every handler runs in a copy of the context in which the server was made.
        self.context = contextvars.copy_context()
        self.requests_count = 0
        self.closing = False
        self.clock = self.loop.time()
        self._connections: set[AbstractConnection] = set()
        self._sweeper: asyncio.TimerHandle | None = None
        self._closed: asyncio.Event | None = None
        # Streams of events by the tasks that serve them, and whether their time is over.
        self._event_streams: dict[asyncio.Task[None], EndableStream] = {}
        self._event_streams_end = False

    def handle(self, request: Any) -> Awaitable[StreamResponse]:
        """Call the handler of the server with *request*."""
        return self.handler(request)

    @property
    def connections(self) -> list[AbstractConnection]:
        """The open connections."""
        return list(self._connections)

    @property
    def connections_count(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    def connection_made(
        self, handler: AbstractConnection, transport: asyncio.Transport | None = None
    ) -> None:
        """Count a connection in; called by itself.

        :param transport: the connection's, which it has itself.
        """
        self._connections.add(handler)
        if self.tcp_keepalive:
            _probe_when_silent(transport or handler.transport)
        if self._sweeper is None:
            self.clock = self.loop.time()
            self.access_log_enabled = self.access_log is not None and self.access_log.enabled
            self._sweeper = self.loop.call_later(self.timeouts.step, self._sweep)

    def connection_lost(
        self, handler: AbstractConnection, exc: BaseException | None = None
    ) -> None:
        """Count a connection out; called by itself.

        :param exc: why it was lost, which does not matter here.
        """
        self._connections.discard(handler)
        if self._closed is not None and not self._connections:
            self._closed.set()

    def event_stream_begun(self, task: asyncio.Task[None], stream: EndableStream) -> None:
        """Take note of a stream of events, which will not end by itself.

        :param task: the one that serves it.
        """
        if task not in self._event_streams:
            task.add_done_callback(self._event_streams.pop)
        self._event_streams[task] = stream
        if self._event_streams_end:
            task.cancel()

    def end_event_streams(self) -> None:
        """Cancel the handlers of all streams of events, now and from now on."""
        self._event_streams_end = True
        for task in self._event_streams:
            task.cancel()

    def ended_event_stream(self, task: asyncio.Task[None] | None) -> EndableStream | None:
        """Return the stream of *task* when it is its end that *task* was cancelled for."""
        if task is None or not self._event_streams_end:
            return None
        return self._event_streams.get(task)

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
            try:
                connection.check_timeouts(self.clock)
            except Exception:
                # The time-outs of all the others hang on this clock.
                self.logger.exception("Error checking the time-outs of %r", connection)
                connection.abort()
        if self._connections:
            self._sweeper = self.loop.call_later(self.timeouts.step, self._sweep)
        else:
            self._sweeper = None


def _field_names() -> FieldNames:
    """Make the table of names, the usual ones in it: a peer that invents names takes no places."""
    names = FieldNames(istr)
    for name in vars(hdrs).values():
        if isinstance(name, istr):
            names.get(str(name))
            names.get(str(name).lower())
    return names


def _probe_when_silent(transport: asyncio.Transport | None) -> None:
    """Let the system find out that a peer is gone (RFC 9293 section 3.8.4)."""
    sock = None if transport is None else transport.get_extra_info("socket")
    if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6):
        with suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
