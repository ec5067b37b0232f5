"""What encodes and decodes content, step by step: the contract of every content coding.

A decoder is given input of any size and hands out at most `MAX_STEP` bytes a call, however much
the input would expand to: what is not decoded yet waits as it came. So memory never grows with the
ratio of a compression, and whoever reads can stop, or do something else, between two steps. The
bytes of all steps are counted, and one too many is an error, not a truncation.

    decoder = coding.decoder(max_length=2**20)
    for piece in pieces:
        content = decoder.decode(piece)
        while content:
            ...
            content = decoder.decode(b"") if decoder.pending else b""
    decoder.finish()

Subclasses implement `_busy`, `_step` and `_complete`, and raise `BadContentCoding` for data that
is not of their coding; the counting, and cutting long input into pieces, are here.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Final

from .errors import BadContentCoding, ContentTooLarge

# Bytes that one call of a decoder returns at most.
MAX_STEP: Final = 2**18
# Bytes of input that an implementation is given at most: what it does not get to in one step, it
# copies, and it should not copy all of a long input at each step.
_PIECE: Final = 2**16


class ContentEncoder(ABC):
    """Encodes one content, piece by piece."""

    @abstractmethod
    def encode(self, data: bytes) -> bytes:
        """Take a piece of the content, return what is ready of the coded form; maybe nothing."""

    @abstractmethod
    def flush(self) -> bytes:
        """Return what is held back, so that a recipient can decode all that was given so far.

        For streams whose pieces can't wait; it costs some bytes each time.
        """

    @abstractmethod
    def finish(self) -> bytes:
        """Return the rest of the coded form; nothing can be encoded any more."""


class ContentDecoder(ABC):
    """Decodes one content, piece by piece and in bounded steps."""

    def __init__(self, max_length: int = 0) -> None:
        """Decode at most `max_length` bytes in total; 0 for no limit."""
        self._max_length = max_length
        self._length = 0
        self._input = b""
        self._at = 0  # how much of the input was handed on

    @property
    def pending(self) -> bool:
        """Whether `decode(b"")` may return more of what was given already."""
        return self._at < len(self._input) or self._busy

    def decode(self, data: bytes) -> bytes:
        """Take a piece of the coded form, return at most 256 KiB of the content.

        While `pending`, there may be more, and `decode(b"")` returns it; giving more data instead
        is allowed, and it waits behind what is there. An empty result says that more input is
        needed, and is no end.

        Raises BadContentCoding for data that is not of this coding, and ContentTooLarge when the
        content is longer than `max_length`.
        """
        if data:
            self._input = self._input[self._at :] + data
            self._at = 0
        content = b""
        while not content and self.pending:
            piece = b""
            if not self._busy:
                piece = self._input[self._at : self._at + _PIECE]
                self._at += len(piece)
            content = self._step(piece)
        self._length += len(content)
        if self._max_length and self._length > self._max_length:
            raise ContentTooLarge(
                f"expected content of at most {self._max_length} bytes once it is decoded"
            )
        return content

    def finish(self) -> None:
        """Say that no more data comes.

        Raises BadContentCoding when the coded form is not complete: then what was decoded is a
        part of the content. Content of no bytes at all is complete.
        """
        if self.pending or not self._complete():
            raise BadContentCoding("expected more of the coded content: it was cut short")

    @property
    @abstractmethod
    def _busy(self) -> bool:
        """Whether a step without data may return more."""

    @abstractmethod
    def _step(self, data: bytes) -> bytes:
        """Take data, none while busy; decode and return at most `MAX_STEP` bytes."""

    @abstractmethod
    def _complete(self) -> bool:
        """Say whether the coded form may end here."""
