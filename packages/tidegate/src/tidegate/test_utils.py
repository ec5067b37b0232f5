"""The names of ``aiohttp.test_utils``: servers and clients for tests, requests by hand.

``TestClient`` and ``AioHTTPTestCase`` need the extra ``testing``.
"""

from typing import TYPE_CHECKING, Any

from tidegate_web_server import testing as _testing
from tidegate_web_server.testing import BaseTestServer as BaseTestServer
from tidegate_web_server.testing import RawTestServer as RawTestServer
from tidegate_web_server.testing import TestServer as TestServer
from tidegate_web_server.testing import get_port_socket as get_port_socket
from tidegate_web_server.testing import get_unused_port_socket as get_unused_port_socket
from tidegate_web_server.testing import loop_context as loop_context
from tidegate_web_server.testing import make_mocked_coro as make_mocked_coro
from tidegate_web_server.testing import make_mocked_request as make_mocked_request
from tidegate_web_server.testing import setup_test_loop as setup_test_loop
from tidegate_web_server.testing import teardown_test_loop as teardown_test_loop
from tidegate_web_server.testing import unused_port as unused_port

if TYPE_CHECKING:
    from tidegate_web_server.testing import AioHTTPTestCase as AioHTTPTestCase
    from tidegate_web_server.testing import TestClient as TestClient
    from tidegate_web_server.testing import unittest_run_loop as unittest_run_loop

__all__ = (
    "AioHTTPTestCase",
    "BaseTestServer",
    "RawTestServer",
    "TestClient",
    "TestServer",
    "get_port_socket",
    "get_unused_port_socket",
    "loop_context",
    "make_mocked_coro",
    "make_mocked_request",
    "setup_test_loop",
    "teardown_test_loop",
    "unittest_run_loop",
    "unused_port",
)


def __getattr__(name: str) -> Any:
    """Import what needs aiohttp's client when it is asked for."""
    if name in __all__:
        return getattr(_testing, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
