"""Media types (RFC 9110 section 8.3.1) and parameters (section 5.6.6)."""

from __future__ import annotations

import pytest
from tidegate_http_core import MediaType, parse_media_type, parse_parameters


@pytest.mark.parametrize(
    ("value", "essence", "parameters"),
    [
        ("text/html", "text/html", {}),
        (" Text/HTML\t", "text/html", {}),
        ("text/html;charset=utf-8", "text/html", {"charset": "utf-8"}),
        ("text/html ; Charset=UTF-8 ; a=b", "text/html", {"charset": "UTF-8", "a": "b"}),
        ('a/b; x="c;d=\\"e\\\\"', "a/b", {"x": 'c;d="e\\'}),
        ('a/b; x=""', "a/b", {"x": ""}),
        ("a/b; x=1; x=2", "a/b", {"x": "1"}),
        ("a/b;", "a/b", {}),
        ("a/b; ; x=1", "a/b", {"x": "1"}),
        ("a/b; x=1; broken; y=2", "a/b", {"x": "1"}),
        ("a/b; x = 1", "a/b", {}),
        ('a/b; x="open', "a/b", {}),
        ("application/vnd.api+json", "application/vnd.api+json", {}),
        ('a/b; x="é"', "a/b", {"x": "é"}),
    ],
)
def test_media_type(value: str, essence: str, parameters: dict[str, str]) -> None:
    media_type = parse_media_type(value)
    assert media_type is not None
    assert media_type.essence == essence
    assert dict(media_type.parameters) == parameters


@pytest.mark.parametrize(
    "value", ["", "text", "text/", "/html", "te xt/html", "text/ht ml", ";a=b", "a/b/c", "a,b/c"]
)
def test_not_a_media_type(value: str) -> None:
    assert parse_media_type(value) is None


def test_charset() -> None:
    media_type = parse_media_type("text/plain; charset=ISO-8859-1")
    assert media_type is not None
    assert media_type.charset == "iso-8859-1"
    assert MediaType("a", "b").charset is None


def test_hostile_parameters_take_linear_time() -> None:
    assert parse_media_type("a/b" + "; " * 50_000) is not None
    assert parse_media_type("a/b;" + " " * 50_000 + "x") is not None
    assert parse_media_type('a/b; x="' + "\\" * 50_001) is not None


@pytest.mark.parametrize(
    ("value", "parameters", "end"),
    [
        ("", {}, 0),
        ("; a=1", {"a": "1"}, 5),
        ("; a=1 ", {"a": "1"}, 5),
        ("; a=1; b", {"a": "1"}, 7),
        (';a="x', {}, 1),
        ("a=1", {}, 0),
    ],
)
def test_parameters_end_where_they_are_not_well_formed(
    value: str, parameters: dict[str, str], end: int
) -> None:
    assert parse_parameters(value, 0) == (parameters, end)
