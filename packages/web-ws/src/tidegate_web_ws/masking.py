"""Masking (RFC 6455 section 5.3): every payload byte of a client is XORed with one of four.

Compiled, the payload goes through in words of eight bytes, and :class:`librt.strings.BytesWriter`
collects them: 64 KiB in some 7 µs. The same loop interpreted would take a thousand times as long,
so interpreted the XOR is one operation on two large integers; which of the two runs is settled
once, when the module is imported.

The key is an integer whose lowest byte masks the first byte of the payload.
"""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Final

from librt.strings import BytesWriter, read_i64_le, write_i64_le

from .buffers import give_back, take_buffer

if TYPE_CHECKING:
    from mypy_extensions import i64


# A buffer for less is made faster than it is taken from those that are kept.
_SMALL: Final = 4096


def unmask(data: bytes, start: i64, stop: i64, key: i64) -> bytes:
    """Return ``data[start:stop]`` without its mask."""
    small = stop - start < _SMALL
    writer = BytesWriter() if small else take_buffer()
    unmask_into(writer, data, start, stop, key)
    payload = writer.getvalue()
    if not small:
        give_back(writer)
    return payload


def unmask_into(writer: BytesWriter, data: bytes, start: i64, stop: i64, key: i64) -> None:
    """Append ``data[start:stop]``, without its mask, to *writer*."""
    if not _COMPILED:
        size = int(stop - start)
        pattern = int(key).to_bytes(4, "little") * (size // 4 + 1)
        mask = int.from_bytes(pattern[:size], "little")
        masked = int.from_bytes(data[start:stop], "little")
        writer.write((masked ^ mask).to_bytes(size, "little"))
        return
    wide: i64 = key | (key << 32)
    position: i64 = start
    while position + 8 <= stop:
        write_i64_le(writer, read_i64_le(data, position) ^ wide)
        position += 8
    while position < stop:
        writer.append(data[position] ^ (wide & 0xFF))
        wide = wide >> 8
        position += 1


def rotate(key: i64, count: i64) -> i64:
    """Return the key for what follows the first *count* bytes of a payload."""
    shift: i64 = (count & 3) * 8
    return ((key >> shift) | (key << (32 - shift))) & 0xFFFFFFFF


_COMPILED: Final = not isinstance(rotate, FunctionType)
