"""The server of an application: where its settings come from, and the old way to make one."""

from __future__ import annotations

import asyncio

import aiohttp
import pytest
from tidegate_web_server import Application, AppRunner, Request, Response


async def hello(request: Request) -> Response:
    return Response(text="hello")


async def test_handler_arguments_reach_the_server_and_win_over_the_runner_s() -> None:
    app = Application(handler_args={"read_bufsize": 11})
    runner = AppRunner(app, read_bufsize=22, client_max_size=33)
    await runner.setup()
    assert runner.server is not None
    assert (runner.server.read_bufsize, runner.server.client_max_size) == (11, 33)
    await runner.cleanup()


async def test_the_limits_of_forms_reach_the_server_by_the_application_or_its_runner() -> None:
    for runner in (
        AppRunner(Application(client_max_fields=7)),
        AppRunner(Application(), client_max_fields=7),
        AppRunner(Application(client_max_fields=5, handler_args={"client_max_fields": 7})),
    ):
        await runner.setup()
        assert runner.server is not None
        assert runner.server.client_max_fields == 7
        await runner.cleanup()


async def test_make_handler_makes_a_protocol_factory_with_a_warning() -> None:
    calls: list[str] = []

    async def started(app: Application) -> None:
        calls.append("startup")

    app = Application(client_max_size=77, handler_args={"read_bufsize": 11})
    app.on_startup.append(started)

    async def handler(request: Request) -> Response:
        return Response(text=f"{request.client_max_size} {request.app is app}")

    app.router.add_get("/", handler)
    with pytest.warns(DeprecationWarning, match=r"make_handler\(\) is deprecated, use web.AppR"):
        server = app.make_handler(debug=True, access_log=None)
    assert (app.frozen, server.debug, server.read_bufsize) == (True, True, 11)
    await app.startup()
    listener = await asyncio.get_running_loop().create_server(server, "127.0.0.1", 0)
    port = listener.sockets[0].getsockname()[1]
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{port}/") as answer,
    ):
        assert await answer.text() == "77 True"
    listener.close()
    await app.shutdown()
    await server.shutdown(1)
    await app.cleanup()
    assert calls == ["startup"]


def test_make_handler_works_before_the_loop_runs() -> None:
    app = Application()
    app.router.add_get("/", hello)
    loop = asyncio.new_event_loop()
    try:
        with pytest.warns(DeprecationWarning, match="make_handler"):
            server = app.make_handler(loop=loop)
        listener = loop.run_until_complete(loop.create_server(server, "127.0.0.1", 0))
        listener.close()
        loop.run_until_complete(server.shutdown())
    finally:
        loop.close()
