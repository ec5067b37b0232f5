"""TCP_CORK and TCP_NODELAY of the connection while a response is written: kept, and deprecated.

Connections never delay small pieces (TCP_NODELAY is always set), and a head goes out with its
body in one write, so neither switch is of use any more. What is switched is switched back at the
end of the response, since the next one goes over the same connection.
"""

import asyncio
import socket
import warnings
from contextlib import suppress
from typing import Final

_CORK: Final[int | None] = getattr(socket, "TCP_CORK", getattr(socket, "TCP_NOPUSH", None))
_TCP: Final = (socket.AF_INET, socket.AF_INET6)


class TcpOptions:
    """The two switches of a response; they exclude each other."""

    _tcp_cork = False
    _tcp_nodelay = True

    @property
    def tcp_cork(self) -> bool:
        """Whether incomplete segments are held back; False by default."""
        return self._tcp_cork

    @property
    def tcp_nodelay(self) -> bool:
        """Whether small pieces are sent without delay; True by default."""
        return self._tcp_nodelay

    def set_tcp_cork(self, value: bool) -> None:
        """Deprecated: hold incomplete segments back; clears :attr:`tcp_nodelay` when true."""
        _warn("set_tcp_cork()")
        self._set_tcp_options(cork=bool(value), nodelay=self._tcp_nodelay and not value)

    def set_tcp_nodelay(self, value: bool) -> None:
        """Deprecated: send small pieces without delay; clears :attr:`tcp_cork` when true."""
        _warn("set_tcp_nodelay()")
        self._set_tcp_options(cork=self._tcp_cork and not value, nodelay=bool(value))

    def _set_tcp_options(self, *, cork: bool, nodelay: bool) -> None:
        self._tcp_cork = cork
        self._tcp_nodelay = nodelay


def _warn(what: str) -> None:
    warnings.warn(
        f"{what} is deprecated: connections send without delay, and a head goes out with its "
        "body in one write; leave the call out",
        DeprecationWarning,
        stacklevel=3,
    )


def apply_tcp_options(
    transport: asyncio.Transport | None, *, cork: bool = False, nodelay: bool = True
) -> None:
    """Switch the options of a connection; without arguments to what they are by default."""
    sock = None if transport is None else transport.get_extra_info("socket")
    if sock is None or sock.family not in _TCP:
        return
    with suppress(OSError):
        # Uncorked first: on Linux the one that is set sends what the other held back.
        if _CORK is not None:
            sock.setsockopt(socket.IPPROTO_TCP, _CORK, cork)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, nodelay)
