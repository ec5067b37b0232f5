"""The switches of TCP: what they do, that they warn, and that they end with the response."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import BaseRequest, Response, StreamResponse
from tidegate_web_server.tcp_options import apply_tcp_options

if TYPE_CHECKING:
    from conftest import Serve

CORK = getattr(socket, "TCP_CORK", None)
needs_cork = pytest.mark.skipif(CORK is None, reason="this system has no TCP_CORK")


def switches(response: StreamResponse) -> tuple[bool, bool]:
    return response.tcp_cork, response.tcp_nodelay


def test_each_clears_the_other_and_warns() -> None:
    response = StreamResponse()
    assert switches(response) == (False, True)
    with pytest.warns(DeprecationWarning, match=r"set_tcp_cork\(\) is deprecated"):
        response.set_tcp_cork(True)
    assert switches(response) == (True, False)
    with pytest.warns(DeprecationWarning, match=r"set_tcp_nodelay\(\) is deprecated"):
        response.set_tcp_nodelay(True)
    assert switches(response) == (False, True)
    with pytest.warns(DeprecationWarning, match="leave the call out"):
        response.set_tcp_nodelay(False)
    assert switches(response) == (False, False)
    with pytest.warns(DeprecationWarning, match="leave the call out"):
        response.set_tcp_cork(False)
    assert switches(response) == (False, False)


def options(request: BaseRequest) -> tuple[bool, bool]:
    sock = request.get_extra_info("socket")
    assert CORK is not None
    return (
        bool(sock.getsockopt(socket.IPPROTO_TCP, CORK)),
        bool(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)),
    )


@needs_cork
@pytest.mark.parametrize("late", [False, True])
async def test_the_socket_is_switched_for_one_response(serve: Serve, late: bool) -> None:
    seen = []

    async def handler(request: BaseRequest) -> StreamResponse:
        seen.append(options(request))
        response = StreamResponse()
        if late:
            await response.prepare(request)
        with pytest.warns(DeprecationWarning, match="leave the call out"):
            response.set_tcp_cork(True)
        await response.prepare(request)
        seen.append(options(request))
        await response.write(b"x")
        await response.write_eof(b"y")
        with pytest.warns(DeprecationWarning, match="leave the call out"):
            response.set_tcp_cork(True)
        seen.append(options(request))
        return response

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        assert (await connection.ask("/")).body == b"xy"
    assert seen == [(False, True), (True, False), (False, True)] * 2


@needs_cork
async def test_a_response_with_its_body_can_be_switched_too(serve: Serve) -> None:
    seen = []

    async def handler(request: BaseRequest) -> Response:
        seen.append(options(request))
        response = Response(text="x")
        with pytest.warns(DeprecationWarning, match="leave the call out"):
            response.set_tcp_nodelay(False)
        return response

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        assert (await connection.ask("/")).body == b"x"
    assert seen == [(False, True)] * 2


def test_what_has_no_such_options_is_left_alone() -> None:
    class Transport:
        def __init__(self, sock: Any) -> None:
            self.sock = sock

        def get_extra_info(self, name: str) -> Any:
            return self.sock

    apply_tcp_options(None)
    unfit: Any = Transport(None)
    apply_tcp_options(unfit)
    near, far = socket.socketpair()
    with near, far:
        unfit = Transport(near)
        apply_tcp_options(unfit, cork=True)
    closed = socket.socket()
    closed.close()
    unfit = Transport(closed)
    apply_tcp_options(unfit, cork=True)
