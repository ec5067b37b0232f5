"""A URL router that needs no server: resources, routes, patterns, url_for."""

from warnings import warn

from ._version import __version__ as __version__
from .abc import AbstractMatchInfo as AbstractMatchInfo
from .abc import AbstractRouter as AbstractRouter
from .abc import AbstractView as AbstractView
from .abc import ExpectHandler as ExpectHandler
from .abc import Handler as Handler
from .abc import PathAwareRequest as PathAwareRequest
from .abc import RoutableRequest as RoutableRequest
from .abc import SubApplication as SubApplication
from .dispatcher import UrlDispatcher as UrlDispatcher
from .domains import AbstractRuleMatching as AbstractRuleMatching
from .domains import Domain as Domain
from .domains import MaskDomain as MaskDomain
from .errors import MethodNotAllowed as MethodNotAllowed
from .errors import RouteNotFound as RouteNotFound
from .errors import RoutingError as RoutingError
from .errors import UnreachableRouteWarning as UnreachableRouteWarning
from .errors import UrlPartsError as UrlPartsError
from .listing import ResourcesView as ResourcesView
from .listing import RoutesView as RoutesView
from .match_info import MatchInfoError as MatchInfoError
from .match_info import UrlMappingMatchInfo as UrlMappingMatchInfo
from .pattern import Pattern as Pattern
from .pattern import requote as requote
from .reachability import UnreachableRoute as UnreachableRoute
from .resources import AbstractResource as AbstractResource
from .resources import DynamicResource as DynamicResource
from .resources import Placement as Placement
from .resources import PlainResource as PlainResource
from .resources import PrefixResource as PrefixResource
from .resources import Resource as Resource
from .routes import ANY_METHOD as ANY_METHOD
from .routes import AbstractRoute as AbstractRoute
from .routes import ResourceRoute as ResourceRoute
from .routes import SystemRoute as SystemRoute
from .routes import default_expect_handler as default_expect_handler
from .static_resources import STATIC_RESOURCE_GROUP as STATIC_RESOURCE_GROUP
from .subapps import MatchedSubAppResource as MatchedSubAppResource
from .subapps import PrefixedSubAppResource as PrefixedSubAppResource
from .table import AbstractRouteDef as AbstractRouteDef
from .table import RouteDef as RouteDef
from .table import RouteTableDef as RouteTableDef
from .table import StaticDef as StaticDef
from .table import delete as delete
from .table import get as get
from .table import head as head
from .table import options as options
from .table import patch as patch
from .table import post as post
from .table import put as put
from .table import route as route
from .table import static as static
from .table import view as view
from .views import View as View

__all__ = [
    "ANY_METHOD",
    "STATIC_RESOURCE_GROUP",
    "AbstractMatchInfo",
    "AbstractResource",
    "AbstractRoute",
    "AbstractRouteDef",
    "AbstractRouter",
    "AbstractRuleMatching",
    "AbstractView",
    "Domain",
    "DynamicResource",
    "ExpectHandler",
    "Handler",
    "MaskDomain",
    "MatchInfoError",
    "MatchedSubAppResource",
    "MethodNotAllowed",
    "PathAwareRequest",
    "Pattern",
    "Placement",
    "PlainResource",
    "PrefixResource",
    "PrefixedSubAppResource",
    "Resource",
    "ResourceRoute",
    "ResourcesView",
    "RoutableRequest",
    "RouteDef",
    "RouteNotFound",
    "RouteTableDef",
    "RoutesView",
    "RoutingError",
    "StaticDef",
    "SubApplication",
    "SystemRoute",
    "UnreachableRoute",
    "UnreachableRouteWarning",
    "UrlDispatcher",
    "UrlMappingMatchInfo",
    "UrlPartsError",
    "View",
    "__version__",
    "default_expect_handler",
    "delete",
    "get",
    "head",
    "options",
    "patch",
    "post",
    "put",
    "requote",
    "route",
    "static",
    "view",
]

# Names of the time before aiohttp 3.
_OLD_NAMES = {
    "BaseResource": AbstractResource,
    "DynamicRoute": ResourceRoute,
    "PlainRoute": ResourceRoute,
}


def __getattr__(name: str) -> object:
    """Give the class that an old name stands for, with a warning."""
    cls = _OLD_NAMES.get(name)
    if cls is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    warn(f"{name} is deprecated, use {cls.__name__}", DeprecationWarning, stacklevel=2)
    return cls
