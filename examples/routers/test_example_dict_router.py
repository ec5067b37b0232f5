"""The router of the example keeps to the contract, and serves an application."""

from __future__ import annotations

import asyncio
import runpy
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tidegate_web_routing.testing import (
    ROUTER_CHECKS,
    RouterCheck,
    RouterContractError,
    RouteSpec,
    check_router,
)
from tidegate_web_server import Application, AppRunner, Request, Response, TCPSite

if TYPE_CHECKING:
    from dict_router import DictRouter
else:
    # The folder is not on the path of modules: run from where it is.
    DictRouter = runpy.run_path(str(Path(__file__).with_name("dict_router.py")))["DictRouter"]


def make(routes: Sequence[RouteSpec]) -> DictRouter:
    router = DictRouter()
    for method, path, handler in routes:
        router.add(method, path, handler)
    return router


@pytest.mark.parametrize(
    "check", [check for check in ROUTER_CHECKS if not check.variable_paths], ids=str
)
def test_the_router_keeps_to_the_contract(check: RouterCheck) -> None:
    check(make)


def test_the_router_has_no_variable_paths() -> None:
    check_router(make, variable_paths=False)
    with pytest.raises(RouterContractError, match="/users/"):
        check_router(make)


async def ask(port: int, method: str, path: str) -> tuple[str, str]:
    """Return the head and the body of an answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(
            f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
        )
        head, _, body = (await reader.read()).decode().partition("\r\n\r\n")
        return head, body
    finally:
        writer.close()
        await writer.wait_closed()


async def test_an_application_is_served_by_the_router() -> None:
    async def hello(request: Request) -> Response:
        return Response(text=f"hello {request.query['name']}")

    router = DictRouter()
    router.add("GET", "/hello", hello)
    app = Application(router=router)
    runner = AppRunner(app)
    await runner.setup()
    try:
        site = TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        head, body = await ask(port, "GET", "/hello?name=you")
        assert (head.split()[1], body) == ("200", "hello you")
        head, _ = await ask(port, "GET", "/nothing")
        assert head.split()[1] == "404"
        head, _ = await ask(port, "DELETE", "/hello")
        assert head.split()[1] == "405"
        assert "\r\nAllow: GET" in head
    finally:
        await runner.cleanup()
    assert router.frozen
