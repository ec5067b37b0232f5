"""For any table and any path the router gives what going through the table in order gives.

The table is gone through with regular expressions that are written down here, so that neither
the patterns nor the tree nor the resources of the package take part in the expected result.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_web_routing import MethodNotAllowed, RouteNotFound, UrlDispatcher

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
METHODS = st.sampled_from(["GET", "POST", "PUT", "*"])
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


@settings(max_examples=500)
@given(
    TABLES,
    st.lists(PATHS, min_size=1, max_size=8),
    st.sampled_from(["GET", "POST", "DELETE"]),
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
