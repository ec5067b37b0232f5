"""WebSockets: the handshake, what a handler receives and sends, and how they end."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from compat.bench import Bench, Case
from compat.wire import request

Play = Callable[[Bench, Any], Awaitable[None]]
Talk = Callable[[Bench, aiohttp.ClientWebSocketResponse], Awaitable[None]]


def _message(message: Any) -> object:
    data = message.data
    if isinstance(data, Exception):
        data = type(data).__name__
    return message.type.name, data, message.extra


async def _note_answers(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    """Note what the server sends, up to its Close."""
    while True:
        message = await client.receive(10)
        bench.note("client got", _message(message))
        if message.type in (
            aiohttp.WSMsgType.CLOSE,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.CLOSING,
            aiohttp.WSMsgType.ERROR,
        ):
            bench.note("client closed with", client.close_code)
            return


def _talk(play: Play, talk: Talk, connect: dict[str, Any] | None = None, **options: Any) -> Case:
    async def case(bench: Bench) -> None:
        ended = asyncio.Event()

        async def handler(request: Any) -> Any:
            ws = bench.web.WebSocketResponse(**options)
            try:
                await ws.prepare(request)
                await play(bench, ws)
            finally:
                bench.note("ended", (ws.closed, ws.close_code))
                bench.note("exception", type(ws.exception()).__name__)
                ended.set()
            return ws

        served = await bench.serve(handler)
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"http://127.0.0.1:{served.port}/", **(connect or {})) as client,
        ):
            bench.note("protocol", client.protocol)
            bench.note("compress", client.compress)
            await talk(bench, client)
        async with asyncio.timeout(10):
            await ended.wait()

    return case


# --- what handlers do ---


async def _loop(bench: Bench, ws: Any) -> None:
    async for message in ws:
        bench.note("got", _message(message))
        if message.type == bench.web.WSMsgType.TEXT:
            await ws.send_str(message.data + "!")
        elif message.type == bench.web.WSMsgType.BINARY:
            await ws.send_bytes(message.data + b"!")


async def _receive_all(bench: Bench, ws: Any) -> None:
    for _ in range(10):
        message = await ws.receive()
        bench.note("got", _message(message))
        if message.type.name in ("CLOSE", "CLOSED", "CLOSING", "ERROR"):
            break
    await bench.attempt_await("send after close", lambda: ws.send_str("late"))
    await bench.attempt_await("ping after close", ws.ping)
    await bench.attempt_await("close after close", ws.close)
    bench.note("after", _message(await ws.receive()))


async def _typed(bench: Bench, ws: Any) -> None:
    await bench.attempt_await("receive_str", ws.receive_str)
    await bench.attempt_await("receive_str of bytes", ws.receive_str)
    await bench.attempt_await("receive_bytes", ws.receive_bytes)
    await bench.attempt_await("receive_bytes of text", ws.receive_bytes)
    await bench.attempt_await("receive_json", ws.receive_json)
    await bench.attempt_await("receive_json of text", ws.receive_json)
    await bench.attempt_await("receive_json loads", lambda: ws.receive_json(loads=len))
    await bench.attempt_await("receive_str of a close", ws.receive_str)


async def _sends(bench: Bench, ws: Any) -> None:
    await ws.send_str("text")
    await ws.send_bytes(b"bytes")
    await ws.send_bytes(bytearray(b"bytearray"))
    await ws.send_bytes(memoryview(b"memoryview"))
    await ws.send_json({"a": [1, "é"]})
    await ws.send_json([1], dumps=lambda data: "own")
    await ws.send_json_bytes([1], dumps=lambda data: b"own bytes")
    await ws.send_frame(b"frame", bench.web.WSMsgType.TEXT)
    await ws.send_str("x" * 200_000)
    if ws.compress:
        await ws.send_str("compressed", compress=9)
    await ws.send_str("")
    texts: tuple[object, ...] = (b"bytes", 1, None)
    for value in texts:
        await bench.attempt_await(f"send_str {value!r}", functools.partial(ws.send_str, value))
    data: tuple[object, ...] = ("text", 1, None)
    for value in data:
        await bench.attempt_await(f"send_bytes {value!r}", functools.partial(ws.send_bytes, value))
    await bench.attempt_await("send_json", lambda: ws.send_json(object()))
    await ws.ping(b"ping")
    await ws.pong(b"pong")
    await bench.attempt_await("ping too long", lambda: ws.ping(b"x" * 126))
    bench.note("closed", await ws.close(code=4001, message=b"the end"))
    bench.note("closed again", await ws.close())


async def _attributes(bench: Bench, ws: Any) -> None:
    bench.note("state", (ws.prepared, ws.closed, ws.close_code, ws.status, ws.keep_alive))
    bench.note("ws_protocol", ws.ws_protocol)
    bench.note("compress", ws.compress)
    bench.note("exception", ws.exception())
    bench.note("info", ws.get_extra_info("none", "default"))
    bench.note("peer", ws.get_extra_info("peername")[0])
    bench.note("truth", (bool(ws), len(ws)))
    bench.note("headers", sorted(str(name).lower() for name in ws.headers))
    await bench.attempt_await("write", lambda: ws.write(b"a"))
    bench.attempt("body", lambda: hasattr(ws, "body"))
    ws["key"] = 1
    bench.note("item", ws["key"])


async def _two_readers(bench: Bench, ws: Any) -> None:
    first = asyncio.ensure_future(ws.receive())
    await asyncio.sleep(0)
    await bench.attempt_await("second reader", ws.receive)
    await ws.send_str("go")
    bench.note("first reader", _message(await first))


async def _timeout(bench: Bench, ws: Any) -> None:
    await bench.attempt_await("timeout", lambda: ws.receive(timeout=0.01))
    await ws.send_str("timed out")
    bench.note("still open", ws.closed)
    bench.note("later", _message(await ws.receive()))


async def _receive_timeout(bench: Bench, ws: Any) -> None:
    await bench.attempt_await("timeout", ws.receive)


async def _fails(bench: Bench, ws: Any) -> None:
    raise ValueError("in a handler")


async def _raises_http(bench: Bench, ws: Any) -> None:
    raise bench.web.HTTPForbidden


async def _returns(bench: Bench, ws: Any) -> None:
    await ws.send_str("bye")


async def _closes(bench: Bench, ws: Any) -> None:
    bench.note("close", await ws.close())
    bench.note("receive", _message(await ws.receive()))


async def _close_codes(bench: Bench, ws: Any) -> None:
    await ws.close(code=bench.framework.package.WSCloseCode.GOING_AWAY, message=b"away")
    bench.note("code", ws.close_code)


# --- what clients do ---


async def _says(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    await client.send_str("text")
    bench.note("client got", _message(await client.receive()))
    await client.send_bytes(b"bytes")
    bench.note("client got", _message(await client.receive()))
    await client.send_str("é" * 70_000)
    bench.note("client got", len((await client.receive()).data))
    await client.close(code=4000, message=b"enough")


async def _says_and_closes(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    await client.send_str("text")
    await client.send_bytes(b"bytes")
    await client.close(code=4000, message=b"enough")


async def _closes_at_once(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    await client.close(code=1000, message=b"why")


async def _closes_without_code(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    await client.send_frame(b"", aiohttp.WSMsgType.CLOSE)
    await _note_answers(bench, client)


async def _types(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    await client.send_str("a")
    await client.send_bytes(b"b")
    await client.send_bytes(b"c")
    await client.send_str("d")
    await client.send_str('{"a": 1}')
    await client.send_str("no json")
    await client.send_str("12345")
    await client.close()


async def _pings(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    await client.ping(b"are you there")
    await client.pong(b"unasked")
    await client.send_str("text")
    bench.note("client got", _message(await client.receive()))
    await client.close()


async def _bad_utf8(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    await client.send_frame(b"\xff\xff", aiohttp.WSMsgType.TEXT)
    await _note_answers(bench, client)


async def _too_big(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    await client.send_bytes(b"x" * 2000)
    await _note_answers(bench, client)


async def _waits_for_go(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    bench.note("client got", _message(await client.receive()))
    await client.send_str("gone")
    await client.close()


async def _vanishes(bench: Bench, client: aiohttp.ClientWebSocketResponse) -> None:
    transport = client.get_extra_info("socket") and client._writer.transport
    if transport is not None:
        transport.abort()


TALKS: dict[str, Case] = {
    "async for": _talk(_loop, _says),
    "async for, closed at once": _talk(_loop, _closes_at_once),
    "async for, vanished": _talk(_loop, _vanishes),
    "receive": _talk(_receive_all, _says_and_closes),
    "receive, closed without a code": _talk(_receive_all, _closes_without_code),
    "receive, autoclose off": _talk(_receive_all, _closes_at_once, autoclose=False),
    "receive, autoping off": _talk(_loop, _pings, autoping=False),
    "autoping": _talk(_loop, _pings),
    "typed": _talk(_typed, _types),
    "sends": _talk(_sends, _note_answers, {"autoping": False, "compress": 15}),
    "sends, uncompressed": _talk(_sends, _note_answers, {"autoping": False}),
    "attributes": _talk(_attributes, _note_answers),
    "two readers": _talk(_two_readers, _waits_for_go),
    "timeout": _talk(_timeout, _waits_for_go),
    "receive_timeout": _talk(_receive_timeout, _note_answers, receive_timeout=0.01),
    "handler fails": _talk(_fails, _note_answers),
    "handler raises an answer": _talk(_raises_http, _note_answers),
    "handler returns": _talk(_returns, _note_answers),
    "handler closes": _talk(_closes, _note_answers),
    "close code": _talk(_close_codes, _note_answers),
    "bad utf-8": _talk(_loop, _bad_utf8),
    "max_msg_size": _talk(_loop, _too_big, max_msg_size=1000),
    "max_msg_size off": _talk(_returns, _note_answers, max_msg_size=0),
    "protocols": _talk(
        _attributes, _note_answers, {"protocols": ["c", "b"]}, protocols=("a", "b", "c")
    ),
    "no common protocol": _talk(
        _attributes, _note_answers, {"protocols": ["x"]}, protocols=("a", "b")
    ),
    "compress": _talk(_attributes, _note_answers, {"compress": 15}),
    "compress off": _talk(_attributes, _note_answers, {"compress": 15}, compress=False),
    "decode_text": _talk(_receive_all, _closes_at_once, decode_text=False),
}

UPGRADE = ("Upgrade: websocket", "Connection: Upgrade")
KEY = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
VERSION = "Sec-WebSocket-Version: 13"

HANDSHAKES: dict[str, bytes] = {
    "good": request("/", *UPGRADE, KEY, VERSION),
    "plain get": request("/"),
    "no connection": request("/", UPGRADE[0], KEY, VERSION),
    "no upgrade": request("/", UPGRADE[1], KEY, VERSION),
    "another upgrade": request("/", "Upgrade: h2c", UPGRADE[1], KEY, VERSION),
    "upper case": request(
        "/", "Upgrade: WebSocket", "Connection: keep-alive, UPGRADE", KEY, VERSION
    ),
    "no version": request("/", *UPGRADE, KEY),
    "version 8": request("/", *UPGRADE, KEY, "Sec-WebSocket-Version: 8"),
    "version 7": request("/", *UPGRADE, KEY, "Sec-WebSocket-Version: 7"),
    "no key": request("/", *UPGRADE, VERSION),
    "short key": request("/", *UPGRADE, "Sec-WebSocket-Key: YWJj", VERSION),
    "bad key": request("/", *UPGRADE, "Sec-WebSocket-Key: ???", VERSION),
    "post": request("/", *UPGRADE, KEY, VERSION, method="POST"),
    "protocols": request("/", *UPGRADE, KEY, VERSION, "Sec-WebSocket-Protocol: x, b, a"),
    "extensions": request(
        "/", *UPGRADE, KEY, VERSION, "Sec-WebSocket-Extensions: permessage-deflate"
    ),
    "extension options": request(
        "/",
        *UPGRADE,
        KEY,
        VERSION,
        "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
        "client_max_window_bits",
    ),
    "unknown extension": request("/", *UPGRADE, KEY, VERSION, "Sec-WebSocket-Extensions: x-y"),
    "1.0": request("/", *UPGRADE, KEY, VERSION, version="1.0"),
}


def _handshake(raw: bytes) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web

        async def handler(request: Any) -> Any:
            ws = web.WebSocketResponse(protocols=("a", "b"))
            able = ws.can_prepare(request)
            bench.note("can_prepare", (bool(able), able.ok, able.protocol))
            bench.note("before", (ws.prepared, ws.closed, ws.close_code))
            await bench.attempt_await("receive", ws.receive)
            await bench.attempt_await("send", lambda: ws.send_str("a"))
            await bench.attempt_await("close", ws.close)
            try:
                await ws.prepare(request)
            except web.HTTPException as exc:
                bench.note("raised", (type(exc).__name__, exc.status))
                raise
            bench.fails("can_prepare again", lambda: ws.can_prepare(request))
            bench.note("prepared", (ws.prepared, ws.closed, ws.ws_protocol, ws.compress))
            return ws

        served = await bench.serve(handler)
        client = await served.connect()
        await client.send(raw)
        answer = await client.answer()
        if answer is not None and answer.status == 101:
            answer.body = b""
        bench.note_answer(answer)

    return case


async def messages(bench: Bench) -> None:
    web = bench.web
    bench.note("types", sorted((each.name, int(each)) for each in web.WSMsgType))
    bench.note(
        "codes", sorted((each.name, int(each)) for each in bench.framework.package.WSCloseCode)
    )
    message = bench.framework.package.WSMessage(web.WSMsgType.TEXT, '{"a": 1}', None)
    bench.note("json", message.json())
    bench.note("tuple", tuple(message)[1:])
    ready = web.WebSocketReady(ok=True, protocol="a")
    bench.note("ready", (bool(ready), ready.ok, ready.protocol))
    bench.fails("unknown option", lambda: web.WebSocketResponse(nonsense=1))
    bench.note("new", (web.WebSocketResponse().closed, web.WebSocketResponse().status))


async def shutdown(bench: Bench) -> None:
    web = bench.web
    sockets: list[Any] = []

    async def handler(request: Any) -> Any:
        ws = web.WebSocketResponse()
        await ws.prepare(request)
        sockets.append(ws)
        await ws.send_str("ready")
        async for message in ws:
            bench.note("got", _message(message))
        bench.note("ended", (ws.closed, ws.close_code))
        return ws

    async def on_shutdown(app: Any) -> None:
        bench.note("on_shutdown", len(sockets))
        for ws in sockets:
            await ws.close(code=1001, message=b"shutdown")

    app = web.Application()
    app.router.add_get("/", handler)
    app.on_shutdown.append(on_shutdown)
    served = await bench.serve(app, shutdown_timeout=5)
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"http://127.0.0.1:{served.port}/") as client,
    ):
        bench.note("ready", _message(await client.receive()))
        stopping = asyncio.ensure_future(served.stop())
        await _note_answers(bench, client)
        await stopping


CASES: dict[str, Case] = {
    **TALKS,
    **{f"handshake: {name}": _handshake(raw) for name, raw in HANDSHAKES.items()},
    "messages": messages,
    "shutdown": shutdown,
}
