"""What ``request.post()`` returns: the fields of a form, the files among them on disk.

Both encodings of HTML are read, ``application/x-www-form-urlencoded`` and ``multipart/form-data``;
any other body gives no fields and is not touched. What a client can make the server keep or do is
bounded before it is kept or done: the whole body by ``client_max_size``, which a Content-Length
over it settles before anything is read; the number of fields by ``client_max_fields``, which is
counted before they are decoded. Both are a 413 that says the limit.

A file is kept in memory up to :data:`SPOOL_SIZE` bytes and in a temporary file without a name from
there on; a thread writes it, so that a slow disk never holds the event loop up. All files are
closed when the task of the request ends, however it ends.

Nor does a client hold it up with what costs most to decode: a long urlencoded body is decoded by a
thread, and in a multipart one the loop runs after every few fields and every encoded piece.
"""

import asyncio
import io
import threading
from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import Any, Final, Protocol, TypeAlias

from multidict import CIMultiDictProxy, MultiDict, MultiDictProxy

from .charsets import decode_text
from .exceptions import HTTPRequestEntityTooLarge
from .file_field import FileField
from .multipart_part import BodyPartReader
from .multipart_reader import MultipartReader, MultipartRequest, open_multipart
from .multipart_source import ByteStream, InvalidMultipart
from .urlencoded import count_fields, read_urlencoded

#: Bytes of one file that are kept in memory.
SPOOL_SIZE: Final = 2**18
#: Bytes that are gathered before a thread writes them.
WRITE_STEP: Final = 2**18

#: Methods whose body is a form; for any other there are no fields.
METHODS: Final = frozenset({"DELETE", "PATCH", "POST", "PUT", "TRACE"})

# So many fields take well below a millisecond.
_FIELDS_A_TURN: Final = 64

FormValue: TypeAlias = "str | bytearray | FileField"


class FormRequest(MultipartRequest, Protocol):
    """What :func:`read_form` asks of a request."""

    @property
    def method(self) -> str:
        """The method."""

    @property
    def content_type(self) -> str:
        """The media type of the body, without parameters."""

    @property
    def charset(self) -> str | None:
        """The charset that the Content-Type names."""

    @property
    def content_length(self) -> int | None:
        """The Content-Length, None without one."""

    @property
    def body_exists(self) -> bool:
        """Whether there is a body, read or not."""

    @property
    def can_read_body(self) -> bool:
        """Whether there is something of the body left to read."""

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """The task that serves the request."""

    async def read(self) -> bytes:
        """Read the whole body, or return it again."""


async def read_form(request: FormRequest) -> MultiDictProxy[FormValue]:
    """Read the fields of the form that *request* carries.

    Values are text; a :class:`FileField` for a file, and a ``bytearray`` for a part that is
    neither a file nor text.

    :raises HTTPRequestEntityTooLarge: for a body over ``client_max_size`` or more fields than
        ``client_max_fields``.
    :raises HTTPBadRequest: for a body that is not what its Content-Type says.
    :raises HTTPUnsupportedMediaType: for a charset or an encoding that nobody knows.
    """
    fields: MultiDict[FormValue] = MultiDict()
    if request.method in METHODS and request.body_exists:
        if request.content_type == "application/x-www-form-urlencoded":
            await _read_urlencoded(request, fields)
        elif request.content_type == "multipart/form-data":
            await _MultipartForm(request, fields).read()
    return MultiDictProxy(fields)


async def _read_urlencoded(request: FormRequest, fields: MultiDict[FormValue]) -> None:
    body = await request.read()
    limit = request.client_max_fields
    if limit and count_fields(body) > limit:
        raise too_many_fields(limit)
    fields.extend(await read_urlencoded(body, request.charset or "utf-8"))


def too_many_fields(limit: int) -> HTTPRequestEntityTooLarge:
    """Make the 413 for a form with more fields than *limit*."""
    return HTTPRequestEntityTooLarge(limit, text=f"expected a form of at most {limit} fields")


class _Body:
    """A body that is in memory already, as a stream."""

    def __init__(self, body: bytes) -> None:
        self._file = io.BytesIO(body)

    async def read(self, n: int, /) -> bytes:
        return self._file.read(n)


class _Spool:
    """The file of one upload, which a thread may be writing when it is to be closed.

    A write whose handler was cancelled goes on in its thread. To close the file under it could
    make it open another one that nobody knows of, and would wait for the disk.
    """

    def __init__(self) -> None:
        # The request closes it, see _MultipartForm.
        self.file = SpooledTemporaryFile(max_size=SPOOL_SIZE)  # noqa: SIM115
        self._writing = threading.Lock()
        self._over = False

    def write(self, pieces: Iterable[bytes], last: bool) -> None:
        """Write *pieces*; with the *last* ones go back to the beginning."""
        with self._writing:
            if not self._over:
                self.file.writelines(pieces)
                if last:
                    self.file.seek(0)
        if self._over:
            self.file.close()

    def close(self) -> None:
        """Close the file, now or when the thread that writes it is done."""
        self._over = True
        if self._writing.acquire(blocking=False):
            try:
                self.file.close()
            finally:
                self._writing.release()


class _MultipartForm:
    """Reads one ``multipart/form-data`` body into *fields*."""

    def __init__(self, request: FormRequest, fields: MultiDict[FormValue]) -> None:
        self._request = request
        self._fields = fields
        self._files: list[_Spool] = []
        self._count = 0
        self._size = 0

    async def read(self) -> None:
        request = self._request
        limit = request.client_max_size
        if limit and (request.content_length or 0) > limit:
            raise HTTPRequestEntityTooLarge(limit, request.content_length or 0)
        content: ByteStream | None = None
        if not request.can_read_body:
            content = _Body(await request.read())
        try:
            await self._read_parts(open_multipart(request, content, max_body_size=limit), None)
        except BaseException:
            self._close()
            raise
        task = request.task or asyncio.current_task()
        if self._files and task is not None:
            task.add_done_callback(self._close)

    def _close(self, task: "asyncio.Task[Any] | None" = None) -> None:
        for file in self._files:
            file.close()

    async def _read_parts(self, reader: MultipartReader, name: str | None) -> None:
        """Read the parts of *reader*; those without a name of their own are called *name*.

        Several files of one field once were a ``multipart/mixed`` inside the part of the field
        (RFC 2388, obsoleted by RFC 7578 section 4.3).
        """
        async for part in reader:
            if isinstance(part, MultipartReader):
                await self._read_parts(part, self._name_of(part.name, name))
                continue
            self._count += 1
            if 0 < self._request.client_max_fields < self._count:
                raise too_many_fields(self._request.client_max_fields)
            own_name = self._name_of(part.name, name)
            self._fields.add(own_name, await self._read_part(part, own_name))
            if not self._count % _FIELDS_A_TURN:
                await asyncio.sleep(0)

    def _name_of(self, own: str | None, outer: str | None) -> str:
        name = outer if own is None else own
        if name is None:
            raise InvalidMultipart(
                "expected a Content-Disposition with a name in each part of a form"
            )
        return name

    async def _read_part(self, part: BodyPartReader, name: str) -> FormValue:
        filename = part.filename
        if filename:
            return await self._read_file(part, name, filename)
        value = bytearray()
        async for piece in part.pieces():
            await self._count_bytes(part, len(piece))
            value += piece
        content_type = part.content_type
        if content_type is None or content_type.startswith("text/"):
            return decode_text(value, part.get_charset("utf-8"))
        return value

    async def _count_bytes(self, part: BodyPartReader, size: int) -> None:
        """Count decoded content, which may be longer than what was sent, and costs more."""
        limit = self._request.client_max_size
        self._size += size
        if 0 < limit < self._size:
            raise HTTPRequestEntityTooLarge(limit, self._size)
        if part.encoded:
            await asyncio.sleep(0)

    async def _read_file(self, part: BodyPartReader, name: str, filename: str) -> FileField:
        spool = _Spool()
        self._files.append(spool)
        loop = asyncio.get_running_loop()
        size = 0
        gathered: list[bytes] = []
        gathered_size = 0
        async for piece in part.pieces():
            await self._count_bytes(part, len(piece))
            gathered.append(piece)
            gathered_size += len(piece)
            if gathered_size >= WRITE_STEP:
                size += gathered_size
                await loop.run_in_executor(None, spool.write, gathered, False)
                gathered, gathered_size = [], 0
        if size + gathered_size > SPOOL_SIZE:
            await loop.run_in_executor(None, spool.write, gathered, True)
        else:
            spool.write(gathered, True)
        headers: CIMultiDictProxy[str] = part.headers
        content_type = part.content_type or "application/octet-stream"
        return FileField(name, filename, spool.file, content_type, headers)
