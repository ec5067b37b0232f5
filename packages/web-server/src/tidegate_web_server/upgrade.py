"""The seam for what is not HTTP: a connection whose bytes go to another protocol.

After ``101 Switching Protocols`` (RFC 9110 section 7.8) the handler calls :func:`upgrade` with a
receiver. The transport then delivers to :class:`Upgraded`,
which passes bytes on as they come and keeps what every connection has: flow control of writes,
the server's shutdown, one meaning for a peer that is gone.
"""

import asyncio
from collections.abc import Iterable
from typing import Protocol

from .abc import AbstractConnection, Successor
from .errors import ClientConnectionResetError
from .request import BaseRequest


def upgrade(request: BaseRequest, receiver: "UpgradeReceiver") -> "Upgraded":
    """Hand the connection of *request* over to another protocol.

    Call it from the handler, after a ``101`` response has been prepared. From then on the bytes
    of the client go to *receiver*, those first that came behind the request, and the connection
    closes when the handler returns.

    :returns: what the handler writes through.
    :raises RuntimeError: when the request did not ask for an upgrade, or the connection has been
        handed over before.
    :raises ClientConnectionResetError: when the client is gone.
    """
    return Upgraded(request.protocol, receiver)


class UpgradeReceiver(Protocol):
    """What takes the bytes of an upgraded connection."""

    def data_received(self, data: bytes) -> None:
        """Take bytes that the peer sent."""

    def eof_received(self) -> None:
        """The peer sends no more; the connection closes unless the handler keeps writing."""

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; nothing more is called."""

    def pause_writing(self) -> None:
        """More is buffered than should be: :attr:`Upgraded.writing_paused` became true."""

    def resume_writing(self) -> None:
        """The peer has taken enough of what was written: it became false again."""

    def shutdown(self) -> None:
        """The server is going away: end the conversation."""

    async def handler_failed(self) -> None:
        """The handler failed, and the failure is logged: end the conversation.

        The connection closes when this returns.
        """


class Upgraded(Successor):
    """A connection after its upgrade; the handler writes through it."""

    __slots__ = ("_connection", "_receiver", "_transport")

    def __init__(self, connection: AbstractConnection, receiver: UpgradeReceiver) -> None:
        """Take over *connection* for *receiver*; made by :func:`upgrade`."""
        self._connection = connection
        self._receiver = receiver
        self._transport = connection.hand_over(self)

    # --- what asyncio calls ---

    def data_received(self, data: bytes) -> None:
        """Pass bytes on to the receiver."""
        self._receiver.data_received(data)

    def eof_received(self) -> bool:
        """Tell the receiver; the transport stays open for the handler to close.

        But for TLS, which has no half-closed state in asyncio.
        """
        self._receiver.eof_received()
        return self._connection.ssl_context is None

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the connection, whose writers wait, and the receiver."""
        self._connection.connection_lost(exc)
        self._receiver.connection_lost(exc)

    def pause_writing(self) -> None:
        """The transport's buffer is full."""
        self._connection.pause_writing()
        self._receiver.pause_writing()

    def resume_writing(self) -> None:
        """The transport's buffer has room."""
        self._connection.resume_writing()
        self._receiver.resume_writing()

    def shutdown(self) -> None:
        """The server is going away: let the receiver end its conversation."""
        self._receiver.shutdown()

    async def handler_failed(self) -> None:
        """The handler failed: let the receiver end its conversation."""
        await self._receiver.handler_failed()

    # --- what the handler calls ---

    @property
    def transport(self) -> asyncio.Transport | None:
        """The transport, None once the connection is gone."""
        return self._connection.transport

    def write(self, data: bytes) -> None:
        """Send *data*; :meth:`drain` afterwards waits for a slow peer.

        :raises ClientConnectionResetError: when the peer is gone.
        """
        if self._connection.transport is None or self._transport.is_closing():
            raise ClientConnectionResetError("Cannot write to a connection that is closed")
        self._transport.write(data)

    def writelines(self, parts: Iterable[bytes]) -> None:
        """Send *parts* one behind the other, without a copy that joins them.

        :raises ClientConnectionResetError: when the peer is gone.
        """
        if self._connection.transport is None or self._transport.is_closing():
            raise ClientConnectionResetError("Cannot write to a connection that is closed")
        # Not the transport's own writelines(): asyncio's forgets in Python 3.12 and 3.13 to say
        # that its buffer is full. uvloop sends what is written in a row together anyway.
        for part in parts:
            self._transport.write(part)

    @property
    def writing_paused(self) -> bool:
        """Whether more is buffered than should be: time to :meth:`drain`."""
        return self._connection.writing_paused

    async def drain(self) -> None:
        """Wait until the transport's buffer has room.

        :raises ClientConnectionResetError: when the peer is gone.
        """
        await self._connection.drain()

    def pause_reading(self) -> None:
        """Stop taking bytes from the peer."""
        self._connection.pause_reading()

    def resume_reading(self) -> None:
        """Take bytes from the peer again."""
        self._connection.resume_reading()

    def close(self) -> None:
        """Close once what has been written is sent."""
        self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        self._transport.abort()
