"""What systemd hands to a service, and what it wants to be told: sd_listen_fds(3), sd_notify(3).

Sockets that systemd opened come as file descriptors from 3 on; ``LISTEN_PID`` says for which
process, so that a child does not take them for its own, and ``LISTEN_FDS`` how many. States go as
one datagram to the Unix domain socket in ``NOTIFY_SOCKET``, which is abstract where its name
starts with ``@``. Without those variables nothing happens.
"""

import errno
import os
import socket
from collections.abc import MutableMapping

from .listening import ListenError, inherited

FIRST_FD = 3
_VARIABLES = ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES")


def take_sockets(environ: MutableMapping[str, str] = os.environ) -> list[socket.socket]:
    """Take over the sockets that systemd opened for this process; none if it did not.

    The variables are removed, so that a child is not told the same.

    :raises ListenError: they name descriptors that are no stream sockets.
    """
    if environ.get("LISTEN_PID") != str(os.getpid()):
        return []
    count = environ.get("LISTEN_FDS", "")
    for name in _VARIABLES:
        environ.pop(name, None)
    if not count.isascii() or not count.isdecimal():
        raise ListenError(
            errno.EINVAL, f"LISTEN_FDS is to be the number of sockets, not {count!r}"
        )
    taken: list[socket.socket] = []
    try:
        for fd in range(FIRST_FD, FIRST_FD + int(count)):
            taken.append(inherited(fd))
            os.set_inheritable(fd, False)
    except ListenError:
        for each in taken:
            each.close()
        raise
    return taken


def notify(state: str, environ: MutableMapping[str, str] = os.environ) -> bool:
    r"""Tell systemd the state of the service; tell whether it was told.

    :param state: such as ``"READY=1"``, ``"STOPPING=1"``, several of them with ``"\n"`` between.
    """
    address = environ.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return False
    if address.startswith("@"):
        address = "\0" + address[1:]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        # A manager that is gone or busy is no reason for a server to stop, or to wait.
        sock.setblocking(False)
        try:
            sock.sendto(state.encode(), address)
        except OSError:
            return False
    return True
