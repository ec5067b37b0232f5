"""Byte ranges (RFC 9110 section 14)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import ByteRange, parse_range


# The examples of RFC 9110 section 14.1.2, of content of 10000 bytes.
@pytest.mark.parametrize(
    ("value", "resolved"),
    [
        ("bytes=0-499", [(0, 499)]),
        ("bytes=500-999", [(500, 999)]),
        ("bytes=-500", [(9500, 9999)]),
        ("bytes=9500-", [(9500, 9999)]),
        ("bytes=0-0,-1", [(0, 0), (9999, 9999)]),
        ("bytes= 0-999, 4500-5499, -1000", [(0, 999), (4500, 5499), (9000, 9999)]),
        ("bytes=500-600,601-999", [(500, 600), (601, 999)]),
        ("bytes=500-700,601-999", [(500, 700), (601, 999)]),
    ],
)
def test_examples_of_the_standard(value: str, resolved: list[tuple[int, int]]) -> None:
    ranges = parse_range(value)
    assert ranges is not None
    assert ranges.resolve(10_000) == resolved


def test_the_forms_of_a_range() -> None:
    ranges = parse_range("bytes=1-2,3-,-4")
    assert ranges is not None
    assert ranges.ranges == (ByteRange(1, 2), ByteRange(3, None), ByteRange(None, 4))


@pytest.mark.parametrize("value", ["Bytes=1-2", " BYTES=1-2", "bytes= ,1-2,, ", "bytes=001-0002"])
def test_variants_of_one_range(value: str) -> None:
    ranges = parse_range(value)
    assert ranges is not None
    assert ranges.ranges == (ByteRange(1, 2),)


@pytest.mark.parametrize(
    "value",
    [
        "", "bytes", "bytes=", "bytes=,", "bytes=-", "bytes=1", "bytes=2-1", "bytes=a-b",
        "bytes=1-2-3", "bytes=1-2,x", "bytes=1 -2", "bytes=+1-2", "bytes=1_0-2", "bytes=--1",
        "bytes =1-2", "bytes:1-2", "items=1-2", "seconds=1-2", "xbytes=1-2",
        "bytes=\u0661-\u0662", "bytes=\xb2-", "bytes=1-2;3-4",
    ],
)  # fmt: skip
def test_what_is_no_set_of_byte_ranges_is_to_be_ignored(value: str) -> None:
    assert parse_range(value) is None


@pytest.mark.parametrize("value", ["bytes=5-", "bytes=5-9", "bytes=-0", "bytes=99-100,7-"])
def test_a_set_outside_of_the_content_is_unsatisfiable(value: str) -> None:
    ranges = parse_range(value)
    assert ranges is not None
    assert ranges.resolve(5) == []


@pytest.mark.parametrize("value", ["bytes=0-", "bytes=-1", "bytes=0-0"])
def test_nothing_of_no_content_can_be_had(value: str) -> None:
    ranges = parse_range(value)
    assert ranges is not None
    assert ranges.resolve(0) == []


def test_positions_may_have_any_number_of_digits() -> None:
    huge = "9" * 100_000
    ranges = parse_range(f"bytes=1-{huge},{huge}-,-{huge}")
    assert ranges is not None
    assert ranges.resolve(3) == [(1, 2), (0, 2)]


@settings(deadline=None)
@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 60))
def test_a_range_is_the_slice_it_stands_for(first: int, length: int, size: int) -> None:
    content = bytes(range(size))
    ranges = parse_range(f"bytes={first}-{first + length},-{length}")
    assert ranges is not None
    expected = [content[first : first + length + 1], content[-length:] if length else b""]
    assert [content[a : b + 1] for a, b in ranges.resolve(size)] == [x for x in expected if x]


def test_many_ranges_take_linear_time() -> None:
    ranges = parse_range("bytes=" + "0-1," * 100_000)
    assert ranges is not None
    assert len(ranges.resolve(10)) == 100_000
