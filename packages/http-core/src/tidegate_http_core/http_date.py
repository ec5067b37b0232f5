"""HTTP dates (RFC 9110 section 5.6.7): all three forms are parsed, the preferred one is written.

Servers write the same second over and over, so the last one is kept.
"""

from __future__ import annotations

import re
from calendar import timegm
from time import gmtime

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONG_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NUMBERS = {name: number for number, name in enumerate(_MONTHS, 1)}
_MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)

# The last date formatted, as (seconds, text): servers format the same second over and over.
_last_date: tuple[int, str] = (0, "Thu, 01 Jan 1970 00:00:00 GMT")


def format_http_date(unix_seconds: int) -> str:
    """Return the IMF-fixdate of a time in whole seconds since 1970 (RFC 9110 section 5.6.7).

    The last second is cached. Raises what `time.gmtime` raises for a time out of its range, and
    ValueError for a year that has not four digits.
    """
    global _last_date
    seconds, text = _last_date
    if seconds == unix_seconds:
        return text
    when = gmtime(unix_seconds)
    if not 0 <= when.tm_year <= 9999:
        raise ValueError(f"expected a year of four digits, got {when.tm_year}")
    text = (
        f"{_DAYS[when.tm_wday]}, {when.tm_mday:02} {_MONTHS[when.tm_mon - 1]} {when.tm_year:04} "
        f"{when.tm_hour:02}:{when.tm_min:02}:{when.tm_sec:02} GMT"
    )
    _last_date = (unix_seconds, text)
    return text


_TIME = r"(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"
_MONTH = rf"(?P<month>{'|'.join(_MONTHS)})"
_DATE_FORMS = (
    # IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT
    re.compile(
        rf"(?:{'|'.join(_DAYS)}), (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_TIME} GMT"
    ),
    # rfc850-date: Sunday, 06-Nov-94 08:49:37 GMT
    re.compile(
        rf"(?:{'|'.join(_LONG_DAYS)}), "
        rf"(?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_TIME} GMT"
    ),
    # asctime-date: Sun Nov  6 08:49:37 1994
    re.compile(
        rf"(?:{'|'.join(_DAYS)}) {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_TIME} (?P<year>[0-9]{{4}})"
    ),
)


def parse_http_date(value: str, *, now_year: int | None = None) -> int | None:
    """Parse a date in any of the three forms of RFC 9110 section 5.6.7, case-sensitively.

    Returns whole seconds since 1970 (negative before), None for anything else. The day of the
    week is not compared with the date. The two-digit year of the obsolete rfc850-date lies at
    most 50 years after `now_year`; without one, 70 to 99 are 1970 to 1999 and the rest 20xx.
    """
    for form in _DATE_FORMS:
        match = form.fullmatch(value)
        if match is not None:
            break
    else:
        return None
    year = int(match["year"])
    if len(match["year"]) == 2:
        year = _full_year(year, now_year)
    month = _MONTH_NUMBERS[match["month"]]
    day = int(match["day"])
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    length = 28 if month == 2 and not leap else _MONTH_LENGTHS[month - 1]
    # second 60 is a leap second; year 0 is no year of timegm
    if not (1 <= day <= length and hour < 24 and minute < 60 and second <= 60 and year):
        return None
    return timegm((year, month, day, hour, minute, second))


def _full_year(year: int, now_year: int | None) -> int:
    if now_year is None:
        return year + (1900 if year >= 70 else 2000)
    year += now_year - now_year % 100
    if year > now_year + 50:
        return year - 100
    if year <= now_year - 50:
        return year + 100
    return year
