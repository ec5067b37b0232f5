"""Frames (RFC 6455 section 5.2): a client's bytes in, frames out, and a server's frames to bytes.

The decoder takes segments as they come and hands out frames whose payload is unmasked. It keeps
every rule that a frame's header can break, and the limits on messages, as soon as the header is
there: nothing of a payload that will be refused is collected.

What it hands out of a frame that has not come whole depends on the message:

=========  ======================================================================================
control    nothing until it is whole; its 131 bytes at most stay where they are
binary     nothing until it is whole; each segment is unmasked to the end of what was collected,
           so that a frame that dribbles in costs one growing buffer, not an object a read
text       what has come, as a fragment of its own: any intermediary may split a message so
           (section 5.4), and text that is not valid UTF-8 is then found without waiting
=========  ======================================================================================

With ``parts=True`` binary frames are handed out as text is.

The first reserved bit marks a compressed message (RFC 7692 section 6). Here it is only known where
it may be set, which is on the first frame of a message, if that was negotiated.

A frame that is whole in its segment is unmasked straight out of it. A segment is dropped as soon
as it is used up, and what is cut off at its end is at most a header or a control frame.

The decoder knows nothing of closing, of UTF-8, of what messages mean: that is
:mod:`.connection`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

from librt.strings import BytesWriter, read_i64_be, write_i64_be

from .buffers import give_back, take_buffer
from .errors import WebSocketError
from .masking import rotate, unmask, unmask_into

if TYPE_CHECKING:
    from mypy_extensions import i64

CONTINUATION: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA

# Section 5.5: all control frames have a payload of 125 bytes or less.
MAX_CONTROL_PAYLOAD: Final = 125

# A message in more fragments than this is an attack on our memory, not a message.
MAX_FRAGMENTS: Final = 16384

# What a compressed message may be larger than max_size, besides an eighth of it.
_BLOCKS: Final = 1024

_PROTOCOL_ERROR: Final = 1002
_MESSAGE_TOO_BIG: Final = 1009

_FIN: Final = 0x80
_RESERVED: Final = 0x70
_RSV1: Final = 0x40
_MASKED: Final = 0x80


@final
class Frame:
    """One frame, or a part of a text frame handed out as a fragment.

    :ivar opcode: ``TEXT``, ``BINARY``, ``CONTINUATION``, ``CLOSE``, ``PING`` or ``PONG``.
    :ivar fin: whether it ends its message.
    :ivar payload: unmasked.
    :ivar compressed: whether the message that it begins is compressed.
    """

    __slots__ = ("compressed", "fin", "opcode", "payload")

    def __init__(self, opcode: int, fin: bool, payload: bytes, compressed: bool = False) -> None:
        """Make a frame of its parts."""
        self.opcode = opcode
        self.fin = fin
        self.payload = payload
        self.compressed = compressed

    def __repr__(self) -> str:
        """Show the header and how long the payload is."""
        return f"Frame(opcode={self.opcode}, fin={self.fin}, {len(self.payload)} bytes)"


@final
class FrameDecoder:
    """Decodes the frames of one client, in any segmentation."""

    __slots__ = (
        "_collected",
        "_compressed",
        "_compression",
        "_data",
        "_fin",
        "_fragmented",
        "_fragments",
        "_key",
        "_max_fragments",
        "_max_size",
        "_missing",
        "_opcode",
        "_parts",
        "_position",
        "_size",
        "_text",
    )

    def __init__(
        self,
        max_size: int = 0,
        max_fragments: int = MAX_FRAGMENTS,
        *,
        compression: bool = False,
        parts: bool = False,
    ) -> None:
        """Begin a connection.

        :param max_size: largest message in bytes, over all its fragments; 0 for no limit. Of a
            compressed message only so much is refused as can't inflate to that: its true size is
            for the one to check who inflates it.
        :param max_fragments: the most frames that one message may consist of; 0 for no limit.
        :param compression: whether messages may be compressed.
        :param parts: whether to hand out what has come of a binary frame, too.
        """
        self._max_size: i64 = max_size
        self._max_fragments: i64 = max_fragments
        self._compression = compression
        self._parts = parts
        self._data = b""
        self._position: i64 = 0
        # The data frame of which a part is still to come.
        self._missing: i64 = 0
        self._opcode: i64 = CONTINUATION
        self._fin = False
        self._compressed = False
        self._key: i64 = 0
        self._collected: BytesWriter | None = None
        # The message that frames belong to.
        self._fragmented = False
        self._text = False
        self._size: i64 = 0
        self._fragments: i64 = 0

    def feed(self, data: bytes) -> None:
        """Take a segment; :meth:`next_frame` then hands out what it completes."""
        if self._position >= len(self._data):
            self._data = data
        else:
            self._data = self._data[self._position :] + data
        self._position = 0

    def next_frame(self) -> Frame | None:
        """Return the next frame, None when more bytes are needed.

        :raises WebSocketError: when the client broke the protocol (1002) or a limit (1009). The
            frames before it have been handed out; the decoder is of no use afterwards.
        """
        frame = self._next_part() if self._missing else self._next_whole()
        if frame is None and self._position:
            # Keep no more of the segment than what is not used up.
            self._data = self._data[self._position :]
            self._position = 0
        return frame

    def _next_whole(self) -> Frame | None:
        """Take a frame, or begin with one that has not come whole."""
        data = self._data
        position = self._position
        available: i64 = len(data) - position
        if available < 2:
            return None
        first: i64 = data[position]
        second: i64 = data[position + 1]
        opcode: i64 = first & 0x0F
        length: i64 = second & 0x7F
        compressed = False
        if first & _RESERVED:
            # Section 5.2: reserved bits are 0 unless an extension was negotiated.
            if first & _RESERVED != _RSV1 or not self._compression:
                raise WebSocketError(_PROTOCOL_ERROR, "a reserved bit is set without a meaning")
            # RFC 7692 section 6.1: on the first frame of a message, and on no control frame.
            if opcode == CONTINUATION or opcode >= CLOSE:
                raise WebSocketError(
                    _PROTOCOL_ERROR, "RSV1 is set on a frame that does not begin a message"
                )
            compressed = True
        _check_header(first, second)
        header: i64 = 6
        if length >= 126:
            header = 8 if length == 126 else 14
        if available < header:
            return None
        if length == 126:
            length = (data[position + 2] << 8) | data[position + 3]
            if length < 126:
                raise _not_minimal()
        elif length == 127:
            length = read_i64_be(data, position + 2)
            # Negative when the most significant bit is set, which section 5.2 forbids too.
            if length < 65536:
                raise _not_minimal()
        start: i64 = position + header
        key: i64 = (
            data[start - 4]
            | (data[start - 3] << 8)
            | (data[start - 2] << 16)
            | (data[start - 1] << 24)
        )
        fin = first >= _FIN
        if opcode >= CLOSE:
            if available - header < length:
                return None
        else:
            self._enter(opcode, fin, length, compressed)
            if available - header < length:
                self._missing = length
                self._opcode = opcode
                self._fin = fin
                self._compressed = compressed
                self._key = key
                self._position = start
                return self._next_part()
        self._position = start + length
        return Frame(opcode, fin, unmask(data, start, start + length, key), compressed)

    def _enter(self, opcode: i64, fin: bool, length: i64, compressed: bool) -> None:
        """Check a data frame's place in its message (section 5.4) and the message's limits."""
        if opcode == CONTINUATION:
            if not self._fragmented:
                raise WebSocketError(
                    _PROTOCOL_ERROR, "a continuation frame came without a message to continue"
                )
            self._fragments += 1
            if self._max_fragments and self._fragments > self._max_fragments:
                raise WebSocketError(
                    _MESSAGE_TOO_BIG, f"a message has more than {self._max_fragments} fragments"
                )
        else:
            if self._fragmented:
                raise WebSocketError(
                    _PROTOCOL_ERROR, "expected a continuation frame, a new message came"
                )
            self._text = opcode == TEXT
            # What can't be compressed grows a little: by 5 bytes a stored block.
            self._size = -(self._max_size >> 3) - _BLOCKS if compressed else 0
            self._fragments = 1
        if self._max_size:
            if length > self._max_size - self._size:
                raise WebSocketError(
                    _MESSAGE_TOO_BIG, f"a message is larger than {self._max_size} bytes"
                )
            self._size += length
        self._fragmented = not fin

    def _next_part(self) -> Frame | None:
        """Take what has come of the frame that did not come whole."""
        start = self._position
        take: i64 = len(self._data) - start
        if take > self._missing:
            take = self._missing
        if take == 0:
            return None
        self._position = start + take
        whole = take == self._missing
        self._missing -= take
        frame: Frame | None = None
        if self._text or self._parts:
            payload = unmask(self._data, start, start + take, self._key)
            frame = Frame(self._opcode, self._fin and whole, payload, self._compressed)
            self._opcode = CONTINUATION
            self._compressed = False
        else:
            if self._collected is None:
                self._collected = take_buffer()
            unmask_into(self._collected, self._data, start, start + take, self._key)
            if whole:
                data = self._collected.getvalue()
                frame = Frame(self._opcode, self._fin, data, self._compressed)
                give_back(self._collected)
                self._collected = None
        self._key = rotate(self._key, take)
        return frame


def _check_header(first: i64, second: i64) -> None:
    """Refuse what the first two bytes of a frame can do wrong."""
    opcode: i64 = first & 0x0F
    # Section 5.1: a server must close the connection upon a frame that is not masked.
    if not second & _MASKED:
        raise WebSocketError(_PROTOCOL_ERROR, "a client's frames are masked, this one is not")
    if opcode <= BINARY:
        return
    if opcode < CLOSE or opcode > PONG:
        raise WebSocketError(_PROTOCOL_ERROR, f"opcode {opcode} is reserved")
    # Section 5.5: control frames are short and never fragmented.
    if first < _FIN:
        raise WebSocketError(_PROTOCOL_ERROR, "a control frame is fragmented")
    if second & 0x7F > MAX_CONTROL_PAYLOAD:
        raise WebSocketError(
            _PROTOCOL_ERROR, f"a control frame is larger than {MAX_CONTROL_PAYLOAD} bytes"
        )


def _not_minimal() -> WebSocketError:
    # Section 5.2: the minimal number of bytes must be used to encode the length.
    return WebSocketError(
        _PROTOCOL_ERROR, "a payload's length is not in its shortest form, or over 63 bits"
    )


def encode_header(opcode: int, length: int, fin: bool = True, compressed: bool = False) -> bytes:
    """Return the header of a server's frame, which has no mask (RFC 6455 section 5.1).

    :param length: bytes of the payload that follows.
    :param fin: whether the frame ends its message.
    :param compressed: whether it begins a compressed message (RFC 7692 section 6).
    """
    writer = BytesWriter()
    _write_header(writer, opcode, length, fin, compressed)
    return writer.getvalue()


def encode_frame(opcode: int, payload: bytes, fin: bool = True, compressed: bool = False) -> bytes:
    """Return a server's frame in one piece.

    :param fin: whether the frame ends its message.
    :param compressed: whether it begins a compressed message; *payload* is compressed then.
    """
    writer = BytesWriter()
    _write_header(writer, opcode, len(payload), fin, compressed)
    writer.write(payload)
    return writer.getvalue()


def _write_header(
    writer: BytesWriter, opcode: i64, length: i64, fin: bool, compressed: bool
) -> None:
    first: i64 = opcode | _RSV1 if compressed else opcode
    writer.append(first | _FIN if fin else first)
    if length < 126:
        writer.append(length)
    elif length < 65536:
        writer.append(126)
        writer.append(length >> 8)
        writer.append(length & 0xFF)
    else:
        writer.append(127)
        write_i64_be(writer, length)
