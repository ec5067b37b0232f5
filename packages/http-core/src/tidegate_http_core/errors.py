"""What can go wrong on the wire, each with the status to answer.

The parser raises exactly one kind of exception, `ProtocolError`: any other exception out of
`feed` is a bug, and a test fuzzes that promise. The subclass says which part of a message was
refused; `status` says what to answer before the connection is closed (RFC 9112 section 9.6: what
follows a violation can't be trusted to be a message, so nothing after it is ever parsed).

    ProtocolError                    .status
    ├── BadRequestLine               400   method, target or version is not RFC 9112 section 3
    ├── BadField                     400   a field line or trailer is not RFC 9112 section 5
    │   └── BadHost                  400   Host is missing, repeated or not uri-host [":" port]
    ├── BadFraming                   400   where the body ends is in doubt (RFC 9112 section 6)
    ├── BadChunk                     400   chunk syntax (RFC 9112 section 7.1)
    ├── IncompleteMessage            400   the peer half-closed inside a message
    ├── ContentTooLarge              413   chunk extensions out of proportion to the body
    ├── RequestLineTooLong           414   longer than Limits.request_line
    ├── FieldsTooLarge               431   a field line, all of them, or their count
    ├── UnknownTransferCoding        501   a transfer coding other than chunked
    ├── UnsupportedVersion           505   a well-formed version other than HTTP/1.0 and HTTP/1.1
    └── LocalProtocolError           500   our own side tried to send it (also a ValueError)

Messages say what was expected and what came. What came is quoted by `excerpt`: escaped and cut
short, so that a message can go into a log line as it is.
"""

from __future__ import annotations

_EXCERPT = 60


class ProtocolError(Exception):
    """The peer broke HTTP/1.1: answer `status` if an answer is still possible, then close."""

    status: int = 400


class BadRequestLine(ProtocolError):
    """The request line is not `method SP request-target SP HTTP-version` (RFC 9112 section 3)."""


class BadField(ProtocolError):
    """A field line is not `token ":" OWS value OWS` (RFC 9112 section 5)."""


class BadHost(BadField):
    """Host is missing, repeated or invalid (RFC 9112 section 3.2)."""


class BadFraming(ProtocolError):
    """Content-Length and Transfer-Encoding leave a doubt about the body (RFC 9112 section 6)."""


class BadChunk(ProtocolError):
    """A chunk breaks the chunked coding (RFC 9112 section 7.1)."""


class IncompleteMessage(ProtocolError):
    """The peer half-closed the connection inside a message (RFC 9112 section 8)."""


class ContentTooLarge(ProtocolError):
    """The chunked coding spends more on extensions than `Limits` allows."""

    status = 413


class RequestLineTooLong(ProtocolError):
    """The request line is longer than `Limits.request_line` (RFC 9112 section 3)."""

    status = 414


class FieldsTooLarge(ProtocolError):
    """A field line, the whole section or the number of fields is over its limit (RFC 6585)."""

    status = 431


class UnknownTransferCoding(ProtocolError):
    """A transfer coding this side can't take off (RFC 9112 section 6.1)."""

    status = 501


class UnsupportedVersion(ProtocolError):
    """A major or minor version other than HTTP/1.0 and HTTP/1.1 (RFC 9110 section 15.6.6)."""

    status = 505


class LocalProtocolError(ProtocolError, ValueError):
    """What our own side tried to send, or the moment it chose, is not HTTP: a bug on this side."""

    status = 500


def excerpt(data: bytes | str) -> str:
    """Quote `data` for an error message: escaped, at most 60 characters of it."""
    short = data[:_EXCERPT]
    text = ascii(short)
    return text if len(data) <= _EXCERPT else f"{text}... ({len(data)} in all)"
