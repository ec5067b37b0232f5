"""Where an application listens, and what to say when it can't.

:class:`Listeners` turns what people give to ``run_app`` (host, port, path, sock, each one or
several) into sites of a runner, by these rules:

====================  =========================================================
given                 listens on
====================  =========================================================
nothing               0.0.0.0, port 8080 (8443 with TLS)
port                  0.0.0.0 and that port
host, one or several  each host, on *port* or 8080 (8443 with TLS)
path, one or several  each Unix domain socket, and no TCP unless host or port is given
sock, one or several  each socket, and no TCP unless host or port is given
====================  =========================================================

What can be seen to be wrong is refused here, before an event loop exists; what the system refuses
later becomes a :class:`ListenError`, which says where, why, and what to do.
"""

import errno
import os
import socket
import ssl
from collections.abc import Iterable
from dataclasses import dataclass

from tidegate_web_server import BaseRunner, BaseSite, SockSite, TCPSite, UnixSite

Path = str | os.PathLike[str]

PORT = 8080
TLS_PORT = 8443

_TCP_ADVICE = {
    errno.EADDRINUSE: "stop the process that listens there, or choose another port "
    "(port 0 lets the system choose)",
    errno.EADDRNOTAVAIL: "no network interface here has that address: take 127.0.0.1 to serve "
    "this machine alone, or 0.0.0.0 for every interface",
    errno.EACCES: "ports below 1024 need a privilege: choose a higher one, or grant "
    "CAP_NET_BIND_SERVICE",
    errno.EAFNOSUPPORT: "this machine has no addresses of that family (IPv4 or IPv6)",
}
_UNIX_ADVICE = {
    errno.EADDRINUSE: "the path exists and is not an abandoned socket: remove it, or choose "
    "another",
    errno.ENOENT: "its directory does not exist: create it, or choose another path",
    errno.ENOTDIR: "a part of the path is not a directory: choose another path",
    errno.EACCES: "this user may not write to its directory: choose another path, or change "
    "its permissions",
}
_UNRESOLVABLE = "check the spelling, or give an IP address such as 127.0.0.1"
_PATH_TOO_LONG = "the path of a Unix domain socket has at most about 100 bytes: choose a shorter"


class ListenError(OSError):
    """The system refused a place to listen; ``errno`` is its reason, where it gave one."""

    def __str__(self) -> str:
        """Show where, why and what to do; the message is for people, the number for programs."""
        return str(self.strerror)


@dataclass(frozen=True, slots=True)
class Listeners:
    """The places where one application listens, ready to become sites of a runner."""

    hosts: tuple[str | None, ...]
    port: int | None
    paths: tuple[Path, ...]
    socks: tuple[socket.socket, ...]
    ssl_context: ssl.SSLContext | None
    backlog: int
    reuse_address: bool | None
    reuse_port: bool | None

    @classmethod
    def of(
        cls,
        *,
        host: str | Iterable[str] | None,
        port: int | None,
        path: Path | Iterable[Path] | None,
        sock: socket.socket | Iterable[socket.socket] | None,
        ssl_context: ssl.SSLContext | None,
        backlog: int,
        reuse_address: bool | None,
        reuse_port: bool | None,
    ) -> "Listeners":
        """Read the arguments of ``run_app``, which documents them.

        :raises ValueError: when nothing is left to listen on, for a port that does not exist, and
            for a socket that can't accept connections.
        :raises TypeError: for a *sock* that is not a socket.
        """
        hosts = _hosts(host, port, default=path is None and sock is None)
        paths = (path,) if isinstance(path, str | os.PathLike) else tuple(path or ())
        socks = (sock,) if isinstance(sock, socket.socket) else tuple(sock or ())
        if not hosts and not paths and not socks:
            raise ValueError("nothing to listen on: host, path and sock name no place at all")
        if port is not None and not 0 <= port <= 65535:
            raise ValueError(
                f"a port is a number from 0 (the system chooses) to 65535, not {port}"
            )
        for each in socks:
            _check_sock(each)
        if port is None:
            port = PORT if ssl_context is None else TLS_PORT
        return cls(hosts, port, paths, socks, ssl_context, backlog, reuse_address, reuse_port)

    def sites(self, runner: BaseRunner) -> list[BaseSite]:
        """Make the sites, none of them started.

        :param runner: a runner that has been set up.
        """
        sites: list[BaseSite] = [
            TCPSite(
                runner,
                host,
                self.port,
                ssl_context=self.ssl_context,
                backlog=self.backlog,
                reuse_address=self.reuse_address,
                reuse_port=self.reuse_port,
            )
            for host in self.hosts
        ]
        sites += [
            UnixSite(runner, path, ssl_context=self.ssl_context, backlog=self.backlog)
            for path in self.paths
        ]
        sites += [
            SockSite(runner, sock, ssl_context=self.ssl_context, backlog=self.backlog)
            for sock in self.socks
        ]
        return sites


def _hosts(
    host: str | Iterable[str] | None, port: int | None, *, default: bool
) -> tuple[str | None, ...]:
    if host is None:
        return (None,) if default or port is not None else ()
    return (host,) if isinstance(host, str) else tuple(host)


def _check_sock(sock: object) -> None:
    if not isinstance(sock, socket.socket):
        raise TypeError(f"sock is a socket.socket or several of them, not {sock!r}")
    if sock.fileno() == -1:
        raise ValueError(f"the socket {sock!r} is closed: give one that is bound and open")
    if sock.type != socket.SOCK_STREAM:
        raise ValueError(f"HTTP needs a stream socket (SOCK_STREAM), not {sock!r}")


async def start(site: BaseSite) -> None:
    """Start one site.

    :raises ListenError: when the system refuses.
    """
    try:
        await site.start()
    # A host name that can't even be encoded for a look-up (RFC 5891) is a UnicodeError.
    except (OSError, UnicodeError) as error:
        raise _explained(site, error) from error


def _explained(site: BaseSite, error: OSError | UnicodeError) -> ListenError:
    code = error.errno if isinstance(error, OSError) else None
    if isinstance(error, UnicodeError | socket.gaierror):
        reason, advice = "the host name cannot be resolved", _UNRESOLVABLE
    elif code is not None:
        known = _UNIX_ADVICE if isinstance(site, UnixSite) else _TCP_ADVICE
        reason, advice = os.strerror(code).lower(), known.get(code, "")
    elif isinstance(site, UnixSite):
        reason, advice = str(error), _PATH_TOO_LONG
    else:
        # asyncio tries all addresses of a host, and raises this without a number when the last of
        # them is not of this machine, either (Python 3.13; before, it raised the number).
        code = errno.EADDRNOTAVAIL
        reason, advice = os.strerror(code).lower(), _TCP_ADVICE[code]
    message = f"cannot listen on {site.name}: {reason}"
    return ListenError(code, f"{message}; {advice}" if advice else message)
