"""Routes: one method of one resource, and the handler that answers it.

A route is made when it is registered, and there is when its handler is judged, once: an async
function, an object with an async ``__call__`` or a subclass of :class:`AbstractView` is taken as
it is; a bare function or a bare generator, which seldom is what its author meant, is wrapped with
a ``DeprecationWarning``; anything else is a ``TypeError``, then and there and not at the first
request.

``Expect: 100-continue``: a route with no expect handler of its own leaves the answer to the
server. Its expect handler then is :func:`default_expect_handler`, which a server recognises by
identity; awaited by somebody who does not know it, it does nothing.
"""

import functools
import inspect
import re
import sys
import types
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Final, Protocol

from yarl import URL

from .abc import AbstractView, ExpectHandler, Handler

#: The method of a route that answers every method.
ANY_METHOD: Final = "*"

# RFC 9110 section 9.1: method = token, section 5.6.2: token = 1*tchar.
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")


async def default_expect_handler(request: Any) -> None:
    """Leave the answer to an ``Expect`` field to the server.

    A server that finds this very function as ``match_info.expect_handler`` keeps the rules of
    RFC 9110 section 10.1.1 itself: 417 for what it can't meet, 100 when the body is read.
    """


class RouteOwner(Protocol):
    """What a route knows of the resource that it belongs to."""

    @property
    def name(self) -> str | None:
        """The unique name of the resource, if it has one."""

    @property
    def canonical(self) -> str:
        """The path of the resource, ``"/path/to"`` or ``"/path/{to}"``."""

    @property
    def url_for(self) -> Callable[..., URL]:
        """Build the URL of the resource."""

    def get_info(self) -> dict[str, Any]:
        """Describe the resource."""


class AbstractRoute(ABC):
    """A method, its handler and the resource that they belong to.

    :param method: a method, in any case, or ``"*"`` for all of them.
    :param handler: ``async def handler(request)``, or a subclass of :class:`AbstractView`.
    :param expect_handler: ``async def expect_handler(request)``, awaited instead of the server's
        own answer when the request has an ``Expect`` field.
    :param resource: the owner, None for a route that stands for a miss.
    :raises ValueError: *method* is not a token (RFC 9110 section 9.1).
    :raises TypeError: a handler is not what is described here.
    """

    def __init__(
        self,
        method: str,
        handler: Handler | type[AbstractView],
        *,
        expect_handler: ExpectHandler | None = None,
        resource: RouteOwner | None = None,
    ) -> None:
        try:
            self._method = _checked_method(method)
            self._handler = _checked_handler(handler)
            self._expect_handler = _checked_expect_handler(expect_handler)
        except (TypeError, ValueError) as exc:
            if resource is None:
                raise
            raise type(exc)(f"invalid route for {resource.canonical!r}: {exc}") from None
        self._resource = resource

    @property
    def method(self) -> str:
        """The method in upper case, or ``"*"``."""
        return self._method

    @property
    def handler(self) -> Handler:
        """What to await with the request."""
        return self._handler

    @property
    def expect_handler(self) -> ExpectHandler:
        """What to await when the request has an ``Expect`` field.

        :func:`default_expect_handler` where the route leaves that to the server.
        """
        if (
            self._expect_handler is None
            and type(self).handle_expect_header is AbstractRoute.handle_expect_header
        ):
            return default_expect_handler
        return self.handle_expect_header

    @property
    def http_exception(self) -> Exception | None:
        """Why the handler raises, None for a route that serves requests."""
        return None

    @property
    @abstractmethod
    def name(self) -> str | None:
        """The name of the resource."""

    @property
    def resource(self) -> RouteOwner | None:
        """The resource that the route belongs to, None for a miss."""
        return self._resource

    @abstractmethod
    def get_info(self) -> dict[str, Any]:
        """Describe the route, for people and for tools."""

    @abstractmethod
    def url_for(self, *args: str, **kwargs: str) -> URL:
        """Build the URL of the resource: ``route.resource.url_for(...)``."""

    def url(self, *args: str, **kwargs: str) -> str:
        """The same as text; deprecated, ``str(route.url_for(...))`` says it."""
        warnings.warn(
            "route.url() is deprecated, use str(route.url_for())", DeprecationWarning, stacklevel=2
        )
        return str(self.url_for(*args, **kwargs))

    async def handle_expect_header(self, request: Any) -> Any | None:
        """Answer the ``Expect`` field of *request*: a response ends the request, None goes on."""
        if self._expect_handler is None:
            return None
        return await self._expect_handler(request)


class ResourceRoute(AbstractRoute):
    """A route of a resource."""

    _resource: RouteOwner

    def __init__(
        self,
        method: str,
        handler: Handler | type[AbstractView],
        resource: RouteOwner,
        *,
        expect_handler: ExpectHandler | None = None,
    ) -> None:
        super().__init__(method, handler, expect_handler=expect_handler, resource=resource)

    def __repr__(self) -> str:
        return f"<ResourceRoute [{self.method}] {self._resource} -> {self.handler!r}>"

    @property
    def name(self) -> str | None:
        """The name of the resource; all its routes share it."""
        return self._resource.name

    def get_info(self) -> dict[str, Any]:
        """Describe the resource."""
        return self._resource.get_info()

    def url_for(self, *args: str, **kwargs: str) -> URL:
        """Build the URL of the resource."""
        return self._resource.url_for(*args, **kwargs)


class SystemRoute(AbstractRoute):
    """The route of a request that no route serves: its handler raises.

    :param http_exception: what to raise. A ``status`` and a ``reason`` are read off it, where
        it has them.
    """

    # One is made for each miss, so nothing is checked and nothing is bound beforehand: the
    # handler as a stored bound method would make each miss a reference cycle.
    def __init__(self, http_exception: Exception) -> None:
        self._method = ANY_METHOD
        self._expect_handler = None
        self._resource = None
        self._http_exception = http_exception

    def __repr__(self) -> str:
        return f"<SystemRoute {self.status}: {self.reason}>"

    @property
    def handler(self) -> Handler:
        """An async function that raises :attr:`http_exception`."""
        return self._raise

    @property
    def http_exception(self) -> Exception:
        """Why no route serves the request."""
        return self._http_exception

    @property
    def status(self) -> int:
        """The HTTP status of the exception, 500 if it has none."""
        return int(getattr(self._http_exception, "status", 500))

    @property
    def reason(self) -> str:
        """The reason phrase of the exception, or the name of its class."""
        return str(getattr(self._http_exception, "reason", type(self._http_exception).__name__))

    @property
    def name(self) -> None:
        """A miss has no name."""
        return None

    def get_info(self) -> dict[str, Any]:
        """The exception: ``{"http_exception": …}``."""
        return {"http_exception": self._http_exception}

    def url_for(self, *args: str, **kwargs: str) -> URL:
        """Never possible.

        :raises RuntimeError: always; a miss has no resource.
        """
        raise RuntimeError(f"url_for() is not possible for {self!r}: it has no resource")

    async def _raise(self, request: Any) -> Any:
        raise self._http_exception


def _checked_method(method: str) -> str:
    if not isinstance(method, str):
        raise TypeError(f"a method must be a str, got {method!r} of type {type(method).__name__}")
    if _TOKEN.fullmatch(method) is None:
        raise ValueError(
            f"{method!r} is not an HTTP method: a token is expected (RFC 9110 section 9.1), "
            "such as 'GET', or '*' for every method"
        )
    return method.upper()


def _checked_expect_handler(handler: ExpectHandler | None) -> ExpectHandler | None:
    if handler is not None and not _is_async(handler):
        raise TypeError(f"expect_handler must be an async function, got {handler!r}")
    return handler


def _is_async(handler: object) -> bool:
    """Tell whether a call gives a coroutine, as far as that can be known without calling."""
    if inspect.iscoroutinefunction(handler):
        return True
    call = getattr(type(handler), "__call__", None)  # noqa: B004  # what it is matters, not that
    return inspect.iscoroutinefunction(call)


def _checked_handler(handler: Handler | type[AbstractView]) -> Handler:
    """Give *handler* back as something that can be awaited with a request."""
    if isinstance(handler, type):
        if issubclass(handler, AbstractView):
            return handler
        raise TypeError(
            f"a class is a handler only if it derives from AbstractView or View, got {handler!r}"
        )
    if _is_async(handler):
        return handler
    if not callable(handler):
        raise TypeError(
            "a handler must be an async function or a subclass of AbstractView, "
            f"got {handler!r} of type {type(handler).__name__}"
        )
    if inspect.isasyncgenfunction(handler):
        raise TypeError(
            f"{handler!r} is an async generator (it has a yield), so it can't be awaited: "
            "return the response instead"
        )
    if inspect.isgeneratorfunction(handler):
        _warn_caller("Bare generators are deprecated, use async functions")
        # As a generator-based coroutine: its `yield from` awaits.
        return types.coroutine(handler)
    _warn_caller("Bare functions are deprecated, use async ones")
    return _awaiting(handler)


def _awaiting(handler: Callable[[Any], Any]) -> Handler:
    """Make an async function of a bare one; an awaitable that it returns is awaited."""

    @functools.wraps(handler)
    async def bare_handler(request: Any) -> Any:
        result = handler(request)
        if inspect.isawaitable(result):
            return await result
        return result

    return bare_handler


def _warn_caller(message: str) -> None:
    """Warn of *message* at the line outside this package that registers the handler."""
    level = 1
    frame: types.FrameType | None = sys._getframe()
    while frame is not None and frame.f_globals.get("__package__") == __package__:
        frame = frame.f_back
        level += 1
    warnings.warn(message, DeprecationWarning, stacklevel=level)
