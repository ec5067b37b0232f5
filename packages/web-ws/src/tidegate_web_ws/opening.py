"""How a request becomes a WebSocket, on the server of :mod:`tidegate_web_server`.

An :class:`Opening` is what a WebSocket has been described as: which requests it accepts
(:mod:`.handshake` has the rules of the protocol), and how the :class:`~.session.Session` is set up
that the accepted one becomes. It is asked by :class:`~.response.WebSocketResponse`, before the
101 is sent and after it, and knows nothing of what is said then.

A request that is refused is answered with the HTTP error that :func:`refusal` makes of the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tidegate_web_server import (
    BaseRequest,
    HTTPBadRequest,
    HTTPException,
    HTTPForbidden,
    HTTPMethodNotAllowed,
    HTTPUpgradeRequired,
    upgrade,
)

from .connection import WebSocketConnection
from .deflate import Deflater, Inflater
from .errors import HandshakeError
from .handshake import Handshake, accept, offered_protocols
from .negotiation import DeflateParameters, DeflateSettings
from .origins import Origins
from .session import Session, logger


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What one WebSocket accepts and is to be like; see ``WebSocketResponse`` for the values."""

    protocols: tuple[str, ...]
    origins: Origins | None
    deflate: DeflateSettings | None
    timeout: float
    heartbeat: float | None
    max_msg_size: int
    writer_limit: int
    decode_text: bool
    autoping: bool
    autoclose: bool
    stream: bool

    def accept(self, request: BaseRequest) -> Handshake:
        """Return the answer to *request*.

        :raises HandshakeError: when it can't become a WebSocket.
        """
        handshake = accept(
            request.method,
            request.version,
            request.headers,
            self.protocols,
            deflate=self.deflate,
            origins=self.origins,
        )
        # Frames can't be told from a body that is still coming.
        if request.body_exists:
            raise HandshakeError(400, "expected a request without a body")
        return handshake

    def warn_of_protocols(self, request: BaseRequest) -> None:
        """Log that the client offers subprotocols, but none of the server's; if it offers any."""
        offered = offered_protocols(request.headers)
        if offered:
            logger.warning(
                "%r: none of the client's subprotocols %s is one of the server's %r",
                request,
                ascii(offered)[:200],
                self.protocols,
            )

    def start(self, request: BaseRequest, agreed: DeflateParameters | None) -> Session:
        """Have the connection of *request* handed over; its 101 has been sent.

        :param agreed: what the handshake says about compression.
        :raises ClientConnectionResetError: when the client is gone.
        """
        session = Session(self._connection(agreed), self.timeout)
        session.attach(
            upgrade(request, session),
            writer_limit=self.writer_limit,
            executor_threshold=0 if self.deflate is None else self.deflate.executor_threshold,
            heartbeat=self.heartbeat,
        )
        return session

    def _connection(self, agreed: DeflateParameters | None) -> WebSocketConnection:
        deflater = inflater = None
        if agreed is not None and self.deflate is not None:
            deflater = Deflater(
                self.deflate.level,
                agreed.server_window_bits,
                self.deflate.mem_level,
                not agreed.server_no_context_takeover,
                self.deflate.threshold,
            )
            inflater = Inflater(agreed.client_window_bits, not agreed.client_no_context_takeover)
        return WebSocketConnection(
            max_msg_size=self.max_msg_size,
            decode_text=self.decode_text,
            autoping=self.autoping,
            autoclose=self.autoclose,
            pieces=self.stream,
            deflater=deflater,
            inflater=inflater,
        )


def refusal(exc: HandshakeError, request: BaseRequest) -> HTTPException:
    """Return the HTTP error that tells the client why it was refused."""
    if exc.status == 405:
        return HTTPMethodNotAllowed(request.method, ["GET"], text=str(exc))
    refused = _REFUSALS.get(exc.status, HTTPBadRequest)
    return refused(text=str(exc), headers=exc.headers)


_REFUSALS: Final[dict[int, type[HTTPException]]] = {
    403: HTTPForbidden,
    426: HTTPUpgradeRequired,
}
