"""Conditional requests: what If-Match and its relatives make of a request (RFC 9110 section 13).

Asked: the four fields of a GET or HEAD, and the validators that a 200 would carry. Answered: send
it, 304 or 412. Everything here is a pure function of its arguments; nothing reads a file, a clock
or a request.

RFC 9110 section 13.2.2 fixes the order; a field with a stronger one beside it is not looked at:

====  =====================  ============================  ==========  =========================
step  field                  looked at                     comparison  when it does not hold
====  =====================  ============================  ==========  =========================
1     If-Match               always                        strong      412
2     If-Unmodified-Since    when there is no If-Match     dates       412
3     If-None-Match          always                        weak        304
4     If-Modified-Since      when there is no              dates       304
                             If-None-Match
====  =====================  ============================  ==========  =========================

What can't be understood never counts in the client's favour: a date that is none is ignored, as
the RFC wants it, and a list of entity tags is read up to the first thing that is none.
"""

import re
from enum import Enum
from typing import Final, NamedTuple

from multidict import MultiMapping
from tidegate_http_core import hdrs, parse_http_date


class Outcome(Enum):
    """What becomes of a request with preconditions; the value is the status code."""

    PASSED = 200
    NOT_MODIFIED = 304
    FAILED = 412


class EntityTag(NamedTuple):
    """An entity tag (RFC 9110 section 8.8.3): its opaque part without quotes, and its strength."""

    opaque: str
    weak: bool = False

    def __str__(self) -> str:
        """Write it as the value of an ETag field."""
        return f'W/"{self.opaque}"' if self.weak else f'"{self.opaque}"'


# entity-tag = [ %s"W/" ] DQUOTE *etagc DQUOTE, etagc = %x21 / %x23-7E / obs-text, and between two
# of them the commas of a list, of which there may be too many (section 5.6.1.2).
_ENTITY_TAG = re.compile(r'[ \t,]*+(W/)?"([^"\x00-\x20\x7f]*+)"[ \t]*+(?=,|\Z)')


def parse_entity_tags(value: str) -> list[EntityTag]:
    """Parse a list of entity tags, up to the first element that is none.

    :param value: the value of an ETag, If-Match or If-None-Match field; ``*`` is no entity tag.
    """
    tags = []
    end = 0
    while found := _ENTITY_TAG.match(value, end):
        tags.append(EntityTag(found[2], found[1] is not None))
        end = found.end()
    return tags


def matches_strongly(tags: str, current: EntityTag | None) -> bool:
    """Compare as If-Match does: two equal tags match when neither is weak; ``*`` is any file.

    :param tags: the value of the field.
    :param current: the tag that a 200 would carry, None when it would carry none.
    """
    if tags.strip(" \t") == "*":
        return True
    return current is not None and not current.weak and current in parse_entity_tags(tags)


def matches_weakly(tags: str, current: EntityTag | None) -> bool:
    """Compare as If-None-Match does: the opaque parts alone decide; ``*`` is any file.

    :param tags: the value of the field.
    :param current: the tag that a 200 would carry, None when it would carry none.
    """
    if tags.strip(" \t") == "*":
        return True
    return current is not None and any(
        tag.opaque == current.opaque for tag in parse_entity_tags(tags)
    )


class Preconditions(NamedTuple):
    """The conditional fields of one request, each as it was sent or None."""

    if_match: str | None = None
    if_unmodified_since: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None

    @classmethod
    def of(cls, headers: MultiMapping[str]) -> "Preconditions | None":
        """Take the conditional fields out of a header section; None when there is none of them."""
        if not any(name in headers for name in _FIELDS):
            return None
        # Lines of one field are one list (section 5.3); two dates so become one that is invalid.
        return cls(
            *(", ".join(headers.getall(name)) if name in headers else None for name in _FIELDS)
        )

    def evaluate(self, etag: EntityTag | None, last_modified: int | None) -> Outcome:
        """Decide about a GET or HEAD of something that exists, in the order of section 13.2.2.

        :param etag: the entity tag that a 200 would carry, None when it would carry none.
        :param last_modified: the time in seconds since 1970 that its Last-Modified would say,
            None when it would carry none.
        """
        if self.if_match is not None:
            if not matches_strongly(self.if_match, etag):
                return Outcome.FAILED
        elif _modified_since(self.if_unmodified_since, last_modified) is True:
            return Outcome.FAILED
        if self.if_none_match is not None:
            if matches_weakly(self.if_none_match, etag):
                return Outcome.NOT_MODIFIED
        elif _modified_since(self.if_modified_since, last_modified) is False:
            return Outcome.NOT_MODIFIED
        return Outcome.PASSED


# In the order of the fields of Preconditions.
_FIELDS: Final = (
    hdrs.IF_MATCH,
    hdrs.IF_UNMODIFIED_SINCE,
    hdrs.IF_NONE_MATCH,
    hdrs.IF_MODIFIED_SINCE,
)


def _modified_since(date: str | None, last_modified: int | None) -> bool | None:
    """Tell whether *last_modified* is later than *date*; None when that can't be said."""
    if date is None or last_modified is None:
        return None
    seconds = parse_http_date(date)
    return None if seconds is None else last_modified > seconds
