"""The servers that are compared: each one an echo, run as a program of its own.

    python benchmarks/web_ws/servers.py NAME [--deflate] [--loop uvloop]

It prints the port that it listens on. All of them take messages of any size, echo text as text and
bytes as bytes, and negotiate permessage-deflate with ``--deflate`` only. What a peer does not
offer is left out of :data:`SERVERS`: picows gives raw frames to callbacks and has no compression
of its own, so it marks what is possible, not what compares.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import socket
from collections.abc import Callable, Coroutine
from typing import Any

Server = Callable[[bool], Coroutine[Any, Any, None]]


async def tidegate(deflate: bool) -> None:
    from tidegate_web_server import Application, AppRunner, Request, TCPSite
    from tidegate_web_ws import WebSocketResponse, WSMsgType

    text, binary = WSMsgType.TEXT, WSMsgType.BINARY

    async def echo(request: Request) -> WebSocketResponse:
        ws = WebSocketResponse(compress=deflate, max_msg_size=0)
        await ws.prepare(request)
        async for message in ws:
            if message.type is text:
                await ws.send_str(message.data)
            elif message.type is binary:
                await ws.send_bytes(message.data)
        return ws

    app = Application()
    app.router.add_get("/", echo)
    runner = AppRunner(app, access_log=None)
    await runner.setup()
    site = TCPSite(runner, "127.0.0.1", 0, backlog=8192)
    await site.start()
    await _serve(site.port)


async def aiohttp(deflate: bool) -> None:
    from aiohttp import WSMsgType, web

    text, binary = WSMsgType.TEXT, WSMsgType.BINARY

    async def echo(request: web.Request) -> web.WebSocketResponse:
        ws = web.WebSocketResponse(compress=deflate, max_msg_size=0)
        await ws.prepare(request)
        async for message in ws:
            if message.type is text:
                await ws.send_str(message.data)
            elif message.type is binary:
                await ws.send_bytes(message.data)
        return ws

    app = web.Application()
    app.router.add_get("/", echo)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, backlog=8192)
    await site.start()
    await _serve(runner.addresses[0][1])


async def picows(deflate: bool) -> None:
    library: Any = importlib.import_module("picows")

    class Echo(library.WSListener):  # type: ignore[misc] # not known to type checkers
        def on_ws_frame(self, transport: Any, frame: Any) -> None:
            kind = frame.msg_type
            if kind in (library.WSMsgType.TEXT, library.WSMsgType.BINARY):
                transport.send(kind, frame.get_payload_as_bytes())
            elif kind == library.WSMsgType.PING:
                transport.send_pong(frame.get_payload_as_bytes())
            elif kind == library.WSMsgType.CLOSE:
                transport.disconnect()

    server = await library.ws_create_server(
        lambda request: Echo(), "127.0.0.1", 0, max_frame_size=2**30
    )
    await _serve(server.sockets[0].getsockname()[1])


async def websockets(deflate: bool) -> None:
    from websockets.asyncio.server import ServerConnection, serve

    async def echo(connection: ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    server = await serve(
        echo,
        "127.0.0.1",
        0,
        compression="deflate" if deflate else None,
        max_size=None,
        ping_interval=None,
        backlog=8192,
    )
    await _serve(next(iter(server.sockets)).getsockname()[1])


async def uvicorn(deflate: bool) -> None:
    library: Any = importlib.import_module("uvicorn")

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "websocket.accept"})
        while (event := await receive())["type"] == "websocket.receive":
            if event.get("text") is not None:
                await send({"type": "websocket.send", "text": event["text"]})
            else:
                await send({"type": "websocket.send", "bytes": event["bytes"]})

    sock = socket.create_server(("127.0.0.1", 0), backlog=8192)
    config = library.Config(
        app,
        lifespan="off",
        log_level="error",
        ws_per_message_deflate=deflate,
        ws_max_size=2**30,
        ws_ping_interval=None,
    )
    print(sock.getsockname()[1], flush=True)
    await library.Server(config).serve([sock])


async def _serve(port: int) -> None:
    print(port, flush=True)
    await asyncio.Event().wait()


SERVERS: dict[str, Server] = {
    "tidegate": tidegate,
    "aiohttp": aiohttp,
    "picows": picows,
    "websockets": websockets,
    "uvicorn": uvicorn,
}
WITHOUT_DEFLATE = {"picows"}


def main() -> None:
    """Serve until the process is ended."""
    parser = argparse.ArgumentParser(description="Echo WebSocket messages.")
    parser.add_argument("name", choices=SERVERS)
    parser.add_argument("--deflate", action="store_true")
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    options = parser.parse_args()
    if options.loop == "uvloop":
        import uvloop

        uvloop.run(SERVERS[options.name](options.deflate))
    else:
        asyncio.run(SERVERS[options.name](options.deflate))


if __name__ == "__main__":
    main()
