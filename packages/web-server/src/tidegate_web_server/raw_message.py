"""The head of a request under its names of old: what ``request.message`` returns, deprecated."""

from typing import NamedTuple

from multidict import CIMultiDictProxy
from tidegate_http_core import CHUNKED, HttpVersion, RequestHead, hdrs
from yarl import URL


class RawRequestMessage(NamedTuple):
    """A parsed head; each of these is an attribute of the request, or of ``request.head``."""

    method: str
    path: str
    version: HttpVersion
    headers: CIMultiDictProxy[str]
    raw_headers: tuple[tuple[bytes, bytes], ...]
    should_close: bool
    compression: str | None
    upgrade: bool
    chunked: bool
    url: URL


def raw_message(head: RequestHead, headers: CIMultiDictProxy[str], url: URL) -> RawRequestMessage:
    """Give the parts of *head* their names of old."""
    return RawRequestMessage(
        head.method,
        head.target,
        head.version,
        headers,
        head.fields.raw_pairs(),
        not head.keep_alive,
        headers.get(hdrs.CONTENT_ENCODING),
        head.upgrade,
        head.framing == CHUNKED,
        url,
    )
