"""Which parts of a file a Range field gets (RFC 9110 section 14), and how several are combined.

Asked: the field and the size of the file. Answered by :func:`select`: the whole file, no part at
all (416), or one part or several, each as the first and the last byte:

- What is no list of byte ranges is ignored, as the RFC wants it.
- More than :data:`MOST_RANGES` ranges are ignored too: the file is sent whole (section 14.2 leaves
  that to the server).
- Ranges that overlap, or that are closer to each other than the head of a part is long, become
  one. They come in the order in which they were asked for.
- When the parts together would not be shorter than the file, the file is sent whole.

Several parts are a body of ``multipart/byteranges`` (section 14.6); :class:`Multipart` knows its
pieces and its length. Everything here is a pure function of its arguments.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

from tidegate_http_core import parse_range

#: The number of ranges in a field from which on it is ignored.
MOST_RANGES: Final = 16

# What the head of a part takes, about.
_GAP: Final = 80

Span: TypeAlias = tuple[int, int]
Piece: TypeAlias = bytes | Span


def select(value: str, size: int) -> list[Span] | None:
    """Choose the parts of a file; None for the whole file, ``[]`` for 416.

    :param value: the value of a Range field.
    :param size: the length of the file in bytes.
    :returns: the first and the last byte of each part.
    """
    ranges = parse_range(value)
    if ranges is None or len(ranges.ranges) > MOST_RANGES:
        return None
    spans = _joined(ranges.resolve(size))
    if len(spans) > 1 and sum(last - first + 1 + _GAP for first, last in spans) >= size:
        return None
    return spans


def content_range(span: Span | None, size: int) -> str:
    """Write the value of a Content-Range field; without a span, that of a 416."""
    return f"bytes */{size}" if span is None else f"bytes {span[0]}-{span[1]}/{size}"


def _joined(spans: Sequence[Span]) -> list[Span]:
    """Join spans that are close to each other, at the place of the first of them."""
    joined: list[tuple[int, int, int]] = []  # first, last, place
    for place, (first, last) in sorted(enumerate(spans), key=lambda item: item[1]):
        if joined and first <= joined[-1][1] + _GAP:
            before = joined[-1]
            joined[-1] = (before[0], max(before[1], last), min(before[2], place))
        else:
            joined.append((first, last, place))
    return [(first, last) for first, last, _ in sorted(joined, key=lambda item: item[2])]


class Multipart:
    """A body of several parts of one file.

    :ivar pieces: in their order, bytes to send, and spans of the file.
    :ivar length: bytes of the whole body.
    """

    def __init__(self, spans: Sequence[Span], size: int, content_type: str, boundary: str) -> None:
        """Lay a body out.

        :param content_type: the media type of the file.
        :param boundary: must not occur in the parts.
        """
        self.content_type = f"multipart/byteranges; boundary={boundary}"
        self.pieces: list[Piece] = []
        self.length = 0
        start = "--"
        for span in spans:
            head = (
                f"{start}{boundary}\r\nContent-Type: {content_type}\r\n"
                f"Content-Range: {content_range(span, size)}\r\n\r\n"
            ).encode("utf-8", "surrogateescape")
            self.pieces += (head, span)
            self.length += len(head) + span[1] - span[0] + 1
            start = "\r\n--"
        end = f"\r\n--{boundary}--\r\n".encode()
        self.pieces.append(end)
        self.length += len(end)
