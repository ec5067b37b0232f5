"""The fixtures, in a pytest of their own, as users load them."""

import pytest

pytest_plugins = ["pytester"]

TESTS = """
import asyncio
import pytest
from tidegate_web_routing import get
from tidegate_web_server import Application, Response
from tidegate_web_server.testing import TestServer


async def hello(request):
    return Response(text="hello")


def make_app():
    app = Application()
    app.add_routes([get("/", hello)])
    return app


async def test_client_of_an_application(aiohttp_client):
    client = await aiohttp_client(make_app(), server_kwargs={"scheme": "http"})
    async with client.get("/") as response:
        assert await response.text() == "hello"


async def test_client_of_a_server(aiohttp_client, aiohttp_server):
    server = await aiohttp_server(make_app())
    client = await aiohttp_client(server)
    assert client.server is server
    assert (await client.get("/")).status == 200


async def test_client_of_something_else(aiohttp_client):
    with pytest.raises(TypeError, match="web.Application or a test server"):
        await aiohttp_client("app")


async def test_raw_server(aiohttp_raw_server, aiohttp_client):
    client = await aiohttp_client(await aiohttp_raw_server(hello))
    assert await (await client.get("/")).text() == "hello"


async def test_port(aiohttp_unused_port, aiohttp_server):
    port = aiohttp_unused_port()
    assert (await aiohttp_server(make_app(), port=port)).port == port


async def test_loop(loop):
    assert loop is asyncio.get_running_loop()


@pytest.mark.filterwarnings("ignore:the fixture:DeprecationWarning")
async def test_old_names(test_client, test_server, raw_test_server, unused_port):
    server = await test_server(make_app(), port=unused_port())
    assert (await (await test_client(server)).get("/")).status == 200
    await raw_test_server(hello)


closed = []


async def test_left_open(aiohttp_server):
    closed.append(await aiohttp_server(make_app()))


def test_what_was_left_open_was_closed():
    assert closed[0].closed
"""


def test_the_fixtures_work_in_a_users_test_suite(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_subprocess(
        "-p",
        "tidegate_web_server.testing.pytest_plugin",
        "-o",
        "asyncio_mode=auto",
        "-o",
        "asyncio_default_fixture_loop_scope=function",
        "-W",
        "error",
    )
    result.assert_outcomes(passed=9)


def test_without_being_loaded_the_fixtures_are_not_there(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_client(aiohttp_client): ...")
    result = pytester.runpytest_subprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'aiohttp_client' not found*"])
