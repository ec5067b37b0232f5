"""How long a ping takes to come back.

Each ping of this side is noted with the time; the pong that carries the same payload answers it,
and with it all pings before it, of which a client may answer the last one alone (RFC 6455 section
5.5.3). A pong that answers nothing, which anybody may send at any time, tells nothing.
"""

from __future__ import annotations

import asyncio
from typing import Final, NamedTuple

# Pings that are waited for at a time. Of more the oldest are forgotten: the client answers none.
MAX_PINGS: Final = 32


class _Ping(NamedTuple):
    payload: bytes
    sent: float
    waiter: asyncio.Future[float] | None


class RoundTrips:
    """The pings of one connection that have not been answered.

    :ivar last: seconds that the last answered ping took; None before the first answer.
    """

    __slots__ = ("_count", "_pings", "last")

    def __init__(self) -> None:
        """Begin without any."""
        self.last: float | None = None
        self._pings: list[_Ping] = []
        self._count = 0

    def unique(self) -> bytes:
        """Return a payload that no other ping of this connection has."""
        self._count += 1
        return b"tidegate %d" % self._count

    def sent(
        self, payload: bytes, now: float, waiter: asyncio.Future[float] | None = None
    ) -> None:
        """Note a ping.

        :param now: the time of the event loop.
        :param waiter: gets the seconds when it is answered.
        """
        if len(self._pings) >= MAX_PINGS:
            _finish(self._pings.pop(0), None)
        self._pings.append(_Ping(payload, now, waiter))

    def answered(self, payload: bytes, now: float) -> None:
        """Take a pong."""
        for index, ping in enumerate(self._pings):
            if ping.payload == payload:
                self.last = now - ping.sent
                for done in self._pings[: index + 1]:
                    _finish(done, now - done.sent)
                del self._pings[: index + 1]
                return

    def end(self) -> None:
        """Nothing will be answered any more."""
        for ping in self._pings:
            _finish(ping, None)
        self._pings.clear()


def _finish(ping: _Ping, seconds: float | None) -> None:
    if ping.waiter is None or ping.waiter.done():
        return
    if seconds is None:
        ping.waiter.cancel()
    else:
        ping.waiter.set_result(seconds)
