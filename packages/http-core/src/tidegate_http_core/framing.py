"""Where the body of a message ends: RFC 9112 section 6.3, the one place that decides it.

What the fields say, in a request or a response, by `field_framing`:

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

That is the framing of a request. The fields of a response do not tell all, `response_framing`:

    the response                                   decision                       section
    2xx to CONNECT                                 NO_BODY, the fields not read   6.3 (2)
    to HEAD, or 1xx, 204, 304                      NO_BODY, whatever they say     6.3 (1)
    any other, with a framing by its fields        that framing                   6.3 (4), (6)
    any other, without one                         UNTIL_CLOSE                    6.3 (8)

Stricter than the RFC where it leaves a choice, because each choice is one that two parties could
make differently: it lets a recipient prefer Transfer-Encoding over Content-Length (6.1), take
equal repeated lengths for one (6.3 (5)), and take off codings other than chunked, or read until
close behind them (6.3 (4)). So fields that leave a doubt are refused even where they do not count.
"""

from __future__ import annotations

from .errors import BadFraming, UnknownTransferCoding, excerpt
from .grammar import TOKEN
from .messages import CHUNKED, CONTENT_LENGTH, NO_BODY, UNTIL_CLOSE

_DIGITS = frozenset("0123456789")


def field_framing(
    transfer_encodings: list[str], content_lengths: list[str], http11: bool, max_digits: int
) -> tuple[int, int]:
    """Decide what the fields of a message say about its body.

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


def opens_tunnel(status: int, method: str) -> bool:
    """Say whether a response turns the connection into a tunnel (RFC 9110 section 9.3.6)."""
    return method == "CONNECT" and 200 <= status < 300


def response_framing(status: int, method: str, by_fields: int) -> int:
    """Decide how the body of a response is delimited.

    Takes its status, the method of the request it answers and what `field_framing` said.
    """
    if method == "HEAD" or status < 200 or status == 204 or status == 304:
        return NO_BODY
    if opens_tunnel(status, method):
        return NO_BODY
    return UNTIL_CLOSE if by_fields == NO_BODY else by_fields
