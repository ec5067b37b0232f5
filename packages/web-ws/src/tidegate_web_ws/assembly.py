"""Frames to messages: fragments are joined, compressed ones inflated, text checked and decoded.

::

    Frame ─► inflate, no more than the limit allows ─► check text as it comes ─► WSMessage

A message that is whole in one frame takes the short way; fragments are collected in one buffer.
With ``pieces=True`` nothing is collected: each piece of a message is a message of its own, of type
TEXT or BINARY when it is the first one and CONTINUATION otherwise; its ``extra`` is ``MORE`` when
another one follows.

The limit on messages is exact and holds for what they inflate to: no byte more is made than what
tells that there would be too many.
"""

from __future__ import annotations

from codecs import utf_8_decode
from typing import TYPE_CHECKING, Final, final

from librt.strings import BytesWriter

from .buffers import give_back, take_buffer
from .deflate import Inflater
from .errors import WebSocketError
from .frames import BINARY, CONTINUATION, TEXT, Frame
from .messages import WSMessage, WSMsgType

if TYPE_CHECKING:
    from mypy_extensions import i64

# What the queue of a receiver holds besides a message's data, in bytes.
MESSAGE_OVERHEAD: Final = 128

# The ``extra`` of a piece that is not the last one of its message.
MORE: Final = "more"

# The most bytes that one piece of a compressed message inflates to.
PIECE_SIZE: Final = 64 * 1024

_INVALID_TEXT: Final = 1007
_MESSAGE_TOO_BIG: Final = 1009

_TEXT: Final = WSMsgType.TEXT
_BINARY: Final = WSMsgType.BINARY
_CONTINUATION: Final = WSMsgType.CONTINUATION


@final
class MessageAssembler:
    """Makes messages of the data frames of one connection.

    :ivar pending: whether :meth:`go_on` has more of the frame that was taken.
    :ivar taken: what the messages delivered take up, in bytes; its owner resets it.
    """

    __slots__ = (
        "_collected",
        "_compressed",
        "_decode_text",
        "_fin",
        "_inflated",
        "_inflater",
        "_kind",
        "_max_size",
        "_message",
        "_pieces",
        "_tail",
        "pending",
        "taken",
    )

    def __init__(
        self, max_size: int, decode_text: bool, pieces: bool, inflater: Inflater | None
    ) -> None:
        """Begin a connection; the parameters are those of :class:`.WebSocketConnection`."""
        self._max_size: i64 = max_size
        self._decode_text = decode_text
        self._pieces = pieces
        self._inflater = inflater
        # The fragmented message that is arriving: TEXT, BINARY, or CONTINUATION for none.
        self._message: i64 = CONTINUATION
        self._compressed = False
        # The kind of its next piece.
        self._kind = _CONTINUATION
        self._fin = False
        self._inflated: i64 = 0
        self._collected: BytesWriter | None = None
        # The first bytes of a character that a fragment ends within.
        self._tail = b""
        self.pending = False
        self.taken = 0

    def take(self, frame: Frame, messages: list[WSMessage]) -> None:
        """Take a data frame; add what it completes to *messages*.

        :raises WebSocketError: for text that is not UTF-8, or data that does not inflate (1007),
            and for a message that inflates to more than the limit (1009).
        """
        opcode = frame.opcode
        payload = frame.payload
        if self._pieces:
            self._take_piece(opcode, frame, messages)
        elif opcode == CONTINUATION or not frame.fin:
            if opcode != CONTINUATION:
                self._message = opcode
                self._compressed = frame.compressed
            if self._compressed:
                payload = self._inflate(payload, frame.fin)
            self._take_fragment(payload, frame.fin, messages)
        else:
            if frame.compressed:
                payload = self._inflate(payload, True)
            if opcode == BINARY:
                self._deliver(_BINARY, payload, len(payload), "", messages)
            elif self._decode_text:
                text = decode_utf8(payload, "a text message")
                self._deliver(_TEXT, text, len(text), "", messages)
            else:
                decode_utf8(payload, "a text message")
                self._deliver(_TEXT, payload, len(payload), "", messages)

    def go_on(self, messages: list[WSMessage]) -> None:
        """Add the next piece of a frame that inflates to several."""
        inflater = self._inflater
        if inflater is None:
            self.pending = False
            return
        data = inflater.read(PIECE_SIZE)
        self.pending = inflater.pending
        self._inflated += len(data)
        if self._max_size and self._inflated > self._max_size:
            raise self._too_big()
        self._deliver_piece(data, self._fin and not self.pending, messages)

    def drop(self) -> None:
        """Forget the message that is arriving."""
        if self._collected is not None:
            give_back(self._collected)
            self._collected = None
        self._message = CONTINUATION
        self._tail = b""
        self._inflated = 0
        self.pending = False

    def _inflate(self, payload: bytes, fin: bool) -> bytes:
        inflater = self._inflater
        if inflater is None:
            return payload
        inflater.feed(payload, fin)
        if not self._max_size:
            return inflater.read(0)
        room = self._max_size - self._inflated
        data = inflater.read(room + 1)
        if len(data) > room:
            raise self._too_big()
        self._inflated = 0 if fin else self._inflated + len(data)
        return data

    def _too_big(self) -> WebSocketError:
        return WebSocketError(
            _MESSAGE_TOO_BIG, f"a message inflates to more than {self._max_size} bytes"
        )

    def _take_fragment(self, payload: bytes, fin: bool, messages: list[WSMessage]) -> None:
        """Collect a fragment in one buffer, so that tiny ones do not pile up as objects."""
        if self._message == TEXT:
            self._check_text(payload, fin)
        if self._collected is None:
            self._collected = take_buffer()
        self._collected.write(payload)
        if not fin:
            return
        data = self._collected.getvalue()
        kind = _TEXT if self._message == TEXT else _BINARY
        self.drop()
        if kind is _TEXT and self._decode_text:
            text = data.decode()
            self._deliver(kind, text, len(text), "", messages)
        else:
            self._deliver(kind, data, len(data), "", messages)

    def _take_piece(self, opcode: i64, frame: Frame, messages: list[WSMessage]) -> None:
        if opcode != CONTINUATION:
            self._message = opcode
            self._kind = _TEXT if opcode == TEXT else _BINARY
            self._compressed = frame.compressed
            self._inflated = 0
        self._fin = frame.fin
        if self._compressed and self._inflater is not None:
            self._inflater.feed(frame.payload, frame.fin)
            self.go_on(messages)
        else:
            self._deliver_piece(frame.payload, frame.fin, messages)

    def _deliver_piece(self, data: bytes, fin: bool, messages: list[WSMessage]) -> None:
        kind = self._kind
        extra = "" if fin else MORE
        if self._message == TEXT:
            data = self._whole_characters(data, fin)
        if not data and not fin and kind is _CONTINUATION:
            return
        self._kind = _CONTINUATION
        if self._message == TEXT and self._decode_text:
            piece = data.decode()
            self._deliver(kind, piece, len(piece), extra, messages)
        else:
            self._deliver(kind, data, len(data), extra, messages)

    def _whole_characters(self, data: bytes, fin: bool) -> bytes:
        """Return what is whole of what was kept back before and *data*; keep the rest back."""
        before = self._tail
        used = self._check_text(data, fin)
        return (before + data)[:used] if before or used < len(data) else data

    def _check_text(self, payload: bytes, fin: bool) -> int:
        """Fail at the first byte of a fragmented text that can't be UTF-8.

        :returns: how many bytes, of those kept from before and these, are whole characters.
        """
        if not self._tail:
            if payload.isascii():
                return len(payload)
        else:
            payload = self._tail + payload
        try:
            used = utf_8_decode(payload, "strict", fin)[1]
        except UnicodeDecodeError:
            raise _invalid_text("a text message") from None
        tail = payload[used:]
        # Python waits for the third byte of what begins like a surrogate (U+D800 to U+DFFF),
        # which UTF-8 has not (RFC 3629 section 3).
        if len(tail) == 2 and tail[0] == 0xED and tail[1] >= 0xA0:
            raise _invalid_text("a text message")
        self._tail = tail
        return used

    def _deliver(
        self,
        kind: WSMsgType,
        data: str | bytes,
        size: int,
        extra: str,
        messages: list[WSMessage],
    ) -> None:
        self.taken += size + MESSAGE_OVERHEAD
        messages.append(WSMessage(kind, data, extra))


def decode_utf8(payload: bytes, what: str) -> str:
    """Return *payload* decoded.

    :param what: what it is, for the error.
    :raises WebSocketError: when it is not UTF-8 (1007).
    """
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise _invalid_text(what) from None


def _invalid_text(what: str) -> WebSocketError:
    # Section 8.1.
    return WebSocketError(_INVALID_TEXT, f"{what} is not valid UTF-8")
