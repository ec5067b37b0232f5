"""A multipart body, read part by part by a handler.

::

    reader = await request.multipart()
    async for part in reader:
        ...

A part is a :class:`BodyPartReader`, or a reader of this class for a part that is multipart itself.
One part is read at a time: asking for the next one drops what is left of it. The body is never in
memory as a whole.

What a client can choose is bounded: the number of parts, their header sections, the bytes around
them, how deep they nest. Faults are raised as the answers to them, see ``multipart_source``.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, Final, Protocol, TypeVar

from multidict import CIMultiDict, CIMultiDictProxy, istr
from tidegate_http_core import (
    FieldNames,
    Fields,
    MultipartLimits,
    MultipartParser,
    ProtocolError,
    hdrs,
    parse_boundary,
    parse_content_disposition,
    parse_media_type,
)

from .charsets import charset_codec, decode_text
from .exceptions import HTTPRequestEntityTooLarge
from .multipart_part import NO_LIMIT, BodyPartReader
from .multipart_source import (
    ByteStream,
    InvalidMultipart,
    MultipartSource,
    NotMultipart,
    PartStream,
    refusal_of,
)

#: How deep multipart bodies may nest in each other.
MAX_NESTING: Final = 8

# Names of fields as the multidicts of parts want them, shared by all readers.
_NAMES: Final = FieldNames(make=istr)
_LONGEST_CHARSET: Final = 40  # characters, RFC 2978 section 2.3

_Self = TypeVar("_Self", bound="MultipartReader")


class MultipartReader:
    """Reads the parts of a multipart body."""

    #: What reads a part that is multipart itself; None for the class of the reader.
    multipart_reader_cls: ClassVar["type[MultipartReader] | None"] = None
    #: What reads any other part.
    part_reader_cls: ClassVar[type[BodyPartReader]] = BodyPartReader

    def __init__(
        self,
        headers: Mapping[str, str],
        content: ByteStream,
        *,
        client_max_size: int = NO_LIMIT,
        max_field_size: int = 8190,
        max_headers: int = 128,
        max_size_error_cls: type[Exception] = ValueError,
        limits: MultipartLimits | None = None,
        max_body_size: int = 0,
    ) -> None:
        """Read the body *content* that *headers* describe.

        :param headers: header fields, with the Content-Type.
        :param content: what to read the body from.
        :param client_max_size: bytes that reading one part whole accepts.
        :param max_field_size: bytes of one header field of a part.
        :param max_headers: header fields of a part.
        :param max_size_error_cls: what is raised for a part over *client_max_size*.
        :param limits: all limits of the format, in place of the two before.
        :param max_body_size: bytes of the whole body; 0 for no limit.
        :raises NotMultipart: when the Content-Type is no ``multipart/…``.
        :raises InvalidMultipart: when it names no valid boundary.
        """
        self.headers = headers
        value = headers.get(hdrs.CONTENT_TYPE, "")
        media_type = parse_media_type(value)
        if media_type is None or media_type.type != "multipart":
            raise NotMultipart(f"expected a multipart body, got the Content-Type {value[:80]!a}")
        self._subtype = media_type.subtype
        if limits is None:
            section = max(MultipartLimits().part_fields_size, max_field_size + 2)
            limits = MultipartLimits(part_fields=max_headers, part_fields_size=section)
        try:
            self._boundary = parse_boundary(value)
            parser = MultipartParser(self._boundary, limits, _NAMES)
        except ProtocolError as error:
            raise refusal_of(error) from None
        self._limits = limits
        self._client_max_size = client_max_size
        self._max_size_error_cls = max_size_error_cls
        self._source = MultipartSource(content, parser, max_body_size)
        self._depth = 1
        self._default_charset: str | None = None
        self._begun = False
        self._at_eof = False

    @classmethod
    def from_response(cls, response: Any) -> "MultipartResponseWrapper":
        """Read the body of a response of aiohttp's client."""
        return MultipartResponseWrapper(response, cls(response.headers, response.content))

    @property
    def name(self) -> str | None:
        """The name of the form's field that the multipart body is in, None without one."""
        value = self.headers.get(hdrs.CONTENT_DISPOSITION)
        disposition = None if value is None else parse_content_disposition(value)
        return None if disposition is None else disposition.name

    def at_eof(self) -> bool:
        """Tell whether the last part has been read."""
        return self._at_eof

    async def next(self) -> "MultipartReader | BodyPartReader | None":
        """Return the next part, None behind the last; what is left of the one before is dropped.

        The ``_charset_`` part at the beginning of a form is not returned: it names the charset of
        the text that follows (RFC 7578 section 4.6).

        :raises InvalidMultipart: when the body is malformed or ends early.
        :raises HTTPRequestEntityTooLarge: when it is over one of the limits.
        """
        part = await self.fetch_next_part()
        if not self._begun:
            self._begun = True
            charset_part = self._charset_part(part)
            if charset_part is not None:
                await self._take_charset(charset_part)
                part = await self.fetch_next_part()
        return part

    async def fetch_next_part(self) -> "MultipartReader | BodyPartReader | None":
        """Return the reader of the next part, whatever it is; None behind the last."""
        if self._at_eof:
            return None
        found = await self._source.next_part()
        if found is None:
            self._at_eof = True
            return None
        fields, stream = found
        return self._reader_for(fields, stream)

    def _reader_for(
        self, fields: Fields, stream: PartStream
    ) -> "MultipartReader | BodyPartReader":
        headers = CIMultiDictProxy(CIMultiDict(fields.pairs))
        if headers.get(hdrs.CONTENT_TYPE, "")[:10].lower() == "multipart/":
            if self._depth >= MAX_NESTING:
                raise InvalidMultipart(
                    f"expected multipart bodies at most {MAX_NESTING} deep in each other"
                )
            nested = (self.multipart_reader_cls or type(self))(
                headers,
                stream,
                client_max_size=self._client_max_size,
                max_size_error_cls=self._max_size_error_cls,
                limits=self._limits,
            )
            nested._depth = self._depth + 1
            nested._default_charset = self._default_charset
            return nested
        return self.part_reader_cls(
            self._boundary.encode("ascii"),
            headers,
            stream,
            subtype=self._subtype,
            default_charset=self._default_charset,
            client_max_size=self._client_max_size,
            max_size_error_cls=self._max_size_error_cls,
        )

    def _charset_part(
        self, part: "MultipartReader | BodyPartReader | None"
    ) -> BodyPartReader | None:
        """Return *part* when it is the one that names the charset of the others."""
        if self._subtype == "form-data" and isinstance(part, BodyPartReader):
            return part if part.name == "_charset_" else None
        return None

    async def _take_charset(self, part: BodyPartReader) -> None:
        name = b""
        async for piece in part.pieces():
            name += piece
            if len(name) > _LONGEST_CHARSET:
                raise InvalidMultipart(
                    f"expected a charset of at most {_LONGEST_CHARSET} characters in _charset_"
                )
        self._default_charset = charset_codec(decode_text(name, "latin-1").strip())

    async def release(self) -> None:
        """Read and drop the parts that are left."""
        while await self.fetch_next_part() is not None:
            pass

    def __aiter__(self: _Self) -> _Self:
        """Iterate over the parts that are left."""
        return self

    async def __anext__(self) -> "MultipartReader | BodyPartReader":
        """Return the next part."""
        part = await self.next()
        if part is None:
            raise StopAsyncIteration
        return part


class MultipartResponseWrapper:
    """A reader together with the response that it reads, which it releases at the end."""

    def __init__(self, resp: Any, stream: MultipartReader) -> None:
        """Read *stream*, the body of *resp*."""
        self.resp = resp
        self.stream = stream

    def at_eof(self) -> bool:
        """Tell whether the whole body of the response has come."""
        ended: bool = self.resp.content.at_eof()
        return ended

    async def next(self) -> MultipartReader | BodyPartReader | None:
        """Return the next part; None behind the last, when the response is released."""
        part = await self.stream.next()
        if self.stream.at_eof():
            await self.release()
        return part

    async def release(self) -> None:
        """Release the connection of the response."""
        await self.resp.release()

    def __aiter__(self) -> "MultipartResponseWrapper":
        """Iterate over the parts."""
        return self

    async def __anext__(self) -> MultipartReader | BodyPartReader:
        """Return the next part."""
        part = await self.next()
        if part is None:
            raise StopAsyncIteration
        return part


class MultipartRequest(Protocol):
    """What :func:`open_multipart` asks of a request."""

    @property
    def headers(self) -> CIMultiDictProxy[str]:
        """The header fields."""

    @property
    def content(self) -> ByteStream:
        """The body."""

    @property
    def client_max_size(self) -> int:
        """Bytes of a body in memory; 0 for no limit."""

    @property
    def client_max_fields(self) -> int:
        """Fields of a form; 0 for no limit."""


def open_multipart(
    request: MultipartRequest,
    content: ByteStream | None = None,
    *,
    max_body_size: int = 0,
    reader_class: type[MultipartReader] = MultipartReader,
) -> MultipartReader:
    """Return a reader of the parts of a request, with the limits of the request.

    :param content: read from this in place of the request's own body.
    :param max_body_size: bytes of the whole body; 0 for no limit.
    :param reader_class: the class of the reader.
    :raises NotMultipart: when the body is no multipart body.
    :raises InvalidMultipart: when the Content-Type names no valid boundary.
    """
    return reader_class(
        request.headers,
        request.content if content is None else content,
        client_max_size=request.client_max_size or NO_LIMIT,
        max_size_error_cls=HTTPRequestEntityTooLarge,
        limits=MultipartLimits(parts=request.client_max_fields or 2**31),
        max_body_size=max_body_size,
    )
