"""The one way out: what a response writes its bytes through.

A writer is made for each response and owns the framing of its body (RFC 9112 section 6), so that
whatever a handler does, the connection stays in step:

=============  ==========================================================================
``NO_BODY``    HEAD, 1xx, 204, 304: body bytes are dropped
``LENGTH``     Content-Length: a byte too many is refused, a byte too few ends the connection
``CHUNKED``    every piece is a chunk; the last chunk is written by :meth:`write_eof` alone
``CLOSE``      HTTP/1.0 without a length: the end of the connection ends the body
=============  ==========================================================================

The head waits for the first piece of the body, so that a complete response is one write to the
transport. A write waits while the transport's buffer is over its high-water mark. When the client
is gone every write raises :class:`ClientConnectionResetError`.
"""

import asyncio

from multidict import CIMultiDict
from tidegate_http_core import LAST_CHUNK, encode_chunk, serialize_response

from .abc import AbstractConnection, AbstractStreamWriter
from .errors import ClientConnectionResetError
from .framing import CHUNKED, CLOSE, LENGTH, NO_BODY
from .sendfile import can_sendfile, send_file


class ResponseWriter(AbstractStreamWriter):
    """Writes one response to a connection."""

    __slots__ = (
        "_connection",
        "_ended",
        "_framing",
        "_head",
        "_remaining",
        "body_size",
        "output_size",
    )

    def __init__(self, connection: AbstractConnection) -> None:
        """Write to *connection*; the framing is set by :meth:`begin`."""
        self._connection = connection
        self._head: tuple[int, str, CIMultiDict[str]] | None = None
        self._framing = CLOSE
        self._remaining = 0
        self._ended = False
        self.body_size = 0
        self.output_size = 0

    def begin(
        self, status: int, reason: str, headers: CIMultiDict[str], framing: int, length: int = 0
    ) -> None:
        """Set the head and the framing of the body; nothing is written yet.

        :param framing: ``NO_BODY``, ``LENGTH``, ``CHUNKED`` or ``CLOSE``.
        :param length: bytes of the body when the framing is ``LENGTH``.
        """
        self._head = (status, reason, headers)
        self._framing = framing
        self._remaining = length

    @property
    def transport(self) -> asyncio.Transport | None:
        """The connection's transport, or None once the connection is gone."""
        return self._connection.transport

    def send_headers(self) -> None:
        """Send the head now instead of with the first piece of the body."""
        if self._head is not None:
            self._send(b"")

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Send *chunk* as part of the body and wait while the peer reads too slowly.

        :raises RuntimeError: after :meth:`write_eof`, or when the body would be longer than its
            Content-Length: nothing of *chunk* is sent and the connection will be closed.
        :raises ClientConnectionResetError: when the client is gone.
        """
        if self._ended:
            raise RuntimeError("Cannot call write() after write_eof()")
        self._send_body(bytes(chunk))
        if self._connection.writing_paused:
            await self._connection.drain()

    async def write_eof(self, chunk: bytes = b"") -> None:
        """Send *chunk*, end the body, and wait while the peer reads too slowly.

        :raises RuntimeError: when the body is shorter than its Content-Length: the connection is
            aborted, since nothing else tells the client.
        :raises ClientConnectionResetError: when the client is gone.
        """
        if self._ended:
            return
        self.finish(chunk)
        if self._connection.writing_paused:
            await self._connection.drain()

    def finish(self, chunk: bytes = b"") -> None:
        """Do what :meth:`write_eof` does, without waiting for the peer."""
        framing = self._framing
        if framing == CHUNKED:
            self._ended = True
            self.body_size += len(chunk)
            self._send(encode_chunk(chunk) + LAST_CHUNK if chunk else LAST_CHUNK)
            return
        if chunk or self._head is not None:
            self._send_body(chunk)
        self._ended = True
        if framing == LENGTH and self._remaining:
            self._connection.abort()
            raise RuntimeError(
                f"the body is {self._remaining} bytes shorter than its Content-Length; "
                "the connection was aborted"
            )

    @property
    def can_sendfile(self) -> bool:
        """Whether :meth:`sendfile` is of use for this connection: no TLS, and a system call."""
        return can_sendfile(self._connection.transport)

    async def sendfile(self, fd: int, offset: int, count: int) -> int:
        """Send a part of a file as part of the body, by the ``sendfile`` system call.

        Only for a body with a Content-Length: a chunked one is written in chunks.

        :param fd: a descriptor of a regular file; it has to stay open until this returns.
        :param offset: where in the file to begin, in bytes.
        :param count: how many bytes to send.
        :returns: how many have been sent, fewer than *count* when the file ended before.
        :raises RuntimeError: after :meth:`write_eof`, or when the body would be longer than its
            Content-Length.
        :raises asyncio.SendfileNotAvailableError: when the file has to be read and written
            instead. Nothing of the body has been sent.
        :raises ClientConnectionResetError: when the client is gone.
        :raises OSError: when the file can't be read.
        """
        if self._ended:
            raise RuntimeError("Cannot call sendfile() after write_eof()")
        if self._framing == NO_BODY:
            self.send_headers()
            return count
        if self._framing != LENGTH:
            raise asyncio.SendfileNotAvailableError("the body has no Content-Length")
        self._check_length(count)
        self.send_headers()
        before = self.body_size
        await send_file(self._connection, fd, offset, count, self._count)
        return self.body_size - before

    @property
    def transport_is_full(self) -> bool:
        """Whether the peer reads too slowly: time to :meth:`drain`."""
        return self._connection.writing_paused

    @property
    def begun(self) -> bool:
        """Whether a response has been described to this writer."""
        return self._head is not None or self.output_size > 0

    @property
    def ended(self) -> bool:
        """Whether the response is complete, or was given up."""
        return self._ended

    def abandon(self) -> None:
        """Give the response up: nothing more is written."""
        self._ended = True

    async def drain(self) -> None:
        """Wait until the transport's buffer has room.

        :raises ClientConnectionResetError: when the client goes away meanwhile.
        """
        await self._connection.drain()

    def enable_chunking(self) -> None:
        """Use the chunked coding for the body; only before anything was sent."""
        self._framing = CHUNKED

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        """Set the head from a whole status line; kept for code that drives a writer by hand."""
        _, status, reason = status_line.split(" ", 2)
        self._head = (int(status), reason, headers)

    def _send_body(self, data: bytes) -> None:
        framing = self._framing
        if framing == LENGTH:
            self._check_length(len(data))
            self._remaining -= len(data)
        elif framing == CHUNKED:
            self.body_size += len(data)
            self._send(encode_chunk(data) if data else b"")
            return
        elif framing == NO_BODY:
            data = b""
        self.body_size += len(data)
        self._send(data)

    def _check_length(self, size: int) -> None:
        if size > self._remaining:
            self._connection.close_after_response()
            raise RuntimeError(
                f"the body is longer than its Content-Length: {size} bytes to write, "
                f"{self._remaining} left"
            )

    def _count(self, sent: int) -> None:
        """Count bytes of the body that went past :meth:`_send`."""
        self._remaining -= sent
        self.body_size += sent
        self.output_size += sent

    def _send(self, data: bytes) -> None:
        transport = self._connection.transport
        if transport is None or transport.is_closing():
            raise ClientConnectionResetError("Cannot write to a connection that is closed")
        head = self._head
        if head is not None:
            data = serialize_response(head[0], head[1], head[2].items(), data)
            self._head = None
            self._connection.answering = True
        elif not data:
            return
        self.output_size += len(data)
        transport.write(data)
