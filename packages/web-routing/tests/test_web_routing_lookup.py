"""For any table and any path the router gives what going through the table in order gives.

The table is gone through with regular expressions that are written down here, so that neither
the patterns nor the tree nor the resources of the package take part in the expected result.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tidegate_web_routing import (
    Domain,
    DynamicResource,
    MaskDomain,
    MatchedSubAppResource,
    MethodNotAllowed,
    PlainResource,
    PrefixedSubAppResource,
    RouteNotFound,
    UrlDispatcher,
)

# What stands in the path, and the regular expression that it means; {n} makes names unique.
TEXT = [("a", "a"), ("b", "b"), ("ab", "ab"), ("", "")]
PARTS = [
    ("{{p{n}}}", r"(?P<p{n}>[^{{}}/]+)"),
    ("{{p{n}}}", r"(?P<p{n}>[^{{}}/]+)"),
    ("a{{p{n}}}", r"a(?P<p{n}>[^{{}}/]+)"),
    ("{{p{n}}}b", r"(?P<p{n}>[^{{}}/]+)b"),
    ("{{p{n}}}-{{q{n}}}", r"(?P<p{n}>[^{{}}/]+)\-(?P<q{n}>[^{{}}/]+)"),
    ("{{p{n}}}{{q{n}}}", r"(?P<p{n}>[^{{}}/]+)(?P<q{n}>[^{{}}/]+)"),
    (r"{{p{n}:\w*}}", r"(?P<p{n}>\w*)"),
    ("{{p{n}:a|b}}", "(?P<p{n}>a|b)"),
    ("{{p{n}:[^/]*}}", "(?P<p{n}>[^/]*)"),
    ("{{p{n}:.*}}", "(?P<p{n}>.*)"),
    ("{{p{n}:.+}}", "(?P<p{n}>.+)"),
    ("{{p{n}:a/b}}", "(?P<p{n}>a/b)"),
    ("x{{p{n}:.*}}", "x(?P<p{n}>.*)"),
]

SEGMENTS = st.lists(st.sampled_from(TEXT) | st.sampled_from(PARTS), min_size=1, max_size=4)
METHODS = st.sampled_from(["GET", "POST", "PUT", "HEAD", "*"])
TABLES = st.lists(st.tuples(SEGMENTS, METHODS), min_size=1, max_size=10)
PATHS = st.lists(
    st.sampled_from(["a", "b", "ab", "", "c", "a-b", "xa", "-", "aab"]), min_size=1, max_size=5
).map(lambda segments: "/" + "/".join(segments)) | st.sampled_from(["", "*", "a"])


@dataclass
class Row:
    """A resource of the table, as it is expected to be."""

    path: str
    regex: re.Pattern[str]
    fixed: int
    routes: dict[str, object] = field(default_factory=dict)


def row(segments: list[tuple[str, str]]) -> Row:
    path = "".join("/" + text.format(n=n) for n, (text, _) in enumerate(segments))
    regex = "".join("/" + regex.format(n=n) for n, (_, regex) in enumerate(segments))
    # The segments before the first part, not counting the empty one after a last slash.
    before, brace, _ = path.partition("{")
    fixed = (before.rpartition("/")[0] if brace else path.removesuffix("/")).count("/")
    return Row(path, re.compile(regex), fixed)


def build(
    table: list[tuple[list[tuple[str, str]], str]], prefer_fixed: bool
) -> tuple[UrlDispatcher, list[Row]]:
    router = UrlDispatcher(prefer_fixed=prefer_fixed)
    rows: list[Row] = []
    for segments, method in table:
        new = row(segments)
        if not rows or rows[-1].path != new.path:
            rows.append(new)
        routes = rows[-1].routes
        if method in routes or "*" in routes:
            continue

        async def handler(request: Any) -> None: ...

        router.add_route(method, new.path, handler)
        routes[method] = handler
    if prefer_fixed:
        rows.sort(key=lambda row: -row.fixed)
    return router, rows


@settings(max_examples=500, deadline=None)
@given(
    TABLES,
    st.lists(PATHS, min_size=1, max_size=8),
    st.sampled_from(["GET", "POST", "DELETE", "HEAD", "*"]),
    st.booleans(),
)
def test_the_router_gives_what_a_linear_scan_gives(
    table: list[tuple[list[tuple[str, str]], str]],
    paths: list[str],
    method: str,
    prefer_fixed: bool,
) -> None:
    router, rows = build(table, prefer_fixed)
    # The paths of the table itself are asked for, too.
    for path in [*paths, *(row.path for row in rows if "{" not in row.path)]:
        allowed: set[str] = set()
        wanted: tuple[dict[str, str], object] | None = None
        for candidate in rows:
            match = candidate.regex.fullmatch(path)
            if match is None:
                continue
            if method in candidate.routes or "*" in candidate.routes:
                handler = candidate.routes.get(method, candidate.routes.get("*"))
                wanted = match.groupdict(), handler
                break
            allowed |= candidate.routes.keys()
        for _ in range(2):
            found = router.match(method, path)
            if wanted is not None:
                assert (dict(found), found.handler) == wanted
            elif allowed:
                assert isinstance(found.http_exception, MethodNotAllowed)
                assert found.http_exception.allowed_methods == allowed
            else:
                assert isinstance(found.http_exception, RouteNotFound)


# -- With nested applications -------------------------------------------------------------------

HOSTS = ["a.x", "b.x", "x"]
RULES: dict[Domain, Callable[[str], bool]] = {
    Domain("a.x"): lambda host: host == "a.x",
    MaskDomain("*.x"): lambda host: host.endswith(".x"),
}
FIXED = st.sampled_from(["/a", "/b", "/a/b", "/ab"])
RESOURCE_PATHS = FIXED | st.sampled_from(["/{p}", "/a/{p}"])


@dataclass
class App:
    """An application, as routing knows it."""

    router: UrlDispatcher


@dataclass
class Outcome:
    """What a request is expected to give: a status, a handler and the applications around it."""

    status: int
    handler: object = None
    apps: tuple[App, ...] = ()
    allowed: frozenset[str] = frozenset()


#: Finds the outcome for a method, a path and a host in the plainest way, None for "not mine".
Scan = Callable[[str, str, str], Outcome | None]


def scan_rows(rows: list[tuple[int, Scan]], prefer_fixed: bool) -> Callable[..., Outcome]:
    """Ask the rows of a table one after the other."""
    ordered = sorted(rows, key=lambda row: -row[0]) if prefer_fixed else rows

    def scan(method: str, path: str, host: str) -> Outcome:
        allowed: frozenset[str] = frozenset()
        for _, row in ordered:
            outcome = row(method, path, host)
            if outcome is None:
                continue
            if outcome.status != 405 or outcome.apps:
                return outcome
            allowed |= outcome.allowed
        return Outcome(405, allowed=allowed) if allowed else Outcome(404)

    return scan


def route_row(path: str, routes: dict[str, object]) -> Scan:
    regex = re.compile(path.replace("{p}", "[^{}/]+"))

    def scan(method: str, path: str, host: str) -> Outcome | None:
        if regex.fullmatch(path) is None:
            return None
        handler = routes.get(method, routes.get("*"))
        return (
            Outcome(405, allowed=frozenset(routes)) if handler is None else Outcome(200, handler)
        )

    return scan


def app_row(prefix: str, rule: Domain | None, app: App, inside: Callable[..., Outcome]) -> Scan:
    def scan(method: str, path: str, host: str) -> Outcome | None:
        if not f"{path}/".startswith(f"{prefix}/") or not (rule is None or RULES[rule](host)):
            return None
        outcome = inside(method, path, host)
        return replace(outcome, apps=(app, *outcome.apps))

    return scan


def fixed_segments(path: str) -> int:
    """Count the fixed segments at the start, and the empty one before the first slash."""
    before, brace, _ = path.partition("{")
    return before.count("/") + (not brace)


def draw_resource(draw: st.DrawFn, router: UrlDispatcher, prefix: str, is_get: bool) -> Scan:
    """Register a resource of its own: merging is tested above."""

    async def handler(request: Any) -> None: ...

    path = draw(RESOURCE_PATHS)
    methods = ["GET", "HEAD"] if is_get else [draw(METHODS)]
    resource = DynamicResource(path) if "{" in path else PlainResource(path)
    for method in methods:
        resource.add_route(method, handler)
    router.register_resource(resource)
    return route_row(prefix + path, dict.fromkeys(methods, handler))


@st.composite
def tables(
    draw: st.DrawFn, prefix: str = "", depth: int = 2, prefer_fixed: bool = False
) -> tuple[UrlDispatcher, Callable[..., Outcome]]:
    """Make a router with nested applications, and what asking it should give.

    The nested routers are made whole first, and get their prefixes by being nested.
    """
    router = UrlDispatcher(prefer_fixed=prefer_fixed)
    rows: list[tuple[int, Scan]] = []
    kinds = ["route", "get", "sub", "domain"] if depth else ["route", "get"]
    for kind in draw(st.lists(st.sampled_from(kinds), max_size=5)):
        if kind in ("route", "get"):
            scan = draw_resource(draw, router, prefix, kind == "get")
            path = next(reversed(list(router.resources()))).canonical
            rows.append((fixed_segments(prefix + path), scan))
            continue
        mount = draw(FIXED | st.just("")) if kind == "sub" else ""
        rule = draw(st.sampled_from(list(RULES))) if kind == "domain" else None
        inner, inside = draw(tables(prefix + mount, depth - 1, prefer_fixed))
        app = App(inner)
        router.register_resource(
            PrefixedSubAppResource(mount, app)
            if rule is None
            else MatchedSubAppResource(rule, app)
        )
        place = fixed_segments(prefix + mount) if rule is None else -1
        rows.append((place, app_row(prefix + mount, rule, app, inside)))
    return router, scan_rows(rows, prefer_fixed)


class Request:
    def __init__(self, method: str, path: str, host: str) -> None:
        self.method = method
        self.match_path = path
        self.host = host


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), st.booleans())
def test_nested_applications_give_what_asking_everybody_in_turn_gives(
    data: st.DataObject, prefer_fixed: bool
) -> None:
    router, scan = data.draw(tables(prefer_fixed=prefer_fixed))
    for _ in range(8):
        method = data.draw(st.sampled_from(["GET", "HEAD", "POST", "DELETE"]))
        path = "".join(data.draw(st.lists(st.sampled_from(["/a", "/b", "/ab", "/"]), max_size=4)))
        host = data.draw(st.sampled_from(HOSTS))
        wanted = scan(method, path, host)
        resolving = router.resolve(Request(method, path, host))  # type: ignore[arg-type]  # rel_url is not asked for
        with pytest.raises(StopIteration) as stop:
            resolving.send(None)
        for found in (router.match(method, path, host), stop.value.value):
            missed = found.http_exception
            assert found.apps == wanted.apps
            assert getattr(missed, "status", 200) == wanted.status
            if missed is None:
                assert found.handler is wanted.handler
            assert getattr(missed, "allowed_methods", frozenset()) == wanted.allowed
