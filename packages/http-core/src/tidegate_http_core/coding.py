"""Content codings (RFC 9110 section 8.4.1), all in one registry.

`gzip`, `deflate` and `identity` are always there; `br` and `zstd` where their packages are
installed (the extras `brotli` and `zstd` of this one; zstd is in Python itself from 3.14 on). A
program may register others. Names are compared without regard to case.

    coding = get_coding("gzip")
    encoder = coding.encoder()
    coded = encoder.encode(b"hello") + encoder.finish()

How a decoder is bounded stands in `content_coder`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from .coding_brotli import BrotliDecoder, BrotliEncoder, load_brotli
from .coding_zlib import GZIP, ZLIB, ZlibDecoder, ZlibEncoder
from .coding_zstd import ZstdDecoder, ZstdEncoder, load_zstd
from .content_coder import ContentDecoder, ContentEncoder
from .grammar import TOKEN


@dataclass(frozen=True, slots=True)
class Coding:
    """One content coding.

    - `name`: as in Content-Encoding, lower-case.
    - `make_encoder`: makes an encoder of a level, or of the usual one for None.
    - `make_decoder`: makes a decoder for content of at most so many bytes, 0 for no limit.
    """

    name: str
    make_encoder: Callable[[int | None], ContentEncoder]
    make_decoder: Callable[[int], ContentDecoder]

    def encoder(self, level: int | None = None) -> ContentEncoder:
        """Make an encoder for one content; what `level` means is the coding's own affair."""
        return self.make_encoder(level)

    def decoder(self, *, max_length: int = 0) -> ContentDecoder:
        """Make a decoder for one content of at most `max_length` bytes; 0 for no limit."""
        return self.make_decoder(max_length)


class IdentityEncoder(ContentEncoder):
    """Encodes nothing: `identity` is the content as it is."""

    def encode(self, data: bytes) -> bytes:
        """Return `data`."""
        return data

    def flush(self) -> bytes:
        """Return nothing: nothing is held back."""
        return b""

    def finish(self) -> bytes:
        """Return nothing: there is no rest."""
        return b""


class IdentityDecoder(ContentDecoder):
    """Decodes nothing, in steps and counted like the others."""

    @property
    def _busy(self) -> bool:
        return False

    def _step(self, data: bytes) -> bytes:
        return data

    def _complete(self) -> bool:
        return True


# RFC 9110 section 8.4.1.3: a recipient considers x-gzip to be gzip.
_ALIASES: Final = {"x-gzip": "gzip"}

# The preferred coding is the first.
_codings: dict[str, Coding] = {}


def get_coding(name: str) -> Coding | None:
    """Return the coding of a name, in any case; None when it is unknown or not installed."""
    name = name.lower()
    return _codings.get(_ALIASES.get(name, name))


def available_codings() -> tuple[str, ...]:
    """Return the names of all codings but `identity`, in order of preference.

    That is zstd, br, gzip, deflate, as far as they are there, behind those that were registered.
    """
    return tuple(name for name in _codings if name != "identity")


def register_coding(coding: Coding) -> None:
    """Add a coding and prefer it to all others, or put it in the place of the one of its name.

    Raises ValueError when the name is not a token in lower case.
    """
    global _codings
    name = coding.name
    if not TOKEN.fullmatch(name) or name != name.lower():
        raise ValueError(f"expected the name of a coding to be a lower-case token, got {name!r}")
    if name in _codings:
        _codings[name] = coding
    else:
        # A new dict, so that somebody who goes through the old one is not disturbed.
        _codings = {name: coding, **_codings}


def _register_own() -> None:
    register_coding(Coding("identity", lambda level: IdentityEncoder(), IdentityDecoder))
    for name, wbits in (("deflate", ZLIB), ("gzip", GZIP)):
        register_coding(Coding(name, partial(ZlibEncoder, wbits), partial(ZlibDecoder, wbits)))
    if (brotli := load_brotli()) is not None:
        register_coding(
            Coding("br", partial(BrotliEncoder, brotli), partial(BrotliDecoder, brotli))
        )
    if (zstd := load_zstd()) is not None:
        register_coding(Coding("zstd", partial(ZstdEncoder, zstd), partial(ZstdDecoder, zstd)))


_register_own()
