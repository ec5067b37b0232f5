"""The client for tests: paths in place of URLs, and nothing left open."""

from typing import assert_type

import pytest
from aiohttp import ClientResponse
from tidegate_web_routing import route
from tidegate_web_server import Application, BaseRequest, Request, Response
from tidegate_web_server.testing import RawTestServer, TestClient, TestServer


async def echo(request: BaseRequest) -> Response:
    body = await request.text()
    return Response(text=f"{request.method} {request.path_qs} {body}")


def make_app() -> Application:
    app = Application()
    app.add_routes([route("*", "/{tail:.*}", echo)])
    return app


@pytest.mark.parametrize("method", ["get", "post", "options", "put", "patch", "delete"])
async def test_each_verb_has_a_method(method: str) -> None:
    async with (
        TestClient(TestServer(make_app())) as client,
        getattr(client, method)("/a", params={"b": "c"}) as response,
    ):
        assert await response.text() == f"{method.upper()} /a?b=c "


async def test_head_follows_no_redirects() -> None:
    async def moved(request: BaseRequest) -> Response:
        return Response(status=302, headers={"Location": "/elsewhere"})

    async with TestClient(RawTestServer(moved)) as client, client.head("/") as response:
        assert response.status == 302


async def test_a_request_can_be_awaited_and_is_closed_with_the_client() -> None:
    async with TestClient(TestServer(make_app())) as client:
        response = await client.request("POST", "/x", data=b"body")
        assert isinstance(response, ClientResponse)
        assert await response.text() == "POST /x body"
        left_open = await client.get("/y")
    assert left_open.closed


async def test_the_application_and_the_server_can_be_reached() -> None:
    app = make_app()
    server = TestServer(app)
    async with TestClient(server) as client:
        assert client.app is app
        assert client.server is server
        assert (client.host, client.port) == (server.host, server.port)
        assert client.make_url("/z") == server.make_url("/z")
    async with TestClient(RawTestServer(echo)) as raw:
        assert raw.app is None


async def test_cookies_of_a_nameless_server_are_kept() -> None:
    async def remember(request: BaseRequest) -> Response:
        cookie = request.headers.get("Cookie", "")
        return Response(text=cookie, headers={"Set-Cookie": "seen=1"})

    async with TestClient(RawTestServer(remember)) as client:
        await client.get("/")
        async with client.get("/") as response:
            assert await response.text() == "seen=1"


async def test_closing_twice_is_allowed_and_closes_the_server() -> None:
    server = RawTestServer(echo)
    client = TestClient(server)
    await client.start_server()
    await client.close()
    await client.close()
    assert server.closed
    assert client.session.closed


async def test_an_application_in_place_of_a_server_is_refused_with_advice() -> None:
    with pytest.raises(TypeError, match=r"TestServer\(app\)"):
        TestClient(make_app())  # type: ignore[call-overload]  # the mistake that is tested


async def test_the_client_is_typed_by_its_server() -> None:
    async with TestClient(TestServer(make_app())) as client:
        assert_type(client, TestClient[Request, Application])
        assert_type(client.app, Application)
    async with TestClient(RawTestServer(echo)) as raw:
        assert_type(raw, TestClient[Request, None])
