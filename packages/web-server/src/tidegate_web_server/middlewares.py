"""Middlewares: coroutine functions around the handler.

::

    @web.middleware
    async def timing(request, handler):
        started = time.monotonic()
        response = await handler(request)
        response.headers["X-Took"] = str(time.monotonic() - started)
        return response

The handler is passed by name, so the second parameter is called ``handler``. The decorator marks
the function. Without it, one that can be called like that is a middleware all the same, unless its
first parameter says that it is a factory of the old style, ``async def factory(app, handler)``,
which returns the function to call with the request. Factories work, with a DeprecationWarning.
"""

import inspect
import warnings
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from .request import Request
from .stream_response import StreamResponse

#: What a middleware is given to call: the next middleware, or the handler in the end.
Handler = Callable[[Request], Awaitable[StreamResponse]]
#: A middleware of the new style.
Middleware = Callable[[Request, Handler], Awaitable[StreamResponse]]

_F = TypeVar("_F", bound=Callable[..., Any])

# The mark of the decorator; aiohttp's sets the same one.
_MARK = "__middleware_version__"

# What the first parameter of an old-style factory is called.
_FACTORY_PARAMETERS = ("app", "application", "_app")


def middleware(f: _F) -> _F:
    """Mark a coroutine function as a middleware.

    :raises TypeError: when it can't be called as ``f(request, handler=handler)``.
    """
    check_middleware(f)
    # A bound method takes no attributes, and needs none: its parameters tell.
    with suppress(AttributeError):
        f.__middleware_version__ = 1  # type: ignore[attr-defined]  # a mark
    return f


def check_middleware(candidate: Any) -> None:
    """Refuse what can't be a middleware while its author can still see where it came from.

    :raises TypeError: when *candidate* can't be called as ``candidate(request, handler=handler)``.
    """
    if not callable(candidate):
        raise TypeError(f"a middleware is a coroutine function, got {candidate!r}")
    try:
        inspect.signature(candidate).bind(None, handler=None)
    except TypeError as exc:
        raise TypeError(
            f"a middleware is called as middleware(request, handler=handler), which {candidate!r} "
            f"can't be: {exc}"
        ) from None


def prepare_middleware(candidate: Any, app: Any, *, stacklevel: int) -> Middleware:
    """Return what to call as ``run(request, handler=handler)`` for *candidate*.

    :param app: what an old-style factory is called with.
    :param stacklevel: whom the warning about an old-style factory points at.
    :raises TypeError: when *candidate* is neither a middleware nor a factory of one.
    """
    if not _is_factory(candidate):
        check_middleware(candidate)
        run: Middleware = candidate
        return run
    warnings.warn(
        f"old-style middleware {candidate!r} is deprecated: write "
        "@web.middleware async def name(request, handler)",
        DeprecationWarning,
        stacklevel=stacklevel + 1,
    )

    async def run_factory(request: Any, handler: Any) -> StreamResponse:
        made = await candidate(app, handler)
        response: StreamResponse = await made(request)
        return response

    return run_factory


def _is_factory(candidate: Any) -> bool:
    if getattr(candidate, _MARK, None) == 1 or not callable(candidate):
        return False
    parameters = list(inspect.signature(candidate).parameters)
    return len(parameters) == 2 and parameters[0] in _FACTORY_PARAMETERS
