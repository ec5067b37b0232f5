"""What can go wrong on the wire, each with the status to answer.

The parser raises exactly one kind of exception, `ProtocolError`: any other exception out of
`feed` is a bug, and a test fuzzes that promise. The subclass says which part of a message was
refused; `status` says what to answer before the connection is closed (RFC 9112 section 9.6: what
follows a violation can't be trusted to be a message, so nothing after it is ever parsed).

    ProtocolError                    .status
    ├── BadRequestLine               400   method, target or version is not RFC 9112 section 3
    ├── BadStatusLine                502   version, status or reason is not RFC 9112 section 4
    ├── UnexpectedResponse           502   a response to no request (RFC 9112 section 9.2)
    ├── BadField                     400   a field line or trailer is not RFC 9112 section 5
    │   └── BadHost                  400   Host is missing, repeated or not uri-host [":" port]
    ├── BadFraming                   400   where the body ends is in doubt (RFC 9112 section 6)
    ├── BadChunk                     400   chunk syntax (RFC 9112 section 7.1)
    ├── IncompleteMessage            400   the peer half-closed inside a message
    ├── BadContentCoding             400   content is not what its Content-Encoding says
    ├── BadMultipart                 400   a multipart body is not RFC 2046 section 5.1
    ├── ContentTooLarge              413   a body, decoded or not, or what it spends on framing
    │   └── MultipartTooLarge        413   a part, its header section, the bytes around parts
    │       └── TooManyParts         413   the number of parts
    ├── RequestLineTooLong           414   longer than Limits.request_line
    ├── FieldsTooLarge               431   a field line, all of them, or their count
    ├── UnknownTransferCoding        501   a transfer coding other than chunked
    ├── UnsupportedVersion           505   a well-formed version other than HTTP/1.0 and HTTP/1.1
    └── LocalProtocolError           500   our own side tried to send it (also a ValueError)

A status is for whoever sent the bytes. What is wrong in a response is not the fault of the client
that waits behind a gateway, so every error that a `ResponseParser` raises has the status 502 (RFC
9110 section 15.6.3), whatever its class says for a request.

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


class BadStatusLine(ProtocolError):
    """The status line is not `HTTP-version SP status-code SP [reason]` (RFC 9112 section 4)."""

    status = 502


class UnexpectedResponse(ProtocolError):
    """A response, or the bytes of one, that no request asked for (RFC 9112 section 9.2)."""

    status = 502


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


class BadContentCoding(ProtocolError):
    """Content can't be decoded: it is not what Content-Encoding says (RFC 9110 section 8.4)."""


class BadMultipart(ProtocolError):
    """A multipart body, its boundary or the header section of a part is not RFC 2046."""


class ContentTooLarge(ProtocolError):
    """Content over its limit, or chunk extensions out of proportion to it (RFC 9110 15.5.14)."""

    status = 413


class MultipartTooLarge(ContentTooLarge):
    """A part, its header section, or what stands around the parts is over its limit."""


class TooManyParts(MultipartTooLarge):
    """A multipart body has more parts than its limit."""


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
