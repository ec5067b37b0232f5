"""One WebSocket on the server's side, without I/O: bytes in, messages and bytes to send out.

::

    feed(bytes) ─► FrameDecoder ─► data frames     made messages of by .assembly
                               ─► Ping            a Pong in data_to_send()
                               ─► Pong            dropped
                               ─► Close           a Close in data_to_send(), a CLOSE message
                               ─► WebSocketError  a Close in data_to_send(), an ERROR message
    send(), send_fragment(), send_prepared(), close() ─► bytes

The state is two facts, each true from some moment on: a Close has been sent, a Close has been
received. After the first nothing is sent, after the second nothing is read; when both are true
the server closes the connection (RFC 6455 section 7.1.1). After our own Close what still comes is
read for the sake of the peer's Close, and dropped.

Messages are compressed here as they are sent, so that the shared context of the compression
(:mod:`.deflate`) and the order on the wire are one. Who compresses elsewhere, because it takes
long, lets nothing else of data be sent meanwhile and calls :meth:`~WebSocketConnection.forget`
when the outcome is not sent.

An end, be it the peer's Close or a violation, is acted on by the call of
:meth:`WebSocketConnection.feed` after the one that came to it. So the messages before it can still
be answered, and whoever owns the connection decides when it ends: at once, or when the messages
have been dealt with. Nothing behind the end is looked at.

:meth:`WebSocketConnection.feed` never raises for what a peer does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, final

from .assembly import MESSAGE_OVERHEAD, MessageAssembler, decode_utf8
from .deflate import Deflater, Inflater, deflate_fragment, deflate_message
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
    FrameDecoder,
    encode_frame,
    encode_header,
)
from .messages import WSMessage, WSMsgType
from .prepared import PreparedMessage

if TYPE_CHECKING:
    import zlib

    from mypy_extensions import i64

NO_STATUS: Final = 1005
ABNORMAL_CLOSURE: Final = 1006

DEFAULT_MAX_MSG_SIZE: Final = 4 * 1024 * 1024

# The most messages that one call decodes, so that a segment full of empty ones is no burst of
# objects: the rest waits as bytes. The other limit is met by what inflates.
MESSAGES_AT_ONCE: Final = 128
BYTES_AT_ONCE: Final = 1024 * 1024

_PROTOCOL_ERROR: Final = 1002


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
    :ivar pongs: what the Pongs held that have come; for the owner to empty.
    :ivar taken: what the messages of the last call take up, in bytes.
    """

    __slots__ = (
        "_assembler",
        "_autoclose",
        "_autoping",
        "_decoder",
        "_deflater",
        "_end",
        "_fragment",
        "_replies",
        "close_code",
        "close_reason",
        "close_received",
        "close_sent",
        "ending",
        "failed",
        "pending",
        "pongs",
        "taken",
    )

    def __init__(
        self,
        *,
        max_msg_size: int = DEFAULT_MAX_MSG_SIZE,
        decode_text: bool = True,
        autoping: bool = True,
        autoclose: bool = True,
        pieces: bool = False,
        deflater: Deflater | None = None,
        inflater: Inflater | None = None,
    ) -> None:
        """Begin after the handshake.

        :param max_msg_size: largest message in bytes; 0 for no limit, and then none on the number
            of its fragments either. A larger one fails the connection with 1009 as soon as a
            header tells.
        :param decode_text: False to have text messages as (valid) UTF-8 bytes.
        :param autoping: False to have PING and PONG messages, and to answer pings oneself.
        :param autoclose: False to answer the peer's Close oneself, with :meth:`close`.
        :param pieces: True to have messages in pieces, as they come: the first one is of type
            TEXT or BINARY, those that follow are CONTINUATION, and the ``extra`` of all but the
            last one is ``"more"``.
        :param deflater: compresses what is sent; None when that was not agreed on.
        :param inflater: inflates what is received; None when that was not agreed on.
        """
        self._decoder = FrameDecoder(
            max_msg_size,
            MAX_FRAGMENTS if max_msg_size and not pieces else 0,
            compression=inflater is not None,
            parts=pieces,
        )
        self._assembler = MessageAssembler(max_msg_size, decode_text, pieces, inflater)
        self._deflater = deflater
        self._autoping = autoping
        self._autoclose = autoclose
        self._replies: list[bytes] = []
        # The opcode of the message of which a fragment has been sent, but not the last one.
        self._fragment: i64 = CONTINUATION
        # The end that the next call acts on: the payload of a Close frame, or a violation.
        self._end: bytes | WebSocketError | None = None
        self.close_code: int | None = None
        self.close_reason: str | None = None
        self.close_sent = False
        self.close_received = False
        self.ending = False
        self.failed = False
        self.pending = False
        self.pongs: list[bytes] = []
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
            self._take_frames(messages)
        except WebSocketError as exc:
            self._end_with(exc, messages)
        self.taken += self._assembler.taken
        self._assembler.taken = 0
        return messages

    def _take_frames(self, messages: list[WSMessage]) -> None:
        assembler = self._assembler
        decoder = self._decoder
        while len(messages) < MESSAGES_AT_ONCE and assembler.taken < BYTES_AT_ONCE:
            if assembler.pending:
                assembler.go_on(messages)
                continue
            frame = decoder.next_frame()
            if frame is None:
                self.pending = False
                return
            opcode = frame.opcode
            if opcode == CLOSE:
                self._end_with(frame.payload, messages)
                return
            if self.close_sent:
                continue
            if opcode < CLOSE:
                assembler.take(frame, messages)
            else:
                self._take_ping_or_pong(opcode, frame.payload, messages)

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

    def _take_ping_or_pong(self, opcode: int, payload: bytes, messages: list[WSMessage]) -> None:
        if opcode == PONG and len(self.pongs) < MESSAGES_AT_ONCE:
            self.pongs.append(payload)
        if not self._autoping:
            kind = WSMsgType.PING if opcode == PING else WSMsgType.PONG
            self.taken += len(payload) + MESSAGE_OVERHEAD
            messages.append(WSMessage(kind, payload, ""))
        elif opcode == PING:
            self._replies.append(encode_frame(PONG, payload))

    def _end_with(self, end: bytes | WebSocketError, messages: list[WSMessage]) -> None:
        """Read nothing more; leave the end to the next call, unless nothing can be sent anyway."""
        self._decoder = FrameDecoder()
        self._assembler.drop()
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
            reason = decode_utf8(payload[2:], "the reason in a Close frame")
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

    # --- bytes out ---

    @property
    def compressing(self) -> bool:
        """Whether messages may be compressed."""
        return self._deflater is not None

    def send(self, opcode: int, payload: bytes, compress: int | None = None) -> bytes:
        """Return the bytes of one message, or of a Ping or Pong.

        :param opcode: ``TEXT``, ``BINARY``, ``PING`` or ``PONG``.
        :param payload: UTF-8 when the opcode is ``TEXT``, which is not checked.
        :param compress: the level for this message, 0 to send it as it is, None to go by its
            size; without a meaning unless compression was agreed on.
        :raises ValueError: for another opcode, or a Ping or Pong of over 125 bytes.
        :raises WebSocketStateError: when a Close has been sent or received, or the message would
            come between the fragments of another one.
        """
        self._check_sending(opcode, len(payload))
        deflater = self._deflater
        if deflater is None or opcode > BINARY or not deflater.wants(len(payload), compress):
            return encode_frame(opcode, payload)
        return encode_frame(
            opcode, deflate_message(deflater.take(compress), payload), compressed=True
        )

    def send_header(self, opcode: int, length: int, *, compressed: bool = False) -> bytes:
        """Return what goes before a payload that is sent by itself, because it is large.

        :param length: bytes of that payload; for the rest see :meth:`send`.
        :param compressed: whether it was compressed with what :meth:`compressor` returned.
        """
        self._check_sending(opcode, length)
        return encode_header(opcode, length, compressed=compressed)

    def compressor(self, opcode: int, length: int, compress: int | None) -> zlib._Compress | None:
        """Return what compresses a message elsewhere; None if it is to be sent as it is.

        The parameters are those of :meth:`send`, and *length* is that of its payload. See
        :func:`.deflate.deflate_message`; nothing else of data may be sent meanwhile.
        """
        deflater = self._deflater
        if deflater is None or opcode > BINARY or not deflater.wants(length, compress):
            return None
        return deflater.take(compress)

    def forget(self) -> None:
        """Take it that a message that was compressed has not been sent."""
        if self._deflater is not None:
            self._deflater.forget()

    def send_fragment(self, opcode: int, payload: bytes, fin: bool) -> bytes:
        """Return the bytes of a fragment of a message (section 5.4).

        Nothing else than Pings, Pongs and a Close can be sent before the last one.

        :param opcode: ``TEXT`` or ``BINARY``, the same for all fragments of a message.
        :param payload: any part of the message; UTF-8 may be cut anywhere.
        :param fin: whether it is the last one.
        :raises ValueError: for another opcode than that of the fragments before.
        :raises WebSocketStateError: when a Close has been sent or received.
        """
        if self.close_sent or self.close_received:
            raise _closing()
        if opcode not in (TEXT, BINARY) or self._fragment not in (CONTINUATION, opcode):
            raise ValueError(
                f"expected opcode TEXT or BINARY, the same for all fragments, got {opcode}"
            )
        first = self._fragment == CONTINUATION
        self._fragment = CONTINUATION if fin else opcode
        deflater = self._deflater
        if deflater is not None:
            compressor = deflater.take_for_fragment(fin)
            compress = deflate_message if fin else deflate_fragment
            payload = compress(compressor, payload)
        return encode_frame(
            opcode if first else CONTINUATION, payload, fin, first and deflater is not None
        )

    @property
    def sending_fragments(self) -> bool:
        """Whether a message has been sent in part."""
        return self._fragment != CONTINUATION

    def send_prepared(self, message: PreparedMessage) -> bytes:
        """Return the bytes of a message that is encoded once for many connections.

        :raises WebSocketStateError: as :meth:`send`.
        """
        self._check_sending(message.opcode, 0)
        deflater = self._deflater
        if deflater is None or not deflater.wants(len(message.payload), None):
            return message.plain()
        deflater.forget()
        return message.compressed(deflater.settings)

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
        self._assembler.drop()
        return _close_frame(code, reason)

    def _check_sending(self, opcode: int, length: int) -> None:
        if self.close_sent or self.close_received:
            raise _closing()
        if opcode <= BINARY and opcode != CONTINUATION:
            if self._fragment != CONTINUATION:
                raise WebSocketStateError("a message that is sent in fragments has not ended")
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


def _closing() -> WebSocketStateError:
    return WebSocketStateError("nothing can be sent: the connection is closing")
