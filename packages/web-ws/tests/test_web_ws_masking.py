"""The mask comes off whatever the length, the place and the key."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_ws.buffers import SPARE_SIZE, give_back, take_buffer
from tidegate_web_ws.masking import rotate, unmask, unmask_into

KEYS = st.integers(0, 2**32 - 1)


def reference(data: bytes, key: int) -> bytes:
    mask = key.to_bytes(4, "little")
    return bytes(byte ^ mask[index % 4] for index, byte in enumerate(data))


@given(st.binary(max_size=100), st.binary(max_size=9), st.binary(max_size=9), KEYS)
def test_exactly_the_asked_part_is_unmasked(
    data: bytes, before: bytes, after: bytes, key: int
) -> None:
    start, stop = len(before), len(before) + len(data)
    assert unmask(before + data + after, start, stop, key) == reference(data, key)


@pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 4095, 4096, 4097, 65537])
@pytest.mark.parametrize("key", [0, 1, 0x80000000, 0xFFFFFFFF, 0x12345678])
def test_every_size_and_key(size: int, key: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    assert unmask(data, 0, size, key) == reference(data[:size], key)


@given(st.binary(max_size=64), st.integers(0, 64), KEYS)
def test_a_payload_in_two_parts_is_the_whole(data: bytes, cut: int, key: int) -> None:
    cut = min(cut, len(data))
    buffer = take_buffer()
    unmask_into(buffer, data, 0, cut, key)
    unmask_into(buffer, data, cut, len(data), rotate(key, cut))
    assert buffer.getvalue() == reference(data, key)


def test_a_buffer_that_is_given_back_comes_back_empty() -> None:
    buffer = take_buffer()
    buffer.write(b"left over")
    give_back(buffer)
    again = take_buffer()
    assert again is buffer
    assert again.getvalue() == b""


def test_a_very_large_buffer_is_not_kept() -> None:
    buffer = take_buffer()
    buffer.write(bytes(SPARE_SIZE + 1))
    give_back(buffer)
    assert take_buffer() is not buffer


def test_few_buffers_are_kept() -> None:
    buffers = [take_buffer() for _ in range(10)]
    for buffer in buffers:
        give_back(buffer)
    again = [take_buffer() for _ in range(10)]
    assert sum(buffer in buffers for buffer in again) == 2
