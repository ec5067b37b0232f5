"""Compressing and inflating messages (RFC 7692 section 7.2), after it has been agreed to.

A message is a raw DEFLATE stream that ends with an empty stored block, whose last four bytes,
``00 00 ff ff``, are not sent. The window lives on from message to message unless that was agreed
away ("no context takeover").

**Compressing.** :class:`Deflater` owns the shared context. Its rule: the context may only refer to
what was sent through it, last and without anything in between. Whatever breaks that (a message
with another level, one that was compressed elsewhere, one that was compressed but never sent)
makes it *forget*: the next message begins with an empty window, which is right at any time,
because a stream refers to nothing before its own beginning.

**Inflating.** :class:`Inflater` never makes more at once than it is asked for, so that a small
message can't become a large allocation.

A client may end its stream (a block with BFINAL, section 7.2.3.4) and go on with a new one within
the message. The window then reaches back to the beginning of what was inflated at once: an
encoder that ends its stream has an empty one.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final, final

from .errors import WebSocketError

if TYPE_CHECKING:
    from mypy_extensions import i64

# Section 7.2.1: taken off by the sender, put back by the receiver.
_TAIL: Final = b"\x00\x00\xff\xff"

# Section 7.2.3.6: an empty message, as one stored block.
_EMPTY: Final = b"\x00"

# Ends of streams that one frame may hold. Each costs a new inflater, so that many are an attack.
_MAX_ENDS: Final = 32

_SYNC: Final = zlib.Z_SYNC_FLUSH
_INVALID_DATA: Final = 1007

_OWN_LEVEL_FROM: Final = 10


@final
class Deflater:
    """Compresses the messages of one connection.

    :ivar settings: what makes two connections compress a message alone to the same bytes:
        (level, window bits, memory level).
    """

    __slots__ = ("_compressor", "_level", "_takeover", "_threshold", "settings")

    def __init__(
        self, level: int, window_bits: int, mem_level: int, takeover: bool, threshold: int
    ) -> None:
        """Begin with an empty window, which takes no memory yet.

        :param level: 1 to 9, for messages that have none of their own.
        :param window_bits: 8 to 15.
        :param mem_level: 1 to 9.
        :param takeover: whether the window lives on from message to message.
        :param threshold: size in bytes from which on messages are compressed.
        """
        # zlib has no window of 8 bits; its one of 9 stays within them (see .negotiation).
        self.settings = (level, max(window_bits, 9), mem_level)
        self._takeover = takeover
        self._threshold = threshold
        self._compressor: zlib._Compress | None = None
        self._level = level

    def wants(self, size: int, level: int | None) -> bool:
        """Tell whether a message is to be compressed.

        :param size: its bytes.
        :param level: its own level: 0 for no, another one for yes; None to go by the threshold.
        """
        return size >= self._threshold if level is None else level > 0

    def take(self, level: int | None) -> zlib._Compress:
        """Return the context to give to :func:`deflate_message`, in another thread perhaps.

        :param level: the message's own level; None, or above 9, for the usual one.
        """
        usual, bits, mem_level = self.settings
        if level is None or level >= _OWN_LEVEL_FROM:
            level = usual
        compressor = self._compressor
        if compressor is None or level != self._level:
            compressor = zlib.compressobj(level, zlib.DEFLATED, -bits, mem_level)
            self._level = level
            self._compressor = compressor
        if not self._takeover:
            self._compressor = None
        return compressor

    def take_for_fragment(self, fin: bool) -> zlib._Compress:
        """Return the context for a fragment of a message, which all fragments share.

        :param fin: whether it is the last one of its message.
        """
        compressor = self._compressor
        if compressor is None:
            compressor = self.take(None)
            self._compressor = compressor
        if fin and not self._takeover:
            self._compressor = None
        return compressor

    def forget(self) -> None:
        """Begin the next message with an empty window."""
        self._compressor = None


def deflate_message(compressor: zlib._Compress, payload: bytes) -> bytes:
    """Return *payload* as a whole compressed message, or as its last fragment."""
    if not payload:
        return _EMPTY
    start = compressor.compress(payload)
    rest = compressor.flush(_SYNC)
    # Often all of it is in the second piece.
    return start + rest[:-4] if start else rest[:-4]


def deflate_fragment(compressor: zlib._Compress, payload: bytes) -> bytes:
    """Return *payload* as a fragment that is not the last one of its message."""
    return compressor.compress(payload) + compressor.flush(_SYNC) if payload else b""


def deflate_alone(settings: tuple[int, int, int], payload: bytes) -> bytes:
    """Return *payload* as a compressed message that begins with an empty window.

    :param settings: those of the :class:`Deflater` that it is sent through; tell it to forget.
    """
    level, bits, mem_level = settings
    return deflate_message(zlib.compressobj(level, zlib.DEFLATED, -bits, mem_level), payload)


@final
class Inflater:
    """Inflates the messages of one connection, frame by frame.

    :ivar pending: whether :meth:`read` has more of the frame that was fed.
    """

    __slots__ = ("_bits", "_decompressor", "_ends", "_fin", "_input", "_takeover", "pending")

    def __init__(self, window_bits: int, takeover: bool) -> None:
        """Begin with an empty window, which takes no memory yet.

        :param window_bits: 8 to 15.
        :param takeover: whether the window lives on from message to message.
        """
        self._bits = window_bits
        self._takeover = takeover
        self._decompressor: zlib._Decompress | None = None
        self._input = b""
        self._fin = False
        self._ends: i64 = 0
        self.pending = False

    def feed(self, payload: bytes, fin: bool) -> None:
        """Take the payload of a frame.

        :param fin: whether it is the last one of its message.
        """
        self._input = payload + _TAIL if fin else payload
        self._fin = fin
        self._ends = 0
        self.pending = True

    def read(self, max_length: int) -> bytes:
        """Return what the frame inflates to, no more than *max_length* bytes (0: all) a call.

        :raises WebSocketError: when the frame is no DEFLATE data (1007).
        """
        decompressor = self._decompressor
        if decompressor is None:
            decompressor = zlib.decompressobj(-self._bits)
        try:
            data = decompressor.decompress(self._input, max_length)
            while decompressor.eof:
                self._ends += 1
                if self._ends > _MAX_ENDS:
                    raise _invalid(f"more than {_MAX_ENDS} streams in a frame")
                rest = decompressor.unused_data
                decompressor = zlib.decompressobj(-self._bits, data[-(1 << self._bits) :])
                if max_length and len(data) >= max_length:
                    self._input = rest
                    self._decompressor = decompressor
                    return data
                data += decompressor.decompress(rest, max_length - len(data) if max_length else 0)
        except zlib.error as exc:
            raise _invalid(str(exc)) from None
        self._decompressor = decompressor
        self._input = decompressor.unconsumed_tail
        # Full to the brim: zlib may hold back more, though it has used up its input.
        self.pending = max_length > 0 and len(data) == max_length
        if not self.pending and self._fin and not self._takeover:
            self._decompressor = None
        return data


def _invalid(what: str) -> WebSocketError:
    return WebSocketError(_INVALID_DATA, f"a compressed message is no DEFLATE data: {what}")
