"""The routes of an application and of those nested in it, as a tree of plain values.

:func:`describe` reads an application and gives an :class:`AppTree`: resources in the order of
lookup, each with its routes, their handlers and where those are written; nested applications are
trees of their own. :func:`problems` lists the routes that no request can reach; a *duplicate* is
one of a path that an earlier resource has, too. Nothing is started or served for it, and routes
that an application adds while it starts are not there.
"""

import functools
import inspect
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from tidegate_web_routing import AbstractResource, AbstractRoute, AbstractView
from tidegate_web_server import Application

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")


@dataclass(frozen=True, slots=True)
class Place:
    """Something of the application's code, and where it is written."""

    name: str
    """``module.qualified_name``."""
    file: str | None = None
    """Relative to the current directory where it is below it."""
    line: int | None = None

    def __str__(self) -> str:
        """Show both in one piece."""
        return self.name if self.file is None else f"{self.name} ({self.file}:{self.line})"


@dataclass(frozen=True, slots=True)
class RouteLine:
    """The methods of a resource that one handler serves."""

    methods: tuple[str, ...]
    """``("*",)`` for every method; for a class based view those that it has."""
    handler: Place


@dataclass(frozen=True, slots=True)
class ResourceNode:
    """A resource: a path with routes, a folder of files, or a nested application."""

    path: str
    name: str | None
    kind: str
    """The class of the resource."""
    routes: tuple[RouteLine, ...] = ()
    directory: str | None = None
    """The folder, for static files."""
    app: "AppTree | None" = None


@dataclass(frozen=True, slots=True)
class AppTree:
    """An application."""

    router: str
    """The class of its router."""
    middlewares: tuple[Place, ...] = ()
    """The first one is outermost."""
    resources: tuple[ResourceNode, ...] = field(default=())

    def count(self) -> int:
        """Count the routes, those of nested applications too."""
        own = sum(len(line.methods) for node in self.resources for line in node.routes)
        return own + sum(node.app.count() for node in self.resources if node.app is not None)

    def to_json(self) -> dict[str, Any]:
        """Return it as what ``json.dumps`` takes."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Problem:
    """A route that no request can reach."""

    kind: str
    """``"duplicate"`` or ``"unreachable"``."""
    method: str
    path: str
    handler: Place
    taken_by: str
    """The path of the resource that has its requests."""

    def __str__(self) -> str:
        """Say it in one line."""
        why = (
            "the same path and method come earlier"
            if self.kind == "duplicate"
            else f"{self.taken_by} comes first and takes its requests"
        )
        return f"{self.kind}: {self.method} {self.path} -> {self.handler}: {why}"


def describe(app: Application) -> AppTree:
    """Read the routes and middlewares of *app*."""
    resources = getattr(app.router, "resources", None)
    return AppTree(
        type(app.router).__name__,
        tuple(map(place_of, app.middlewares)),
        tuple(map(_node, resources())) if callable(resources) else (),
    )


def problems(app: Application) -> list[Problem]:
    """Find the routes of *app*, and of what is nested in it, that can't be reached."""
    found = []
    lost_routes = getattr(app.router, "unreachable_routes", None)
    for lost in lost_routes() if callable(lost_routes) else ():
        path = "" if lost.route.resource is None else lost.route.resource.canonical
        taken_by = lost.resource.canonical
        kind = "duplicate" if path == taken_by else "unreachable"
        place = place_of(lost.route.handler)
        found.append(Problem(kind, lost.route.method, path, place, taken_by))
    for nested in _nested(app):
        found += problems(nested)
    return found


def _nested(app: Application) -> Iterator[Application]:
    resources = getattr(app.router, "resources", None)
    for resource in resources() if callable(resources) else ():
        nested = resource.get_info().get("app")
        if isinstance(nested, Application):
            yield nested


def _node(resource: AbstractResource) -> ResourceNode:
    info = resource.get_info()
    nested = info.get("app")
    directory = info.get("directory")
    is_app = isinstance(nested, Application)
    return ResourceNode(
        resource.canonical or "/",
        resource.name,
        type(resource).__name__,
        () if is_app else tuple(_lines(list(resource))),
        None if directory is None else _shown_path(os.fspath(directory)),
        describe(nested) if isinstance(nested, Application) else None,
    )


def _lines(routes: list[AbstractRoute]) -> Iterator[RouteLine]:
    """Put the methods of one handler together."""
    by_handler: dict[int, list[AbstractRoute]] = {}
    for route in routes:
        by_handler.setdefault(id(route.handler), []).append(route)
    for same in by_handler.values():
        handler = same[0].handler
        methods = tuple(sorted({route.method for route in same}, key=_order))
        if methods == ("*",) and isinstance(handler, type) and issubclass(handler, AbstractView):
            methods = tuple(m for m in _METHODS if hasattr(handler, m.lower())) or methods
        yield RouteLine(methods, place_of(handler))


def _order(method: str) -> tuple[int, str]:
    return (_METHODS.index(method) if method in _METHODS else len(_METHODS), method)


def place_of(thing: Any) -> Place:
    """Tell what *thing*, a function or a class or a like of one, is called and where it is."""
    while isinstance(thing, functools.partial):
        thing = thing.func
    code = inspect.unwrap(thing) if callable(thing) else thing
    if not hasattr(code, "__qualname__"):
        code = type(code)
    name = f"{code.__module__}.{code.__qualname__}"
    try:
        file = inspect.getsourcefile(code)
        _, line = inspect.getsourcelines(code)
    except (OSError, TypeError):
        return Place(name)
    return Place(name, None if file is None else _shown_path(file), line)


def _shown_path(path: str) -> str:
    shown = os.path.relpath(path)
    return path if shown.startswith("..") else shown
