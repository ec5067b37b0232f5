"""A body that came with a Content-Encoding, read as what it was before it was encoded.

:class:`DecodedStream` has the interface of any body and pulls from the one that the connection
feeds. Nothing is decoded before it is asked for, and then one step of at most 256 KiB
(:mod:`tidegate_http_core`'s decoders bound it): what a few bytes expand to is never in memory at
once. Between two steps that need no more of the body, other tasks get their turn.
"""

import asyncio
from collections.abc import Callable

from tidegate_http_core import ContentDecoder, ProtocolError

from .errors import RequestPayloadError
from .streams import StreamReader


class DecodedStream(StreamReader):
    """Reads another stream through a decoder; what it holds is one step of it at most."""

    __slots__ = ("_coded", "_decoder")

    def __init__(self, coded: StreamReader, decoder: ContentDecoder) -> None:
        """Read *coded*, which nobody else reads any more, through *decoder*."""
        super().__init__(coded._protocol, coded._limit, loop=coded._loop)
        self._coded = coded
        self._decoder = decoder

    # --- the connection's side: that of the coded body ---

    def feed_data(self, data: bytes) -> None:
        """Give *data*, a piece of the coded body, to the stream behind this one."""
        self._coded.feed_data(data)

    def feed_eof(self) -> None:
        """End the coded body."""
        self._coded.feed_eof()

    def set_exception(self, exc: BaseException) -> None:
        """Fail the coded body."""
        self._coded.set_exception(exc)

    def on_eof(self, callback: Callable[[], None]) -> None:
        """Call *callback* when the coded body has ended."""
        self._coded.on_eof(callback)

    def is_eof(self) -> bool:
        """Tell whether the whole coded body has arrived, read or not."""
        return self._coded.is_eof()

    def exception(self) -> BaseException | None:
        """Return what the body failed with, or None."""
        return self._exception or self._coded.exception()

    @property
    def droppable(self) -> bool:
        """Whether the rest of the coded body may be received and dropped."""
        return self._coded.droppable

    @property
    def waiting(self) -> bool:
        """Whether a reader waits for bytes at this moment."""
        return self._coded.waiting

    def discard(self) -> None:
        """Forget what is buffered and let the connection read on."""
        super().discard()
        self._coded.discard()

    @property
    def total_raw_bytes(self) -> int:
        """How many bytes of the coded body have arrived."""
        return self._coded.total_bytes

    async def wait_eof(self) -> None:
        """Wait until the coded body has arrived, whether or not it has been read."""
        await self._coded.wait_eof()

    # --- the handler's side ---

    def at_eof(self) -> bool:
        """Tell whether the body has ended and all of it has been read."""
        return not self._size and (
            self._eof or (self._coded.at_eof() and not self._decoder.pending)
        )

    def read_nowait(self, n: int = -1) -> bytes:
        """Read up to *n* bytes (all of a step when negative) without waiting."""
        if not self._size and self._exception is None and not self._eof:
            if self._decoder.pending:
                self._decode(b"")
            elif data := self._coded.read_nowait():
                self._decode(data)
        return super().read_nowait(n)

    async def _wait_for_data(self) -> bool:
        while not self._size:
            if self._exception is not None:
                raise self._exception
            if self._eof:
                return False
            if self._decoder.pending:
                await asyncio.sleep(0)
                self._decode(b"")
            elif data := await self._coded.readany():
                self._decode(data)
            else:
                self._end()
        return True

    def _decode(self, data: bytes) -> None:
        try:
            content = self._decoder.decode(data)
        except ProtocolError as exc:
            self._fail(exc)
            return
        if content:
            self._pieces.append(content)
            self._size += len(content)
            self.total_bytes += len(content)

    def _end(self) -> None:
        try:
            self._decoder.finish()
        except ProtocolError as exc:
            self._fail(exc)
        else:
            self._eof = True

    def _fail(self, exc: ProtocolError) -> None:
        """Fail all reads from now on: a client's fault, like a body that broke off."""
        self._exception = RequestPayloadError(str(exc), exc.status)
