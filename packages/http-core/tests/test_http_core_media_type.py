"""Media types (RFC 9110 section 8.3.1) and parameters (section 5.6.6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_http_core import (
    LocalProtocolError,
    MediaType,
    format_parameters,
    parse_media_type,
    parse_parameters,
)


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


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({}, ""),
        ({"charset": "utf-8", "a": "b"}, "; charset=utf-8; a=b"),
        ({"boundary": "a b"}, '; boundary="a b"'),
        ({"a": ""}, '; a=""'),
        ({"a": 'b"c\\d'}, '; a="b\\"c\\\\d"'),
    ],
)
def test_values_that_are_no_token_are_quoted(parameters: dict[str, str], text: str) -> None:
    assert format_parameters(parameters) == text


@pytest.mark.parametrize("parameters", [{"a b": "c"}, {"": "c"}, {"a": "b\r\nc"}, {"a": "\0"}])
def test_parameters_that_can_not_be_sent(parameters: dict[str, str]) -> None:
    with pytest.raises(LocalProtocolError):
        format_parameters(parameters)


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_what_was_formatted_is_parsed(value: str) -> None:
    text = format_parameters({"a": value})
    assert parse_parameters(text, 0) == ({"a": value}, len(text))
