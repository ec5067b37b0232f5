"""A response whose body is a file.

Everything happens in :meth:`FileResponse.prepare`, the end of the response included::

    executor   open, stat, and for a plain GET read the first chunk      one hop
    loop       validators, preconditions, head
    executor   the other chunks, one hop each, when there are any

A file that fits into one chunk goes out in one write with its head. Of a larger one at most a
chunk is read ahead of what the client takes.

Content-Length is what the file had when it was opened, and it is kept to the byte: what a file
grows by while it is being sent is not sent; when it has become shorter the connection is aborted,
so that no client takes a part for the whole (RFC 9112 section 8).

The entity tag is made of the time of the last modification and the size. It is strong, so that a
client may put parts of the file together, but for a file that was modified within the last two
seconds: clocks of file systems tick in steps, up to those two seconds, and a second modification
within a step could leave the tag as it was (RFC 9110 section 8.8.1). The opaque part is the same
for both, so a client that has the weak one need not load the file again.
"""

import asyncio
import logging
import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from tidegate_http_core import format_http_date, hdrs, parse_http_date
from tidegate_web_server import (
    AbstractStreamWriter,
    BaseRequest,
    ClientConnectionResetError,
    StreamResponse,
)

from .content_types import guess_content_type
from .opening import FileRefused, OpenFile, open_file
from .preconditions import EntityTag, Outcome, Preconditions, parse_entity_tags

_logger = logging.getLogger("tidegate.static")

# The coarsest clock that a file system has: FAT counts in two seconds.
_CLOCK_STEP_NS: Final = 2_000_000_000

# Fields that speak of the file, or of how long to keep it: not those of an error.
_OF_THE_FILE: Final = (
    hdrs.CACHE_CONTROL,
    hdrs.CONTENT_DISPOSITION,
    hdrs.CONTENT_ENCODING,
    hdrs.CONTENT_LANGUAGE,
    hdrs.CONTENT_LENGTH,
    hdrs.CONTENT_LOCATION,
    hdrs.CONTENT_TYPE,
    hdrs.ETAG,
    hdrs.EXPIRES,
    hdrs.LAST_MODIFIED,
)


class FileResponse(StreamResponse):
    """A response that sends a file."""

    # The head waits for the first bytes of the file, so that both are one write.
    head_waits_for_body = True

    # Both are for the resource: how to open the file when it is not just by its path, and the
    # file when it has been opened before prepare().
    _opener: Callable[[], OpenFile] | None = None
    _opened: OpenFile | None = None

    def __init__(
        self,
        path: str | os.PathLike[str],
        chunk_size: int = 256 * 1024,
        status: int = 200,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Describe a response with the file at *path*; nothing is opened yet.

        A GET or HEAD is answered with 304 or 412 where its preconditions ask for that. A file
        that is missing is a 404; one that can't be read, or is no regular file, a 403.

        :param path: the file; symbolic links are followed.
        :param chunk_size: bytes to read, and to hold in memory, at once.
        :param status: the status code when the file is sent.
        :param reason: its reason phrase; the standard one when None.
        :param headers: header fields to send. A Content-Type, ETag or Last-Modified among them
            takes the place of what the file would get.
        :raises ValueError: when *chunk_size* is not positive.
        """
        super().__init__(status=status, reason=reason, headers=headers)
        if chunk_size < 1:
            raise ValueError(f"chunk_size is a number of bytes, 1 or more, got {chunk_size}")
        self._path = Path(path)
        self._chunk_size = chunk_size

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Send the file, or the status that stands for it; calling it again does nothing.

        :raises ClientConnectionResetError: when the client is gone, or was cut off because the
            file has become shorter.
        :raises OSError: when the machine fails: no descriptors left, a broken disk.
        """
        if self.prepared:
            return await super().prepare(request)
        try:
            file = self._opened or await self._open(request)
        except FileRefused as exc:
            return await self._send_error(request, exc.status)
        self._opened = None
        try:
            return await self._send(request, file)
        finally:
            file.close()

    async def _open(self, request: BaseRequest) -> OpenFile:
        """Open the file and read its first chunk, unless that may not be needed.

        :raises FileRefused: when it can't be served.
        """
        conditional = Preconditions.of(request.headers) is not None
        # Most conditional requests end in a 304, and a HEAD needs no bytes.
        limit = 0 if conditional or request.method == hdrs.METH_HEAD else self._chunk_size
        opener = self._opener or partial(open_file, self._path)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(None, _open_and_read, opener, limit)

    async def _send(self, request: BaseRequest, file: OpenFile) -> AbstractStreamWriter | None:
        etag, last_modified = self._set_validators(file)
        outcome = self._evaluate(request, etag, last_modified)
        if outcome is Outcome.FAILED:
            return await self._send_error(request, outcome.value)
        if outcome is Outcome.NOT_MODIFIED:
            self.set_status(outcome.value)
            return await self._send_whole(request, b"")
        self._set_type()
        if request.method == hdrs.METH_HEAD:
            self._set_length(file.size)
            return await self._send_whole(request, b"")
        if file.start is None:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(None, file.read_start, self._chunk_size)
        self._set_length(file.size)
        start = file.start or b""
        if len(start) == file.size:
            return await self._send_whole(request, start)
        writer = await super().prepare(request)
        await self._send_chunks(request, file)
        return writer

    async def _send_whole(self, request: BaseRequest, body: bytes) -> AbstractStreamWriter | None:
        writer = await super().prepare(request)
        await self.write_eof(body)
        return writer

    async def _send_chunks(self, request: BaseRequest, file: OpenFile) -> None:
        loop = asyncio.get_running_loop()
        left = file.size
        chunk, file.start = file.start or b"", b""
        while chunk:
            await self.write(chunk)
            left -= len(chunk)
            if not left:
                await self.write_eof()
                return
            chunk = await loop.run_in_executor(None, file.read, min(self._chunk_size, left))
        _logger.warning(
            "%r became shorter while it was being sent: %d bytes are missing, connection aborted",
            str(self._path),
            left,
        )
        request.protocol.abort()
        raise ClientConnectionResetError(f"cut off: {self._path} has become shorter")

    async def _send_error(self, request: BaseRequest, status: int) -> AbstractStreamWriter | None:
        for name in _OF_THE_FILE:
            self.headers.popall(name, None)
        self.set_status(status)
        text = f"{status}: {self.reason}".encode()
        self.headers[hdrs.CONTENT_TYPE] = "text/plain; charset=utf-8"
        self._set_length(len(text))
        return await self._send_whole(request, text)

    # --- the head ---

    def _set_validators(self, file: OpenFile) -> tuple[EntityTag | None, int | None]:
        """Set ETag and Last-Modified where they are not set; return what they say."""
        headers = self.headers
        now = time.time_ns()
        tag: EntityTag | None
        if hdrs.ETAG in headers:
            tag = next(iter(parse_entity_tags(headers[hdrs.ETAG])), None)
        else:
            weak = now - file.mtime_ns < _CLOCK_STEP_NS
            tag = EntityTag(f"{file.mtime_ns:x}-{file.size:x}", weak)
            headers[hdrs.ETAG] = str(tag)
        seconds: int | None
        if hdrs.LAST_MODIFIED in headers:
            seconds = parse_http_date(headers[hdrs.LAST_MODIFIED])
        else:
            # Never later than Date (RFC 9110 section 8.8.2.1), and no time that has no date.
            seconds = max(0, min(file.mtime_ns, now) // 1_000_000_000)
            headers[hdrs.LAST_MODIFIED] = format_http_date(seconds)
        return tag, seconds

    def _evaluate(
        self, request: BaseRequest, etag: EntityTag | None, last_modified: int | None
    ) -> Outcome:
        # Not after a method that may have changed what the conditions speak of, and not for an
        # answer that is no success anyway (RFC 9110 section 13.2.1).
        if request.method not in (hdrs.METH_GET, hdrs.METH_HEAD) or not 200 <= self.status < 300:
            return Outcome.PASSED
        preconditions = Preconditions.of(request.headers)
        if preconditions is None:
            return Outcome.PASSED
        return preconditions.evaluate(etag, last_modified)

    def _set_type(self) -> None:
        headers = self.headers
        if hdrs.CONTENT_TYPE not in headers:
            content_type, coding = guess_content_type(self._path.name)
            headers[hdrs.CONTENT_TYPE] = content_type
            if coding is not None:
                headers.setdefault(hdrs.CONTENT_ENCODING, coding)

    def _set_length(self, length: int) -> None:
        if not self.chunked:
            self.content_length = length


def _open_and_read(opener: Callable[[], OpenFile], limit: int) -> OpenFile:
    """Open a file and read its first *limit* bytes, if any; runs in the executor."""
    file = opener()
    if limit:
        file.read_start(limit)
    return file
