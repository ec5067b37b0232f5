"""Byte ranges: what the Range field asks for (RFC 9110 section 14).

A Range field is an offer that a server may ignore. So everything that is not a well-formed set of
byte ranges, another unit or a syntax error, is None: the request is then answered as if the field
was not there (section 14.2). A set that is well-formed, and of which nothing lies within the
content, is *unsatisfiable*: that is the 416.

Digits are ASCII digits. A position may have any number of them, none is ever refused for being
large; it then lies behind the end of any content. Reading is linear in the value.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, NamedTuple

# RFC 9110 section 14.1.1 within the list syntax of section 5.6.1:
#   int-range = first-pos "-" [ last-pos ], suffix-range = "-" suffix-length
_RANGE: Final = re.compile(r"([0-9]++)-([0-9]++)?+|-([0-9]++)")
_UNIT: Final = re.compile(r"[ \t]*+bytes=", re.IGNORECASE)

# More digits than these count content that nobody has; int() would be slow with very many.
_DIGITS: Final = 19
_BEYOND: Final = 10**_DIGITS


class ByteRange(NamedTuple):
    """One range: from `first` to `last`, both included; to the end when `last` is None.

    When `first` is None it is a suffix: the last `last` bytes.
    """

    first: int | None
    last: int | None


@dataclass(frozen=True, slots=True)
class ByteRanges:
    """A well-formed set of byte ranges, in the order of the field; at least one."""

    ranges: tuple[ByteRange, ...]

    def resolve(self, size: int) -> list[tuple[int, int]]:
        """Return the ranges as (first, last) positions within content of `size` bytes.

        Both are included, as in Content-Range. Ranges outside of the content are left out; an
        empty list says that the set is unsatisfiable (RFC 9110 section 14.1.2).
        """
        found = []
        for first, last in self.ranges:
            if first is None:
                length = min(last or 0, size)
                if length:
                    found.append((size - length, size - 1))
            elif first < size:
                found.append((first, size - 1 if last is None else min(last, size - 1)))
        return found


def parse_range(value: str) -> ByteRanges | None:
    """Parse the value of a Range field (RFC 9110 section 14.2).

    Returns None when the field is to be ignored: the unit is not `bytes`, an item is not a range,
    a range ends before it begins, or there is no range at all.
    """
    unit = _UNIT.match(value)
    if unit is None:
        return None
    ranges = []
    for item in value[unit.end() :].split(","):
        text = item.strip(" \t")
        if not text:
            continue  # RFC 9110 section 5.6.1.2: empty list elements are ignored
        match = _RANGE.fullmatch(text)
        if match is None:
            return None
        first, last, suffix = match.groups()
        if suffix is not None:
            ranges.append(ByteRange(None, _position(suffix)))
            continue
        begin, end = _position(first), None if last is None else _position(last)
        if end is not None and end < begin:
            return None
        ranges.append(ByteRange(begin, end))
    return ByteRanges(tuple(ranges)) if ranges else None


def _position(digits: str) -> int:
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _DIGITS else _BEYOND
