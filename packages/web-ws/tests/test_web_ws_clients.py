"""Other people's clients talk to an echo."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import BaseRequest
from tidegate_web_ws import WebSocketResponse, WSMsgType

if TYPE_CHECKING:
    from conftest import Serve

WAIT = 5.0
TEXTS = ["", "a", "naïve €𐍈", "x" * 70_000]
BINARIES = [b"", b"\x00\xff", bytes(300_000)]


async def echo(request: BaseRequest) -> WebSocketResponse:
    ws = WebSocketResponse(protocols=["echo"])
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
        else:
            await ws.send_bytes(message.data)
    return ws


async def goodbye(request: BaseRequest) -> WebSocketResponse:
    ws = WebSocketResponse()
    await ws.prepare(request)
    await ws.close(code=4000, message="enough")
    return ws


async def test_websockets(serve: Serve) -> None:
    client = pytest.importorskip("websockets.asyncio.client", reason="needs websockets")
    served = await serve(echo)
    url = f"ws://127.0.0.1:{served.port}/"
    async with asyncio.timeout(WAIT), client.connect(url, subprotocols=["x", "echo"]) as ws:
        assert ws.subprotocol == "echo"
        for content in (*TEXTS, *BINARIES):
            await ws.send(content)
            assert await ws.recv() == content
        await ws.send(["in ", "three ", "fragments"])
        assert await ws.recv() == "in three fragments"
        await (await ws.ping(b"there?"))
        await ws.close(4001, "done")
        assert (ws.close_code, ws.close_reason) == (4001, "")


async def test_websockets_is_closed_by_the_server(serve: Serve) -> None:
    client = pytest.importorskip("websockets.asyncio.client", reason="needs websockets")
    served = await serve(goodbye)
    async with asyncio.timeout(WAIT), client.connect(f"ws://127.0.0.1:{served.port}/") as ws:
        await ws.wait_closed()
        assert (ws.close_code, ws.close_reason) == (4000, "enough")


async def test_aiohttp(serve: Serve) -> None:
    aiohttp = pytest.importorskip("aiohttp", reason="needs aiohttp")
    served = await serve(echo)
    url = f"http://127.0.0.1:{served.port}/"
    async with (
        asyncio.timeout(WAIT),
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=["echo"], compress=15) as ws,
    ):
        assert ws.protocol == "echo"
        assert ws.compress
        for text in TEXTS:
            await ws.send_str(text)
            assert await ws.receive_str() == text
        for data in BINARIES:
            await ws.send_bytes(data)
            assert await ws.receive_bytes() == data
        await ws.close(code=4001)
        assert ws.close_code == 4001


async def test_aiohttp_is_closed_by_the_server(serve: Serve) -> None:
    aiohttp = pytest.importorskip("aiohttp", reason="needs aiohttp")
    served = await serve(goodbye)
    url = f"http://127.0.0.1:{served.port}/"
    async with (
        asyncio.timeout(WAIT),
        aiohttp.ClientSession() as session,
        session.ws_connect(url) as ws,
    ):
        message = await ws.receive()
        assert (message.type, message.data, message.extra) == (8, 4000, "enough")
