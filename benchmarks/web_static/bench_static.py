"""Static files: CPU time of the server for a request, and for a GiB of a large file.

    python benchmarks/web_static/bench_static.py [--rounds 5] [--seconds 2] [--only NAME …]
                                                  [--rows ROW …] [--connections 16 256]

Each candidate is a server of one process (nginx: one worker) that serves the same directory below
``/static/``. Before it is loaded its answers are compared with the files, byte for byte. wrk is
the generator; it sends the eight fields of a browser. Server and generator are pinned to a core
each, the candidates of a row take turns, round after round, and the figure is the median of the
rounds: user and system time of all processes of the server, from /proc, divided by the requests
that wrk counted. A candidate that is not installed is named and left out.

    1 KiB, 100 KiB    GET of a file that has not changed for a long time
    304               GET of the 1 KiB file with its entity tag in If-None-Match
    100 MiB           CPU for each GiB that the clients have received
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import importlib.metadata
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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LONG_AGO = 1_700_000_000
FILES = {"1k.js": 1024, "100k.js": 100 * 1024, "100m.bin": 100 * 1024 * 1024}
ROWS = {"1 KiB": "1k.js", "304": "1k.js", "100 KiB": "100k.js", "100 MiB": "100m.bin"}

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Connection": "keep-alive",
    "Sec-Fetch-Dest": "document",
    "Sec-Fetch-Mode": "navigate",
}

RUN_APPLICATION = """
import asyncio, sys
{imports}

async def main():
    app = web.Application()
    app.router.add_static("/static", sys.argv[1])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(sys.argv[2])).start()
    await asyncio.Event().wait()

{run}(main())
"""

STARLETTE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

app = Starlette(routes=[Mount("/static", StaticFiles(directory=sys.argv[1]))])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="warning", access_log=False)
"""

GRANIAN = """
import pathlib, sys
from granian import Granian

Granian(
    "bench_empty_app:app", address="127.0.0.1", port=int(sys.argv[2]), interface="asginl",
    workers=1, log_enabled=False, websockets=False, static_path_route=["/static"],
    static_path_mount=[pathlib.Path(sys.argv[1])],
).serve()
"""
EMPTY_APP = "async def app(scope, receive, send):\n    raise RuntimeError('files only')\n"

NGINX = """
worker_processes 1;
daemon off;
pid {work}/nginx.pid;
error_log stderr error;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    access_log off;
    sendfile on;
    tcp_nopush on;
    keepalive_requests 1000000000;
    client_body_temp_path {work}/body;
    proxy_temp_path {work}/proxy;
    fastcgi_temp_path {work}/fastcgi;
    uwsgi_temp_path {work}/uwsgi;
    scgi_temp_path {work}/scgi;
    server {{
        listen 127.0.0.1:{port} backlog=1024;
        location /static/ {{ alias {files}/; }}
    }}
}}
"""

COUNT = """
done = function(summary, latency, requests)
    local errors = summary.errors
    io.write(string.format("COUNT %d %d %d\\n", summary.requests, summary.bytes,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


def applications() -> dict[str, tuple[str, str]]:
    """Return the candidates written in Python: the distribution each needs, and its program."""
    loops = {
        "uvloop": ("import uvloop", "uvloop.run"),
        "asyncio": ("", "asyncio.run"),
    }
    found = {}
    for name, distribution, module in (
        ("tidegate", "tidegate-web-static", "import tidegate_web_server as web"),
        ("aiohttp", "aiohttp", "from aiohttp import web"),
    ):
        for loop, (extra, run) in loops.items():
            program = RUN_APPLICATION.format(imports=f"{module}\n{extra}", run=run)
            found[f"{name} {loop}"] = (distribution, program)
    found["starlette"] = ("starlette", STARLETTE)
    found["granian"] = ("granian", GRANIAN)
    return found


class Server:
    """A candidate that is running."""

    def __init__(self, name: str, command: list[str], port: int, work: Path) -> None:
        """Start it, and wait until it listens."""
        self.name = name
        self.port = port
        self.process = subprocess.Popen(
            command, cwd=work, env={**os.environ, "PYTHONPATH": str(work)}, start_new_session=True
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{name} does not listen") from None
                time.sleep(0.05)

    def processes(self) -> list[int]:
        """Return the numbers of its processes."""
        pids = [self.process.pid]
        for pid in pids:
            children = Path(f"/proc/{pid}/task/{pid}/children")
            pids += [int(child) for child in children.read_text().split()]
        return pids

    def cpu(self) -> float:
        """Return the seconds of CPU time that its processes have used."""
        ticks = 0
        for pid in self.processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Return the MiB that its processes have had at most, without what they share."""
        kib = 0
        for pid in self.processes():
            found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
            kib += int(found[1]) if found else 0
        return kib / 1024

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def make_files(directory: Path) -> dict[str, str]:
    """Write the files; return the digest of each."""
    digests = {}
    for name, size in FILES.items():
        content = os.urandom(size)
        (directory / name).write_bytes(content)
        os.utime(directory / name, (LONG_AGO, LONG_AGO))
        digests[name] = hashlib.sha256(content).hexdigest()
    return digests


def ask(port: int, name: str, fields: dict[str, str]) -> tuple[int, dict[str, str], str]:
    """Ask for a file; return the status, the fields, and the digest of the body."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        client.request("GET", f"/static/{name}", headers=fields)
        answer = client.getresponse()
        digest = hashlib.sha256()
        while piece := answer.read(1 << 20):
            digest.update(piece)
        headers = {key.lower(): value for key, value in answer.getheaders()}
        return answer.status, headers, digest.hexdigest()
    finally:
        client.close()


def check(server: Server, digests: dict[str, str]) -> str:
    """Compare the answers with the files; return the entity tag of the small one."""
    for name, digest in digests.items():
        for _ in range(2):
            status, headers, got = ask(server.port, name, BROWSER)
            if (status, got) != (200, digest) or "content-encoding" in headers:
                raise RuntimeError(f"{server.name}: a wrong answer for {name}: {status} {headers}")
    etag = headers_of(server, "1k.js").get("etag", "")
    status, _, _ = ask(server.port, "1k.js", {**BROWSER, "If-None-Match": etag})
    if status != 304:
        if server.name == "granian" and status == 200:
            return ""  # it has no entity tags: the row is left out
        raise RuntimeError(f"{server.name}: expected 304 for {etag}, got {status}")
    return etag


def headers_of(server: Server, name: str) -> dict[str, str]:
    """Return the fields that a file is sent with."""
    return ask(server.port, name, BROWSER)[1]


def load(
    server: Server, row: str, etag: str, connections: int, seconds: int, script: Path, core: int
) -> float:
    """Load a server; return its CPU time for a request (µs) or for a GiB (ms)."""
    fields = {**BROWSER, "If-None-Match": etag} if row == "304" else BROWSER
    command = ["taskset", "-c", str(core), "wrk", "-t", "1", "-c", str(connections)]
    command += ["-d", f"{seconds}s", "--timeout", "60s", "-s", str(script)]
    for name, value in fields.items():
        command += ["-H", f"{name}: {value}"]
    before = server.cpu()
    result = subprocess.run(
        [*command, f"http://127.0.0.1:{server.port}/static/{ROWS[row]}"],
        capture_output=True,
        text=True,
        check=True,
    )
    used = server.cpu() - before
    found = re.search(r"COUNT (\d+) (\d+) (\d+)", result.stdout)
    if found is None or int(found[3]):
        raise RuntimeError(f"{server.name}: wrk saw errors:\n{result.stdout}")
    if row == "100 MiB":
        return used * 1e3 / (int(found[2]) / 2**30)
    return used * 1e6 / int(found[1])


@contextmanager
def running(chosen: list[str], work: Path, files: Path, core: int) -> Iterator[list[Server]]:
    """Start the candidates that are installed; end them afterwards."""
    pin = ["taskset", "-c", str(core)]
    (work / "bench_empty_app.py").write_text(EMPTY_APP)
    servers: list[Server] = []
    try:
        for name, (distribution, program) in applications().items():
            if chosen and not any(part in name for part in chosen):
                continue
            try:
                print(f"{name}: {distribution} {importlib.metadata.version(distribution)}")
            except importlib.metadata.PackageNotFoundError:
                print(f"{name} is left out: {distribution} is not installed")
                continue
            path = work / f"server_{len(servers)}.py"
            path.write_text(program)
            port = free_port()
            command = [*pin, sys.executable, str(path), str(files), str(port)]
            servers.append(Server(name, command, port, work))
        nginx = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if chosen and "nginx" not in chosen:
            pass
        elif nginx is None:
            print("nginx is left out: it is not installed")
        else:
            port = free_port()
            conf = work / "nginx.conf"
            conf.write_text(NGINX.format(work=work, files=files, port=port))
            command = [*pin, nginx, "-c", str(conf), "-p", str(work)]
            servers.append(Server("nginx", command, port, work))
        yield servers
    finally:
        for server in servers:
            server.stop()


def main() -> int:
    """Measure every row with every candidate."""
    parser = argparse.ArgumentParser(description="CPU time of servers for static files.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--only", nargs="*", default=[], help="parts of candidates' names")
    parser.add_argument("--rows", nargs="*", default=list(ROWS), choices=list(ROWS))
    parser.add_argument("--connections", nargs="*", type=int, default=[16, 256])
    options = parser.parse_args()
    for tool in ("wrk", "taskset"):
        if shutil.which(tool) is None:
            print(f"left out: this needs {tool} (Debian's packages wrk and util-linux)")
            return 0
    cores = sorted(os.sched_getaffinity(0))
    print(f"server on core {cores[0]}, generator on core {cores[-1]}")
    with tempfile.TemporaryDirectory() as directory:
        work = Path(directory)
        work.chmod(0o755)  # for nginx's worker, which is another user when the master is root
        files = work / "files"
        files.mkdir()
        digests = make_files(files)
        script = work / "count.lua"
        script.write_text(COUNT)
        with running(options.only, work, files, cores[0]) as servers:
            tags = {server.name: check(server, digests) for server in servers}
            table(servers, tags, options, script, cores[-1])
    return 0


def table(
    servers: list[Server],
    tags: dict[str, str],
    options: argparse.Namespace,
    script: Path,
    core: int,
) -> None:
    """Load the servers in turns and print a line for each row."""
    width = 17
    print(f"{'':22}" + "".join(f"{server.name:>{width}}" for server in servers))
    for row in options.rows:
        unit = "ms/GiB" if row == "100 MiB" else "µs"
        for connections in options.connections:
            results: dict[str, list[float]] = {server.name: [] for server in servers}
            for _ in range(options.rounds):
                for server in servers:
                    etag = tags[server.name]
                    if row == "304" and not etag:
                        continue
                    seconds = options.seconds
                    results[server.name].append(
                        load(server, row, etag, connections, seconds, script, core)
                    )
            cells = [
                f"{statistics.median(figures):>{width}.1f}" if figures else f"{'-':>{width}}"
                for figures in results.values()
            ]
            print(f"{row:8} c={connections:<4} {unit:6}" + "".join(cells), flush=True)
    memory = "".join(f"{server.memory():>{width}.0f}" for server in servers)
    print(f"{'memory at most, MiB':22}{memory}")


if __name__ == "__main__":
    raise SystemExit(main())
