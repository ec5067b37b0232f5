"""How long it takes from starting a server to its first answer, peers side by side.

    python benchmarks/web_cli/bench_cold_start.py [rounds]

Each round starts every server once, one after the other, in turn, so that what else the machine
does hits all alike. A server is asked, over and over, from the moment its process exists; the time
until the first answer is shown as the median and the fastest of all rounds. Peers that are not
installed are left out. Measure installed wheels (``hatch run bench:run``): pip compiles those to
bytecode as it installs them, and sources that are compiled at each start take far longer.
"""

from __future__ import annotations

import importlib.util
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

TIDEGATE = """
from tidegate import web
async def hello(request): return web.Response(text="hello")
def create_app(argv=()):
    app = web.Application()
    app.router.add_get("/", hello)
    return app
"""
TIDEGATE_ALONE = TIDEGATE.replace("from tidegate import web", "import tidegate_web_server as web")
AIOHTTP = TIDEGATE.replace("from tidegate import web", "from aiohttp import web")
ASGI = """
async def app(scope, receive, send):
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"hello"})
"""
FILES = {"tg": TIDEGATE, "tg_alone": TIDEGATE_ALONE, "aio": AIOHTTP, "asgi": ASGI}
COMMAND = "from tidegate_web_cli.command import main; main()"
UVICORN = ["-m", "uvicorn", "asgi:app", "--port", "{port}"]
SERVERS: Mapping[str, tuple[str, list[str]]] = {
    "tidegate run": ("tidegate", ["-c", COMMAND, "run", "tg.py", "--port", "{port}"]),
    "tidegate run, server package alone": (
        "tidegate_web_cli",
        ["-c", COMMAND, "run", "tg_alone.py", "--port", "{port}"],
    ),
    "python -m tidegate.web": (
        "tidegate",
        ["-m", "tidegate.web", "-P", "{port}", "tg:create_app"],
    ),
    "python -m aiohttp.web": ("aiohttp", ["-m", "aiohttp.web", "-P", "{port}", "aio:create_app"]),
    "uvicorn, bare ASGI": ("uvicorn", UVICORN),
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def first_answer(arguments: list[str], folder: str) -> float:
    """Return the seconds from starting Python with *arguments* to the first answer."""
    port = free_port()
    command = [sys.executable, *(argument.format(port=port) for argument in arguments)]
    start = time.perf_counter()
    server = subprocess.Popen(
        command,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": folder},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while server.poll() is None:
            try:
                with socket.create_connection(("localhost", port), timeout=5) as connection:
                    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    if connection.recv(100).startswith(b"HTTP/1.1 200"):
                        return time.perf_counter() - start
            except OSError:
                time.sleep(0.001)
        raise SystemExit(f"{' '.join(command)} ended without an answer")
    finally:
        server.kill()
        server.wait()


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    there = {name: s for name, s in SERVERS.items() if importlib.util.find_spec(s[0]) is not None}
    times: dict[str, list[float]] = {name: [] for name in there}
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            (Path(folder) / f"{name}.py").write_text(text)
        for _ in range(rounds + 1):  # the first one, which writes bytecode, is dropped
            for name, (_, arguments) in there.items():
                times[name].append(first_answer(arguments, folder))
    print(f"{'start to first answer, ms':40} {'median':>8} {'fastest':>8}")
    for name, taken in times.items():
        counted = taken[1:]
        print(f"{name:40} {statistics.median(counted) * 1e3:8.0f} {min(counted) * 1e3:8.0f}")


if __name__ == "__main__":
    main()
