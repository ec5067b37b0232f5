"""A multipart body (RFC 2046 section 5.1) to bytes, in pieces, without I/O.

    serializer = MultipartSerializer("form-data")
    serializer.content_type                      # multipart/form-data; boundary=...
    serializer.part_head(fields)  content  serializer.PART_TAIL      for each part
    serializer.closing

The content of a part is not looked at: with a boundary that nobody can guess, which is what is
chosen by default, it can't hold the delimiter. Header fields are checked as those of a response
are, so that nobody adds a field, or a part, through a value. Every size is known beforehand: the
length of what these calls return, plus the content.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from .errors import LocalProtocolError, excerpt
from .grammar import TOKEN, VALUE_STOP
from .multipart_boundary import choose_boundary, format_multipart_type


class MultipartSerializer:
    """Makes what stands around the parts of one multipart body."""

    #: What comes behind the content of each part.
    PART_TAIL: ClassVar[bytes] = b"\r\n"

    __slots__ = ("boundary", "content_type", "subtype")

    def __init__(self, subtype: str = "form-data", boundary: str | None = None) -> None:
        """Begin a `multipart/<subtype>`; a boundary is chosen unless one is given.

        Raises LocalProtocolError (a ValueError) for a subtype that is no token, or a boundary
        that RFC 2046 section 5.1.1 does not allow.
        """
        self.subtype = subtype
        self.boundary = choose_boundary() if boundary is None else boundary
        self.content_type = format_multipart_type(subtype, self.boundary)

    def part_head(self, fields: Iterable[tuple[str, str]]) -> bytes:
        """Return the delimiter and the header section of a part.

        Values are sent as UTF-8 (RFC 7578 section 5.1). Raises LocalProtocolError for a name that
        is no token and for control characters in a value.
        """
        lines = [f"--{self.boundary}"]
        for name, value in fields:
            if not TOKEN.fullmatch(name):
                raise LocalProtocolError(f"expected a field name (a token), got {excerpt(name)}")
            if VALUE_STOP.search(value):
                raise LocalProtocolError(
                    f"expected a value of {name} without control characters, got {excerpt(value)}"
                )
            lines.append(f"{name}: {value}")
        lines += ("", "")
        try:
            return "\r\n".join(lines).encode()
        except UnicodeEncodeError as error:
            raise LocalProtocolError(
                f"expected fields of a part that UTF-8 has: {error}"
            ) from None

    @property
    def closing(self) -> bytes:
        """The closing delimiter and its CRLF."""
        return f"--{self.boundary}--\r\n".encode("ascii")
