"""Whom to believe about the client: the proxies that are listed, and nobody else.

Behind a proxy the peer of every connection is the proxy. Who the client was, and what it asked
for, stands in header fields that the proxy adds, and that anybody else can send as well. So they
count only on connections from listed addresses, and even then only the part that listed proxies
have written. Every proxy appends the address that it was called from::

    X-Forwarded-For: 6.6.6.6, 203.0.113.7, 10.0.0.2     from 10.0.0.1
                     └ forged └ the client └──────────────┴ listed

Read from the right, the first address that is not listed is the client's. What stands left of it
was sent by the client itself. Where all are listed the left-most one is the client.

=====================  ==========================================================================
``X-Forwarded-For``    ``remote``; an address, with or without a port
``X-Forwarded-Proto``  ``scheme``: ``http`` or ``https`` (``ws`` and ``wss`` stand for them)
``X-Forwarded-Host``   ``host``
``Forwarded``          all three (RFC 7239 section 4); not looked at beside an X-Forwarded-For
=====================  ==========================================================================

Of a list of schemes or hosts as long as that of the addresses the one in the client's place
counts, of any other the last. What is malformed is ignored, as if it were not there: an address
that is none (``unknown``, ``_hidden``) ends the search at the proxy that gave it.

A proxy passes on from clients what it does not set itself, so name what yours sets:
``TrustedProxies(["10.0.0.0/8"], fields=["X-Forwarded-For", "X-Forwarded-Proto"])``.

Nothing is parsed before ``remote``, ``scheme`` or ``host`` of a request are asked for.
"""

import ipaddress
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple, Protocol

from multidict import CIMultiDictProxy
from tidegate_http_core import hdrs, is_host, parse_forwarded

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: The fields that can be believed.
PROXY_FIELDS: Final = (
    hdrs.X_FORWARDED_FOR,
    hdrs.X_FORWARDED_PROTO,
    hdrs.X_FORWARDED_HOST,
    hdrs.FORWARDED,
)
# More proxies in a row than anybody has; what a client may make the server look at.
_MOST_HOPS: Final = 32
_SCHEMES: Final = {"http": "http", "https": "https", "ws": "http", "wss": "https"}


class Origin(NamedTuple):
    """What proxies say of a client; None for what they don't say."""

    remote: str | None = None
    scheme: str | None = None
    host: str | None = None


class _Hop(NamedTuple):
    """What one proxy says of whom it was called by, as it says it."""

    address: str = ""
    scheme: str = ""
    host: str = ""


class _Peer(Protocol):
    """What is asked of a connection."""

    @property
    def peername(self) -> Any:
        """The peer's address as the transport has it."""


_UNKNOWN: Final = Origin()


class TrustedProxies:
    """The proxies that are believed, and the fields in which they are."""

    def __init__(self, proxies: Iterable[str], *, fields: Iterable[str] = PROXY_FIELDS) -> None:
        """Believe *proxies*.

        :param proxies: addresses and networks, ``"10.0.0.7"``, ``"10.0.0.0/8"``, ``"fd00::/8"``;
            ``"unix"`` for whoever connects to a Unix socket; ``"*"`` for everybody, where nobody
            but the proxy can connect.
        :param fields: the fields that the proxies set, of :data:`PROXY_FIELDS`.
        :raises TypeError: when *proxies* is a str instead of a list of them.
        :raises ValueError: for what is neither an address nor a network, or no such field.
        """
        if isinstance(proxies, str):
            raise TypeError(f"trusted proxies are a list of addresses, got the str {proxies!r}")
        listed = list(proxies)
        self.everybody = "*" in listed
        self.unix = self.everybody or "unix" in listed
        self._networks = [_network(text) for text in listed if text not in ("*", "unix")]
        known = {name.lower(): name for name in PROXY_FIELDS}
        chosen = list(fields)
        unknown = [name for name in chosen if name.lower() not in known]
        if unknown:
            raise ValueError(
                f"expected fields of {', '.join(PROXY_FIELDS)}, got {', '.join(unknown)}"
            )
        self.fields = frozenset(known[name.lower()] for name in chosen)
        # The same few proxies connect again and again.
        self._lists = lru_cache(maxsize=256)(self._look_up)

    def __repr__(self) -> str:
        """Show who is believed."""
        others = ["*"] * self.everybody + ["unix"] * (self.unix and not self.everybody)
        return f"<{type(self).__name__} {', '.join([*others, *map(str, self._networks)])}>"

    def origin(self, connection: _Peer, headers: CIMultiDictProxy[str]) -> Origin:
        """Return what listed proxies say of the client of a request.

        :param connection: the one that the request came over.
        :param headers: the request's.
        """
        peername = connection.peername
        if isinstance(peername, tuple):
            if not self._lists(str(peername[0])):
                return _UNKNOWN
        elif not self.unix:
            return _UNKNOWN
        if hdrs.FORWARDED in self.fields and (
            hdrs.X_FORWARDED_FOR not in self.fields or hdrs.X_FORWARDED_FOR not in headers
        ):
            values = headers.getall(hdrs.FORWARDED, ())
            if values:
                return self._standard(values)
        return self._customary(headers)

    def _look_up(self, address: str) -> bool:
        parsed = _parse_address(address.partition("%")[0])
        return parsed is not None and self._trusts(parsed)

    def _trusts(self, address: _Address) -> bool:
        return self.everybody or any(address in network for network in self._networks)

    def _standard(self, values: Iterable[str]) -> Origin:
        """Read Forwarded fields: each element says all of one hop (RFC 7239 section 4)."""
        hops = [
            _Hop(element.get("for", ""), element.get("proto", ""), element.get("host", ""))
            for element in parse_forwarded(values)
        ]
        remote, place = self._search([hop.address for hop in hops])
        # What the element of the client says of scheme and host; it may leave that to one behind.
        scheme = next((hop.scheme for hop in hops[place:] if hop.scheme), "")
        host = next((hop.host for hop in hops[place:] if hop.host), "")
        return Origin(remote, _scheme(scheme), _host(host))

    def _customary(self, headers: CIMultiDictProxy[str]) -> Origin:
        """Read X-Forwarded fields, each of them a list of its own."""
        addresses = self._list(headers, hdrs.X_FORWARDED_FOR)
        remote, place = self._search(addresses)
        schemes = self._list(headers, hdrs.X_FORWARDED_PROTO)
        hosts = self._list(headers, hdrs.X_FORWARDED_HOST)
        return Origin(
            remote,
            _scheme(_counterpart(schemes, addresses, place)),
            _host(_counterpart(hosts, addresses, place)),
        )

    def _list(self, headers: CIMultiDictProxy[str], name: str) -> list[str]:
        if name not in self.fields or name not in headers:
            return []
        return [text.strip(" \t") for text in ",".join(headers.getall(name)).split(",")]

    def _search(self, addresses: Sequence[str]) -> tuple[str | None, int]:
        """Return the client's address, None when none is known, and its place in *addresses*."""
        found, place = None, max(len(addresses) - 1, 0)
        for at in range(len(addresses) - 1, max(len(addresses) - _MOST_HOPS, 0) - 1, -1):
            address = _parse_address(addresses[at])
            if address is None:
                break
            found, place = str(address), at
            if not self._trusts(address):
                break
        return found, place


def as_trusted_proxies(
    proxies: "TrustedProxies | Iterable[str] | None",
) -> TrustedProxies | None:
    """Return what a server was told about proxies; None when none is to be believed."""
    if proxies is None or isinstance(proxies, TrustedProxies):
        return proxies
    trusted = TrustedProxies(proxies)
    return trusted if trusted.unix or trusted._networks else None


def _network(text: str) -> _Network:
    try:
        return ipaddress.ip_network(text)
    except ValueError as exc:
        raise ValueError(
            "expected trusted proxies as addresses or networks such as '10.0.0.0/8', or 'unix', "
            f"got {text!r}: {exc}"
        ) from None


def _parse_address(text: str) -> _Address | None:
    """Return the address in *text*, which may have a port and, for IPv6, brackets."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    if "%" in text:
        # A zone (RFC 4007 section 11) means something on its own host alone, and is any text.
        return None
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    # A socket that takes both versions shows IPv4 peers like this.
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return address if mapped is None else mapped


def _counterpart(values: Sequence[str], addresses: Sequence[str], place: int) -> str:
    """Return what of *values* was said by who gave the address at *place*."""
    if not values:
        return ""
    return values[place] if len(values) == len(addresses) else values[-1]


def _scheme(text: str) -> str | None:
    return _SCHEMES.get(text.lower())


def _host(text: str) -> str | None:
    return text if is_host(text) else None
