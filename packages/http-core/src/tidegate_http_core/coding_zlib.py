"""The content codings gzip and deflate (RFC 9110 sections 8.4.1.2 and 8.4.1.3), on zlib.

gzip is one member after another (RFC 1952 section 2.2); more than 100 are refused, since an empty
one costs a peer 20 bytes and this side a decompressor. deflate is the zlib format (RFC 1950)
by the standard and the raw format (RFC 1951) from senders that took its name literally: the first
two bytes tell. What stands behind the end of either is an error: nobody sends it, and what is cut
off in silence is content that somebody else may see.
"""

from __future__ import annotations

import zlib
from typing import Final

from .content_coder import MAX_STEP, ContentDecoder, ContentEncoder
from .errors import BadContentCoding
from .zlib_backend import Decompressor, zlib_backend

# Which format, as zlib wants to be told: the window of 32 KiB, plus 16 for gzip, negative for raw.
GZIP: Final = 31
ZLIB: Final = 15
_RAW: Final = -15

MAX_MEMBERS: Final = 100


class ZlibEncoder(ContentEncoder):
    """Encodes in one of the formats of zlib; of equal content always the same bytes."""

    def __init__(
        self, wbits: int, level: int | None = None, strategy: int = zlib.Z_DEFAULT_STRATEGY
    ) -> None:
        """Make one for `wbits` GZIP or ZLIB; `level` 0 to 9, `strategy` as of `zlib`."""
        self._compressor = zlib_backend().compressobj(
            zlib.Z_DEFAULT_COMPRESSION if level is None else level,
            zlib.DEFLATED,
            wbits,
            zlib.DEF_MEM_LEVEL,
            strategy,
        )

    def encode(self, data: bytes) -> bytes:
        """Take a piece of the content, return what is ready of the coded form."""
        return self._compressor.compress(data)

    def flush(self) -> bytes:
        """Return what is held back, with an empty stored block behind it (RFC 1951 3.2.4)."""
        return self._compressor.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        """Return the rest of the coded form."""
        return self._compressor.flush()


def zlib_encoder(name: str, *, strategy: int) -> ContentEncoder:
    """Make an encoder of gzip or deflate with a strategy of zlib, which the registry has none for.

    `strategy` is one of `zlib.Z_FILTERED`, `zlib.Z_HUFFMAN_ONLY` and their like. Raises ValueError
    for the name of another coding.
    """
    wbits = {"gzip": GZIP, "deflate": ZLIB}.get(name)
    if wbits is None:
        raise ValueError(f"expected 'gzip' or 'deflate', which are made by zlib, got {name!r}")
    return ZlibEncoder(wbits, strategy=strategy)


class ZlibDecoder(ContentDecoder):
    """Decodes gzip, or deflate in either of its formats."""

    def __init__(self, wbits: int, max_length: int = 0) -> None:
        """Make one for `wbits` GZIP or ZLIB; `max_length` is the limit of the content."""
        super().__init__(max_length)
        backend = zlib_backend()
        self._error = backend.error
        self._make = backend.decompressobj
        self._wbits = wbits
        self._stream: Decompressor | None = None
        self._members = 0
        self._waiting = b""
        self._full = False

    @property
    def _busy(self) -> bool:
        return self._full or (self._stream is not None and bool(self._waiting))

    def _step(self, data: bytes) -> bytes:
        waiting = self._waiting + data if self._waiting else data
        # What zlib itself holds back needs no input.
        more = self._full
        content = b""
        while not content and (waiting or more):
            more = False
            stream = self._stream
            if stream is None or stream.eof:
                stream = self._begin(waiting)
                if stream is None:
                    break
            try:
                content = stream.decompress(waiting, MAX_STEP)
            except self._error as error:
                raise BadContentCoding(f"expected content in gzip or deflate: {error}") from None
            waiting = stream.unused_data if stream.eof else stream.unconsumed_tail
            self._full = len(content) >= MAX_STEP and not stream.eof
        self._waiting = waiting
        return content

    def _begin(self, data: bytes) -> Decompressor | None:
        """Begin with the stream at the start of `data`; None when more is needed to know it."""
        wbits = self._wbits
        if wbits != GZIP:
            if self._members:
                raise BadContentCoding("expected nothing behind the end of deflated content")
            # RFC 1950 section 2.2: the low half of the first byte is 8, and both are a multiple
            # of 31. A raw stream begins like that only with bits that no encoder sets.
            if data[0] & 15 == 8 and len(data) < 2:
                return None
            if data[0] & 15 != 8 or (data[0] << 8 | data[1]) % 31:
                wbits = _RAW
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise BadContentCoding(f"expected at most {MAX_MEMBERS} members of gzip")
        self._stream = self._make(wbits)
        return self._stream

    def _complete(self) -> bool:
        return not self._waiting if self._stream is None else self._stream.eof
