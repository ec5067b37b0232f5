"""Run a case with one of the frameworks, and note whatever an application or client can observe.

A case is a coroutine function that takes a :class:`Bench`. It builds an application from
``bench.web``, sends requests, and notes values; answers are noted by themselves. What it noted is
an observation: aspects by name. Two observations of one case are compared aspect by aspect.

An exception that a case expects is noted as :class:`Raised`: its name, and what an ``except`` of
an application would catch it by. Anything else that a case raises is noted as its crash.
"""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import inspect
import logging
import warnings
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from compat.frameworks import Framework
from compat.wire import WAIT, Answer, Client, request

Observation = dict[str, object]
Case = Callable[["Bench"], Awaitable[None]]
Handler = Callable[[Any], Awaitable[Any]]

UNSTEADY = {"date", "server"}
"""Fields that differ from one answer to the next, or are there to differ."""


@dataclass(frozen=True)
class Raised:
    """An exception, as far as an application depends on it."""

    name: str
    caught_by: frozenset[str]
    """The classes, builtin, of asyncio or of the framework's module, that it is one of."""

    def serves_as(self, other: Raised) -> bool:
        """Tell whether whoever catches the other one catches this one as well."""
        return other.caught_by <= self.caught_by


def raised(exc: BaseException, framework: Framework) -> Raised:
    """Note an exception."""
    known = {
        cls.__name__
        for cls in type(exc).__mro__
        if cls.__module__ in ("builtins", "asyncio.exceptions", "json.decoder")
        or (cls.__module__ != builtins.__name__ and cls.__name__ in framework.web.__all__)
    }
    return Raised(type(exc).__name__, frozenset(known))


class Records(logging.Handler):
    """Log records by the part of the logger's name behind that of the framework."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.found.append(record)

    def summary(self) -> list[str]:
        """Return, for each record, the logger, the level, and whether there is a traceback."""
        return [
            f"{record.name.partition('.')[2]} {record.levelname}"
            + (" with traceback" if record.exc_info and record.exc_info[0] else "")
            for record in self.found
            if record.levelno > logging.DEBUG
        ]


class Served:
    """An application that is served, and its client."""

    def __init__(self, bench: Bench, runner: Any, port: int) -> None:
        self.bench = bench
        self.runner = runner
        self.port = port
        self._clients: list[Client] = []
        self._ended = False

    async def connect(self) -> Client:
        """Return a new connection."""
        client = await Client.connect("127.0.0.1", self.port)
        self._clients.append(client)
        return client

    async def ask(self, *requests: bytes, label: str = "") -> Answer | None:
        """Send requests, each on a connection of its own, and note the answers."""
        answer = None
        for number, raw in enumerate(requests or [request()]):
            client = await self.connect()
            await client.send(raw)
            answer = await client.answer(raw.split(b" ", 1)[0].decode("latin-1"))
            prefix = label or (f"{number + 1} " if len(requests) > 1 else "")
            self.bench.note_answer(answer, prefix)
            await client.close()
        return answer

    async def keeps_open(self, *requests: bytes) -> None:
        """Send requests one after the other on one connection; note which were answered."""
        client = await self.connect()
        answered: list[object] = []
        for raw in requests:
            try:
                await client.send(raw)
            except ConnectionError:
                break
            answer = await client.answer(raw.split(b" ", 1)[0].decode("latin-1"))
            answered.append(
                (answer.status, answer.headers.get("connection")) if answer else "closed"
            )
        self.bench.note("answered", answered)
        await client.close()

    async def stop(self) -> None:
        """Close the clients and end the server."""
        for client in self._clients:
            await client.close()
        await self.end()

    async def end(self) -> None:
        """End the server, with its clients connected."""
        if not self._ended:
            self._ended = True
            await self.runner.cleanup()


def _cookie(field: str) -> object:
    """Return a cookie and its attributes, whose order and case are no matter."""
    pair, *attributes = field.split("; ")
    return pair, sorted(
        (name.lower(), value)
        for name, _, value in (attribute.partition("=") for attribute in attributes)
    )


class Bench:
    """One run of one case."""

    def __init__(self, framework: Framework) -> None:
        self.framework = framework
        self.web = framework.web
        self.observed: Observation = {}
        self.records = Records()
        self._served: list[Served] = []

    def note(self, aspect: str, value: object) -> None:
        """Note a value; later ones of the same aspect are noted beside it."""
        number = 2
        name = aspect
        while name in self.observed:
            name = f"{aspect} ({number})"
            number += 1
        self.observed[name] = value

    def note_answer(self, answer: Answer | None, prefix: str = "") -> None:
        """Note a response."""
        if answer is None:
            self.note(f"{prefix}status", "closed")
            return
        self.note(f"{prefix}status", answer.status)
        self.note(f"{prefix}reason", answer.reason)
        for name, values in answer.headers.items():
            if name == "set-cookie":
                self.note(f"{prefix}header {name}", [_cookie(value) for value in values])
            elif name not in UNSTEADY:
                self.note(f"{prefix}header {name}", values)
        self.note(f"{prefix}body", answer.body)
        self.note(f"{prefix}complete", answer.complete)

    def attempt(self, aspect: str, call: Callable[[], object]) -> Any:
        """Note what a call returns or raises."""
        try:
            value = call()
        except (Exception, asyncio.CancelledError) as exc:
            self.note(aspect, raised(exc, self.framework))
            return None
        self.note(aspect, value)
        return value

    def fails(self, aspect: str, call: Callable[[], object]) -> Any:
        """Note what a call raises, if it does; its value is no matter."""
        try:
            value = call()
        except Exception as exc:
            self.note(aspect, raised(exc, self.framework))
            return None
        self.note(aspect, "done")
        return value

    async def attempt_await(self, aspect: str, call: Callable[[], Awaitable[object]]) -> Any:
        """Note what a coroutine function returns or raises."""
        try:
            value = await call()
        except (Exception, asyncio.CancelledError) as exc:
            self.note(aspect, raised(exc, self.framework))
            return None
        self.note(aspect, value)
        return value

    async def serve(self, served: Any, **options: Any) -> Served:
        """Serve an application, a low-level server, or a handler for every path."""
        web = self.web
        if inspect.isfunction(served):
            app = web.Application()
            app.router.add_route("*", "/{tail:.*}", served)
            served = app
        options.setdefault("access_log", None)
        kind = web.AppRunner if isinstance(served, web.Application) else web.ServerRunner
        runner = kind(served, **(options if kind is web.AppRunner else {}))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        running = Served(self, runner, port)
        self._served.append(running)
        return running

    async def close(self) -> None:
        """End what was served."""
        for served in self._served:
            await served.stop()


@contextlib.contextmanager
def _logged(name: str, records: Records) -> Iterator[None]:
    logger = logging.getLogger(name)
    level, propagate = logger.level, logger.propagate
    logger.addHandler(records)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(records)
        logger.setLevel(level)
        logger.propagate = propagate


async def _run(case: Case, bench: Bench) -> None:
    try:
        async with asyncio.timeout(3 * WAIT):
            await case(bench)
    except Exception as exc:
        bench.note("crash", f"{type(exc).__name__}: {exc}")
    finally:
        await bench.close()


def observe(case: Case, framework: Framework) -> Observation:
    """Run a case and return what was noted, with the log and the warnings that it caused."""
    bench = Bench(framework)
    with warnings.catch_warnings(record=True) as caught, _logged(framework.name, bench.records):
        warnings.simplefilter("always")
        asyncio.run(_run(case, bench))
    bench.note("log", bench.records.summary())
    told = {warning.category.__name__ for warning in caught}
    bench.note("warnings", sorted(told - {"ResourceWarning"}))
    return bench.observed


def differing(theirs: Observation, ours: Observation) -> dict[str, tuple[object, object]]:
    """Return the aspects in which two observations differ, with both values."""
    found = {}
    for aspect in {**theirs, **ours}:
        one, other = theirs.get(aspect, "nothing"), ours.get(aspect, "nothing")
        if isinstance(one, Raised) and isinstance(other, Raised):
            same = other.serves_as(one)
        else:
            same = one == other
        if not same:
            found[aspect] = (one, other)
    return found
