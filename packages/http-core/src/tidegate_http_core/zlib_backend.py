"""Which zlib the codings gzip and deflate run on: the standard library's, or a faster one.

`set_zlib_backend` takes any module with the interface of `zlib`, such as `zlib_ng.zlib_ng` or
`isal.isal_zlib`. Coders that exist already stay with the one they were made on.
"""

from __future__ import annotations

import zlib
from typing import Any, Protocol, cast


class Compressor(Protocol):
    """What `compressobj` makes."""

    def compress(self, data: bytes, /) -> bytes:
        """Take data, return what is ready."""

    def flush(self, mode: int = ..., /) -> bytes:
        """Return the rest."""


class Decompressor(Protocol):
    """What `decompressobj` makes."""

    @property
    def unused_data(self) -> bytes:
        """What came behind the end of the stream."""

    @property
    def unconsumed_tail(self) -> bytes:
        """What was not looked at, because the limit was reached."""

    @property
    def eof(self) -> bool:
        """Whether the end of the stream was reached."""

    def decompress(self, data: bytes, max_length: int = ..., /) -> bytes:
        """Return at most `max_length` bytes; 0 for no limit."""


class ZLibBackend(Protocol):
    """A module with the interface of `zlib`; only what is used of it here."""

    @property
    def error(self) -> type[Exception]:
        """What is raised for data that is none."""

    def compressobj(
        self, level: int, method: int, wbits: int, mem_level: int, strategy: int, /
    ) -> Compressor:
        """Make a compressor; `wbits` says which format."""

    def decompressobj(self, wbits: int, /) -> Decompressor:
        """Make a decompressor; `wbits` says which format."""


_backend: ZLibBackend = cast("ZLibBackend", zlib)


def zlib_backend() -> ZLibBackend:
    """Return the module that coders are made with."""
    return _backend


def set_zlib_backend(new_zlib_backend: Any) -> None:
    """Make the coders of gzip and deflate with another module than `zlib`, process-wide.

    Raises TypeError when it has not the functions of `zlib`.
    """
    global _backend
    missing = [
        name
        for name in ("compressobj", "decompressobj", "error")
        if not hasattr(new_zlib_backend, name)
    ]
    if missing:
        raise TypeError(f"a zlib backend has {', '.join(missing)}, {new_zlib_backend!r} has not")
    _backend = new_zlib_backend
