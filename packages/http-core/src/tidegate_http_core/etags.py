"""Entity tags: what ETag, If-Match and If-None-Match say (RFC 9110 sections 8.8.3 and 13.1).

A tag is an opaque text, and weak when it stands for content that is equivalent rather than equal
byte for byte. So there are two ways to compare: strong (If-Match, If-Range) and weak
(If-None-Match), the table of section 8.8.3.2.

Lists are read leniently, item by item: what is no entity tag is left out and the others count. A
tag that was left out matches nothing, which errs on the safe side for both fields: If-Match then
fails, and If-None-Match then sends the content once more. Reading is linear in the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

# RFC 9110 sections 13.1.1 and 13.1.2: in the place of a list, any tag at all.
ETAG_ANY: Final = "*"

# RFC 9110 section 8.8.3: entity-tag = [ %s"W/" ] DQUOTE *etagc DQUOTE
# etagc = %x21 / %x23-7E / obs-text, which is text outside ASCII once it is decoded
_TAG = r'(W/)?"([\x21\x23-\x7e\x80-\U0010ffff]*+)"'
_ENTITY_TAG: Final = re.compile(_TAG)
# One item of a list: a tag that a comma or the end follows, or whatever is there up to a comma.
# A tag may hold commas. Each quote begins one search at most, and that ends at the next quote.
# Commas are matched without an item behind them, too: else each of many would begin a search.
_ITEM: Final = re.compile(rf"[ \t,]*+(?:{_TAG}(?=[ \t]*+(?:,|\Z))[ \t]*+|[^,]++)?+")


@dataclass(frozen=True, slots=True)
class ETag:
    """An entity tag (RFC 9110 section 8.8.3): `value` without its quotes, and whether it is weak.

    `ETag("*")` stands for any tag, where a field says `*`.
    """

    value: str
    is_weak: bool = False

    def strong_match(self, other: ETag) -> bool:
        """Compare strongly: equal, and neither is weak (RFC 9110 section 8.8.3.2)."""
        return not self.is_weak and not other.is_weak and self.value == other.value

    def weak_match(self, other: ETag) -> bool:
        """Compare weakly: equal, weak or not (RFC 9110 section 8.8.3.2)."""
        return self.value == other.value

    def __str__(self) -> str:
        """Return the form of a field: `"xyz"`, `W/"xyz"`, or `*` for any tag.

        The value is not checked: whoever sends one makes sure with `is_etag_value`.
        """
        if self.value == ETAG_ANY:
            return ETAG_ANY
        return f'W/"{self.value}"' if self.is_weak else f'"{self.value}"'


def is_etag_value(value: str) -> bool:
    """Say whether `value` can stand between the quotes of an entity tag."""
    return _ENTITY_TAG.fullmatch(f'"{value}"') is not None


def parse_entity_tag(value: str) -> ETag | None:
    """Parse one entity tag, as in ETag and If-Range; None when it is none (`*` is none, too).

    The tag `"*"`, with quotes, is taken for none: as an `ETag` it would stand for any tag.
    """
    match = _ENTITY_TAG.fullmatch(value.strip(" \t"))
    if match is None or match[2] == ETAG_ANY:
        return None
    return ETag(match[2], match[1] is not None)


def parse_entity_tags(value: str) -> tuple[ETag, ...]:
    """Parse the value of If-Match or If-None-Match (RFC 9110 sections 13.1.1 and 13.1.2).

    Returns `(ETag("*"),)` for `*` alone; otherwise the well-formed tags of the list in their
    order. What is no tag is left out, and so is `"*"` with quotes (see `parse_entity_tag`).
    """
    if value.strip(" \t") == ETAG_ANY:
        return (ETag(ETAG_ANY),)
    return tuple(
        ETag(match[2], match[1] is not None)
        for match in _ITEM.finditer(value)
        if match[2] is not None and match[2] != ETAG_ANY
    )
