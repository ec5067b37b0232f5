"""What a part's header fields say about how its content is coded, and taking that off.

A Content-Transfer-Encoding (RFC 2045 section 6) is taken off first, then a Content-Encoding. In
``multipart/form-data`` there is no Content-Encoding: RFC 7578 section 4.8 has it ignored. Both
work on the stream, piece by piece, and what a compressed piece grows to comes in pieces again, so
that who reads decides when it is too much.
"""

from collections.abc import Iterator, Mapping

from tidegate_http_core import (
    ProtocolError,
    TransferDecoder,
    TransferEncoding,
    get_coding,
    get_transfer_encoding,
    hdrs,
)

from .multipart_source import UnknownPartEncoding, refusal_of


def transfer_encoding_of(headers: Mapping[str, str]) -> TransferEncoding | None:
    """Return the transfer encoding of a part; None when it has none, or one that changes nothing.

    :raises UnknownPartEncoding: when nobody knows it.
    """
    name = headers.get(hdrs.CONTENT_TRANSFER_ENCODING, "binary")
    encoding = get_transfer_encoding(name)
    if encoding is None:
        raise UnknownPartEncoding(f"unknown content transfer encoding {name[:40]!a}")
    return None if encoding.name in ("7bit", "8bit", "binary") else encoding


class PartDecoder:
    """Takes off what a part is encoded with."""

    __slots__ = ("_content", "_transfer")

    def __init__(self, headers: Mapping[str, str], *, is_form_data: bool) -> None:
        """Look at *headers* for the encodings.

        :raises UnknownPartEncoding: when nobody knows one of them.
        """
        encoding = transfer_encoding_of(headers)
        self._transfer = None if encoding is None else TransferDecoder(encoding)
        self._content = None
        name = headers.get(hdrs.CONTENT_ENCODING, "identity").strip(" \t")
        if not is_form_data and name.lower() != "identity":
            coding = get_coding(name)
            if coding is None:
                raise UnknownPartEncoding(f"unknown content encoding {name[:40]!a}")
            self._content = coding.decoder()

    @property
    def identity(self) -> bool:
        """Whether the content is not encoded at all."""
        return self._transfer is None and self._content is None

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield what *data*, the next piece of the content, decodes to, in bounded pieces.

        :raises InvalidMultipart: when it is not what the header fields say.
        """
        try:
            if self._transfer is not None:
                data = self._transfer.decode(data)
            yield from self._decompressed(data)
        except ProtocolError as error:
            raise refusal_of(error) from None

    def finish(self) -> Iterator[bytes]:
        """Yield the rest, at the end of the content.

        :raises InvalidMultipart: when it is cut off.
        """
        try:
            if self._transfer is not None:
                yield from self._decompressed(self._transfer.finish())
            if self._content is not None:
                self._content.finish()
        except ProtocolError as error:
            raise refusal_of(error) from None

    def _decompressed(self, data: bytes) -> Iterator[bytes]:
        if self._content is None:
            if data:
                yield data
            return
        while data or self._content.pending:
            piece = self._content.decode(data)
            data = b""
            if piece:
                yield piece
