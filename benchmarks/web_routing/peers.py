"""The routers that bench_peers.py compares, each behind the same few functions.

A peer is a function that takes paths with their handler's number left out, builds the peer's own
table, and gives back a way to look paths up. What is timed is the least that each router has to
be asked to find a handler and the values of the path: no request object is made, no handler is
run. Arguments that a server would have anyway (a scope, a URL) are made beforehand.

A peer says ``{name}`` and ``{name:word}`` and ``{name:digits}`` in its own way; ``word`` is the
regular expression ``\\w+``, ``digits`` is ``\\d+``.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

from tidegate_web_routing import UrlDispatcher
from yarl import URL

#: What a lookup gave: the status that a server would answer with, and the values.
Answer = tuple[int, dict[str, str]]


class Table(NamedTuple):
    """A table that was built."""

    #: Looks one path up, for checking.
    ask: Callable[[str, str], Answer]
    #: Makes a program that looks all of the paths up with a method, for timing.
    program: Callable[[str, Sequence[str]], Callable[[], None]]


async def handler(request: object) -> None:
    """Never called."""


_PART = re.compile(r"\{(\w+)(?::(\w+))?\}")
REGEXES = {"word": r"\w+", "digits": r"\d+"}


def _spelled(path: str, default: str, custom: str) -> str:
    """Write the parts of *path* in another way."""
    return _PART.sub(
        lambda part: (
            custom.format(name=part[1], kind=part[2], regex=REGEXES[part[2]])
            if part[2]
            else default.format(name=part[1])
        ),
        path,
    )


class _Request:
    """What tidegate and aiohttp need to know of a request."""

    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.match_path = path
        self.rel_url = URL(path, encoded=True)


def _finish(coroutine: Any) -> Any:
    """Run a coroutine that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    raise SystemExit("a lookup waited for something")


def _module(name: str) -> Any:
    """Import a peer when it is its turn; its types don't matter here."""
    return import_module(name)


def _tidegate_router(paths: Iterable[str]) -> UrlDispatcher:
    router = UrlDispatcher()
    for path in paths:
        router.add_get(_spelled(path, "{{{name}}}", "{{{name}:{regex}}}"), handler)
    router.freeze()
    return router


def tidegate(paths: Iterable[str]) -> Table:
    """``UrlDispatcher.match(method, path)``."""
    match = _tidegate_router(paths).match

    def ask(method: str, path: str) -> Answer:
        found = match(method, path)
        return getattr(found.http_exception, "status", 200), dict(found)

    def program(method: str, paths: Sequence[str]) -> Callable[[], None]:
        def run() -> None:
            for path in paths:
                match(method, path)

        return run

    return Table(ask, program)


def _resolving(router: Any) -> Table:
    resolve = router.resolve

    def ask(method: str, path: str) -> Answer:
        found = _finish(resolve(_Request(method, path)))
        return getattr(found.http_exception, "status", 200), dict(found)

    def program(method: str, paths: Sequence[str]) -> Callable[[], None]:
        requests = [_Request(method, path) for path in paths]

        def run() -> None:
            for request in requests:
                try:  # noqa: SIM105  # suppress() would be timed, too
                    resolve(request).send(None)
                except StopIteration:
                    pass

        return run

    return Table(ask, program)


def tidegate_resolve(paths: Iterable[str]) -> Table:
    """``await UrlDispatcher.resolve(request)``."""
    return _resolving(_tidegate_router(paths))


def aiohttp(paths: Iterable[str]) -> Table:
    """``await UrlDispatcher.resolve(request)``."""
    router = _module("aiohttp.web").UrlDispatcher()
    for path in paths:
        router.add_get(_spelled(path, "{{{name}}}", "{{{name}:{regex}}}"), handler)
    router.freeze()
    return _resolving(router)


def starlette(paths: Iterable[str]) -> Table:
    """``route.matches(scope)`` of each route until one says that it is its own."""
    convertors = _module("starlette.convertors")
    routing = _module("starlette.routing")
    full, partly = routing.Match.FULL, routing.Match.PARTIAL
    for kind, regex in REGEXES.items():
        convertor = type(kind, (convertors.StringConvertor,), {"regex": regex})()
        convertors.register_url_convertor(kind, convertor)
    routes = [
        routing.Route(_spelled(path, "{{{name}}}", "{{{name}:{kind}}}"), handler, methods=["GET"])
        for path in paths
    ]

    def scope_of(method: str, path: str) -> dict[str, Any]:
        return {"type": "http", "method": method, "path": path, "root_path": ""}

    def find(scope: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        partial = None
        for route in routes:
            match, child = route.matches(scope)
            if match is full:
                return 200, child
            if match is partly and partial is None:
                partial = child
        return (404, {}) if partial is None else (405, {})

    def ask(method: str, path: str) -> Answer:
        status, child = find(scope_of(method, path))
        return status, child.get("path_params", {})

    def program(method: str, paths: Sequence[str]) -> Callable[[], None]:
        scopes = [scope_of(method, path) for path in paths]

        def run() -> None:
            for scope in scopes:
                find(scope)

        return run

    return Table(ask, program)


def sanic_routing(paths: Iterable[str]) -> Table:
    """``BaseRouter.resolve(path, method=method)``, the table compiled by ``finalize()``."""
    exceptions = _module("sanic_routing.exceptions")
    not_found, no_method = exceptions.NotFound, exceptions.NoMethod
    router = type(
        "Router",
        (_module("sanic_routing").BaseRouter,),
        {
            "DEFAULT_METHOD": "GET",
            "ALLOWED_METHODS": ("GET", "HEAD", "PUT"),
            "get": lambda self, path, method: self.resolve(path=path, method=method),
        },
    )()
    for path in paths:
        router.add(_spelled(path, "<{name}>", "<{name}:{regex}>"), handler, methods=["GET"])
    router.finalize()
    resolve = router.resolve

    def ask(method: str, path: str) -> Answer:
        try:
            return 200, dict(resolve(path=path, method=method)[2])
        except not_found:
            return 404, {}
        except no_method:
            return 405, {}

    def program(method: str, paths: Sequence[str]) -> Callable[[], None]:
        def run() -> None:
            for path in paths:
                try:  # noqa: SIM105  # suppress() would be timed, too
                    resolve(path=path, method=method)
                except (not_found, no_method):
                    pass

        return run

    return Table(ask, program)


def werkzeug(paths: Iterable[str]) -> Table:
    """``MapAdapter.match(path, method)``."""
    exceptions = _module("werkzeug.exceptions")
    not_found, not_allowed = exceptions.NotFound, exceptions.MethodNotAllowed
    routing = _module("werkzeug.routing")
    rule = routing.Rule
    converters = {
        kind: type(kind, (routing.BaseConverter,), {"regex": regex, "part_isolating": True})
        for kind, regex in REGEXES.items()
    }
    table = routing.Map(
        [
            rule(_spelled(path, "<{name}>", "<{kind}:{name}>"), endpoint=handler, methods=["GET"])
            for path in paths
        ],
        converters=converters,
    )
    table.update()
    match = table.bind("localhost").match

    def ask(method: str, path: str) -> Answer:
        try:
            return 200, dict(match(path, method)[1])
        except not_found:
            return 404, {}
        except not_allowed:
            return 405, {}

    def program(method: str, paths: Sequence[str]) -> Callable[[], None]:
        def run() -> None:
            for path in paths:
                try:  # noqa: SIM105  # suppress() would be timed, too
                    match(path, method)
                except (not_found, not_allowed):
                    pass

        return run

    return Table(ask, program)


def blacksheep(paths: Iterable[str]) -> Table:
    """``Router.get_match_by_method_and_path(method, path)``; it does not tell 405 from 404."""
    routing = _module("blacksheep.server.routing")
    routing.Route.value_patterns.update(REGEXES)
    router = routing.Router()
    for path in paths:
        router.add("GET", _spelled(path, "{{{name}}}", "{{{kind}:{name}}}"), handler)
    router.apply_routes()
    match = router.get_match_by_method_and_path

    def ask(method: str, path: str) -> Answer:
        found = match(method, path.encode())
        return (404, {}) if found is None else (200, dict(found.values or {}))

    def program(method: str, paths: Sequence[str]) -> Callable[[], None]:
        quoted = [path.encode() for path in paths]

        def run() -> None:
            for path in quoted:
                match(method, path)

        return run

    return Table(ask, program)


#: The peers by name; what the two of tidegate are named is known to bench_peers.py.
PEERS: dict[str, Callable[[Iterable[str]], Table]] = {
    "tidegate": tidegate,
    "resolve": tidegate_resolve,
    "aiohttp": aiohttp,
    "starlette": starlette,
    "sanic": sanic_routing,
    "werkzeug": werkzeug,
    "blacksheep": blacksheep,
}

#: The peers that answer a method that is not allowed as a path that is not there.
WITHOUT_405 = frozenset({"blacksheep"})
