"""What is received: a message's kind, its content, and the codes that connections close with.

The numbers up to 10 are the opcodes of RFC 6455 section 5.2. Those from 256 on never travel: they
tell the one who receives about the connection itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import IntEnum
from typing import Any, NamedTuple


class WSMsgType(IntEnum):
    """The kind of a message."""

    CONTINUATION = 0x0
    TEXT = 0x1
    BINARY = 0x2
    PING = 0x9
    PONG = 0xA
    CLOSE = 0x8
    # This side is closing the connection.
    CLOSING = 0x100
    # The connection is closed; nothing more will come.
    CLOSED = 0x101
    # The peer broke the protocol; the data is the WebSocketError.
    ERROR = 0x102

    text = TEXT
    binary = BINARY
    ping = PING
    pong = PONG
    close = CLOSE
    closing = CLOSING
    closed = CLOSED
    error = ERROR


class WSCloseCode(IntEnum):
    """Why a connection is closed (RFC 6455 section 7.4.1 and its IANA registry)."""

    OK = 1000
    GOING_AWAY = 1001
    PROTOCOL_ERROR = 1002
    UNSUPPORTED_DATA = 1003
    # Never sent: the connection ended without a Close frame.
    ABNORMAL_CLOSURE = 1006
    INVALID_TEXT = 1007
    POLICY_VIOLATION = 1008
    MESSAGE_TOO_BIG = 1009
    MANDATORY_EXTENSION = 1010
    INTERNAL_ERROR = 1011
    SERVICE_RESTART = 1012
    TRY_AGAIN_LATER = 1013
    BAD_GATEWAY = 1014


class WSMessage(NamedTuple):
    """One message.

    ===========  =====================================  ====================
    type         data                                   extra
    ===========  =====================================  ====================
    TEXT         the text (``bytes`` if not decoded)    ``""``
    BINARY       the ``bytes``                          ``""``
    PING, PONG   the ``bytes`` of the payload           ``""``
    CLOSE        the code; 1005 if the peer sent none   the reason
    CLOSING      None                                   None
    CLOSED       None                                   None
    ERROR        the exception                          None
    ===========  =====================================  ====================
    """

    type: WSMsgType
    data: Any
    extra: str | None

    def json(self, *, loads: Callable[[Any], Any] = json.loads) -> Any:
        """Return the data decoded as JSON.

        :param loads: decodes what :attr:`data` holds.
        :raises ValueError: when the data is no JSON.
        """
        return loads(self.data)
