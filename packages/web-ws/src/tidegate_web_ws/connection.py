"""One WebSocket on the server's side, without I/O: bytes in, messages and bytes to send out.

::

    feed(bytes) ─► FrameDecoder ─► data frames     joined to messages, text checked and decoded
                               ─► Ping            a Pong in data_to_send()
                               ─► Pong            dropped
                               ─► Close           a Close in data_to_send(), a CLOSE message
                               ─► WebSocketError  a Close in data_to_send(), an ERROR message
    send(), close() ─► bytes

The state is two facts, each true from some moment on: a Close has been sent, a Close has been
received. After the first nothing is sent, after the second nothing is read; when both are true
the server closes the connection (RFC 6455 section 7.1.1). After our own Close what still comes is
read for the sake of the peer's Close, and dropped.

An end, be it the peer's Close or a violation, is acted on by the call of
:meth:`WebSocketConnection.feed` after the one that came to it. So the messages before it can still
be answered, and whoever owns the connection decides when it ends: at once, or when the messages
have been dealt with. Nothing behind the end is looked at.

:meth:`WebSocketConnection.feed` never raises for what a peer does.
"""

from __future__ import annotations

from codecs import utf_8_decode
from typing import TYPE_CHECKING, Final, final

from librt.strings import BytesWriter

from .buffers import give_back, take_buffer
from .errors import WebSocketError, WebSocketStateError
from .frames import (
    BINARY,
    CLOSE,
    CONTINUATION,
    MAX_CONTROL_PAYLOAD,
    MAX_FRAGMENTS,
    PING,
    PONG,
    TEXT,
    Frame,
    FrameDecoder,
    encode_frame,
    encode_header,
)
from .messages import WSMessage, WSMsgType

if TYPE_CHECKING:
    from mypy_extensions import i64

NO_STATUS: Final = 1005
ABNORMAL_CLOSURE: Final = 1006

DEFAULT_MAX_MSG_SIZE: Final = 4 * 1024 * 1024

# The most messages that one call decodes, so that a segment full of empty ones is no burst of
# objects: the rest waits as bytes.
MESSAGES_AT_ONCE: Final = 128

# What the queue of a receiver holds besides a message's data, in bytes.
MESSAGE_OVERHEAD: Final = 128

_PROTOCOL_ERROR: Final = 1002
_INVALID_TEXT: Final = 1007

_TEXT: Final = WSMsgType.TEXT
_BINARY: Final = WSMsgType.BINARY


@final
class WebSocketConnection:
    """The state of one connection, after its handshake.

    :ivar close_code: how the connection ended (section 7.1.5): the code of the peer's Close, 1005
        when that had none; the code that a violation was answered with; 1006 when the connection
        was lost; None before any of that.
    :ivar close_reason: the reason in the peer's Close, None without one.
    :ivar close_sent: whether a Close frame has been handed out to be sent.
    :ivar close_received: whether the peer's Close frame has come.
    :ivar failed: whether the peer broke the protocol.
    :ivar pending: whether ``feed(b"")`` makes sense now: bytes were not decoded because the last
        call had reached its share of messages, or an end waits to be acted on.
    :ivar ending: whether that is an end.
    :ivar taken: what the messages of the last call take up, in bytes.
    """

    __slots__ = (
        "_autoclose",
        "_autoping",
        "_collected",
        "_decode_text",
        "_decoder",
        "_end",
        "_message",
        "_replies",
        "_tail",
        "close_code",
        "close_reason",
        "close_received",
        "close_sent",
        "ending",
        "failed",
        "pending",
        "taken",
    )

    def __init__(
        self,
        *,
        max_msg_size: int = DEFAULT_MAX_MSG_SIZE,
        decode_text: bool = True,
        autoping: bool = True,
        autoclose: bool = True,
    ) -> None:
        """Begin after the handshake.

        :param max_msg_size: largest message in bytes; 0 for no limit, and then none on the number
            of its fragments either. A larger one fails the connection with 1009 as soon as a
            header tells.
        :param decode_text: False to have text messages as (valid) UTF-8 bytes.
        :param autoping: False to have PING and PONG messages, and to answer pings oneself.
        :param autoclose: False to answer the peer's Close oneself, with :meth:`close`.
        """
        self._decoder = FrameDecoder(max_msg_size, MAX_FRAGMENTS if max_msg_size else 0)
        self._decode_text = decode_text
        self._autoping = autoping
        self._autoclose = autoclose
        self._replies: list[bytes] = []
        # The fragmented message that is arriving: TEXT, BINARY, or CONTINUATION for none.
        self._message: i64 = CONTINUATION
        self._collected: BytesWriter | None = None
        # The first bytes of a character that a fragment ends within.
        self._tail = b""
        # The end that the next call acts on: the payload of a Close frame, or a violation.
        self._end: bytes | WebSocketError | None = None
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self.close_sent = False
        self.close_received = False
        self.ending = False
        self.failed = False
        self.pending = False
        self.taken = 0

    @property
    def open(self) -> bool:
        """Whether messages can be sent."""
        return not self.close_sent and not self.close_received

    @property
    def answering(self) -> bool:
        """Whether :meth:`data_to_send` has something."""
        return len(self._replies) > 0

    @property
    def closed(self) -> bool:
        """Whether the closing handshake is complete: the server closes the connection now."""
        return self.close_sent and self.close_received

    # --- bytes in ---

    def feed(self, data: bytes) -> list[WSMessage]:
        """Take a segment, return the messages that it completes.

        No more than ``MESSAGES_AT_ONCE`` are returned, and no end together with what came before
        it; :attr:`pending` then asks for ``feed(b"")``. What is to be sent in answer is in
        :meth:`data_to_send`.
        """
        messages: list[WSMessage] = []
        self.taken = 0
        if self._end is not None:
            self._act_on(self._end, messages)
        if self.failed or self.close_received:
            return messages
        if len(self._replies) > 1:
            # Section 5.5.3: of pings not answered yet the most recent one may be answered alone.
            del self._replies[:-1]
        self._decoder.feed(data)
        self.pending = True
        try:
            while len(messages) < MESSAGES_AT_ONCE:
                frame = self._decoder.next_frame()
                if frame is None:
                    self.pending = False
                    break
                if frame.opcode == CLOSE:
                    self._end_with(frame.payload, messages)
                    break
                if not self.close_sent:
                    self._take_frame(frame, messages)
        except WebSocketError as exc:
            self._end_with(exc, messages)
        return messages

    def feed_eof(self) -> None:
        """Take it that nothing more comes: the connection is lost, or half closed."""
        if self.close_code is None:
            self.close_code = ABNORMAL_CLOSURE

    def data_to_send(self) -> bytes:
        """Return the answers to what was fed, and forget them; empty when there are none.

        Answers that are not taken do not pile up: of several Pongs the last one stays.
        """
        if not self._replies:
            return b""
        replies = b"".join(self._replies)
        self._replies = []
        return replies

    def _take_frame(self, frame: Frame, messages: list[WSMessage]) -> None:
        opcode = frame.opcode
        payload = frame.payload
        if opcode > CLOSE:
            self._take_ping_or_pong(opcode, payload, messages)
        elif opcode == CONTINUATION or not frame.fin:
            if opcode != CONTINUATION:
                self._message = opcode
            self._take_fragment(payload, frame.fin, messages)
        elif opcode == TEXT:
            text = _decode(payload, "a text message")
            if self._decode_text:
                self._deliver(_TEXT, text, len(text), messages)
            else:
                self._deliver(_TEXT, payload, len(payload), messages)
        else:
            self._deliver(_BINARY, payload, len(payload), messages)

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
        self._drop_message()
        if kind is _TEXT and self._decode_text:
            text = data.decode()
            self._deliver(kind, text, len(text), messages)
        else:
            self._deliver(kind, data, len(data), messages)

    def _check_text(self, payload: bytes, fin: bool) -> None:
        """Fail at the first byte of a fragmented text that can't be UTF-8."""
        if not self._tail:
            if payload.isascii():
                return
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

    def _deliver(
        self, kind: WSMsgType, data: str | bytes, size: int, messages: list[WSMessage]
    ) -> None:
        self.taken += size + MESSAGE_OVERHEAD
        messages.append(WSMessage(kind, data, ""))

    def _take_ping_or_pong(self, opcode: int, payload: bytes, messages: list[WSMessage]) -> None:
        if not self._autoping:
            kind = WSMsgType.PING if opcode == PING else WSMsgType.PONG
            self._deliver(kind, payload, len(payload), messages)
        elif opcode == PING:
            self._replies.append(encode_frame(PONG, payload))

    def _end_with(self, end: bytes | WebSocketError, messages: list[WSMessage]) -> None:
        """Read nothing more; leave the end to the next call, unless nothing can be sent anyway."""
        self._decoder = FrameDecoder()
        self._drop_message()
        if self.close_sent:
            self._act_on(end, messages)
        else:
            self._end = end
            self.pending = self.ending = True

    def _act_on(self, end: bytes | WebSocketError, messages: list[WSMessage]) -> None:
        self._end = None
        self.pending = self.ending = False
        if isinstance(end, WebSocketError):
            self._fail(end, messages)
            return
        try:
            self._take_close(end, messages)
        except WebSocketError as exc:
            self._fail(exc, messages)

    def _take_close(self, payload: bytes, messages: list[WSMessage]) -> None:
        """Take the peer's Close (section 5.5.1); answer with its own code."""
        code: int = NO_STATUS
        reason = ""
        if len(payload) == 1:
            raise WebSocketError(_PROTOCOL_ERROR, "the code of a Close frame has two bytes, not 1")
        if payload:
            code = (payload[0] << 8) | payload[1]
            if not is_close_code(code):
                raise WebSocketError(_PROTOCOL_ERROR, f"{code} is no close code to be sent")
            reason = _decode(payload[2:], "the reason in a Close frame")
        self.close_code = code
        self.close_reason = reason
        self.close_received = True
        if self._autoclose and not self.close_sent:
            self._replies.append(encode_frame(CLOSE, payload[:2]))
            self.close_sent = True
        messages.append(WSMessage(WSMsgType.CLOSE, code, reason))

    def _fail(self, exc: WebSocketError, messages: list[WSMessage]) -> None:
        """Fail the connection (section 7.1.7): say why."""
        self.failed = True
        if self.close_sent:
            self.close_code = ABNORMAL_CLOSURE
            return
        self.close_code = exc.code
        self._replies.append(_close_frame(exc.code, str(exc).encode()))
        self.close_sent = True
        messages.append(WSMessage(WSMsgType.ERROR, exc, None))

    def _drop_message(self) -> None:
        if self._collected is not None:
            give_back(self._collected)
            self._collected = None
        self._message = CONTINUATION
        self._tail = b""

    # --- bytes out ---

    def send(self, opcode: int, payload: bytes) -> bytes:
        """Return the bytes of one message, or of a Ping or Pong.

        :param opcode: ``TEXT``, ``BINARY``, ``PING`` or ``PONG``.
        :param payload: UTF-8 when the opcode is ``TEXT``, which is not checked.
        :raises ValueError: for another opcode, or a Ping or Pong of over 125 bytes.
        :raises WebSocketStateError: when a Close has been sent or received.
        """
        self._check_sending(opcode, len(payload))
        return encode_frame(opcode, payload)

    def send_header(self, opcode: int, length: int) -> bytes:
        """Return what goes before a payload that is sent by itself, because it is large.

        :param length: bytes of that payload; for the rest see :meth:`send`.
        """
        self._check_sending(opcode, length)
        return encode_header(opcode, length)

    def close(self, code: int = 1000, reason: bytes = b"") -> bytes:
        """Return a Close frame; nothing can be sent after it, and messages are dropped.

        :param code: a code that may be sent (section 7.4).
        :param reason: UTF-8, 123 bytes at most.
        :raises ValueError: when the code or the reason can't be sent.
        :raises WebSocketStateError: when a Close has been sent.
        """
        if not is_close_code(code):
            raise ValueError(
                f"expected a close code that may be sent (1000-1003, 1007-1014, 3000-4999), "
                f"got {code}"
            )
        if len(reason) > MAX_CONTROL_PAYLOAD - 2:
            raise ValueError(f"expected a reason of 123 bytes or less, got {len(reason)}")
        reason.decode()
        if self.close_sent:
            raise WebSocketStateError("a Close frame has been sent before")
        self.close_sent = True
        self._drop_message()
        return _close_frame(code, reason)

    def _check_sending(self, opcode: int, length: int) -> None:
        if self.close_sent or self.close_received:
            raise WebSocketStateError("nothing can be sent: the connection is closing")
        if opcode in (TEXT, BINARY):
            return
        if opcode != PING and opcode != PONG:
            raise ValueError(f"expected opcode TEXT, BINARY, PING or PONG, got {opcode}")
        if length > MAX_CONTROL_PAYLOAD:
            raise ValueError(
                f"expected a Ping or Pong of {MAX_CONTROL_PAYLOAD} bytes or less, got {length}"
            )


def is_close_code(code: int) -> bool:
    """Tell whether *code* may stand in a Close frame (RFC 6455 section 7.4).

    1004 has no meaning, 1005, 1006 and 1015 are never sent, 1012 to 1014 are in the IANA
    registry, what lies above up to 2999 is not defined.
    """
    if 3000 <= code <= 4999:
        return True
    return 1000 <= code <= 1003 or 1007 <= code <= 1014


def _close_frame(code: int, reason: bytes) -> bytes:
    payload = code.to_bytes(2, "big") + reason
    return encode_frame(CLOSE, payload[:MAX_CONTROL_PAYLOAD])


def _decode(payload: bytes, what: str) -> str:
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise _invalid_text(what) from None


def _invalid_text(what: str) -> WebSocketError:
    # Section 8.1.
    return WebSocketError(_INVALID_TEXT, f"{what} is not valid UTF-8")
