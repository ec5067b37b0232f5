"""The exceptions of this package.

::

    Exception
      ├ WebSocketError        the peer broke the protocol, or a limit; carries the close code
      └ HandshakeError        a request that can't become a WebSocket; carries the HTTP status
    TypeError
      └ WSMessageTypeError    another kind of message was received than was asked for
    RuntimeError
      └ WebSocketStateError   this side tried to send what the connection's state forbids

Any other exception out of the code without I/O is a bug here, or a wrong argument.
"""

from __future__ import annotations

from collections.abc import Iterable


class WebSocketError(Exception):
    """The peer broke RFC 6455, or went over a limit: the connection fails.

    :ivar code: the close code (RFC 6455 section 7.4.1) that tells the peer.
    """

    def __init__(self, code: int, message: str) -> None:
        """Say how the connection is closed and what was wrong."""
        super().__init__(code, message)
        self.code = code

    def __str__(self) -> str:
        """Return what was wrong."""
        return str(self.args[1])


class HandshakeError(Exception):
    """A request that can't become a WebSocket (RFC 6455 section 4.2.1).

    :ivar status: the HTTP status that refuses it.
    :ivar headers: fields that the refusal has to carry.
    """

    def __init__(self, status: int, message: str, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Say how the request is refused and what was wrong with it."""
        super().__init__(message)
        self.status = status
        self.headers = dict(headers)


class WSMessageTypeError(TypeError):
    """Another kind of message came than the one that was asked for."""


class WebSocketStateError(RuntimeError):
    """The connection is in a state in which this can't be sent."""
