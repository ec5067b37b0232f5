"""The grammar of Sec-WebSocket-Extensions (RFC 6455 section 9.1), without what extensions mean.

::

    extension-list  = 1#extension
    extension       = token *( ";" token [ "=" ( token / quoted-string ) ] )

:func:`parse_extensions` reads what a client offers, over all lines of the field and in the
client's order of preference. A value that does not follow the grammar refuses the handshake, as
the section asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, NamedTuple

from .errors import HandshakeError

# RFC 9110 section 5.6.2. What is quoted has to be a token when it is unquoted (section 9.1).
_TOKEN: Final = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"  # noqa: S105 - no password
_NAME: Final = re.compile(rf"[ \t]*({_TOKEN})[ \t]*")
_PARAMETER: Final = re.compile(
    rf';[ \t]*({_TOKEN})[ \t]*(?:=[ \t]*(?:({_TOKEN})|"({_TOKEN})")[ \t]*)?'
)
_EMPTY: Final = re.compile(r"[ \t]*(?:,|$)")


class ExtensionOffer(NamedTuple):
    """One extension with its parameters, as (name, value); None for one without a value."""

    name: str
    parameters: tuple[tuple[str, str | None], ...]


def parse_extensions(lines: Iterable[str]) -> list[ExtensionOffer]:
    """Return the extensions of all *lines* of a Sec-WebSocket-Extensions field.

    :raises HandshakeError: (400) when a line does not follow the grammar.
    """
    offers: list[ExtensionOffer] = []
    for line in lines:
        position = 0
        while position < len(line):
            # Empty elements of a list count for nothing (RFC 9110 section 5.6.1.2).
            if (empty := _EMPTY.match(line, position)) is not None:
                position = empty.end()
                continue
            offer, position = _parse_extension(line, position)
            offers.append(offer)
    return offers


def _parse_extension(line: str, position: int) -> tuple[ExtensionOffer, int]:
    """Read one extension and the comma behind it."""
    match = _NAME.match(line, position)
    if match is None:
        raise _malformed(line)
    name = match[1]
    position = match.end()
    parameters: list[tuple[str, str | None]] = []
    while (match := _PARAMETER.match(line, position)) is not None:
        parameters.append((match[1], match[2] or match[3]))
        position = match.end()
    if position < len(line):
        if line[position] != ",":
            raise _malformed(line)
        position += 1
    return ExtensionOffer(name, tuple(parameters)), position


def _malformed(line: str) -> HandshakeError:
    return HandshakeError(400, f"expected a list of extensions, got {line[:80]!a}")
