"""Boundaries in a Content-Type, chosen and checked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_http_core import (
    BadMultipart,
    LocalProtocolError,
    MultipartParser,
    choose_boundary,
    format_multipart_type,
    parse_boundary,
)


@pytest.mark.parametrize(
    ("value", "boundary"),
    [
        ("multipart/form-data; boundary=abc", "abc"),
        ("Multipart/Mixed;charset=x;BOUNDARY=abc", "abc"),
        ('multipart/mixed; boundary="a b"; x=y', "a b"),
        ('multipart/mixed; boundary="a\\"b"', 'a"b'),
        ('multipart/mixed; x="; boundary=b"; boundary=c', "c"),
        ("multipart/mixed; boundary=----=_Part_1/2:3", "----=_Part_1/2:3"),
        ("multipart/form-data; boundary=*****", "*****"),
        (f"multipart/mixed; boundary={'a' * 70}", "a" * 70),
        ("multipart/mixed;;boundary=a;", "a"),
    ],
)
def test_the_boundary_of_a_content_type(value: str, boundary: str) -> None:
    assert parse_boundary(value) == boundary


@pytest.mark.parametrize(
    "value",
    [
        "",
        "text/plain; boundary=a",
        "multipart/mixed",
        "multipart/mixed; boundary",
        "multipart/mixed; boundary=",
        'multipart/mixed; boundary=""',
        'multipart/mixed; boundary="a',
        'multipart/mixed; boundary="a "',
        "multipart/mixed; boundary=a; boundary=b",
        "multipart/mixed; boundary=a; Boundary=a",
        f"multipart/mixed; boundary={'a' * 71}",
        "multipart/mixed; boundary=é",
        "multipart/mixed; boundary =a",
    ],
)
def test_a_content_type_without_one_sure_boundary(value: str) -> None:
    with pytest.raises(BadMultipart) as caught:
        parse_boundary(value)
    assert caught.value.status == 400


bchars = st.text("09azAZ'()+_,-./:=? ", min_size=1, max_size=70).filter(
    lambda text: not text.startswith(" ") and not text.endswith(" ")
)


@given(bchars)
def test_what_may_be_sent_is_understood(boundary: str) -> None:
    assert parse_boundary(format_multipart_type("mixed", boundary)) == boundary
    MultipartParser(boundary)


def test_a_boundary_is_quoted_only_where_it_has_to_be() -> None:
    assert format_multipart_type("mixed", "a-b") == "multipart/mixed; boundary=a-b"
    assert format_multipart_type("mixed", "a=b") == 'multipart/mixed; boundary="a=b"'


@pytest.mark.parametrize(
    ("subtype", "boundary"),
    [
        ("mixed", ""),
        ("mixed", "a "),
        ("mixed", "a" * 71),
        ("mixed", 'a"'),
        ("m x", "a"),
        ("", "a"),
    ],
)
def test_what_may_not_be_sent(subtype: str, boundary: str) -> None:
    with pytest.raises(LocalProtocolError):
        format_multipart_type(subtype, boundary)


def test_every_chosen_boundary_is_another() -> None:
    chosen = {choose_boundary() for _ in range(100)}
    assert len(chosen) == 100
    assert all(len(boundary) == 32 for boundary in chosen)
