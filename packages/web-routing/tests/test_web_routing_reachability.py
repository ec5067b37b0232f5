"""Routes that no request can reach are found; those that one can reach never are."""

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_web_routing import (
    Placement,
    PlainResource,
    PrefixResource,
    Resource,
    UnreachableRouteWarning,
    UrlDispatcher,
)


async def handler(request: Any) -> Any:
    return request


def lost(*routes: tuple[str, str], prefer_fixed: bool = False) -> list[tuple[str, str, str]]:
    router = UrlDispatcher(prefer_fixed=prefer_fixed)
    for method, path in routes:
        router.add_route(method, path, handler)
    return [
        (
            found.route.method,
            getattr(found.route.resource, "canonical", ""),
            found.resource.canonical,
        )
        for found in router.unreachable_routes()
    ]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/{x}", "/a"),
        ("/{x}", "/{y}"),
        ("/{x}/b", "/a/b"),
        ("/{x}/b", "/{y}/b"),
        ("/{x}/{y}", "/a/{y}"),
        ("/{x}", "/a{y}"),
        ("/{x}", "/{y}.{z}"),
        (r"/{x:\d+}", r"/{y:\d+}"),
        (r"/{x:\d+}", "/1"),
        ("/{x:.*}", "/a"),
        ("/{x:.*}", "/"),
        ("/{x:.*}", "/a/{y}/b"),
        ("/{x:.*}", "/{y:a.*}"),
        ("/a/{x:.*}", "/a/{y:.*}"),
        ("/{x:.+}", "/{y}"),
        ("/{x:.+}", "/{y:.+}"),
        ("/{x:.+}", r"/{y:\w*}/b"),
        ("/{x:.+}", "/a/{y:.*}"),
    ],
)
def test_a_route_behind_one_that_takes_all_its_paths_is_found(first: str, second: str) -> None:
    router = UrlDispatcher()
    router.add_route("GET", first, handler)
    shadowed = router.add_route("GET", second, handler)
    (found,) = router.unreachable_routes()
    assert found.route is shadowed
    assert found.resource is next(iter(router.resources()))
    assert str(found).startswith(f"{shadowed!r} can't be reached: <DynamicResource")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("/a", "/{x}"),
        ("/a", "/b"),
        ("/{x}", "/"),
        ("/{x}", "/a/b"),
        ("/{x}", "/{y:.*}"),
        ("/{x}", r"/{y:\d*}"),
        ("/{x}/{y}", "/{z}"),
        ("/{x}/{y}", "/{z}/"),
        ("/{x}/{t:.+}", "/{y}/"),
        (r"/{x}/{t:.+}", r"/{y}/{z:\d*}"),
        ("/a/{x}", "/{y}/b"),
        ("/a{x}", "/{y}"),
        (r"/{x:\d+}", "/{y}"),
        ("/{x:.+}", "/"),
        ("/{x:.+}", r"/{y:\d*}"),
        ("/{x:.+}", "/{y:.*}"),
        ("/a/{x:.*}", "/{y:.*}"),
        ("/a/{x:.*}", "/a"),
        ("/a/{x:.*}", "/{y}"),
        ("/{x:a.*}", "/{y:b.*}"),
        ("/{x:a.*}", "/{y}"),
    ],
)
def test_a_route_that_can_be_reached_is_not_reported(first: str, second: str) -> None:
    assert lost(("GET", first), ("GET", second)) == []


def test_methods_are_told_apart() -> None:
    assert lost(("GET", "/{x}"), ("POST", "/a"), ("GET", "/a")) == [("GET", "/a", "/{x}")]
    assert lost(("*", "/{x}"), ("GET", "/a")) == [("GET", "/a", "/{x}")]
    assert lost(("GET", "/{x}"), ("*", "/a")) == []
    assert lost(("*", "/{x}"), ("*", "/a")) == [("*", "/a", "/{x}")]


def test_the_order_of_lookup_counts_not_that_of_registration() -> None:
    assert lost(("GET", "/{x}"), ("GET", "/a"), prefer_fixed=True) == []
    assert lost(("GET", "/{x:.*}"), ("GET", "/{y}"), prefer_fixed=True) == [
        ("GET", "/{y}", "/{x}")
    ]


def test_the_empty_path_is_the_root() -> None:
    assert lost(("GET", "/"), ("GET", "/b"), ("GET", "")) == [("GET", "", "/")]


def test_resources_of_ones_own_are_left_alone() -> None:
    class Files(PrefixResource):
        def url_for(self, **kwargs: str) -> Any: ...
        def get_info(self) -> dict[str, Any]:
            return {}

        def __len__(self) -> int:
            return 0

        def __iter__(self) -> Any:
            return iter(())

    class Odd(Resource):
        canonical = "/odd"

        def url_for(self, **kwargs: str) -> Any: ...
        def add_prefix(self, prefix: str) -> None: ...
        def get_info(self) -> dict[str, Any]:
            return {}

        def raw_match(self, path: str) -> bool:
            return False

        def _match(self, path: str) -> None:
            return None

        def placement(self) -> Placement:
            return Placement((), False)

    router = UrlDispatcher()
    for resource in (Files("/"), Odd()):
        router.register_resource(resource)
    router.add_get("/a", handler)
    router.add_get("/{x}", handler)
    router.register_resource(Files("/a"))
    assert router.unreachable_routes() == []


PIECES = ["a", "", "{p0}", "a{p1}", r"{p2:\d*}", "{p3:.*}", "{p4:.+}", "{p5}.{p6}", "{p7:a|b}"]
PATHS = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3, unique=True).map(
    lambda pieces: "/" + "/".join(pieces)
)
ASKED = st.lists(st.sampled_from(["a", "b", "", "ab", "1", "a.b"]), min_size=1, max_size=4)


@settings(max_examples=500, deadline=None)
@given(
    st.lists(PATHS, min_size=2, max_size=6, unique=True),
    st.lists(ASKED, max_size=20),
    st.booleans(),
)
def test_what_is_reported_is_never_reached(
    paths: list[str], asked: list[list[str]], prefer_fixed: bool
) -> None:
    router = UrlDispatcher(prefer_fixed=prefer_fixed)
    for path in paths:
        router.add_get(path, handler)
    unreachable = {id(found.route) for found in router.unreachable_routes()}
    for segments in asked:
        assert id(router.match("GET", "/" + "/".join(segments)).route) not in unreachable


def test_freezing_warns_in_development_mode_only() -> None:
    program = (
        "from tidegate_web_routing import UrlDispatcher\n"
        "async def handler(request): ...\n"
        "router = UrlDispatcher()\n"
        "router.add_put('/{x}', handler)\n"
        "router.add_put('/a', handler)\n"
        "router.freeze()\n"
    )
    for options, warned in ([], False), (["-X", "dev"], True):
        result = subprocess.run(
            [sys.executable, *options, "-c", program], capture_output=True, text=True, check=True
        )
        assert (UnreachableRouteWarning.__name__ in result.stderr) is warned
        assert ("<PlainResource /a>" in result.stderr) is warned
        assert (
            'File "<string>", line 6' in result.stderr or "<string>:6" in result.stderr
        ) is warned


def test_a_resource_that_only_looks_plain_is_compared_by_what_it_matches() -> None:
    router = UrlDispatcher()
    router.add_get("/{x}", handler)
    resource = PlainResource("/%7e")
    resource.add_route("GET", handler)
    router.register_resource(resource)
    assert [found.route.resource for found in router.unreachable_routes()] == [resource]


def test_freezing_twice_reports_once() -> None:
    program = """
import warnings
from tidegate_web_routing import UrlDispatcher
async def handler(request): ...
router = UrlDispatcher()
router.add_get("/{x}", handler, allow_head=False)
router.add_get("/a", handler, allow_head=False)
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    router.freeze()
    router.freeze()
print(*(f"{one.category.__name__} {one.filename}" for one in caught), sep="\\n")
"""
    result = subprocess.run(
        [sys.executable, "-X", "dev", "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == "UnreachableRouteWarning <string>\n"
