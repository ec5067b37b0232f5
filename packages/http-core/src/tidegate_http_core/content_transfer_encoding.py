"""Content-Transfer-Encoding, of the parts of a multipart body (RFC 2045 section 6).

`7bit`, `8bit` and `binary` leave the content as it is, `base64` and `quoted-printable` make it
text. HTTP itself needs none of them (RFC 9110 has no such field, RFC 7578 section 4.7 deprecates
it in forms); mail programs and old clients send it.

A `TransferEncoding` works on bytes that stand on their own; `decodable(data)` says how much of
what has come does: whole groups of four characters, no half escape, no white space of which nobody
knows whether a line end follows. `TransferDecoder` puts the pieces of a stream together with that,
and `TransferEncoder` makes pieces that can stand behind each other.

Decoding is strict where the RFC leaves it to the recipient: base64 takes white space and nothing
else from outside its alphabet, and its padding stands at the end. What has to wait for more is
bounded: white space at the end of a line, or between the characters of a group, is not longer than
1024 characters. In quoted-printable an escape
that is none stays as it is (RFC 2045 section 6.7, note 2 under rule 5). What is encoded as
quoted-printable is taken for data, not for lines of text: its CR and LF come back as they were.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from binascii import Error, a2b_base64, b2a_base64

from .errors import BadMultipart, excerpt

_WHITE_SPACE = b" \t\r\n"
# RFC 2045 sections 6.7 and 6.8: lines of at most 76 characters, so of 57 bytes in base64.
_LONGEST_LINE = 76
_BASE64_LINE = 57
# White space at the end of a line was added in transport (RFC 2045 section 6.7 rule 3). Looked for
# from its first character only, so that a long run is not walked again from each of them.
_TRAILING = re.compile(rb"(?<![ \t])[ \t]++(?=\r?\n)")
_UNDECIDED = re.compile(rb"(?:=[0-9A-Fa-f]?|=?(?<![ \t])[ \t]*+\r?)\Z")
# Escapes and soft line breaks; anything else behind a "=" is not one and stays.
_ESCAPE = re.compile(rb"=(?:[0-9A-Fa-f]{2}|\r?\n)")
_HEX_DIGITS = "0123456789abcdefABCDEF"
_ESCAPES = {
    f"={high}{low}".encode(): bytes((int(high + low, 16),))
    for high in _HEX_DIGITS
    for low in _HEX_DIGITS
} | {b"=\r\n": b"", b"=\n": b""}
# Section 6.7 rules 1 to 3: what stands for itself; white space does not at the end of a line.
_QUOTED = [
    bytes((byte,)) if (32 <= byte <= 126 and byte != 61) or byte == 9 else f"={byte:02X}".encode()
    for byte in range(256)
]
# RFC 2045 sections 6.7 and 6.8: lines have at most 76 characters. Nobody sends as much white space
# as this, but what has no bound is kept, and looked at again with every piece.
_LONGEST_WHITE_SPACE = 1024


class TransferEncoding(ABC):
    """One encoding, without state."""

    name: str

    @abstractmethod
    def decode(self, data: bytes) -> bytes:
        """Decode `data`, which is all of the content or a piece that is `decodable`.

        Raises BadMultipart when it is not what the encoding makes.
        """

    @abstractmethod
    def decodable(self, data: bytes) -> int:
        """Return how many bytes of `data` can be decoded without knowing what follows."""

    def ends(self, data: bytes) -> bool:
        """Tell whether nothing but white space may follow `data`."""
        return False

    @abstractmethod
    def encode(self, data: bytes) -> bytes:
        """Encode all of the content, in lines of at most 76 characters where that matters."""

    def encodable(self, data: bytes) -> int:
        """Return how many bytes of `data` can be encoded without knowing what follows."""
        return len(data)

    # What stands between two pieces that were encoded one by one.
    joint = b""


class _Identity(TransferEncoding):
    def __init__(self, name: str) -> None:
        self.name = name

    def decode(self, data: bytes) -> bytes:
        return data

    def decodable(self, data: bytes) -> int:
        return len(data)

    def encode(self, data: bytes) -> bytes:
        return data


class _Base64(TransferEncoding):
    name = "base64"

    def decode(self, data: bytes) -> bytes:
        text = data.translate(None, _WHITE_SPACE)
        try:
            return a2b_base64(text, strict_mode=True)
        except Error as error:
            raise BadMultipart(f"expected base64, got {excerpt(text)}: {error}") from None

    def decodable(self, data: bytes) -> int:
        over = (len(data) - sum(map(data.count, (b" ", b"\t", b"\r", b"\n")))) % 4
        end = len(data)
        while over:
            if len(data) - end > _LONGEST_WHITE_SPACE + 4:
                raise BadMultipart(
                    f"expected at most {_LONGEST_WHITE_SPACE} characters of white space between "
                    "the characters of a group in base64"
                )
            end -= 1
            over -= data[end] not in _WHITE_SPACE
        return end

    def ends(self, data: bytes) -> bool:
        return data.rstrip(_WHITE_SPACE).endswith(b"=")

    def encode(self, data: bytes) -> bytes:
        lines = [
            b2a_base64(data[at : at + _BASE64_LINE], newline=False)
            for at in range(0, len(data), _BASE64_LINE)
        ]
        return b"\r\n".join(lines)

    def encodable(self, data: bytes) -> int:
        return len(data) - len(data) % _BASE64_LINE

    joint = b"\r\n"


class _QuotedPrintable(TransferEncoding):
    name = "quoted-printable"

    def decode(self, data: bytes) -> bytes:
        return _ESCAPE.sub(lambda escape: _ESCAPES[escape[0]], _TRAILING.sub(b"", data))

    def decodable(self, data: bytes) -> int:
        undecided = _UNDECIDED.search(data, max(0, len(data) - _LONGEST_WHITE_SPACE))
        if undecided is None:
            raise BadMultipart(
                f"expected at most {_LONGEST_WHITE_SPACE} characters of white space in a row in "
                "quoted-printable"
            )
        return undecided.start()

    def encode(self, data: bytes) -> bytes:
        text = b"".join(map(_QUOTED.__getitem__, data))
        if text.endswith((b" ", b"\t")):
            # Nothing may take it for white space that was added in transport.
            text = text[:-1] + f"={text[-1]:02X}".encode()
        lines = []
        at = 0
        while len(text) - at >= _LONGEST_LINE:
            # Room for the "=" of a soft line break, which does not cut an escape.
            end = at + _LONGEST_LINE - 1
            escape = text.rfind(b"=", end - 2, end)
            end = end if escape < 0 else escape
            lines.append(text[at:end])
            at = end
        return self.joint.join([*lines, text[at:]])

    # A soft line break (RFC 2045 section 6.7 rule 5).
    joint = b"=\r\n"


_ENCODINGS: dict[str, TransferEncoding] = {
    "7bit": _Identity("7bit"),
    "8bit": _Identity("8bit"),
    "binary": _Identity("binary"),
    "base64": _Base64(),
    "quoted-printable": _QuotedPrintable(),
}


def get_transfer_encoding(name: str) -> TransferEncoding | None:
    """Return the encoding of that name (RFC 2045 section 6.1), in any case; None if unknown."""
    return _ENCODINGS.get(name.strip(" \t").lower())


class TransferDecoder:
    """Takes an encoding off a stream, piece by piece."""

    __slots__ = ("_encoding", "_ended", "_held")

    def __init__(self, encoding: TransferEncoding) -> None:
        """Take `encoding` off."""
        self._encoding = encoding
        self._held = b""
        self._ended = False

    def decode(self, data: bytes) -> bytes:
        """Return what the content that has come up to and with `data` decodes to.

        Never more bytes than came in. Raises BadMultipart.
        """
        data = self._held + data if self._held else data
        if self._ended and (more := data.strip(_WHITE_SPACE)):
            raise BadMultipart(f"expected the end of {self._encoding.name}, got {excerpt(more)}")
        end = self._encoding.decodable(data)
        self._held = data[end:]
        if self._held:
            data = data[:end]
        self._ended = self._ended or self._encoding.ends(data)
        return self._encoding.decode(data)

    def finish(self) -> bytes:
        """Return the rest, at the end of the content; raises BadMultipart when it is cut off."""
        held, self._held = self._held, b""
        return self._encoding.decode(held)


class TransferEncoder:
    """Puts an encoding on a stream, piece by piece."""

    __slots__ = ("_begun", "_encoding", "_held")

    def __init__(self, encoding: TransferEncoding) -> None:
        """Put `encoding` on."""
        self._encoding = encoding
        self._held = b""
        self._begun = False

    def encode(self, data: bytes) -> bytes:
        """Return what can be sent of the content up to and with `data`."""
        data = self._held + data if self._held else data
        end = self._encoding.encodable(data)
        self._held = data[end:]
        return self._joined(data[:end])

    def finish(self) -> bytes:
        """Return the rest, at the end of the content."""
        held, self._held = self._held, b""
        return self._joined(held)

    def _joined(self, data: bytes) -> bytes:
        if not data:
            return b""
        encoded = self._encoding.encode(data)
        if self._begun:
            encoded = self._encoding.joint + encoded
        self._begun = True
        return encoded
