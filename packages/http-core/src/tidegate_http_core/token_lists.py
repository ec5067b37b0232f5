"""Lists of tokens: Connection, Upgrade, Keep-Alive and fields like them (RFC 9110 section 5.6.1).

Reading is lenient, item by item: what is not of the field's syntax is left out and the others
count. Tokens are compared without regard to case, so they are given in lower case; a token is
ASCII, so no other letter folds to one. Reading is linear in the value.

A field that came in several lines is one list: join the lines with commas first (section 5.3).
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from .grammar import TOKEN

_TOKEN = TOKEN.pattern
# RFC 9110 section 7.8: protocol = protocol-name ["/" protocol-version], both tokens
_PROTOCOL: Final = re.compile(rf"({_TOKEN})(?:/({_TOKEN}))?+")
# RFC 2068 section 19.7.1.1: timeout=5, max=100; the value in quotes is seen too
_KEEP_ALIVE: Final = re.compile(r'(timeout|max)[ \t]*+=[ \t]*+("?)([0-9]{1,9})\2', re.IGNORECASE)


class UpgradeProtocol(NamedTuple):
    """A protocol of an Upgrade field: its name in lower case, its version as sent or None."""

    name: str
    version: str | None


class KeepAlive(NamedTuple):
    """The parameters of a Keep-Alive field: seconds, and requests; None where not given."""

    timeout: int | None = None
    max: int | None = None


def parse_token_list(value: str) -> tuple[str, ...]:
    """Parse a list of tokens such as Connection, Vary or Trailer; in lower case, in order.

    Empty elements and what is no token are left out.
    """
    items = (item.strip(" \t") for item in value.split(","))
    return tuple(item.lower() for item in items if TOKEN.fullmatch(item))


def parse_upgrade(value: str) -> tuple[UpgradeProtocol, ...]:
    """Parse the value of an Upgrade field (RFC 9110 section 7.8), in order of preference.

    Elements that are no protocol are left out.
    """
    found = []
    for item in value.split(","):
        match = _PROTOCOL.fullmatch(item.strip(" \t"))
        if match is not None:
            found.append(UpgradeProtocol(match[1].lower(), match[2]))
    return tuple(found)


def parse_keep_alive(value: str) -> KeepAlive:
    """Parse the value of a Keep-Alive field (RFC 2068 section 19.7.1.1).

    It is a hint of a peer about its own waiting, never a promise. Of a repeated parameter the
    first counts; numbers of more than nine digits, and what is not known, are left out.
    """
    found: dict[str, int] = {}
    for item in value.split(","):
        match = _KEEP_ALIVE.fullmatch(item.strip(" \t"))
        if match is not None:
            found.setdefault(match[1].lower(), int(match[3]))
    return KeepAlive(found.get("timeout"), found.get("max"))
