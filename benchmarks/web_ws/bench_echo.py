"""WebSocket echo through the full interface: CPU time of the server for a message.

    python benchmarks/web_ws/bench_echo.py [--rounds 7] [--seconds 0.5]

Each candidate is a server process with one echo handler, without compression. The client, in this
process, writes frames that were masked beforehand and counts the bytes that come back, so that it
costs less than any server. The candidates of a row take turns, round after round; the figure is
the median of the rounds of the server's own CPU time, user and system, divided by the messages.
A peer that is not installed is named and left out.

    64 B x64     text, 64 messages on their way at a time, in one segment
    64 B         text, one at a time
    16 KiB       binary, one at a time
    1 MiB        binary, one at a time
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import time
from importlib.metadata import PackageNotFoundError, version

ROWS = {
    "64 B x64": (0x1, 64, 64),
    "64 B": (0x1, 64, 1),
    "16 KiB": (0x2, 16 * 1024, 1),
    "1 MiB": (0x2, 1024 * 1024, 1),
}

SERVER = """
import asyncio, time
{imports}

async def echo(request):
    ws = web.WebSocketResponse({options})
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await ws.send_bytes(message.data)
    return ws

async def cpu(request):
    return web.Response(text=repr(time.process_time()))

async def main():
    app = web.Application()
    app.router.add_route("GET", "/", echo)
    app.router.add_route("GET", "/cpu", cpu)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""

CANDIDATES = {
    "tidegate": SERVER.format(
        imports="import tidegate_web_server as web\n"
        "from tidegate_web_ws import WebSocketResponse, WSMsgType\n"
        "web.WebSocketResponse = WebSocketResponse",
        options="",
    ),
    "aiohttp": SERVER.format(
        imports="from aiohttp import WSMsgType, web", options="compress=False"
    ),
}


class Candidate:
    """A running server and one WebSocket to it."""

    def __init__(self, program: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        self.address = ("127.0.0.1", int(self.process.stdout.readline()))
        self.socket = socket.create_connection(self.address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.socket.recv(1)
        assert b" 101 " in head, head

    def cpu(self) -> float:
        """Return the CPU seconds that the server has used."""
        with socket.create_connection(self.address) as client:
            client.sendall(b"GET /cpu HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            answer = b""
            while data := client.recv(65536):
                answer += data
        return float(answer.rpartition(b"\r\n\r\n")[2])

    def measure(self, sent: bytes, expected: bytes, messages: int, seconds: float) -> float:
        """Echo for *seconds*; return the microseconds of the server's CPU for a message."""
        into = memoryview(bytearray(len(expected)))
        before = self.cpu()
        count = 0
        end = time.perf_counter() + seconds
        while time.perf_counter() < end:
            self.socket.sendall(sent)
            got = 0
            while got < len(expected):
                got += self.socket.recv_into(into[got:])
            count += messages
        assert into == expected, "the echo is not what was sent"
        return (self.cpu() - before) / count * 1e6

    def stop(self) -> None:
        """End the server."""
        self.socket.close()
        self.process.terminate()
        self.process.wait(10)
        if self.process.stdout is not None:
            self.process.stdout.close()


def header(opcode: int, size: int, mask: int) -> bytes:
    """Return the header of a frame, with *mask* (0x80) or without (0)."""
    if size < 126:
        return bytes([0x80 | opcode, mask | size])
    if size < 65536:
        return bytes([0x80 | opcode, mask | 126]) + size.to_bytes(2, "big")
    return bytes([0x80 | opcode, mask | 127]) + size.to_bytes(8, "big")


def frames(opcode: int, size: int, count: int) -> tuple[bytes, bytes]:
    """Return *count* masked frames and their echo."""
    key = os.urandom(4)
    payload = (b"The quick brown fox jumps over the lazy dog. " * (size // 45 + 1))[:size]
    masked = bytes(byte ^ key[index % 4] for index, byte in enumerate(payload))
    sent = (header(opcode, size, 0x80) + key + masked) * count
    return sent, (header(opcode, size, 0) + payload) * count


def main() -> None:
    """Measure every row with every candidate that is installed."""
    parser = argparse.ArgumentParser(description="CPU time for an echoed WebSocket message.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=0.5)
    options = parser.parse_args()
    import tidegate_web_ws.frames as codec

    compiled = not str(codec.__file__).endswith(".py")
    print(f"tidegate-web-ws is {'compiled' if compiled else 'interpreted'}: {codec.__file__}")
    running: dict[str, Candidate] = {}
    try:
        for name, program in CANDIDATES.items():
            distribution = "tidegate-web-ws" if name == "tidegate" else name
            try:
                print(f"{distribution} {version(distribution)}")
            except PackageNotFoundError:
                if name != "tidegate":
                    print(f"{name} is not installed: left out")
                    continue
            running[name] = Candidate(program)
        print(f"{'CPU µs a message':18}" + "".join(f"{name:>12}" for name in running))
        for row, (opcode, size, count) in ROWS.items():
            sent, expected = frames(opcode, size, count)
            results: dict[str, list[float]] = {name: [] for name in running}
            for _ in range(options.rounds):
                for name, candidate in running.items():
                    results[name].append(candidate.measure(sent, expected, count, options.seconds))
            medians = [statistics.median(times) for times in results.values()]
            print(f"{row:18}" + "".join(f"{median:12.1f}" for median in medians))
    finally:
        for candidate in running.values():
            candidate.stop()


if __name__ == "__main__":
    main()
