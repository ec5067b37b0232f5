"""tidegate-http-core beside its peers: heads, chunked bodies, responses. One command, one run.

    python benchmarks/http_core/bench_head.py [--rounds 21] [--requests 4000]

Prints which build of tidegate-http-core was measured (interpreted or compiled). The candidates of
a row take turns, round after round, so that a noisy moment hits all of them; the figure is the
median of the rounds. A peer that is not installed is named and left out.

Rows of heads, a browser's GET with eight fields (about 560 bytes), on one keep-alive connection:

    fixed      the same bytes each time
    varying    path, cookie and request id differ each time
    all new    the value of every field differs each time: nothing is ever seen twice
    connect    a new parser for each request of the varying kind

Every candidate keeps the method, the target, and names and values as str.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import tidegate_http_core
from tidegate_http_core import RequestParser, parser, serialize_response

TEMPLATE = (
    "GET /api/v1/items/{number:05}?sort=asc&page=2 HTTP/1.1\r\n"
    "Host: www{host}.example.com:8080\r\n"
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.{other}.0 Safari/537.36\r\n"
    "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,"
    "image/webp,*/*;q=0.8{other}\r\n"
    "Accept-Language: en-US,en;q=0.9,de;q=0.8{other}\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd{encoding}\r\n"
    "Connection: {connection}\r\n"
    "Cookie: session={number:032x}; theme=dark; _ga=GA1.2.123456789.1700{number:06}\r\n"
    "X-Request-Id: 4b8f2c1e-7d3a-4f6b-9c5e-{number:012x}\r\n"
    "\r\n"
)

Run = Callable[[list[bytes]], None]


def make_requests(count: int, kind: str) -> list[bytes]:
    """Return `count` requests of one row."""
    requests = []
    for index in range(count):
        number = 0 if kind == "fixed" else index
        new = kind == "all new"
        text = TEMPLATE.format(
            number=number,
            host=index if new else "",
            other=index % 10 if not new else f"{index:04}",
            encoding=f", x{index}" if new else "",
            connection=f"keep-alive, x{index}" if new else "keep-alive",
        )
        if not new:
            text = text.replace(f"126.0.{index % 10}.", "126.0.0.")
            text = text.replace(f"q=0.8{index % 10}\r\n", "q=0.8\r\n")
        requests.append(text.encode())
    return requests


def ours() -> tuple[Run, Run]:
    """Return the runs over one connection, and over one connection a request."""

    def kept(requests: list[bytes]) -> None:
        feed = RequestParser().feed
        for request in requests:
            feed(request)

    def fresh(requests: list[bytes]) -> None:
        for request in requests:
            RequestParser().feed(request)

    return kept, fresh


def with_httptools() -> tuple[Run, Run]:
    """Callbacks that keep str: what a server on httptools has to do at least."""
    import httptools

    class Request:
        def __init__(self) -> None:
            self.url = b""
            self.fields: list[tuple[str, str]] = []
            self.parser = httptools.HttpRequestParser(self)

        def on_message_begin(self) -> None:
            self.url = b""
            self.fields = []

        def on_url(self, url: bytes) -> None:
            self.url += url

        def on_header(self, name: bytes, value: bytes) -> None:
            self.fields.append((name.decode("latin-1"), value.decode("latin-1")))

        def on_headers_complete(self) -> None:
            self.method = self.parser.get_method().decode("latin-1")
            self.target = self.url.decode("latin-1")
            self.version = self.parser.get_http_version()
            self.keep_alive = self.parser.should_keep_alive()

    def kept(requests: list[bytes]) -> None:
        request = Request()
        feed = request.parser.feed_data
        for data in requests:
            feed(data)

    def fresh(requests: list[bytes]) -> None:
        for data in requests:
            Request().parser.feed_data(data)

    return kept, fresh


def with_h11() -> tuple[Run, Run]:
    """h11 gives bytes; they are decoded as the other candidates do."""
    import h11

    def one(connection: Any, data: bytes) -> None:
        connection.receive_data(data)
        event = connection.next_event()
        _ = (event.method.decode("latin-1"), event.target.decode("latin-1"))
        _ = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers]
        connection.next_event()

    # h11 starts a next cycle only after a response; that part is not parsing, so each request
    # gets a connection, which costs h11 less than sending a response would.
    def fresh(requests: list[bytes]) -> None:
        for data in requests:
            one(h11.Connection(h11.SERVER), data)

    return fresh, fresh


class _AiohttpProtocol:
    """What aiohttp's parser and StreamReader ask of a protocol."""

    _reading_paused = False

    def pause_reading(self) -> None:
        """Do nothing: the benchmark reads at once."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Do nothing."""


def with_aiohttp(pure: bool, loop: asyncio.AbstractEventLoop) -> tuple[Run, Run]:
    """aiohttp's C parser, or the pure Python one that AIOHTTP_NO_EXTENSIONS=1 selects."""
    from aiohttp import http_parser

    kind: Any = http_parser.HttpRequestParserPy if pure else http_parser.HttpRequestParser
    if not pure and kind is http_parser.HttpRequestParserPy:
        raise ImportError("aiohttp's C extension")
    protocol = _AiohttpProtocol()

    def kept(requests: list[bytes]) -> None:
        feed = kind(protocol, loop, 65536).feed_data
        for data in requests:
            feed(data)

    def fresh(requests: list[bytes]) -> None:
        for data in requests:
            kind(protocol, loop, 65536).feed_data(data)

    return kept, fresh


def rounds(candidates: dict[str, Callable[[], None]], count: int) -> dict[str, float]:
    """Run all candidates `count` times in turns; return the median seconds of each."""
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    for run in candidates.values():
        run()
    for _ in range(count):
        for name, run in candidates.items():
            start = time.perf_counter()
            run()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


def print_row(title: str, figures: dict[str, str], width: int = 12) -> None:
    """Print one row of the table."""
    print(f"{title:<12}" + "".join(f"{figures.get(name, '-'):>{width}}" for name in figures))


def bench_heads(count: int, times: int, loop: asyncio.AbstractEventLoop) -> None:
    """Heads: microseconds each, and how many times ours is faster."""
    makers: dict[str, Callable[[], tuple[Run, Run]]] = {
        "tidegate": ours,
        "httptools": with_httptools,
        "aiohttp C": lambda: with_aiohttp(False, loop),
        "aiohttp py": lambda: with_aiohttp(True, loop),
        "h11": with_h11,
    }
    runs: dict[str, tuple[Run, Run]] = {}
    for name, make in makers.items():
        try:
            runs[name] = make()
        except ImportError as error:
            print(f"not measured, not installed: {name} ({error})")
    print("\nparsing a head, microseconds (times tidegate)")
    print_row("", {name: name for name in runs}, 18)
    for row in ("fixed", "varying", "all new", "connect"):
        requests = make_requests(count, "varying" if row == "connect" else row)
        which = 1 if row == "connect" else 0
        medians = rounds(
            {name: partial(run[which], requests) for name, run in runs.items()}, times
        )
        base = medians["tidegate"]
        print_row(
            row,
            {
                name: f"{seconds / count * 1e6:.2f} ({seconds / base:.2f})"
                for name, seconds in medians.items()
            },
            18,
        )


def bench_serialising(count: int, times: int) -> None:
    """A response of six fields and a short body."""
    from multidict import CIMultiDict

    fields = CIMultiDict(
        {
            "Content-Type": "application/json; charset=utf-8",
            "Content-Length": "27",
            "Date": "Sun, 06 Nov 1994 08:49:37 GMT",
            "Server": "tidegate",
            "Cache-Control": "no-store",
            "X-Request-Id": "4b8f2c1e-7d3a-4f6b-9c5e-1a2b3c4d5e6f",
        }
    )
    body = b'{"message":"Hello, World!"}'
    pairs = list(fields.items())

    def ours_items() -> None:
        for _ in range(count):
            serialize_response(200, "OK", fields.items(), body)

    def ours_pairs() -> None:
        for _ in range(count):
            serialize_response(200, "OK", pairs, body)

    candidates = {"tidegate": ours_items, "(of a list)": ours_pairs}
    try:
        from aiohttp import http_writer
    except ImportError as error:
        print(f"not measured, not installed: aiohttp ({error})")
    else:
        serialize = http_writer._serialize_headers

        def theirs() -> None:
            for _ in range(count):
                serialize("HTTP/1.1 200 OK", fields) + body

        def theirs_py() -> None:
            for _ in range(count):
                http_writer._py_serialize_headers("HTTP/1.1 200 OK", fields) + body

        candidates["aiohttp C"] = theirs
        candidates["aiohttp py"] = theirs_py
    print("\nserialising a response of six fields and 27 bytes, microseconds (times tidegate)")
    print_row("", {name: name for name in candidates}, 18)
    medians = rounds(candidates, times)
    base = medians["tidegate"]
    print_row(
        "response",
        {
            name: f"{seconds / count * 1e6:.2f} ({seconds / base:.2f})"
            for name, seconds in medians.items()
        },
        18,
    )


def bench_chunks(times: int, loop: asyncio.AbstractEventLoop) -> None:
    """A chunked body of 4 MiB in segments of 64 KiB, the body read as it comes."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    print("\na chunked body in segments of 64 KiB, MB/s (times as fast tidegate is)")
    for size, total in ((64, 1 << 20), (1024, 4 << 20), (16384, 8 << 20), (262144, 16 << 20)):
        body = (b"%x\r\n" % size + b"x" * size + b"\r\n") * (total // size) + b"0\r\n\r\n"
        segments = [body[at : at + 65536] for at in range(0, len(body), 65536)]
        candidates: dict[str, Callable[[], None]] = {}

        def ours_body(segments: list[bytes] = segments, total: int = total) -> None:
            connection = RequestParser()
            connection.feed(head)
            got = 0
            for segment in segments:
                for event in connection.feed(segment):
                    if isinstance(event, bytes):
                        got += len(event)
            assert got == total

        candidates["tidegate"] = ours_body
        try:
            from aiohttp import http_parser
        except ImportError as error:
            print(f"not measured, not installed: aiohttp ({error})")
        else:
            for name, kind in (
                ("aiohttp C", http_parser.HttpRequestParser),
                ("aiohttp py", http_parser.HttpRequestParserPy),
            ):

                def theirs(
                    kind: Any = kind, segments: list[bytes] = segments, total: int = total
                ) -> None:
                    connection = kind(_AiohttpProtocol(), loop, 1 << 20)
                    messages, _, _ = connection.feed_data(head)
                    payload = messages[0][1]
                    got = 0
                    for segment in segments:
                        connection.feed_data(segment)
                        got += len(payload.read_nowait(-1))
                    assert got == total

                candidates[name] = theirs
        medians = rounds(candidates, times)
        if size == 64:
            print_row("", {name: name for name in candidates}, 18)
        base = medians["tidegate"]
        print_row(
            f"{size} B",
            {
                name: f"{total / seconds / 1e6:.0f} ({seconds / base:.2f})"
                for name, seconds in medians.items()
            },
            18,
        )


def main() -> None:
    """Run everything and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=21)
    arguments.add_argument("--requests", type=int, default=4000)
    options = arguments.parse_args()
    build = "interpreted" if (parser.__file__ or "").endswith(".py") else "compiled"
    print(f"tidegate-http-core {tidegate_http_core.__version__}, {build}: {parser.__file__}")
    for peer in ("httptools", "h11", "aiohttp"):
        try:
            print(f"{peer} {version(peer)}")
        except PackageNotFoundError:
            print(f"{peer} is not installed")
    loop = asyncio.new_event_loop()
    try:
        bench_heads(options.requests, options.rounds, loop)
        bench_serialising(options.requests, options.rounds)
        bench_chunks(max(3, options.rounds // 3), loop)
    finally:
        loop.close()


if __name__ == "__main__":
    main()
