"""The public names of the package, and what importing it pulls in."""

import subprocess
import sys

import pytest
import tidegate_web_routing

PUBLIC = set(
    """
ANY_METHOD AbstractMatchInfo AbstractResource AbstractRoute AbstractRouteDef AbstractRouter
AbstractRuleMatching AbstractView Domain DynamicResource ExpectHandler Handler MaskDomain
MatchInfoError MatchedSubAppResource MethodNotAllowed PathAwareRequest Pattern Placement
PlainResource PrefixResource PrefixedSubAppResource Resource ResourceRoute ResourcesView
RoutableRequest RouteDef RouteNotFound RouteTableDef RoutesView RoutingError
STATIC_RESOURCE_GROUP StaticDef SubApplication SystemRoute UnreachableRoute
UnreachableRouteWarning UrlDispatcher UrlMappingMatchInfo UrlPartsError View __version__
default_expect_handler delete get head options patch post put requote route static view
""".split()  # noqa: SIM905  # as a list it would be a page
)


def test_the_public_names_are_these() -> None:
    assert sorted(tidegate_web_routing.__all__) == sorted(PUBLIC)
    for name in PUBLIC:
        assert hasattr(tidegate_web_routing, name)


def test_importing_pulls_in_no_server_and_no_event_loop() -> None:
    program = "import sys, tidegate_web_routing; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    modules = result.stdout.split()
    assert "tidegate_web_routing" in modules
    for name in ("asyncio", "socket", "ssl", "tidegate_web_server", "tidegate_http_core"):
        assert name not in modules


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("BaseResource", "AbstractResource"),
        ("PlainRoute", "ResourceRoute"),
        ("DynamicRoute", "ResourceRoute"),
    ],
)
def test_an_old_name_gives_the_new_class_with_a_warning(old: str, new: str) -> None:
    with pytest.warns(DeprecationWarning, match=f"{old} is deprecated, use {new}"):
        cls = getattr(tidegate_web_routing, old)
    assert cls is getattr(tidegate_web_routing, new)


def test_a_name_that_never_was_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = tidegate_web_routing.nothing  # the module types every name as one it may give
