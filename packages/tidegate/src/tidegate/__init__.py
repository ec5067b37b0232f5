"""tidegate: an HTTP/1.1 and WebSocket server framework for asyncio.

Most programs need one name of it: ``from tidegate import web``.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from tidegate_http_core import HttpVersion as HttpVersion
from tidegate_http_core import HttpVersion10 as HttpVersion10
from tidegate_http_core import HttpVersion11 as HttpVersion11
from tidegate_web_server import EMPTY_PAYLOAD as EMPTY_PAYLOAD
from tidegate_web_server import StreamReader as StreamReader
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
    "HttpVersion",
    "HttpVersion10",
    "HttpVersion11",
    "StreamReader",
    "WSCloseCode",
    "WSMessage",
    "WSMessageTypeError",
    "WSMsgType",
    "WebSocketError",
    "__version__",
    "abc",
    "hdrs",
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
