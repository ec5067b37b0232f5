"""Test servers: start, URLs, TLS, close."""

import asyncio
import socket

import pytest
from aiohttp import ClientSession
from tidegate_web_routing import get
from tidegate_web_server import Application, BaseRequest, Response, Server
from tidegate_web_server.testing import (
    RawTestServer,
    TestServer,
    get_port_socket,
    get_unused_port_socket,
    unused_port,
)
from yarl import URL


async def hello(request: BaseRequest) -> Response:
    return Response(text=f"hello {request.path}")


def make_app() -> Application:
    app = Application()
    app.add_routes([get("/{name}", hello)])
    return app


async def test_a_test_server_serves_its_application_on_a_free_port() -> None:
    async with TestServer(make_app()) as server, ClientSession() as session:
        assert server.started
        assert server.host == "127.0.0.1"
        assert server.port
        async with session.get(server.make_url("/x")) as response:
            assert await response.text() == "hello /x"


async def test_a_raw_test_server_serves_a_handler_without_an_application() -> None:
    async with RawTestServer(hello) as server, ClientSession() as session:
        assert isinstance(server.handler, Server)
        async with session.get(server.make_url("/raw")) as response:
            assert await response.text() == "hello /raw"


async def test_the_arguments_of_a_test_server_reach_the_server_that_it_starts() -> None:
    async with RawTestServer(hello, client_max_size=7) as server:
        assert server.handler.client_max_size == 7
    async with TestServer(make_app(), keepalive_timeout=5.0) as app_server:
        assert app_server.handler.timeouts.keep_alive == 5.0


async def test_starting_a_running_server_again_does_nothing() -> None:
    async with TestServer(make_app()) as server:
        port = server.port
        await server.start_server()
        assert server.port == port


async def test_a_closed_server_neither_listens_nor_closes_twice() -> None:
    cleaned: list[Application] = []

    async def cleanup(app: Application) -> None:
        cleaned.append(app)

    app = make_app()
    app.on_cleanup.append(cleanup)
    server = TestServer(app)
    await server.close()
    assert (server.started, server.closed) == (False, False)
    await server.start_server()
    assert server.port
    await server.close()
    await server.close()
    assert (server.started, server.closed) == (True, True)
    assert cleaned == [app]
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((server.host, server.port), timeout=3).close()


async def test_a_server_that_cannot_listen_cleans_its_application_up() -> None:
    cleaned: list[Application] = []

    async def cleanup(app: Application) -> None:
        cleaned.append(app)

    app = make_app()
    app.on_cleanup.append(cleanup)
    with get_unused_port_socket("127.0.0.1") as taken:
        taken.listen()
        server = TestServer(app, port=taken.getsockname()[1])
        with pytest.raises(OSError, match="in use"):
            await server.start_server()
    assert cleaned == [app]


async def test_make_url_joins_paths_and_refuses_absolute_urls() -> None:
    async with RawTestServer(hello) as server:
        url = server.make_url("/a?b=c")
        assert url == URL(f"http://127.0.0.1:{server.port}/a?b=c")
        with pytest.raises(ValueError, match="expected a path on the test server"):
            server.make_url(url)
    async with RawTestServer(hello, skip_url_asserts=True) as server:
        assert server.make_url(url) == url


def test_a_server_that_does_not_run_says_how_to_start_it() -> None:
    server = RawTestServer(hello)
    with pytest.raises(RuntimeError, match="start_server"):
        server.make_url("/")
    with pytest.raises(RuntimeError, match="start_server"):
        _ = server.handler


async def test_a_socket_factory_makes_the_listening_socket() -> None:
    made: list[tuple[str, int, socket.AddressFamily]] = []

    def factory(host: str, port: int, family: socket.AddressFamily) -> socket.socket:
        made.append((host, port, family))
        return get_port_socket(host, port, family)

    async with RawTestServer(hello, socket_factory=factory):
        assert made == [("127.0.0.1", 0, socket.AF_INET)]


def test_unused_port_can_be_bound() -> None:
    port = unused_port()
    with get_port_socket("127.0.0.1", port, socket.AF_INET) as sock:
        assert sock.getsockname() == ("127.0.0.1", port)


def test_a_port_that_is_taken_leaves_no_socket_open() -> None:
    with get_unused_port_socket("127.0.0.1") as taken:
        taken.listen()
        with pytest.raises(OSError, match="in use"):
            get_port_socket("127.0.0.1", taken.getsockname()[1], socket.AF_INET)


async def test_requests_left_open_do_not_keep_a_closing_server() -> None:
    entered = asyncio.Event()

    async def forever(request: BaseRequest) -> Response:
        entered.set()
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    server = RawTestServer(forever, shutdown_timeout=0)
    await server.start_server()
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    await entered.wait()
    await server.close()
    # Not an end that a client could take for the end of an answer.
    with pytest.raises(ConnectionResetError):
        await reader.read()
    writer.close()
