"""Rules for hosts: domains and masks of them."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_web_routing import AbstractRuleMatching, Domain, MaskDomain


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("example.com", "example.com"),
        ("EXAMPLE.com", "example.com"),
        ("example.com:80", "example.com"),
        ("example.com:8080", "example.com:8080"),
        ("example.com:08080", "example.com:8080"),
        ("example.com.", "example.com"),
        ("é.com", "xn--9ca.com"),
        ("localhost", "localhost"),
        ("1.2.3.4", "1.2.3.4"),
    ],
)
def test_a_domain_is_kept_in_lower_case_ascii_and_without_port_80(
    written: str, canonical: str
) -> None:
    for rule in (Domain(written), MaskDomain(written)):
        assert rule.canonical == canonical
        assert rule.get_info() == {"domain": canonical}
        assert repr(rule) == f"<{type(rule).__name__} {canonical}>"


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "must not be empty"),
        ("http://a.b", "a scheme is not part of a domain"),
        ("a/b", "'a/b' is not a label"),
        ("ex ample", "'ex ample' is not a label"),
        ("-a.b", "'-a' is not a label"),
        ("a-.b", "'a-' is not a label"),
        (".a", "'' is not a label"),
        ("a..b", "'' is not a label"),
        ("a_b.c", "'a_b' is not a label"),
        ("[::1]", "is not a port"),
        ("a:", "'' is not a port"),
        ("a:65536", "'65536' is not a port"),
        ("a:x", "'x' is not a port"),
        ("x" * 64 + ".com", "is not a label"),
        (".".join(["x" * 60] * 5), "at most 253 characters"),
        ("é\u0300\u200d.com", "has no IDNA form"),
        ("*.example.com", "'\\*' is not a label"),
    ],
)
def test_what_is_no_domain_is_refused(written: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Domain(written)


@pytest.mark.parametrize("written", [None, 5, b"a.b"])
def test_a_domain_is_a_str(written: Any) -> None:
    with pytest.raises(TypeError, match="a domain must be a str, got"):
        Domain(written)


def test_a_mask_is_checked_like_a_domain() -> None:
    with pytest.raises(ValueError, match="'a_b' is not a label"):
        MaskDomain("*.a_b.c")


@pytest.mark.parametrize(
    ("rule", "host", "matches"),
    [
        (Domain("example.com"), "example.com", True),
        (Domain("example.com"), "EXAMPLE.COM", True),
        (Domain("example.com"), "example.com:8080", True),
        (Domain("example.com"), "www.example.com", False),
        (Domain("example.com"), "", False),
        (Domain("example.com:8080"), "example.com:8080", True),
        (Domain("example.com:8080"), "example.com:80", False),
        (Domain("example.com:8080"), "example.com", False),
        (MaskDomain("*.example.com"), "www.example.com", True),
        (MaskDomain("*.example.com"), "a.b.example.com:81", True),
        (MaskDomain("*.example.com"), "WWW.EXAMPLE.com", True),
        (MaskDomain("*.example.com"), "example.com", False),
        (MaskDomain("*.example.com"), "www.example.org", False),
        (MaskDomain("*.example.com:81"), "www.example.com", False),
        (MaskDomain("a*.b"), "axy.b", True),
        (MaskDomain("a*.b"), "a.b", True),
        (MaskDomain("a*a.b"), "a.b", False),
        (MaskDomain("*.x.*.com"), "a.x.b.com", True),
        (MaskDomain("*.x.*.com"), "a.y.b.com", False),
        (MaskDomain("*a*a*.b"), "xaxa.b", True),
        (MaskDomain("*a*a*.b"), "xa.b", False),
        (MaskDomain("**.com"), "a.com", True),
        (MaskDomain("*"), "anything:1", True),
        (MaskDomain("a.b"), "a.b", True),
        (MaskDomain("a.b"), "a.c", False),
    ],
    ids=str,
)
async def test_a_rule_is_compared_with_a_host(rule: Domain, host: str, matches: bool) -> None:
    assert rule.match_domain(host) is matches
    assert await rule.match(SimpleNamespace(host=host)) is matches


async def test_a_request_without_a_host_matches_no_domain() -> None:
    assert await MaskDomain("*").match(SimpleNamespace(host=None)) is False


def glob(mask: str, name: str) -> bool:
    """Match a mask in the plainest way, by trying everything."""
    if not mask:
        return not name
    if mask[0] == "*":
        return any(glob(mask[1:], name[at:]) for at in range(len(name) + 1))
    return name[:1] == mask[0] and glob(mask[1:], name[1:])


@settings(deadline=None)
@given(
    st.lists(st.text("ab*", min_size=1, max_size=4), min_size=1, max_size=3).map(".".join),
    st.text("ab.", max_size=8),
)
def test_a_mask_matches_what_trying_everything_matches(mask: str, name: str) -> None:
    assert MaskDomain(mask).match_domain(name) is glob(mask, name)


def test_a_rule_of_ones_own_says_three_things() -> None:
    with pytest.raises(TypeError, match="abstract"):
        AbstractRuleMatching()  # type: ignore[abstract]  # that is what is tested
