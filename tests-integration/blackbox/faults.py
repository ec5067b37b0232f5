"""Load and faults: what thousands of clients that vanish, lie or wait leave behind.

    hatch run faults            everything, at full size; about two minutes
    hatch run faults --small    the same, small enough for every test run

Each scenario runs against a server in a process of its own, from outside: what it measures is what
``/proc`` says of that process, what its log says, and what comes over sockets.

``dropped``   connections that end in a head, in a body, in a response
``mutated``   requests, some good, most bent by a seeded fuzzer
``paused``    hostile forms, multipart bodies, cookies, fields, JSON: how long the event loop is
              kept from others
``stopped``   SIGTERM while requests are in service: every one that was handled was answered
``idle``      connections that rest: the memory of each, beside aiohttp's in the same run

After the first two the server answers as before, has logged no traceback, and has the descriptors
and the memory that it had.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import os
import random
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

HERE = Path(__file__).parent
ALIVE = b"GET /alive HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
# Connections open at a time; the descriptors of both sides have to do.
AT_ONCE = 100
# MiB that a process may grow from one round to the next: its allocator's, nobody's leak.
SLACK = 4.0


class Wrong(AssertionError):
    """The server did what it should not."""


class Process:
    """A server, looked at from outside."""

    def __init__(self, *command: object) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *map(str, command)],
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: list[str] = []
        self._served = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        if not self._served.wait(30):
            raise Wrong(f"it does not serve: {self.lines}")

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self.lines.append(line)
            if found := re.match(r"http://([\d.]+):(\d+)", line):
                self.address = found[1], int(found[2])
                self._served.set()

    @property
    def descriptors(self) -> int:
        """The number of descriptors that are open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    @property
    def memory(self) -> float:
        """The resident memory in MiB."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def stop(self) -> str:
        """Ask it to end; return what it printed."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self._reader.join(10)
        return "".join(self.lines)

    def close(self) -> None:
        """End it, whatever it is at."""
        with suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        self._reader.join(10)
        if self.process.stdout:
            self.process.stdout.close()


@contextmanager
def serving(loop: str, *options: object) -> Iterator[Process]:
    """Run the server under test."""
    process = Process(HERE / "served.py", "--loop", loop, *options)
    try:
        yield process
    finally:
        process.close()


async def exchange(address: tuple[str, int], *pieces: bytes, read: int = -1) -> bytes:
    """Send *pieces*, close the sending side, read (*read* bytes at most), vanish."""
    reader, writer = await asyncio.open_connection(*address)
    got = b""
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        if read:
            with suppress(OSError):
                writer.write_eof()
            got = await asyncio.wait_for(reader.read(read), 30)
    except (ConnectionError, OSError):
        pass
    finally:
        writer.transport.abort()
    return got


async def many(count: int, one: object) -> None:
    """Run ``one(number)`` for each number below *count*, some at a time."""
    room = asyncio.Semaphore(AT_ONCE)

    async def run(number: int) -> None:
        async with room:
            await one(number)  # type: ignore[operator]  # a coroutine function of a number

    await asyncio.gather(*(run(number) for number in range(count)))


async def settle(server: Process, descriptors: int) -> None:
    """Wait until the server has let go of what its clients left."""
    for _ in range(200):
        if server.descriptors <= descriptors:
            return
        await asyncio.sleep(0.05)
    raise Wrong(f"{server.descriptors} descriptors are open, it were {descriptors}")


async def check(server: Process, descriptors: int) -> None:
    """Check that the server is as it was."""
    await settle(server, descriptors)
    answer = await exchange(server.address, ALIVE)
    if not answer.endswith(b"alive"):
        raise Wrong(f"a good request is answered with {answer!r}")
    if traced := [line for line in server.lines if "Traceback" in line]:
        raise Wrong(f"{len(traced)} tracebacks were logged")


# --- dropped ---

PLACES = {
    "in a head": (b"GET /echo HTTP/1.1\r\nHost: a\r\nX-He", 0),
    "in a body": (b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n\r\nhello", 0),
    "in a chunk": (
        b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhello",
        0,
    ),
    "in a response": (b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n", 4096),
}


async def dropped(server: Process, count: int) -> str:
    """Drop *count* connections at each place, in three rounds; memory must not go on growing."""
    descriptors = server.descriptors
    memory = []
    for _ in range(3):
        for piece, read in PLACES.values():

            async def drop(number: int, piece: bytes = piece, read: int = read) -> None:
                await exchange(server.address, piece, read=read)

            await many(count, drop)
        await check(server, descriptors)
        memory.append(server.memory)
    return grown(memory, f"{3 * len(PLACES) * count} connections dropped")


def grown(memory: list[float], what: str) -> str:
    """Return what to report; raise when memory has grown in every round after the first.

    What an allocator keeps comes and goes, a leak only comes.
    """
    first, *later = memory
    told = f"{what}; MiB after each round: {', '.join(f'{size:.1f}' for size in memory)}"
    if min(later) - first > SLACK:
        raise Wrong(f"memory grew: {told}")
    return told


# --- mutated ---

GOOD = [
    b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /alive?a=b&c=%20d HTTP/1.1\r\nHost: a:80\r\nAccept: */*\r\nCookie: a=b; c=d\r\n\r\n",
    b"HEAD /stream HTTP/1.1\r\nHost: a\r\n\r\n",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
    b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"5;a=b\r\nhello\r\n0\r\nX-Trailer: a\r\n\r\n",
    b"POST /ignore HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nhi",
    b"GET /echo HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\nGET /alive HTTP/1.0\r\n\r\n",
    b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    b"Content-Length: 11\r\n\r\na=b&c=%20&d",
    b"POST /form HTTP/1.1\r\nHost: a\r\nContent-Type: multipart/form-data; boundary=X\r\n"
    b"Content-Length: 79\r\n\r\n--X\r\nContent-Disposition: form-data; name=a; filename=b\r\n"
    b"\r\nhello\r\n--X--\r\nend\r\n",
]
BITS = [
    b"\r\n", b"\n", b"\r", b"\x00", b" ", b"\t", b":", b";", b",", b"0", b"-1", b"+", b"\xff",
    b"\r\n\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n", b"chunked",
    b"HTTP/1.0", b"Host: b\r\n", b"%zz", b"%00", b"../", b"99999999999999999999", b"A" * 9000,
    b'"', b"=", b"\x0b",
]  # fmt: skip


def mutate(chance: random.Random) -> bytes:
    """Return a request with up to four things wrong."""
    data = bytearray(chance.choice(GOOD))
    for _ in range(chance.randrange(5)):
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.randrange(1, 12))
        match chance.randrange(6):
            case 0:
                data[start:end] = b""
            case 1:
                data[start:start] = chance.choice(BITS)
            case 2:
                data[start:end] = chance.choice(BITS)
            case 3 if start < len(data):
                data[start] = chance.randrange(256)
            case 4:
                data[start:start] = data[start:end] * chance.randrange(1, 4)
            case _:
                data[start:] = chance.choice(GOOD)[start:]
    return bytes(data)


async def mutated(server: Process, count: int, seed: int) -> str:
    """Send *count* bent requests, in two rounds; the second must not grow."""
    descriptors = server.descriptors
    chance = random.Random(seed)
    statuses: dict[bytes, int] = {}
    memory = []
    for _ in range(2):
        requests = [mutate(chance) for _ in range(count // 2)]

        async def send(number: int, requests: list[bytes] = requests) -> None:
            answer = await exchange(server.address, requests[number])
            status = answer[9:12]
            statuses[status] = statuses.get(status, 0) + 1
            if status == b"500":
                raise Wrong(f"seed {seed}: an error of the server for {requests[number]!r}")

        await many(count // 2, send)
        await check(server, descriptors)
        memory.append(server.memory)
    told = ", ".join(f"{status.decode() or '-'}: {n}" for status, n in sorted(statuses.items()))
    return grown(memory, f"{count} mutated requests ({told})")


# --- paused ---

# Seconds of work in one piece, in which nobody else is served.
PAUSE_LIMIT = 0.05
MIB = 2**20


def hostile() -> dict[str, bytes]:
    """Return requests whose parsing takes longest, by what they are."""
    part = b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n'
    near = b"\r\n--" + b"X" * 69 + b"Y"
    multipart = b"multipart/form-data; boundary=X"
    long = b"multipart/form-data; boundary=" + b"X" * 70
    urlencoded = b"application/x-www-form-urlencoded"
    escaped = b"a=" + b"%25" * 300_000
    cookies = b"Cookie: " + b'=a;"b=' * 1_150 + b"\r\n"
    text = b"text/plain"
    return {
        "15,000 fields": post(b"/form", b"a=b&" * 15_000, urlencoded),
        "1,000 fields": post(b"/form", b"a=b&" * 999 + b"a", urlencoded),
        "1 MiB of separators": post(b"/form", b"&" * MIB, urlencoded),
        "a field of 900 KB in escapes": post(b"/form", escaped, urlencoded),
        "a field of 1 MiB": post(b"/form", b"a=" + b"b" * MIB, urlencoded),
        "a preamble of 1 MiB": post(b"/form", b"-" * MIB + b"\r\n" + part + b"--X--", multipart),
        "a preamble of 1 MiB in lines": post(b"/form", b"\r\n" * (MIB // 2) + part, multipart),
        "1,000 tiny parts": post(b"/form", part * 1_000 + b"--X--\r\n", multipart),
        "10,000 tiny parts": post(b"/form", part * 10_000 + b"--X--\r\n", multipart),
        "1 MiB of what is nearly a boundary": post(
            b"/form",
            part.replace(b"X", b"X" * 70)[:-3] + near * (MIB // len(near)),
            long,
        ),
        "1 MiB of dashes in a part": post(b"/form", part[:-3] + b"\r\n-" * (MIB // 3), multipart),
        "parts of many fields": post(
            b"/form", (b"--X\r\n" + b"A: b\r\n" * 32 + b"\r\nb\r\n") * 1_000 + b"--X--", multipart
        ),
        "1 MiB of base64": post(
            b"/parts",
            b"--X\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"QUJD" * (MIB // 4)
            + b"\r\n--X--",
            b"multipart/mixed; boundary=X",
        ),
        "1 MiB of quoted-printable": post(
            b"/parts",
            b"--X\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" + b"=41" * (MIB // 3)
            + b"\r\n--X--",
            b"multipart/mixed; boundary=X",
        ),
        "64 KiB of bad cookies": b"GET /looked-at HTTP/1.1\r\nHost: a\r\n" + cookies * 7 + b"\r\n",
        "64 KiB of good cookies": b"GET /looked-at HTTP/1.1\r\nHost: a\r\n"
        + (b"Cookie: " + b"a=b; " * 1_600 + b"\r\n") * 7
        + b"\r\n",
        "128 fields of 60 KiB": b"GET /looked-at HTTP/1.1\r\nHost: a\r\n"
        + b"".join(b"X-%d: %s\r\n" % (number, b"\xff" * 480) for number in range(120))
        + b"\r\n",
        "fields without end": b"GET /echo HTTP/1.1\r\nHost: a\r\n" + b"A: b\r\n" * 200_000,
        "a field of 1 MiB without end": b"GET /echo HTTP/1.1\r\nHost: a\r\nA: " + b"b" * MIB,
        "60 KiB of parameters, elements and tags": b"GET /looked-at HTTP/1.1\r\nHost: a\r\n"
        + b"Content-Type: a/b" + b";c=d" * 1_900 + b"\r\n"
        + b"Forwarded: " + b"for=a;" * 1_200 + b"\r\n"
        + b"Forwarded: " + b"," * 8_000 + b"\r\n"
        + b"If-None-Match: " + b'"a",' * 1_900 + b"\r\n"
        + b"If-Match: " + b'"' * 8_000 + b"\r\n\r\n",
        "a target of 1,300 escapes": b"GET /looked-at?" + b"a=%41&" * 1_300
        + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        "200,000 chunks of a byte": b"POST /text HTTP/1.1\r\nHost: a\r\n"
        + b"Transfer-Encoding: chunked\r\n\r\n"
        + b"1\r\na\r\n" * 200_000 + b"0\r\n\r\n",
        "JSON of 1 MiB": post(b"/json", b"[" + b"[]," * (MIB // 3 - 2) + b"[]]", text),
        "JSON of a string of 1 MiB": post(b"/json", b'"' + b"\\u00e4" * (MIB // 6) + b'"', text),
        "JSON that is a number of 1 MiB": post(b"/json", b"9" * MIB, text),
        "JSON nested 500,000 deep": post(b"/json", b"[" * 500_000, text),
        "a bomb of gzip": post(
            b"/text", gzip.compress(bytes(100 * MIB)), text, b"Content-Encoding: gzip\r\n"
        ),
        "10,000 members of gzip": post(
            b"/text", gzip.compress(b"") * 10_000, text, b"Content-Encoding: gzip\r\n"
        ),
        "2,000 pipelined requests": b"GET /alive HTTP/1.1\r\nHost: a\r\n\r\n" * 2_000,
    }  # fmt: skip


def post(path: bytes, body: bytes, content_type: bytes, more: bytes = b"") -> bytes:
    """Return a POST of *body*."""
    return (
        b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n"
        % (path, content_type, len(body), more)
    ) + body  # fmt: skip


async def paused(server: Process) -> str:
    """Send what is hostile, each three times; return the longest pause of the event loop."""
    pauses: dict[str, float] = {}
    ask = b"GET /paused HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    # What is done only once in a process is not counted.
    await exchange(server.address, ALIVE)
    for name, request in hostile().items():
        found = []
        for _ in range(3):
            await exchange(server.address, ask)
            answer = await exchange(server.address, request)
            if b" 500 " in answer[:20]:
                raise Wrong(f"an error of the server for {name}")
            answer = await exchange(server.address, ask)
            found.append(float(answer.rpartition(b"\r\n")[2]) / 1000)
        # The smallest: what took longer the other times was not what was sent.
        pauses[name] = min(found)
    told = ", ".join(
        f"{name} {1000 * pause:.0f} ms"
        for name, pause in sorted(pauses.items(), key=lambda pair: -pair[1])[:8]
    )
    worst = max(pauses.values())
    if worst > PAUSE_LIMIT:
        raise Wrong(f"the event loop is kept for {1000 * worst:.0f} ms: {told}")
    return f"{len(pauses)} hostile requests keep the event loop for at most: {told}"


# --- stopped ---


async def stopped(server: Process, clients: int) -> str:
    """Stop a server under load; what it handled is what its clients were answered."""
    answered = 0
    loaded = asyncio.Event()

    async def client() -> None:
        nonlocal answered
        reader, writer = await asyncio.open_connection(*server.address)
        try:
            while True:
                writer.write(b"GET /counted HTTP/1.1\r\nHost: a\r\n\r\n")
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(len(b"counted"))
                answered += 1
                if answered > 5 * clients:
                    loaded.set()
                if b"Connection: close" in head:
                    return
        except (ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            writer.transport.abort()

    tasks = [asyncio.create_task(client()) for _ in range(clients)]
    await asyncio.wait_for(loaded.wait(), 30)
    output = await asyncio.to_thread(server.stop)
    await asyncio.wait(tasks, timeout=30)
    handled = int(output.partition("handled ")[2].split()[0])
    if handled != answered:
        raise Wrong(f"{handled} requests were handled, {answered} answers arrived")
    if server.process.returncode:
        raise Wrong(f"it ended with {server.process.returncode}")
    return f"stopped under {clients} clients: {handled} handled, {answered} answered"


# --- idle ---

AIOHTTP = """
import asyncio, sys
from aiohttp import web
async def alive(request):
    return web.Response(text="alive")
async def main():
    app = web.Application()
    app.router.add_get("/alive", alive)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
    print("http://%s:%s" % runner.addresses[0][:2], flush=True)
    await asyncio.Event().wait()
if sys.argv[1] == "uvloop":
    import uvloop
    uvloop.run(main())
else:
    asyncio.run(main())
"""


async def rest(server: Process, count: int) -> float:
    """Open *count* connections, one request each; return the KiB that each takes."""
    request = b"GET /alive HTTP/1.1\r\nHost: a\r\n\r\n"
    opened: list[asyncio.StreamWriter] = []

    async def connect(number: int) -> None:
        reader, writer = await asyncio.open_connection(*server.address)
        opened.append(writer)
        writer.write(request)
        await reader.readuntil(b"alive")

    # What the first ones take is the server's, not theirs.
    await many(200, connect)
    before = server.memory
    await many(count, connect)
    each = (server.memory - before) * 1024 / count
    for writer in opened:
        writer.transport.abort()
    return each


async def idle(loop: str, count: int) -> str:
    """Compare the memory of idle connections with aiohttp's."""
    figures = {}
    for name, command in {
        "tidegate": (HERE / "served.py", "--loop", loop),
        "aiohttp": ("-c", AIOHTTP, loop),
    }.items():
        server = Process(*command)
        try:
            figures[name] = await rest(server, count)
        finally:
            server.close()
    told = ", ".join(f"{name} {each:.2f} KiB" for name, each in figures.items())
    return f"{count} idle connections, each: {told}"


SCENARIOS = ("dropped", "mutated", "paused", "stopped", "idle")


def main() -> None:
    """Run everything; end with 1 when something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--small", action="store_true", help="small enough for every test run")
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], default="asyncio")
    parser.add_argument("--seed", type=int, default=1, help="of the fuzzer")
    options = parser.parse_args()
    part = 20 if options.small else 1
    wrong = 0
    for scenario in SCENARIOS:
        try:
            print(f"{scenario}: {run(scenario, options.loop, part, options.seed)}", flush=True)
        except Wrong as exc:
            wrong = 1
            print(f"{scenario}: WRONG: {exc}", flush=True)
    raise SystemExit(wrong)


def run(scenario: str, loop: str, part: int = 1, seed: int = 1) -> str:
    """Run one scenario, at the *part*-th part of its full size; return what to report.

    :raises Wrong: when the server did what it should not.
    """
    if scenario == "paused":
        with serving(loop, "--pauses", "--body-limit", 2 * MIB) as server:
            return asyncio.run(paused(server))
    if scenario == "idle":
        return asyncio.run(idle(loop, 5_000 // part))
    with serving(loop) as server:
        if scenario == "dropped":
            return asyncio.run(dropped(server, 750 // len(PLACES) // part))
        if scenario == "mutated":
            return asyncio.run(mutated(server, 20_000 // part, seed))
        return asyncio.run(stopped(server, 100))


if __name__ == "__main__":
    main()
