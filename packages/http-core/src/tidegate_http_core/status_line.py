"""The status line: version, status and reason (RFC 9112 section 4).

    status-line = HTTP-version SP status-code SP [ reason-phrase ]

The space behind the status is there even without a reason: section 4 has it so, and a recipient
that did without would take one more form for a status line.
"""

from __future__ import annotations

from .errors import BadStatusLine, UnsupportedVersion, excerpt
from .grammar import HTTP_VERSION, STATUS


def check_status_line(line: str) -> tuple[int, str, bool]:
    """Return (status, reason, whether the version is HTTP/1.1) of a line without its CRLF.

    `line` is decoded as latin-1 and holds no controls but HTAB, see `lines`; the reason comes back
    as UTF-8 with "surrogateescape", as values do. Raises BadStatusLine, or UnsupportedVersion for
    another well-formed version.
    """
    version, space, rest = line.partition(" ")
    http11 = version == "HTTP/1.1"
    if not http11 and version != "HTTP/1.0":
        if space and HTTP_VERSION.fullmatch(version):
            raise UnsupportedVersion(f"expected HTTP/1.1 or HTTP/1.0, got {excerpt(version)}")
        raise BadStatusLine(f"expected 'HTTP/1.1 status reason', got {excerpt(line)}")
    if not STATUS.match(rest):
        raise BadStatusLine(
            f"expected a status of 100 to 999 and a space, got {excerpt(rest)} in the status line"
        )
    reason = rest[4:]
    if not reason.isascii():
        reason = reason.encode("latin-1").decode("utf-8", "surrogateescape")
    return int(rest[:3]), reason, http11
