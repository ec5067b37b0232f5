"""Resources: the entries of the routing table, each with a path and a route for each method.

A resource decides. The matcher only proposes the resources that a path can belong to; each is
asked with :meth:`AbstractResource.match` or, where it needs the whole request, with
:meth:`AbstractResource.resolve`, and answers with a match info if it has the path and the method,
or with the methods that it would have allowed.

    AbstractResource
    ├── Resource              routes by method
    │   ├── PlainResource     a fixed path
    │   └── DynamicResource   a path with variable parts
    └── PrefixResource        everything under a prefix; for static files, and in the module
                              `subapps` for nested applications

To write one of your own, derive from :class:`AbstractResource`, implement ``match()`` (or
``resolve()`` if the path and the method are not enough) and register it with
``UrlDispatcher.register_resource()``. It is asked for every path that begins with the fixed
segments of its :attr:`~AbstractResource.canonical` path; override
:meth:`~AbstractResource.placement` to say it more closely.
"""

import keyword
import re
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sized
from collections.abc import Set as AbstractSet
from typing import Any, ClassVar, Final, NamedTuple, TypeAlias

from yarl import URL

from .abc import AbstractView, ExpectHandler, Handler, RoutableRequest, request_path
from .match_info import UrlMappingMatchInfo
from .pattern import Pattern, bad_path, check_path, is_dynamic, requote
from .routes import ANY_METHOD, AbstractRoute, ResourceRoute

_NO_METHODS: Final[frozenset[str]] = frozenset()
_KNOWN_METHODS: Final[dict[frozenset[str], frozenset[str]]] = {}
_NAME_SEPARATOR = re.compile(r"[.:-]")

#: What a resource answers: the match info if it serves the request, and the methods that it has
#: for the path. Without a match info and without methods the path is not its own.
Resolved: TypeAlias = tuple[UrlMappingMatchInfo | None, AbstractSet[str]]

#: The answer of a resource that has not the path.
NOT_MINE: Final[Resolved] = (None, _NO_METHODS)


class Placement(NamedTuple):
    """Where the matcher keeps a resource: which paths it is a candidate for."""

    #: The leading segments of its path, split at the slashes, so that the first one of ``"/a"``
    #: is ``""``. None stands for a segment with variable parts.
    pieces: tuple[str | None, ...]
    #: Whether these are all segments; if not, any number of others may follow.
    exact: bool


def check_name(name: str | None) -> None:
    """Refuse what can't be the name of a resource.

    :raises ValueError: *name* is not identifiers joined by ``.``, ``:`` or ``-``.
    """
    if name is None:
        return
    for word in _NAME_SEPARATOR.split(name):
        if keyword.iskeyword(word):
            raise ValueError(f"invalid route name {name!r}: {word!r} is a keyword of Python")
        if not word.isidentifier():
            raise ValueError(
                f"invalid route name {name!r}: {word!r} is not an identifier; "
                "a name is identifiers joined by '.', ':' or '-'"
            )


class AbstractResource(Sized, Iterable[AbstractRoute], ABC):
    """A path, with routes.

    ``len(resource)`` is the number of its routes and ``iter(resource)`` goes over them.

    :param name: the name to build URLs by; unique in a router.
    """

    #: Whether a class with a :meth:`match` of its own needs nothing but the method and the path
    #: for it. Its router then need not hand it the request.
    matches_by_path: ClassVar[bool] = False

    def __init__(self, *, name: str | None = None) -> None:
        self._name = name

    @property
    def name(self) -> str | None:
        """The unique name of the resource, if it has one."""
        return self._name

    @property
    @abstractmethod
    def canonical(self) -> str:
        """The path, as ``"/path/to"`` or ``"/path/{to}"``."""

    @abstractmethod
    def url_for(self, **kwargs: str) -> URL:
        """Build the URL of the resource."""

    def url(self, **kwargs: str) -> str:
        """The same as text; deprecated, ``str(resource.url_for(...))`` says it."""
        warnings.warn(
            "resource.url() is deprecated, use str(resource.url_for())",
            DeprecationWarning,
            stacklevel=2,
        )
        return str(self.url_for(**kwargs))

    @abstractmethod
    def add_prefix(self, prefix: str) -> None:
        """Put *prefix* before the path, because the router is nested under it.

        A resource that a router has indexed must be taken out of the index before, and put in
        again afterwards.

        :raises ValueError: *prefix* does not start with a slash, or ends with one.
        """

    @abstractmethod
    def get_info(self) -> dict[str, Any]:
        """Describe the resource, for people and for tools."""

    def freeze(self) -> None:
        """The router is frozen: the path is final."""

    @abstractmethod
    def raw_match(self, path: str) -> bool:
        """Tell whether the resource was registered with *path*: a route may be merged into it."""

    def placement(self) -> Placement:
        """Say which paths the resource has to be asked for.

        Here these are all that begin with the fixed segments of :attr:`canonical`; if that is
        not a path, all.
        """
        head, brace, _ = self.canonical.partition("{")
        if not head.startswith("/"):
            return Placement((), False)
        pieces = requote(head).split("/")
        # The segment with the brace is not a fixed one, nor is what follows a last slash.
        if brace or pieces[-1] == "":
            pieces = pieces[:-1]
        return Placement(tuple(pieces), False)

    def match(self, method: str, path: str, host: str | None = None) -> Resolved:
        """Find the route for a method and a quoted path.

        :param host: the value of the ``Host`` field, for resources that ask for it.
        :raises TypeError: the resource can't tell without the request, see :meth:`resolve`.
        """
        raise TypeError(
            f"{self!r} can be resolved only with a request: use 'await router.resolve(request)'"
        )

    async def resolve(self, request: RoutableRequest) -> Resolved:
        """Find the route for a request.

        Here it asks :meth:`match`. Of the resources in this module a router asks that itself.
        """
        return self.match(request.method, request_path(request), getattr(request, "host", None))


class Resource(AbstractResource):
    """A resource that holds a route for each method."""

    #: Matches a whole quoted path: the decoded values of its parts, or None.
    _match: Callable[[str], dict[str, str] | None]

    def __init__(self, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self._routes: dict[str, ResourceRoute] = {}
        self._any_route: ResourceRoute | None = None
        self._allowed: frozenset[str] = _NO_METHODS

    def add_route(
        self,
        method: str,
        handler: Handler | type[AbstractView],
        *,
        expect_handler: ExpectHandler | None = None,
    ) -> ResourceRoute:
        """Add the handler of one method, or of every other one with ``"*"``.

        :raises RuntimeError: the route would never be used, because the resource has this method
            or ``"*"`` already.
        :raises ValueError: *method* is no HTTP method.
        :raises TypeError: *handler* is neither an async function nor a view.
        """
        route = ResourceRoute(method, handler, self, expect_handler=expect_handler)
        self.register_route(route)
        return route

    def register_route(self, route: ResourceRoute) -> None:
        """Add a route that exists already; see :meth:`add_route`."""
        for method in (route.method, ANY_METHOD):
            if method in self._routes:
                raise RuntimeError(
                    f"route {route.method} {self.canonical} would never be used: "
                    f"method {method} has a handler already, {self._routes[method].handler!r}"
                )
        self._routes[route.method] = route
        if route.method == ANY_METHOD:
            self._any_route = route
        allowed = self._allowed | {route.method}
        # Thousands of resources have the same few sets.
        self._allowed = _KNOWN_METHODS.setdefault(allowed, allowed)

    def match(self, method: str, path: str, host: str | None = None) -> Resolved:
        """Find the route for a method and a quoted path."""
        values = self._match(path)
        if values is None:
            return NOT_MINE
        route = self._routes.get(method, self._any_route)
        if route is None:
            return None, self._allowed
        return UrlMappingMatchInfo(values, route), self._allowed

    def __len__(self) -> int:
        return len(self._routes)

    def __iter__(self) -> Iterator[ResourceRoute]:
        return iter(self._routes.values())


class PlainResource(Resource):
    """A resource with a fixed path.

    :param path: ``"/path/to"``, or ``""`` for the root of a nested application, with no slash
        after its prefix.
    :raises ValueError: *path* does not start with a slash.
    """

    def __init__(self, path: str, *, name: str | None = None) -> None:
        check_path(path)
        super().__init__(name=name)
        self._path = requote(path)

    def __repr__(self) -> str:
        return f"<PlainResource {_label(self)}>"

    @property
    def canonical(self) -> str:
        """The path, quoted."""
        return self._path

    def freeze(self) -> None:
        """Make the empty path that no prefix was put before what a client asks for, ``"/"``."""
        if not self._path:
            self._path = "/"

    def add_prefix(self, prefix: str) -> None:
        """Put *prefix* before the path."""
        self._path = checked_prefix(prefix) + self._path

    def placement(self) -> Placement:
        """A candidate for this one path."""
        return Placement(tuple((self._path or "/").split("/")), True)

    def raw_match(self, path: str) -> bool:
        """Tell whether *path* is this one."""
        return not is_dynamic(path) and requote(path) == self._path

    def _match(self, path: str) -> dict[str, str] | None:
        return {} if path == (self._path or "/") else None

    def get_info(self) -> dict[str, Any]:
        """The path: ``{"path": …}``."""
        return {"path": self._path}

    def url_for(self) -> URL:  # type: ignore[override]  # a fixed path takes no parts
        """Build the URL of the resource."""
        return URL.build(path=self._path, encoded=True)


class DynamicResource(Resource):
    """A resource whose path has variable parts.

    :param path: ``"/path/{to}"`` or ``r"/path/{number:\\d+}"``.
    :raises ValueError: the path is malformed; the message points at the place.
    """

    def __init__(self, path: str, *, name: str | None = None) -> None:
        super().__init__(name=name)
        self._pattern = Pattern(path)

    def __repr__(self) -> str:
        return f"<DynamicResource {_label(self)}>"

    @property
    def canonical(self) -> str:
        """The path with its parts as ``{name}``, quoted."""
        return self._pattern.formatter

    @property
    def pattern(self) -> Pattern:
        """The pattern of the path."""
        return self._pattern

    def add_prefix(self, prefix: str) -> None:
        """Put *prefix* before the path."""
        self._pattern = Pattern(checked_prefix(prefix) + self._pattern.source)

    def match(self, method: str, path: str, host: str | None = None) -> Resolved:
        """Find the route for a method and a quoted path."""
        # As in Resource, with one call less.
        values = self._pattern.match(path)
        if values is None:
            return NOT_MINE
        route = self._routes.get(method, self._any_route)
        if route is None:
            return None, self._allowed
        return UrlMappingMatchInfo(values, route), self._allowed

    def placement(self) -> Placement:
        """A candidate for paths with these segments."""
        return Placement(self._pattern.pieces, self._pattern.exact)

    def raw_match(self, path: str) -> bool:
        """Tell whether *path* is this pattern."""
        return path == self._pattern.source

    def get_info(self) -> dict[str, Any]:
        """The formatter and the regular expression: ``{"formatter": …, "pattern": …}``."""
        return {"formatter": self._pattern.formatter, "pattern": self._pattern.regex}

    def url_for(self, /, **parts: str) -> URL:
        """Build the URL of the resource.

        :param parts: a value for each part, not quoted.
        :raises UrlPartsError: a part is missing, or there is one that the path has not.
        :raises TypeError: a value is not a str.
        """
        return self._pattern.build(parts, self)


class PrefixResource(AbstractResource):
    """A resource that has everything under a prefix; a base for others.

    :param prefix: ``"/static"``, without a slash at the end, or ``""`` for every path.
    :raises ValueError: *prefix* has parts, does not start with a slash, or ends with one.
    """

    def __init__(self, prefix: str, *, name: str | None = None) -> None:
        super().__init__(name=name)
        if prefix == "/":
            prefix = ""
        self._prefix = checked_prefix(prefix) if prefix else ""

    @property
    def canonical(self) -> str:
        """The prefix, quoted."""
        return self._prefix

    def add_prefix(self, prefix: str) -> None:
        """Put *prefix* before the one that is there."""
        self._prefix = checked_prefix(prefix) + self._prefix

    def placement(self) -> Placement:
        """A candidate for the prefix and everything under it."""
        return Placement(tuple(self._prefix.split("/")), False)

    def raw_match(self, path: str) -> bool:
        """Never: no route can be merged into it."""
        return False


def checked_prefix(prefix: str) -> str:
    """Give *prefix* back quoted.

    :raises TypeError: it is not a str.
    :raises ValueError: it does not start with a slash, ends with one, or has variable parts.
    """
    if not isinstance(prefix, str):
        raise TypeError(f"a prefix must be a str, got {prefix!r} of type {type(prefix).__name__}")
    if not prefix.startswith("/"):
        raise bad_path(prefix, 0, "a prefix must start with '/'", what="prefix")
    if prefix.endswith("/"):
        raise bad_path(
            prefix, len(prefix) - 1, "a prefix must go on and not end with '/'", what="prefix"
        )
    if is_dynamic(prefix):
        at = min(place for place in map(prefix.find, "{}") if place >= 0)
        raise bad_path(prefix, at, "a prefix has no variable parts", what="prefix")
    return requote(prefix)


def _label(resource: AbstractResource) -> str:
    if resource.name is None:
        return resource.canonical
    return f"{resource.name!r} {resource.canonical}"
