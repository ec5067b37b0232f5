"""Clients come, chat and vanish, two thousand of them, and leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import resource
import weakref
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import BaseRequest
from tidegate_web_ws import WebSocketResponse
from tidegate_web_ws.frames import CLOSE, TEXT

if TYPE_CHECKING:
    from conftest import Serve, Served

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc"),
]

CLIENTS = 2000
AT_ONCE = 200
OFFER = "Sec-WebSocket-Extensions: permessage-deflate"


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


async def chat(served: Served, number: int) -> None:
    """One client: some chat, then one of the ways to be gone."""
    peer = await served.open("/", *([OFFER] if number % 2 else []))
    for _ in range(random.Random(number).randrange(4)):
        peer.send_frame(TEXT, b"x" * 500)
        await peer.raw_frame()
    end = number % 4
    if end == 0:
        peer.send_frame(CLOSE, b"\x03\xe8")
        await peer.rest()
    elif end == 1:
        peer.vanish()
    elif end == 2:
        peer.send(b"\x81\xfe\x01\x00half a frame")
        peer.vanish()
    peer.close()
    served.peers.remove(peer)


async def wave(served: Served) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with room:
            await chat(served, number)

    async with asyncio.TaskGroup() as group:
        for number in range(CLIENTS):
            group.create_task(one(number))


async def test_two_thousand_clients_leave_nothing(serve: Serve) -> None:
    alive: weakref.WeakSet[WebSocketResponse] = weakref.WeakSet()
    opened = ended = 0

    async def handler(request: BaseRequest) -> WebSocketResponse:
        nonlocal opened, ended
        ws = WebSocketResponse(heartbeat=60, receive_timeout=60)
        await ws.prepare(request)
        alive.add(ws)
        opened += 1
        try:
            async for message in ws:
                await ws.send_str(message.data)
        finally:
            ended += 1
        return ws

    served = await serve(handler)

    async def settled() -> None:
        async with asyncio.timeout(30):
            while ended < opened or len(alive) or descriptors() > before:
                gc.collect()
                await asyncio.sleep(0.02)

    before = descriptors()
    await wave(served)
    await settled()
    memory = resident()
    await wave(served)
    await settled()
    assert opened == 2 * CLIENTS
    assert descriptors() <= before
    # What the first wave took is taken again, not as much once more.
    assert resident() - memory < 16 * 1024 * 1024
