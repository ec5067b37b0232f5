"""Where the body of a request ends: RFC 9112 section 6.3, the one place that decides it.

    Transfer-Encoding   Content-Length   version   decision                       section
    present             present          any       refused 400                    6.1, 6.3 (3)
    present             -                1.0       refused 400                    6.1
    chunked             -                1.1       CHUNKED                        6.3 (4)
    another coding      -                1.1       refused 501                    6.1
    chunked repeated,   -                1.1       refused 400                    6.3 (4), 7
    empty, malformed
    -                   1*DIGIT, once    any       CONTENT_LENGTH                 6.3 (6)
    -                   anything else    any       refused 400                    6.3 (5)
    -                   -                any       NO_BODY                        6.3 (7)

Stricter than the RFC where it leaves a choice, because each choice is one that two parties could
make differently: it lets a recipient prefer Transfer-Encoding over Content-Length (6.1), take
equal repeated lengths for one (6.3 (5)), and take off codings other than chunked.
"""

from __future__ import annotations

from .errors import BadFraming, UnknownTransferCoding, excerpt
from .grammar import TOKEN
from .messages import CHUNKED, CONTENT_LENGTH, NO_BODY

_DIGITS = frozenset("0123456789")


def request_framing(
    transfer_encodings: list[str], content_lengths: list[str], http11: bool, max_digits: int
) -> tuple[int, int]:
    """Decide how the body of a request is delimited.

    Takes the values of all Transfer-Encoding and of all Content-Length fields, whether the
    version is HTTP/1.1, and the most digits a Content-Length may have. Returns the framing
    (`NO_BODY`, `CONTENT_LENGTH`, `CHUNKED`) and the Content-Length, -1 when there is none.

    Raises BadFraming or UnknownTransferCoding as the table above says.
    """
    if transfer_encodings:
        _check_transfer_encoding(transfer_encodings, bool(content_lengths), http11)
        return CHUNKED, -1
    if not content_lengths:
        return NO_BODY, -1
    value = content_lengths[0]
    if len(content_lengths) > 1:
        raise BadFraming(f"expected one Content-Length, got {len(content_lengths)}")
    if not value or not _DIGITS.issuperset(value):
        raise BadFraming(f"expected Content-Length to be decimal digits, got {excerpt(value)}")
    if len(value) > max_digits:
        raise BadFraming(
            f"expected a Content-Length of at most {max_digits} digits, got {excerpt(value)}"
        )
    return CONTENT_LENGTH, int(value)


def _check_transfer_encoding(values: list[str], has_length: bool, http11: bool) -> None:
    if has_length:
        raise BadFraming("expected Transfer-Encoding or Content-Length, got both")
    if not http11:
        raise BadFraming("expected no Transfer-Encoding on HTTP/1.0")
    value = ", ".join(values)
    codings = [coding.strip(" \t") for coding in value.split(",")]
    for coding in codings:
        # Before the case is folded: outside of ASCII there are letters that fold to an ASCII one.
        if not TOKEN.fullmatch(coding):
            raise BadFraming(f"expected Transfer-Encoding to be chunked, got {excerpt(value)}")
    for coding in codings:
        if coding.lower() != "chunked":
            raise UnknownTransferCoding(
                f"expected Transfer-Encoding to be chunked, got {excerpt(value)}"
            )
    if len(codings) != 1:
        raise BadFraming(f"expected chunked once in Transfer-Encoding, got {excerpt(value)}")
