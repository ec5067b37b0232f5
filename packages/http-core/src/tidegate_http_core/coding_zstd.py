"""The content coding zstd (RFC 8878), by Python 3.14's own module or `backports.zstd`.

Content is one frame after another (RFC 8878 section 3.1), at most 100 of them, as with gzip. A
frame may ask for a window of at most 8 MiB (RFC 9659 section 3): that is what a decoder has to
keep in memory.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from .content_coder import MAX_STEP, ContentDecoder, ContentEncoder
from .errors import BadContentCoding

MAX_FRAMES: Final = 100

_WINDOW_LOG: Final = 23


def load_zstd() -> Any:
    """Return the module, None where there is none."""
    for name in ("compression.zstd", "backports.zstd"):
        try:
            return import_module(name)
        except ImportError:
            pass
    return None


class ZstdEncoder(ContentEncoder):
    """Encodes in zstd."""

    def __init__(self, zstd: Any, level: int | None = None) -> None:
        """Make one with the module; `level` is its own, 3 when None."""
        parameter = zstd.CompressionParameter
        # High levels would use a larger window than a recipient has to have.
        options = {parameter.window_log: _WINDOW_LOG}
        if level is not None:
            options[parameter.compression_level] = level
        self._compressor = zstd.ZstdCompressor(options=options)

    def encode(self, data: bytes) -> bytes:
        """Take a piece of the content, return what is ready of the coded form."""
        encoded: bytes = self._compressor.compress(data)
        return encoded

    def flush(self) -> bytes:
        """Return what is held back, as a block of its own (RFC 8878 section 3.1.1.2)."""
        held_back: bytes = self._compressor.flush(self._compressor.FLUSH_BLOCK)
        return held_back

    def finish(self) -> bytes:
        """Return the rest of the coded form."""
        rest: bytes = self._compressor.flush()
        return rest


class ZstdDecoder(ContentDecoder):
    """Decodes zstd; what stands behind its end is an error."""

    def __init__(self, zstd: Any, max_length: int = 0) -> None:
        """Make one with the module; `max_length` is the limit of the content."""
        super().__init__(max_length)
        self._error: type[Exception] = zstd.ZstdError
        self._make = zstd.ZstdDecompressor
        self._options = {zstd.DecompressionParameter.window_log_max: _WINDOW_LOG}
        self._frame: Any = None
        self._frames = 0
        self._waiting = b""

    @property
    def _busy(self) -> bool:
        frame = self._frame
        return bool(self._waiting) or (
            frame is not None and not frame.eof and not frame.needs_input
        )

    def _step(self, data: bytes) -> bytes:
        self._waiting += data
        content = b""
        while not content and self._busy:
            content = self._decompress()
        return content

    def _decompress(self) -> bytes:
        frame = self._frame
        if frame is None or frame.eof:
            self._frames += 1
            if self._frames > MAX_FRAMES:
                raise BadContentCoding(f"expected at most {MAX_FRAMES} frames of zstd")
            frame = self._frame = self._make(options=self._options)
        data = b""
        if frame.needs_input:
            data, self._waiting = self._waiting, b""
        try:
            content: bytes = frame.decompress(data, MAX_STEP)
        except self._error as error:
            raise BadContentCoding(f"expected content in zstd: {error}") from None
        if frame.eof:
            self._waiting = frame.unused_data + self._waiting
        return content

    def _complete(self) -> bool:
        return self._frame is None or bool(self._frame.eof)
