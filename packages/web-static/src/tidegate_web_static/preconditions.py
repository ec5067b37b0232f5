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

If-Range is no precondition of the request but of its Range field: :func:`range_applies`.

What can't be understood never counts in the client's favour: a date that is none is ignored, as
the RFC wants it, and a list of entity tags is read up to the first thing that is none.
"""

from enum import Enum
from typing import Final, NamedTuple

from multidict import MultiMapping
from tidegate_http_core import (
    ETAG_ANY,
    ETag,
    hdrs,
    parse_entity_tag,
    parse_entity_tags,
    parse_http_date,
)


class Outcome(Enum):
    """What becomes of a request with preconditions; the value is the status code."""

    PASSED = 200
    NOT_MODIFIED = 304
    FAILED = 412


def matches_strongly(tags: str, current: ETag | None) -> bool:
    """Compare as If-Match does: two equal tags match when neither is weak; ``*`` is any file.

    :param tags: the value of the field.
    :param current: the tag that a 200 would carry, None when it would carry none.
    """
    if tags.strip(" \t") == ETAG_ANY:
        return True
    return current is not None and any(map(current.strong_match, parse_entity_tags(tags)))


def matches_weakly(tags: str, current: ETag | None) -> bool:
    """Compare as If-None-Match does: the opaque parts alone decide; ``*`` is any file.

    :param tags: the value of the field.
    :param current: the tag that a 200 would carry, None when it would carry none.
    """
    if current is not None and tags == str(current):
        return True  # as nearly always: the one tag that it was given
    if tags.strip(" \t") == ETAG_ANY:
        return True
    return current is not None and any(map(current.weak_match, parse_entity_tags(tags)))


def range_applies(if_range: str | None, etag: ETag | None, last_modified: int | None) -> bool:
    """Tell whether a Range field counts, given the If-Range field beside it (section 13.1.5).

    An entity tag has to match strongly. A date has to be the very Last-Modified, and says nothing
    about a file whose tag is weak: it may have changed twice within that second.

    :param if_range: the value of the field, None without one: then the range counts.
    """
    if if_range is None:
        return True
    tag = parse_entity_tag(if_range)
    if tag is not None:
        return etag is not None and etag.strong_match(tag)
    if etag is not None and etag.is_weak:
        return False
    return last_modified is not None and parse_http_date(if_range) == last_modified


class Preconditions(NamedTuple):
    """The conditional fields of one request, each as it was sent or None."""

    if_match: str | None = None
    if_unmodified_since: str | None = None
    if_none_match: str | None = None
    if_modified_since: str | None = None

    @classmethod
    def of(cls, headers: MultiMapping[str]) -> "Preconditions | None":
        """Take the conditional fields out of a header section; None when there is none of them."""
        found = [_joined(headers, name) if name in headers else None for name in _FIELDS]
        return None if found == _NONE else cls(*found)

    def evaluate(self, etag: ETag | None, last_modified: int | None) -> Outcome:
        """Decide about a GET or HEAD of something that exists, in the order of section 13.2.2.

        :param etag: the entity tag that a 200 would carry, None when it would carry none.
        :param last_modified: the time in seconds since 1970 that its Last-Modified would say,
            None when it would carry none.
        """
        if self.if_match is not None:
            if not matches_strongly(self.if_match, etag):
                return Outcome.FAILED
        elif (
            self.if_unmodified_since is not None
            and _modified_since(self.if_unmodified_since, last_modified) is True
        ):
            return Outcome.FAILED
        if self.if_none_match is not None:
            if matches_weakly(self.if_none_match, etag):
                return Outcome.NOT_MODIFIED
        elif (
            self.if_modified_since is not None
            and _modified_since(self.if_modified_since, last_modified) is False
        ):
            return Outcome.NOT_MODIFIED
        return Outcome.PASSED


# In the order of the fields of Preconditions.
_FIELDS: Final = (
    hdrs.IF_MATCH,
    hdrs.IF_UNMODIFIED_SINCE,
    hdrs.IF_NONE_MATCH,
    hdrs.IF_MODIFIED_SINCE,
)
_NONE: Final = [None] * len(_FIELDS)


def _joined(headers: MultiMapping[str], name: str) -> str:
    """Give the value of a field that is there.

    Lines of one field are one list (section 5.3); two dates so become one that is invalid.
    """
    values = headers.getall(name)
    return values[0] if len(values) == 1 else ", ".join(values)


def _modified_since(date: str, last_modified: int | None) -> bool | None:
    """Tell whether *last_modified* is later than *date*; None when that can't be said."""
    if last_modified is None:
        return None
    seconds = parse_http_date(date)
    return None if seconds is None else last_modified > seconds
