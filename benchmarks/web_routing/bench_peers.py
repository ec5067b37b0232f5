"""What finding a route costs, beside the routers of other frameworks, in one run.

    python benchmarks/web_routing/bench_peers.py
    python benchmarks/web_routing/bench_peers.py --routes 10,1000 --seconds 0.05

Tables of dynamic routes in three shapes; the route registered last is the one that is asked for,
with other values each time, so that no router can answer from memory. A cell is microseconds a
lookup, the best of several rounds; the routers take turns in each round. `tidegate` is
``match(method, path)``, `resolve` its ``await router.resolve(request)``. A row that another
router leads is marked with its name. `add` is seconds to build the whole table, `bytes` what one
route keeps, measured with a table of at most 1,000 routes of its own (tidegate: any).

A router that takes longer than --limit seconds to build a table is left out from there on, and a
lookup that is slower than a round is timed once. Every answer is checked before it is timed; a
router that does not tell 405 from 404 has no cell in the rows of 405.
"""

import argparse
import gc
import signal
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from peers import PEERS, WITHOUT_405, Table
from tidegate_web_routing import matcher

ROUNDS = 5
#: Paths a row: more than any router remembers the answers of, so that none is asked again soon.
VARIETY = 10_000
OWN = ("tidegate", "resolve")
DISTRIBUTIONS = ("aiohttp", "starlette", "sanic-routing", "werkzeug", "blacksheep")

#: The path of a route, by its number.
SHAPES: dict[str, str] = {
    "distinct first": "/r{n}/{{tenant}}/{{id}}",
    "common prefix": "/api/v1/{{tenant}}/r{n}/{{id}}",
    "regex parts": "/api/v1/{{tenant:word}}/r{n}/{{id:digits}}",
}


def asked(shape: str, number: int | str) -> list[str]:
    """Give the paths that are asked for a route."""
    pattern = SHAPES[shape].replace("{{tenant:word}}", "{{tenant}}")
    pattern = pattern.replace("{{id:digits}}", "{{id}}").replace("{{", "{").replace("}}", "}")
    return [pattern.format(n=number, tenant=f"acme{i}", id=1000 + i) for i in range(VARIETY)]


class TooSlow(Exception):
    """A table was not built in time."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """Raise :class:`TooSlow` in what takes longer."""

    def stop(*_: Any) -> None:
        raise TooSlow

    earlier = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, earlier)


def build(name: str, shape: str, count: int) -> Table:
    """Build a peer's table."""
    return PEERS[name](SHAPES[shape].format(n=number) for number in range(count))


def check(name: str, shape: str, count: int, table: Table) -> None:
    """Stop everything if a router answers something else than it should."""
    # The last ones, which are not asked for again.
    path, other = asked(shape, count - 1)[-1], asked(shape, "x")[-1]
    values = {"tenant": f"acme{VARIETY - 1}", "id": f"{1000 + VARIETY - 1}"}
    expected = [
        ("GET", path, (200, values)),
        ("GET", other, (404, {})),
        ("PUT", path, (404 if name in WITHOUT_405 else 405, {})),
    ]
    for method, path, answer in expected:
        found = table.ask(method, path)
        if found != answer:
            raise SystemExit(f"{name}: {method} {path} gave {found}, expected {answer}")


def took(call: Callable[[], object]) -> float:
    """Time one call, in seconds."""
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


class Contender:
    """A router in one row: what it goes through in a turn, and the best time so far."""

    def __init__(self, table: Table, method: str, paths: list[str], seconds: float) -> None:
        self.best = float("inf")
        self._program = table.program
        self._method = method
        self._paths = cycle(paths)
        self._count = 1
        # The first lookup may compile something; a router that is slow gets few paths.
        each = min(self.turn(), self.turn(), self.turn())
        self._count = max(1, min(len(paths) // (ROUNDS + 1), int(seconds / each)))
        self.best = float("inf")

    def turn(self) -> float:
        """Go through the next paths; return the seconds for one."""
        run = self._program(self._method, list(islice(self._paths, self._count)))
        each = took(run) / self._count
        self.best = min(self.best, each * 1e6)
        return each


def memory(name: str, shape: str, count: int) -> float:
    """Measure the bytes that one route keeps."""
    build(name, shape, 1)  # what is imported at the first use
    gc.collect()
    tracemalloc.start()
    table = build(name, shape, count)
    table.ask("GET", asked(shape, count - 1)[-1])
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return size / count


def line(title: str, cells: list[float | None], note: str = "", digits: int = 2) -> None:
    """Print a row."""
    texts = (f"{'-':>11}" if cell is None else f"{cell:11.{digits}f}" for cell in cells)
    print(f"{title:28}{''.join(texts)}  {note}".rstrip(), flush=True)


def tables(
    shape: str, count: int, limit: int, given_up: set[str]
) -> tuple[dict[str, Table], dict[str, float]]:
    """Build the table of each router that has not been given up."""
    built: dict[str, Table] = {}
    seconds: dict[str, float] = {}
    for name in PEERS:
        if name in given_up:
            continue
        gc.collect()
        start = time.perf_counter()
        try:
            with at_most(limit):
                built[name] = build(name, shape, count)
        except (TooSlow, RecursionError, MemoryError) as exc:
            given_up.add(name)
            why = f"not built in {limit} s" if isinstance(exc, TooSlow) else type(exc).__name__
            print(f"  {name} is left out from {count} routes on: {why}", flush=True)
            continue
        seconds[name] = time.perf_counter() - start
        check(name, shape, count, built[name])
    return built, seconds


def measure(shape: str, count: int, seconds: float, limit: int, given_up: set[str]) -> list[str]:
    """Print the rows of one table, and return those that another router leads."""
    built, add = tables(shape, count, limit, given_up)
    lost = []
    hits = asked(shape, count - 1)
    for label, method, paths in (
        ("hit", "GET", hits),
        ("404", "GET", asked(shape, "x")),
        ("405", "PUT", hits),
    ):
        contenders = {
            name: Contender(table, method, paths, seconds / ROUNDS)
            for name, table in built.items()
            if not (label == "405" and name in WITHOUT_405)
        }
        for _ in range(ROUNDS):
            for contender in contenders.values():
                contender.turn()
        best = {name: contender.best for name, contender in contenders.items()}
        others = {name: each for name, each in best.items() if name not in OWN}
        leader = min(others, key=lambda name: others[name], default="")
        behind = leader and others[leader] < best["tidegate"]
        if behind:
            lost.append(f"{shape} {count} {label}: {leader}")
        line(
            f"{shape:15}{count:7} {label:4}",
            [best.get(name) for name in PEERS],
            f"<- {leader}" if behind else "",
        )
    line(f"{shape:15}{count:7} add", [add.get(name) for name in PEERS], "seconds", 3)
    del built
    sizes = [
        memory(name, shape, count if name in OWN else min(count, 1000)) if name in add else None
        for name in PEERS
    ]
    line(f"{shape:15}{count:7} kept", sizes, "bytes a route", 0)
    return lost


def main() -> int:
    """Print the tables; return 1 if another router led a row."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--routes", default="10,100,1000,5000,50000", help="numbers of routes")
    parser.add_argument("--seconds", type=float, default=0.1, help="for each cell, about")
    parser.add_argument("--limit", type=int, default=20, help="seconds to build a table")
    args = parser.parse_args()
    compiled = Path(matcher.__file__ or "").suffix != ".py"
    print(f"tidegate-web-routing, {'compiled' if compiled else 'interpreted'}: {matcher.__file__}")
    print(", ".join(f"{name} {version(name)}" for name in DISTRIBUTIONS), f"Python {sys.version}")
    print(f"{'µs a lookup':28}{''.join(f'{name:>11}' for name in PEERS)}")
    lost = []
    for shape in SHAPES:
        given_up: set[str] = set()
        for count in map(int, args.routes.split(",")):
            lost += measure(shape, count, args.seconds, args.limit, given_up)
    print("tidegate leads every row" if not lost else "led by others:", *lost, sep="\n  ")
    return 1 if lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
