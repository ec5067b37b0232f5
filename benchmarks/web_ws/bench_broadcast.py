"""One message to many WebSockets: ``broadcast()`` beside a loop over ``send_str()``.

    python benchmarks/web_ws/bench_broadcast.py [--clients 5000] [--rounds 5]

The server and its clients are two processes; the clients only open connections, and read them
empty between two rounds. The figure is the server's CPU time for one message to all, in
milliseconds; what the operating system takes for that many writes is shown apart: it is the same
for every way, and no way can be faster. aiohttp is measured with its own loop, if installed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import resource
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any

from load import content

WAYS = ["tidegate broadcast", "tidegate loop", "aiohttp loop"]


async def serve(way: str, clients: int, rounds: int, size: int) -> None:
    """Accept the clients; send a message to all of them, round after round; print the times."""
    text = content(size).decode()
    sockets: list[Any] = []
    everybody = asyncio.Event()
    if way.startswith("tidegate"):
        import tidegate_web_server as web
        from tidegate_web_ws import WebSocketResponse, broadcast
    else:
        from aiohttp import web  # type: ignore[no-redef] # the same interface
        from aiohttp.web import WebSocketResponse  # type: ignore[assignment] # the same interface

    async def handler(request: Any) -> Any:
        ws = WebSocketResponse()
        await ws.prepare(request)
        sockets.append(ws)
        if len(sockets) == clients:
            everybody.set()
        async for _ in ws:
            pass
        return ws

    async def loop() -> None:
        for ws in sockets:
            await ws.send_str(text)

    async def at_once() -> None:
        result = broadcast(sockets, text)
        assert result.sent == clients, result[0]

    send: Callable[[], Awaitable[None]] = at_once if way.endswith("broadcast") else loop
    app = web.Application()
    app.router.add_get("/", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=8192).start()
    print(runner.addresses[0][1], flush=True)
    await everybody.wait()
    print("ready", flush=True)
    for _ in range(rounds):
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
        before, kernel = time.process_time(), os.times().system
        await send()
        # Loops that write later do it now.
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        print(time.process_time() - before, os.times().system - kernel, flush=True)


REQUEST = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n%s\r\n"
)


def measure(way: str, clients: int, rounds: int, size: int, deflate: bool) -> tuple[float, float]:
    """Return the median milliseconds of CPU time, in all and in the kernel."""
    command = [sys.executable, __file__, "--serve", way, "--clients", str(clients)]
    command += ["--rounds", str(rounds), "--size", str(size)]
    extension = b"Sec-WebSocket-Extensions: permessage-deflate\r\n" if deflate else b""
    sockets: list[socket.socket] = []
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        port = int(server.stdout.readline())
        for number in range(clients):
            # A loopback address each few thousand, so that the ports last.
            sock = socket.socket()
            sock.bind((f"127.0.0.{2 + number // 20000}", 0))
            sock.connect(("127.0.0.1", port))
            sock.sendall(REQUEST % extension)
            sockets.append(sock)
        assert server.stdout.readline() == "ready\n"
        drain(sockets)
        times = []
        for _ in range(rounds):
            server.stdin.write("\n")
            server.stdin.flush()
            total, kernel = server.stdout.readline().split()
            times.append((float(total), float(kernel)))
            drain(sockets)
        server.kill()
    for sock in sockets:
        sock.close()
    return (
        statistics.median(total for total, _ in times) * 1e3,
        statistics.median(kernel for _, kernel in times) * 1e3,
    )


def drain(sockets: list[socket.socket]) -> None:
    """Read what has come."""
    for sock in sockets:
        with contextlib.suppress(BlockingIOError):
            sock.recv(1 << 20, socket.MSG_DONTWAIT)


def main() -> None:
    """Measure each way, with and without compression."""
    parser = argparse.ArgumentParser(description="CPU time of a message to many WebSockets.")
    parser.add_argument("--clients", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=1024)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    options = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    if options.serve:
        asyncio.run(serve(options.serve, options.clients, options.rounds, options.size))
        return
    print(f"{options.clients} clients, CPU ms a message (in the kernel)")
    print(f"{'':28}" + "".join(f"{way:>26}" for way in WAYS))
    for size in (64, options.size, 16 * 1024):
        for deflate in (False, True):
            row = f"{size} B{' deflate' if deflate else ''}"
            cells = []
            for way in WAYS:
                total, kernel = measure(way, options.clients, options.rounds, size, deflate)
                cells.append(f"{total:.1f} ({kernel:.1f})")
            print(f"{row:28}" + "".join(f"{cell:>26}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
