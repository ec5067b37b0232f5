"""The content coding br (RFC 7932), where the package `brotli` is installed.

Version 1.2 or later: earlier ones decode without a bound.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any, Final

from .content_coder import MAX_STEP, ContentDecoder, ContentEncoder
from .errors import BadContentCoding

# Of 11. What is encoded while a client waits should not take longer than sending it.
_QUALITY: Final = 4


def load_brotli() -> Any:
    """Return the module `brotli`, None where there is none, or none that can bound its output."""
    try:
        brotli = import_module("brotli")
        brotli.Decompressor().process(b"", output_buffer_limit=1)
    except (ImportError, AttributeError, TypeError):
        return None
    return brotli


class BrotliEncoder(ContentEncoder):
    """Encodes in br."""

    def __init__(self, brotli: Any, level: int | None = None) -> None:
        """Make one with the module; `level` is its quality, 0 to 11."""
        self._compressor = brotli.Compressor(quality=_QUALITY if level is None else level)

    def encode(self, data: bytes) -> bytes:
        """Take a piece of the content, return what is ready of the coded form."""
        encoded: bytes = self._compressor.process(data)
        return encoded

    def flush(self) -> bytes:
        """Return what is held back."""
        held_back: bytes = self._compressor.flush()
        return held_back

    def finish(self) -> bytes:
        """Return the rest of the coded form."""
        rest: bytes = self._compressor.finish()
        return rest


class BrotliDecoder(ContentDecoder):
    """Decodes br; what stands behind its end is an error."""

    def __init__(self, brotli: Any, max_length: int = 0) -> None:
        """Make one with the module; `max_length` is the limit of the content."""
        super().__init__(max_length)
        self._error: type[Exception] = brotli.error
        self._decompressor = brotli.Decompressor()
        self._begun = False
        self._waiting = b""
        # The module stops behind the limit, not at it, and at the end of what was flushed: whoever
        # got something has to ask again, without input, until nothing comes.
        self._content = b""
        self._more = False

    @property
    def _busy(self) -> bool:
        return bool(
            self._content
            or self._waiting
            or self._more
            or not self._decompressor.can_accept_more_data()
        )

    def _step(self, data: bytes) -> bytes:
        self._begun = self._begun or bool(data)
        self._waiting += data
        content = self._content
        while not content and self._busy:
            content = self._process()
        self._content = content[MAX_STEP:]
        return content[:MAX_STEP]

    def _process(self) -> bytes:
        decompressor = self._decompressor
        data = b""
        if decompressor.can_accept_more_data():
            data, self._waiting = self._waiting, b""
        try:
            content: bytes = decompressor.process(data, output_buffer_limit=MAX_STEP)
        except self._error as error:
            raise BadContentCoding(f"expected content in br: {error}") from None
        self._more = bool(content) and not decompressor.is_finished()
        return content

    def _complete(self) -> bool:
        return not self._begun or bool(self._decompressor.is_finished())
