"""Tools for testing applications: a real server on a free port, a real client, requests by hand.

The names and signatures are those of ``aiohttp.test_utils``. :class:`TestClient` is a thin layer
over aiohttp's client and needs the extra ``testing``; everything else needs nothing beside this
package. Fixtures for pytest are in :mod:`.pytest_plugin`, loaded with
``-p tidegate_web_server.testing.pytest_plugin``.
"""

from typing import TYPE_CHECKING, Any

from .loops import loop_context as loop_context
from .loops import setup_test_loop as setup_test_loop
from .loops import teardown_test_loop as teardown_test_loop
from .mocked import make_mocked_coro as make_mocked_coro
from .mocked import make_mocked_request as make_mocked_request
from .ports import get_port_socket as get_port_socket
from .ports import get_unused_port_socket as get_unused_port_socket
from .ports import unused_port as unused_port
from .servers import BaseTestServer as BaseTestServer
from .servers import RawTestServer as RawTestServer
from .servers import TestServer as TestServer

if TYPE_CHECKING:
    from .case import AioHTTPTestCase as AioHTTPTestCase
    from .case import unittest_run_loop as unittest_run_loop
    from .client import TestClient as TestClient

__all__ = [
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
]

_OVER_AIOHTTP = {"AioHTTPTestCase": "case", "TestClient": "client", "unittest_run_loop": "case"}


def __getattr__(name: str) -> Any:
    """Import what needs aiohttp's client when it is asked for.

    :raises ImportError: when aiohttp is not installed; it says what to install.
    """
    module = _OVER_AIOHTTP.get(name)
    if module is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{module}", __name__), name)
