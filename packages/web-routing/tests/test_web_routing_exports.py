"""The public names of the package, and what importing it pulls in."""

import subprocess
import sys

import tidegate_web_routing

PUBLIC = set(
    """
ANY_METHOD AbstractMatchInfo AbstractResource AbstractRoute AbstractRouteDef AbstractRouter
AbstractView DynamicResource ExpectHandler Handler MatchInfoError MethodNotAllowed
PathAwareRequest Pattern Placement PlainResource PrefixResource Resource ResourceRoute
ResourcesView RoutableRequest RouteDef RouteNotFound RouteTableDef RoutesView RoutingError
STATIC_RESOURCE_GROUP StaticDef SystemRoute UnreachableRoute UnreachableRouteWarning
UrlDispatcher UrlMappingMatchInfo UrlPartsError View __version__ default_expect_handler delete
get head options patch post put requote route static view
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
