"""A middleware that answers only requests for hosts that the application is known under.

Whoever can make a server believe in a host of his choice gets links in mails, redirects and caches
that lead to him (DNS rebinding, cache poisoning). The host of a request is ``request.host``: with
trusted proxies in force, the one that they say.
"""

from collections.abc import Iterable
from typing import Any, Final

from tidegate_http_core import is_host

from .exceptions import HTTPError, HTTPMisdirectedRequest
from .middlewares import Middleware, middleware
from .request import Request
from .stream_response import StreamResponse

_ANY_NAME: Final = "*."


class AllowedHosts:
    """A set of hosts; see :func:`allowed_hosts_middleware` for how they are written."""

    def __init__(self, hosts: Iterable[str]) -> None:
        """Allow *hosts*.

        :raises TypeError: when it is a str instead of a list of them.
        :raises ValueError: for what is no host, or when there is none.
        """
        if isinstance(hosts, str):
            raise TypeError(f"allowed hosts are a list of names, got the str {hosts!r}")
        self._exact: set[tuple[str, str]] = set()
        self._below: set[tuple[str, str]] = set()
        self._all = False
        for pattern in hosts:
            if pattern == "*":
                self._all = True
                continue
            name = pattern.removeprefix(_ANY_NAME)
            if not is_host(name) or "*" in name:
                raise ValueError(
                    "an allowed host is 'example.com', 'example.com:8080', '*.example.com' or "
                    f"'*', got {pattern!r}"
                )
            (self._exact if name == pattern else self._below).add(_split(name))
        if not (self._all or self._exact or self._below):
            raise ValueError("expected at least one host: nothing would be answered otherwise")

    def __contains__(self, host: str) -> bool:
        """Tell whether *host*, the value of a Host field, is allowed."""
        if self._all:
            return True
        name, port = _split(host)
        if (name, "") in self._exact or (name, port) in self._exact:
            return True
        # Names only: an address has no subdomains.
        while self._below and "." in name and not name.startswith("["):
            name = name.partition(".")[2]
            if (name, "") in self._below or (name, port) in self._below:
                return True
        return False


def _split(host: str) -> tuple[str, str]:
    """Return name and port; the name in lower case, without the dot of the root."""
    name, colon, port = host.rpartition(":")
    # A colon inside of brackets separates no port.
    if not colon or port.endswith("]"):
        name, port = host, ""
    return name.lower().removesuffix("."), port


def allowed_hosts_middleware(
    hosts: Iterable[str], *, refusal: type[HTTPError] = HTTPMisdirectedRequest
) -> Middleware:
    """Make a middleware that refuses requests for other hosts; put it first.

    :param hosts: ``"example.com"``, with any port; ``"example.com:8080"``, with this one;
        ``"*.example.com"``, all names below it and not the name itself; ``"[::1]"``; ``"*"``.
        Names have no case.
    :param refusal: what is raised: 421 Misdirected Request (RFC 9110 section 15.5.20), or
        ``HTTPBadRequest`` for instance.
    :raises TypeError: when *hosts* is a str, or *refusal* no :class:`HTTPError`.
    :raises ValueError: for what is no host, or when there is none.
    """
    allowed = AllowedHosts(hosts)
    if not issubclass(refusal, HTTPError):
        raise TypeError(f"refusal is a subclass of web.HTTPError, got {refusal!r}")

    @middleware
    async def allowed_hosts(request: Request, handler: Any) -> StreamResponse:
        if request.host not in allowed:
            raise refusal(text=f"this server does not answer for the host {request.host[:255]!a}")
        response: StreamResponse = await handler(request)
        return response

    return allowed_hosts
