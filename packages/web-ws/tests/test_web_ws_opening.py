"""How a request becomes a WebSocket, over real sockets."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import BaseRequest, Response, StreamResponse
from tidegate_web_ws import DeflateSettings, WebSocketReady, WebSocketResponse, WSMsgType
from tidegate_web_ws.frames import TEXT

if TYPE_CHECKING:
    from conftest import Masked, Serve


async def echo(request: BaseRequest) -> WebSocketResponse:
    ws = WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await ws.send_bytes(message.data)
    return ws


# --- the handshake ---


async def test_a_handshake_is_answered_with_101(serve: Serve) -> None:
    served = await serve(echo)
    peer = await served.open()
    assert peer.head.startswith("HTTP/1.1 101 Switching Protocols\r\n")
    lines = peer.head.split("\r\n")
    assert "Upgrade: websocket" in lines
    assert "Connection: Upgrade" in lines
    assert "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in lines
    for absent in ("Content-", "Transfer-", "Sec-WebSocket-Protocol", "Sec-WebSocket-Ext"):
        assert absent not in peer.head


async def test_frames_may_come_with_the_handshake(serve: Serve, masked: Masked) -> None:
    served = await serve(echo)
    peer = await served.connect()
    writing = peer.handshake()
    first = asyncio.ensure_future(writing)
    await asyncio.sleep(0)
    peer.send(masked(TEXT, b"early"))
    await first
    assert await peer.frame() == (TEXT, b"early")


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", "400"),
        ("GET / HTTP/1.0\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n", "400"),
    ],
)
async def test_a_request_that_is_no_handshake_is_refused(
    serve: Serve, request_: str, status: str
) -> None:
    peer = await (await serve(echo)).connect()
    peer.send(request_.encode())
    head = await peer.reader.readuntil(b"\r\n\r\n")
    assert head.split()[1].decode() == status


async def test_another_method_is_refused(serve: Serve) -> None:
    peer = await (await serve(echo)).connect()
    head = await peer.handshake(method="POST")
    assert head.startswith("HTTP/1.1 405 ")
    assert "Allow: GET\r\n" in head


async def test_a_handshake_with_a_body_is_refused(serve: Serve) -> None:
    peer = await (await serve(echo)).connect()
    assert (await peer.handshake("/", "Content-Length: 3")).startswith("HTTP/1.1 400 ")


async def test_another_version_is_told_which_one_to_use(serve: Serve) -> None:
    peer = await (await serve(echo)).connect()
    peer.send(
        b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 8\r\n\r\n"
    )
    head = (await peer.reader.readuntil(b"\r\n\r\n")).decode()
    assert head.startswith("HTTP/1.1 426 ")
    assert "Sec-WebSocket-Version: 13\r\n" in head


async def test_a_handler_can_ask_first(serve: Serve) -> None:
    seen: list[object] = []

    async def handler(request: BaseRequest) -> StreamResponse:
        ws = WebSocketResponse(protocols=["chat"])
        ready = ws.can_prepare(request)
        seen.append(ready)
        if not ready:
            return Response(text="plain")
        await ws.prepare(request)
        with pytest.raises(RuntimeError, match="Already started"):
            ws.can_prepare(request)
        return ws

    served = await serve(handler)
    plain = await served.connect()
    plain.send(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"plain" in await plain.rest()
    peer = await served.open("/", "Sec-WebSocket-Protocol: x", "Sec-WebSocket-Protocol: chat")
    assert "Sec-WebSocket-Protocol: chat\r\n" in peer.head
    await peer.settled()
    assert seen == [WebSocketReady(False, None), WebSocketReady(True, "chat")]


async def test_no_common_subprotocol_is_a_warning(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def goodbye(ws: WebSocketResponse) -> str | None:
        return ws.ws_protocol

    talk = serve.talk(goodbye, protocols=["chat"])
    served = await serve(talk)
    peer = await served.open("/", "Sec-WebSocket-Protocol: video")
    assert await talk.outcome() is None
    assert "'video'" in caplog.text
    assert caplog.records[0].levelno == logging.WARNING
    await peer.settled()


async def test_a_client_without_subprotocols_is_no_warning(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def goodbye(ws: WebSocketResponse) -> None:
        pass

    peer = await (await serve(serve.talk(goodbye, protocols=["chat"]))).open()
    await peer.settled()
    assert not caplog.records


async def test_a_handler_that_prepares_nothing_still_answers(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        return WebSocketResponse()

    peer = await (await serve(handler)).open()
    await peer.settled()


async def test_prepare_can_be_called_again(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        ws = WebSocketResponse()
        writer = await ws.prepare(request)
        assert await ws.prepare(request) is writer
        await ws.send_str("once")
        return ws

    peer = await (await serve(handler)).open()
    assert await peer.frame() == (TEXT, b"once")
    await peer.settled()


# --- pages, settings ---


async def test_another_page_may_not_connect(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        ws = WebSocketResponse(origins=["https://example.com"])
        if request.path == "/ask":
            return Response(text=str(bool(ws.can_prepare(request))))
        await ws.prepare(request)
        return ws

    served = await serve(handler)
    refused = await served.connect()
    head = await refused.handshake("/", "Origin: https://evil.test")
    assert head.startswith("HTTP/1.1 403 ")
    await served.open("/", "Origin: https://example.com")
    await served.open("/")
    asked = await served.connect()
    head = await asked.handshake("/ask", "Origin: https://evil.test")
    assert (await asked.reader.readexactly(5)) == b"False"


async def test_a_malformed_offer_is_refused(serve: Serve) -> None:
    peer = await (await serve(echo)).connect()
    head = await peer.handshake("/", "Sec-WebSocket-Extensions: a b")
    assert head.startswith("HTTP/1.1 400 ")


@pytest.mark.parametrize("option", ["heartbeat", "max_msg_size", "writer_limit"])
def test_negative_numbers_are_refused(option: str) -> None:
    options: Any = {option: -1}
    with pytest.raises(ValueError, match=option):
        WebSocketResponse(**options)


def test_the_class_can_be_subscripted() -> None:
    subscripted: Any = WebSocketResponse.__class_getitem__(bool)
    assert subscripted.__origin__ is WebSocketResponse


async def test_can_prepare_can_still_be_awaited() -> None:
    ready = WebSocketReady(True, "chat")
    with pytest.warns(DeprecationWarning, match="can_prepare"):
        assert await ready is ready


@pytest.mark.parametrize("takeover", [True, False])
async def test_the_window_lives_on_unless_that_was_agreed_away(
    serve: Serve, takeover: bool
) -> None:
    async def send(ws: WebSocketResponse) -> None:
        await ws.send_str("the same again and again")
        await ws.send_str("the same again and again")

    settings = DeflateSettings(context_takeover=takeover, threshold=0)
    talk = serve.talk(send, compress=settings)
    peer = await (await serve(talk)).open("/", "Sec-WebSocket-Extensions: permessage-deflate")
    assert ("server_no_context_takeover" in peer.head) is not takeover
    first = await peer.raw_frame()
    second = await peer.raw_frame()
    assert (first == second) is not takeover
    await peer.settled()
