"""Route definitions: routes that are described in one place and registered in another.

A list of :func:`get`, :func:`post` and so on reads as a table; a :class:`RouteTableDef` collects
the same by decorators. Nothing happens before ``router.add_routes()`` gets them.
"""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar, overload

from .abc import AbstractView, Handler
from .routes import ANY_METHOD, AbstractRoute

PathLike: TypeAlias = str | os.PathLike[str]
HandlerType: TypeAlias = Handler | type[AbstractView]
_H = TypeVar("_H", bound=HandlerType)


class RouteRegistrar(Protocol):
    """What a definition asks of the router that it is registered with."""

    @property
    def add_route(self) -> Callable[..., AbstractRoute]:
        """``add_route(method, path, handler, **kwargs)``."""

    @property
    def add_get(self) -> Callable[..., AbstractRoute]:
        """``add_get(path, handler, **kwargs)``: GET, and HEAD with it."""

    @property
    def add_static(self) -> Callable[..., Iterable[AbstractRoute]]:
        """``add_static(prefix, path, **kwargs)``: a directory of files."""


class AbstractRouteDef(ABC):
    """A definition of routes that are not registered yet."""

    @abstractmethod
    def register(self, router: RouteRegistrar) -> list[AbstractRoute]:
        """Register the routes with *router* and give them back."""


@dataclass(frozen=True, repr=False)
class RouteDef(AbstractRouteDef):
    """The definition of one route.

    :param method: a method, in any case, or ``"*"``.
    :param path: the path, as for ``add_route()``.
    :param handler: an async function or a view.
    :param kwargs: the other arguments of ``add_route()``; for GET of ``add_get()``.
    """

    method: str
    path: str
    handler: HandlerType
    kwargs: Mapping[str, Any]

    def __repr__(self) -> str:
        options = "".join(f", {name}={value!r}" for name, value in sorted(self.kwargs.items()))
        handler = getattr(self.handler, "__name__", repr(self.handler))
        return f"<RouteDef {self.method} {self.path} -> {handler}{options}>"

    def register(self, router: RouteRegistrar) -> list[AbstractRoute]:
        """Register the route; a GET route brings HEAD along, unless ``allow_head`` is False."""
        if self.method.upper() == "GET":
            return [router.add_get(self.path, self.handler, **self.kwargs)]
        return [router.add_route(self.method, self.path, self.handler, **self.kwargs)]


@dataclass(frozen=True, repr=False)
class StaticDef(AbstractRouteDef):
    """The definition of a directory of files.

    :param prefix: the path that the files appear under.
    :param path: the directory.
    :param kwargs: the other arguments of ``add_static()``.
    """

    prefix: str
    path: PathLike
    kwargs: Mapping[str, Any]

    def __repr__(self) -> str:
        options = "".join(f", {name}={value!r}" for name, value in sorted(self.kwargs.items()))
        return f"<StaticDef {self.prefix} -> {os.fspath(self.path)}{options}>"

    def register(self, router: RouteRegistrar) -> list[AbstractRoute]:
        """Register the directory and give its routes back."""
        return list(router.add_static(self.prefix, self.path, **self.kwargs))


def route(method: str, path: str, handler: HandlerType, **kwargs: Any) -> RouteDef:
    """Define a route for *method*; ``"*"`` is every method.

    See ``UrlDispatcher.add_route()`` for *kwargs*: ``name`` and ``expect_handler``.
    """
    return RouteDef(method, path, handler, kwargs)


def head(path: str, handler: HandlerType, **kwargs: Any) -> RouteDef:
    """Define a route for HEAD."""
    return route("HEAD", path, handler, **kwargs)


def options(path: str, handler: HandlerType, **kwargs: Any) -> RouteDef:
    """Define a route for OPTIONS."""
    return route("OPTIONS", path, handler, **kwargs)


def get(
    path: str,
    handler: HandlerType,
    *,
    name: str | None = None,
    allow_head: bool = True,
    **kwargs: Any,
) -> RouteDef:
    """Define a route for GET and, unless *allow_head* is False, the same one for HEAD."""
    return route("GET", path, handler, name=name, allow_head=allow_head, **kwargs)


def post(path: str, handler: HandlerType, **kwargs: Any) -> RouteDef:
    """Define a route for POST."""
    return route("POST", path, handler, **kwargs)


def put(path: str, handler: HandlerType, **kwargs: Any) -> RouteDef:
    """Define a route for PUT."""
    return route("PUT", path, handler, **kwargs)


def patch(path: str, handler: HandlerType, **kwargs: Any) -> RouteDef:
    """Define a route for PATCH."""
    return route("PATCH", path, handler, **kwargs)


def delete(path: str, handler: HandlerType, **kwargs: Any) -> RouteDef:
    """Define a route for DELETE."""
    return route("DELETE", path, handler, **kwargs)


def view(path: str, handler: type[AbstractView], **kwargs: Any) -> RouteDef:
    """Define a class based view for every method."""
    return route(ANY_METHOD, path, handler, **kwargs)


def static(prefix: str, path: PathLike, **kwargs: Any) -> StaticDef:
    """Define a directory of files; see ``UrlDispatcher.add_static()`` for *kwargs*."""
    return StaticDef(prefix, path, kwargs)


class RouteTableDef(Sequence[AbstractRouteDef]):
    """Route definitions collected by decorators, in the order they are written.

    The decorators give the handler back as it is, so one handler can have several.
    """

    def __init__(self) -> None:
        self._items: list[AbstractRouteDef] = []

    def __repr__(self) -> str:
        return f"<RouteTableDef count={len(self._items)}>"

    @overload
    def __getitem__(self, index: int) -> AbstractRouteDef: ...

    @overload
    def __getitem__(self, index: slice) -> list[AbstractRouteDef]: ...

    def __getitem__(self, index: int | slice) -> AbstractRouteDef | list[AbstractRouteDef]:
        return self._items[index]

    def __iter__(self) -> Iterator[AbstractRouteDef]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __contains__(self, item: object) -> bool:
        return item in self._items

    def route(self, method: str, path: str, **kwargs: Any) -> Callable[[_H], _H]:
        """Decorate the handler of *method* and *path*; see :func:`route`."""

        def add(handler: _H) -> _H:
            self._items.append(RouteDef(method, path, handler, kwargs))
            return handler

        return add

    def head(self, path: str, **kwargs: Any) -> Callable[[_H], _H]:
        """Decorate a handler of HEAD."""
        return self.route("HEAD", path, **kwargs)

    def get(self, path: str, **kwargs: Any) -> Callable[[_H], _H]:
        """Decorate a handler of GET and, unless ``allow_head=False``, of HEAD."""
        return self.route("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> Callable[[_H], _H]:
        """Decorate a handler of POST."""
        return self.route("POST", path, **kwargs)

    def put(self, path: str, **kwargs: Any) -> Callable[[_H], _H]:
        """Decorate a handler of PUT."""
        return self.route("PUT", path, **kwargs)

    def patch(self, path: str, **kwargs: Any) -> Callable[[_H], _H]:
        """Decorate a handler of PATCH."""
        return self.route("PATCH", path, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> Callable[[_H], _H]:
        """Decorate a handler of DELETE."""
        return self.route("DELETE", path, **kwargs)

    def options(self, path: str, **kwargs: Any) -> Callable[[_H], _H]:
        """Decorate a handler of OPTIONS."""
        return self.route("OPTIONS", path, **kwargs)

    def view(self, path: str, **kwargs: Any) -> Callable[[_H], _H]:
        """Decorate a class based view, for every method."""
        return self.route(ANY_METHOD, path, **kwargs)

    def static(self, prefix: str, path: PathLike, **kwargs: Any) -> None:
        """Add a directory of files; this one is no decorator."""
        self._items.append(StaticDef(prefix, path, kwargs))
