"""Fixtures for pytest: ``-p tidegate.pytest_plugin``; they need the extra ``testing``."""

from tidegate_web_server.testing.pytest_plugin import aiohttp_client as aiohttp_client
from tidegate_web_server.testing.pytest_plugin import aiohttp_raw_server as aiohttp_raw_server
from tidegate_web_server.testing.pytest_plugin import aiohttp_server as aiohttp_server
from tidegate_web_server.testing.pytest_plugin import aiohttp_unused_port as aiohttp_unused_port
from tidegate_web_server.testing.pytest_plugin import loop as loop
from tidegate_web_server.testing.pytest_plugin import raw_test_server as raw_test_server
from tidegate_web_server.testing.pytest_plugin import test_client as test_client
from tidegate_web_server.testing.pytest_plugin import test_server as test_server
from tidegate_web_server.testing.pytest_plugin import unused_port as unused_port

__all__ = (
    "aiohttp_client",
    "aiohttp_raw_server",
    "aiohttp_server",
    "aiohttp_unused_port",
    "loop",
    "raw_test_server",
    "test_client",
    "test_server",
    "unused_port",
)
