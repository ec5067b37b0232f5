"""Where the router's plain exceptions become HTTP answers; the one place that knows both.

web-routing says why a request found no handler without knowing HTTP responses. Handlers,
middlewares and ``request.match_info.http_exception`` see the answer instead.
"""

from tidegate_web_routing import (
    AbstractMatchInfo,
    MatchInfoError,
    MethodNotAllowed,
)

from .exceptions import HTTPException, HTTPMethodNotAllowed, HTTPNotFound


def http_exception(error: Exception) -> HTTPException:
    """Return the answer that *error* stands for; an answer stands for itself."""
    if isinstance(error, HTTPException):
        return error
    if isinstance(error, MethodNotAllowed):
        return HTTPMethodNotAllowed(error.method, error.allowed_methods)
    return HTTPNotFound()


def answerable(match_info: AbstractMatchInfo) -> AbstractMatchInfo:
    """Return a failed match whose exception is an answer; any other match as it is."""
    error = match_info.http_exception
    if error is None or isinstance(error, HTTPException):
        return match_info
    answer = MatchInfoError(http_exception(error))
    # The miss of a nested application is its own: its middlewares run.
    for app in reversed(match_info.apps):
        answer.add_app(app)
    return answer
