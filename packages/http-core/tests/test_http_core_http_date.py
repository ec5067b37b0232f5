"""HTTP dates (RFC 9110 section 5.6.7)."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_http_core import format_http_date, parse_http_date

THEN = 784111777


@pytest.mark.parametrize(
    "value",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
    ],
)
def test_three_forms_of_a_date(value: str) -> None:
    assert parse_http_date(value) == THEN


def test_preferred_form_is_written() -> None:
    for _ in range(2):
        assert format_http_date(THEN) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert format_http_date(0) == "Thu, 01 Jan 1970 00:00:00 GMT"


def test_year_of_five_digits_is_refused() -> None:
    with pytest.raises(ValueError, match="four digits"):
        format_http_date(253402300800)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "now",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        "Sun, 31 Nov 1994 08:49:37 GMT",
        "Sun, 00 Nov 1994 08:49:37 GMT",
        "Wed, 29 Feb 1995 08:49:37 GMT",
        "Wed, 29 Feb 1900 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:49:37 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Sun, 06 Nov 0000 08:49:37 GMT",
        "Sun, 06 Nov \u0661\u0669\u0669\u0664 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "-1",
    ],
)
def test_not_a_date(value: str) -> None:
    assert parse_http_date(value) is None


def test_leap_days_and_leap_seconds() -> None:
    assert parse_http_date("Thu, 29 Feb 1996 00:00:00 GMT") == 825552000
    assert parse_http_date("Tue, 29 Feb 2000 00:00:00 GMT") == 951782400
    assert parse_http_date("Sat, 31 Dec 2016 23:59:60 GMT") == 1483228800


@pytest.mark.parametrize(
    ("now_year", "year"), [(None, 1994), (2026, 1994), (1990, 1994), (2044, 2094), (2043, 1994)]
)
def test_year_of_two_digits_is_at_most_fifty_years_ahead(now_year: int | None, year: int) -> None:
    seconds = parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", now_year=now_year)
    assert seconds is not None
    assert format_http_date(seconds)[12:16] == str(year)


@pytest.mark.parametrize(
    ("digits", "now_year", "year"),
    [
        ("69", None, 2069),
        ("70", None, 1970),
        ("05", 1990, 2005),
        ("77", 2026, 1977),
        ("76", 2026, 2076),
    ],
)
def test_century_of_two_digits(digits: str, now_year: int | None, year: int) -> None:
    seconds = parse_http_date(f"Sunday, 06-Nov-{digits} 08:49:37 GMT", now_year=now_year)
    assert seconds is not None
    assert format_http_date(seconds)[12:16] == str(year)


@given(st.datetimes(datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31)))
def test_dates_round_trip(when: datetime.datetime) -> None:
    seconds = int(when.replace(tzinfo=datetime.UTC, microsecond=0).timestamp())
    assert parse_http_date(format_http_date(seconds)) == seconds
