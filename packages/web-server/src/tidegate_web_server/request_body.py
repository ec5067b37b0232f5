"""The body of a request: as a stream, or read whole in one of several forms.

A body with a Content-Encoding that is known here is decoded as it is read
(:mod:`.decoded_stream`), unless the server was told ``auto_decompress=False``. What does not
change: ``headers`` are as they were sent, with Content-Encoding, and ``content_length`` is the
size on the wire; ``client_max_size`` counts bytes after decoding. With a coding that is not known,
or several of them, the bytes stay as they are: ``read()`` and ``content`` hand them on to a
handler that may know better, and what needs to understand them (``text()``, ``json()``) is a 415
that names the codings which are.

A client's fault found here is raised as the HTTP exception that answers it.
"""

import asyncio
import json
import warnings
from collections.abc import Callable
from typing import Any

from multidict import MultiDictProxy
from tidegate_http_core import RequestHead, available_codings, get_coding, hdrs

from .charsets import decode_text
from .decoded_stream import DecodedStream
from .exceptions import (
    HTTPRequestEntityTooLarge,
    HTTPUnsupportedMediaType,
)
from .forms import FormValue, read_form
from .json_text import parse_json
from .multipart_reader import MultipartReader, open_multipart
from .request_target import RequestTarget
from .streams import StreamReader

DEFAULT_MAX_SIZE = 1024**2
DEFAULT_MAX_FIELDS = 1000

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class RequestBody(RequestTarget):
    """Reads the body, within the limits of the request."""

    _message: RequestHead
    _payload: StreamReader
    _task: asyncio.Task[None] | None
    _client_max_size: int
    _client_max_fields = DEFAULT_MAX_FIELDS
    _content: StreamReader | None = None
    _read_bytes: bytes | None = None
    _form: MultiDictProxy[FormValue] | None = None

    @property
    def task(self) -> "asyncio.Task[None] | None":
        """The task that runs the handler."""
        return self._task

    @property
    def content_length(self) -> int | None:
        """The Content-Length in bytes, None when the request has none."""
        length = self._message.content_length
        return None if length < 0 else length

    @property
    def content(self) -> StreamReader:
        """The body as a stream; reading it is not limited by :attr:`client_max_size`."""
        if self._content is None:
            self._content = self._open_content()
        return self._content

    def _open_content(self) -> StreamReader:
        payload = self._payload
        name = self._content_encoding() if self._message.has_body else None
        coding = None if name is None else get_coding(name)
        if coding is None or not isinstance(payload, StreamReader):
            return payload
        return DecodedStream(payload, coding.decoder())

    def _content_encoding(self) -> str | None:
        """Return the coding that is to be taken off the body; None when there is none."""
        if not self._protocol.auto_decompress:
            return None
        codings = self.headers.getall(hdrs.CONTENT_ENCODING, ())
        name = ",".join(codings).strip(" \t").lower()
        return None if name in ("", "identity") else name

    @property
    def body_exists(self) -> bool:
        """Whether the request has a body, read or not."""
        return self._message.has_body

    @property
    def can_read_body(self) -> bool:
        """Whether there is something of the body left to read."""
        return not self.content.at_eof()

    @property
    def has_body(self) -> bool:
        """Whether there is something of the body left to read; deprecated."""
        warnings.warn(
            "request.has_body is deprecated, use request.can_read_body",
            DeprecationWarning,
            stacklevel=2,
        )
        return self.can_read_body

    @property
    def client_max_size(self) -> int:
        """Largest body in bytes, decoded, that :meth:`read` accepts; 0 for no limit."""
        return self._client_max_size

    @property
    def client_max_fields(self) -> int:
        """Most fields that :meth:`post` accepts in a form; 0 for no limit."""
        return self._client_max_fields

    def limit_body(
        self, client_max_size: int | None = None, *, client_max_fields: int | None = None
    ) -> None:
        """Change the limits of this request; they hold for what is read from now on.

        :param client_max_size: largest body in bytes, 0 for no limit; None leaves it as it is.
        :param client_max_fields: most fields of a form, 0 for no limit; None leaves it as it is.
        :raises ValueError: for a limit below 0.
        """
        check_limits(client_max_size, client_max_fields)
        if client_max_size is not None:
            self._client_max_size = client_max_size
        if client_max_fields is not None:
            self._client_max_fields = client_max_fields

    async def read(self) -> bytes:
        """Read the whole body; later calls return the same bytes.

        :raises HTTPRequestEntityTooLarge: when it is longer than :attr:`client_max_size`; before
            anything is read where the Content-Length tells.
        """
        if self._read_bytes is None:
            limit = self._client_max_size
            if limit and self._message.content_length > limit:
                raise HTTPRequestEntityTooLarge(limit, self._message.content_length)
            parts = []
            size = 0
            content = self.content
            while part := await content.readany():
                parts.append(part)
                size += len(part)
                if limit and size > limit:
                    raise HTTPRequestEntityTooLarge(limit, size)
            self._read_bytes = parts[0] if len(parts) == 1 else b"".join(parts)
        return self._read_bytes

    def require_decoded(self) -> None:
        """Refuse a body whose content nobody here can look into.

        :raises HTTPUnsupportedMediaType: when its Content-Encoding is not known here; names the
            ones that are (RFC 9110 section 12.5.3).
        """
        name = self._content_encoding()
        if name is not None and get_coding(name) is None:
            codings = ", ".join(available_codings())
            raise HTTPUnsupportedMediaType(
                text=f"expected a Content-Encoding of {codings}, got {name[:60]!a}",
                headers=[(hdrs.ACCEPT_ENCODING, codings)],
            )

    async def text(self) -> str:
        """Read the whole body as text in its :attr:`charset`, UTF-8 when it names none.

        :raises HTTPUnsupportedMediaType: when the charset, or the Content-Encoding, is unknown.
        :raises HTTPBadRequest: when the body is not valid in it.
        """
        if self._message.has_body:
            self.require_decoded()
        return decode_text(await self.read(), self.charset or "utf-8")

    async def json(self, *, loads: Callable[[str], Any] = json.loads) -> Any:
        """Read the whole body as JSON.

        :param loads: decodes the text.
        :raises InvalidJSON: when the text is none; it is both a ``json.JSONDecodeError`` and the
            400 that answers it.
        """
        return parse_json(await self.text(), loads)

    async def post(self) -> MultiDictProxy[FormValue]:
        """Read the fields of a form; later calls return the same ones.

        Of a body that is no form, or a method whose body is none (anything but POST, PUT, PATCH,
        TRACE and DELETE), there are none. Files are closed when the request ends.

        :raises HTTPRequestEntityTooLarge: when the body is longer than :attr:`client_max_size`, or
            has more fields than :attr:`client_max_fields`.
        :raises HTTPBadRequest: when it is not what its Content-Type says.
        :raises HTTPUnsupportedMediaType: for a charset or an encoding that nobody knows.
        """
        if self._form is None:
            if self.content_type in FORMS and self._message.has_body:
                self.require_decoded()
            self._form = await read_form(self)
        return self._form

    async def multipart(self, *, reader: type[MultipartReader] | None = None) -> MultipartReader:
        """Return a reader of the parts of a multipart body; call it once.

        :param reader: deprecated; the class of the reader.
        :raises HTTPUnsupportedMediaType: when the body is no multipart body.
        :raises HTTPBadRequest: when its Content-Type names no valid boundary.
        """
        if reader is not None:
            warnings.warn(
                "the reader argument of multipart() is deprecated, make the reader yourself: "
                "reader(request.headers, request.content)",
                DeprecationWarning,
                stacklevel=2,
            )
        self.require_decoded()
        return open_multipart(self, reader_class=reader or MultipartReader)

    async def release(self) -> None:
        """Read and drop what is left of the body; a handler never needs to."""
        while await self._payload.readany():
            pass


def check_limits(client_max_size: int | None, client_max_fields: int | None) -> None:
    """Refuse limits that are none.

    :raises ValueError: for one below 0.
    """
    if client_max_size is not None and client_max_size < 0:
        raise ValueError(f"client_max_size is 0 or more bytes, got {client_max_size}")
    if client_max_fields is not None and client_max_fields < 0:
        raise ValueError(f"client_max_fields is 0 or more fields, got {client_max_fields}")
