"""What the header fields of a request say, parsed when it is asked for.

A field that is missing is None, or empty; so is what can't be understood, as the RFCs want it for
each of these fields: a cookie that is none is left out, a date that is none is no condition. The
one exception is ``http_range``, whose callers expect a ValueError for what is no range.
"""

from abc import abstractmethod
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from types import MappingProxyType

from multidict import CIMultiDictProxy
from tidegate_http_core import (
    ETag,
    hdrs,
    parse_cookies,
    parse_entity_tags,
    parse_forwarded,
    parse_http_date,
    parse_range,
)

from .exceptions import HTTPBadRequest
from .header_fields import HeaderFields

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RANGE_UNIT = "bytes"


class InvalidRange(HTTPBadRequest, ValueError):
    """The Range field does not name one range of bytes: a ValueError, and the 400 for it."""


class RequestFields(HeaderFields):
    """Reads cookies, proxies, ranges and conditions out of ``headers``."""

    @property
    @abstractmethod
    def headers(self) -> CIMultiDictProxy[str]:
        """The header fields, case-insensitive."""

    @cached_property
    def cookies(self) -> Mapping[str, str]:
        """The cookies by name, read-only; what is no cookie is left out (RFC 6265 section 5.4)."""
        fields = self.headers.getall(hdrs.COOKIE, ())
        return MappingProxyType(parse_cookies("; ".join(fields)))

    @cached_property
    def forwarded(self) -> tuple[Mapping[str, str], ...]:
        """What proxies say in Forwarded fields, a mapping for each, the first proxy's first.

        Names are in lower case; a malformed element is an empty mapping (RFC 7239 section 4).
        Anybody can send it: believe no more elements, from the end, than you have proxies.
        """
        return parse_forwarded(self.headers.getall(hdrs.FORWARDED, ()))

    @property
    def http_range(self) -> slice:
        """The range of bytes that is asked for, as a slice of the content with step 1.

        ``bytes=5-9`` is ``slice(5, 10, 1)``, ``bytes=5-`` ``slice(5, None, 1)``, the last five
        bytes, ``bytes=-5``, ``slice(-5, None, 1)``. Everything, ``slice(None, None, 1)``, without
        the field and for another unit, which is to be ignored (RFC 9110 section 14.2).

        :raises InvalidRange: (a ValueError, and a 400) for anything but one well-formed range of
            at least a byte.
        """
        value = self.headers.get(hdrs.RANGE)
        if value is None or not _is_of_bytes(value):
            return slice(None, None, 1)
        found = parse_range(value)
        if found is None or len(found.ranges) != 1:
            raise InvalidRange(text=f"expected one range of bytes in Range, got {value[:60]!a}")
        first, last = found.ranges[0]
        if first is None:
            if not last:
                raise InvalidRange(text="expected a range of at least one byte in Range")
            return slice(-last, None, 1)
        return slice(first, None if last is None else last + 1, 1)

    @property
    def if_modified_since(self) -> datetime | None:
        """The date of If-Modified-Since, in UTC; None without a valid one (RFC 9110 13.1.3)."""
        return self._date(hdrs.IF_MODIFIED_SINCE)

    @property
    def if_unmodified_since(self) -> datetime | None:
        """The date of If-Unmodified-Since, in UTC; None without a valid one (RFC 9110 13.1.4)."""
        return self._date(hdrs.IF_UNMODIFIED_SINCE)

    @property
    def if_range(self) -> datetime | None:
        """The date of If-Range, in UTC; None without one, or when it is an entity tag."""
        return self._date(hdrs.IF_RANGE)

    @property
    def if_match(self) -> tuple[ETag, ...] | None:
        """The entity tags of If-Match, None without the field; ``ETag("*")`` for any tag."""
        return self._entity_tags(hdrs.IF_MATCH)

    @property
    def if_none_match(self) -> tuple[ETag, ...] | None:
        """The entity tags of If-None-Match, None without the field; ``ETag("*")`` for any tag."""
        return self._entity_tags(hdrs.IF_NONE_MATCH)

    def _date(self, name: str) -> datetime | None:
        value = self.headers.get(name)
        if value is None:
            return None
        seconds = parse_http_date(value, now_year=datetime.now(UTC).year)
        if seconds is None:
            return None
        try:
            return _EPOCH + timedelta(seconds=seconds)
        except OverflowError:
            # The leap second at the end of the year 9999.
            return None

    def _entity_tags(self, name: str) -> tuple[ETag, ...] | None:
        values = self.headers.getall(name, None)
        return None if values is None else parse_entity_tags(",".join(values))


def _is_of_bytes(value: str) -> bool:
    """Tell whether a Range field is of the unit that this is about (RFC 9110 section 14.1)."""
    unit, equals, _ = value.partition("=")
    return not equals or unit.strip(" \t").lower() == _RANGE_UNIT
