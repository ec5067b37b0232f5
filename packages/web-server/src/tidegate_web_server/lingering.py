"""Closing a connection whose client is still sending.

Closing a socket that has unread bytes makes the kernel send a reset, and a reset may take the
answer out of the client's hands before it has read it (RFC 9112 section 9.6). So the sending side
is closed first, and what still comes is read and dropped until the client closes too: for a
bounded number of bytes here, for a bounded time by the connection's time-outs.
"""

import asyncio
from typing import Final

from .abc import AbstractConnection, Successor

LINGER_LIMIT: Final = 2**20


class Lingering(Successor):
    """Takes the place of HTTP on a connection after its last answer."""

    __slots__ = ("_connection", "_left", "_transport")

    def __init__(self, connection: AbstractConnection, transport: asyncio.Transport) -> None:
        """Close the sending side of *connection*, whose *transport* it now reads."""
        self._connection = connection
        self._transport = transport
        self._left = LINGER_LIMIT
        transport.set_protocol(self)
        try:
            transport.write_eof()
        except OSError:
            # The client is gone already, and the transport does not know it yet.
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Drop *data*; give up on a client that won't stop."""
        self._left -= len(data)
        if self._left < 0:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client has closed too."""
        self._connection.connection_lost(exc)

    def pause_writing(self) -> None:
        """The answer is still on its way."""
        self._connection.pause_writing()

    def resume_writing(self) -> None:
        """The answer is on its way again."""
        self._connection.resume_writing()

    def shutdown(self) -> None:
        """Do nothing: the end is near anyway."""
