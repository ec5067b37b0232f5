"""Which pages may connect."""

from __future__ import annotations

import pytest
from tidegate_web_ws import HandshakeError, Origins


def allowed(origins: list[str], *given: str, host: str = "example.com") -> bool:
    try:
        Origins(origins).check(given, host)
    except HandshakeError as exc:
        return exc.status != 403
    return True


def test_a_program_that_is_no_browser_passes() -> None:
    assert allowed([])


@pytest.mark.parametrize(
    "given", ["https://example.com", "https://EXAMPLE.com", "https://example.com:443"]
)
def test_a_listed_origin_passes(given: str) -> None:
    assert allowed(["https://Example.com"], given)
    assert allowed(["https://example.com:443"], given)


@pytest.mark.parametrize(
    "given",
    [
        "http://example.com",
        "https://example.com:8443",
        "https://example.com.evil.test",
        "https://evil.test",
        "https://evil.test/https://example.com",
        "https://user@example.com",
        "null",
        "",
        "example.com",
        "https://example.com ",
    ],
)
def test_another_origin_is_refused(given: str) -> None:
    assert not allowed(["https://example.com"], given)


def test_two_origins_are_refused() -> None:
    assert not allowed(["https://example.com"], "https://example.com", "https://example.com")


@pytest.mark.parametrize(
    ("given", "host", "passes"),
    [
        ("http://localhost:8080", "localhost:8080", True),
        ("https://example.com", "example.com", True),
        ("https://example.com", "Example.com:443", True),
        ("http://localhost:8081", "localhost:8080", False),
        ("http://[::1]:80", "[::1]", True),
        ("null", "example.com", False),
    ],
)
def test_the_server_s_own_pages_can_be_allowed(given: str, host: str, passes: bool) -> None:
    assert allowed(["same"], given, host=host) is passes


def test_pages_without_an_origin_can_be_allowed() -> None:
    assert allowed(["null"], "null")
    assert not allowed(["null"], "https://example.com")


@pytest.mark.parametrize("name", ["example.com", "https://example.com/", "*", ""])
def test_what_is_no_origin_is_not_taken(name: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        Origins([name])


def test_one_str_is_not_taken() -> None:
    with pytest.raises(TypeError, match="several"):
        Origins("https://example.com")
