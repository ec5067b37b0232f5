"""``WebSocketResponse``: what a handler prepares, receives from and sends through.

It is a response whose status is 101 and whose body is a conversation. :meth:`prepare` accepts the
handshake (:mod:`.handshake`), sends the 101 and has the connection handed over to a
:class:`~.session.Session`; from then on this class checks arguments, turns what is given into
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
=====================================  ==========================  ============================

What was received before any of that is returned first, unless this side called ``close()``.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable
from typing import Any, Final, Self

from tidegate_web_server import (
    AbstractStreamWriter,
    BaseRequest,
    HTTPBadRequest,
    HTTPException,
    HTTPMethodNotAllowed,
    HTTPUpgradeRequired,
    StreamResponse,
    upgrade,
)

from .connection import DEFAULT_MAX_MSG_SIZE, WebSocketConnection
from .errors import HandshakeError, WSMessageTypeError
from .handshake import Handshake, WebSocketReady, accept, check_protocols, offered_protocols
from .messages import WSCloseCode, WSMessage, WSMsgType
from .session import Session, logger

_UNPREPARED: Final = "Call .prepare() first"

# An attribute of an enumeration costs a look-up each time.
_TEXT: Final = WSMsgType.TEXT
# Compared one by one: a look-up in a set would cost more.
_CLOSE: Final = WSMsgType.CLOSE
_CLOSING: Final = WSMsgType.CLOSING
_CLOSED: Final = WSMsgType.CLOSED

_SENDABLE: Final = (WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.PING, WSMsgType.PONG)


class WebSocketResponse(StreamResponse):
    """A WebSocket, prepared and returned by a handler.

    Iterating over it asynchronously yields messages until the connection closes.
    """

    def __init__(
        self,
        *,
        timeout: float = 10.0,
        receive_timeout: float | None = None,
        autoclose: bool = True,
        autoping: bool = True,
        protocols: Iterable[str] = (),
        max_msg_size: int = DEFAULT_MAX_MSG_SIZE,
        decode_text: bool = True,
    ) -> None:
        """Describe a WebSocket.

        :param timeout: seconds that the client has to end the connection once a Close was sent.
        :param receive_timeout: seconds that receiving waits for a message; None for ever.
        :param autoclose: False to answer the client's Close oneself, by calling :meth:`close`.
        :param autoping: False to receive PING and PONG messages and answer pings oneself.
        :param protocols: the subprotocols that the server speaks; the first that the client
            offers of them is chosen.
        :param max_msg_size: largest message in bytes that is received, fragments together; 0
            for no limit, and then none on the number of fragments either, which is 16,384
            otherwise. A larger one closes the connection with 1009.
        :param decode_text: False to receive text as ``bytes``; that it is UTF-8 is checked too.
        :raises ValueError: when the name of a subprotocol is no token.
        """
        super().__init__(status=101)
        self._timeout = timeout
        self._receive_timeout = receive_timeout
        self._autoclose = autoclose
        self._autoping = autoping
        self._protocols = check_protocols(protocols)
        self._max_msg_size = max_msg_size
        self._decode_text = decode_text
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
            return WebSocketReady(True, self._accept(request).protocol)
        except HandshakeError:
            return WebSocketReady(False, None)

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        """Accept the handshake and start the WebSocket; calling it again does nothing.

        :raises HTTPException: when the request can't become a WebSocket: 400, 405, or 426 for
            another version of the protocol.
        :raises ClientConnectionResetError: when the client is gone.
        """
        if self.prepared:
            return await super().prepare(request)
        try:
            handshake = self._accept(request)
        except HandshakeError as exc:
            raise _refusal(exc, request) from exc
        if handshake.protocol is None and self._protocols:
            self._warn_of_protocols(request)
        self.headers.update(handshake.headers)
        self._ws_protocol = handshake.protocol
        writer = await super().prepare(request)
        session = Session(
            WebSocketConnection(
                max_msg_size=self._max_msg_size,
                decode_text=self._decode_text,
                autoping=self._autoping,
                autoclose=self._autoclose,
            ),
            self._timeout,
        )
        session.attach(upgrade(request, session))
        self._session = session
        return writer

    def _accept(self, request: BaseRequest) -> Handshake:
        handshake = accept(request.method, request.version, request.headers, self._protocols)
        # Frames can't be told from a body that is still coming.
        if request.body_exists:
            raise HandshakeError(400, "expected a request without a body")
        return handshake

    def _warn_of_protocols(self, request: BaseRequest) -> None:
        offered = offered_protocols(request.headers)
        if offered:
            logger.warning(
                "%r: none of the client's subprotocols %s is one of the server's %r",
                request,
                ascii(offered)[:200],
                self._protocols,
            )

    # --- state ---

    @property
    def ws_protocol(self) -> str | None:
        """The subprotocol that was chosen; None without one and before :meth:`prepare`."""
        return self._ws_protocol

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
        text: str | bytes = message.data
        return text

    async def receive_bytes(self, *, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Return the next message, which has to be BINARY.

        :param timeout: see :meth:`receive`.
        :raises WSMessageTypeError: when another kind of message came.
        """
        message = await self.receive(timeout)
        if message.type is not WSMsgType.BINARY:
            raise _unexpected(message, WSMsgType.BINARY)
        data: bytes = message.data
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
        message = await self.receive()
        kind = message.type
        if kind is _CLOSE or kind is _CLOSING or kind is _CLOSED:
            raise StopAsyncIteration
        return message

    # --- sending ---

    async def send_str(self, data: str) -> None:
        """Send a text message; waits first while the client takes less than it is sent.

        :raises TypeError: when *data* is no str.
        :raises RuntimeError: before :meth:`prepare`.
        :raises ClientConnectionResetError: when the connection is closing or gone.
        """
        if not isinstance(data, str):
            raise TypeError(f"data argument must be str, got {type(data).__name__}")
        # What _send() does, without the cost of another coroutine.
        session = self._session
        if session is None:
            raise RuntimeError(_UNPREPARED)
        if session.writing_paused:
            await session.room()
        session.send(_TEXT, data.encode())

    async def send_bytes(self, data: bytes | bytearray | memoryview) -> None:
        """Send a binary message; see :meth:`send_str`.

        :raises TypeError: when *data* is not bytes-like.
        """
        await self._send(WSMsgType.BINARY, _bytes(data))

    async def send_json(self, data: Any, *, dumps: Callable[[Any], str] = json.dumps) -> None:
        """Send *data* encoded as JSON in a text message; see :meth:`send_str`.

        :param dumps: encodes the data.
        """
        await self.send_str(dumps(data))

    async def send_json_bytes(self, data: Any, *, dumps: Callable[[Any], bytes]) -> None:
        """Send *data* encoded as JSON in a binary message; see :meth:`send_bytes`.

        :param dumps: encodes the data to bytes.
        """
        await self.send_bytes(dumps(data))

    async def send_frame(self, message: bytes, opcode: WSMsgType) -> None:
        """Send *message*, encoded before, as one frame.

        :param opcode: TEXT (then *message* is UTF-8, which is not checked), BINARY, PING or PONG.
        :raises ValueError: for another opcode, or a ping or pong of over 125 bytes.
        """
        if opcode not in _SENDABLE:
            raise ValueError(f"expected opcode TEXT, BINARY, PING or PONG, got {opcode!r}")
        await self._send(opcode, _bytes(message))

    async def ping(self, message: bytes | str = b"") -> None:
        """Send a ping.

        :param message: at most 125 bytes, which come back in the client's pong.
        :raises ValueError: when there are more.
        """
        await self._send(WSMsgType.PING, _bytes(message, text=True))

    async def pong(self, message: bytes | str = b"") -> None:
        """Send a pong that nobody asked for, or, with ``autoping=False``, the answer to a ping.

        :param message: at most 125 bytes; those of the ping.
        :raises ValueError: when there are more.
        """
        await self._send(WSMsgType.PONG, _bytes(message, text=True))

    async def _send(self, opcode: int, payload: bytes) -> None:
        session = self._session
        if session is None:
            raise RuntimeError(_UNPREPARED)
        if session.writing_paused:
            await session.room()
        session.send(opcode, payload)

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


def _unexpected(message: WSMessage, expected: WSMsgType) -> WSMessageTypeError:
    return WSMessageTypeError(
        f"Received message {message.type!r}:{message.data!r:.80} is not {expected!r}"
    )


def _refusal(exc: HandshakeError, request: BaseRequest) -> HTTPException:
    if exc.status == 405:
        return HTTPMethodNotAllowed(request.method, ["GET"], text=str(exc))
    refused = HTTPUpgradeRequired if exc.status == 426 else HTTPBadRequest
    return refused(text=str(exc), headers=exc.headers)
