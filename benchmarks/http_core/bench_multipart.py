"""Reading multipart bodies beside `multipart` and aiohttp. One command, one run.

    python benchmarks/http_core/bench_multipart.py [--rounds 15] [--segment 65536]

Prints which build of tidegate-http-core was measured (interpreted or compiled). The candidates of
a row take turns, round after round, so that a noisy moment hits all of them; the figure is the
median of the rounds, in MB/s of the whole body. A peer that is not installed is named and left
out. Every candidate's count of parts and bytes is compared with the body's before it is timed.

Rows, forms as a browser sends them:

    one file     one part of 5 MiB
    100 files    5 MiB in 100 parts
    1000 files   5 MiB in 1,000 parts
    1000 fields  1,000 parts of 20 bytes without a file name
    near misses  one part of 5 MiB that is full of beginnings of the delimiter

Two tables: the parsers alone, which are fed segments; and the readers of a handler, which read the
body from a stream that has it all, part by part, in pieces of 64 KiB and whole. Each reader reads
from the stream class of its own server.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable, Coroutine
from functools import partial
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import tidegate_http_core
from tidegate_http_core import MultipartParser, PartBegin, multipart_parser

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
MIB = 1 << 20

Count = tuple[int, int]
Run = Callable[[bytes], Count]
AsyncRun = Callable[[bytes], Coroutine[Any, Any, Count]]


def make_form(parts: int, size: int, *, files: bool, filler: bytes) -> bytes:
    """Return a form of `parts` parts of `size` bytes each, made of `filler`."""
    delimiter = f"--{BOUNDARY}\r\n".encode()
    content = (filler * (size // len(filler) + 1))[:size]
    pieces = []
    for number in range(parts):
        head = f'Content-Disposition: form-data; name="field-{number}"'
        if files:
            head += f'; filename="{number}.bin"\r\nContent-Type: application/octet-stream'
        pieces += [delimiter, head.encode(), b"\r\n\r\n", content, b"\r\n"]
    pieces.append(f"--{BOUNDARY}--\r\n".encode())
    return b"".join(pieces)


def make_bodies() -> dict[str, tuple[bytes, Count]]:
    """Return the body of each row, with its number of parts and of bytes in them."""
    # Pseudo-random, and the same in each run: all byte values, no delimiter.
    state, noise = 1, bytearray()
    while len(noise) < 65521:
        state = state * 1103515245 + 12345 & 0x7FFFFFFF
        noise += (state >> 8).to_bytes(3, "big")
    near = f"\r\n--{BOUNDARY[:-1]}".encode()
    rows = {
        "one file": (1, 5 * MIB, True, bytes(noise)),
        "100 files": (100, 5 * MIB // 100, True, bytes(noise)),
        "1000 files": (1000, 5 * MIB // 1000, True, bytes(noise)),
        "1000 fields": (1000, 20, False, b"a value of a field, "),
        "near misses": (1, 5 * MIB, True, near),
    }
    return {
        name: (make_form(parts, size, files=files, filler=filler), (parts, parts * size))
        for name, (parts, size, files, filler) in rows.items()
    }


# --- parsers ---


def parse_with_tidegate(body: bytes, segment: int) -> Count:
    """Events of MultipartParser."""
    parser = MultipartParser(BOUNDARY)
    parts = size = 0
    for at in range(0, len(body), segment):
        for event in parser.feed(body[at : at + segment]):
            if type(event) is bytes:
                size += len(event)
            elif type(event) is PartBegin:
                parts += 1
    parser.feed_eof()
    return parts, size


def parse_with_multipart(body: bytes, segment: int) -> Count:
    """Events of PushMultipartParser."""
    # By name: it has no types for a type checker.
    multipart = import_module("multipart")

    parts = size = 0
    with multipart.PushMultipartParser(BOUNDARY) as parser:
        for at in range(0, len(body), segment):
            for event in parser.parse(body[at : at + segment]):
                if isinstance(event, multipart.MultipartSegment):
                    parts += 1
                elif event:
                    size += len(event)
    return parts, size


# --- readers ---


class _Protocol:
    """What streams ask of the connection that feeds them."""

    _reading_paused = False

    def pause_reading(self) -> None:
        """Do nothing: the body is there."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Do nothing."""


HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


async def count(reader: Any, *, whole: bool) -> Count:
    """Read all parts: in pieces, or each whole."""
    parts = size = 0
    while (part := await reader.next()) is not None:
        parts += 1
        if whole:
            size += len(await part.read())
        else:
            while piece := await part.read_chunk(65536):
                size += len(piece)
    return parts, size


async def read_with_tidegate(body: bytes, segment: int, *, whole: bool) -> Count:
    """MultipartReader of tidegate-web-server."""
    from tidegate_web_server import MultipartReader, StreamReader

    protocol: Any = _Protocol()
    stream = StreamReader(protocol, 2**16, loop=asyncio.get_running_loop())
    for at in range(0, len(body), segment):
        stream.feed_data(body[at : at + segment])
    stream.feed_eof()
    return await count(MultipartReader(HEADERS, stream), whole=whole)


async def read_with_aiohttp(body: bytes, segment: int, *, whole: bool) -> Count:
    """MultipartReader of aiohttp."""
    from aiohttp import MultipartReader, StreamReader

    protocol: Any = _Protocol()
    stream = StreamReader(protocol, 2**16, loop=asyncio.get_running_loop())
    for at in range(0, len(body), segment):
        stream.feed_data(body[at : at + segment])
    stream.feed_eof()
    return await count(MultipartReader(HEADERS, stream), whole=whole)


# --- the table ---


def rounds(candidates: dict[str, Callable[[], Count]], times: int) -> dict[str, float]:
    """Run all candidates `times` times in turns; return the median seconds of each."""
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(times):
        for name, run in candidates.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def print_table(title: str, runs: dict[str, Run], times: int) -> None:
    """Measure all rows, and print MB/s and how many times as fast tidegate is."""
    print(f"\n{title}, MB/s (times as fast tidegate is)")
    print(f"{'':<14}" + "".join(f"{name:>18}" for name in runs))
    for row, (body, expected) in make_bodies().items():
        for name, run in runs.items():
            got = run(body)
            if got != expected:
                raise SystemExit(f"{name}: expected {expected} parts and bytes, got {got}")
        medians = rounds({name: partial(run, body) for name, run in runs.items()}, times)
        base = medians["tidegate"]
        figures = (
            f"{len(body) / seconds / 1e6:.0f} ({seconds / base:.2f})"
            for seconds in medians.values()
        )
        print(f"{row:<14}" + "".join(f"{figure:>18}" for figure in figures))


def main() -> None:
    """Run everything and print the tables."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=15)
    arguments.add_argument("--segment", type=int, default=65536, help="bytes fed at once")
    options = arguments.parse_args()
    build = "interpreted" if (multipart_parser.__file__ or "").endswith(".py") else "compiled"
    print(f"tidegate-http-core {tidegate_http_core.__version__}, {build}")
    installed = set()
    for name in ("tidegate-web-server", "multipart", "aiohttp"):
        try:
            print(f"{name} {version(name)}")
            installed.add(name)
        except PackageNotFoundError:
            print(f"not measured, not installed: {name}")
    segment = options.segment
    parsers: dict[str, Run] = {"tidegate": partial(parse_with_tidegate, segment=segment)}
    if "multipart" in installed:
        parsers["multipart"] = partial(parse_with_multipart, segment=segment)
    print_table("parsers", parsers, options.rounds)
    if "tidegate-web-server" not in installed:
        return
    readers: dict[str, Callable[..., Coroutine[Any, Any, Count]]] = {
        "tidegate": read_with_tidegate
    }
    if "aiohttp" in installed:
        readers["aiohttp"] = read_with_aiohttp
    loop = asyncio.new_event_loop()

    def drive(read: Callable[..., Coroutine[Any, Any, Count]], body: bytes, whole: bool) -> Count:
        return loop.run_until_complete(read(body, segment, whole=whole))

    try:
        for title, whole in (("readers, in pieces", False), ("readers, each part whole", True)):
            runs: dict[str, Run] = {
                name: partial(drive, read, whole=whole) for name, read in readers.items()
            }
            print_table(title, runs, options.rounds)
    finally:
        loop.close()


if __name__ == "__main__":
    main()
