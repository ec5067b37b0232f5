"""A multipart body pulled out of a stream, a piece at a time, when somebody asks for it.

:class:`MultipartSource` reads the stream in bounded steps, feeds the parser of http-core and hands
out what comes: the header section of each part, and a :class:`PartStream` over its content.
Nothing is read ahead of what is asked for but the rest of a step; a part that nobody reads is
skipped when the next one is asked for. A part is a stream itself, so that a multipart inside a
part is just another source over it.

What is wrong with the body is the client's fault, and is raised as the exception that answers it:
:class:`InvalidMultipart`, a 400 that is a ``ValueError`` too, or a 413 for what is over a limit.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from tidegate_http_core import (
    ContentTooLarge,
    Fields,
    MultipartEvent,
    MultipartParser,
    PartBegin,
    ProtocolError,
)

from .exceptions import (
    HTTPBadRequest,
    HTTPException,
    HTTPRequestEntityTooLarge,
    HTTPUnsupportedMediaType,
)

#: Bytes that are read from the stream, and parsed, at once.
READ_STEP: Final = 2**16


class ByteStream(Protocol):
    """What a body can be read from: a :class:`StreamReader`, a part, or any reader of asyncio."""

    async def read(self, n: int, /) -> bytes:
        """Read up to *n* bytes, at least one; ``b""`` at the end."""


class InvalidMultipart(HTTPBadRequest, ValueError):
    """The body is no valid multipart body: the 400 that answers it, and a ``ValueError``."""

    def __init__(self, text: str) -> None:
        """Say what was expected and what came."""
        HTTPBadRequest.__init__(self, text=text)
        self.args = (text,)


class NotMultipart(HTTPUnsupportedMediaType, ValueError):
    """The body is no multipart body at all: the 415 that answers it, and a ``ValueError``."""

    def __init__(self, text: str) -> None:
        """Say what was expected and what came."""
        HTTPUnsupportedMediaType.__init__(self, text=text)
        self.args = (text,)


class UnknownPartEncoding(HTTPUnsupportedMediaType, RuntimeError):
    """A part has an encoding that nobody knows: a 415, and a ``RuntimeError``."""

    def __init__(self, text: str) -> None:
        """Say what came."""
        HTTPUnsupportedMediaType.__init__(self, text=text)
        self.args = (text,)


def refusal_of(error: ProtocolError) -> HTTPException:
    """Return the answer to what the parser of http-core refused."""
    if isinstance(error, ContentTooLarge):
        return HTTPRequestEntityTooLarge(0, text=str(error))
    return InvalidMultipart(str(error))


class MultipartSource:
    """One multipart body in a stream."""

    __slots__ = ("_content", "_events", "_max_size", "_parser", "_part", "_size")

    def __init__(self, content: ByteStream, parser: MultipartParser, max_size: int = 0) -> None:
        """Read *content* through *parser*.

        :param max_size: bytes of the whole body that are accepted; 0 for no limit.
        """
        self._content = content
        self._parser = parser
        self._max_size = max_size
        self._size = 0
        self._events: deque[MultipartEvent] = deque()
        self._part: PartStream | None = None

    async def next_part(self) -> "tuple[Fields, PartStream] | None":
        """Skip what is left of a part; return the next one, or None behind the last.

        Before it returns None it reads the stream to its end, so that an epilogue is counted and
        a body that fails late fails the reader.
        """
        if self._part is not None:
            await self._part.skip()
            self._part = None
        while (event := await self.next_event()) is not None:
            if isinstance(event, PartBegin):
                self._part = PartStream(self)
                return event.fields, self._part
        return None

    async def next_event(self) -> MultipartEvent | None:
        """Return the next event, None at the end of the stream."""
        events = self._events
        while not events:
            data = await self._content.read(READ_STEP)
            try:
                if not data:
                    if not (isinstance(self._content, PartStream) and self._content.skipped):
                        self._parser.feed_eof()
                    return None
                events += self._parser.feed(data)
            except ProtocolError as error:
                raise refusal_of(error) from None
            self._size += len(data)
            if 0 < self._max_size < self._size:
                raise HTTPRequestEntityTooLarge(self._max_size, self._size)
        return events.popleft()


class PartStream:
    """The content of one part, as it was sent."""

    __slots__ = ("_data", "_ended", "_offset", "_source", "skipped")

    def __init__(self, source: MultipartSource) -> None:
        """Read the part that *source* has just come to."""
        self._source = source
        self._data = b""
        self._offset = 0
        self._ended = False
        # Whether somebody went on to the next part: then the end says nothing about the content.
        self.skipped = False

    def at_eof(self) -> bool:
        """Tell whether all of it has been read or skipped, as far as anybody knows yet."""
        return self._ended and self._offset >= len(self._data)

    async def read(self, n: int, /) -> bytes:
        """Read up to *n* bytes, at least one; ``b""`` at the end."""
        offset = self._offset
        if offset >= len(self._data):
            if not await self._next_piece():
                return b""
            offset = 0
        if offset == 0 and len(self._data) <= n:
            self._offset = len(self._data)
            return self._data
        piece = self._data[offset : offset + n]
        self._offset = offset + len(piece)
        return piece

    async def readline(self, limit: int, too_long: Callable[[int], Exception]) -> bytes:
        r"""Read up to and including ``\n``; the rest when the part ends without it.

        :param limit: bytes that a line may have.
        :param too_long: makes the exception for a longer one, from its size so far.
        """
        line = bytearray()
        while self._offset < len(self._data) or await self._next_piece():
            end = self._data.find(b"\n", self._offset) + 1
            line += self._data[self._offset : end or len(self._data)]
            self._offset = end or len(self._data)
            if len(line) > limit:
                raise too_long(len(line))
            if end:
                break
        return bytes(line)

    async def skip(self) -> None:
        """Drop what is left."""
        self.skipped = True
        while not self._ended:
            await self._next_piece()
        self._offset = len(self._data)

    async def _next_piece(self) -> bool:
        """Take the next piece in place of the one that has been read; False at the end."""
        if self._ended:
            return False
        event = await self._source.next_event()
        if isinstance(event, bytes):
            self._data, self._offset = event, 0
            return True
        self._ended = True
        return False
