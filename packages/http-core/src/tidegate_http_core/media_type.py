"""Media types and the parameters of field values (RFC 9110 sections 8.3.1 and 5.6.6).

A value that came from a peer is parsed leniently in one sense only: what can't be understood is
None, or left out, never an exception. What is sent is quoted where it needs it, and refused where
no quoting helps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from .errors import LocalProtocolError, excerpt
from .grammar import TOKEN, VALUE_STOP

# RFC 9110 section 5.6.6: parameters = *( OWS ";" OWS [ parameter ] )
# parameter = token "=" ( token / quoted-string ), no white space around "="
_TOKEN = TOKEN.pattern
_QUOTED = r'"((?:[^"\\]|\\.)*+)"'
_PARAMETER = re.compile(rf"[ \t]*+;[ \t]*+(?:({_TOKEN})=(?:({_TOKEN})|{_QUOTED}))?+", re.DOTALL)
_QUOTED_PAIR = re.compile(r"\\(.)", re.DOTALL)
# RFC 9110 section 5.6.4: what has to stand behind a backslash in a quoted string
_ESCAPED = re.compile(r'(["\\])')

_NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type: `type` and `subtype` in lower case, `parameters` by lower-case name."""

    type: str
    subtype: str
    parameters: Mapping[str, str] = field(default_factory=lambda: _NO_PARAMETERS)

    @property
    def essence(self) -> str:
        """Type and subtype: `text/html`."""
        return f"{self.type}/{self.subtype}"

    @property
    def charset(self) -> str | None:
        """The charset parameter in lower case, None without one."""
        charset = self.parameters.get("charset")
        return None if charset is None else charset.lower()


def parse_media_type(value: str) -> MediaType | None:
    """Parse a media type with its parameters (RFC 9110 section 8.3.1).

    Returns None when there is no `type/subtype`. Parameters are read up to the first that is not
    well-formed; of a repeated one the first counts.
    """
    end = value.find(";")
    essence = value if end < 0 else value[:end]
    main, slash, subtype = essence.strip(" \t").partition("/")
    if not slash or not TOKEN.fullmatch(main) or not TOKEN.fullmatch(subtype):
        return None
    if end < 0:
        return MediaType(main.lower(), subtype.lower())
    return MediaType(
        main.lower(), subtype.lower(), MappingProxyType(parse_parameters(value, end)[0])
    )


def parse_parameters(value: str, start: int) -> tuple[dict[str, str], int]:
    """Parse `*( OWS ";" OWS [ parameter ] )` from `start` on (RFC 9110 section 5.6.6).

    Returns the parameters by lower-case name, of a repeated one the first, quoted strings taken
    apart; and where they end, which is the end of `value` when all of it was well-formed.
    """
    parameters: dict[str, str] = {}
    while parameter := _PARAMETER.match(value, start):
        name, token, quoted = parameter.groups()
        if name is not None:
            text = _QUOTED_PAIR.sub(r"\1", quoted) if token is None else token
            parameters.setdefault(name.lower(), text)
        start = parameter.end()
    return parameters, start


def format_parameters(parameters: Mapping[str, str]) -> str:
    """Return `; name=value` for each of `parameters`, to stand behind a media type or the like.

    Values that are no token become quoted strings (RFC 9110 section 5.6.6). Raises
    LocalProtocolError (a ValueError) for a name that is no token, and for a value with control
    characters.
    """
    pieces = []
    for name, value in parameters.items():
        if not TOKEN.fullmatch(name):
            raise LocalProtocolError(f"expected the name of a parameter, got {excerpt(name)}")
        if VALUE_STOP.search(value):
            raise LocalProtocolError(
                f"expected no control character in parameter {name}, got {excerpt(value)}"
            )
        if not TOKEN.fullmatch(value):
            value = '"' + _ESCAPED.sub(r"\\\1", value) + '"'
        pieces.append(f"; {name}={value}")
    return "".join(pieces)
