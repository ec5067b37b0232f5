"""What the parser hands out: the events of a message, and what a head is made of.

A message is a `RequestHead` or a `ResponseHead`, any number of `bytes` (pieces of the body,
transfer coding removed), then an `EndOfMessage`. All of them are made once and never changed by
the parser afterwards; a `Fields` may be handed out again when a connection repeats its header
section byte for byte, so what the layer above derives from it may stay in `Fields.view` and is
then derived once.

This module is compiled: its classes have a fixed set of plain attributes and no subclasses.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias, final


class HttpVersion(NamedTuple):
    """A protocol version (RFC 9110 section 2.5); the tuple compares as versions do."""

    major: int
    minor: int


HttpVersion10: Final = HttpVersion(1, 0)
HttpVersion11: Final = HttpVersion(1, 1)

# How a body is delimited (RFC 9112 section 6.3), see framing.py.
NO_BODY: Final = 0
CONTENT_LENGTH: Final = 1
CHUNKED: Final = 2
UNTIL_CLOSE: Final = 3


@final
class Fields:
    """One header section, immutable.

    - `pairs`: (name, value) in the order they came; names as sent (made by `FieldNames`), values
      without the optional white space around them, decoded as UTF-8 with "surrogateescape".
    - `raw`: the field lines as received, each with its CRLF.
    - `view`: None until the layer above keeps here what it derives from the section.
    """

    __slots__ = ("pairs", "raw", "view")

    def __init__(self, pairs: tuple[tuple[str, str], ...], raw: bytes) -> None:
        """Keep a section that was parsed elsewhere; nothing is checked again."""
        self.pairs = pairs
        self.raw = raw
        self.view: object | None = None

    def raw_pairs(self) -> tuple[tuple[bytes, bytes], ...]:
        """Return (name, value) as received, without the white space around values."""
        pairs = []
        for line in self.raw.split(b"\r\n")[:-1]:
            name, _, value = line.partition(b":")
            pairs.append((name, value.strip(b" \t")))
        return tuple(pairs)

    def __repr__(self) -> str:
        """Show the pairs."""
        return f"Fields({self.pairs!r})"


class MessageHead:
    """What a head says about its message, whichever side sent it.

    - `version`: `HttpVersion10` or `HttpVersion11`.
    - `fields`: the header section.
    - `framing`: `NO_BODY`, `CONTENT_LENGTH`, `CHUNKED` or `UNTIL_CLOSE` (RFC 9112 section 6.3).
    - `content_length`: bytes, or -1 when the head has no Content-Length.
    - `has_body`: chunked, until close, or a Content-Length above 0 that counts.
    - `keep_alive`: the sender lets the connection live on (RFC 9112 section 9.3).
    - `upgrade`: the message asks for another protocol, or changes to it (RFC 9110 section 7.8).
    """

    __slots__ = (
        "content_length",
        "fields",
        "framing",
        "has_body",
        "keep_alive",
        "upgrade",
        "version",
    )

    def __init__(
        self,
        version: HttpVersion,
        fields: Fields,
        framing: int,
        content_length: int,
        keep_alive: bool,
        upgrade: bool,
    ) -> None:
        """Keep what was parsed elsewhere."""
        self.version = version
        self.fields = fields
        self.framing = framing
        self.content_length = content_length
        self.has_body = framing >= CHUNKED or (framing == CONTENT_LENGTH and content_length > 0)
        self.keep_alive = keep_alive
        self.upgrade = upgrade


@final
class RequestHead(MessageHead):
    """A request line and its header section, checked, with what they say about the message.

    - `method`: the token as sent (methods are case-sensitive, RFC 9110 section 9.1).
    - `target`: the request-target as sent (RFC 9112 section 3.2).
    - `version`, `fields`, `framing`, `content_length`, `has_body`, `keep_alive`: see
      `MessageHead`; the framing of a request is never `UNTIL_CLOSE`.
    - `upgrade`: the client asks for another protocol (RFC 9110 section 7.8): HTTP/1.1, an Upgrade
      field, and `upgrade` among the connection options.
    - `expect`: there is an Expect field that HTTP/1.1 lets count (RFC 9110 section 10.1.1).
    - `expect_continue`: the client waits for 100 (Continue) (RFC 9110 section 10.1.1).
    """

    __slots__ = ("expect", "expect_continue", "method", "target")

    def __init__(
        self,
        method: str,
        target: str,
        version: HttpVersion,
        fields: Fields,
        framing: int = NO_BODY,
        content_length: int = -1,
        keep_alive: bool = True,
        upgrade: bool = False,
        expect: bool = False,
        expect_continue: bool = False,
    ) -> None:
        """Keep a head that was parsed elsewhere; nothing is checked again."""
        super().__init__(version, fields, framing, content_length, keep_alive, upgrade)
        self.method = method
        self.target = target
        self.expect = expect
        self.expect_continue = expect_continue

    def __repr__(self) -> str:
        """Show the request line and the fields."""
        major, minor = self.version
        return f"RequestHead({self.method} {self.target} HTTP/{major}.{minor}, {self.fields!r})"


@final
class ResponseHead(MessageHead):
    """A status line and its header section, checked, with what they say about the message.

    - `status`: 100 to 999 (RFC 9110 section 15).
    - `reason`: the reason phrase, decoded as values are; may be empty (RFC 9112 section 4).
    - `version`, `fields`, `framing`, `has_body`, `keep_alive`: see `MessageHead`. A body that
      lasts `UNTIL_CLOSE` takes the connection along, so `keep_alive` is then False.
    - `content_length`: as the field says, also where there is no body: in an answer to HEAD it is
      what GET would have sent (RFC 9110 section 8.6).
    - `upgrade`: what follows is no longer HTTP/1.1: this is a 101 (Switching Protocols), or a 2xx
      to CONNECT. `ResponseParser.detach` hands it over.
    - `interim`: a 1xx other than 101; the answer is still to come (RFC 9110 section 15.2).
    """

    __slots__ = ("interim", "reason", "status")

    def __init__(
        self,
        status: int,
        reason: str,
        version: HttpVersion,
        fields: Fields,
        framing: int = NO_BODY,
        content_length: int = -1,
        keep_alive: bool = True,
        upgrade: bool = False,
    ) -> None:
        """Keep a head that was parsed elsewhere; nothing is checked again."""
        super().__init__(version, fields, framing, content_length, keep_alive, upgrade)
        self.status = status
        self.reason = reason
        self.interim = 100 <= status < 200 and status != 101

    def __repr__(self) -> str:
        """Show the status line and the fields."""
        major, minor = self.version
        return f"ResponseHead(HTTP/{major}.{minor} {self.status} {self.reason}, {self.fields!r})"


@final
class EndOfMessage:
    """The end of a message, with the trailer fields of a chunked body (RFC 9112 section 7.1.2).

    `trailers` is never merged into the header section: a peer could name Content-Length or Host
    there.
    """

    __slots__ = ("trailers",)

    def __init__(self, trailers: tuple[tuple[str, str], ...] = ()) -> None:
        """Keep the trailers, (name, value) in the order they came."""
        self.trailers = trailers

    def __repr__(self) -> str:
        """Show the trailers."""
        return f"EndOfMessage({self.trailers!r})"


END_OF_MESSAGE: Final = EndOfMessage()

# What a parser of requests gives, and one of responses.
Event: TypeAlias = RequestHead | bytes | EndOfMessage
ResponseEvent: TypeAlias = ResponseHead | bytes | EndOfMessage
