"""The router: a table of resources, and the way from a method and a path to a route.

``match(method, path)`` asks the segment tree which resources can have the path and asks these in
the order of lookup. The first one with the path and the method wins. If none has both, the
methods of those that have the path make a 405; if none has the path, it is a 404. Both are match
infos like any other, nothing is raised, and nothing grows by being asked.

The order of lookup is the order of registration. With ``prefer_fixed=True`` it is the order of
aiohttp 3.9 and later: the resource with more fixed segments at the start of its path comes first,
among equals the one that was registered first, and the applications of domains come last.

``resolve(request)`` is the same for a request. Resources of other classes than this package's are
given the request, since the path and the method may not be enough for them.
"""

import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from types import MappingProxyType
from typing import Any, Final

from .abc import AbstractRouter, AbstractView, ExpectHandler, RoutableRequest, SubApplication
from .errors import MethodNotAllowed, RouteNotFound, UnreachableRouteWarning
from .listing import ResourcesView, RoutesView
from .match_info import MatchInfoError, UrlMappingMatchInfo
from .matcher import SegmentTree
from .pattern import check_path, is_dynamic
from .reachability import UnreachableRoute, unreachable_routes
from .resources import (
    AbstractResource,
    DynamicResource,
    Placement,
    PlainResource,
    Resource,
    check_name,
    checked_prefix,
)
from .routes import ANY_METHOD, AbstractRoute
from .static_resources import static_resource_class
from .subapps import MatchedSubAppResource, PrefixedSubAppResource
from .table import AbstractRouteDef, HandlerType, PathLike

# The ways to find a route that need nothing but the method and the path.
_BY_PATH: Final = (Resource.match, DynamicResource.match)

# The ranks for one number of fixed segments; a router has fewer resources.
_RANKS: Final = 1 << 32


class UrlDispatcher(AbstractRouter, Mapping[str, AbstractResource]):
    """A router over a table of resources; as a mapping, its named resources.

    :param prefer_fixed: look fixed paths up before variable ones, as aiohttp does since 3.9,
        instead of in the order of registration.
    """

    def __init__(self, *, prefer_fixed: bool = False) -> None:
        super().__init__()
        self._prefer_fixed = prefer_fixed
        self._resources: list[AbstractResource] = []
        self._named_resources: dict[str, AbstractResource] = {}
        self._tree = SegmentTree()
        self._candidates = self._tree.candidates
        # The place of an indexed resource in the order of lookup, its rank, is its entry in the
        # tree.
        self._by_rank: dict[int, AbstractResource] = {}
        self._indexed: dict[int, tuple[tuple[str | None, ...], bool, int]] = {}
        # By id(), like the above: two resources are never the same for being equal.
        self._numbers: dict[int, int] = {}
        # The ranks of the resources that have to be given the request.
        self._by_request: set[int] = set()
        self._app: Any = None

    def __repr__(self) -> str:
        return f"<UrlDispatcher resources={len(self._resources)} frozen={self.frozen}>"

    def post_init(self, app: Any) -> None:
        """Learn whose router this is; :meth:`add_subapp` asks that application."""
        self._app = app

    # -- Finding the route ----------------------------------------------------------------------

    async def resolve(self, request: RoutableRequest) -> UrlMappingMatchInfo:
        """Find the route that serves *request*.

        Never raises for a request that no route serves: the match info then carries
        :class:`RouteNotFound` or :class:`MethodNotAllowed`.
        """
        try:
            # What request_path() does, without a call.
            path: str = request.match_path  # type: ignore[attr-defined]  # an optional one
        except AttributeError:
            path = request.rel_url.raw_path
        method = request.method
        allowed: AbstractSet[str] = frozenset()
        for rank in self._candidates(path):
            resource = self._by_rank[rank]
            if rank in self._by_request:
                match_info, methods = await resource.resolve(request)
            else:
                match_info, methods = resource.match(method, path)
            if match_info is not None:
                return match_info
            if methods:
                allowed = allowed | methods if allowed else methods
        return _miss(method, allowed)

    def match(self, method: str, path: str, host: str | None = None) -> UrlMappingMatchInfo:
        """Find the route for a method and a path, without a request.

        :param method: the method, in upper case.
        :param path: the path, percent-encoded and requoted, as ``yarl.URL(…).raw_path`` is.
        :param host: the value of the ``Host`` field, for resources that ask for it.
        :raises TypeError: a resource that can have the path needs the whole request.
        """
        allowed: AbstractSet[str] = frozenset()
        for rank in self._candidates(path):
            match_info, methods = self._by_rank[rank].match(method, path, host)
            if match_info is not None:
                return match_info
            if methods:
                allowed = allowed | methods if allowed else methods
        return _miss(method, allowed)

    # -- The named resources --------------------------------------------------------------------

    def __getitem__(self, name: str) -> AbstractResource:
        """Find the resource of a name.

        ``router["sub:name"]`` is the resource ``name`` of the application that is nested under
        the name ``sub``, unless a resource has the whole name. Such names are found, not listed.
        """
        try:
            return self._named_resources[name]
        except KeyError:
            outer, _, inner = name.partition(":")
            nested = self._named_resources.get(outer)
            if not inner or not isinstance(nested, PrefixedSubAppResource):
                raise
            router = nested.app.router
            if not isinstance(router, Mapping):
                raise
            resource: AbstractResource = router[inner]
            return resource

    def __iter__(self) -> Iterator[str]:
        return iter(self._named_resources)

    def __len__(self) -> int:
        return len(self._named_resources)

    def __contains__(self, name: object) -> bool:
        # Beside what is named here, the names in nested applications.
        return name in self._named_resources or (
            isinstance(name, str) and ":" in name and super().__contains__(name)
        )

    def named_resources(self) -> Mapping[str, AbstractResource]:
        """The resources that have a name, by name; read-only."""
        return MappingProxyType(self._named_resources)

    def named_routes(self) -> Mapping[str, AbstractResource]:
        """The same as :meth:`named_resources`; deprecated."""
        warnings.warn(
            "named_routes() is deprecated, use named_resources()", DeprecationWarning, stacklevel=2
        )
        return self.named_resources()

    def resources(self) -> ResourcesView:
        """All resources, in the order of registration."""
        return ResourcesView(self._resources)

    def routes(self) -> RoutesView:
        """All routes, resource by resource."""
        return RoutesView(self._resources)

    # -- Registration ---------------------------------------------------------------------------

    def register_resource(self, resource: AbstractResource) -> None:
        """Append a resource to the table.

        :raises TypeError: *resource* is no :class:`AbstractResource`.
        :raises ValueError: its name is malformed or taken, or it is in the table already.
        :raises RuntimeError: the router is frozen.
        """
        if not isinstance(resource, AbstractResource):
            raise TypeError(
                f"a resource must derive from AbstractResource, got {resource!r} of type "
                f"{type(resource).__name__}"
            )
        self._check_not_frozen(resource)
        name = resource.name
        check_name(name)
        if name is not None and name in self._named_resources:
            raise ValueError(
                f"duplicate route name {name!r}: {self._named_resources[name]!r} has it already; "
                "to give a path another method under one name, add it right after the first one"
            )
        if id(resource) in self._numbers:
            raise ValueError(f"{resource!r} is in the table of this router already")
        if name is not None:
            self._named_resources[name] = resource
        self._numbers[id(resource)] = len(self._resources)
        self._resources.append(resource)
        self.index_resource(resource)

    def _check_not_frozen(self, what: object) -> None:
        if self.frozen:
            raise RuntimeError(
                f"the router is frozen, because its application has started: {what!r} can't be "
                "added any more; add all routes before that"
            )

    def index_resource(self, resource: AbstractResource) -> None:
        """Put a registered resource into the index, at its own place in the order of lookup.

        :meth:`register_resource` does it. It is needed again only after
        :meth:`unindex_resource`, when the resource's path has changed.

        :raises ValueError: the resource is not registered, or is in the index already.
        """
        number = self._numbers.get(id(resource))
        if number is None:
            raise ValueError(f"{resource!r} is not in the table: use register_resource()")
        if id(resource) in self._indexed:
            raise ValueError(f"{resource!r} is in the index already: use unindex_resource() first")
        placement = resource.placement()
        rank = self._rank(number, resource, placement)
        self._tree.add(placement.pieces, placement.exact, rank)
        self._by_rank[rank] = resource
        # Flat, and of the plain class: the garbage collector soon stops to look at such a tuple.
        self._indexed[id(resource)] = (*placement, rank)
        if _needs_request(resource):
            self._by_request.add(rank)

    def _rank(self, number: int, resource: AbstractResource, placement: Placement) -> int:
        """Give the place in the order of lookup of the resource that was registered *number*th."""
        if not self._prefer_fixed:
            return number
        if isinstance(resource, MatchedSubAppResource):
            # After all others.
            return number + _RANKS
        return number - _fixed_segments(placement) * _RANKS

    def unindex_resource(self, resource: AbstractResource) -> None:
        """Take a resource out of the index: no path finds it until it is put in again.

        :raises ValueError: the resource is not in the index.
        """
        indexed = self._indexed.pop(id(resource), None)
        if indexed is None:
            raise ValueError(f"{resource!r} is not in the index of this router")
        pieces, exact, rank = indexed
        self._tree.remove(pieces, exact, rank)
        del self._by_rank[rank]
        self._by_request.discard(rank)

    def unreachable_routes(self) -> list[UnreachableRoute]:
        """Find routes that no request can reach, because earlier ones take all of them.

        What is found is surely unreachable; where regexes are compared, not everything is found.
        """
        return list(unreachable_routes(self._candidates, self._by_rank))

    def freeze(self) -> None:
        """Fix the table and the resources in it.

        In Python's development mode (``python -X dev``) each unreachable route is reported with
        an :class:`UnreachableRouteWarning`.
        """
        if self.frozen:
            return
        super().freeze()
        for resource in self._resources:
            resource.freeze()
            indexed = self._indexed.get(id(resource))
            if indexed is not None and indexed[:2] != resource.placement():
                self.unindex_resource(resource)
                self.index_resource(resource)
        if sys.flags.dev_mode:
            for lost in self.unreachable_routes():
                warnings.warn(str(lost), UnreachableRouteWarning, stacklevel=2)

    def add_prefix(self, prefix: str) -> None:
        """Put *prefix* before the paths of all resources, because the router is nested under it.

        :raises ValueError: *prefix* does not start with a slash, ends with one, or has parts.
        """
        prefix = checked_prefix(prefix)
        for resource in self._resources:
            indexed = id(resource) in self._indexed
            if indexed:
                self.unindex_resource(resource)
            resource.add_prefix(prefix)
            if indexed:
                self.index_resource(resource)

    def add_resource(self, path: str, *, name: str | None = None) -> Resource:
        """Append a resource for *path*.

        If the one added last has the same path and the same name, it is that one.

        :param path: ``"/path/to"``, ``"/path/{to}"`` or ``r"/path/{number:\\d+}"``.
        :param name: the name to build URLs by.
        :raises ValueError: the path or the name is malformed, or the name is taken.
        :raises RuntimeError: the router is frozen.
        """
        resource = self._resource_for(path, name)
        self._register_once(resource)
        return resource

    def _resource_for(self, path: str, name: str | None) -> Resource:
        """Give the resource that was added last, if it is for *path*, or make one.

        The caller registers it when its route is accepted, so that a refused one leaves nothing.
        """
        check_path(path)
        self._check_not_frozen(path)
        if self._resources:
            last = self._resources[-1]
            if isinstance(last, Resource) and last.name == name and last.raw_match(path):
                return last
        return (
            DynamicResource(path, name=name)
            if is_dynamic(path)
            else PlainResource(path, name=name)
        )

    def _register_once(self, resource: Resource) -> None:
        if id(resource) not in self._numbers:
            self.register_resource(resource)

    def add_route(
        self,
        method: str,
        path: str,
        handler: HandlerType,
        *,
        name: str | None = None,
        expect_handler: ExpectHandler | None = None,
    ) -> AbstractRoute:
        """Add the handler of a method and a path.

        :param method: a method, in any case, or ``"*"`` for every one.
        :param path: as for :meth:`add_resource`.
        :param handler: ``async def handler(request)``, or a subclass of :class:`AbstractView`.
        :param name: the name of the path's resource.
        :param expect_handler: awaited instead of the server's answer to an ``Expect`` field.
        :raises ValueError: the method, the path or the name is malformed, or the name is taken.
        :raises TypeError: a handler is not what is described here.
        :raises RuntimeError: the router is frozen, or the route would never be used.
        """
        resource = self._resource_for(path, name)
        route = resource.add_route(method, handler, expect_handler=expect_handler)
        self._register_once(resource)
        return route

    def add_routes(self, routes: Iterable[AbstractRouteDef]) -> list[AbstractRoute]:
        """Register route definitions, a list of them or a :class:`RouteTableDef`.

        :returns: the routes that were added; a HEAD route that came along with GET is left out.
        """
        added: list[AbstractRoute] = []
        for definition in routes:
            added.extend(definition.register(self))
        return added

    def add_head(self, path: str, handler: HandlerType, **kwargs: Any) -> AbstractRoute:
        """Add a handler of HEAD; see :meth:`add_route`."""
        return self.add_route("HEAD", path, handler, **kwargs)

    def add_options(self, path: str, handler: HandlerType, **kwargs: Any) -> AbstractRoute:
        """Add a handler of OPTIONS; see :meth:`add_route`."""
        return self.add_route("OPTIONS", path, handler, **kwargs)

    def add_get(
        self,
        path: str,
        handler: HandlerType,
        *,
        name: str | None = None,
        allow_head: bool = True,
        **kwargs: Any,
    ) -> AbstractRoute:
        """Add a handler of GET and, unless *allow_head* is False, the same one for HEAD.

        :returns: the GET route; see :meth:`add_route`.
        """
        resource = self._resource_for(path, name)
        if allow_head:
            resource.add_route("HEAD", handler, **kwargs)
        route = resource.add_route("GET", handler, **kwargs)
        self._register_once(resource)
        return route

    def add_post(self, path: str, handler: HandlerType, **kwargs: Any) -> AbstractRoute:
        """Add a handler of POST; see :meth:`add_route`."""
        return self.add_route("POST", path, handler, **kwargs)

    def add_put(self, path: str, handler: HandlerType, **kwargs: Any) -> AbstractRoute:
        """Add a handler of PUT; see :meth:`add_route`."""
        return self.add_route("PUT", path, handler, **kwargs)

    def add_patch(self, path: str, handler: HandlerType, **kwargs: Any) -> AbstractRoute:
        """Add a handler of PATCH; see :meth:`add_route`."""
        return self.add_route("PATCH", path, handler, **kwargs)

    def add_delete(self, path: str, handler: HandlerType, **kwargs: Any) -> AbstractRoute:
        """Add a handler of DELETE; see :meth:`add_route`."""
        return self.add_route("DELETE", path, handler, **kwargs)

    def add_view(self, path: str, handler: type[AbstractView], **kwargs: Any) -> AbstractRoute:
        """Add a class based view for every method; see :meth:`add_route`."""
        return self.add_route(ANY_METHOD, path, handler, **kwargs)

    def add_subapp(self, prefix: str, subapp: SubApplication) -> PrefixedSubAppResource:
        """Nest an application under a prefix; deprecated, ``Application.add_subapp()`` does it.

        The application that has this router is told, so that it starts the nested one as well.
        A router on its own just registers the resource.

        :raises ValueError: *prefix* has parts or does not start with a slash.
        :raises RuntimeError: the router is frozen.
        """
        warnings.warn(
            "router.add_subapp() is deprecated, use Application.add_subapp()",
            DeprecationWarning,
            stacklevel=2,
        )
        if self._app is not None:
            nested: PrefixedSubAppResource = self._app.add_subapp(prefix, subapp)
            return nested
        self._check_not_frozen(prefix)
        resource = PrefixedSubAppResource(prefix, subapp)
        self.register_resource(resource)
        return resource

    def add_static(
        self,
        prefix: str,
        path: PathLike,
        *,
        name: str | None = None,
        expect_handler: ExpectHandler | None = None,
        chunk_size: int = 256 * 1024,
        show_index: bool = False,
        follow_symlinks: bool = False,
        append_version: bool = False,
        **options: Any,
    ) -> AbstractResource:
        """Add a directory of files.

        The class of the resource comes from the distribution ``tidegate-web-static``, which has
        to be installed; what the arguments do is said there.

        :param prefix: the path that the files appear under.
        :param path: the directory.
        :param name: the name to build URLs by.
        :param expect_handler: as for :meth:`add_route`.
        :param chunk_size: bytes to read at once.
        :param show_index: whether a directory is answered with a listing.
        :param follow_symlinks: whether links that lead out of the directory are followed.
        :param append_version: whether URLs get a hash of the content.
        :param options: what else the class takes.
        :raises RuntimeError: no distribution that serves files is installed, or the router is
            frozen.
        """
        self._check_not_frozen(prefix)
        if options.pop("response_factory", None) is not None:
            warnings.warn(
                "response_factory of add_static() is deprecated and does nothing: "
                "files are answered with FileResponse",
                DeprecationWarning,
                stacklevel=2,
            )
        # What is left at its default is not passed on, so that a class need not know it.
        switches = {
            "show_index": show_index,
            "follow_symlinks": follow_symlinks,
            "append_version": append_version,
        }
        options |= {name: True for name, on in switches.items() if on}
        resource = static_resource_class()(
            prefix.removesuffix("/"),
            path,
            name=name,
            expect_handler=expect_handler,
            chunk_size=chunk_size,
            **options,
        )
        self.register_resource(resource)
        return resource


def _miss(method: str, allowed: AbstractSet[str]) -> MatchInfoError:
    if allowed:
        return MatchInfoError(MethodNotAllowed(method, allowed))
    return MatchInfoError(RouteNotFound())


def _fixed_segments(placement: Placement) -> int:
    """Count the fixed segments at the start, without the empty one after the last slash."""
    fixed = 0
    for piece in placement.pieces:
        if piece is None:
            return fixed
        fixed += 1
    return fixed - (placement.exact and placement.pieces[-1:] == ("",))


def _needs_request(resource: AbstractResource) -> bool:
    """Tell whether a resource is of a class that finds routes in its own way."""
    cls = type(resource)
    if cls.resolve is not AbstractResource.resolve:
        return True
    return cls.match not in _BY_PATH and not cls.matches_by_path
