"""Content codings (RFC 9110 section 8.4.1): one registry, bounded decoders."""

from __future__ import annotations

import gzip
import os
import random
import sys
import types
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest
import tidegate_http_core
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import (
    BadContentCoding,
    Coding,
    ContentDecoder,
    ContentTooLarge,
    available_codings,
    choose_coding,
    get_coding,
    register_coding,
    set_zlib_backend,
    zlib_backend,
    zlib_encoder,
)
from tidegate_http_core.coding_brotli import load_brotli
from tidegate_http_core.coding_zstd import load_zstd
from tidegate_http_core.content_coder import MAX_STEP

# The tests' own environment has the packages of both extras.
NAMES = ["identity", "deflate", "gzip", "br", "zstd"]
CODED = NAMES[1:]


def coding_of(name: str) -> Coding:
    coding = get_coding(name)
    assert coding is not None, f"{name} is not installed"
    return coding


def encode(name: str, content: bytes, level: int | None = None) -> bytes:
    encoder = coding_of(name).encoder(level)
    return encoder.encode(content) + encoder.finish()


def drain(decoder: ContentDecoder, data: bytes) -> Iterator[bytes]:
    yield decoder.decode(data)
    while decoder.pending:
        yield decoder.decode(b"")


def decode(name: str, data: bytes, *, piece: int | None = None, max_length: int = 0) -> bytes:
    decoder = coding_of(name).decoder(max_length=max_length)
    content = b""
    piece = piece or len(data) or 1
    for start in range(0, len(data), piece):
        content += b"".join(drain(decoder, data[start : start + piece]))
    decoder.finish()
    return content


def text_of(size: int) -> bytes:
    words = random.Random(1).choices(["tide", "gate", "over", "http", "\n"], k=size // 4)
    return "".join(words).encode()[:size]


@pytest.mark.parametrize("name", NAMES)
def test_what_was_flushed_can_be_decoded_at_once(name: str) -> None:
    coding = coding_of(name)
    encoder, decoder = coding.encoder(), coding.decoder()
    for piece in (b"first", b"second " * 100_000, b"third"):
        coded = encoder.encode(piece) + encoder.flush()
        assert b"".join(drain(decoder, coded)) == piece
    assert b"".join(drain(decoder, encoder.finish())) == b""
    decoder.finish()


@pytest.mark.parametrize("name", ["gzip", "deflate"])
def test_a_strategy_of_zlib_packs_in_another_way(name: str) -> None:
    text = text_of(10_000)
    encoder = zlib_encoder(name, strategy=zlib.Z_HUFFMAN_ONLY)
    coded = encoder.encode(text) + encoder.finish()
    usual = coding_of(name).encoder()
    assert len(coded) > len(usual.encode(text) + usual.finish())
    assert decode(name, coded) == text


def test_other_codings_have_no_strategy_of_zlib() -> None:
    with pytest.raises(ValueError, match="'gzip' or 'deflate'"):
        zlib_encoder("br", strategy=zlib.Z_FILTERED)


# --- the registry ---


def test_the_codings_in_order_of_preference() -> None:
    assert available_codings() == ("zstd", "br", "gzip", "deflate")


def test_names_are_compared_without_regard_to_case() -> None:
    assert get_coding("GZip") is get_coding("gzip") is get_coding("X-GZIP")
    assert get_coding("compress") is None
    assert get_coding("gzip, br") is None


@pytest.fixture
def restored(monkeypatch: pytest.MonkeyPatch) -> None:
    module = sys.modules["tidegate_http_core.coding"]
    monkeypatch.setattr(module, "_codings", dict(module._codings))


@pytest.mark.usefixtures("restored")
def test_a_registered_coding_is_preferred_and_replaces_in_place() -> None:
    gzip_coding = coding_of("gzip")
    mine = Coding("mine", gzip_coding.make_encoder, gzip_coding.make_decoder)
    register_coding(mine)
    assert get_coding("Mine") is mine
    assert available_codings()[0] == "mine"
    other = Coding("br", gzip_coding.make_encoder, gzip_coding.make_decoder)
    register_coding(other)
    assert get_coding("br") is other
    assert available_codings() == ("mine", "zstd", "br", "gzip", "deflate")


@pytest.mark.parametrize("name", ["", "Gzip", "a b", "a,b"])
def test_a_name_that_is_no_lower_case_token_is_refused(name: str) -> None:
    gzip_coding = coding_of("gzip")
    with pytest.raises(ValueError, match="token"):
        register_coding(Coding(name, gzip_coding.make_encoder, gzip_coding.make_decoder))


# --- there and back ---


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [0, 1, 1000, 300_000])
def test_content_comes_back(name: str, size: int) -> None:
    content = text_of(size)
    assert decode(name, encode(name, content)) == content


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None)
@given(content=st.binary(max_size=2000), piece=st.integers(1, 50), level=st.integers(1, 5))
def test_any_cut_of_the_coded_form_gives_the_same_content(
    name: str, content: bytes, piece: int, level: int
) -> None:
    assert decode(name, encode(name, content, level), piece=piece) == content


@pytest.mark.parametrize("name", CODED)
def test_text_gets_smaller(name: str) -> None:
    content = text_of(100_000)
    assert len(encode(name, content)) < len(content) / 3
    assert len(encode(name, content, 9)) <= len(encode(name, content, 1))


@pytest.mark.parametrize("name", CODED)
def test_an_encoder_works_piece_by_piece(name: str) -> None:
    encoder = coding_of(name).encoder()
    coded = b"".join(encoder.encode(text_of(1000)) for _ in range(10)) + encoder.finish()
    assert decode(name, coded) == text_of(1000) * 10


def test_the_standard_library_reads_what_is_encoded() -> None:
    assert gzip.decompress(encode("gzip", b"hello")) == b"hello"
    assert zlib.decompress(encode("deflate", b"hello")) == b"hello"


def test_deflate_is_read_with_and_without_its_wrapper() -> None:
    for content in (b"", b"hello", text_of(100_000), os.urandom(1000)):
        for level in range(10):
            raw = zlib.compressobj(level, zlib.DEFLATED, -15)
            data = raw.compress(content) + raw.flush()
            for piece in (None, 1, 2):
                assert decode("deflate", data, piece=piece) == content
                assert decode("deflate", zlib.compress(content, level), piece=piece) == content


def test_gzip_is_read_member_after_member() -> None:
    data = gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two")
    for piece in (None, 1, 5):
        assert decode("gzip", data, piece=piece) == b"one two"


def test_zstd_is_read_frame_after_frame() -> None:
    data = encode("zstd", b"one ") + encode("zstd", b"") + encode("zstd", b"two")
    for piece in (None, 1, 5):
        assert decode("zstd", data, piece=piece) == b"one two"


# --- bounds ---


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("piece", [None, 1000])
def test_no_step_returns_more_than_its_bound(name: str, piece: int | None) -> None:
    size = 10_000_000
    data = encode(name, bytes(size))
    decoder = coding_of(name).decoder()
    total = 0
    for start in range(0, len(data), piece or len(data)):
        for content in drain(decoder, data[start : start + (piece or len(data))]):
            assert len(content) <= MAX_STEP
            total += len(content)
    decoder.finish()
    assert total == size


@pytest.mark.parametrize("name", NAMES)
def test_the_total_is_bounded(name: str) -> None:
    data = encode(name, bytes(1_000_000))
    assert len(decode(name, data, max_length=1_000_000)) == 1_000_000
    with pytest.raises(ContentTooLarge, match="999999 bytes"):
        decode(name, data, max_length=999_999)


@pytest.mark.parametrize("name", CODED)
def test_a_bomb_is_found_after_a_step_more_than_the_limit(name: str) -> None:
    data = encode(name, bytes(50_000_000))
    decoder = coding_of(name).decoder(max_length=2**20)
    taken: list[int] = []
    with pytest.raises(ContentTooLarge):
        taken.extend(len(content) for content in drain(decoder, data))
    assert sum(taken) <= 2**20


@pytest.mark.parametrize(("name", "empty"), [("gzip", gzip.compress(b"")), ("zstd", None)])
def test_the_number_of_members_is_bounded(name: str, empty: bytes | None) -> None:
    empty = encode(name, b"") if empty is None else empty
    assert decode(name, empty * 100) == b""
    for piece in (None, 1):
        with pytest.raises(BadContentCoding, match="at most 100"):
            decode(name, empty * 101, piece=piece)


def test_a_frame_of_zstd_can_not_ask_for_a_large_window() -> None:
    zstd = load_zstd()
    options = {zstd.CompressionParameter.window_log: 27}
    compressor = zstd.ZstdCompressor(options=options)
    # In two pieces, so that the frame can't be made smaller than its window.
    data = compressor.compress(os.urandom(1000)) + compressor.flush()
    with pytest.raises(BadContentCoding):
        decode("zstd", data)


def test_a_high_level_of_zstd_keeps_to_the_window_that_everybody_has() -> None:
    assert decode("zstd", encode("zstd", text_of(300_000), 19)) == text_of(300_000)


# --- what is wrong ---


@pytest.mark.parametrize("name", CODED)
def test_content_that_is_cut_short_is_an_error(name: str) -> None:
    data = encode(name, os.urandom(1000))
    for end in (1, 2, 5, len(data) // 2, len(data) - 1):
        with pytest.raises(BadContentCoding):
            decode(name, data[:end])


@pytest.mark.parametrize("name", NAMES)
def test_no_bytes_at_all_are_no_content(name: str) -> None:
    decoder = coding_of(name).decoder()
    assert decoder.decode(b"") == b""
    assert not decoder.pending
    decoder.finish()


@pytest.mark.parametrize("name", CODED)
@pytest.mark.parametrize("garbage", [b"x", b"\0", b"garbage behind it"])
def test_what_stands_behind_the_end_is_an_error(name: str, garbage: bytes) -> None:
    data = encode(name, b"hello")
    for piece in (None, 1):
        with pytest.raises(BadContentCoding):
            decode(name, data + garbage, piece=piece)


@pytest.mark.parametrize("name", CODED)
def test_what_comes_behind_the_end_later_is_an_error(name: str) -> None:
    decoder = coding_of(name).decoder()
    b"".join(drain(decoder, encode(name, b"hello")))
    with pytest.raises(BadContentCoding):
        b"".join(drain(decoder, b"xyz"))


@pytest.mark.parametrize("name", CODED)
def test_a_coding_is_not_another(name: str) -> None:
    for other in NAMES:
        if other != name:
            with pytest.raises(BadContentCoding):
                decode(name, encode(other, text_of(5000)))


@pytest.mark.parametrize("name", CODED)
@settings(deadline=None)
@given(data=st.binary(max_size=300), piece=st.integers(1, 20))
def test_any_bytes_are_decoded_or_refused(name: str, data: bytes, piece: int) -> None:
    with suppress(BadContentCoding, ContentTooLarge):
        decode(name, data, piece=piece, max_length=10_000_000)


@pytest.mark.parametrize("name", CODED)
def test_a_changed_byte_is_never_another_kind_of_error(name: str) -> None:
    data = bytearray(encode(name, text_of(2000)))
    for at in range(len(data)):
        changed = bytes(data[:at]) + bytes([data[at] ^ 0x55]) + bytes(data[at + 1 :])
        with suppress(BadContentCoding, ContentTooLarge):
            decode(name, changed, max_length=10_000_000)


# --- what is installed ---


def test_a_brotli_that_can_not_be_bounded_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    old = types.ModuleType("brotli")

    class Decompressor:
        def process(self, data: bytes) -> bytes:
            return data

    monkeypatch.setattr(old, "Decompressor", Decompressor, raising=False)
    monkeypatch.setitem(sys.modules, "brotli", old)
    assert load_brotli() is None


def test_without_the_packages_there_are_no_such_codings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("brotli", "compression.zstd", "backports.zstd"):
        monkeypatch.setitem(sys.modules, name, None)
    assert load_brotli() is None
    assert load_zstd() is None
    module = sys.modules["tidegate_http_core.coding"]
    monkeypatch.setattr(module, "_codings", {})
    module._register_own()
    assert available_codings() == ("gzip", "deflate")
    assert choose_coding("br, gzip;q=0.1", available_codings()) == "gzip"


# --- the backend of gzip and deflate ---


@pytest.fixture
def backend() -> Iterator[types.ModuleType]:
    module = types.ModuleType("other_zlib")
    module.__dict__.update(vars(zlib))
    before = zlib_backend()
    yield module
    set_zlib_backend(before)


def test_coders_are_made_with_the_backend_that_was_set(backend: types.ModuleType) -> None:
    made = []

    def compressobj(*arguments: Any) -> object:
        made.append(arguments)
        return zlib.compressobj(*arguments)

    backend.__dict__["compressobj"] = compressobj
    set_zlib_backend(backend)
    assert zlib_backend() is backend
    assert decode("gzip", encode("gzip", b"hello")) == b"hello"
    assert len(made) == 1


def test_a_long_input_is_not_copied_at_each_step(backend: types.ModuleType) -> None:
    given = 0

    class Counting:
        def __init__(self, wbits: int) -> None:
            self._stream = zlib.decompressobj(wbits)

        def __getattr__(self, name: str) -> Any:
            return getattr(self._stream, name)

        def decompress(self, data: bytes, max_length: int) -> bytes:
            nonlocal given
            given += len(data)
            return self._stream.decompress(data, max_length)

    backend.__dict__["decompressobj"] = Counting
    set_zlib_backend(backend)
    content = os.urandom(10_000_000)
    data = encode("gzip", content)
    assert decode("gzip", data) == content
    assert given < 2 * len(data)


def test_a_backend_without_its_functions_is_refused() -> None:
    with pytest.raises(TypeError, match="compressobj, decompressobj, error"):
        set_zlib_backend(tidegate_http_core)
    assert zlib_backend() is zlib
