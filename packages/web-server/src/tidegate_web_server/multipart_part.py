"""A part of a multipart body, read by a handler.

A part is read once, whole (``read``, ``text``, ``json``, ``form``), by pieces (``read_chunk``) or
by lines. Nothing of it is in memory but what has been asked for; reading it whole is limited by
``client_max_size``, as the body of a request is.

Content as it was sent and content as it was meant are told apart as in aiohttp: ``read()`` and
``read_chunk()`` give the first, ``read(decode=True)``, ``pieces()`` and ``decode()`` the second;
``text``, ``json`` and ``form`` decode by themselves.
"""

from collections.abc import AsyncIterator, Iterator
from functools import cached_property
from typing import Any, Final

from multidict import CIMultiDictProxy
from tidegate_http_core import (
    ContentDisposition,
    MediaType,
    MultipartLimits,
    MultipartParser,
    ProtocolError,
    hdrs,
    parse_content_disposition,
    parse_media_type,
)

from .charsets import decode_text
from .exceptions import HTTPRequestEntityTooLarge
from .json_text import parse_json
from .multipart_decoding import PartDecoder, transfer_encoding_of
from .multipart_source import ByteStream, MultipartSource, PartStream, refusal_of
from .streams import AsyncStreamIterator
from .urlencoded import read_urlencoded

NO_LIMIT: Final = 2**63 - 1


class BodyPartReader:
    """Reads one part of a multipart body."""

    #: Bytes that :meth:`read_chunk` reads by default.
    chunk_size = 8192

    def __init__(
        self,
        boundary: bytes,
        headers: CIMultiDictProxy[str],
        content: ByteStream,
        *,
        subtype: str = "mixed",
        default_charset: str | None = None,
        max_decompress_size: int = 2**18,
        client_max_size: int = NO_LIMIT,
        max_size_error_cls: type[Exception] = ValueError,
    ) -> None:
        """Made by :class:`MultipartReader`.

        :param boundary: what delimits the parts, with or without the two dashes.
        :param headers: the header fields of the part.
        :param content: what to read from: the bytes behind the part's header section.
        :param subtype: that of the multipart body, ``form-data`` first of all.
        :param default_charset: the charset of text that names none.
        :param max_decompress_size: bytes that :meth:`decode` decompresses at most.
        :param client_max_size: bytes that reading the part whole accepts.
        :param max_size_error_cls: what is raised when there are more.
        """
        self.headers = headers
        self._boundary = boundary
        self._is_form_data = subtype == "form-data"
        self._default_charset = default_charset
        self._max_decompress_size = max_decompress_size
        self._client_max_size = client_max_size
        self._max_size_error_cls = max_size_error_cls
        self._stream: PartStream | None = None
        self._content = content
        self._held = b""
        if isinstance(content, PartStream):
            self._stream = content

    # --- what the header section says ---

    @cached_property
    def _disposition(self) -> ContentDisposition | None:
        value = self.headers.get(hdrs.CONTENT_DISPOSITION)
        return None if value is None else parse_content_disposition(value)

    @property
    def name(self) -> str | None:
        """The name of the form's field, None without one."""
        return None if self._disposition is None else self._text_of(self._disposition.name)

    @property
    def filename(self) -> str | None:
        """The file name as it was sent, possibly with a path; None without one.

        Never use it as the name of a file of your own: see :attr:`safe_filename`.
        """
        return None if self._disposition is None else self._text_of(self._disposition.filename)

    @property
    def safe_filename(self) -> str | None:
        """The file name made fit for a file in a directory of your own; None if nothing is left.

        Without a path, control characters or what some system forbids (RFC 6266 section 4.3). Two
        parts may have the same one.
        """
        return None if self._disposition is None else self._disposition.safe_filename

    def _text_of(self, value: str | None) -> str | None:
        """Replace bytes that are no UTF-8, which a header's text carries as surrogates.

        RFC 7578 section 5.1: they are in the charset of the form, which old clients may choose.
        """
        if value is None or value.isascii():
            return value
        data = value.encode("utf-8", "surrogateescape")
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return decode_text(data, self._default_charset or "latin-1")

    @cached_property
    def _media_type(self) -> MediaType | None:
        value = self.headers.get(hdrs.CONTENT_TYPE)
        return None if value is None else parse_media_type(value)

    @property
    def content_type(self) -> str | None:
        """The media type without parameters, None without a valid Content-Type."""
        return None if self._media_type is None else self._media_type.essence

    @property
    def encoded(self) -> bool:
        """Whether the header fields name an encoding of the content, known or not."""
        headers = self.headers
        return hdrs.CONTENT_TRANSFER_ENCODING in headers or hdrs.CONTENT_ENCODING in headers

    def get_charset(self, default: str) -> str:
        """Return the charset of the Content-Type, else the form's own, else *default*."""
        charset = None if self._media_type is None else self._media_type.charset
        return charset or self._default_charset or default

    # --- the content ---

    def _open(self) -> PartStream:
        """Return the content; made anew when the reader was not made by a MultipartReader."""
        if self._stream is None:
            boundary = self._boundary.removeprefix(b"--")
            try:
                parser = MultipartParser(boundary, MultipartLimits(preamble=1))
                source = MultipartSource(self._content, parser)
                parser.feed(b"--" + boundary + b"\r\n\r\n")
            except ProtocolError as error:
                raise refusal_of(error) from None
            self._stream = PartStream(source)
        return self._stream

    def at_eof(self) -> bool:
        """Tell whether all of the part has been read."""
        return self._stream is not None and self._stream.at_eof() and not self._held

    async def read(self, *, decode: bool = False) -> bytes:
        """Read what is left of the part.

        :param decode: take off what the part is encoded with.
        :raises InvalidMultipart: when the body is malformed or ends early.
        :raises Exception: the ``max_size_error_cls`` for more than ``client_max_size`` bytes,
            encoded or decoded.
        """
        parts: list[bytes] = []
        size = 0
        async for piece in self.pieces(decode=decode):
            size += len(piece)
            if size > self._client_max_size:
                raise self._too_large(size)
            parts.append(piece)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def pieces(self, *, decode: bool = True) -> AsyncStreamIterator:
        """Iterate over what is left of the part in pieces of bounded size, however long it is.

        :param decode: take off what the part is encoded with.
        :raises UnknownPartEncoding: for an encoding that nobody knows.
        """
        decoder = None
        if decode:
            decoder = PartDecoder(self.headers, is_form_data=self._is_form_data)
        held, self._held = self._held, b""
        return AsyncStreamIterator(_Pieces(self._open(), decoder, held).read)

    async def read_chunk(self, size: int = chunk_size) -> bytes:
        """Read a piece of the part as it was sent, *size* bytes at most; ``b""`` at the end.

        A piece of a part with a transfer encoding is one that :meth:`decode` can decode: it may be
        a few bytes longer or shorter.
        """
        if size < 1:
            raise ValueError(f"read_chunk needs a size of 1 or more, got {size}")
        stream = self._open()
        encoding = transfer_encoding_of(self.headers)
        if encoding is None:
            return await stream.read(size)
        while True:
            data = await stream.read(max(1, size - len(self._held)))
            whole = self._held + data
            try:
                end = encoding.decodable(whole) if data else len(whole)
            except ProtocolError as error:
                raise refusal_of(error) from None
            self._held = whole[end:]
            if end or not data:
                return whole[:end]

    async def readline(self) -> bytes:
        r"""Read a line of the part with its ``\n``; ``b""`` at the end."""
        stream = self._open()
        return await stream.readline(min(self._client_max_size, 2**20), self._too_large)

    async def release(self) -> None:
        """Drop what is left of the part."""
        self._held = b""
        await self._open().skip()

    async def text(self, *, encoding: str | None = None) -> str:
        """Read the part as text.

        :param encoding: the charset; when None the one of :meth:`get_charset`, UTF-8 by default.
        :raises HTTPUnsupportedMediaType: when it is unknown.
        :raises HTTPBadRequest: when the part is not valid in it.
        """
        data = await self.read(decode=True)
        return decode_text(data, encoding or self.get_charset("utf-8"))

    async def json(self, *, encoding: str | None = None) -> Any:
        """Read the part as JSON; None when it is empty.

        :param encoding: as for :meth:`text`.
        :raises InvalidJSON: when it is none.
        """
        text = await self.text(encoding=encoding)
        if not text.strip():
            return None
        return parse_json(text)

    async def form(self, *, encoding: str | None = None) -> list[tuple[str, str]]:
        """Read the part as ``application/x-www-form-urlencoded``.

        :param encoding: as for :meth:`text`.
        :raises HTTPBadRequest: for a bad escape, or bytes that are not valid in the charset.
        """
        data = await self.read(decode=True)
        return await read_urlencoded(data, encoding or self.get_charset("utf-8"))

    # --- decoding what was read ---

    def decode(self, data: bytes) -> bytes:
        """Take off what the part is encoded with.

        :param data: what :meth:`read` returned; or a piece from :meth:`read_chunk`, when the part
            is not compressed.
        :raises InvalidMultipart: when *data* is not what the header fields say.
        :raises UnknownPartEncoding: for an encoding that nobody knows.
        :raises Exception: the ``max_size_error_cls`` when it decompresses to more than
            ``max_decompress_size`` bytes.
        """
        decoded = []
        size = 0
        decoder = PartDecoder(self.headers, is_form_data=self._is_form_data)
        if decoder.identity:
            return bytes(data)
        for pieces in (decoder.decode(bytes(data)), decoder.finish()):
            for piece in pieces:
                size += len(piece)
                if size > max(self._max_decompress_size, len(data)):
                    raise self._too_large(size, self._max_decompress_size)
                decoded.append(piece)
        return b"".join(decoded)

    async def decode_iter(self, data: bytes) -> AsyncIterator[bytes]:
        """Take off what the part is encoded with, in pieces of bounded size.

        :param data: as for :meth:`decode`.
        """
        decoder = PartDecoder(self.headers, is_form_data=self._is_form_data)
        for pieces in (decoder.decode(bytes(data)), decoder.finish()):
            for piece in pieces:
                yield piece

    def _too_large(self, size: int, limit: int | None = None) -> Exception:
        limit = self._client_max_size if limit is None else limit
        if issubclass(self._max_size_error_cls, HTTPRequestEntityTooLarge):
            return self._max_size_error_cls(limit, size)
        return self._max_size_error_cls(
            f"expected a part of a multipart body of at most {limit} bytes, got {size}"
        )

    # --- iterating ---

    def __aiter__(self) -> "BodyPartReader":
        """Iterate over the part: once, see :meth:`next`."""
        return self

    async def __anext__(self) -> bytes:
        """Return the whole part, then end."""
        data = await self.next()
        if data is None:
            raise StopAsyncIteration
        return data

    async def next(self) -> bytes | None:
        """Read the whole part; None when it has been read."""
        if self.at_eof():
            return None
        data = await self.read()
        return data or None


class _Pieces:
    """What is left of a part, as it was sent or decoded."""

    __slots__ = ("_decoded", "_decoder", "_ended", "_stream")

    def __init__(self, stream: PartStream, decoder: PartDecoder | None, held: bytes) -> None:
        """Read *held*, then *stream*; *decoder* is None for the content as it was sent."""
        self._stream = stream
        self._decoder = None if decoder is None or decoder.identity else decoder
        self._decoded: Iterator[bytes] = iter((held,) if held else ())
        if self._decoder is not None and held:
            self._decoded = self._decoder.decode(held)
        self._ended = False

    async def read(self) -> bytes:
        """Return the next piece, ``b""`` at the end."""
        while True:
            for piece in self._decoded:
                return piece
            if self._ended:
                return b""
            data = await self._stream.read(NO_LIMIT)
            if self._decoder is None:
                return data
            self._ended = not data
            self._decoded = self._decoder.decode(data) if data else self._decoder.finish()
