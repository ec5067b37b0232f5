"""Exceptions that are not answers; the ones that are live in :mod:`.exceptions`.

::

    ConnectionResetError
      └ ClientConnectionResetError   a write to a connection that is gone
    Exception
      └ RequestPayloadError          a body that ended before it was whole, or was malformed
    ProtocolError                    (tidegate_http_core)
      ├ RequestTimeout               the client was too slow with what it had begun
      ├ TunnelRefused                the client asked for a tunnel
      └ InternalError                the server itself failed before a handler could answer
    UserWarning
      └ NotAppKeyWarning             a str key in a storage that has typed keys
"""

from tidegate_http_core import ProtocolError


class ClientConnectionResetError(ConnectionResetError):
    """The client is gone, so what was to be written can't be.

    The one exception for every write to a lost connection. A handler may let it pass: it is
    neither logged with a traceback nor answered.
    """


class RequestPayloadError(Exception):
    """Reading a body failed because of what the client sent, or because it went away.

    :ivar status: the status that answers it when no handler catches it: 400, or the one the
        protocol violation carries.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        """Say what was wrong with the body and which status answers it."""
        super().__init__(message)
        self.status = status


class NotAppKeyWarning(UserWarning):
    """A plain string was used as a key where :class:`AppKey` and its relatives are typed."""


class RequestTimeout(ProtocolError):
    """The client was too slow with a request it had begun (RFC 9110 section 15.5.9)."""

    status = 408


class TunnelRefused(ProtocolError):
    """The client asked an origin server for a tunnel (RFC 9110 section 9.3.6)."""

    status = 501


class InternalError(ProtocolError):
    """The server failed where no handler can answer (RFC 9110 section 15.6.1)."""

    status = 500
