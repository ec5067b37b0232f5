"""How long the server waits for a peer, and the coarse clock it waits with.

No request starts a timer. The server keeps one clock that moves a few times a second at most; a
connection notes the clock's reading when it begins to wait, and a sweep over the connections
closes those that have waited too long. A reading is up to one step old and a sweep comes up to one
step late, so a step is added to each time-out: it fires up to two steps late, never early.
"""

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait for a peer; 0 waits for ever.

    :ivar first_byte: from the connection to the first byte of the first request.
    :ivar head: from the first byte of a request to the end of its head; absolute: a byte now and
        then does not extend it.
    :ivar body: between two pieces of a body that a handler waits for.
    :ivar keep_alive: between two requests.
    :ivar write: for the peer to take anything of what is to be written.
    :ivar linger: for the rest of a request that was answered before it had been read.
    """

    first_byte: float = 30.0
    head: float = 30.0
    body: float = 60.0
    keep_alive: float = 75.0
    write: float = 60.0
    linger: float = 5.0

    def __post_init__(self) -> None:
        """Refuse negative times, which would close every connection at once."""
        for name in _NAMES:
            value = getattr(self, name)
            if value < 0:
                raise ValueError(f"timeout {name} is 0 or more seconds, got {value}")

    @property
    def step(self) -> float:
        """Seconds between two sweeps: a quarter of the shortest time-out, one at most."""
        return float(
            min([1.0, *(getattr(self, name) / 4 for name in _NAMES if getattr(self, name))])
        )

    def over(self, name: str, waited: float) -> bool:
        """Tell whether a wait of *waited* seconds by the server's clock is over limit *name*."""
        limit = getattr(self, name)
        return bool(limit and waited > limit + self.step)


_NAMES = tuple(field.name for field in fields(Timeouts))
