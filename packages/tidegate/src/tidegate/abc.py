"""The abstract classes of ``aiohttp.abc`` that a server has."""

from tidegate_web_routing import AbstractMatchInfo as AbstractMatchInfo
from tidegate_web_routing import AbstractRouter as AbstractRouter
from tidegate_web_routing import AbstractView as AbstractView
from tidegate_web_server import AbstractAccessLogger as AbstractAccessLogger
from tidegate_web_server import AbstractStreamWriter as AbstractStreamWriter

__all__ = (
    "AbstractAccessLogger",
    "AbstractMatchInfo",
    "AbstractRouter",
    "AbstractStreamWriter",
    "AbstractView",
)
