"""Exceptions that are not answers; the ones that are live in :mod:`.exceptions`.

::

    ConnectionResetError
      └ ClientConnectionResetError   a write to a connection that is gone
    Exception
      ├ RequestPayloadError          a body that ended before it was whole, or was malformed
      └ PayloadAccessError           a body that is read when its request is over
    ProtocolError                    (tidegate_http_core)
      ├ RequestTimeout               the client was too slow with what it had begun
      ├ TunnelRefused                the client asked for a tunnel
      ├ TooManyConnections           the server has as many connections as it may have
      └ InternalError                the server itself failed before a handler could answer
    UserWarning
      └ NotAppKeyWarning             a str key in a storage that has typed keys
"""

import functools
import sys
from typing import Any

from tidegate_http_core import ProtocolError


class ClientConnectionResetError(ConnectionResetError):
    """The client is gone, so what was to be written can't be.

    The one exception for every write to a lost connection. A handler may let it pass: it is
    neither logged with a traceback nor answered.

    Where aiohttp has been imported, what is raised is aiohttp's ``ClientConnectionResetError``
    besides, so that code which catches that one works. It is never imported for this.
    """

    def __new__(cls, *args: Any) -> "ClientConnectionResetError":
        """Make the exception that is both, where there are two."""
        aiohttp = sys.modules.get("aiohttp")
        if aiohttp is not None and cls is ClientConnectionResetError:
            theirs = getattr(aiohttp, "ClientConnectionResetError", None)
            # While aiohttp is being imported it has no such name yet.
            if isinstance(theirs, type) and not issubclass(cls, theirs):
                both: type[ClientConnectionResetError] = _both(theirs)
                return super().__new__(both, *args)
        return super().__new__(cls, *args)


@functools.lru_cache(maxsize=1)
def _both(theirs: type) -> Any:
    """Make the class that is ours and *theirs*; the one name that they have is its own, too."""
    ours = ClientConnectionResetError
    return type(ours.__name__, (ours, theirs), {"__doc__": ours.__doc__, "__module__": __name__})


class RequestPayloadError(Exception):
    """Reading a body failed because of what the client sent, or because it went away.

    :ivar status: the status that answers it when no handler catches it: 400, or the one the
        protocol violation carries.
    """

    def __init__(self, message: str, status: int = 400) -> None:
        """Say what was wrong with the body and which status answers it."""
        super().__init__(message)
        self.status = status


class PayloadAccessError(Exception):
    """The body of a request was read after the request had been answered: it is gone."""


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


class TooManyConnections(ProtocolError):
    """The server has as many connections as it may have (RFC 9110 section 15.6.4)."""

    status = 503
