"""Memory of an idle WebSocket, in KiB of the server's process.

    python benchmarks/web_ws/bench_memory.py [--connections 2000]

Three states: just opened; after one echoed message of 1 KiB; the same where compression was agreed
on, so that both windows have been made. Linux only (/proc).
"""

from __future__ import annotations

import argparse

from bench_echo import installed
from load import TEXT, Load, ServerProcess, connect
from servers import SERVERS, WITHOUT_DEFLATE


def measure(name: str, connections: int, *, messages: bool, deflate: bool) -> float:
    """Return the KiB of one connection."""
    server = ServerProcess(name, *(["--deflate"] if deflate else []))
    try:
        warm = Load(server.port, opcode=TEXT, size=1024, connections=50, deflate=deflate)
        warm.run(0.2)
        before = server.resident()
        if messages:
            load = Load(
                server.port, opcode=TEXT, size=1024, connections=connections, deflate=deflate
            )
            load.run(0)
        else:
            sockets = [connect(server.port, deflate) for _ in range(connections)]
        used = server.resident() - before
        if messages:
            load.close()
        else:
            for sock in sockets:
                sock.close()
        warm.close()
    finally:
        server.stop()
    return used / connections / 1024


def main() -> None:
    """Measure all candidates."""
    parser = argparse.ArgumentParser(description="Memory of an idle WebSocket.")
    parser.add_argument("--connections", type=int, default=2000)
    options = parser.parse_args()
    names = installed(list(SERVERS))
    print(f"{'KiB a connection':26}" + "".join(f"{name:>12}" for name in names))
    for row, messages, deflate in (
        ("opened", False, False),
        ("after a message", True, False),
        ("after one, deflate", True, True),
    ):
        cells = []
        for name in names:
            if deflate and name in WITHOUT_DEFLATE:
                cells.append(f"{'-':>12}")
                continue
            kib = measure(name, options.connections, messages=messages, deflate=deflate)
            cells.append(f"{kib:12.1f}")
        print(f"{row:26}" + "".join(cells), flush=True)


if __name__ == "__main__":
    main()
