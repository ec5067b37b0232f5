"""The application under test: handlers that do what handlers do, well and badly.

Run as a program it serves on a free loopback port and prints its URL::

    python served.py --loop uvloop --static DIRECTORY --timeouts SECONDS
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import fields
from importlib import import_module
from typing import Any

from tidegate import web
from tidegate_web_server import MultipartReader, Timeouts

HANDLED = web.AppKey("HANDLED", list[int])
PAUSE = web.AppKey("PAUSE", list[float])


async def alive(request: web.Request) -> web.Response:
    return web.Response(text="alive")


async def echo(request: web.Request) -> web.Response:
    """Answer with the method, the target and the body."""
    body = await request.read()
    return web.Response(body=f"{request.method} {request.raw_path} ".encode() + body)


async def ignore(request: web.Request) -> web.Response:
    """Answer without a look at the body."""
    return web.Response(text="ignored")


async def stream(request: web.Request) -> web.StreamResponse:
    """Send a body in pieces, without a length."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"one")
    await response.write(b"two")
    return response


async def bodiless(request: web.Request) -> web.StreamResponse:
    """Write a body under a status that has none."""
    response = web.StreamResponse(status=int(request.match_info["status"]))
    await response.prepare(request)
    await response.write(b"HTTP/1.1 200 OK\r\n\r\n")
    return response


async def short(request: web.Request) -> web.StreamResponse:
    """Write less than the Content-Length."""
    response = web.StreamResponse(headers={"Content-Length": "10"})
    await response.prepare(request)
    await response.write(b"12345")
    return response


async def long(request: web.Request) -> web.StreamResponse:
    """Write more than the Content-Length."""
    response = web.StreamResponse(headers={"Content-Length": "5"})
    await response.prepare(request)
    await response.write(b"12345")
    await response.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    return response


async def broken(request: web.Request) -> web.StreamResponse:
    """Fail in the middle of a body."""
    response = web.StreamResponse()
    await response.prepare(request)
    await response.write(b"one")
    raise RuntimeError("in the middle of a body")


async def split(request: web.Request) -> web.Response:
    """Put a line end into a field value."""
    return web.Response(headers={"X-Split": "a\r\nX-Smuggled: b"})


async def endless(request: web.Request) -> web.StreamResponse:
    """Write for as long as somebody reads."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(bytes(65536))


async def form(request: web.Request) -> web.Response:
    """Answer with the fields of a form."""
    fields = await request.post()
    told = []
    for name, value in fields.items():
        if isinstance(value, web.FileField):
            value = f"{value.filename}:{len(value.file.read())}"
        told.append(f"{name}={value!s}")
    return web.Response(text="&".join(told))


async def parts(request: web.Request) -> web.Response:
    """Answer with the sizes of the parts of a multipart body, nested ones too."""
    return web.Response(text=await _told(await request.multipart()))


async def _told(reader: Any) -> str:
    sizes = []
    async for part in reader:
        if isinstance(part, MultipartReader):
            sizes.append(f"({await _told(part)})")
        else:
            sizes.append(str(len(await part.read(decode=True))))
    return ",".join(sizes)


async def text(request: web.Request) -> web.Response:
    return web.Response(text=await request.text())


async def json(request: web.Request) -> web.Response:
    return web.json_response(type(await request.json()).__name__)


async def looked_at(request: web.Request) -> web.Response:
    """Look at everything that is parsed only then."""
    told = (
        request.cookies, request.query, request.headers, request.forwarded, request.content_type,
        request.charset, request.if_match, request.if_none_match, request.if_modified_since,
        request.if_unmodified_since, request.if_range, request.http_range, request.url,
    )  # fmt: skip
    return web.Response(text=f"{request.remote} {request.scheme} {request.host} {len(told)}")


async def socket(request: web.Request) -> web.WebSocketResponse:
    """Send every message back."""
    response = web.WebSocketResponse(max_msg_size=65536)
    await response.prepare(request)
    async for message in response:
        if message.type is web.WSMsgType.TEXT:
            await response.send_str(message.data)
        elif message.type is web.WSMsgType.BINARY:
            await response.send_bytes(message.data)
    return response


async def events(request: web.Request) -> web.StreamResponse:
    """Send events without end."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    while True:
        await response.write(b"data: tick\n\n")
        await asyncio.sleep(0.05)


async def poll(request: web.Request) -> web.Response:
    """Wait for news that never come, but for the end of the server."""
    await request.shutting_down.wait()
    return web.Response(text="nothing new")


async def paused(request: web.Request) -> web.Response:
    """Tell the longest pause of the event loop, in milliseconds, since the last question."""
    pause = request.app[PAUSE]
    longest, pause[0] = pause[0], 0.0
    return web.Response(text=f"{longest * 1000:.1f}")


async def watch_pauses(app: web.Application) -> AsyncIterator[None]:
    """Measure how long the event loop works before it comes back to a task that only waits.

    In the thread's own time: what else the machine is at, while the server would work, is not the
    server's pause.
    """

    async def watch() -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(0.001)
            app[PAUSE][0] = max(app[PAUSE][0], time.thread_time() - before)

    task = asyncio.create_task(watch())
    yield
    task.cancel()


async def counted(request: web.Request) -> web.Response:
    """Take a moment, and be counted when it is over."""
    await asyncio.sleep(0.01)
    request.app[HANDLED][0] += 1
    return web.Response(text="counted")


async def say_count(app: web.Application) -> None:
    print(f"handled {app[HANDLED][0]}", flush=True)


def make_app(
    static: str | None = None, body_limit: int = 100_000, pauses: bool = False
) -> web.Application:
    """Make the application.

    :param static: a directory to serve below ``/static``.
    :param body_limit: the ``client_max_size``, in bytes.
    :param pauses: measure the pauses of the event loop, for ``/paused``.
    """
    app = web.Application(client_max_size=body_limit)
    app.add_routes(
        [
            web.get("/alive", alive),
            web.route("*", "/echo", echo),
            web.route("*", "/ignore", ignore),
            web.get("/stream", stream),
            web.get("/bodiless/{status}", bodiless),
            web.get("/short", short),
            web.get("/long", long),
            web.get("/broken", broken),
            web.get("/split", split),
            web.get("/endless", endless),
            web.get("/counted", counted),
            web.post("/form", form),
            web.post("/parts", parts),
            web.post("/text", text),
            web.post("/json", json),
            web.route("*", "/looked-at", looked_at),
            web.get("/socket", socket),
            web.get("/events", events),
            web.get("/poll", poll),
            web.get("/paused", paused),
        ]
    )
    app[HANDLED] = [0]
    app[PAUSE] = [0.0]
    if pauses:
        app.cleanup_ctx.append(watch_pauses)
    app.on_cleanup.append(say_count)
    if static:
        app.router.add_static("/static", static)
    return app


async def serve(app: web.Application, timeouts: Timeouts) -> None:
    """Serve until the program is ended."""
    runner = web.AppRunner(app, timeouts=timeouts, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    print(f"http://{host}:{port}", flush=True)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await stop.wait()
    await runner.cleanup()


def main() -> None:
    """Run as the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], default="asyncio")
    parser.add_argument("--static", help="a directory to serve below /static")
    parser.add_argument("--timeouts", type=float, help="seconds that each time-out takes")
    parser.add_argument("--body-limit", type=int, default=100_000, help="client_max_size")
    parser.add_argument("--pauses", action="store_true", help="measure them, see /paused")
    options = parser.parse_args()
    timeouts = Timeouts()
    if options.timeouts:
        timeouts = Timeouts(**{field.name: options.timeouts for field in fields(Timeouts)})
    logging.basicConfig(level=logging.INFO, stream=sys.stdout)
    factory = asyncio.new_event_loop
    if options.loop == "uvloop":
        factory = import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        app = make_app(options.static, options.body_limit, options.pauses)
        runner.run(serve(app, timeouts))


if __name__ == "__main__":
    main()
