"""Payloads of streams: what comes piece by piece from somewhere that is awaited.

Nobody knows their size, and they can be sent once. The next piece is asked for when the one
before it has been taken by the client's side of the connection.
"""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from typing import Any, Final, Protocol

from .abc import AbstractStreamWriter
from .payload import Order, Payload, register_payload
from .streams import StreamReader

_READ_STEP: Final = 2**17


class _Readable(Protocol):
    async def read(self, n: int = -1, /) -> bytes: ...


class AsyncIterablePayload(Payload):
    """A body of what an async iterable yields, an async generator for instance."""

    _iterator: AsyncIterator[Any] | None

    def __init__(self, value: AsyncIterable[Any], *args: Any, **kwargs: Any) -> None:
        """Wrap *value*, which yields bytes; the other arguments are those of :class:`Payload`.

        :raises TypeError: when *value* is no async iterable.
        """
        if not isinstance(value, AsyncIterable):
            raise TypeError(
                "an AsyncIterablePayload is made of an async iterable, such as what an async "
                f"generator function returns, got {type(value).__name__}"
            )
        super().__init__(value, *args, **kwargs)
        # Streams of aiohttp's kind iterate over lines, which may be of any length.
        pieces = getattr(value, "iter_any", None)
        self._iterator = aiter(value if pieces is None else pieces())

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write what the iterable yields.

        :raises TypeError: when it yields something that is not bytes-like.
        :raises RuntimeError: when it has been written before.
        """
        await self.write_with_length(writer, None)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write the first *content_length* bytes, all that comes when that is None."""
        left = content_length
        async for chunk in self._take():
            piece = self._bytes_of(chunk)
            if left is not None:
                piece = piece[:left]
                left -= len(piece)
            # An empty piece has nothing to send.
            if piece:
                await writer.write(piece)
            if left == 0:
                return

    def _take(self) -> AsyncIterator[Any]:
        """Return the iterator, for the first and only time."""
        iterator, self._iterator = self._iterator, None
        if iterator is None:
            raise RuntimeError(f"{self._value!r} has been sent, and can be iterated over once")
        self._consumed = True
        return iterator

    def _bytes_of(self, chunk: object) -> bytes:
        if not isinstance(chunk, bytes | bytearray | memoryview):
            raise TypeError(
                f"a body is made of bytes-like pieces, got {type(chunk).__name__} from "
                f"{self._value!r}; encode text before you yield it"
            )
        return bytes(chunk)

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Refuse: what is awaited can't be had at once.

        :raises TypeError: always.
        """
        raise TypeError(f"{self._value!r} can't be decoded: it is read by writing it")

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Collect what the iterable yields, all in memory; it is used up then."""
        return b"".join([self._bytes_of(chunk) async for chunk in self._take()])

    async def close(self) -> None:
        """End an async generator that has not come to its end."""
        self._iterator, self._consumed = None, True
        if aclose := getattr(self._value, "aclose", None):
            await aclose()


class StreamReaderPayload(AsyncIterablePayload):
    """A body of what a stream reader reads, the body of a request or another program's output."""

    def __init__(self, value: _Readable, *args: Any, **kwargs: Any) -> None:
        """Wrap a reader with ``await read(n)``; the other arguments are those of Payload."""
        super().__init__(_pieces(value), *args, **kwargs)


async def _pieces(reader: _Readable) -> AsyncIterator[bytes]:
    while piece := await reader.read(_READ_STEP):
        yield piece


register_payload(StreamReaderPayload, (StreamReader, asyncio.StreamReader))
register_payload(AsyncIterablePayload, AsyncIterable, order=Order.try_last)
