"""Text out of bytes, in a charset that a client chose.

Python's registry of codecs is not for a peer to ask. It holds more than charsets: codecs from
bytes to bytes, some that decode in quadratic time (``punycode`` and ``idna``), some that run an
escape language; and it remembers every name that it was ever asked for. So a client chooses from
a list: the charsets that Python knows under any of their names. Any other is a 415, and bytes that
are not valid in the chosen one a 400. Both are also the exceptions that decoding raises in Python,
for handlers that catch those.
"""

from encodings import normalize_encoding
from encodings.aliases import aliases
from typing import Any, Final

from .exceptions import HTTPBadRequest, HTTPUnsupportedMediaType

# Python's codecs that are no charset of a text.
_REFUSED: Final = frozenset(
    {
        "base64_codec",
        "bz2_codec",
        "hex_codec",
        "idna",
        "mbcs",
        "oem",
        "punycode",
        "quopri_codec",
        "raw_unicode_escape",
        "rot_13",
        "undefined",
        "unicode_escape",
        "utf_7",
        "uu_codec",
        "zlib_codec",
    }
)
# Charsets that have no other name, so that the table of other names lacks them.
_WITHOUT_ALIASES: Final = (
    "cp1006 cp720 cp737 cp856 cp874 cp875 koi8_t koi8_u mac_arabic mac_croatian mac_farsi "
    "mac_romanian utf_8_sig"
)

# From every name to that of the codec, both as Python normalises them.
_CODECS: Final = {
    name.lower(): codec
    for name, codec in (
        *aliases.items(),
        *((codec, codec) for codec in (*aliases.values(), *_WITHOUT_ALIASES.split())),
    )
    if codec not in _REFUSED
}
_LONGEST_NAME: Final = 40  # characters, RFC 2978 section 2.3


class UnknownCharset(HTTPUnsupportedMediaType, LookupError):
    """Text is in a charset that nobody knows: a LookupError, and the 415 for it."""


# Both have a reason; that of the answer is the one to be seen.
class UndecodableText(HTTPBadRequest, UnicodeDecodeError):  # type: ignore[override]  # see above
    """Text is not valid in its charset: a UnicodeDecodeError, and the 400 for it."""

    def __init__(self, encoding: str, data: bytes, start: int, end: int, why: str) -> None:
        """Take what a UnicodeDecodeError takes."""
        HTTPBadRequest.__init__(self, text=f"the body is not valid {encoding}")
        UnicodeDecodeError.__init__(self, encoding, data, start, end, why)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what it was made of."""
        return type(self), self.args


def charset_codec(charset: str) -> str:
    """Return the name of Python's codec for *charset*.

    :raises UnknownCharset: when there is none, or it is not for text.
    """
    codec = None
    if len(charset) <= _LONGEST_NAME and charset.isascii() and charset.isprintable():
        codec = _CODECS.get(normalize_encoding(charset).lower())
    if codec is None:
        raise UnknownCharset(text=f"unknown charset {charset[:_LONGEST_NAME]!a}")
    return codec


def decode_text(data: bytes | bytearray, charset: str) -> str:
    """Return *data* as text.

    :raises UnknownCharset: when the charset is unknown.
    :raises UndecodableText: when *data* is not valid in it.
    """
    codec = charset_codec(charset)
    try:
        return data.decode(codec)
    except UnicodeDecodeError as exc:
        raise UndecodableText(charset, exc.object, exc.start, exc.end, exc.reason) from exc
    except UnicodeError as exc:  # a codec that does not say where
        raise UndecodableText(charset, bytes(data), 0, len(data), str(exc)) from exc
