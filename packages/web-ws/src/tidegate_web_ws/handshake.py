"""The opening handshake on the server's side (RFC 6455 section 4.2), without I/O.

:func:`accept` is asked with a parsed request: its method, version and header fields. It returns
what the ``101 Switching Protocols`` response has to carry, or raises :class:`HandshakeError` with
the status of the refusal:

======  ===============================================================================
405     the method is not GET
426     another version of the protocol than 13; the refusal names 13
403     an Origin that is not allowed (section 10.2; see :mod:`.origins`)
400     everything else that section 4.2.1 asks for and the request lacks
======  ===============================================================================

The one extension that it agrees to is permessage-deflate (:mod:`.negotiation`).
"""

from __future__ import annotations

import binascii
import re
import warnings
from base64 import b64encode
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha1
from typing import Final

from multidict import MultiMapping
from tidegate_http_core import hdrs

from .errors import HandshakeError
from .extensions import parse_extensions
from .negotiation import DeflateParameters, DeflateSettings, negotiate
from .origins import Origins

VERSION: Final = "13"

# Section 1.3: appended to the client's key, so that no other protocol answers by chance.
_GUID: Final = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

# RFC 9110 section 5.6.2.
_TOKEN: Final = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

# What the refusals have to carry: section 4.2.2, RFC 9110 sections 15.5.22 and 15.5.6.
_NAMES_VERSION: Final = (
    (str(hdrs.SEC_WEBSOCKET_VERSION), VERSION),
    (str(hdrs.UPGRADE), "websocket"),
    (str(hdrs.CONNECTION), "Upgrade"),
)
_NAMES_METHOD: Final = ((str(hdrs.ALLOW), "GET"),)


@dataclass(frozen=True, slots=True)
class Handshake:
    """An accepted handshake.

    :ivar protocol: the subprotocol that was chosen, None without one.
    :ivar headers: the fields of the 101 response, as (name, value).
    :ivar deflate: what was agreed on about compression, None for no compression.
    """

    protocol: str | None
    headers: tuple[tuple[str, str], ...]
    deflate: DeflateParameters | None = None


@dataclass(frozen=True, slots=True)
class WebSocketReady:
    """The answer of ``can_prepare``; true when a WebSocket can be started.

    :ivar ok: whether it can.
    :ivar protocol: the subprotocol that would be chosen, None without one.
    """

    ok: bool
    protocol: str | None

    def __bool__(self) -> bool:
        """Return :attr:`ok`."""
        return self.ok

    def __await__(self) -> Generator[None, None, WebSocketReady]:
        """Return this; once ``can_prepare`` had to be awaited.

        .. deprecated:: 0.1
        """
        warnings.warn(
            "can_prepare() is no coroutine: use its result without await",
            DeprecationWarning,
            stacklevel=2,
        )
        yield from ()
        return self


def accept(
    method: str,
    version: tuple[int, int],
    headers: MultiMapping[str],
    protocols: Sequence[str] = (),
    *,
    deflate: DeflateSettings | None = None,
    origins: Origins | None = None,
) -> Handshake:
    """Accept a client's handshake.

    :param method: the request's method.
    :param version: the HTTP version, as (major, minor).
    :param headers: the request's header fields; looking them up has to ignore the case.
    :param protocols: the subprotocols that the server speaks.
    :param deflate: how to compress if the client can; None for no compression.
    :param origins: the pages that may connect; None for any.
    :raises HandshakeError: when the request can't become a WebSocket.
    """
    if method != hdrs.METH_GET:
        raise HandshakeError(405, f"expected method GET, got {method!a}", _NAMES_METHOD)
    # RFC 9110 section 7.8: an Upgrade in an HTTP/1.0 request is ignored. HTTP/2 has another way.
    if version != (1, 1):
        raise HandshakeError(400, f"expected HTTP/1.1, got HTTP/{version[0]}.{version[1]}")
    _expect_element(headers, hdrs.UPGRADE, "websocket")
    _expect_element(headers, hdrs.CONNECTION, "upgrade")
    versions = headers.getall(hdrs.SEC_WEBSOCKET_VERSION, [])
    if versions != [VERSION]:
        got = ", ".join(versions) if versions else "none"
        raise HandshakeError(
            426, f"expected Sec-WebSocket-Version {VERSION}, got {got[:80]!a}", _NAMES_VERSION
        )
    key = _client_key(headers)
    if origins is not None:
        origins.check(headers.getall(hdrs.ORIGIN, []), headers.get(hdrs.HOST, ""))
    # Its grammar is checked in any case.
    offers = parse_extensions(headers.getall(hdrs.SEC_WEBSOCKET_EXTENSIONS, []))
    parameters = None if deflate is None else negotiate(offers, deflate)
    answer = [
        (str(hdrs.UPGRADE), "websocket"),
        (str(hdrs.CONNECTION), "Upgrade"),
        (str(hdrs.SEC_WEBSOCKET_ACCEPT), accept_value(key)),
    ]
    protocol = choose_protocol(headers, protocols)
    if protocol is not None:
        answer.append((str(hdrs.SEC_WEBSOCKET_PROTOCOL), protocol))
    if parameters is not None:
        answer.append((str(hdrs.SEC_WEBSOCKET_EXTENSIONS), parameters.response))
    return Handshake(protocol, tuple(answer), parameters)


def accept_value(key: str) -> str:
    """Return the Sec-WebSocket-Accept that answers a Sec-WebSocket-Key (section 4.2.2)."""
    digest = sha1(key.encode("ascii") + _GUID, usedforsecurity=False).digest()
    return b64encode(digest).decode("ascii")


def offered_protocols(headers: MultiMapping[str]) -> list[str]:
    """Return the subprotocols that a client offers, in its order (section 11.3.4)."""
    return list(_elements(headers, hdrs.SEC_WEBSOCKET_PROTOCOL))


def choose_protocol(headers: MultiMapping[str], protocols: Sequence[str]) -> str | None:
    """Return the first of the client's subprotocols that the server speaks too, else None."""
    for offered in offered_protocols(headers):
        if offered in protocols:
            return offered
    return None


def check_protocols(protocols: Iterable[str]) -> tuple[str, ...]:
    """Return the names of subprotocols as a tuple, refusing what could not be sent.

    :raises TypeError: for a str in place of several.
    :raises ValueError: for a name that is no token (RFC 9110 section 5.6.2).
    """
    if isinstance(protocols, str):
        raise TypeError(f"expected several names of subprotocols, got one str: {protocols!r}")
    names = tuple(protocols)
    for name in names:
        if not _TOKEN.fullmatch(name):
            raise ValueError(f"expected the name of a subprotocol to be a token, got {name!r}")
    return names


def _client_key(headers: MultiMapping[str]) -> str:
    keys = headers.getall(hdrs.SEC_WEBSOCKET_KEY, [])
    if len(keys) == 1:
        try:
            nonce = binascii.a2b_base64(keys[0].encode("ascii"), strict_mode=True)
        except (binascii.Error, UnicodeEncodeError):
            nonce = b""
        if len(nonce) == 16:
            return keys[0]
    raise HandshakeError(400, "expected one Sec-WebSocket-Key: 16 bytes in base64")


def _expect_element(headers: MultiMapping[str], name: str, expected: str) -> None:
    """Refuse a request whose comma-separated field *name* has no element *expected*."""
    if expected not in (element.lower() for element in _elements(headers, name)):
        got = ", ".join(headers.getall(name, [])) or "none"
        raise HandshakeError(400, f"expected {expected!r} in {name}, got {got[:80]!a}")


def _elements(headers: MultiMapping[str], name: str) -> Iterator[str]:
    """Yield the elements of a list (RFC 9110 section 5.6.1), over all lines of the field."""
    for line in headers.getall(name, []):
        for element in line.split(","):
            if stripped := element.strip(" \t"):
                yield stripped
