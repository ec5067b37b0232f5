"""Connection, Upgrade and Keep-Alive (RFC 9110 sections 5.6.1, 7.6.1 and 7.8)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import (
    KeepAlive,
    UpgradeProtocol,
    parse_keep_alive,
    parse_token_list,
    parse_upgrade,
)


@pytest.mark.parametrize(
    ("value", "tokens"),
    [
        ("close", ("close",)),
        ("Keep-Alive, Upgrade", ("keep-alive", "upgrade")),
        (" a ,,\tb, ", ("a", "b")),
        ("", ()),
        ("a b, c", ("c",)),
        ('a, "b", c', ("a", "c")),
        # KELVIN SIGN is a k once it is folded, and no token before.
        ("\u212aeep-alive, close", ("close",)),
    ],
)
def test_token_list(value: str, tokens: tuple[str, ...]) -> None:
    assert parse_token_list(value) == tokens


@pytest.mark.parametrize(
    ("value", "protocols"),
    [
        ("websocket", [("websocket", None)]),
        ("WebSocket", [("websocket", None)]),
        ("HTTP/2.0, IRC/6.9 , RTA/x11", [("http", "2.0"), ("irc", "6.9"), ("rta", "x11")]),
        ("h2c, bad one, /1, a/, a/b/c, x", [("h2c", None), ("x", None)]),
        ("", []),
    ],
)
def test_upgrade(value: str, protocols: list[tuple[str, str | None]]) -> None:
    assert parse_upgrade(value) == tuple(UpgradeProtocol(*each) for each in protocols)


@pytest.mark.parametrize(
    ("value", "timeout", "most"),
    [
        ("timeout=5, max=100", 5, 100),
        ("Max=7", None, 7),
        ('timeout="5"', 5, None),
        ("timeout = 5", 5, None),
        ("timeout=5, timeout=6", 5, None),
        ("timeout=-1, max=1.5", None, None),
        ('timeout="5, max=2', None, 2),
        ("timeout=9999999999", None, None),
        ("300", None, None),
        ("", None, None),
    ],
)
def test_keep_alive(value: str, timeout: int | None, most: int | None) -> None:
    assert parse_keep_alive(value) == KeepAlive(timeout, most)


@settings(deadline=None)
@given(st.text())
def test_no_text_is_refused(value: str) -> None:
    parse_token_list(value)
    parse_upgrade(value)
    parse_keep_alive(value)


def test_long_lists_take_linear_time() -> None:
    assert len(parse_token_list("a," * 200_000)) == 200_000
    assert parse_token_list("a b" * 200_000) == ()
    assert parse_upgrade("a/" * 200_000) == ()
    assert parse_keep_alive("timeout" + " " * 200_000) == KeepAlive()
