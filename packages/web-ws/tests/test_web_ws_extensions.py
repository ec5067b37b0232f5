"""The grammar of Sec-WebSocket-Extensions (RFC 6455 section 9.1)."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_ws import HandshakeError
from tidegate_web_ws.extensions import ExtensionOffer, parse_extensions


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([], []),
        ([""], []),
        ([" , ,"], []),
        (["foo"], [("foo", ())]),
        (["foo, bar;baz"], [("foo", ()), ("bar", (("baz", None),))]),
        (["foo", "bar"], [("foo", ()), ("bar", ())]),
        (['foo; a=1; b="2" ;c'], [("foo", (("a", "1"), ("b", "2"), ("c", None)))]),
        (["foo ; a = 1 ,bar"], [("foo", (("a", "1"),)), ("bar", ())]),
    ],
)
def test_extensions_are_read_in_order(lines: list[str], expected: list[ExtensionOffer]) -> None:
    assert parse_extensions(lines) == expected


@pytest.mark.parametrize(
    "line",
    ["foo bar", ";a", "foo;", "foo;=1", "foo; a=", 'foo; a="b c"', 'foo; a="b', "a/b", "=x"],
)
def test_what_is_no_list_of_extensions_is_refused(line: str) -> None:
    with pytest.raises(HandshakeError, match="list of extensions") as caught:
        parse_extensions([line])
    assert caught.value.status == 400


@given(st.text(max_size=60))
def test_any_line_is_read_or_refused(line: str) -> None:
    with contextlib.suppress(HandshakeError):
        parse_extensions([line])


def test_a_long_line_takes_no_time() -> None:
    # Would take minutes if the pattern went back and forth.
    with pytest.raises(HandshakeError):
        parse_extensions(["a" + ";b \t" * 20_000 + "?"])
