"""What a client would like to get: Accept and Accept-Encoding (RFC 9110 section 12.5).

Each item of these lists has a weight between 0, not acceptable, and 1. Items are read leniently:
one that is malformed is left out and the others count. Two habits of old clients are understood
besides the RFC's grammar: `*` for `*/*`, and weights such as `.2`, or with more than three digits.
Reading is linear in the value; a comparison is linear in the number of items.

A preference is never a reason to fail: with none of its wishes fulfilled a client still gets what
there is, unless the program that asks decides otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from .grammar import TOKEN
from .media_type import parse_parameters

_TOKEN = TOKEN.pattern
# RFC 9110 section 12.4.2: qvalue = ( "0" [ "." 0*3DIGIT ] ) / ( "1" [ "." 0*3("0") ] )
_WEIGHT: Final = re.compile(r"0?+\.[0-9]++|0\.?|1(?:\.0*+)?")
# The items of a list: a comma within quotes belongs to the item. A quote that nothing closes
# takes the rest of the value with it.
_ITEM: Final = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*+(?:"|\\?\Z))++', re.DOTALL)
_RANGE: Final = re.compile(rf"[ \t]*+(?:({_TOKEN})/({_TOKEN})|\*)")
_CODING: Final = re.compile(
    rf"({_TOKEN})[ \t]*+(?:;[ \t]*+[qQ]=(0?+\.[0-9]++|0\.?|1(?:\.0*+)?))?+[ \t]*+"
)

# RFC 9110 sections 8.4.1.1 and 8.4.1.3: names that mean the same.
_ALIASES: Final = {"x-gzip": "gzip", "x-compress": "compress"}


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One item of Accept: `type` and `subtype` in lower case, either may be `*`; the weight."""

    type: str
    subtype: str
    parameters: Mapping[str, str]
    weight: float

    def precedence(self, type: str, subtype: str, parameters: Mapping[str, str]) -> int:
        """Return how closely this range names a media type; -1 when it does not match.

        A range with parameters asks for all of them, and each makes it more specific (RFC 9110
        section 12.5.1).
        """
        if self.type == "*":
            matched = 0 if self.subtype == "*" else -1
        elif self.type != type:
            matched = -1
        elif self.subtype == "*":
            matched = 1
        else:
            matched = 2 if self.subtype == subtype else -1
        if matched < 0 or not self.parameters:
            return matched
        for name, value in self.parameters.items():
            if parameters.get(name, "").lower() != value.lower():
                return -1
        return 2 + len(self.parameters)


def parse_accept(value: str) -> tuple[MediaRange, ...]:
    """Parse the value of an Accept field (RFC 9110 section 12.5.1), in its order.

    What stands behind the weight, extensions of an older standard, is not looked at.
    """
    found = []
    for item in _ITEM.findall(value):
        match = _RANGE.match(item)
        if match is None:
            continue
        parameters, end = parse_parameters(item, match.end())
        if item[end:].strip(" \t"):
            continue
        weight = 1.0
        if "q" in parameters:
            if not _WEIGHT.fullmatch(parameters["q"]):
                continue
            weight = float(parameters["q"])
            names = list(parameters)
            for name in names[names.index("q") :]:
                del parameters[name]
        found.append(
            MediaRange((match[1] or "*").lower(), (match[2] or "*").lower(), parameters, weight)
        )
    return tuple(found)


def accepts(accept: str | None, media_type: str) -> float:
    """Return the weight, 0 to 1, that the value of an Accept field gives to a media type.

    The most specific range that matches decides (RFC 9110 section 12.5.1), and 0 is for a type
    that is not acceptable. Without a field (None), or with none of its items understood, every
    type has 1. `media_type` is lower-case `type/subtype`, with parameters if they matter.

    Raises ValueError when `media_type` is none.
    """
    match = _RANGE.match(media_type)
    if match is None or match[1] is None:
        raise ValueError(f"expected a media type such as 'text/html', got {media_type!r}")
    ranges = () if accept is None else parse_accept(accept)
    if not ranges:
        return 1.0
    parameters, _ = parse_parameters(media_type, match.end())
    main, subtype = match[1].lower(), match[2].lower()
    best, weight = -1, 0.0
    for media_range in ranges:
        precedence = media_range.precedence(main, subtype, parameters)
        if precedence > best or (precedence == best >= 0 and media_range.weight > weight):
            best, weight = precedence, media_range.weight
    return weight


def parse_accept_encoding(value: str) -> dict[str, float]:
    """Parse the value of an Accept-Encoding field (RFC 9110 section 12.5.3).

    Returns the weights by content coding in lower case, `*` and `identity` among them where they
    are named; `x-gzip` is `gzip` (section 8.4.1.3). Of a repeated coding the first counts.
    """
    found: dict[str, float] = {}
    for item in value.split(","):
        match = _CODING.fullmatch(item.strip(" \t"))
        if match is not None:
            name = match[1].lower()
            weight = 1.0 if match[2] is None else float(match[2])
            found.setdefault(_ALIASES.get(name, name), weight)
    return found


def choose_coding(accept_encoding: str | None, available: Sequence[str]) -> str | None:
    """Choose the content coding for a response (RFC 9110 section 12.5.3).

    `accept_encoding` is the value of the field, None without one; `available` are the codings
    that can be made, the preferred one first. Returns the available coding with the highest
    weight above 0, the first of several with the same; None stands for `identity`: when nothing
    else is acceptable, and when the client likes it better.
    """
    if accept_encoding is None:
        return None
    weights = parse_accept_encoding(accept_encoding)
    others = weights.get("*", 0.0)
    chosen, best = None, 0.0
    for coding in available:
        weight = weights.get(coding, others)
        if weight > best and coding != "identity":
            chosen, best = coding, weight
    return None if weights.get("identity", 0.0) > best else chosen
