"""Resources: paths with routes by method."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from tidegate_web_routing import (
    AbstractResource,
    AbstractRoute,
    DynamicResource,
    Placement,
    PlainResource,
    PrefixResource,
    Resource,
    ResourceRoute,
    UrlPartsError,
)
from tidegate_web_routing.resources import Resolved, check_name
from yarl import URL


async def handler(request: Any) -> Any:
    return request


async def other(request: Any) -> Any:
    return request


class Request:
    def __init__(self, method: str, path: str) -> None:
        self.method = method
        self.rel_url = URL(path)


class Custom(AbstractResource):
    """The least that a resource of one's own has to have."""

    def __init__(self, canonical: str = "/custom") -> None:
        super().__init__()
        self._canonical = canonical

    @property
    def canonical(self) -> str:
        return self._canonical

    def url_for(self, **kwargs: str) -> URL:
        return URL(self._canonical)

    def add_prefix(self, prefix: str) -> None:
        self._canonical = prefix + self._canonical

    def get_info(self) -> dict[str, Any]:
        return {"custom": self._canonical}

    def raw_match(self, path: str) -> bool:
        return False

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[AbstractRoute]:
        return iter(())


class Files(PrefixResource):
    def url_for(self, **kwargs: str) -> URL:
        return URL.build(path=f"{self._prefix}/{kwargs['filename']}")

    def get_info(self) -> dict[str, Any]:
        return {"prefix": self._prefix}

    def __len__(self) -> int:
        return 0

    def __iter__(self) -> Iterator[AbstractRoute]:
        return iter(())


@pytest.mark.parametrize("name", [None, "a", "a.b:c-d", "_1", "é", "user-info"])
def test_a_name_is_identifiers_joined_by_dots_colons_and_dashes(name: str | None) -> None:
    check_name(name)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "'' is not an identifier"),
        ("1a", "'1a' is not an identifier"),
        ("a..b", "'' is not an identifier"),
        ("a b", "'a b' is not an identifier"),
        ("a.class", "'class' is a keyword of Python"),
    ],
)
def test_any_other_name_is_refused(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"invalid route name {name!r}: {message}"):
        check_name(name)


def test_a_plain_resource_has_one_path() -> None:
    resource = PlainResource("/é/b", name="x")
    assert resource.name == "x"
    assert resource.canonical == "/%C3%A9/b"
    assert resource.get_info() == {"path": "/%C3%A9/b"}
    assert resource.url_for() == URL("/é/b")
    assert resource.placement() == Placement(("", "%C3%A9", "b"), True)
    assert repr(resource) == "<PlainResource 'x' /%C3%A9/b>"
    assert repr(PlainResource("/a")) == "<PlainResource /a>"


def test_the_url_of_a_plain_resource_takes_no_parts() -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'x'"):
        PlainResource("/a").url_for(x="1")  # type: ignore[call-arg]  # that is what is tested


def test_a_plain_resource_merges_routes_for_its_path_however_it_is_quoted() -> None:
    resource = PlainResource("/é")
    assert resource.raw_match("/%c3%a9")
    assert not resource.raw_match("/e")
    assert not resource.raw_match("/{é}")


def test_the_empty_path_is_the_root_unless_a_prefix_comes_before_it() -> None:
    root = PlainResource("")
    root.add_route("GET", handler)
    assert root.canonical == ""
    assert root.match("GET", "/")[0] is not None
    assert root.placement() == Placement(("", ""), True)
    root.freeze()
    assert root.canonical == "/"
    nested = PlainResource("")
    nested.add_prefix("/sub")
    nested.freeze()
    assert nested.canonical == "/sub"


def test_a_dynamic_resource_has_parts() -> None:
    resource = DynamicResource(r"/a/{x}/{y:\d+}", name="x")
    assert resource.canonical == "/a/{x}/{y}"
    assert resource.get_info() == {
        "formatter": "/a/{x}/{y}",
        "pattern": re.compile(r"/a/(?P<x>[^{}/]+)/(?P<y>\d+)"),
    }
    assert resource.url_for(x="1", y="2") == URL("/a/1/2")
    assert resource.placement() == Placement(("", "a", None, None), True)
    assert resource.pattern.source == r"/a/{x}/{y:\d+}"
    assert resource.raw_match(r"/a/{x}/{y:\d+}")
    assert not resource.raw_match("/a/{x}/{y}")
    assert repr(resource) == "<DynamicResource 'x' /a/{x}/{y}>"


def test_a_part_may_have_any_name() -> None:
    assert DynamicResource("/{self}").url_for(self="1") == URL("/1")


def test_the_error_of_a_wrong_url_names_the_resource() -> None:
    with pytest.raises(UrlPartsError, match=r"<DynamicResource 'x' /\{a\}> got the wrong parts"):
        DynamicResource("/{a}", name="x").url_for()


def test_the_textual_url_is_deprecated() -> None:
    with pytest.deprecated_call(match=r"use str\(resource.url_for\(\)\)"):
        assert DynamicResource("/{a}").url(a="é") == "/%C3%A9"


@pytest.mark.parametrize(
    ("resource", "canonical", "asked"),
    [
        (PlainResource("/b"), "/%C3%A9/b", "/%C3%A9/b"),
        (DynamicResource("/{b}"), "/%C3%A9/{b}", "/%C3%A9/1"),
    ],
)
def test_a_prefix_comes_before_the_path(resource: Resource, canonical: str, asked: str) -> None:
    resource.add_route("GET", handler)
    resource.add_prefix("/é")
    assert resource.canonical == canonical
    assert resource.match("GET", asked)[0] is not None
    assert resource.placement().pieces[:2] == ("", "%C3%A9")


@pytest.mark.parametrize("prefix", ["", "/", "a", "/a/", "/{a}"])
@pytest.mark.parametrize(
    "resource", [PlainResource("/a"), DynamicResource("/{a}"), Files("/a")], ids=repr
)
def test_a_malformed_prefix_is_refused(resource: AbstractResource, prefix: str) -> None:
    with pytest.raises(ValueError, match="invalid prefix"):
        resource.add_prefix(prefix)


def test_a_prefix_resource_has_everything_below() -> None:
    resource = Files("/é", name="files")
    assert resource.canonical == "/%C3%A9"
    assert resource.placement() == Placement(("", "%C3%A9"), False)
    assert not resource.raw_match("/é")
    resource.add_prefix("/a")
    assert resource.canonical == "/a/%C3%A9"
    assert Files("/").canonical == Files("").canonical == ""
    assert Files("").placement() == Placement(("",), False)
    with pytest.raises(ValueError, match="invalid prefix"):
        Files("a")


def test_the_route_of_the_method_is_found_and_any_other_is_told() -> None:
    resource = PlainResource("/a")
    get, post = resource.add_route("get", handler), resource.add_route("POST", other)
    assert (len(resource), list(resource)) == (2, [get, post])
    match_info, allowed = resource.match("GET", "/a")
    assert match_info is not None
    assert match_info.route is get
    assert allowed == {"GET", "POST"}
    assert resource.match("PUT", "/a") == (None, {"GET", "POST"})
    assert resource.match("GET", "/b") == (None, set())


def test_a_star_route_answers_what_no_other_does() -> None:
    resource = PlainResource("/a")
    get, rest = resource.add_route("GET", handler), resource.add_route("*", other)
    for method, route in (("GET", get), ("PUT", rest), ("BREW", rest)):
        match_info, _ = resource.match(method, "/a")
        assert match_info is not None
        assert match_info.route is route


@pytest.mark.parametrize(
    ("methods", "taken"), [(("GET", "get"), "GET"), (("*", "GET"), r"\*"), (("*", "*"), r"\*")]
)
def test_a_route_that_would_never_be_used_is_refused(methods: tuple[str, str], taken: str) -> None:
    resource = PlainResource("/a")
    resource.add_route(methods[0], handler)
    with pytest.raises(RuntimeError, match=rf"/a would never be used: method {taken} has a handl"):
        resource.add_route(methods[1], other)
    assert len(resource) == 1


def test_a_route_that_exists_can_be_registered() -> None:
    resource = PlainResource("/a")
    route = ResourceRoute("PUT", handler, resource)
    resource.register_route(route)
    assert list(resource) == [route]


async def test_a_resource_resolves_a_request() -> None:
    resource = DynamicResource("/{x}")
    resource.add_route("GET", handler)
    match_info, allowed = await resource.resolve(Request("GET", "/é?q"))
    assert match_info == {"x": "é"}
    assert allowed == {"GET"}
    assert await resource.resolve(Request("PUT", "/a")) == (None, {"GET"})


async def test_the_host_of_a_request_is_given_to_a_resource_that_matches_it() -> None:
    class ByHost(Custom):
        def match(self, method: str, path: str, host: str | None = None) -> Resolved:
            return None, {method, path, str(host)}

    request: Any = Request("GET", "/a")
    assert await ByHost().resolve(request) == (None, {"GET", "/a", "None"})
    request.host = "example.com"
    assert await ByHost().resolve(request) == (None, {"GET", "/a", "example.com"})


@pytest.mark.parametrize(
    ("canonical", "pieces"),
    [
        ("/a/b", ("", "a", "b")),
        ("/a/", ("", "a")),
        ("/", ("",)),
        ("/a/b{x}", ("", "a")),
        ("/a/{x}/b", ("", "a")),
        ("/é", ("", "%C3%A9")),
        ("", ()),
        ("example.com", ()),
    ],
)
def test_a_resource_of_ones_own_is_asked_for_its_fixed_segments_and_below(
    canonical: str, pieces: tuple[str, ...]
) -> None:
    assert Custom(canonical).placement() == Placement(pieces, False)


def test_a_resource_that_needs_the_request_says_so() -> None:
    resource = Custom()
    resource.freeze()
    with pytest.raises(TypeError, match="can be resolved only with a request"):
        resource.match("GET", "/custom")
