"""Why a request found no handler, and why a URL could not be built: plain exceptions.

This package knows no HTTP responses. What went wrong is said here with a ``status`` hint, and a
server turns it, in one place, into the answer it sends.

    Exception
    ├── RoutingError                a request that no route serves; carried by a match info
    │   ├── RouteNotFound           404, no resource has this path
    │   └── MethodNotAllowed        405, resources have this path, none of them this method
    └── UrlPartsError               url_for() got too few or too many parts (a TypeError; also a
                                    KeyError, which is what callers of aiohttp's url_for() catch)
    RuntimeWarning
    └── UnreachableRouteWarning     a route that no request can reach
"""

from collections.abc import Iterable


class RoutingError(Exception):
    """No route serves a request; the base of the two reasons."""

    #: The HTTP status that tells a client the reason (RFC 9110 section 15).
    status: int = 500
    #: The phrase that goes with the status.
    reason: str = "Internal Server Error"


class RouteNotFound(RoutingError):
    """No registered resource has the path of the request (RFC 9110 section 15.5.5)."""

    status = 404
    reason = "Not Found"

    def __str__(self) -> str:
        return "no route has this path"


class MethodNotAllowed(RoutingError):
    """The path is served, but not with this method (RFC 9110 section 15.5.6).

    :param method: the method that was asked for.
    :param allowed_methods: the methods that every resource of this path has, together.
    """

    status = 405
    reason = "Method Not Allowed"

    def __init__(self, method: str, allowed_methods: Iterable[str]) -> None:
        self.method = method
        self.allowed_methods = frozenset(allowed_methods)
        # The arguments as given back by `args` make the exception picklable.
        super().__init__(method, self.allowed_methods)

    @property
    def allow(self) -> str:
        """The value of the ``Allow`` field (RFC 9110 section 10.2.1), sorted."""
        return ", ".join(sorted(self.allowed_methods))

    def __str__(self) -> str:
        return f"method {self.method} is not allowed here, allowed: {self.allow or 'none'}"


class UrlPartsError(TypeError, KeyError):
    """``url_for()`` was not given exactly the parts that the path of the resource has."""

    # KeyError shows the repr() of its argument; this is a sentence.
    __str__ = Exception.__str__


class UnreachableRouteWarning(RuntimeWarning):
    """A route that no request can reach, because an earlier one takes all of them."""
