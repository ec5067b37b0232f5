"""Compressing a body: which content coding, and how without blocking the event loop.

Which one is settled when the response is prepared (RFC 9110 section 12.5.3): the client's
q-values go first, then the order of the codings that are installed. A response whose coding
depended on the request says so with ``Vary: Accept-Encoding``, compressed or not. Compressed it
has another length and, byte for byte, is another representation, so its Content-Length is
recomputed or dropped, and a strong entity tag becomes a weak one (RFC 9110 section 8.8.3.3).

These are never compressed: what has a Content-Encoding already, parts of a representation (206,
Content-Range), and what has no body (1xx, 204, 304).

Data of more bytes than a threshold is compressed by an executor. What a handler writes to a
stream is flushed, so that the client can read all of it at once. A body that is given whole is
not, which packs it better.
"""

import asyncio
import enum
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from typing import Final

from multidict import CIMultiDict
from tidegate_http_core import (
    ContentEncoder,
    available_codings,
    choose_coding,
    get_coding,
    hdrs,
    zlib_encoder,
)

from .abc import AbstractStreamWriter

#: Bytes of data above which an executor compresses them.
EXECUTOR_SIZE: Final = 2**14


class ContentCoding(enum.Enum):
    """The content codings that :meth:`StreamResponse.enable_compression` can be told to use."""

    deflate = "deflate"
    gzip = "gzip"
    identity = "identity"
    # These two need a library: the extras brotli and zstd of tidegate-http-core.
    br = "br"
    zstd = "zstd"


class Compression:
    """Which coding a response wants, once its request is known."""

    __slots__ = ("forced", "strategy")

    def __init__(self, forced: ContentCoding | None, strategy: int | None) -> None:
        """Describe it.

        :param forced: the coding to use whatever the client accepts; None to ask.
        :param strategy: of zlib, for gzip and deflate; the usual one when None.
        :raises ValueError: when a library is needed for *forced* and is not there.
        """
        if forced is not None and get_coding(forced.value) is None:
            raise ValueError(
                f"no library for {forced.value} is installed; there are "
                f"{', '.join(available_codings())}"
            )
        self.forced = forced
        self.strategy = strategy

    def choose(self, accept_encoding: Sequence[str]) -> str | None:
        """Return the name of the coding to use for a request, None for none.

        :param accept_encoding: the values of the request's Accept-Encoding fields.
        """
        if self.forced is None:
            accepted = ", ".join(accept_encoding) if accept_encoding else None
            return choose_coding(accepted, available_codings())
        return None if self.forced is ContentCoding.identity else self.forced.value

    def encoder(self, name: str) -> ContentEncoder:
        """Make what compresses one body with the coding *name*."""
        if self.strategy is not None and name in ("gzip", "deflate"):
            return zlib_encoder(name, strategy=self.strategy)
        coding = get_coding(name)
        if coding is None:
            raise LookupError(f"the content coding {name} is gone")
        return coding.encoder()

    async def compress(
        self, name: str, body: bytes, *, executor_size: int, executor: Executor | None
    ) -> bytes:
        """Compress a whole body with the coding *name*.

        :param executor_size: bytes above which *executor* does it; the loop's own when None.
        """
        encoder = self.encoder(name)
        if len(body) <= executor_size:
            return _encode_whole(encoder, body)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(executor, _encode_whole, encoder, body)


def _encode_whole(encoder: ContentEncoder, body: bytes) -> bytes:
    return encoder.encode(body) + encoder.finish()


def vary_with(values: Iterable[str], name: str) -> str:
    """Return the value of Vary with *name* among what it had (RFC 9110 section 12.5.5)."""
    names = [item.strip() for value in values for item in value.split(",") if item.strip()]
    if "*" not in names and name.lower() not in (item.lower() for item in names):
        names.append(name)
    return ", ".join(names)


def weakened(etag: str) -> str:
    """Return the weak form of an entity tag (RFC 9110 section 8.8.1)."""
    return f"W/{etag}" if etag.startswith('"') else etag


def may_be_compressed(status: int, headers: CIMultiDict[str]) -> bool:
    """Tell whether a body with these *headers* can be sent in another content coding."""
    return (
        status != 206
        and hdrs.CONTENT_ENCODING not in headers
        and hdrs.CONTENT_RANGE not in headers
    )


class CompressingWriter(AbstractStreamWriter):
    """Compresses a body piece by piece on its way to another writer."""

    __slots__ = ("_encoder", "_executor", "_executor_size", "_flushing", "_writer")

    def __init__(
        self,
        writer: AbstractStreamWriter,
        encoder: ContentEncoder,
        *,
        flushing: bool,
        executor_size: int,
        executor: Executor | None,
    ) -> None:
        """Compress with *encoder* what goes to *writer*.

        :param flushing: whether each piece is to be decodable as soon as it has been sent.
        :param executor_size: bytes of a piece above which *executor* compresses it.
        :param executor: the loop's own when None.
        """
        self._writer = writer
        self._encoder = encoder
        self._flushing = flushing
        self._executor_size = executor_size
        self._executor = executor

    @property
    def transport(self) -> asyncio.Transport | None:
        """The connection's transport, or None once the connection is gone."""
        return self._writer.transport

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """Compress *chunk* and send what comes of it."""
        if not chunk:
            return
        if data := await self._run(self._encode, bytes(chunk)):
            await self._writer.write(data)

    async def write_eof(self, chunk: bytes = b"") -> None:
        """Compress *chunk*, end the compressed stream and the body."""
        await self._writer.write_eof(await self._run(self._finish, bytes(chunk)))

    async def _run(self, step: Callable[[bytes], bytes], data: bytes) -> bytes:
        if len(data) <= self._executor_size:
            return step(data)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, step, data)

    def _encode(self, data: bytes) -> bytes:
        encoded = self._encoder.encode(data)
        return encoded + self._encoder.flush() if self._flushing else encoded

    def _finish(self, data: bytes) -> bytes:
        encoded = self._encoder.encode(data) if data else b""
        return encoded + self._encoder.finish()

    async def drain(self) -> None:
        """Wait until the write buffer has room."""
        await self._writer.drain()

    def enable_chunking(self) -> None:
        """Use the chunked transfer coding for the body."""
        self._writer.enable_chunking()

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None:
        """Set the head, to be sent with the first piece of the body."""
        await self._writer.write_headers(status_line, headers)

    def send_headers(self) -> None:
        """Send a head that is still held back."""
        self._writer.send_headers()
