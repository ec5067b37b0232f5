"""WebSocket (RFC 6455) for tidegate: a codec without I/O, and ``WebSocketResponse`` on it.

From the wire up, file by file: :mod:`.masking` and :mod:`.frames` turn bytes to frames and back,
:mod:`.connection` makes :mod:`.messages` of them and knows how a connection closes,
:mod:`.handshake` accepts the request that begins one. None of these does I/O. :mod:`.session` ties
a connection to asyncio, and :mod:`.response` is what a handler sees.
"""

from ._version import __version__ as __version__
from .connection import WebSocketConnection as WebSocketConnection
from .errors import HandshakeError as HandshakeError
from .errors import WebSocketError as WebSocketError
from .errors import WebSocketStateError as WebSocketStateError
from .errors import WSMessageTypeError as WSMessageTypeError
from .frames import Frame as Frame
from .frames import FrameDecoder as FrameDecoder
from .frames import encode_frame as encode_frame
from .frames import encode_header as encode_header
from .handshake import Handshake as Handshake
from .handshake import WebSocketReady as WebSocketReady
from .handshake import accept as accept
from .handshake import accept_value as accept_value
from .messages import WSCloseCode as WSCloseCode
from .messages import WSMessage as WSMessage
from .messages import WSMsgType as WSMsgType
from .response import WebSocketResponse as WebSocketResponse

__all__ = (
    "Frame",
    "FrameDecoder",
    "Handshake",
    "HandshakeError",
    "WSCloseCode",
    "WSMessage",
    "WSMessageTypeError",
    "WSMsgType",
    "WebSocketConnection",
    "WebSocketError",
    "WebSocketReady",
    "WebSocketResponse",
    "WebSocketStateError",
    "__version__",
    "accept",
    "accept_value",
    "encode_frame",
    "encode_header",
)
