"""A response whose body is a file.

Everything happens in :meth:`FileResponse.prepare`, the end of the response included::

    loop       a small file that is still the same comes from memory      :mod:`.finding`
    executor   else: open, stat, look for variants, read a small file     one hop
    loop       validators, preconditions, ranges, head
    loop       of a large file: sendfile, or, where that can't be,
    executor   a chunk is read                                            one hop each

A file that fits into one chunk goes out in one write with its head. Of a larger one, when it has
to be read, at most a chunk is read ahead of what the client takes.

Content-Length is what the file had when it was opened, and it is kept to the byte: what a file
grows by while it is being sent is not sent; when it has become shorter the connection is aborted,
so that no client takes a part for the whole (RFC 9112 section 8).
"""

import asyncio
import logging
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar, Final, cast

from tidegate_http_core import ETag, hdrs, parse_entity_tag, parse_http_date
from tidegate_web_server import (
    AbstractStreamWriter,
    BaseRequest,
    ClientConnectionResetError,
    StreamResponse,
)

from .file_cache import FileCache
from .file_head import FileHead
from .finding import Finder
from .opening import FileRefused, OpenFile
from .preconditions import Outcome, Preconditions, range_applies
from .ranges import Multipart, Piece, Span, content_range, select
from .representations import PathSource, Representation

_logger = logging.getLogger("tidegate.static")

# Fields that speak of the file, or of how long to keep it: not those of an error.
_OF_THE_FILE: Final = (
    hdrs.ACCEPT_RANGES,
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

    #: Keeps the small files of responses that are made with a path, for all of them together;
    #: None switches that off.
    file_cache: ClassVar[FileCache | None] = FileCache()

    # What the resource has found before prepare().
    _found: Representation | None = None

    def __init__(
        self,
        path: str | os.PathLike[str],
        chunk_size: int = 256 * 1024,
        status: int = 200,
        reason: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Describe a response with the file at *path*; nothing is opened yet.

        A GET or HEAD is answered with 304 or 412 where its preconditions ask for that, a GET with
        206 or 416 where it asks for ranges. A file that is missing is a 404; one that can't be
        read, or is no regular file, a 403. A compressed file beside it (``.br``, ``.zst``,
        ``.gz``) is sent in its place to clients that accept it, unless *headers* have a
        Content-Encoding.

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
        self._given_path = path
        self._chunk_size = chunk_size

    @property
    def _path(self) -> Path:
        """The file, for code that looks there; made when it does."""
        return Path(self._given_path)

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Send the file, or the status that stands for it; calling it again does nothing.

        :raises ClientConnectionResetError: when the client is gone, or was cut off because the
            file has become shorter.
        :raises OSError: when the machine fails: no descriptors left, a broken disk.
        """
        if self.prepared:
            return await super().prepare(request)
        found = self._found
        if found is None:
            try:
                found = await self._find(request)
            except FileRefused as exc:
                error = self._describe_error(exc.status)
                writer = await super().prepare(request)
                await self.write_eof(error)
                return writer
        self._found = None
        try:
            body = self._describe(request, found)
            if isinstance(body, bytes):
                writer = await super().prepare(request)
                await self.write_eof(body)
                return writer
            return await self._send_pieces(request, found.file, body)
        finally:
            found.file.close()

    async def _find(self, request: BaseRequest) -> Representation:
        """Take the file from memory, or open it and, if it is small, read it.

        :raises FileRefused: when it can't be served.
        """
        path = os.fspath(self._given_path)
        # What is in the headers already would contradict the variant's.
        variants = hdrs.CONTENT_ENCODING not in self.headers
        finder = Finder(self.file_cache, variants, variants=variants)
        found = finder.kept(path, request)
        if found is None:
            found = await finder.find(path, request, PathSource(path), self._chunk_size)
        return found

    # --- what is sent ---

    def _describe(self, request: BaseRequest, found: Representation) -> bytes | Sequence[Piece]:
        """Decide about the answer: set status and fields, and return the body.

        :returns: the body, when it is in memory or there is none, else its pieces.
        """
        head = cast("FileHead", found.head)
        method = request.method
        headers = request.headers
        if (
            # Not after a method that may have changed what the conditions speak of, and not for
            # an answer that is no success anyway (RFC 9110 section 13.2.1).
            (method == hdrs.METH_GET or method == hdrs.METH_HEAD) and 200 <= self.status < 300
        ):
            preconditions = Preconditions.of(headers)
            if preconditions is not None:
                outcome = preconditions.evaluate(*self._validators(head))
                if outcome is Outcome.NOT_MODIFIED:
                    self.set_status(304)
                    self._add_fields(head.validators)
                    return b""
                if outcome is Outcome.FAILED:
                    return self._describe_error(412)
            if hdrs.RANGE in headers:
                spans = self._spans(request, found)
                if spans is not None:
                    return self._describe_parts(found, head, spans)
        self._add_fields(head.fields)
        if not self.chunked:
            self.headers[hdrs.CONTENT_LENGTH] = head.length
        if method == hdrs.METH_HEAD:
            return b""
        start, size = found.file.start, found.file.size
        return start if start is not None and len(start) == size else [(0, size - 1)]

    def _spans(self, request: BaseRequest, found: Representation) -> list[Span] | None:
        """Choose the parts that are asked for; None for the whole file."""
        # A range of a body that is encoded or framed by others is not ours to cut.
        if request.method != hdrs.METH_GET or self.status != 200:
            return None
        if self.chunked or self.compression:
            return None
        headers = request.headers
        validators = self._validators(cast("FileHead", found.head))
        if not range_applies(headers.get(hdrs.IF_RANGE), *validators):
            return None
        # No list: two lines together are malformed, and so ignored.
        return select(", ".join(headers.getall(hdrs.RANGE)), found.file.size)

    def _describe_parts(
        self, found: Representation, head: FileHead, spans: Sequence[Span]
    ) -> bytes | Sequence[Piece]:
        size = found.file.size
        if not spans:
            error = self._describe_error(416)
            self.headers[hdrs.CONTENT_RANGE] = content_range(None, size)
            return error
        self.set_status(206)
        self._add_fields(head.fields)
        if len(spans) == 1:
            ((first, last),) = spans
            self.headers[hdrs.CONTENT_RANGE] = content_range(spans[0], size)
            self.content_length = last - first + 1
            return spans
        content_type = self.headers[hdrs.CONTENT_TYPE]
        body = Multipart(spans, size, content_type, secrets.token_hex(16))
        self.headers[hdrs.CONTENT_TYPE] = body.content_type
        self.content_length = body.length
        return body.pieces

    def _describe_error(self, status: int) -> bytes:
        for name in _OF_THE_FILE:
            self.headers.popall(name, None)
        self.set_status(status)
        text = f"{status}: {self.reason}".encode()
        self.headers[hdrs.CONTENT_TYPE] = "text/plain; charset=utf-8"
        if not self.chunked:
            self.content_length = len(text)
        return text

    # --- sending it ---

    async def _send_pieces(
        self, request: BaseRequest, file: OpenFile, pieces: Sequence[Piece]
    ) -> AbstractStreamWriter | None:
        writer = await super().prepare(request)
        for piece in pieces:
            if isinstance(piece, bytes):
                await self.write(piece)
            else:
                first, last = piece
                await self._send_span(request, file, first, last - first + 1)
        await self.write_eof()
        return writer

    async def _send_span(
        self, request: BaseRequest, file: OpenFile, offset: int, count: int
    ) -> None:
        """Send *count* bytes of the file, or cut the answer off when there are no more so many."""
        end = offset + count
        if file.start is not None and offset < len(file.start):
            chunk = file.start[offset:end]
            await self.write(chunk)
            offset += len(chunk)
        elif request.writer.can_sendfile:
            try:
                offset += await request.writer.sendfile(file.fileno(), offset, count)
            except asyncio.SendfileNotAvailableError:
                offset = await self._copy(file, offset, end)
        if offset < end and (file.start is not None or not request.writer.can_sendfile):
            offset = await self._copy(file, offset, end)
        if offset < end:
            self._cut_off(request, end - offset)

    async def _copy(self, file: OpenFile, offset: int, end: int) -> int:
        """Read and write the file up to *end*; return where it ended."""
        loop = asyncio.get_running_loop()
        while offset < end:
            size = min(self._chunk_size, end - offset)
            chunk = await loop.run_in_executor(None, file.read_at, offset, size)
            if not chunk:
                break
            await self.write(chunk)
            offset += len(chunk)
        return offset

    def _cut_off(self, request: BaseRequest, missing: int) -> None:
        _logger.warning(
            "%r became shorter while it was being sent: %d bytes are missing, connection aborted",
            os.fspath(self._given_path),
            missing,
        )
        request.protocol.abort()
        raise ClientConnectionResetError(f"cut off: {self._given_path} has become shorter")

    # --- the head ---

    def _validators(self, head: FileHead) -> tuple[ETag | None, int | None]:
        """Return what ETag and Last-Modified say: own ones, or the file's."""
        headers = self.headers
        if not headers:
            return head.etag, head.last_modified
        etag = headers.get(hdrs.ETAG)
        modified = headers.get(hdrs.LAST_MODIFIED)
        return (
            head.etag if etag is None else parse_entity_tag(etag),
            head.last_modified if modified is None else parse_http_date(modified),
        )

    def _add_fields(self, fields: Mapping[str, str]) -> None:
        """Add fields of the file; those that are there already stay."""
        headers = self.headers
        if not headers:
            headers.extend(fields)
            return
        own_type = hdrs.CONTENT_TYPE in headers
        for name, value in fields.items():
            if name == hdrs.VARY:
                headers.add(name, value)
            elif name not in headers and not (
                # A coding that only the guessed type asks for.
                own_type and name == hdrs.CONTENT_ENCODING and hdrs.VARY not in fields
            ):
                headers[name] = value
