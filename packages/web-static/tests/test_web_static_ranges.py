import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_static.ranges import MOST_RANGES, Multipart, content_range, select


@pytest.mark.parametrize(
    ("value", "size", "spans"),
    [
        # One
        ("bytes=0-0", 10, [(0, 0)]),
        ("bytes=0-9", 10, [(0, 9)]),
        ("bytes=2-5", 10, [(2, 5)]),
        ("bytes=2-500", 10, [(2, 9)]),
        ("bytes=2-", 10, [(2, 9)]),
        ("bytes=-3", 10, [(7, 9)]),
        ("bytes=-300", 10, [(0, 9)]),
        ("BYTES=2-5", 10, [(2, 5)]),
        # None that there is
        ("bytes=10-", 10, []),
        ("bytes=10-20", 10, []),
        ("bytes=-0", 10, []),
        ("bytes=0-", 0, []),
        ("bytes=-5", 0, []),
        ("bytes=99999999999999999999999-", 10, []),
        # Ignored
        ("lines=0-5", 10, None),
        ("bytes", 10, None),
        ("bytes=", 10, None),
        ("bytes=5-2", 10, None),
        ("bytes=a-b", 10, None),
        ("bytes=0-5,x", 10, None),
        ("bytes=\u0661-\u0665", 10, None),
        ("bytes=+1-5", 10, None),
        ("bytes=1_0-", 1000, None),
        # Several
        ("bytes=0-9,500-509", 1000, [(0, 9), (500, 509)]),
        ("bytes=500-509,0-9", 1000, [(500, 509), (0, 9)]),
        ("bytes=0-9,5000-", 1000, [(0, 9)]),
        ("bytes=5000-,6000-", 1000, []),
        ("bytes=-5,0-4", 1000, [(995, 999), (0, 4)]),
        # Joined: they overlap, touch, or are close
        ("bytes=0-9,5-20", 1000, [(0, 20)]),
        ("bytes=0-9,10-20", 1000, [(0, 20)]),
        ("bytes=100-109,0-30", 1000, [(0, 109)]),
        ("bytes=0-9,95-99,500-", 1000, [(0, 9), (95, 99), (500, 999)]),
        ("bytes=500-600,0-9,550-700", 1000, [(500, 700), (0, 9)]),
        # Not shorter than the whole
        ("bytes=0-300,500-", 1000, [(0, 300), (500, 999)]),
        ("bytes=0-450,550-", 1000, None),
        ("bytes=0-,-1", 1000, [(0, 999)]),
    ],
)
def test_the_parts_that_a_range_field_gets(
    value: str, size: int, spans: list[tuple[int, int]] | None
) -> None:
    assert select(value, size) == spans


def test_too_many_ranges_are_ignored() -> None:
    ranges = [f"{n * 1000}-{n * 1000}" for n in range(MOST_RANGES + 1)]
    assert select("bytes=" + ",".join(ranges), 10**6) is None
    spans = select("bytes=" + ",".join(ranges[1:]), 10**6)
    assert spans is not None
    assert len(spans) == MOST_RANGES


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 2000)), min_size=1, max_size=16),
    st.integers(0, 2000),
)
def test_parts_never_overlap_and_hold_every_byte_that_was_asked_for(
    pairs: list[tuple[int, int]], size: int
) -> None:
    pairs = [(min(pair), max(pair)) for pair in pairs]
    spans = select("bytes=" + ",".join(f"{first}-{last}" for first, last in pairs), size)
    asked = {n for first, last in pairs for n in range(first, min(last + 1, size))}
    if spans is None:
        return
    sent = [n for first, last in spans for n in range(first, last + 1)]
    assert len(sent) == len(set(sent))
    assert asked <= set(sent)
    assert all(0 <= first <= last < size for first, last in spans)
    assert bool(spans) is bool(asked)


def test_the_content_range_field() -> None:
    assert content_range((2, 5), 10) == "bytes 2-5/10"
    assert content_range(None, 10) == "bytes */10"


def test_a_body_of_several_parts() -> None:
    content = bytes(range(200))
    body = Multipart([(0, 4), (100, 101)], 200, "text/plain", "XYZ")
    sent = b"".join(
        piece if isinstance(piece, bytes) else content[piece[0] : piece[1] + 1]
        for piece in body.pieces
    )
    assert sent == (
        b"--XYZ\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-4/200\r\n\r\n"
        b"\x00\x01\x02\x03\x04"
        b"\r\n--XYZ\r\nContent-Type: text/plain\r\nContent-Range: bytes 100-101/200\r\n\r\n"
        b"de"
        b"\r\n--XYZ--\r\n"
    )
    assert body.length == len(sent)
    assert body.content_type == "multipart/byteranges; boundary=XYZ"
