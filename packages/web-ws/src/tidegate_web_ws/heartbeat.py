"""Finding out that a client is gone when it says nothing.

After so many seconds of silence a ping is sent; if nothing at all comes for half as long, the
client is given up. One timer a connection does it; a byte that comes costs one reading of the
clock and touches no timer.

The client is not blamed for what is not its silence:

- while this side does not read, because its handler is behind, nothing can be heard;
- a ping waits behind what was sent before it; as long as the client acknowledges some of that, by
  what the operating system knows (on Linux), it lives. While more waits than should, no ping is
  added, and a client that takes nothing at all is the server's affair (``Timeouts.write``);
- an event loop that was busy elsewhere reads what has come before anybody is given up.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Final, Protocol

if sys.platform == "linux":
    import fcntl
    import struct
    import termios

# Seconds that a loop gets to read what came while it was busy.
_LAST_CHANCE: Final = 0.02


class Watched(Protocol):
    """The connection whose client is watched."""

    @property
    def reading_paused(self) -> bool:
        """Whether this side does not read."""

    @property
    def writing_paused(self) -> bool:
        """Whether more waits to be sent than should."""

    @property
    def acknowledged(self) -> int:
        """Bytes that the client is known to have, or any constant."""

    def send_ping(self) -> None:
        """Send a ping at once."""

    def client_silent(self) -> None:
        """The client is gone."""


class Heartbeat:
    """Watches one client.

    :ivar heard: when something came from it last, in the time of the event loop.
    """

    __slots__ = (
        "_acknowledged",
        "_interval",
        "_last_chance",
        "_loop",
        "_pinged",
        "_timer",
        "heard",
    )

    def __init__(self, interval: float, watched: Watched) -> None:
        """Begin to watch.

        :param interval: seconds of silence before a ping.
        """
        self._loop = asyncio.get_running_loop()
        self._interval = interval
        self._pinged: float | None = None
        self._acknowledged = 0
        self._last_chance = False
        self.heard = self._loop.time()
        self._timer: asyncio.TimerHandle | None = self._loop.call_later(
            interval, self._look, watched
        )

    def stop(self) -> None:
        """Watch no longer."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, watched: Watched) -> None:
        delay = self._next_look(watched, self._loop.time())
        if delay is None:
            self._timer = None
            watched.client_silent()
        else:
            self._timer = self._loop.call_later(delay, self._look, watched)

    def _next_look(self, watched: Watched, now: float) -> float | None:
        """Return the seconds until the next look, None when the client is given up."""
        if watched.reading_paused:
            self.heard = now
        if self._pinged is None or self.heard >= self._pinged:
            self._pinged = None
            self._last_chance = False
            silence = now - self.heard
            if silence < self._interval:
                return self._interval - silence
            if watched.writing_paused:
                return self._interval
            watched.send_ping()
            self._pinged = now
            self._acknowledged = watched.acknowledged
        elif (acknowledged := watched.acknowledged) > self._acknowledged:
            self._acknowledged = acknowledged
        elif not self._last_chance:
            self._last_chance = True
            return _LAST_CHANCE
        else:
            return None
        return self._interval / 2


def unacknowledged(transport: asyncio.Transport) -> int | None:
    """Return how many bytes the peer of a TCP connection has not acknowledged, None if unknown.

    Those count that the transport still holds.
    """
    sock = transport.get_extra_info("socket")
    if sys.platform != "linux" or sock is None:
        return None
    try:
        answer = fcntl.ioctl(sock.fileno(), termios.TIOCOUTQ, bytes(4))  # tcp(7), SIOCOUTQ
    except OSError:
        return None
    count: int = struct.unpack("i", answer)[0]
    return count + transport.get_write_buffer_size()
