"""How the body of a response is framed: RFC 9112 section 6.3, the one place that decides it.

====================================  =============  ==========================================
response                              framing        fields
====================================  =============  ==========================================
1xx, 204, 304                         ``NO_BODY``    neither (RFC 9110 section 8.6)
to HEAD                               ``NO_BODY``    those that GET would have
chunked asked for, to HTTP/1.1        ``CHUNKED``    Transfer-Encoding
a length is known                     ``LENGTH``     Content-Length
anything else, to HTTP/1.1            ``CHUNKED``    Transfer-Encoding
anything else, to HTTP/1.0            ``CLOSE``      neither; the connection closes
====================================  =============  ==========================================

The fields are made to fit the decision, whatever a handler has set. What contradicts itself, such
as two lengths, is refused before a byte of it is sent.
"""

from typing import Final

from multidict import CIMultiDict
from tidegate_http_core import CHUNKED as CHUNKED
from tidegate_http_core import CONTENT_LENGTH, UNTIL_CLOSE, HttpVersion, HttpVersion11, hdrs
from tidegate_http_core import NO_BODY as NO_BODY

# The framings of http-core; these two under the names that suit what is sent.
LENGTH: Final = CONTENT_LENGTH
CLOSE: Final = UNTIL_CLOSE


def never_has_body(status: int) -> bool:
    """Tell whether responses of *status* have no body, to whatever request."""
    return status == 204 or status == 304 or status < 200


def declared_length(headers: CIMultiDict[str]) -> int | None:
    """Return the Content-Length that a response declares, None without one.

    :raises RuntimeError: when there are several, or it is no number of bytes.
    """
    value = headers.get(hdrs.CONTENT_LENGTH)
    if value is None:
        return None
    if not (value.isascii() and value.isdecimal()):
        raise RuntimeError(f"a Content-Length is a number of bytes, got {value!r}")
    if len(headers.getall(hdrs.CONTENT_LENGTH)) > 1:
        raise RuntimeError(
            f"a response has one Content-Length, got {headers.getall(hdrs.CONTENT_LENGTH)}"
        )
    return int(value)


def frame(
    headers: CIMultiDict[str],
    *,
    status: int,
    method: str,
    version: HttpVersion,
    chunked: bool,
    length: int | None,
) -> tuple[int, int]:
    """Decide the framing of a response and make *headers* fit it.

    :param chunked: whether the chunked coding was asked for.
    :param length: the length of the body in bytes, None when nobody knows.
    :returns: the framing, and the length where that is ``LENGTH``.
    :raises RuntimeError: when *headers* ask for a transfer coding other than chunked.
    """
    if hdrs.TRANSFER_ENCODING in headers:
        chunked = _asks_for_chunked(headers) or chunked
    if never_has_body(status):
        headers.popall(hdrs.CONTENT_LENGTH, None)
        return NO_BODY, 0
    framing = CLOSE
    if length is not None and not chunked:
        framing = LENGTH
    else:
        if hdrs.CONTENT_LENGTH in headers:
            del headers[hdrs.CONTENT_LENGTH]
        if version == HttpVersion11:
            framing = CHUNKED
            headers[hdrs.TRANSFER_ENCODING] = "chunked"
    if method == hdrs.METH_HEAD:
        framing = NO_BODY
    return framing, length or 0


def _asks_for_chunked(headers: CIMultiDict[str]) -> bool:
    """Take a Transfer-Encoding that a handler has set for what it means."""
    codings = headers.popall(hdrs.TRANSFER_ENCODING)
    if [coding.strip().lower() for coding in codings] != ["chunked"]:
        raise RuntimeError(
            "the transfer coding is the server's affair: call enable_chunked_encoding() instead "
            f"of setting Transfer-Encoding, got {codings}"
        )
    if hdrs.CONTENT_LENGTH in headers:
        raise RuntimeError("a response has a Content-Length or a Transfer-Encoding, got both")
    return True
