"""Agreeing on permessage-deflate (RFC 7692), the compression of messages.

A client offers the extension, perhaps in several variants; :func:`negotiate` takes the first that
can be kept (section 5.1) and says what the response has to carry. The four parameters
(section 7.1):

==========================  ====================  ===============================================
parameter                   in the offer          in the response
==========================  ====================  ===============================================
server_no_context_takeover  the client demands    when demanded, or set here
client_no_context_takeover  the client would do   when set here
server_max_window_bits      the client demands    when demanded: the smaller of that and ours
client_max_window_bits      the client can        when it can, and ours is smaller than its
==========================  ====================  ===============================================

An offer with an unknown parameter, a parameter twice or a value out of range is passed over
(section 7.1). Without an offer that can be kept the connection has no compression.

**A window of 8 bits.** zlib makes none below 9 bits for raw streams, but one of 9 bits never
refers back further than 512 - 262 = 250 bytes (``MAX_DIST`` in its sources): within the 256 bytes
that 8 bits stand for. So 8 is agreed to, and 9 is what compresses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .extensions import ExtensionOffer

EXTENSION: Final = "permessage-deflate"

_SERVER_TAKEOVER: Final = "server_no_context_takeover"
_CLIENT_TAKEOVER: Final = "client_no_context_takeover"
_SERVER_BITS: Final = "server_max_window_bits"
_CLIENT_BITS: Final = "client_max_window_bits"

# Section 7.1.2.1: a decimal number from 8 to 15 without leading zeros.
_BITS: Final = {str(bits): bits for bits in range(8, 16)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeflateSettings:
    """How a server compresses, and what it asks of clients.

    Memory of a connection is taken when the first compressed message is sent, and again when the
    first one is received: some 4 * 2**window_bits + 2**(mem_level + 9) + 6 KiB bytes for sending,
    2**client_window_bits + 9 KiB for receiving. With the defaults that is 38 and 13 KiB, with
    windows of 15 bits and a memory level of 8 it is 262 and 41 KiB.

    :ivar level: zlib's level, 1 (fast) to 9 (small).
    :ivar mem_level: zlib's memory level, 1 to 9.
    :ivar window_bits: of the window for sending, 9 to 15; smaller if the client demands it.
    :ivar client_window_bits: of the window for receiving, 8 to 15; clients that can't have
        theirs limited get 15.
    :ivar context_takeover: False to compress each message by itself: worse, but no memory is
        held between two messages.
    :ivar client_context_takeover: the same for what is received.
    :ivar threshold: messages of fewer bytes are sent as they are.
    :ivar executor_threshold: messages of this many bytes and more are compressed in the event
        loop's executor, so that the loop goes on meanwhile; 0 for never.
    """

    level: int = 1
    mem_level: int = 5
    window_bits: int = 12
    client_window_bits: int = 12
    context_takeover: bool = True
    client_context_takeover: bool = True
    threshold: int = 64
    executor_threshold: int = 128 * 1024

    def __post_init__(self) -> None:
        """Refuse what zlib does not have."""
        for name, least, most in _RANGES:
            value = getattr(self, name)
            if not least <= value <= most:
                raise ValueError(f"expected {name} from {least} to {most}, got {value!r}")
        for name in ("threshold", "executor_threshold"):
            if getattr(self, name) < 0:
                raise ValueError(f"expected {name} of 0 or more bytes, got {getattr(self, name)}")


_RANGES: Final = (
    ("level", 1, 9),
    ("mem_level", 1, 9),
    ("window_bits", 9, 15),
    ("client_window_bits", 8, 15),
)


@dataclass(frozen=True, slots=True)
class DeflateParameters:
    """What was agreed on.

    :ivar server_window_bits: the size of the server's window is two to the power of this.
    :ivar client_window_bits: the same of the client's.
    :ivar server_no_context_takeover: whether the server begins each message with an empty window.
    :ivar client_no_context_takeover: whether the client does.
    :ivar response: the value of Sec-WebSocket-Extensions in the response.
    """

    server_window_bits: int
    client_window_bits: int
    server_no_context_takeover: bool
    client_no_context_takeover: bool
    response: str


def negotiate(
    offers: Sequence[ExtensionOffer], settings: DeflateSettings
) -> DeflateParameters | None:
    """Return what is agreed on, None when no offer can be kept."""
    for offer in offers:
        if offer.name == EXTENSION:
            parameters = _take(offer, settings)
            if parameters is not None:
                return parameters
    return None


def _take(offer: ExtensionOffer, settings: DeflateSettings) -> DeflateParameters | None:
    given = dict(offer.parameters)
    if len(given) != len(offer.parameters) or not given.keys() <= _PARAMETERS:
        return None
    if given.get(_SERVER_TAKEOVER) is not None or given.get(_CLIENT_TAKEOVER) is not None:
        return None  # these two have no value
    response = [EXTENSION]

    no_takeover = _SERVER_TAKEOVER in given or not settings.context_takeover
    if no_takeover:
        response.append(_SERVER_TAKEOVER)
    no_client_takeover = not settings.client_context_takeover
    if no_client_takeover:
        response.append(_CLIENT_TAKEOVER)

    server_bits = settings.window_bits
    if _SERVER_BITS in given:
        demanded = _BITS.get(given[_SERVER_BITS] or "")
        if demanded is None:
            return None
        server_bits = min(server_bits, demanded)
        response.append(f"{_SERVER_BITS}={server_bits}")

    client_bits = 15
    if _CLIENT_BITS in given:
        can = given[_CLIENT_BITS]
        if can is not None:
            if can not in _BITS:
                return None
            client_bits = _BITS[can]
        if settings.client_window_bits < client_bits:
            client_bits = settings.client_window_bits
            response.append(f"{_CLIENT_BITS}={client_bits}")
    return DeflateParameters(
        server_bits, client_bits, no_takeover, no_client_takeover, "; ".join(response)
    )


_PARAMETERS: Final = frozenset({_SERVER_TAKEOVER, _CLIENT_TAKEOVER, _SERVER_BITS, _CLIENT_BITS})
