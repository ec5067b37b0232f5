"""WebSocket echo through the full interface: CPU time of the server for a message.

    python benchmarks/web_ws/bench_echo.py [--rounds 5] [--seconds 0.5] [--loop uvloop]
                                           [--only tidegate aiohttp] [--rows 64]

Each candidate is a server process with one echo handler (servers.py). The candidates of a row take
turns, round after round; the figure is the median of the rounds of the server's own CPU time, user
and system, divided by the messages. A peer that is not installed is named and left out.

A row names the size, the kind (text, binary), the connections and, with "x", how many messages of
a connection are on their way at a time, in one segment. "deflate" rows negotiate compression, and
both ways are compressed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from load import BINARY, TEXT, Load, ServerProcess
from servers import SERVERS, WITHOUT_DEFLATE


class Row(NamedTuple):
    """What is measured."""

    size: int
    opcode: int
    connections: int
    at_once: int
    deflate: bool

    def __str__(self) -> str:
        size = {64: "64 B", 16384: "16 KiB", 1048576: "1 MiB"}[self.size]
        kind = "text" if self.opcode == TEXT else "binary"
        many = f" x{self.at_once}" if self.at_once > 1 else ""
        return f"{size}{many} {kind}{' deflate' if self.deflate else ''} {self.connections}c"


ROWS = [
    Row(size, opcode, connections, at_once, deflate)
    for deflate in (False, True)
    for size, at_once in ((64, 64), (64, 1), (16384, 1), (1048576, 1))
    for opcode in (TEXT, BINARY)
    for connections in (1, 64)
    if not (at_once > 1 and connections > 1)
]


def installed(only: list[str]) -> list[str]:
    """Return the candidates that are installed; name them and the others."""
    names = []
    for name in only:
        distribution = "tidegate-web-ws" if name == "tidegate" else name
        try:
            print(f"{distribution} {version(distribution)}")
            names.append(name)
        except PackageNotFoundError:
            print(f"{name} is not installed: left out")
    return names


def main() -> None:
    """Measure every row with every candidate that is installed."""
    parser = argparse.ArgumentParser(description="CPU time for an echoed WebSocket message.")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=0.5)
    parser.add_argument("--loop", choices=("asyncio", "uvloop"), default="asyncio")
    parser.add_argument("--only", nargs="+", default=list(SERVERS), choices=SERVERS)
    parser.add_argument("--rows", nargs="+", default=[""], help="parts of the names of rows")
    options = parser.parse_args()
    import tidegate_web_ws.frames as codec

    compiled = not str(codec.__file__).endswith(".py")
    print(f"tidegate-web-ws is {'compiled' if compiled else 'interpreted'}; loop {options.loop}")
    names = installed(options.only)
    print(f"{'CPU µs a message':26}" + "".join(f"{name:>12}" for name in names))
    for deflate in (False, True):
        rows = [row for row in ROWS if row.deflate is deflate]
        rows = [row for row in rows if any(part in str(row) for part in options.rows)]
        if not rows:
            continue
        with contextlib.ExitStack() as stack:
            servers = {}
            for name in names:
                if not deflate or name not in WITHOUT_DEFLATE:
                    more = ["--deflate"] if deflate else []
                    servers[name] = ServerProcess(name, "--loop", options.loop, *more)
                    stack.callback(servers[name].stop)
            if hasattr(os, "sched_setaffinity"):
                os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
            for row in rows:
                measure(row, names, servers, options.rounds, options.seconds)


def measure(
    row: Row, names: list[str], servers: dict[str, ServerProcess], rounds: int, seconds: float
) -> None:
    """Print one row."""
    results: dict[str, list[float]] = {name: [] for name in servers}
    loads = {
        name: Load(
            server.port,
            opcode=row.opcode,
            size=row.size,
            connections=row.connections,
            at_once=row.at_once,
            deflate=row.deflate,
        )
        for name, server in servers.items()
    }
    for load in loads.values():
        load.run(seconds / 5)
    for _ in range(rounds):
        for name, load in loads.items():
            before = servers[name].cpu()
            count = load.run(seconds)
            results[name].append((servers[name].cpu() - before) / count * 1e6)
    for load in loads.values():
        load.close()
    cells = [
        f"{statistics.median(results[name]):12.1f}" if name in results else f"{'-':>12}"
        for name in names
    ]
    print(f"{row!s:26}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
