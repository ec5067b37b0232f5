"""Files to sockets without a copy: the ``sendfile`` system call, on any event loop.

asyncio's own ``loop.sendfile`` exists on some loops only (uvloop raises NotImplementedError) and
knows nothing of a peer that stalls. So the call is made here, on a duplicate of the connection's
socket, which every loop lets us watch::

    wait until the transport's buffer is empty     the head goes first
    each time that the socket has room             one call, for 2 MiB at most
    close the duplicate                            or the peer would never see the end

For the connection all this is one long pause of its transport (``pause_writing``, ``drain``), so
that a client that takes nothing for too long is noticed, and one that goes away ends the wait, as
with any other write.

The call reads the file, and the loop stands still for as long as that takes. So the end of each
piece is asked for first without waiting; what is not in memory is read in by the executor.

Never used: for TLS, where bytes have to be encrypted in this process; where the system has no
such call; when ``TIDEGATE_NOSENDFILE`` (or, as aiohttp names it, ``AIOHTTP_NOSENDFILE``) was set
when this module was imported.
"""

import asyncio
import errno
import os
from collections.abc import Callable
from typing import Final

from .abc import AbstractConnection
from .errors import ClientConnectionResetError

# Bytes a call: enough to make its price small, little enough for others not to wait for long.
_PIECE: Final = 2 * 1024 * 1024

_SWITCHES: Final = ("TIDEGATE_NOSENDFILE", "AIOHTTP_NOSENDFILE")
_EXISTS: Final = hasattr(os, "sendfile") and not any(map(os.environ.get, _SWITCHES))
# Python 3.11 names the flag where Linux has it.
_NOWAIT: Final = getattr(os, "RWF_NOWAIT", 0)
_ONE_BYTE: Final = [bytearray(1)]

# The file can't be sent in this way: it lies on a file system that has no pages to send.
_REFUSALS: Final = frozenset((errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSOCK))
_PEER_IS_GONE: Final = frozenset((errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN, errno.ETIMEDOUT))


def can_sendfile(transport: asyncio.Transport | None) -> bool:
    """Tell whether files can be sent through *transport* by the system."""
    return (
        _EXISTS
        and transport is not None
        and transport.get_extra_info("sslcontext") is None
        and transport.get_extra_info("socket") is not None
    )


async def send_file(
    connection: AbstractConnection,
    fd: int,
    offset: int,
    count: int,
    progress: Callable[[int], None],
) -> None:
    """Send *count* bytes of a file over *connection*, fewer only when the file ends before.

    :param fd: a descriptor of the file; its position is neither used nor changed.
    :param progress: called with the number of bytes each time that some were sent.
    :raises ClientConnectionResetError: when the client is gone.
    :raises asyncio.SendfileNotAvailableError: when the system refuses; nothing has been sent.
    :raises OSError: when the file can't be read.
    """
    transport = connection.transport
    if transport is None or not can_sendfile(transport):
        raise asyncio.SendfileNotAvailableError("no sendfile for this connection")
    await _empty_buffer(connection, transport)
    out = os.dup(transport.get_extra_info("socket").fileno())
    try:
        await _Transfer(connection, out, fd, offset, offset + count, progress).run()
    finally:
        os.close(out)


class _Transfer:
    """A part of a file on its way into a socket."""

    def __init__(
        self,
        connection: AbstractConnection,
        out: int,
        fd: int,
        offset: int,
        end: int,
        progress: Callable[[int], None],
    ) -> None:
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._out = out
        self._fd = fd
        self._start = self._offset = offset
        self._end = end
        self._progress = progress
        self._done = offset == end
        self._reading = False
        self._failure: Exception | None = None

    async def run(self) -> None:
        """Send all of it; what is raised is said at :func:`send_file`."""
        connection = self._connection
        connection.pause_writing()
        try:
            self._send_piece()
            if not self._done:
                if not self._reading:
                    self._loop.add_writer(self._out, self._send_piece)
                await connection.drain()
        finally:
            self._finish(None)
        if self._failure is not None:
            raise self._failure

    def _send_piece(self) -> None:
        """Send what the socket has room for, 2 MiB at most."""
        if self._done:
            return
        size = min(self._end - self._offset, _PIECE)
        if _would_wait_for_disk(self._fd, self._offset + size - 1):
            self._reading = True
            self._loop.remove_writer(self._out)
            # A thread that outlives the transfer may find another file behind the number; what
            # it reads then is dropped, like what it reads now.
            reading = self._loop.run_in_executor(None, os.pread, self._fd, size, self._offset)
            reading.add_done_callback(self._read_in)
            return
        try:
            sent = os.sendfile(self._out, self._fd, self._offset, size)
        except BlockingIOError:
            return
        except OSError as exc:
            if exc.errno in _PEER_IS_GONE:
                # The transport has not seen it yet.
                self._connection.abort()
            self._finish(_translated(exc, begun=self._offset > self._start))
            return
        if sent:
            self._progress(sent)
            self._offset += sent
            # The time that the client may take begins anew.
            self._connection.pause_writing()
        if not sent or self._offset == self._end:
            self._finish(None)

    def _read_in(self, reading: "asyncio.Future[bytes]") -> None:
        """Go on with a piece that is in memory now."""
        self._reading = False
        if reading.cancelled() or self._done:
            return
        failure = reading.exception()
        if isinstance(failure, Exception):
            self._finish(failure)
        else:
            self._loop.add_writer(self._out, self._send_piece)

    def _finish(self, failure: Exception | None) -> None:
        """Let :meth:`run` end."""
        if not self._done:
            self._done = True
            self._failure = failure
            self._loop.remove_writer(self._out)
        self._connection.resume_writing()


def _would_wait_for_disk(fd: int, position: int) -> bool:
    """Tell whether reading the byte at *position* has to wait; False where nobody knows."""
    if not _NOWAIT:
        return False
    try:
        os.preadv(fd, _ONE_BYTE, position, _NOWAIT)
    except BlockingIOError:
        return True
    except OSError:
        # Not every file system answers; what is wrong with the file itself is seen by sendfile.
        return False
    return False


async def _empty_buffer(connection: AbstractConnection, transport: asyncio.Transport) -> None:
    """Wait until all that was written before has left the transport."""
    if not transport.get_write_buffer_size() and not connection.writing_paused:
        return
    low, high = transport.get_write_buffer_limits()
    transport.set_write_buffer_limits(0)
    try:
        await connection.drain()
    finally:
        transport.set_write_buffer_limits(high, low)


def _translated(exc: OSError, *, begun: bool) -> Exception:
    """Find what a failed call means to the caller."""
    if exc.errno in _REFUSALS and not begun:
        return asyncio.SendfileNotAvailableError(f"the system refused: {exc.strerror}")
    if exc.errno in _PEER_IS_GONE:
        return ClientConnectionResetError("the client closed the connection")
    return exc
