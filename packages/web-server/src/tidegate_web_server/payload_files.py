"""Payloads of files: what blocks is done by an executor, in steps of bounded size.

A file is sent from its position when it was wrapped, up to what was its end then: the size of a
payload and the bytes it writes are the same number, whatever happens to the file meanwhile. What
it grows by is left out; when it has become shorter the writer of the response sees too few bytes
and cuts the connection, so that no client takes a part for the whole. What has no size that can
be told at no cost (a pipe, an archive's member, text that is encoded on its way) is sent until
it ends.

Each piece is read after the one before it has been taken, so that at most one step of a file is
in memory. :meth:`IOBasePayload.close` closes the file; a response does so at its end, whatever
that was.
"""

import asyncio
import codecs
import io
import os
import stat
import tempfile
import threading
from typing import IO, Any, Final, TextIO

from tidegate_http_core import hdrs, safe_filename

from .abc import AbstractStreamWriter
from .payload import Payload, register_payload
from .payload_memory import text_type

#: Bytes, or characters of a text file, that are read at once.
READ_STEP: Final = 2**17


class IOBasePayload(Payload):
    """A body that is read from a binary file."""

    def __init__(
        self, value: IO[Any], disposition: str = "attachment", *args: Any, **kwargs: Any
    ) -> None:
        """Wrap an open file; the other arguments are those of :class:`Payload`.

        :param disposition: type of the Content-Disposition that a file with a name gets, unless
            *headers* have one.
        :raises ValueError: when the file is closed, or was not opened for reading.
        """
        if not value.readable():
            raise ValueError(f"{value!r} can't be sent: open it for reading")
        if kwargs.get("filename") is None:
            kwargs["filename"] = _name_of(value)
        super().__init__(value, *args, **kwargs)
        self._start = value.tell() if value.seekable() else None
        self._size = self._measure()
        # A read whose handler was cancelled goes on in its thread; the file must outlive it.
        self._in_use = threading.Lock()
        if self._filename is not None and hdrs.CONTENT_DISPOSITION not in self._headers:
            self.set_content_disposition(disposition, filename=self._filename)

    def _measure(self) -> int | None:
        """Return the bytes from the position to the end, None when that is no mere number."""
        file = self._value
        # A file in an archive can be asked for its end too, and reads all of itself to tell.
        inner = getattr(file, "raw", file)
        if isinstance(inner, io.FileIO):
            if not stat.S_ISREG(os.fstat(inner.fileno()).st_mode):
                return None
        elif not isinstance(inner, tempfile.SpooledTemporaryFile | io.BytesIO):
            return None
        size: int = file.seek(0, os.SEEK_END) - self._start
        file.seek(self._start)
        return max(size, 0)

    async def write(self, writer: AbstractStreamWriter) -> None:
        """Write the file from where it was when it was wrapped.

        :raises RuntimeError: when it has been written before and has no way back.
        """
        await self.write_with_length(writer, None)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write the first *content_length* bytes of the file, the whole when that is None."""
        left = self._size
        if content_length is not None and (left is None or content_length < left):
            left = content_length
        loop = asyncio.get_running_loop()
        read = self._read_first
        while left is None or left:
            step = READ_STEP if left is None else min(left, READ_STEP)
            chunk = await loop.run_in_executor(None, read, step)
            if not chunk:
                return
            if left is not None:
                # Characters were asked for where the file is text.
                chunk = chunk[:left]
                left -= len(chunk)
            await writer.write(chunk)
            read = self._read

    def _read_first(self, limit: int) -> bytes:
        """Go to the beginning and read; runs in the executor."""
        with self._in_use:
            self._rewind()
        return self._read(limit)

    def _rewind(self) -> None:
        if self._start is not None:
            self._value.seek(self._start)
        elif self._consumed:
            raise RuntimeError(f"{self._value!r} has been sent, and there is no way back in it")
        self._consumed = self._start is None

    def _read(self, limit: int) -> bytes:
        """Read some bytes, about *limit* at most; runs in the executor."""
        with self._in_use:
            return self._value.read(limit) or b""

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Read the file as text in *encoding*; blocks until it is read."""
        return self._read_whole().decode(encoding, errors)

    async def as_bytes(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        """Read the whole file into memory."""
        return await asyncio.get_running_loop().run_in_executor(None, self._read_whole)

    def _read_whole(self) -> bytes:
        with self._in_use:
            self._rewind()
        pieces = []
        while piece := self._read(READ_STEP):
            pieces.append(piece)
        return b"".join(pieces)

    async def close(self) -> None:
        """Close the file; it is not closed twice."""
        if self._in_use.acquire(blocking=False):
            try:
                self._value.close()
            finally:
                self._in_use.release()
        else:
            await asyncio.get_running_loop().run_in_executor(None, self._close_after_reading)

    def _close_after_reading(self) -> None:
        with self._in_use:
            self._value.close()


class BufferedReaderPayload(IOBasePayload):
    """A body that is read from a file opened with ``open(path, "rb")``."""


class TextIOPayload(IOBasePayload):
    """A body that is read from a text file, and encoded on its way."""

    def __init__(
        self,
        value: TextIO,
        *args: Any,
        encoding: str | None = None,
        content_type: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Wrap an open text file; the other arguments are those of :class:`IOBasePayload`.

        :param encoding: the charset to send; when None the one that *content_type* names, else
            UTF-8. The charset of the file is the file's affair.
        :param content_type: the media type; ``text/plain`` in the charset when None.
        """
        charset, content_type = text_type(encoding, content_type)
        self._encoder = codecs.getincrementalencoder(charset)()
        super().__init__(value, *args, encoding=charset, content_type=content_type, **kwargs)

    def _measure(self) -> int | None:
        return None

    def _rewind(self) -> None:
        super()._rewind()
        self._encoder.reset()

    def _read(self, limit: int) -> bytes:
        with self._in_use:
            while True:
                text = self._value.read(limit)
                data = self._encoder.encode(text, final=not text)
                # Some charsets keep characters back until they know what follows.
                if data or not text:
                    return data

    def decode(self, encoding: str = "utf-8", errors: str = "strict") -> str:
        """Read the file as text; blocks until it is read."""
        with self._in_use:
            self._rewind()
            text: str = self._value.read()
            return text


class BytesIOPayload(IOBasePayload):
    """A body of what a :class:`io.BytesIO` holds from its position on.

    It can be written again, and is not closed: there is nothing to let go of.
    """

    _autoclose = True

    def __init__(self, value: io.BytesIO, *args: Any, **kwargs: Any) -> None:
        """Wrap *value*; the other arguments are those of :class:`IOBasePayload`."""
        super().__init__(value, *args, **kwargs)

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        """Write the first *content_length* bytes, the whole when that is None."""
        end = self._size or 0
        if content_length is not None:
            end = min(end, content_length)
        for at in range(0, end, READ_STEP):
            self._value.seek((self._start or 0) + at)
            await writer.write(self._value.read(min(READ_STEP, end - at)))

    async def close(self) -> None:
        """Do nothing: what is in memory goes with its last user."""


def _name_of(file: IO[Any]) -> str | None:
    """Return a name for clients to save the file under, None when it has none."""
    name = getattr(file, "name", None)
    # Descriptors have numbers for names, and standard streams have <stdin> and the like.
    if not isinstance(name, str | bytes) or not name or os.fsdecode(name).startswith("<"):
        return None
    return safe_filename(os.path.basename(os.fsdecode(name)))


register_payload(TextIOPayload, io.TextIOBase)
register_payload(BytesIOPayload, io.BytesIO)
register_payload(BufferedReaderPayload, (io.BufferedReader, io.BufferedRandom))
register_payload(IOBasePayload, io.IOBase)
