"""Accept and Accept-Encoding (RFC 9110 sections 12.4.2, 12.5.1 and 12.5.3)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import accepts, choose_coding, parse_accept, parse_accept_encoding

# The example of RFC 9110 section 12.5.1, its table below.
EXAMPLE = (
    "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
    "text/plain;format=fixed;q=0.4, */*;q=0.5"
)


@pytest.mark.parametrize(
    ("media_type", "weight"),
    [
        ("text/plain;format=flowed", 1),
        ("text/plain", 0.7),
        ("text/html", 0.3),
        ("image/jpeg", 0.5),
        ("text/plain;format=fixed", 0.4),
        ("text/html;level=3", 0.3),
    ],
)
def test_example_of_the_standard(media_type: str, weight: float) -> None:
    assert accepts(EXAMPLE, media_type) == weight


@pytest.mark.parametrize(
    ("accept", "media_type", "weight"),
    [
        (None, "text/html", 1),
        ("", "text/html", 1),
        (" , ", "text/html", 1),
        ("garbage", "text/html", 1),
        ("*/*", "text/html", 1),
        ("text/html", "application/json", 0),
        ("text/html;q=0, */*", "text/html", 0),
        ("TEXT/HTML;Q=0.5", "text/html", 0.5),
        ("text/html", "Text/Html", 1),
        ("text/*;q=0.2", "text/html;charset=utf-8", 0.2),
        ("text/html;charset=UTF-8", "text/html;charset=utf-8", 1),
        ("text/html;charset=latin-1", "text/html;charset=utf-8", 0),
        ("text/html;level=1;q=0.4;ext=1", "text/html;level=1", 0.4),
        ("text/html;q=0.1, text/html;q=0.9", "text/html", 0.9),
        ("*/html", "text/html", 0),
        # What Java's own client sends by default.
        ("text/html, image/gif, *; q=.2, */*; q=.2", "application/json", 0.2),
    ],
)
def test_weight_of_a_media_type(accept: str | None, media_type: str, weight: float) -> None:
    assert accepts(accept, media_type) == weight


@pytest.mark.parametrize("media_type", ["", "text", "text/", "*"])
def test_what_is_no_media_type_is_refused(media_type: str) -> None:
    with pytest.raises(ValueError, match="media type"):
        accepts("*/*", media_type)


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("a/b", ["a/b"]),
        ("a/b, x, c/d;q=2, e/f;q=1.1, g/h;q=x, i/j;broken, k/l", ["a/b", "k/l"]),
        ('a/b;x="1,2;q=0", c/d', ["a/b", "c/d"]),
        ('a/b;x="open, c/d', []),
        ("a/b;q=0.12345, c/d;q=1.000", ["a/b", "c/d"]),
        ("a/b c, d/e", ["d/e"]),
    ],
)
def test_items_of_accept(value: str, found: list[str]) -> None:
    assert [f"{each.type}/{each.subtype}" for each in parse_accept(value)] == found


def test_parameters_behind_the_weight_are_no_part_of_the_range() -> None:
    (media_range,) = parse_accept('a/b;x="y z";q=0.5;ext=1')
    assert dict(media_range.parameters) == {"x": "y z"}
    assert media_range.weight == 0.5


@pytest.mark.parametrize(
    ("value", "weights"),
    [
        ("gzip, deflate, br", {"gzip": 1, "deflate": 1, "br": 1}),
        ("GZIP;Q=0.5 , x-gzip, *;q=0", {"gzip": 0.5, "*": 0}),
        ("identity;q=0.5, gzip ; q=1.0", {"identity": 0.5, "gzip": 1}),
        ("gzip;q=, br;q=2, deflate;x=1, zs td, zstd", {"zstd": 1}),
        ("gzip;q=.5, br;q=0., deflate;q=1.", {"gzip": 0.5, "br": 0, "deflate": 1}),
        ("", {}),
    ],
)
def test_accept_encoding(value: str, weights: dict[str, float]) -> None:
    assert parse_accept_encoding(value) == weights


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        (None, None),
        ("", None),
        ("gzip", "gzip"),
        ("gzip, br", "br"),
        ("gzip, br;q=0.9", "gzip"),
        ("gzip;q=0", None),
        ("gzip;q=0, *", "br"),
        ("*", "br"),
        ("*;q=0", None),
        ("*, br;q=0", "gzip"),
        ("compress", None),
        ("identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("identity;q=0, gzip;q=0.1", "gzip"),
        ("x-gzip", "gzip"),
    ],
)
def test_choice_of_a_coding(accept: str | None, chosen: str | None) -> None:
    assert choose_coding(accept, ["br", "gzip"]) == chosen


def test_identity_among_what_is_available_changes_nothing() -> None:
    assert choose_coding("identity, gzip", ["identity", "gzip"]) == "gzip"
    assert choose_coding("*", ["identity"]) is None


@settings(deadline=None)
@given(st.text('*/;,q=0.15"\\ ax'))
def test_no_text_is_refused(value: str) -> None:
    assert 0 <= accepts(value, "a/x") <= 1
    assert choose_coding(value, ["ax"]) in ("ax", None)


def test_hostile_fields_take_linear_time() -> None:
    size = 100_000
    for value in ('"' * size, '"a\\' * size, "a/b;" * size, "a/b;x" + " " * size, "0." * size):
        parse_accept(value)
        parse_accept_encoding(value)
    assert len(parse_accept("a/b," * size)) == size
