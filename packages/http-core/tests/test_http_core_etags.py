"""Entity tags (RFC 9110 section 8.8.3) and lists of them (sections 13.1.1 and 13.1.2)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import (
    ETAG_ANY,
    ETag,
    is_etag_value,
    parse_entity_tag,
    parse_entity_tags,
)


@pytest.mark.parametrize(
    ("value", "tag"),
    [
        ('"xyzzy"', ETag("xyzzy")),
        ('W/"xyzzy"', ETag("xyzzy", is_weak=True)),
        ('""', ETag("")),
        (' "a"\t', ETag("a")),
        ('"a,b"', ETag("a,b")),
        ('"a\\"', ETag("a\\")),
        ('"é"', ETag("é")),
    ],
)
def test_an_entity_tag(value: str, tag: ETag) -> None:
    assert parse_entity_tag(value) == tag


@pytest.mark.parametrize(
    "value",
    [
        "",
        "a",
        '"a',
        'a"',
        'w/"a"',
        'W/ "a"',
        '"a b"',
        '"a""b"',
        '"a"b',
        "*",
        '"*"',
        "'a'",
        '"\x7f"',
    ],
)
def test_not_an_entity_tag(value: str) -> None:
    assert parse_entity_tag(value) is None


# The table of RFC 9110 section 8.8.3.2.
@pytest.mark.parametrize(
    ("one", "other", "strong", "weak"),
    [
        ('W/"1"', 'W/"1"', False, True),
        ('W/"1"', 'W/"2"', False, False),
        ('W/"1"', '"1"', False, True),
        ('"1"', '"1"', True, True),
        ('"1"', '"2"', False, False),
    ],
)
def test_comparison(one: str, other: str, strong: bool, weak: bool) -> None:
    left, right = parse_entity_tag(one), parse_entity_tag(other)
    assert left is not None
    assert right is not None
    assert left.strong_match(right) is right.strong_match(left) is strong
    assert left.weak_match(right) is right.weak_match(left) is weak


def test_a_tag_is_written_as_it_is_read() -> None:
    assert str(ETag("a")) == '"a"'
    assert str(ETag("a", is_weak=True)) == 'W/"a"'
    assert str(ETag(ETAG_ANY)) == "*"


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ('"a"', [ETag("a")]),
        ('"a", W/"b","c"', [ETag("a"), ETag("b", is_weak=True), ETag("c")]),
        (' "a" ,, "b" , ', [ETag("a"), ETag("b")]),
        ('"a,b", "c"', [ETag("a,b"), ETag("c")]),
        ("*", [ETag("*")]),
        (" * ", [ETag("*")]),
        ("", []),
    ],
)
def test_a_list(value: str, tags: list[ETag]) -> None:
    assert parse_entity_tags(value) == tuple(tags)


@pytest.mark.parametrize(
    ("value", "tags"),
    [
        ('"a", bad, "c"', ["a", "c"]),
        ('bad, "c"', ["c"]),
        ('"a" "b", "c"', ["c"]),
        ('"a", *', ["a"]),
        ('"*", "a"', ["a"]),
        ('"a", w/"b", "c"', ["a", "c"]),
        ('"a", "unclosed', ["a"]),
    ],
)
def test_what_is_no_tag_is_left_out_of_a_list(value: str, tags: list[str]) -> None:
    assert [tag.value for tag in parse_entity_tags(value)] == tags


def test_a_value_can_be_checked_before_it_is_sent() -> None:
    assert is_etag_value("abc-1")
    assert not is_etag_value('a"b')
    assert not is_etag_value("a b")
    assert not is_etag_value("a\r\nb")


_VALUE = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x17F)).filter(
    lambda text: is_etag_value(text) and text != ETAG_ANY
)


@settings(deadline=None)
@given(st.lists(st.builds(ETag, _VALUE, st.booleans())))
def test_a_list_comes_back(tags: list[ETag]) -> None:
    assert parse_entity_tags(", ".join(map(str, tags))) == tuple(tags)


@settings(deadline=None)
@given(st.text('"W/,* ab\\'))
def test_any_text_is_some_list(value: str) -> None:
    for tag in parse_entity_tags(value):
        assert value == ETAG_ANY or str(tag) in value or tag.value == ETAG_ANY


def test_hostile_lists_take_linear_time() -> None:
    size = 200_000
    for value in (
        '"a' * size,
        '",' * size,
        '"a" ' * size,
        "W/" * size,
        '"a"' + " " * size + "x",
        "," * size,
        " " * size,
    ):
        assert isinstance(parse_entity_tags(value), tuple)
