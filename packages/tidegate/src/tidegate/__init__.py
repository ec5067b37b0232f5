"""tidegate: an HTTP/1.1 and WebSocket server framework for asyncio.

Most programs need one name of it: ``from tidegate import web``.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from tidegate_http_core import ETag as ETag
from tidegate_http_core import HttpVersion as HttpVersion
from tidegate_http_core import HttpVersion10 as HttpVersion10
from tidegate_http_core import HttpVersion11 as HttpVersion11
from tidegate_http_core import set_zlib_backend as set_zlib_backend
from tidegate_web_server import EMPTY_PAYLOAD as EMPTY_PAYLOAD
from tidegate_web_server import PAYLOAD_REGISTRY as PAYLOAD_REGISTRY
from tidegate_web_server import AsyncIterablePayload as AsyncIterablePayload
from tidegate_web_server import BadContentDispositionHeader as BadContentDispositionHeader
from tidegate_web_server import BadContentDispositionParam as BadContentDispositionParam
from tidegate_web_server import BodyPartReader as BodyPartReader
from tidegate_web_server import BufferedReaderPayload as BufferedReaderPayload
from tidegate_web_server import BytesIOPayload as BytesIOPayload
from tidegate_web_server import BytesPayload as BytesPayload
from tidegate_web_server import ChainMapProxy as ChainMapProxy
from tidegate_web_server import FormData as FormData
from tidegate_web_server import IOBasePayload as IOBasePayload
from tidegate_web_server import JsonPayload as JsonPayload
from tidegate_web_server import MultipartReader as MultipartReader
from tidegate_web_server import MultipartWriter as MultipartWriter
from tidegate_web_server import Payload as Payload
from tidegate_web_server import StreamReader as StreamReader
from tidegate_web_server import StringIOPayload as StringIOPayload
from tidegate_web_server import StringPayload as StringPayload
from tidegate_web_server import TextIOPayload as TextIOPayload
from tidegate_web_server import content_disposition_filename as content_disposition_filename
from tidegate_web_server import get_payload as get_payload
from tidegate_web_server import parse_content_disposition as parse_content_disposition
from tidegate_web_server import payload_type as payload_type
from tidegate_web_ws import WebSocketError as WebSocketError
from tidegate_web_ws import WSCloseCode as WSCloseCode
from tidegate_web_ws import WSMessage as WSMessage
from tidegate_web_ws import WSMessageTypeError as WSMessageTypeError
from tidegate_web_ws import WSMsgType as WSMsgType

from . import abc as abc
from . import hdrs as hdrs
from ._version import __version__ as __version__

__all__ = (
    "EMPTY_PAYLOAD",
    "PAYLOAD_REGISTRY",
    "AsyncIterablePayload",
    "BadContentDispositionHeader",
    "BadContentDispositionParam",
    "BodyPartReader",
    "BufferedReaderPayload",
    "BytesIOPayload",
    "BytesPayload",
    "ChainMapProxy",
    "ETag",
    "FormData",
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "IOBasePayload",
    "JsonPayload",
    "MultipartReader",
    "MultipartWriter",
    "Payload",
    "StreamReader",
    "StringIOPayload",
    "StringPayload",
    "TextIOPayload",
    "WSCloseCode",
    "WSMessage",
    "WSMessageTypeError",
    "WSMsgType",
    "WebSocketError",
    "__version__",
    "abc",
    "content_disposition_filename",
    "get_payload",
    "hdrs",
    "parse_content_disposition",
    "payload_type",
    "set_zlib_backend",
    "web",
)

if TYPE_CHECKING:
    from . import web as web
else:
    # Not seen by type checkers: to them it would say that every name exists.
    def __getattr__(name: str) -> ModuleType:
        # Imported when it is asked for: `python -m tidegate.web` imports this package first, and
        # warns about a module that is imported already and then run as a program as well.
        if name == "web":
            return import_module(".web", __name__)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
