"""Middlewares: coroutine functions around the handler.

::

    @web.middleware
    async def timing(request, handler):
        started = time.monotonic()
        response = await handler(request)
        response.headers["X-Took"] = str(time.monotonic() - started)
        return response

The handler is passed by name, so the second parameter is called ``handler``.
"""

import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from .stream_response import StreamResponse

Middleware = Callable[[Any, Any], Awaitable[StreamResponse]]

_F = TypeVar("_F", bound=Callable[..., Any])


def middleware(f: _F) -> _F:
    """Mark a coroutine function as a middleware.

    :raises TypeError: when it can't be called as ``f(request, handler=handler)``.
    """
    check_middleware(f)
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
