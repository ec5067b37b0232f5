"""Hosts as they stand in a Host field, and in the fields by which proxies pass one on."""

from __future__ import annotations

from .grammar import HOST


def is_host(value: str) -> bool:
    """Say whether `value` is `uri-host [":" port]` (RFC 9110 section 7.2).

    A host that has a name, or an address, and a port that exists; it is compared with the grammar
    alone, which has more names than DNS.
    """
    return HOST.fullmatch(value) is not None
