"""The Forwarded field: what proxies say of the clients before them (RFC 7239 section 4).

Every value is checked to be a token or a quoted string and is taken out of its quotes. What it
means, an address or a scheme, is not looked at. Anybody can send this field: believe no more
elements, counted from the end, than there are proxies of your own.

For the same reason an element that is malformed, or empty, keeps its place as an empty mapping:
were it left out, all elements before it would move up by one. Reading is lenient in that one
sense, never raises, and is linear in the value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final, cast

from .grammar import TOKEN

_TOKEN = TOKEN.pattern
# RFC 7239 section 4: forwarded-pair = token "=" ( token / quoted-string ), no white space around
# "=". An IPv6 address is always quoted; a port after an IPv4 address is often seen without quotes,
# so a colon is taken as part of a token.
_VALUE = r"(?:[!#$%&'*+\-.^_`|~0-9A-Za-z:]++)"
_QUOTED = r'"((?:[^"\\]|\\.)*+)"'
_PAIR: Final = re.compile(rf"[ \t]*+(?:({_TOKEN})=(?:({_VALUE})|{_QUOTED})[ \t]*+)?+", re.DOTALL)
_QUOTED_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)

_EMPTY: Final[Mapping[str, str]] = MappingProxyType({})


def parse_forwarded(values: Iterable[str]) -> tuple[Mapping[str, str], ...]:
    """Parse the values of all Forwarded fields of a message, in their order.

    Returns a read-only mapping for each element, the first proxy's first. Names are in lower
    case; of a repeated one the last counts. A malformed element is an empty mapping, and reading
    goes on behind the next comma.
    """
    found: list[Mapping[str, str]] = []
    for value in values:
        _parse_elements(value, found)
    return tuple(found)


def _parse_elements(value: str, found: list[Mapping[str, str]]) -> None:
    at = 0
    size = len(value)
    pairs: dict[str, str] = {}
    while True:
        # All parts of it are optional, so it matches anywhere, if only nothing.
        match = cast("re.Match[str]", _PAIR.match(value, at))
        name, token, quoted = match.groups()
        if name is not None:
            pairs[name.lower()] = _QUOTED_PAIR.sub(r"\1", quoted) if token is None else token
        at = match.end()
        if at < size and value[at] == ";":
            at += 1
            continue
        if at == size or value[at] == ",":
            found.append(MappingProxyType(pairs) if pairs else _EMPTY)
        else:
            found.append(_EMPTY)
            at = value.find(",", at)
            if at < 0:
                return
        if at == size:
            return
        at += 1
        pairs = {}
