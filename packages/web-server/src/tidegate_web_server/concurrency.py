"""As many requests at a time as a server can bear, and 503 for the rest.

A server that takes on everything gets slower for everybody until nobody waits for its answers any
more. ``limit_concurrency`` bounds the requests in service: from the call of the handler to the
last byte of the answer. Requests that wait on a connection for the one before them are in nobody's
way yet; each is counted when its turn comes. One over the limit is answered at once, with 503 and
a Retry-After, without any code of the application; its connection stays open if its body is short.

``limit_connections`` bounds the connections. One over the limit is accepted, because not to
accept leaves it waiting in the system's queue without a word, answered with the same 503 before
it has asked, and closed. A flood of twice the limit is dropped without an answer.
"""

from typing import Any, Final

from tidegate_http_core import hdrs

from .exceptions import HTTPServiceUnavailable

#: Seconds after which a client may try again.
RETRY_AFTER: Final = "1"


class ConcurrencyLimit:
    """Counts the requests in service of one server."""

    __slots__ = ("in_service", "limit")

    def __init__(self, limit: int) -> None:
        """Let *limit* requests be in service at a time."""
        self.limit = limit
        self.in_service = 0

    def enter(self) -> bool:
        """Count a request in; False when there are as many as there may be."""
        if self.in_service >= self.limit:
            return False
        self.in_service += 1
        return True

    def leave(self) -> None:
        """Count a request out that was counted in."""
        self.in_service -= 1


async def refuse_request(request: Any) -> Any:
    """Answer a request over the limit, in the place of the server's handler.

    :raises HTTPServiceUnavailable: always.
    """
    raise HTTPServiceUnavailable(
        headers={hdrs.RETRY_AFTER: RETRY_AFTER, "Cache-Control": "no-store"}
    )
