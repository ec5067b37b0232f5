"""One and two workers beside gunicorn with aiohttp's worker: requests/s, and CPU time a request.

    python benchmarks/web_cli/bench_workers.py [--seconds 5] [--rounds 3] [--connections 64]

Every server runs the same handler, without an access log, in one and in two worker processes on
the machine's cores; wrk (Debian package wrk) asks over kept connections. Rounds of all servers
are interleaved. Requests/s depend on what else the machine does, wrk included; the CPU time of a
server's processes for one request is the steadier figure. Each figure is the median of its rounds.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

APP = """\
{imports}

async def hello(request):
    return web.Response(text="Hello, world")

app = web.Application()
app.router.add_get("/", hello)
"""
TICKS = os.sysconf("SC_CLK_TCK")


def servers(folder: Path) -> dict[str, list[str]]:
    """Write the programs; return the command lines, for a port and a number of workers."""
    (folder / "ours.py").write_text(APP.format(imports="import tidegate_web_server as web"))
    (folder / "theirs.py").write_text(APP.format(imports="from aiohttp import web"))
    python, gunicorn = sys.executable, ["-m", "gunicorn", "--chdir", str(folder)]
    common = ["--bind", "127.0.0.1:{port}", "--workers", "{workers}"]
    found = {
        "tidegate": [
            *(
                python,
                "-c",
                "import sys; from tidegate_web_cli.command import main; sys.exit(main())",
            ),
            *("run", "ours:app", "--port", "{port}"),
            *("--app-dir", str(folder), "--workers", "{workers}", "--no-access-log"),
        ]
    }
    if find_spec("gunicorn"):
        worker = "tidegate_web_cli.gunicorn.GunicornUVLoopWebWorker"
        found["gunicorn+tidegate"] = [python, *gunicorn, *common, "-k", worker, "ours:app"]
    if find_spec("gunicorn") and find_spec("aiohttp"):
        for name, worker in (("aiohttp", ""), ("aiohttp uvloop", "UVLoop")):
            worker = f"aiohttp.Gunicorn{worker}WebWorker"
            found[f"gunicorn+{name}"] = [python, *gunicorn, *common, "-k", worker, "theirs:app"]
    return found


def cpu_seconds(group: int) -> float:
    """Return the CPU time of a process and all that came of it."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, rest = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(rest[1]), []).append(pid)
        used[pid] = sum(map(int, rest[11:13])) / TICKS
    family, left = 0.0, [group]
    while left:
        pid = left.pop()
        family += used.get(pid, 0.0)
        left += children.get(pid, [])
    return family


def free_port() -> int:
    """Find a port that is free now."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def wait_for(port: int, workers: int) -> None:
    """Wait until the server answers; a moment more for the workers that start after the first."""
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            break
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
    time.sleep(1.5 * workers)


def measure(
    command: list[str], workers: int, seconds: int, connections: int
) -> tuple[float, float]:
    """Return requests/s, and microseconds of CPU time for one of them."""
    port = free_port()
    arguments = [part.format(port=port, workers=workers) for part in command]
    server = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, workers)
        wrk = ["wrk", "-t1", f"-c{connections}", f"http://127.0.0.1:{port}/"]
        subprocess.run([*wrk, "-d1s"], check=True, capture_output=True)
        before = cpu_seconds(server.pid)
        output = subprocess.run(
            [*wrk, f"-d{seconds}s"], check=True, capture_output=True, text=True
        ).stdout
        used = cpu_seconds(server.pid) - before
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)
    if "Non-2xx" in output:
        raise RuntimeError(f"{arguments} did not answer as it should:\n{output}")
    found = re.search(r"(\d+) requests in ([\d.]+)(m?s)", output)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    if found is None or rate is None:
        raise RuntimeError(f"wrk said something else:\n{output}")
    return float(rate[1]), used / int(found[1]) * 1e6


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Workers beside gunicorn with aiohttp's.")
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", type=int, default=64)
    options = parser.parse_args()
    if shutil.which("wrk") is None or not Path("/proc/self/stat").exists():
        print("skipped: this benchmark needs the program wrk (package wrk), and /proc")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        commands = servers(Path(folder))
        cases = [(name, workers) for name in commands for workers in (1, 2)]
        figures: dict[tuple[str, int], list[tuple[float, float]]] = {case: [] for case in cases}
        for _ in range(options.rounds):
            for name, workers in cases:
                figures[name, workers].append(
                    measure(commands[name], workers, options.seconds, options.connections)
                )
    print(f"{'server':<24}{'workers':>8}{'requests/s':>12}{'CPU us/request':>16}")
    for (name, workers), found in figures.items():
        rate, cpu = (statistics.median(column) for column in zip(*found, strict=True))
        print(f"{name:<24}{workers:>8}{rate:>12.0f}{cpu:>16.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
