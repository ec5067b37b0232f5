"""The outcome of resolving one request with ``UrlDispatcher``.

A match info is a dict of the values of the path's variable parts, decoded, and holds the route
that was found. One is made for each request, so it is as light as it can be: the stack of
applications is a shared empty tuple until the first one is put on it, and a miss makes its
exception and nothing else.
"""

from typing import Any

from .abc import AbstractMatchInfo, ExpectHandler, Handler
from .routes import AbstractRoute, SystemRoute


class UrlMappingMatchInfo(dict[str, str], AbstractMatchInfo):
    """The parts of the path by name, the route, and the applications around it.

    :param match_dict: the values of the variable parts, decoded.
    :param route: the route that serves the request.
    """

    __slots__ = ("_apps", "_current_app", "_frozen", "_route")

    def __init__(self, match_dict: dict[str, str], route: AbstractRoute) -> None:
        if match_dict:
            self.update(match_dict)
        self._route = route
        self._apps: tuple[Any, ...] = ()
        self._current_app: Any = None
        self._frozen = False

    def __repr__(self) -> str:
        return f"<UrlMappingMatchInfo {dict(self)!r}: {self._route!r}>"

    @property
    def route(self) -> AbstractRoute:
        """The route that serves the request, a :class:`SystemRoute` for a miss."""
        return self._route

    @property
    def handler(self) -> Handler:
        """The handler of the route; for a miss one that raises :attr:`http_exception`."""
        return self._route.handler

    @property
    def expect_handler(self) -> ExpectHandler:
        """What answers an ``Expect`` field.

        :func:`~tidegate_web_routing.routes.default_expect_handler` where the route leaves that to
        the server.
        """
        return self._route.expect_handler

    @property
    def http_exception(self) -> Exception | None:
        """Why no route serves the request, None if one does."""
        return self._route.http_exception

    def get_info(self) -> dict[str, Any]:
        """Describe the route that matched."""
        return self._route.get_info()

    @property
    def apps(self) -> tuple[Any, ...]:
        """The applications that the request goes through, outermost first."""
        return self._apps

    def add_app(self, app: Any) -> None:
        """Put *app* around the applications on the stack; the first one is the current one.

        :raises RuntimeError: the match info is frozen, the request is being handled.
        """
        if self._frozen:
            raise RuntimeError(
                "the applications of a match info are fixed once the request is handled: "
                "add_app() has to come before freeze()"
            )
        if self._apps:
            self._apps = (app, *self._apps)
        else:
            self._apps = (app,)
            self._current_app = app

    @property
    def current_app(self) -> Any:
        """The application that handles the request at the moment; settable.

        :raises RuntimeError: no application was added.
        """
        if not self._apps:
            raise RuntimeError("the match info has no application: add_app() was not called")
        return self._current_app

    @current_app.setter
    def current_app(self, app: Any) -> None:
        if not any(app is known for known in self._apps):
            raise ValueError(
                f"{app!r} is not one of the applications of this request: {self._apps!r}"
            )
        self._current_app = app

    def freeze(self) -> None:
        """Fix the stack of applications."""
        self._frozen = True


class MatchInfoError(UrlMappingMatchInfo):
    """A miss: a match info whose handler raises.

    :param http_exception: why no route serves the request.
    """

    __slots__ = ()

    def __init__(self, http_exception: Exception) -> None:
        super().__init__({}, SystemRoute(http_exception))

    def __repr__(self) -> str:
        return f"<MatchInfoError {self._route!r}>"
