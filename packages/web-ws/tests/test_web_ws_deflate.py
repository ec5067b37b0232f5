"""Compressing and inflating: RFC 7692 section 7.2."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_ws import Deflater, Inflater, WebSocketError
from tidegate_web_ws.deflate import deflate_alone, deflate_fragment, deflate_message

TAIL = b"\x00\x00\xff\xff"


def deflater(*, bits: int = 12, takeover: bool = True, threshold: int = 0) -> Deflater:
    return Deflater(1, bits, 5, takeover, threshold)


def deflate(own: Deflater, payload: bytes, level: int | None = None) -> bytes:
    return deflate_message(own.take(level), payload)


class Peer:
    """What a client's zlib makes of a server's messages."""

    def __init__(self, bits: int = 15) -> None:
        self._decompressor = zlib.decompressobj(-bits)

    def __call__(self, message: bytes) -> bytes:
        # In small steps, so that nothing but the window remembers what came before.
        data = b""
        rest = message + TAIL
        while rest:
            data += self._decompressor.decompress(rest, 64)
            rest = self._decompressor.unconsumed_tail
        while more := self._decompressor.decompress(b"", 64):
            data += more
        return data


def inflate(inflater: Inflater, payload: bytes, fin: bool = True, limit: int = 0) -> bytes:
    inflater.feed(payload, fin)
    return inflater.read(limit)


# --- the RFC's own examples (section 7.2.3) ---


@pytest.mark.parametrize(
    "message",
    [
        "f2 48 cd c9 c9 07 00",  # 7.2.3.1: one block
        "00 05 00 fa ff 48 65 6c 6c 6f 00",  # 7.2.3.3: without compression
        "f3 48 cd c9 c9 07 00 00",  # 7.2.3.4: BFINAL
        "f2 48 05 00 00 00 ff ff ca c9 c9 07 00",  # 7.2.3.5: two blocks
    ],
)
def test_the_examples_inflate(message: str) -> None:
    inflater = Inflater(15, True)
    assert inflate(inflater, bytes.fromhex(message)) == b"Hello"
    assert inflate(inflater, bytes.fromhex(message)) == b"Hello"


def test_the_example_of_a_shared_window_inflates() -> None:
    # Section 7.2.3.2.
    inflater = Inflater(15, True)
    assert inflate(inflater, bytes.fromhex("f2 48 cd c9 c9 07 00")) == b"Hello"
    assert inflate(inflater, bytes.fromhex("f2 00 11 00 00")) == b"Hello"


def test_an_empty_message_is_one_byte() -> None:
    # Section 7.2.3.6.
    assert deflate(deflater(), b"") == b"\x00"
    assert inflate(Inflater(15, True), b"\x00") == b""


def test_the_example_of_fragments_inflates() -> None:
    # Section 7.2.3.1, second half.
    inflater = Inflater(15, True)
    start = inflate(inflater, bytes.fromhex("f2 48 cd"), False)
    assert start + inflate(inflater, bytes.fromhex("c9 c9 07 00")) == b"Hello"


# --- both ways ---


@given(
    st.lists(st.tuples(st.binary(max_size=300), st.sampled_from([None, 1, 6, 9, 15])), max_size=8),
    st.integers(8, 15),
    st.booleans(),
)
def test_a_client_gets_what_was_sent(
    messages: list[tuple[bytes, int | None]], bits: int, takeover: bool
) -> None:
    own, peer = deflater(bits=bits, takeover=takeover), Peer(bits)
    for payload, level in messages:
        message = deflate(own, payload, level)
        if not takeover:
            peer = Peer(bits)
        assert peer(message) == payload


@given(st.lists(st.binary(max_size=300), max_size=8), st.integers(9, 15), st.booleans())
def test_what_a_client_sends_is_inflated(messages: list[bytes], bits: int, takeover: bool) -> None:
    compressor = zlib.compressobj(6, zlib.DEFLATED, -bits)
    inflater = Inflater(bits, takeover)
    for payload in messages:
        if not takeover:
            compressor = zlib.compressobj(6, zlib.DEFLATED, -bits)
        message = (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]
        assert inflate(inflater, message) == payload


@pytest.mark.parametrize("level", [1, 4, 9])
def test_a_window_of_8_bits_is_never_left(level: int) -> None:
    # zlib has none of 8 bits for raw streams and makes one of 9: see negotiation.py.
    pattern = random.Random(level)
    block = pattern.randbytes(251)
    own, peer = Deflater(level, 8, 8, True, 0), Peer(8)
    for _ in range(50):
        cut = pattern.randrange(251)
        payload = block[cut:] + block + block[:cut] + pattern.randbytes(pattern.randrange(9))
        assert peer(deflate(own, payload)) == payload


def test_the_window_lives_on_or_not() -> None:
    text = random.Random(1).randbytes(200)
    own = deflater()
    assert len(deflate(own, text)) > 200
    assert len(deflate(own, text)) < 20
    own = deflater(takeover=False)
    assert len(deflate(own, text)) == len(deflate(own, text)) > 200


def test_what_was_compressed_but_not_sent_is_forgotten() -> None:
    own, peer = deflater(), Peer()
    text = random.Random(2).randbytes(200)
    assert peer(deflate(own, b"before")) == b"before"
    deflate(own, text)  # never sent
    own.forget()
    assert peer(deflate(own, text)) == text


def test_a_message_compressed_elsewhere_fits_in_when_the_context_is_forgotten() -> None:
    own, peer = deflater(), Peer()
    text = random.Random(3).randbytes(200)
    assert peer(deflate(own, text)) == text
    own.forget()
    assert peer(deflate_alone(own.settings, b"elsewhere")) == b"elsewhere"
    assert peer(deflate(own, text)) == text


@pytest.mark.parametrize("takeover", [True, False])
def test_fragments_make_one_message(takeover: bool) -> None:
    own, peer = deflater(takeover=takeover), Peer()
    for _ in range(2):
        message = deflate_fragment(own.take_for_fragment(False), b"one ")
        message += deflate_fragment(own.take_for_fragment(False), b"")
        message += deflate_fragment(own.take_for_fragment(False), b"two")
        message += deflate_message(own.take_for_fragment(True), b"")
        assert peer(message) == b"one two"
        if not takeover:
            peer = Peer()


def test_the_threshold_and_the_level_decide() -> None:
    own = deflater(threshold=64)
    assert [own.wants(size, None) for size in (0, 63, 64, 10**6)] == [False, False, True, True]
    assert not own.wants(10**6, 0)
    assert own.wants(1, 9)


# --- bounds ---


def test_no_more_is_inflated_than_asked_for() -> None:
    bomb = deflate(deflater(), bytes(10_000_000))
    assert len(bomb) < 60_000
    inflater = Inflater(15, True)
    inflater.feed(bomb, True)
    total = 0
    while inflater.pending:
        piece = inflater.read(65536)
        assert len(piece) <= 65536
        total += len(piece)
    assert total == 10_000_000


@pytest.mark.parametrize("size", [0, 1, 99, 100, 101])
def test_a_piece_of_just_the_limit_is_asked_again(size: int) -> None:
    inflater = Inflater(15, True)
    inflater.feed(deflate(deflater(), bytes(size)), True)
    assert len(inflater.read(100)) == min(size, 100)
    assert inflater.pending == (size >= 100)
    assert len(inflater.read(100)) == max(size - 100, 0)
    assert not inflater.pending


@pytest.mark.parametrize("payload", [b"\xff\xff\xff", b"\x07", b"\xf2\x48\xcd\xff\xff" * 9])
def test_what_is_no_deflate_data_is_1007(payload: bytes) -> None:
    with pytest.raises(WebSocketError) as caught:
        inflate(Inflater(15, True), payload)
    assert caught.value.code == 1007


def test_streams_that_end_again_and_again_are_refused() -> None:
    # Each ends with BFINAL and costs a new inflater.
    assert inflate(Inflater(15, True), b"\x03\x00" * 30 + b"\x00") == b""
    with pytest.raises(WebSocketError, match="streams"):
        inflate(Inflater(15, True), b"\x03\x00" * 1000)


def test_a_stream_that_ends_within_a_message_goes_on() -> None:
    one = zlib.compressobj(6, zlib.DEFLATED, -15)
    ended = one.compress(b"first " * 20) + one.flush(zlib.Z_FINISH)
    message = ended + deflate(deflater(), b"second")
    assert inflate(Inflater(15, True), message) == b"first " * 20 + b"second"
    inflater = Inflater(15, True)
    inflater.feed(message, True)
    data = b""
    while inflater.pending:
        data += inflater.read(7)
    assert data == b"first " * 20 + b"second"
