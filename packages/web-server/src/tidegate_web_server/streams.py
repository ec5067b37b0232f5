"""The body of a request as a stream: fed by the connection, read by the handler.

The connection calls :meth:`StreamReader.feed_data`, :meth:`~StreamReader.feed_eof` or
:meth:`~StreamReader.set_exception`; one handler reads. Pieces are kept as they arrived, so that
reading a body whole joins it once and streaming it copies nothing; only small pieces are gathered
in one buffer, so that a peer that sends a byte at a time doesn't make an object of each.

Flow control is one number: above ``limit`` bytes the connection is asked to stop reading, and
once the reader has taken them down to half of it, to go on. A body that arrived with its head
never makes a future. Once the body has failed, every read raises what :meth:`set_exception` gave,
after the bytes that came before it; nothing waits for ever.
"""

import asyncio
import warnings
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

from .abc import ReadingControl
from .errors import PayloadAccessError

# Pieces below this many bytes are gathered; a piece of this size is worth its own object.
_SMALL = 1024
_GATHER_LIMIT = 16 * 1024

# Bytes of a body nobody reads that are received and dropped for the sake of the connection.
DRAIN_LIMIT: Final = 2**18


class LineTooLong(ValueError):
    """A line or delimited piece of a body is longer than the reader allows."""


class AsyncStreamIterator(AsyncIterator[bytes]):
    """Iterates over what a reading coroutine returns, until it returns nothing."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[], Awaitable[bytes]]) -> None:
        """Iterate over the results of *read*, a coroutine function without arguments."""
        self._read = read

    def __aiter__(self) -> "AsyncStreamIterator":
        """Iterate over the stream itself."""
        return self

    async def __anext__(self) -> bytes:
        """Return the next piece, or end at the end of the body."""
        piece = await self._read()
        if not piece:
            raise StopAsyncIteration
        return piece


class ChunkIterator(AsyncIterator[tuple[bytes, bool]]):
    """Iterates over what :meth:`StreamReader.readchunk` returns, up to the end of the body."""

    __slots__ = ("_stream",)

    def __init__(self, stream: "StreamReader") -> None:
        """Iterate over the pieces of *stream*."""
        self._stream = stream

    def __aiter__(self) -> "ChunkIterator":
        """Iterate over the stream itself."""
        return self

    async def __anext__(self) -> tuple[bytes, bool]:
        """Return the next piece, or end at the end of the body."""
        piece = await self._stream.readchunk()
        if not piece[0]:
            raise StopAsyncIteration
        return piece


class StreamReader:
    """A request's body, read piece by piece by one reader."""

    __slots__ = (
        "_before_wait",
        "_ended",
        "_eof",
        "_eof_callbacks",
        "_exception",
        "_expected",
        "_limit",
        "_loop",
        "_offset",
        "_paused",
        "_pieces",
        "_protocol",
        "_size",
        "_waiter",
        "total_bytes",
    )

    def __init__(
        self,
        protocol: ReadingControl,
        limit: int,
        *,
        loop: asyncio.AbstractEventLoop,
        expected: int = -1,
        before_wait: Callable[[], None] | None = None,
    ) -> None:
        """Make an empty body.

        :param protocol: what is told to pause and resume reading.
        :param limit: bytes buffered above which the connection stops reading.
        :param loop: the loop that both sides run on.
        :param expected: bytes that the body will have; -1 when nobody knows.
        :param before_wait: called once, the first time a reader has to wait for bytes
            (``100 Continue`` is sent then, RFC 9110 section 10.1.1).
        """
        self._protocol = protocol
        self._limit = limit
        self._loop = loop
        self._expected = expected
        self._before_wait = before_wait
        self._pieces: deque[bytes | bytearray] = deque()
        self._offset = 0  # how much of the first piece has been read
        self._size = 0
        self._eof = False
        self._exception: BaseException | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._paused = False
        self._ended: asyncio.Event | None = None
        self._eof_callbacks: list[Callable[[], None]] | None = None
        self.total_bytes = 0

    def __repr__(self) -> str:
        """Show how much is buffered and how the body stands."""
        state = "failed" if self._exception else "eof" if self._eof else "open"
        return f"<{type(self).__name__} {self._size} bytes buffered, {state}>"

    # --- the connection's side ---

    def feed_data(self, data: bytes) -> None:
        """Append *data*; asks the connection to pause when too much is buffered."""
        if not data:
            return
        size = len(data)
        self._size += size
        self.total_bytes += size
        pieces = self._pieces
        if size < _SMALL:
            last = pieces[-1] if pieces else None
            if type(last) is bytearray and len(last) < _GATHER_LIMIT:
                last += data
            else:
                # The first piece of a body stays as it is: most bodies are one piece.
                pieces.append(bytearray(data) if pieces else data)
        else:
            pieces.append(data)
        if self._size > self._limit and not self._paused:
            self._paused = True
            self._protocol.pause_reading()
        if self._waiter is not None:
            self._wake()

    def feed_eof(self) -> None:
        """End the body."""
        self._eof = True
        if self._waiter is not None:
            self._wake()
        if self._ended is not None:
            self._ended.set()
        callbacks = self._eof_callbacks
        if callbacks is not None:
            self._eof_callbacks = None
            for callback in callbacks:
                callback()

    def set_exception(self, exc: BaseException) -> None:
        """Fail the body: reads raise *exc* once what came before it has been read."""
        if self._eof or self._exception is not None:
            return
        self._exception = exc
        if self._waiter is not None:
            self._wake()
        if self._ended is not None:
            self._ended.set()

    def on_eof(self, callback: Callable[[], None]) -> None:
        """Call *callback* when the body has ended (at once when it has already)."""
        if self._eof:
            callback()
        elif self._eof_callbacks is None:
            self._eof_callbacks = [callback]
        else:
            self._eof_callbacks.append(callback)

    def is_eof(self) -> bool:
        """Tell whether the whole body has arrived, read or not."""
        return self._eof

    def exception(self) -> BaseException | None:
        """Return what the body failed with, or None."""
        return self._exception

    @property
    def droppable(self) -> bool:
        """Whether the rest of the body may be received and dropped to keep the connection.

        Not when it is long; and not when the client waits to be asked for it and was not,
        because then nobody can tell whether it will come (RFC 9110 section 10.1.1).
        """
        if self._eof:
            return True
        if self._before_wait is not None and not self.total_bytes:
            return False
        return self._expected - self.total_bytes <= DRAIN_LIMIT

    @property
    def waiting(self) -> bool:
        """Whether a reader waits for bytes at this moment."""
        return self._waiter is not None

    @property
    def total_raw_bytes(self) -> int:
        """How many bytes have arrived, before a Content-Encoding was taken off."""
        return self.total_bytes

    def get_read_buffer_limits(self) -> tuple[int, int]:
        """Return the bytes buffered at which the connection reads on, and pauses."""
        return self._limit // 2, self._limit

    def discard(self) -> None:
        """Forget what is left, because the request has been answered; reading it fails now."""
        if self._exception is None and not self.at_eof():
            self._exception = PayloadAccessError(
                "the body was read after its request had been answered"
            )
            if self._waiter is not None:
                self._wake()
        self._pieces.clear()
        self._offset = 0
        self._took(self._size)

    # --- the handler's side ---

    def at_eof(self) -> bool:
        """Tell whether the body has ended and all of it has been read."""
        return self._eof and not self._size

    async def read(self, n: int = -1) -> bytes:
        """Read up to *n* bytes, waiting for at least one; all of the body when *n* is negative.

        Returns ``b""`` at the end of the body.
        """
        if n == 0:
            return b""
        if n < 0:
            parts = []
            while part := await self.readany():
                parts.append(part)
            return parts[0] if len(parts) == 1 else b"".join(parts)
        if not self._size and not await self._wait_for_data():
            return b""
        return self._take(n)

    async def readany(self) -> bytes:
        """Read what is buffered, waiting for some when nothing is; ``b""`` at the end."""
        if not self._size and not await self._wait_for_data():
            return b""
        return self._take_all()

    async def readexactly(self, n: int) -> bytes:
        """Read exactly *n* bytes.

        :raises asyncio.IncompleteReadError: when the body ends before; has what there was.
        """
        if n < 0:
            raise ValueError(f"readexactly needs a size of 0 or more, got {n}")
        parts: list[bytes] = []
        missing = n
        while missing:
            part = await self.read(missing)
            if not part:
                raise asyncio.IncompleteReadError(b"".join(parts), n)
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    async def readline(self, *, max_line_length: int | None = None) -> bytes:
        r"""Read up to and including ``\n``; the rest when the body ends without it.

        :raises LineTooLong: when more than *max_line_length* bytes (default: the reader's limit)
            come without a line end.
        """
        return await self.readuntil(max_size=max_line_length)

    async def readuntil(self, separator: bytes = b"\n", *, max_size: int | None = None) -> bytes:
        """Read up to and including *separator*; the rest when the body ends without it.

        :raises LineTooLong: when more than *max_size* bytes (default: the reader's limit) come
            without the separator.
        """
        if not separator:
            raise ValueError("separator should be at least one byte")
        limit = self._limit if max_size is None else max_size
        found = bytearray()
        while self._size or await self._wait_for_data():
            ends = self._find(separator, found)
            found += self._take_piece(ends) if ends else self._take_piece()
            if len(found) > limit:
                raise LineTooLong(f"expected {separator!r} within {limit} bytes of the body")
            if ends:
                break
        return bytes(found)

    def read_nowait(self, n: int = -1) -> bytes:
        """Read up to *n* buffered bytes (all when negative) without waiting.

        :raises RuntimeError: when another coroutine is waiting in a read.
        """
        if self._waiter is not None and not self._waiter.done():
            raise RuntimeError("read_nowait() called while another coroutine waits for data")
        if self._exception is not None and not self._size:
            raise self._exception
        return self._take_all() if n < 0 else self._take(n)

    async def readchunk(self) -> tuple[bytes, bool]:
        """Read what is buffered, as :meth:`readany`, with True beside it.

        ``(b"", False)`` at the end of the body. The flag once said that a chunk of the chunked
        coding ends here. Where a sender, or a proxy, cuts its chunks means nothing (RFC 9112
        section 7.1), and is not kept: take what arrived together for a chunk.
        """
        data = await self.readany()
        return data, bool(data)

    def unread_data(self, data: bytes) -> None:
        """Put *data* back, to be read next; deprecated."""
        warnings.warn(
            "unread_data() is deprecated: keep what you have read and don't need yet",
            DeprecationWarning,
            stacklevel=2,
        )
        if data:
            if self._offset:
                self._pieces[0] = self._pieces[0][self._offset :]
                self._offset = 0
            self._pieces.appendleft(data)
            self._size += len(data)

    async def wait_eof(self) -> None:
        """Wait until the body has arrived, whether or not it has been read.

        :raises RequestPayloadError: when the body fails before.
        """
        if not self._eof and self._exception is None:
            if self._ended is None:
                self._ended = asyncio.Event()
            await self._ended.wait()
        if self._exception is not None:
            raise self._exception

    def iter_any(self) -> AsyncStreamIterator:
        """Iterate over the body in the pieces in which it arrives."""
        return AsyncStreamIterator(self.readany)

    def iter_chunked(self, n: int) -> AsyncStreamIterator:
        """Iterate over the body in pieces of at most *n* bytes."""
        if n < 1:
            raise ValueError(f"iter_chunked needs a size of 1 or more, got {n}")
        return AsyncStreamIterator(lambda: self.read(n))

    def iter_chunks(self) -> ChunkIterator:
        """Iterate over what :meth:`readchunk` returns."""
        return ChunkIterator(self)

    def __aiter__(self) -> AsyncStreamIterator:
        """Iterate over the body's lines."""
        return AsyncStreamIterator(self.readline)

    # --- inside ---

    async def _wait_for_data(self) -> bool:
        """Wait until there are bytes; False at the end of the body."""
        while not self._size:
            if self._exception is not None:
                raise self._exception
            if self._eof:
                return False
            if self._waiter is not None:
                raise RuntimeError("the body is already being read by another coroutine")
            if self._before_wait is not None:
                before_wait, self._before_wait = self._before_wait, None
                before_wait()
            self._waiter = self._loop.create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        return True

    def _wake(self) -> None:
        waiter = self._waiter
        if waiter is not None and not waiter.done():
            waiter.set_result(None)

    def _find(self, separator: bytes, found: bytearray) -> int:
        """Return how many bytes of the first piece end *found* with the separator, or 0."""
        piece, offset = self._pieces[0], self._offset
        overlap = len(separator) - 1
        if overlap and found:
            tail = bytes(found[-overlap:])
            at = (tail + piece[offset : offset + overlap]).find(separator)
            if at >= 0:
                return at + len(separator) - len(tail)
        at = piece.find(separator, offset)
        return at + len(separator) - offset if at >= 0 else 0

    def _take_piece(self, n: int | None = None) -> bytes:
        """Take the first *n* bytes of the first piece, all of it by default."""
        piece, offset = self._pieces[0], self._offset
        if n is None or n >= len(piece) - offset:
            self._pieces.popleft()
            self._offset = 0
            data = bytes(piece[offset:] if offset else piece)
        else:
            self._offset = offset + n
            data = bytes(piece[offset : offset + n])
        self._took(len(data))
        return data

    def _take(self, n: int) -> bytes:
        n = min(n, self._size)
        parts = []
        while n:
            part = self._take_piece(n)
            parts.append(part)
            n -= len(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _take_all(self) -> bytes:
        if len(self._pieces) == 1:
            return self._take_piece()
        return self._take(self._size)

    def _took(self, size: int) -> None:
        self._size -= size
        if self._paused and self._size <= self._limit // 2:
            self._paused = False
            self._protocol.resume_reading()


class EmptyStreamReader(StreamReader):
    """The body of a request that has none: always at its end, shared by all of them."""

    __slots__ = ()

    def __init__(self) -> None:
        """Make a body that has ended and never waits."""
        self._pieces = deque()
        self._offset = 0
        self._size = 0
        self._limit = 2**16
        self._eof = True
        self._exception = None
        self._waiter = None
        self._paused = False
        self._before_wait = None
        self._ended = None
        self._expected = 0
        self._eof_callbacks = None
        self.total_bytes = 0

    def set_exception(self, exc: BaseException) -> None:
        """Do nothing: a body that has ended can't fail any more."""

    def feed_data(self, data: bytes) -> None:
        """Refuse: this body is shared and always empty."""
        raise RuntimeError("EMPTY_PAYLOAD can't be fed: make a StreamReader for a body")


EMPTY_PAYLOAD = EmptyStreamReader()
