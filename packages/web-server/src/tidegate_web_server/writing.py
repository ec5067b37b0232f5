"""The sending side of a connection: writers wait for a client that reads slowly.

asyncio says when the transport's buffer is over its high-water mark; :meth:`WritingSide.drain`
waits until it is below the low one. A client that takes nothing at all for too long is noticed by
what is left to send, which a slow but steady reader makes less of between two looks.
"""

import asyncio
import logging
import socket
import struct
from contextlib import suppress
from typing import Final

from .abc import AbstractConnection, EndableStream, ProxyTrust
from .errors import ClientConnectionResetError
from .hosting import Host

_TCP: Final = (socket.AF_INET, socket.AF_INET6)
# struct linger: on, for no time.
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class WritingSide(AbstractConnection):
    """Flow control of what is written to a connection."""

    __slots__ = (
        "_drain_waiter",
        "_unsent",
        "_unsent_since",
        "server",
        "transport",
        "writing_paused",
    )

    def __init__(self, server: Host) -> None:
        """Begin a connection of *server*, without a transport yet."""
        self.server = server
        self.transport: asyncio.Transport | None = None
        self.writing_paused = False
        self._drain_waiter: asyncio.Future[None] | None = None
        self._unsent = -1  # bytes, at the last look
        self._unsent_since = 0.0

    @property
    def logger(self) -> logging.Logger:
        """The logger of the server."""
        return self.server.logger

    @property
    def auto_decompress(self) -> bool:
        """What the server was told."""
        return self.server.auto_decompress

    @property
    def shutting_down(self) -> asyncio.Event:
        """Set when the server is going to end."""
        return self.server.shutting_down

    @property
    def trusted_proxies(self) -> ProxyTrust | None:
        """Whom to believe about the client, None for nobody."""
        return self.server.trusted_proxies

    def event_stream_begun(self, task: asyncio.Task[None], stream: EndableStream) -> None:
        """Take note of a stream of events, which will not end by itself."""
        self.server.event_stream_begun(task, stream)

    def set_nodelay(self) -> None:
        """Send small pieces without delay.

        Event loops see to that for sockets that they made; for one that was handed to them
        asyncio goes by the protocol number, which often is not set.
        """
        sock = None if self.transport is None else self.transport.get_extra_info("socket")
        if sock is not None and sock.family in _TCP and sock.proto != socket.IPPROTO_TCP:
            with suppress(OSError):
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def pause_writing(self) -> None:
        """The transport's buffer is full: writers wait from now on."""
        self.writing_paused = True
        self._unsent = -1

    def resume_writing(self) -> None:
        """The transport's buffer has room: writers go on."""
        self.writing_paused = False
        if self._drain_waiter is not None and not self._drain_waiter.done():
            self._drain_waiter.set_result(None)

    async def drain(self) -> None:
        """Wait until the transport's buffer has room.

        :raises ClientConnectionResetError: when the client is gone.
        """
        while self.writing_paused and self.transport is not None:
            if self._drain_waiter is None or self._drain_waiter.done():
                self._drain_waiter = self.server.loop.create_future()
            # Several may wait; the cancellation of one is not that of the others.
            await asyncio.shield(self._drain_waiter)
        if self.transport is None:
            raise ClientConnectionResetError("Cannot write to a connection that is closed")

    def abort(self) -> None:
        """Close at once with a reset; what has not been sent is lost.

        A reset, because to an HTTP/1.0 client the end of the connection is the end of the body:
        anything milder would tell it that it has got the whole.
        """
        transport = self.transport
        if transport is None:
            return
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family in _TCP:
            with suppress(OSError):
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()

    def stalled(self, clock: float) -> bool:
        """Tell whether the client has taken nothing of what is to be sent for too long.

        :param clock: the reading of the server's clock, in seconds.
        """
        if not self.writing_paused or self.transport is None:
            return False
        unsent = self.transport.get_write_buffer_size()
        if unsent != self._unsent:
            self._unsent = unsent
            self._unsent_since = clock
        return self.server.timeouts.over("write", clock - self._unsent_since)
