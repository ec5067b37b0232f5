"""``WebSocketResponse``: what a handler prepares, receives from and sends through.

It is a response whose status is 101 and whose body is a conversation. :meth:`prepare` accepts the
handshake, sends the 101 and has the connection handed over to a :class:`~.session.Session`
(:mod:`.opening`); from then on this class checks arguments, turns what is given into
bytes, and leaves the rest to the session.

However the conversation ends, receiving tells the handler, so that its loop ends and its clean-up
runs:

=====================================  ==========================  ============================
what happened                          receive() returns           close_code
=====================================  ==========================  ============================
the client closed                      CLOSE, then CLOSED          the client's; 1005 if none
this side called close()               CLOSING, then CLOSED        the client's answer
the server shuts down                  CLOSING, then CLOSED        the client's answer
the client broke the protocol          ERROR, then CLOSED          1002, 1007 or 1009
the client vanished                    CLOSED                      1006
the client did not answer a Close      CLOSED                      1006
the client did not answer a ping       CLOSED                      1006
the handler failed                     (nobody receives)           the client's answer to 1011
=====================================  ==========================  ============================

What was received before any of that is returned first, unless this side called ``close()``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, Callable, Iterable
from contextlib import suppress
from types import GenericAlias
from typing import Any, Final, Self

from tidegate_web_server import (
    AbstractStreamWriter,
    BaseRequest,
    ClientConnectionResetError,
    StreamResponse,
)

from .connection import DEFAULT_MAX_MSG_SIZE
from .errors import HandshakeError, WSMessageTypeError
from .handshake import WebSocketReady, check_protocols
from .messages import WSCloseCode, WSMessage, WSMsgType
from .negotiation import DeflateSettings
from .opening import Opening, refusal
from .origins import Origins
from .prepared import PreparedMessage
from .sending import DEFAULT_WRITER_LIMIT
from .session import Session
from .stream import MessageStream

_UNPREPARED: Final = "Call .prepare() first"

# An attribute of an enumeration costs a look-up each time.
_TEXT: Final = WSMsgType.TEXT
_BINARY: Final = WSMsgType.BINARY
# Compared one by one: a look-up in a set would cost more.
_CLOSE: Final = WSMsgType.CLOSE
_CLOSING: Final = WSMsgType.CLOSING
_CLOSED: Final = WSMsgType.CLOSED


class WebSocketResponse(StreamResponse):
    """A WebSocket, prepared and returned by a handler.

    Iterating over it asynchronously yields messages until the connection closes.
    """

    def __class_getitem__(cls, item: object) -> GenericAlias:
        """Allow ``WebSocketResponse[...]`` in annotations, as code for aiohttp has it."""
        return GenericAlias(cls, (item,))

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        receive_timeout: float | None = None,
        autoclose: bool = True,
        autoping: bool = True,
        heartbeat: float | None = None,
        protocols: Iterable[str] = (),
        compress: bool | DeflateSettings = True,
        max_msg_size: int = DEFAULT_MAX_MSG_SIZE,
        writer_limit: int = DEFAULT_WRITER_LIMIT,
        decode_text: bool = True,
        origins: Iterable[str] | None = None,
        stream: bool = False,
    ) -> None:
        """Describe a WebSocket.

        :param timeout: seconds that the client has to end the connection once a Close was sent.
        :param receive_timeout: seconds that receiving waits for a message; None for ever.
        :param autoclose: False to answer the client's Close oneself, by calling :meth:`close`.
        :param autoping: False to receive PING and PONG messages and answer pings oneself.
        :param heartbeat: seconds of silence after which the client is pinged; when nothing comes
            for half as long the connection is closed with 1006. None for no heartbeat.
        :param protocols: the subprotocols that the server speaks; the first that the client
            offers of them is chosen.
        :param compress: whether messages are compressed when the client can (RFC 7692), and how;
            see :class:`DeflateSettings` for the memory that takes.
        :param max_msg_size: largest message in bytes that is received, fragments together; 0
            for no limit, and then none on the number of fragments either, which is 16,384
            otherwise. A larger one closes the connection with 1009.
        :param writer_limit: bytes that may wait to be sent; over it sending waits for the client.
        :param decode_text: False to receive text as ``bytes``; that it is UTF-8 is checked too.
        :param origins: the web pages that may connect: origins such as ``https://example.com``,
            ``"same"`` for the server's own; others are refused with 403. None for any. Clients
            that are no browsers name none and pass.
        :param stream: True to receive each message as a :class:`MessageStream`, piece by piece,
            so that it may be larger than memory (then also ``max_msg_size=0``).
        :raises ValueError: when the name of a subprotocol is no token, an origin is none, a number
            is negative, or *stream* meets ``autoping=False``.
        """
        super().__init__(status=101)
        if stream and not autoping:
            raise ValueError("expected autoping=True: pings may come within a streamed message")
        for name, value in (
            ("heartbeat", heartbeat),
            ("max_msg_size", max_msg_size),
            ("writer_limit", writer_limit),
        ):
            if value is not None and value < 0:
                raise ValueError(f"expected {name} of 0 or more, got {value}")
        self._opening = Opening(
            protocols=check_protocols(protocols),
            origins=None if origins is None else Origins(origins),
            deflate=_deflate_settings(compress),
            timeout=timeout,
            heartbeat=heartbeat,
            max_msg_size=max_msg_size,
            writer_limit=writer_limit,
            decode_text=decode_text,
            autoping=autoping,
            autoclose=autoclose,
            stream=stream,
        )
        self._receive_timeout = receive_timeout
        self._compress: int | bool = bool(compress)
        self._streaming = stream
        self._stream: MessageStream | None = None
        self._ws_protocol: str | None = None
        self._session: Session | None = None

    # --- the handshake ---

    def can_prepare(self, request: BaseRequest) -> WebSocketReady:
        """Tell whether *request* can become a WebSocket, and with which subprotocol.

        :raises RuntimeError: after :meth:`prepare`.
        """
        if self.prepared:
            raise RuntimeError("Already started")
        try:
            return WebSocketReady(True, self._opening.accept(request).protocol)
        except HandshakeError:
            return WebSocketReady(False, None)

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Accept the handshake and start the WebSocket; calling it again does nothing.

        :raises HTTPException: when the request can't become a WebSocket: 400, 405, or 426 for
            another version of the protocol, 403 for a page that may not connect.
        :raises ClientConnectionResetError: when the client is gone.
        """
        if self.prepared:
            return await super().prepare(request)
        try:
            handshake = self._opening.accept(request)
        except HandshakeError as exc:
            raise refusal(exc, request) from exc
        if handshake.protocol is None and self._opening.protocols:
            self._opening.warn_of_protocols(request)
        self.headers.update(handshake.headers)
        self._ws_protocol = handshake.protocol
        agreed = handshake.deflate
        self._compress = 0 if agreed is None else agreed.server_window_bits
        writer = await super().prepare(request)
        self._session = self._opening.start(request, agreed)
        return writer

    # --- state ---

    @property
    def ws_protocol(self) -> str | None:
        """The subprotocol that was chosen; None without one and before :meth:`prepare`."""
        return self._ws_protocol

    @property
    def compress(self) -> int | bool:
        """Whether messages are to be compressed; after :meth:`prepare` the window's bits, or 0."""
        return self._compress

    @property
    def open(self) -> bool:
        """Whether messages can be sent: prepared, not closing, not gone."""
        return self._session is not None and self._session.open

    @property
    def latency(self) -> float | None:
        """Seconds that the last answered ping took, a heartbeat's or another; None before."""
        return None if self._session is None else self._session.latency

    @property
    def closed(self) -> bool:
        """Whether a Close was sent or received, or the connection is gone."""
        return self._session is not None and not self._session.open

    @property
    def close_code(self) -> int | None:
        """The code that the connection closed with; None until then.

        The client's; 1005 when its Close had none; the one that a violation of the protocol was
        answered with; 1006 when the connection was lost or the client did not answer a Close.
        """
        return None if self._session is None else self._session.close_code

    @property
    def close_reason(self) -> str | None:
        """The reason in the client's Close frame, ``""`` if that gave none; None without one."""
        return None if self._session is None else self._session.close_reason

    def exception(self) -> BaseException | None:
        """Return why the connection did not end with the client's Close; None if it did."""
        return None if self._session is None else self._session.exception

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """Return what the transport knows under *name*, *default* when it is gone or unknown."""
        transport = None if self._session is None else self._session.transport
        return default if transport is None else transport.get_extra_info(name, default)

    # --- receiving ---

    # The parameters are named as in the interface this follows, and mean what they say there.
    async def receive(self, timeout: float | None = None) -> WSMessage:  # noqa: ASYNC109
        """Return the next message; wait for it.

        :param timeout: seconds to wait; the ``receive_timeout`` of the constructor when None.
            Pings do not extend it.
        :raises TimeoutError: when no message came in time.
        :raises RuntimeError: before :meth:`prepare`, when another task is receiving, or when
            the end of the connection has been told five times.
        """
        if not self._streaming:
            return await self._receive(timeout)
        stream = self._stream
        if stream is not None:
            self._stream = None
            # What was left of the message before is of no interest.
            with suppress(ClientConnectionResetError):
                async for _ in stream:
                    pass
        message = await self._receive(timeout)
        if message.type is _TEXT or message.type is _BINARY:
            self._stream = MessageStream(message, self._receive_piece)
            return WSMessage(message.type, self._stream, "")
        return message

    async def _receive_piece(self) -> WSMessage | None:
        """Receive a further piece of the message that has begun."""
        message = await self._receive(None)
        if message.type is WSMsgType.CONTINUATION:
            return message
        if self._session is not None and message.type in (_CLOSE, WSMsgType.ERROR):
            self._session.put_back(message)
        return None

    async def _receive(self, timeout: float | None) -> WSMessage:  # noqa: ASYNC109
        session = self._session
        if session is None:
            raise RuntimeError(_UNPREPARED)
        message = session.take()
        if message is not None:
            return message
        if timeout is None:
            timeout = self._receive_timeout
            if timeout is None:
                return await session.receive()
        async with asyncio.timeout(timeout):
            return await session.receive()

    async def receive_str(self, *, timeout: float | None = None) -> str | bytes:  # noqa: ASYNC109
        """Return the next message, which has to be TEXT: a str, bytes with ``decode_text=False``.

        :param timeout: see :meth:`receive`.
        :raises WSMessageTypeError: when another kind of message came.
        """
        message = await self.receive(timeout)
        if message.type is not WSMsgType.TEXT:
            raise _unexpected(message, WSMsgType.TEXT)
        text: str | bytes = await message.data.read() if self._streaming else message.data
        return text

    async def receive_bytes(self, *, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Return the next message, which has to be BINARY.

        :param timeout: see :meth:`receive`.
        :raises WSMessageTypeError: when another kind of message came.
        """
        message = await self.receive(timeout)
        if message.type is not WSMsgType.BINARY:
            raise _unexpected(message, WSMsgType.BINARY)
        data: bytes = await message.data.read() if self._streaming else message.data
        return data

    async def receive_json(
        self,
        *,
        loads: Callable[[Any], Any] = json.loads,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> Any:
        """Return the next message, which has to be TEXT, decoded as JSON.

        :param loads: decodes the text.
        :param timeout: see :meth:`receive`.
        :raises WSMessageTypeError: when another kind of message came.
        :raises ValueError: when the text is no JSON.
        """
        return loads(await self.receive_str(timeout=timeout))

    def __aiter__(self) -> Self:
        """Iterate over the messages up to the end of the connection."""
        return self

    async def __anext__(self) -> WSMessage:
        """Return the next message; CLOSE, CLOSING and CLOSED end the iteration."""
        session = self._session
        if session is None or self._streaming or self._receive_timeout is not None:
            message = await self.receive()
        else:
            # What receive() does, without the cost of more coroutines.
            message = session.take() or await session.receive()
        kind = message.type
        if kind is _CLOSE or kind is _CLOSING or kind is _CLOSED:
            raise StopAsyncIteration
        return message

    # --- sending ---

    async def send_str(self, data: str, compress: int | None = None) -> None:
        """Send a text message; waits first while the client takes less than it is sent.

        :param compress: the level of compression for this message, 1 to 9; 0 to send it as it
            is; None to go by its size. Without a meaning when the client can't decompress.
        :raises TypeError: when *data* is no str.
        :raises ValueError: when *compress* is no level.
        :raises RuntimeError: before :meth:`prepare`.
        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        if not isinstance(data, str):
            raise TypeError(f"data argument must be str, got {type(data).__name__}")
        # What _send() does, without the cost of another coroutine.
        session = self._session
        if session is None:
            raise RuntimeError(_UNPREPARED)
        if compress is not None:
            _check_level(compress)
        payload = data.encode()
        sender = session.sender
        if sender.free and len(payload) < sender.large:
            sender.send(_TEXT, payload, compress)
        else:
            await sender.send_in_turn(_TEXT, payload, compress)

    async def send_bytes(
        self, data: bytes | bytearray | memoryview, compress: int | None = None
    ) -> None:
        """Send a binary message; see :meth:`send_str`.

        :raises TypeError: when *data* is not bytes-like.
        """
        # What _send() does, without the cost of another coroutine.
        payload = data if isinstance(data, bytes) else _bytes(data)
        session = self._session
        if session is None:
            raise RuntimeError(_UNPREPARED)
        if compress is not None:
            _check_level(compress)
        sender = session.sender
        if sender.free and len(payload) < sender.large:
            sender.send(_BINARY, payload, compress)
        else:
            await sender.send_in_turn(_BINARY, payload, compress)

    async def send_json(
        self,
        data: Any,
        compress: int | None = None,
        *,
        dumps: Callable[[Any], str] = json.dumps,
    ) -> None:
        """Send *data* encoded as JSON in a text message; see :meth:`send_str`.

        :param dumps: encodes the data.
        """
        await self.send_str(dumps(data), compress)

    async def send_json_bytes(
        self, data: Any, compress: int | None = None, *, dumps: Callable[[Any], bytes]
    ) -> None:
        """Send *data* encoded as JSON in a binary message; see :meth:`send_bytes`.

        :param dumps: encodes the data to bytes.
        """
        await self.send_bytes(dumps(data), compress)

    async def send_frame(
        self, message: bytes, opcode: WSMsgType, compress: int | None = None
    ) -> None:
        """Send *message*, encoded before, as one frame.

        :param opcode: TEXT (then *message* is UTF-8, which is not checked), BINARY, PING or PONG.
        :param compress: see :meth:`send_str`.
        :raises ValueError: for another opcode, or a ping or pong of over 125 bytes.
        """
        if opcode is WSMsgType.PING:
            await self.ping(message)
        elif opcode is WSMsgType.PONG:
            await self.pong(message)
        elif opcode is _TEXT or opcode is _BINARY:
            await self._send(opcode, _bytes(message), compress)
        else:
            raise ValueError(f"expected opcode TEXT, BINARY, PING or PONG, got {opcode!r}")

    async def send_fragments(
        self,
        pieces: AsyncIterable[str] | AsyncIterable[bytes] | Iterable[str] | Iterable[bytes],
    ) -> None:
        """Send one message whose content comes in *pieces*, each as it comes.

        Other messages wait until it is complete; pings and pongs don't. Nothing is sent when
        there are no pieces.

        :param pieces: all str, for a text message, or all bytes, for a binary one.
        :raises TypeError: for other pieces. When that, or anything else in *pieces*, fails after
            the first piece was sent, the connection is closed with 1011.
        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        if isinstance(pieces, str | bytes | bytearray | memoryview):
            raise TypeError(f"expected an iterable of pieces, got one {type(pieces).__name__}")
        await self._opened().send_fragments(pieces)

    async def send_prepared(self, message: PreparedMessage) -> None:
        """Send what ``prepare_message()`` made; waits while the client takes less than it is sent.

        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        if not self.send_now(message):
            await self._opened().sender.send_prepared(message)

    def send_now(self, message: PreparedMessage) -> bool:
        """Send what ``prepare_message()`` made, unless that had to wait; tell whether it was sent.

        :raises RuntimeError: before :meth:`prepare`.
        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        return self._opened().sender.send_now(message)

    async def ping(self, message: bytes | str = b"") -> None:
        """Send a ping; its pong sets :attr:`latency`.

        :param message: at most 125 bytes, which come back in the client's pong.
        :raises ValueError: when there are more.
        """
        await self._opened().ping(_bytes(message, text=True))

    async def pong(self, message: bytes | str = b"") -> None:
        """Send a pong that nobody asked for, or, with ``autoping=False``, the answer to a ping.

        :param message: at most 125 bytes; those of the ping.
        :raises ValueError: when there are more.
        """
        sender = self._opened().sender
        payload = _bytes(message, text=True)
        await sender.room()
        sender.send(WSMsgType.PONG, payload, None)

    async def measure_latency(self) -> float:
        """Send a ping and return the seconds until its pong; limit it with ``asyncio.timeout``.

        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        return await self._opened().measure_latency()

    async def _send(self, opcode: int, payload: bytes, compress: int | None) -> None:
        session = self._session
        if session is None:
            raise RuntimeError(_UNPREPARED)
        if compress is not None:
            _check_level(compress)
        sender = session.sender
        if sender.free and len(payload) < sender.large:
            sender.send(opcode, payload, compress)
        else:
            await sender.send_in_turn(opcode, payload, compress)

    def _opened(self) -> Session:
        if self._session is None:
            raise RuntimeError(_UNPREPARED)
        return self._session

    async def write(self, data: bytes | bytearray | memoryview) -> None:
        """Refuse: a WebSocket has messages, no body.

        :raises RuntimeError: always.
        """
        raise RuntimeError("Cannot call .write() for websocket")

    # --- the end ---

    async def close(
        self,
        *,
        code: int = WSCloseCode.OK,
        message: bytes | str = b"",
        drain: bool = True,
    ) -> bool:
        """Close the connection: send a Close, wait for the client's, drop what comes before it.

        The whole takes no longer than the ``timeout`` of the constructor; then the connection is
        aborted and :attr:`close_code` is 1006.

        :param code: a code that may be sent (RFC 6455 section 7.4).
        :param message: the reason, at most 123 bytes of UTF-8.
        :param drain: False to abort at once when the client is too slow to take what was sent.
        :returns: False when the connection was closing already, or gone.
        :raises RuntimeError: before :meth:`prepare`.
        :raises ValueError: when the code or the reason can't be sent.
        """
        if self._session is None:
            raise RuntimeError(_UNPREPARED)
        return await self._session.close(code, _bytes(message, text=True), drain)

    async def write_eof(self, data: bytes = b"") -> None:
        """End the response: close the connection, unless that was done.

        Called by the server when the handler returns.

        :raises RuntimeError: before :meth:`prepare`, or when there is *data*.
        """
        if data:
            raise RuntimeError("Cannot write a body: the response is a WebSocket")
        await self.close()
        await super().write_eof()


def _bytes(data: bytes | bytearray | memoryview | str, *, text: bool = False) -> bytes:
    """Return *data* as bytes that nobody can change any more."""
    if isinstance(data, bytes):
        return data
    if isinstance(data, bytearray | memoryview):
        return bytes(data)
    if text and isinstance(data, str):
        return data.encode()
    raise TypeError(f"data argument must be byte-ish, got {type(data).__name__}")


def _deflate_settings(compress: bool | DeflateSettings) -> DeflateSettings | None:
    if isinstance(compress, DeflateSettings):
        return compress
    return DeflateSettings() if compress else None


def _check_level(compress: int) -> None:
    # aiohttp takes the window's bits here, whatever its documentation says: 10 to 15 mean yes.
    if not 0 <= compress <= 15:
        raise ValueError(f"expected compress from 0 to 9, or None, got {compress!r}")


def _unexpected(message: WSMessage, expected: WSMsgType) -> WSMessageTypeError:
    return WSMessageTypeError(
        f"Received message {message.type!r}:{message.data!r:.80} is not {expected!r}"
    )
