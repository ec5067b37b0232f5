"""Urlencoded forms to names and values."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_server import HTTPBadRequest, HTTPUnsupportedMediaType
from tidegate_web_server.urlencoded import (
    DECODE_STEP,
    count_fields,
    parse_urlencoded,
    read_urlencoded,
)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"", []),
        (b"a=b", [("a", "b")]),
        (b"a=b&a=c&b=", [("a", "b"), ("a", "c"), ("b", "")]),
        (b"a", [("a", "")]),
        (b"=b", [("", "b")]),
        (b"a=b=c", [("a", "b=c")]),
        (b"&&a=b&", [("a", "b")]),
        (b"a+b=c+d%2B", [("a b", "c d+")]),
        (b"%C3%A4=\xc3\xa4", [("ä", "ä")]),
        (b"a=b\r\n", [("a", "b")]),
        (b" a =b", [(" a ", "b")]),
        (b"a=1;b=2", [("a", "1;b=2")]),
    ],
)
def test_fields(body: bytes, fields: list[tuple[str, str]]) -> None:
    assert list(parse_urlencoded(body, "utf-8")) == fields
    assert count_fields(body) >= len(fields)


def test_the_charset_is_that_of_the_escapes() -> None:
    assert list(parse_urlencoded(b"a=%E4", "iso-8859-1")) == [("a", "ä")]


@pytest.mark.parametrize("body", [b"a=%", b"a=%4", b"a=%zz", b"%=a", b"a=100%&b=c"])
def test_a_bad_escape_is_a_400_that_quotes_it(body: bytes) -> None:
    with pytest.raises(HTTPBadRequest, match="Bad Request") as caught:
        list(parse_urlencoded(body, "utf-8"))
    assert "hexadecimal" in (caught.value.text or "")


def test_escapes_that_are_no_text_are_a_400() -> None:
    with pytest.raises(HTTPBadRequest):
        list(parse_urlencoded(b"a=%ff", "utf-8"))


def test_an_unknown_charset_is_a_415() -> None:
    with pytest.raises(HTTPUnsupportedMediaType):
        list(parse_urlencoded(b"", "punycode"))


async def test_a_long_body_is_decoded_by_a_thread_and_alike() -> None:
    body = b"&".join([b"a=%C3%A4"] * DECODE_STEP)
    assert await read_urlencoded(body, "utf-8") == [("a", "ä")] * DECODE_STEP
    assert await read_urlencoded(body[:8], "utf-8") == [("a", "ä")]
    with pytest.raises(HTTPBadRequest):
        await read_urlencoded(body + b"&%", "utf-8")


@given(st.lists(st.tuples(st.text(), st.text()).filter(any)))
def test_what_the_standard_library_wrote_is_read(fields: list[tuple[str, str]]) -> None:
    try:
        body = urlencode(fields).encode()
    except UnicodeEncodeError:  # a lone surrogate
        return
    assert list(parse_urlencoded(body, "utf-8")) == fields
    assert parse_qsl(body.decode(), keep_blank_values=True) == fields
    assert count_fields(body) >= len(fields)
