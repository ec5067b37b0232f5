"""The listening sockets of workers: one set for each, or one for all.

Where the system spreads connections over several sockets of one address (SO_REUSEPORT on Linux,
socket(7)), each worker gets sockets of its own, with a queue of its own: no worker wakes up for a
connection that another one takes, and none takes more than its share. Elsewhere, for Unix domain
sockets, and for sockets that somebody else has opened and listens on already, all workers share
the same ones.

The supervisor keeps a handle of every socket until it begins to stop. A worker that stops closes
its own alone: connections that wait in the queue go to the worker that takes its place, and none
is refused in between. At the stop the supervisor lets go first, so that clients are refused as
soon as the workers don't listen any more, and don't wait in a queue that nobody reads.
"""

import socket
import sys
from collections.abc import Sequence


class WorkerSockets:
    """The sockets of each worker, by its number from 0."""

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        """Share *sockets*, bound ones, between workers."""
        self._given = tuple(sockets)
        self._groups: list[tuple[socket.socket, ...]] = [self._given]
        self._opened: list[socket.socket] = []

    def of(self, number: int, count: int) -> list[socket.socket]:
        """Return the sockets of worker *number*.

        :param count: how many workers there are to be. The first one listens to the sockets of
            those that there were before, too: a queue that nobody reads would swallow connections.
        """
        while len(self._groups) <= number:
            self._groups.append(tuple(map(self._sibling, self._given)))
        mine = list(self._groups[number])
        if number == 0:
            for group in self._groups[count:]:
                mine += group
        return list(dict.fromkeys(mine))

    def close(self) -> None:
        """Close all sockets, those that were given, too; a second call does nothing."""
        for each in (*self._given, *self._opened):
            each.close()

    def _sibling(self, sock: socket.socket) -> socket.socket:
        """Return another socket of the same address, or the same one where there can't be."""
        if not _spreads(sock):
            return sock
        sibling = socket.socket(sock.family, sock.type)
        try:
            # Only now: a server that is started twice was told that its address is in use.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            sibling.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sibling.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            if sock.family == socket.AF_INET6:
                only = sock.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
                sibling.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, only)
            sibling.bind(sock.getsockname())
        except OSError:
            sibling.close()
            return sock
        self._opened.append(sibling)
        return sibling


def _spreads(sock: socket.socket) -> bool:
    if sys.platform != "linux" or sock.family not in (socket.AF_INET, socket.AF_INET6):
        return False
    # One that listens already has joined no group of sockets, and is not to be alone in one.
    listens = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    reuses = sock.getsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT)
    return not listens or bool(reuses)
