"""Run the Autobahn WebSocket test suite against the echo of tidegate-web-ws.

    python dev/autobahn.py --wstest /path/to/wstest              # all 517 cases, some 10 minutes
    python dev/autobahn.py --wstest /path/to/wstest --quick      # without 9.*, 12.* and 13.*
    python dev/autobahn.py --wstest /path/to/wstest --cases 6.* 7.*

The suite is not part of this repository: ``wstest`` is the program of autobahntestsuite, and the
environment variable WSTEST can name it, too. It is the client here; the server is a process that
this script starts and stops, with the packages of the environment that runs the script.

A case passes when its behaviour and its closing are OK, or INFORMATIONAL, which is what the suite
calls a case without a right or wrong. Anything else, a case that did not report included, is
listed and makes the exit status 1.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

AGENT = "tidegate"
SLOW = ["9.*", "12.*", "13.*"]
PASSED = ("OK", "INFORMATIONAL")

SERVER = """
import asyncio

from tidegate_web_server import Application, AppRunner, TCPSite
from tidegate_web_ws import DeflateSettings, WebSocketResponse, WSMsgType


async def echo(request):
    # Windows of any size, so that the cases that ask for one get it.
    deflate = DeflateSettings(window_bits=15, client_window_bits=15, mem_level=8)
    ws = WebSocketResponse(max_msg_size=0, compress=deflate)
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await ws.send_bytes(message.data)
    return ws


async def main():
    app = Application()
    app.router.add_get("/", echo)
    runner = AppRunner(app, access_log=None)
    await runner.setup()
    site = TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(site.port, flush=True)
    await asyncio.Event().wait()


asyncio.run(main())
"""


def main() -> int:
    """Run the suite; return 1 when a case did not pass."""
    parser = argparse.ArgumentParser(description="Run the Autobahn WebSocket test suite.")
    parser.add_argument("--wstest", default=os.environ.get("WSTEST") or shutil.which("wstest"))
    parser.add_argument("--quick", action="store_true", help=f"leave out {', '.join(SLOW)}")
    parser.add_argument("--cases", nargs="+", default=["*"], help="such as 6.* or 7.1.6")
    parser.add_argument("--expect", type=int, help="how many cases have to report")
    options = parser.parse_args()
    if not options.wstest:
        print("expected --wstest or WSTEST to name the program of autobahntestsuite")
        return 2
    # Left open: the output of a server that fails is worth seeing.
    server = subprocess.Popen([sys.executable, "-c", SERVER], stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        port = int(server.stdout.readline())
        with tempfile.TemporaryDirectory() as folder:
            report = run_suite(options, port, Path(folder))
    finally:
        server.terminate()
        server.wait(10)
    return judge(report, options.expect)


def run_suite(
    options: argparse.Namespace, port: int, folder: Path
) -> dict[str, dict[str, object]]:
    """Run wstest against the server on *port*; return its report, case by case."""
    specification = {
        "outdir": str(folder / "reports"),
        "servers": [{"agent": AGENT, "url": f"ws://127.0.0.1:{port}/"}],
        "cases": options.cases,
        "exclude-cases": SLOW if options.quick else [],
        "exclude-agent-cases": {},
    }
    (folder / "specification.json").write_text(json.dumps(specification), "utf-8")
    subprocess.run(
        [options.wstest, "-m", "fuzzingclient", "-s", "specification.json"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    index = json.loads((folder / "reports" / "index.json").read_text("utf-8"))
    cases: dict[str, dict[str, object]] = index[AGENT]
    return cases


def judge(report: dict[str, dict[str, object]], expected: int | None) -> int:
    """Print what came of the cases; return 1 when one did not pass."""
    counts = collections.Counter(str(result["behavior"]) for result in report.values())
    failed = [
        f"{case}: {result['behavior']}, closing {result['behaviorClose']}"
        for case, result in report.items()
        if result["behavior"] not in PASSED or result["behaviorClose"] not in PASSED
    ]
    print("\n".join(failed))
    print(f"{len(report)} cases: " + ", ".join(f"{n} {kind}" for kind, n in counts.most_common()))
    if expected is not None and len(report) != expected:
        print(f"expected {expected} cases to report")
        return 1
    return 1 if failed or not report else 0


if __name__ == "__main__":
    raise SystemExit(main())
