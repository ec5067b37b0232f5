"""Request, Response, Application and an asyncio HTTP/1.1 server with the interface of aiohttp.web."""

from ._version import __version__ as __version__
