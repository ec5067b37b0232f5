"""What one lookup costs, by the number of routes and the shape of the table.

    python benchmarks/web_routing/bench_match.py
    python benchmarks/web_routing/bench_match.py --routes 10,1000 --seconds 0.05

A row is a table; its columns are the best of several rounds, in microseconds a call of
``UrlDispatcher.match()``. The route registered last is the one that is asked for. `resolve` is
the dynamic hit through ``await router.resolve(request)``. `add` is what registering one route
costs, and `bytes` what it keeps, both averaged over the table.

It measures the installed package, and says whether that is the compiled one.
"""

import argparse
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import tidegate_web_routing
from tidegate_web_routing import UrlDispatcher, matcher
from yarl import URL

ROUNDS = 7


class Request:
    """The least that resolve() asks for."""

    method = "GET"
    rel_url = URL("/")

    def __init__(self, path: str) -> None:
        self.match_path = path


async def handler(request: object) -> None:
    """Never called."""


#: Shape: (fixed path, its request, path with two parts, its request), each with a {n} to fill.
SHAPES = {
    "distinct first": ("/s{n}/list", "/s{n}/list", "/r{n}/{{tenant}}/{{id}}", "/r{n}/acme/1234"),
    "common prefix": (
        "/api/v1/s{n}/list",
        "/api/v1/s{n}/list",
        "/api/v1/{{tenant}}/r{n}/{{id}}",
        "/api/v1/acme/r{n}/1234",
    ),
    "regex parts": (
        "/x/s{n}/list",
        "/x/s{n}/list",
        r"/x/{{tenant:\w+}}/r{n}/{{id:\d+}}",
        "/x/acme/r{n}/1234",
    ),
}


def table(shape: str, count: int) -> UrlDispatcher:
    """Make a router with *count* routes, half of them fixed and half with two parts."""
    fixed, _, dynamic, _ = SHAPES[shape]
    router = UrlDispatcher()
    for number in range(count // 2):
        router.add_get(fixed.format(n=number), handler, allow_head=False)
        router.add_get(dynamic.format(n=number), handler, allow_head=False)
    return router


def microseconds(call: Callable[[], object], seconds: float) -> float:
    """Time *call*: the best of several rounds that last *seconds* together."""
    calls = 1
    while True:
        start = time.perf_counter()
        for _ in range(calls):
            call()
        took = time.perf_counter() - start
        if took * ROUNDS >= seconds:
            break
        calls *= 2
    best = took
    for _ in range(ROUNDS - 1):
        start = time.perf_counter()
        for _ in range(calls):
            call()
        best = min(best, time.perf_counter() - start)
    return best / calls * 1e6


def row(shape: str, count: int, seconds: float) -> str:
    """Measure one table."""
    start = time.perf_counter()
    router = table(shape, count)
    add = (time.perf_counter() - start) / count * 1e6
    last = count // 2 - 1
    _, fixed, _, dynamic = SHAPES[shape]
    fixed, dynamic = fixed.format(n=last), dynamic.format(n=last)
    match = router.match
    request = Request(dynamic)

    def resolve() -> object:
        coroutine = router.resolve(request)
        try:
            coroutine.send(None)
        except StopIteration as stop:
            return stop.value
        raise SystemExit("resolve() waited for something")

    # Checked before it is measured.
    if (
        match("GET", fixed).http_exception is not None
        or len(match("GET", dynamic)) != 2
        or len(resolve()) != 2  # type: ignore[arg-type]  # a match info, known to be a dict
        or match("GET", fixed + "/miss").get_info()["http_exception"].status != 404
        or match("PUT", dynamic).get_info()["http_exception"].status != 405
    ):
        raise SystemExit(f"wrong answers from the table {shape!r} of {count} routes")
    cells = [
        microseconds(call, seconds)
        for call in (
            lambda: match("GET", fixed),
            lambda: match("GET", dynamic),
            lambda: match("GET", fixed + "/miss"),
            lambda: match("PUT", dynamic),
            resolve,
        )
    ]
    return "".join(f"{cell:10.2f}" for cell in (*cells, add))


def memory(shape: str, count: int) -> float:
    """Measure the bytes that one route of a table keeps."""
    tracemalloc.start()
    router = table(shape, count)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / len(router.resources())


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--routes", default="10,100,1000,5000,50000", help="numbers of routes")
    parser.add_argument("--seconds", type=float, default=0.3, help="time for each cell")
    args = parser.parse_args()
    compiled = Path(matcher.__file__ or "").suffix != ".py"
    print(
        f"tidegate-web-routing {tidegate_web_routing.__version__}, "
        f"{'compiled' if compiled else 'interpreted'}: {matcher.__file__}"
    )
    print(
        f"{'µs a call':25}{'fixed':>10}{'2 parts':>10}{'404':>10}{'405':>10}{'resolve':>10}",
        end="",
    )
    print(f"{'add':>10}{'bytes':>10}")
    for shape in SHAPES:
        for count in map(int, args.routes.split(",")):
            cells = row(shape, count, args.seconds)
            print(f"{shape:15}{count:10}{cells}{memory(shape, count):10.0f}", flush=True)


if __name__ == "__main__":
    main()
