"""Hosts: RFC 9110 section 7.2, RFC 3986 section 3.2.2."""

from __future__ import annotations

import pytest
from tidegate_http_core import is_host


@pytest.mark.parametrize(
    "value",
    ["a", "example.com", "example.com:8080", "1.2.3.4", "[::1]", "[::1]:443", "a%41", "a:"],
)
def test_what_is_a_host(value: str) -> None:
    assert is_host(value)


@pytest.mark.parametrize(
    "value",
    ["", ":80", "a:65536", "a b", "a/b", "a@b", "[::1", "::1", "[1.2.3.4]", "a%4", "a\r\n", "é"],
)
def test_what_is_none(value: str) -> None:
    assert not is_host(value)
