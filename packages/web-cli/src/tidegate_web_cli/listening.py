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

A single process lets the event loop open them; sockets that several processes are to share, one
after the other or at once, are opened by :meth:`Listeners.bind`.

What can be seen to be wrong is refused here, before an event loop exists; what the system refuses
later becomes a :class:`ListenError`, which says where, why, and what to do.
"""

import errno
import os
import socket
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tidegate_web_server import BaseRunner, BaseSite, SockSite, TCPSite, UnixSite

if TYPE_CHECKING:
    import ssl

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
    ssl_context: "ssl.SSLContext | None"
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
        ssl_context: "ssl.SSLContext | None",
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

    def bind(self) -> list[socket.socket]:
        """Open what there is to listen on, for other processes to listen with.

        The sockets are bound, and don't listen yet, so that a connection is refused until
        somebody serves. Where the port is 0, all hosts get one and the same.

        :raises ListenError: the system refuses one of them; none stays open then.
        """
        opened: list[socket.socket] = []
        port = self.port or 0
        try:
            for host in self.hosts:
                for address in _addresses(host, port):
                    opened.append(_bound_tcp(address, reuse_port=bool(self.reuse_port)))
                    port = port or opened[-1].getsockname()[1]
            opened += [_bound_unix(path) for path in self.paths]
        except BaseException:
            for each in opened:
                each.close()
            raise
        return [*opened, *self.socks]

    def names(self, sockets: Iterable[socket.socket]) -> list[str]:
        """Name *sockets* as their sites would be named, URLs as a rule."""
        scheme = "http" if self.ssl_context is None else "https"
        return [socket_name(scheme, each) for each in sockets]


def socket_name(scheme: str, sock: socket.socket) -> str:
    """Name a bound socket as a URL."""
    name = sock.getsockname()
    if not isinstance(name, tuple):
        return f"{scheme}://unix:{name}:"
    host = f"[{name[0]}]" if ":" in name[0] else name[0]
    return f"{scheme}://{host}:{name[1]}"


def _addresses(host: str | None, port: int) -> list[tuple[socket.AddressFamily, Any]]:
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:
        raise explained(f"{host}:{port}", error, _TCP_ADVICE) from error
    # IPv4 first: where the port is 0, it is the one that is looked for.
    unique = dict.fromkeys((family, address) for family, _, _, _, address in found)
    return sorted(unique, key=lambda each: each[0] != socket.AF_INET)


def _bound_tcp(address: tuple[socket.AddressFamily, Any], *, reuse_port: bool) -> socket.socket:
    family, name = address
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        if os.name == "posix":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if reuse_port:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        sock.bind(name)
    except OSError as error:
        sock.close()
        raise explained(f"{name[0]}:{name[1]}", error, _TCP_ADVICE) from error
    return sock


def _bound_unix(path: Path) -> socket.socket:
    name = os.fspath(path)
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        if _abandoned(name):
            os.unlink(name)
        sock.bind(name)
    except OSError as error:
        sock.close()
        raise explained(f"unix:{name}", error, _UNIX_ADVICE) from error
    return sock


def _abandoned(path: str) -> bool:
    """Tell whether *path* is a socket on which nobody listens any more."""
    try:
        if not stat.S_ISSOCK(os.stat(path).st_mode):
            return False
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            probe.connect(path)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return False


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
        advice = _UNIX_ADVICE if isinstance(site, UnixSite) else _TCP_ADVICE
        raise explained(site.name, error, advice) from error


def explained(name: str, error: OSError | UnicodeError, advice: Mapping[int, str]) -> ListenError:
    """Say why the system refused a place to listen, and what to do.

    :param name: the place.
    :param advice: what to do, by the number of the error.
    """
    code = error.errno if isinstance(error, OSError) else None
    if isinstance(error, UnicodeError | socket.gaierror):
        reason, help_ = "the host name cannot be resolved", _UNRESOLVABLE
    elif code is not None:
        reason, help_ = os.strerror(code).lower(), advice.get(code, "")
    elif advice is _UNIX_ADVICE:
        reason, help_ = str(error), _PATH_TOO_LONG
    else:
        # asyncio tries all addresses of a host, and raises this without a number when the last of
        # them is not of this machine, either (Python 3.13; before, it raised the number).
        code = errno.EADDRNOTAVAIL
        reason, help_ = os.strerror(code).lower(), advice[code]
    message = f"cannot listen on {name}: {reason}"
    return ListenError(code, f"{message}; {help_}" if help_ else message)


def inherited(fd: int) -> socket.socket:
    """Take over a stream socket that this process was given under the number *fd*.

    :raises ListenError: there is none.
    """
    try:
        sock = socket.socket(fileno=fd)
    except OSError as error:
        raise ListenError(
            error.errno,
            f"cannot listen on file descriptor {fd}: {os.strerror(error.errno or 0).lower()}; it "
            "is to be a socket that the process which starts this one has opened and passed on",
        ) from error
    if sock.type != socket.SOCK_STREAM:
        sock.detach()
        raise ListenError(
            errno.EPROTOTYPE,
            f"cannot listen on file descriptor {fd}: HTTP needs a stream socket (SOCK_STREAM)",
        )
    return sock
