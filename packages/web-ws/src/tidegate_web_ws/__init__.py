"""WebSocket (RFC 6455) for tidegate: a codec without I/O, and ``WebSocketResponse`` on it.

From the wire up, file by file: :mod:`.masking` and :mod:`.frames` turn bytes to frames and back,
:mod:`.deflate` compresses and inflates, :mod:`.assembly` makes :mod:`.messages` of frames, and
:mod:`.connection` knows how a connection closes. :mod:`.handshake` accepts the request that begins
one, with :mod:`.extensions`, :mod:`.negotiation` of compression, and :mod:`.origins`. None of
these does I/O.

:mod:`.opening` makes a :mod:`.session` of a request, which ties a connection to asyncio, with
:mod:`.sending`, :mod:`.heartbeat` and :mod:`.latency`; :mod:`.response` is what a handler sees,
:mod:`.stream` a message that it receives in pieces, :mod:`.prepared` and :mod:`.broadcast` one
that it sends to many.
"""

from ._version import __version__ as __version__
from .broadcast import BroadcastResult as BroadcastResult
from .broadcast import broadcast as broadcast
from .connection import WebSocketConnection as WebSocketConnection
from .deflate import Deflater as Deflater
from .deflate import Inflater as Inflater
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
from .negotiation import DeflateParameters as DeflateParameters
from .negotiation import DeflateSettings as DeflateSettings
from .origins import Origins as Origins
from .prepared import PreparedMessage as PreparedMessage
from .prepared import prepare_message as prepare_message
from .response import WebSocketResponse as WebSocketResponse
from .stream import MessageStream as MessageStream

__all__ = (
    "BroadcastResult",
    "DeflateParameters",
    "DeflateSettings",
    "Deflater",
    "Frame",
    "FrameDecoder",
    "Handshake",
    "HandshakeError",
    "Inflater",
    "MessageStream",
    "Origins",
    "PreparedMessage",
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
    "broadcast",
    "encode_frame",
    "encode_header",
    "prepare_message",
)
