"""Which web pages may connect (RFC 6455 section 10.2).

A browser lets any page open a WebSocket to any server, with the user's cookies, and says in the
Origin field which page it is. A server whose WebSockets rest on cookies has to look at it, or any
page can speak for its users. Programs that are no browsers send none, and it means nothing from
them: a request without Origin passes.

An origin is compared as it is serialised (RFC 6454 section 6.2), without regard to case and to a
port that is the scheme's default.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from .errors import HandshakeError

#: In a list of origins: the one of the page's own host, whatever the scheme.
SAME_ORIGIN: Final = "same"

_ORIGIN: Final = re.compile(r"([a-z][a-z0-9+.\-]*)://([^/?#@\s]+)")
_DEFAULT_PORTS: Final = {"http": ":80", "https": ":443", "ws": ":80", "wss": ":443"}


class Origins:
    """The origins that are allowed."""

    __slots__ = ("_allowed", "_same")

    def __init__(self, allowed: Iterable[str]) -> None:
        """Allow those of *allowed*.

        :param allowed: origins such as ``https://example.com``; ``"same"`` for the host that is
            connected to; ``"null"`` for pages that have none, such as local files.
        :raises TypeError: for a str in place of several.
        :raises ValueError: for what is no origin: with a path, say, or without a scheme.
        """
        if isinstance(allowed, str):
            raise TypeError(f"expected several origins, got one str: {allowed!r}")
        names = [name.lower() for name in allowed]
        self._same = SAME_ORIGIN in names
        self._allowed = frozenset(_normal(name) for name in names if name != SAME_ORIGIN)

    def check(self, given: Sequence[str], host: str) -> None:
        """Refuse a request from another page.

        :param given: the lines of the Origin field.
        :param host: the Host field.
        :raises HandshakeError: (403) when the origin is not allowed.
        """
        if not given:
            return
        if len(given) == 1:
            origin = given[0].lower()
            match = _ORIGIN.fullmatch(origin)
            if match is None:
                allowed = origin == "null" and origin in self._allowed
            else:
                scheme, authority = match[1], _without_port(match[1], match[2])
                own = _without_port(scheme, host.lower())
                allowed = (self._same and authority == own) or (
                    f"{scheme}://{authority}" in self._allowed
                )
            if allowed:
                return
        raise HandshakeError(403, f"the origin {', '.join(given)[:80]!a} is not allowed")


def _normal(name: str) -> str:
    match = _ORIGIN.fullmatch(name)
    if match is not None:
        return f"{match[1]}://{_without_port(match[1], match[2])}"
    if name == "null":
        return name
    raise ValueError(f"expected an origin such as 'https://example.com', got {name!r}")


def _without_port(scheme: str, authority: str) -> str:
    return authority.removesuffix(_DEFAULT_PORTS.get(scheme, "\n"))
