"""The contracts of a router, of what it answers with, and of class based handlers.

A server asks ``await router.resolve(request)`` once for each request and gets a match info. It
puts its applications on the match info's stack, innermost first, freezes it, and awaits
``match_info.handler(request)``. A request that no route serves has a match info as well: its
``http_exception`` is set and its handler raises that exception, so that middlewares run for
misses too. Any object that keeps to :class:`AbstractRouter` can take the place of
:class:`~tidegate_web_routing.dispatcher.UrlDispatcher`.

Nothing here knows a request or a response class. Of a request, routing needs what the protocol
:class:`RoutableRequest` says.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Generator
from typing import Any, Protocol, TypeAlias

from yarl import URL

#: What answers a request: ``async def handler(request) -> response``. The request and response
#: classes are the server's, so they are not named here.
Handler: TypeAlias = Callable[[Any], Awaitable[Any]]

#: What answers ``Expect: 100-continue``: a response ends the request, None goes on with it.
ExpectHandler: TypeAlias = Callable[[Any], Awaitable[Any]]


class RoutableRequest(Protocol):
    """What ``UrlDispatcher.resolve`` needs to know of a request.

    A request may also carry ``match_path: str``, equal to ``rel_url.raw_path``. Where it is
    there it is used, and no URL has to be built to find the route.
    """

    @property
    def method(self) -> str:
        """The method in upper case, ``"GET"``."""

    @property
    def rel_url(self) -> URL:
        """The target of the request, requoted; ``rel_url.raw_path`` is matched."""


class PathAwareRequest(RoutableRequest, Protocol):
    """A request that knows its path without building a URL."""

    @property
    def match_path(self) -> str:
        """The path to match: requoted, percent-encoded, equal to ``rel_url.raw_path``."""


def request_path(request: RoutableRequest) -> str:
    """Give the quoted path of *request*, in the cheapest way that it offers."""
    try:
        return request.match_path  # type: ignore[attr-defined, no-any-return]  # an optional one
    except AttributeError:
        return request.rel_url.raw_path


class AbstractMatchInfo(ABC):
    """The outcome of resolving one request."""

    __slots__ = ()

    @property
    @abstractmethod
    def handler(self) -> Handler:
        """What to await with the request. For a miss it raises :attr:`http_exception`."""

    @property
    @abstractmethod
    def expect_handler(self) -> ExpectHandler:
        """What to await with the request when it has an ``Expect`` field, before the body."""

    @property
    @abstractmethod
    def http_exception(self) -> Exception | None:
        """Why no route serves the request, or None when one does."""

    @property
    @abstractmethod
    def apps(self) -> tuple[Any, ...]:
        """The stack of applications that the request goes through, outermost first."""

    @abstractmethod
    def add_app(self, app: Any) -> None:
        """Put *app* around the applications that are already on the stack.

        :raises RuntimeError: after :meth:`freeze`.
        """

    @abstractmethod
    def freeze(self) -> None:
        """Close the stack: the request is about to be handled. A second call does nothing."""

    @abstractmethod
    def get_info(self) -> dict[str, Any]:
        """Describe what matched, for people and for tools."""


class AbstractRouter(ABC):
    """Finds the handler of a request.

    What a server relies on, and ``tidegate_web_routing.testing`` checks:

    - :meth:`resolve` asks of a request no more than :class:`RoutableRequest` has. It never
      raises; a request that no route serves gets a match info, too.
    - A miss has its reason in ``http_exception``, and its handler raises that very exception. The
      reason has a ``status``: 404 if no route has the path; 405, with ``allowed_methods``, if
      routes have it, none of them with the method.
    - The path is matched quoted, without the query. Where the match info is a mapping, it has
      the values of the variable parts, decoded.
    - Each request gets a match info of its own, with no applications on its stack.
    - :meth:`freeze` may come twice. Requests are resolved before it as well as afterwards.
    - :meth:`match` and :meth:`add_prefix` are optional.
    """

    def __init__(self) -> None:
        self._frozen = False

    def post_init(self, app: Any) -> None:  # noqa: B027  # a hook; most routers need nothing
        """Called once by the application that got this router, when it is constructed."""

    @property
    def frozen(self) -> bool:
        """Whether the routes are fixed."""
        return self._frozen

    def freeze(self) -> None:
        """Fix the routes: the application starts. A second call does nothing."""
        self._frozen = True

    def match(self, method: str, path: str, host: str | None = None) -> AbstractMatchInfo:
        """Find what handles a method and a path, without a request; optional.

        :param method: the method, in upper case.
        :param path: the path, percent-encoded and requoted, as ``yarl.URL(…).raw_path`` is.
        :param host: the value of the ``Host`` field, if it is known.
        :raises TypeError: the router needs the whole request, as it does by default.
        """
        raise TypeError(f"{self!r} needs a request: use 'await router.resolve(request)'")

    def add_prefix(self, prefix: str) -> None:
        """Put *prefix* before every path: the application is nested under it; optional.

        :param prefix: ``"/admin"``, quoted, without a slash at the end.
        :raises TypeError: the router can't be nested under a prefix, as by default.
        """
        raise TypeError(
            f"{self!r} can't be nested under {prefix!r}: its class has no add_prefix()"
        )

    @abstractmethod
    async def resolve(self, request: Any) -> AbstractMatchInfo:
        """Find what handles *request*.

        Never raises for a request that nothing serves: that is a match info too, with
        :attr:`AbstractMatchInfo.http_exception` set. The exception has a ``status``, as
        :class:`~tidegate_web_routing.errors.RouteNotFound` has.
        """


class AbstractView(ABC):
    """A class as a handler: it is called with the request, and the instance is awaited."""

    def __init__(self, request: Any) -> None:
        self._request = request

    @property
    def request(self) -> Any:
        """The request to answer."""
        return self._request

    @abstractmethod
    def __await__(self) -> Generator[Any, None, Any]:
        """Answer the request; the result is the response."""


class SubApplication(Protocol):
    """What routing needs to know of an application that is nested in another one."""

    @property
    def router(self) -> AbstractRouter:
        """The router of the nested application."""
