"""tidegate-http-core beside its peers: heads, chunked bodies, serialising. One command, one run.

    python benchmarks/http_core/bench_head.py [--rounds 21] [--requests 4000]

"tidegate" is the build that is installed; the first line of the output says which one. When that
is the compiled one, "(no compiler)" is the same code interpreted: the sources of this repository,
imported beside it. The candidates of a row take turns, round after round, so that a noisy moment
hits all of them; the figure is the median of the rounds, in CPU time. A peer that is not installed
is named and left out.

Rows of heads, a browser's GET with eight fields (about 560 bytes), on one keep-alive connection:

    fixed      the same bytes each time
    varying    path, cookie and request id differ each time
    all new    the value of every field differs each time: nothing is ever seen twice
    connect    a new parser for each request of the varying kind
    response   the head of a 304 with seven fields, of which two differ each time, for clients

Every candidate keeps the method and target, or the status and reason, and names and values as str.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import tidegate_http_core
from tidegate_http_core import parser

COMPILED = not (parser.__file__ or "").endswith(".py")
SOURCES = Path(__file__).parents[2] / "packages" / "http-core" / "src" / "tidegate_http_core"

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

RESPONSE = (
    "HTTP/1.1 304 Not Modified\r\n"
    "Server: nginx/1.24.0\r\n"
    "Date: Sun, 06 Nov 1994 08:{minute:02}:{second:02} GMT\r\n"
    "Connection: keep-alive\r\n"
    "Last-Modified: Sat, 05 Nov 1994 18:02:11 GMT\r\n"
    'ETag: "{number:016x}"\r\n'
    "Cache-Control: public, max-age=3600, stale-while-revalidate=60\r\n"
    "Vary: Accept-Encoding, Origin\r\n"
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


def make_responses(count: int) -> list[bytes]:
    """Return `count` responses."""
    return [
        RESPONSE.format(minute=index // 60 % 60, second=index % 60, number=index).encode()
        for index in range(count)
    ]


def interpreted() -> Any:
    """Import the sources as they are, under another name, beside the compiled package."""
    spec = spec_from_file_location(
        "interpreted_http_core",
        SOURCES / "__init__.py",
        submodule_search_locations=[str(SOURCES)],
    )
    if spec is None or spec.loader is None:
        raise ImportError(f"the sources at {SOURCES}")
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def ours(package: Any) -> tuple[Run, Run, Run]:
    """Return the runs over one connection, over one connection a request, and over responses."""

    def kept(requests: list[bytes]) -> None:
        feed = package.RequestParser().feed
        for request in requests:
            feed(request)

    def fresh(requests: list[bytes]) -> None:
        for request in requests:
            package.RequestParser().feed(request)

    def answers(responses: list[bytes]) -> None:
        connection = package.ResponseParser()
        expect, feed = connection.expect, connection.feed
        for response in responses:
            expect("GET")
            feed(response)

    return kept, fresh, answers


def with_httptools() -> tuple[Run, Run, Run]:
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

    class Response:
        def __init__(self) -> None:
            self.reason = b""
            self.fields: list[tuple[str, str]] = []
            self.parser = httptools.HttpResponseParser(self)

        def on_message_begin(self) -> None:
            self.reason = b""
            self.fields = []

        def on_status(self, reason: bytes) -> None:
            self.reason += reason

        def on_header(self, name: bytes, value: bytes) -> None:
            self.fields.append((name.decode("latin-1"), value.decode("latin-1")))

        def on_headers_complete(self) -> None:
            self.status = self.parser.get_status_code()
            self.text = self.reason.decode("latin-1")
            self.version = self.parser.get_http_version()
            self.keep_alive = self.parser.should_keep_alive()

    def answers(responses: list[bytes]) -> None:
        feed = Response().parser.feed_data
        for data in responses:
            feed(data)

    return kept, fresh, answers


def with_h11() -> tuple[Run, Run, Run]:
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

    # Here the request has to be sent, which is not parsing and is counted all the same.
    request = h11.Request(method="GET", target="/", headers=[("Host", "a")])

    def answers(responses: list[bytes]) -> None:
        connection = h11.Connection(h11.CLIENT)
        for data in responses:
            connection.send(request)
            connection.send(h11.EndOfMessage())
            connection.receive_data(data)
            event: Any = connection.next_event()
            _ = (event.status_code, event.reason.decode("latin-1"))
            _ = [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in event.headers
            ]
            connection.next_event()
            connection.start_next_cycle()

    return fresh, fresh, answers


class _AiohttpProtocol:
    """What aiohttp's parser and StreamReader ask of a protocol."""

    _reading_paused = False

    def pause_reading(self) -> None:
        """Do nothing: the benchmark reads at once."""

    def resume_reading(self, resume_parser: bool = True) -> None:
        """Do nothing."""


def with_aiohttp(pure: bool, loop: asyncio.AbstractEventLoop) -> tuple[Run, Run, Run]:
    """aiohttp's C parser, or the pure Python one that AIOHTTP_NO_EXTENSIONS=1 selects."""
    from aiohttp import http_parser

    kind: Any = http_parser.HttpRequestParserPy if pure else http_parser.HttpRequestParser
    answer: Any = http_parser.HttpResponseParserPy if pure else http_parser.HttpResponseParser
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

    def answers(responses: list[bytes]) -> None:
        feed = answer(protocol, loop, 65536).feed_data
        for data in responses:
            feed(data)

    return kept, fresh, answers


def rounds(candidates: dict[str, Callable[[], None]], count: int) -> dict[str, float]:
    """Run all candidates `count` times in turns; return the median CPU seconds of each."""
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    for run in candidates.values():
        run()
    for _ in range(count):
        for name, run in candidates.items():
            start = time.process_time()
            run()
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(times) for name, times in taken.items()}


WIDTH = 19


def print_row(title: str, figures: dict[str, str]) -> None:
    """Print one row of the table."""
    print(f"{title:<10}" + "".join(f"{figures.get(name, '-'):>{WIDTH}}" for name in figures))


def candidates_of(makers: dict[str, Callable[[], Any]]) -> dict[str, Any]:
    """Make the candidates of a table; name those that can't be."""
    made = {}
    for name, make in makers.items():
        try:
            made[name] = make()
        except ImportError as error:
            print(f"not measured, not installed: {name} ({error})")
    return made


def packages() -> dict[str, Any]:
    """Return our candidates: what is installed, and the same interpreted if that is compiled."""
    found: dict[str, Any] = {"tidegate": tidegate_http_core}
    if COMPILED:
        found["(no compiler)"] = sys.modules.get("interpreted_http_core") or interpreted()
    return found


def in_microseconds(medians: dict[str, float], count: int) -> dict[str, str]:
    """Write the figures of a row, with how many times tidegate's they are."""
    base = medians["tidegate"]
    return {
        name: f"{seconds / count * 1e6:.2f} ({seconds / base:.2f})"
        for name, seconds in medians.items()
    }


def bench_heads(count: int, times: int, loop: asyncio.AbstractEventLoop) -> None:
    """Heads: microseconds each, and how many times ours is faster."""
    makers: dict[str, Callable[[], tuple[Run, Run, Run]]] = {
        name: partial(ours, package) for name, package in packages().items()
    }
    makers |= {
        "httptools": with_httptools,
        "aiohttp C": lambda: with_aiohttp(False, loop),
        "aiohttp py": lambda: with_aiohttp(True, loop),
        "h11": with_h11,
    }
    runs: dict[str, tuple[Run, Run, Run]] = candidates_of(makers)
    print("\nparsing a head, microseconds (times tidegate)")
    print_row("", {name: name for name in runs})
    for row in ("fixed", "varying", "all new", "connect", "response"):
        if row == "response":
            which, messages = 2, make_responses(count)
        else:
            which = 1 if row == "connect" else 0
            messages = make_requests(count, "varying" if row == "connect" else row)
        medians = rounds(
            {name: partial(run[which], messages) for name, run in runs.items()}, times
        )
        print_row(row, in_microseconds(medians, count))


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

    def ours_of(package: Any, items: bool) -> Callable[[], None]:
        serialize = package.serialize_response

        def of_items() -> None:
            for _ in range(count):
                serialize(200, "OK", fields.items(), body)

        def of_pairs() -> None:
            for _ in range(count):
                serialize(200, "OK", pairs, body)

        return of_items if items else of_pairs

    def theirs(pure: bool) -> Callable[[], None]:
        from aiohttp import http_writer

        serialize = http_writer._py_serialize_headers if pure else http_writer._serialize_headers
        if not pure and serialize is http_writer._py_serialize_headers:
            raise ImportError("aiohttp's C extension")

        def of_fields() -> None:
            # Both begin with a status and a reason, and end with what goes to the socket.
            for status in [200] * count:
                serialize(f"HTTP/1.1 {status} OK", fields) + body

        return of_fields

    print("\nserialising a response of six fields and 27 bytes, microseconds (times tidegate)")
    ready: dict[str, Callable[[], None]] = candidates_of(
        {name: partial(ours_of, package, True) for name, package in packages().items()}
        | {"aiohttp C": lambda: theirs(False), "aiohttp py": lambda: theirs(True)}
        | {"(of a list)": lambda: ours_of(tidegate_http_core, False)}
    )
    print_row("", {name: name for name in ready})
    print_row("response", in_microseconds(rounds(ready, times), count))


def bench_chunks(times: int, loop: asyncio.AbstractEventLoop) -> None:
    """A chunked body of 4 MiB in segments of 64 KiB, the body read as it comes."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    print("\na chunked body in segments of 64 KiB, MB/s (times as fast tidegate is)")

    def parser_of(pure: bool) -> Any:
        from aiohttp import http_parser

        return http_parser.HttpRequestParserPy if pure else http_parser.HttpRequestParser

    peers = candidates_of(
        {"aiohttp C": lambda: parser_of(False), "aiohttp py": lambda: parser_of(True)}
    )
    for size, total in ((64, 1 << 20), (1024, 4 << 20), (16384, 8 << 20), (262144, 16 << 20)):
        body = (b"%x\r\n" % size + b"x" * size + b"\r\n") * (total // size) + b"0\r\n\r\n"
        segments = [body[at : at + 65536] for at in range(0, len(body), 65536)]
        candidates: dict[str, Callable[[], None]] = {
            name: partial(read_chunks, package, head, segments, total)
            for name, package in packages().items()
        }
        candidates |= {
            name: partial(read_chunks_with_aiohttp, kind, loop, head, segments, total)
            for name, kind in peers.items()
        }
        medians = rounds(candidates, times)
        if size == 64:
            print_row("", {name: name for name in candidates})
        base = medians["tidegate"]
        print_row(
            f"{size} B",
            {
                name: f"{total / seconds / 1e6:.0f} ({seconds / base:.2f})"
                for name, seconds in medians.items()
            },
        )


def read_chunks(package: Any, head: bytes, segments: list[bytes], total: int) -> None:
    """Read a chunked body."""
    connection = package.RequestParser()
    connection.feed(head)
    got = 0
    for segment in segments:
        for event in connection.feed(segment):
            if isinstance(event, bytes):
                got += len(event)
    assert got == total


def read_chunks_with_aiohttp(
    kind: Any, loop: asyncio.AbstractEventLoop, head: bytes, segments: list[bytes], total: int
) -> None:
    """Read a chunked body with one of aiohttp's parsers."""
    connection = kind(_AiohttpProtocol(), loop, 1 << 20)
    messages, _, _ = connection.feed_data(head)
    payload = messages[0][1]
    got = 0
    for segment in segments:
        connection.feed_data(segment)
        got += len(payload.read_nowait(-1))
    assert got == total


def main() -> None:
    """Run everything and print the table."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--rounds", type=int, default=21)
    arguments.add_argument("--requests", type=int, default=4000)
    options = arguments.parse_args()
    build = "compiled" if COMPILED else "interpreted"
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
