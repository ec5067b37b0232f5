"""The Forwarded field (RFC 7239 section 4)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import parse_forwarded

Pairs = list[dict[str, str]]


# The examples of RFC 7239 section 4 and 7.1.
@pytest.mark.parametrize(
    ("value", "elements"),
    [
        ('for="_gazonk"', [{"for": "_gazonk"}]),
        ('For="[2001:db8:cafe::17]:4711"', [{"for": "[2001:db8:cafe::17]:4711"}]),
        (
            "for=192.0.2.60;proto=http;by=203.0.113.43",
            [{"for": "192.0.2.60", "proto": "http", "by": "203.0.113.43"}],
        ),
        ("for=192.0.2.43, for=198.51.100.17", [{"for": "192.0.2.43"}, {"for": "198.51.100.17"}]),
        (
            'for=192.0.2.43, for="[2001:db8:cafe::17]"',
            [{"for": "192.0.2.43"}, {"for": "[2001:db8:cafe::17]"}],
        ),
    ],
)
def test_examples_of_the_standard(value: str, elements: Pairs) -> None:
    assert [dict(each) for each in parse_forwarded([value])] == elements


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        ('for="a,b;c=\\"d\\\\";proto=http', [{"for": 'a,b;c="d\\', "proto": "http"}]),
        ("for=1 ; by=2\t,for=3", [{"for": "1", "by": "2"}, {"for": "3"}]),
        ("for=1;;by=2;", [{"for": "1", "by": "2"}]),
        ("for=1;for=2", [{"for": "2"}]),
        ("for=192.0.2.1:8080", [{"for": "192.0.2.1:8080"}]),
        ("secret=x;for=1", [{"secret": "x", "for": "1"}]),
    ],
)
def test_pairs_of_an_element(value: str, elements: Pairs) -> None:
    assert [dict(each) for each in parse_forwarded([value])] == elements


@pytest.mark.parametrize(
    ("value", "elements"),
    [
        ("for=1, bad@@, for=3", [{"for": "1"}, {}, {"for": "3"}]),
        ("for=1;bad, for=2", [{}, {"for": "2"}]),
        ("for = 1, for=2", [{}, {"for": "2"}]),
        ('for="open, for=2', [{}, {"for": "2"}]),
        ('for="a"b, for=2', [{}, {"for": "2"}]),
        ("for=[::1]", [{}]),
        ("for=1,,for=2", [{"for": "1"}, {}, {"for": "2"}]),
        (",", [{}, {}]),
        ("", [{}]),
        ("for=é, for=2", [{}, {"for": "2"}]),
    ],
)
def test_a_malformed_element_keeps_its_place_and_says_nothing(value: str, elements: Pairs) -> None:
    assert [dict(each) for each in parse_forwarded([value])] == elements


def test_fields_follow_each_other() -> None:
    found = parse_forwarded(["for=1, for=2", "for=3"])
    assert [each["for"] for each in found] == ["1", "2", "3"]
    assert parse_forwarded([]) == ()


def test_elements_are_read_only() -> None:
    (element,) = parse_forwarded(["for=1"])
    with pytest.raises(TypeError):
        element["for"] = "2"  # type: ignore[index]  # that is the point


@settings(deadline=None)
@given(st.text('for=1;,"\\ \tx:'))
def test_a_comma_outside_of_quotes_begins_an_element(value: str) -> None:
    found = parse_forwarded([value])
    assert 1 <= len(found) <= value.count(",") + 1


def test_hostile_fields_take_linear_time() -> None:
    size = 100_000
    for value in (
        'for="a,' * size,
        "for=1;" * size,
        '"' * size,
        'for="' + "\\" * size,
        "," * size,
    ):
        assert parse_forwarded([value])
    assert parse_forwarded([" " * size + "x"]) == ({},)
