"""An application's own answers to errors: handlers by status or by class of exception.

::

    async def not_found(request, exc):
        return web.json_response({"error": "not found"}, status=exc.status)

    app.add_error_handler(404, not_found)

    @app.error_handler(DatabaseError)
    async def unavailable(request, exc):
        raise web.HTTPServiceUnavailable from exc

What is raised inside the application comes here, from its handlers, from its middlewares, and from
the router, whose 404 and 405 are raised like any other. Which handler is called:

=============================  ==================================================================
raised                         looked for
=============================  ==================================================================
an ``HTTPException``           its class; its status; the classes above, up to ``HTTPException``
a ``RequestPayloadError``      its class; its status
any other ``Exception``        its class; the classes above, up to ``Exception``; the status 500
=============================  ==================================================================

So a handler for ``Exception`` never gets a redirect that is raised, nor a client's fault. Where
applications are nested the innermost is asked first, and what it does not handle comes to the one
around it. Never handled are a cancellation, a client that is gone, and what fails after the answer
has begun to be sent.

A handler runs in the request's task, around the middlewares of its application: theirs is not the
response that it returns. What it raises takes the place of what was raised before, and goes to the
application around this one or to the server; the same application is not asked again. Returning
the exception that it was given is raising it. What is answered through the status 500, because no
class was found, is a failure nobody expected: its traceback is logged.
"""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from tidegate_http_core import hdrs

from .errors import ClientConnectionResetError, RequestPayloadError
from .exceptions import HTTPException
from .raised_answers import without_traceback
from .request import Request
from .stream_response import StreamResponse

#: ``async def handler(request, exc) -> response``
ErrorHandler = Callable[[Any, Any], Awaitable[StreamResponse]]

_Handler = Callable[[Request], Awaitable[StreamResponse]]
_K = TypeVar("_K")

# What describes the body of an answer, and not the error.
_OF_THE_BODY: Final = frozenset(
    name.lower()
    for name in (
        hdrs.CONTENT_TYPE,
        hdrs.CONTENT_LENGTH,
        hdrs.CONTENT_ENCODING,
        hdrs.TRANSFER_ENCODING,
        hdrs.CONNECTION,
        hdrs.DATE,
        hdrs.SERVER,
    )
)


class ErrorHandlers:
    """The error handlers of one application."""

    def __init__(self) -> None:
        """Begin with none."""
        self._by_status: dict[int, ErrorHandler] = {}
        self._by_class: dict[type[Exception], ErrorHandler] = {}

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self._by_status or self._by_class)

    def add(self, error: int | type[Exception], handler: ErrorHandler) -> None:
        """Let *handler* answer *error*.

        :param error: a status, 400 to 599, or a class of exceptions.
        :raises TypeError: when *error* is neither, or *handler* can't be called.
        :raises ValueError: when the status is none of an error, or *error* has a handler.
        """
        if not callable(handler):
            raise TypeError(
                f"an error handler is an async function of (request, exc), got {handler!r}"
            )
        if isinstance(error, int) and not isinstance(error, bool):
            if not 400 <= error <= 599:
                raise ValueError(f"the status of an error is 400 to 599, got {error}")
            _add(self._by_status, error, handler)
        elif isinstance(error, type) and issubclass(error, Exception):
            _add(self._by_class, error, handler)
        else:
            raise TypeError(
                "an error handler is for a status such as 404 or a subclass of Exception, "
                f"got {error!r}"
            )

    def find(self, exc: Exception) -> tuple[ErrorHandler | None, bool]:
        """Return the handler for *exc*, if there is one, and whether its class chose it."""
        if isinstance(exc, ClientConnectionResetError):
            return None, False
        status = 500
        last: type[Exception] = Exception
        answers = isinstance(exc, HTTPException)
        if isinstance(exc, HTTPException):
            status, last = exc.status, HTTPException
        elif isinstance(exc, RequestPayloadError):
            status, last = exc.status, RequestPayloadError
        for cls in type(exc).__mro__:
            if cls in self._by_class:
                return self._by_class[cls], True
            # The class that has the status stands for it; the classes above have many.
            if answers and "status_code" in vars(cls) and status in self._by_status:
                break
            if cls is last:
                break
        return self._by_status.get(status), False

    def around(self, handler: _Handler) -> _Handler:
        """Return *handler* with these error handlers around it."""

        async def run(request: Request) -> StreamResponse:
            try:
                return await handler(request)
            except Exception as exc:
                answer, expected = self.find(exc)
                # What has begun to be sent can't be taken back: the server cuts it off.
                if answer is None or request.writer.output_size:
                    raise
                if not expected:
                    _log(request, exc)
                response = await _answered(answer, request, exc)
                if response is exc:  # type: ignore[comparison-overlap]  # an HTTPException is both
                    raise
                if isinstance(exc, HTTPException):
                    without_traceback(exc)
                return response

        return run


def _add(known: dict[_K, ErrorHandler], error: _K, handler: ErrorHandler) -> None:
    if error in known:
        raise ValueError(f"{error!r} has an error handler already, {known[error]!r}")
    known[error] = handler


def _log(request: Request, exc: Exception) -> None:
    if isinstance(exc, RequestPayloadError):
        request.protocol.logger.info("%r failed: %s", request, exc)
    elif not isinstance(exc, HTTPException):
        request.protocol.logger.error("Error handling %r", request, exc_info=exc)


async def _answered(handler: ErrorHandler, request: Request, exc: Exception) -> StreamResponse:
    if request.writer.begun:
        request.renew_writer()
    response: object = await handler(request, exc)
    if not isinstance(response, StreamResponse):
        raise TypeError(
            f"the error handler {handler!r} returned {response!r} for {exc!r} in {request!r}: it "
            "should return a response, such as web.Response(text=..., status=...), or raise"
        )
    if isinstance(exc, HTTPException) and response.status == exc.status and not response.prepared:
        _carry_over(exc, response)
    return response


def _carry_over(exc: HTTPException, response: StreamResponse) -> None:
    """Keep what belongs to the error, such as Allow (RFC 9110 section 15.5.6)."""
    kept = {name.lower() for name in response.headers} | _OF_THE_BODY
    for name, value in exc.headers.items():
        if name.lower() not in kept:
            response.headers.add(name, value)
    for name, cookie in exc.cookies.items():
        if name not in response.cookies:
            response.cookies[name] = cookie
