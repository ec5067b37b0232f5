"""The chunked coding alone: round trips, limits, and how pieces are handed out."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import (
    LAST_CHUNK,
    BadChunk,
    ChunkedDecoder,
    ContentTooLarge,
    EndOfMessage,
    Event,
    FieldsTooLarge,
    Limits,
    encode_chunk,
)


def decode(segments: list[bytes], decoder: ChunkedDecoder | None = None) -> tuple[bytes, bytes]:
    """Return the body, and what is behind it."""
    decoder = ChunkedDecoder() if decoder is None else decoder
    events: list[Event] = []
    for index, segment in enumerate(segments):
        used = decoder.decode(segment, 0, events)
        if decoder.done:
            rest = segment[used:] + b"".join(segments[index + 1 :])
            return b"".join(event for event in events if isinstance(event, bytes)), rest
        assert used == len(segment)
    raise AssertionError("the body did not end")


def test_encode_chunk() -> None:
    assert encode_chunk(b"hello, world") == b"c\r\nhello, world\r\n"
    assert LAST_CHUNK == b"0\r\n\r\n"


def test_empty_chunk_would_end_the_body() -> None:
    with pytest.raises(ValueError, match="LAST_CHUNK"):
        encode_chunk(b"")


@settings(deadline=None)
@given(st.lists(st.binary(min_size=1, max_size=40)), st.integers(1, 50), st.binary(max_size=5))
def test_round_trip(chunks: list[bytes], size: int, rest: bytes) -> None:
    data = b"".join(map(encode_chunk, chunks)) + LAST_CHUNK + rest
    segments = [data[at : at + size] for at in range(0, len(data), size)]
    assert decode(segments) == (b"".join(chunks), rest)


def test_small_chunks_of_a_segment_are_one_piece() -> None:
    events: list[Event] = []
    ChunkedDecoder().decode(encode_chunk(b"x") * 1000 + LAST_CHUNK, 0, events)
    assert events[0] == b"x" * 1000
    assert len(events) == 2


def test_large_chunks_are_handed_out_as_they_are() -> None:
    events: list[Event] = []
    large = b"y" * 5000
    data = encode_chunk(b"x") * 2 + encode_chunk(large) * 2 + encode_chunk(b"z")
    ChunkedDecoder().decode(data, 0, events)
    assert events == [b"xx", large, large, b"z"]


def test_body_before_a_violation_is_handed_out() -> None:
    events: list[Event] = []
    with pytest.raises(BadChunk):
        ChunkedDecoder().decode(b"1\r\nx\r\n1\r\ny\r\n!\r\n", 0, events)
    assert events == [b"xy"]


def test_decoding_begins_where_it_is_told() -> None:
    events: list[Event] = []
    decoder = ChunkedDecoder()
    assert decoder.decode(b"head1;a\r\nx\r\n0\r\n\r\nrest", 4, events) == 17
    assert decoder.done
    assert events[0] == b"x"
    assert isinstance(events[1], EndOfMessage)
    assert decoder.decode(b"more", 0, events) == 0
    assert len(events) == 2


@pytest.mark.parametrize("size", [b"f" * 16, b"F" * 15, b"0" * 15 + b"5"])
def test_sizes_of_many_digits(size: bytes) -> None:
    events: list[Event] = []
    decoder = ChunkedDecoder()
    decoder.decode(size + b"\r\nabc", 0, events)
    decoder.decode(b"de", 0, events)
    assert events == [b"abc", b"de"]
    assert not decoder.done


def test_digits_are_limited() -> None:
    limits = Limits(chunk_size_digits=2)
    assert decode([b"01\r\nx\r\n00\r\n\r\n"], ChunkedDecoder(limits)) == (b"x", b"")
    for segments in ([b"001\r\nx\r\n"], [b"0", b"01\r\nx\r\n"]):
        with pytest.raises(BadChunk, match="1 to 2"):
            decode(segments, ChunkedDecoder(limits))


@pytest.mark.parametrize(
    "extension", [b";a", b";a=b", b' ; a = "b c" ;d', b'\t;\ta="\\"\\\\;\xff"', b";a;a;a=1"]
)
def test_extensions_are_dropped(extension: bytes) -> None:
    assert decode([b"1" + extension + b"\r\nx\r\n0" + extension + b"\r\n\r\n"]) == (b"x", b"")


@pytest.mark.parametrize(
    "extension",
    [b";", b" ", b";=b", b";a=", b";a==b", b";a b", b'";a"', b';a="b', b';a="b\\"', b";a;", b"a"],
)
def test_extensions_that_are_malformed(extension: bytes) -> None:
    with pytest.raises(BadChunk):
        decode([b"1" + extension.replace(b"a", b"z") + b"\r\nx\r\n"])


def test_extensions_are_limited_in_proportion_to_the_body() -> None:
    limits = Limits(chunk_extensions=10)
    ten = b"1;aaaaaaaaa\r\nx\r\n"
    assert decode([ten + b"1;a\r\nx\r\n" + LAST_CHUNK], ChunkedDecoder(limits)) == (b"xx", b"")
    with pytest.raises(ContentTooLarge) as caught:
        decode([ten + b"1;aa\r\nx\r\n"], ChunkedDecoder(limits))
    assert caught.value.status == 413


def test_line_is_limited_before_its_end() -> None:
    decoder = ChunkedDecoder(Limits(chunk_line=5))
    decoder.decode(b"1;abc", 0, [])
    with pytest.raises(BadChunk, match="at most 5 bytes"):
        decoder.decode(b"d", 0, [])


def test_trailers_count_with_the_fields_of_the_head() -> None:
    limits = Limits(fields_count=3)
    data = b"0\r\nX: y\r\nX: z\r\n\r\n"
    decode([data], ChunkedDecoder(limits, fields_count=1))
    with pytest.raises(FieldsTooLarge, match="at most 3 fields"):
        decode([data], ChunkedDecoder(limits, fields_count=2))


def test_trailers_are_limited_in_all() -> None:
    data = b"0\r\nX: y\r\nX: z\r\n\r\n"
    decode([data], ChunkedDecoder(Limits(trailers_size=12)))
    with pytest.raises(FieldsTooLarge):
        decode([data], ChunkedDecoder(Limits(trailers_size=11)))


@pytest.mark.parametrize("chunk", [b"1;a\r\nx\r\n", b"1\r\nx\r\n"])
def test_many_chunks_of_a_segment(chunk: bytes) -> None:
    """100,000 lines in one segment: an implementation that copies the rest takes minutes."""
    data = chunk * 100_000 + LAST_CHUNK
    assert decode([data])[0] == b"x" * 100_000
