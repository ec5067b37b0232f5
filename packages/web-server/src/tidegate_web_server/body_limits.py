"""Limits of bodies for one handler: ``@web.limit_body(…)``.

The limits of an application hold for all of its requests. An upload needs more than they allow,
and most other handlers could do with less::

    @routes.post("/upload")
    @web.limit_body(50 * 2**20)
    async def upload(request: web.Request) -> web.Response: ...

They come into force when the handler is called. A middleware that reads bodies runs before, under
the limits of the application; it may call ``request.limit_body(…)`` itself.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from .called_request import request_among
from .request_body import check_limits

_Handler = TypeVar("_Handler", bound=Callable[..., Awaitable[Any]])


def limit_body(
    client_max_size: int | None = None, *, client_max_fields: int | None = None
) -> Callable[[_Handler], _Handler]:
    """Decorate a handler, or a method of a view, with limits of its own.

    :param client_max_size: largest body in bytes that ``read()`` and what builds on it accept, 0
        for no limit; None for the application's.
    :param client_max_fields: most fields of a form, 0 for no limit; None for the application's.
    :raises ValueError: for a limit below 0.
    :raises TypeError: when it decorates something that is no async function.
    """
    check_limits(client_max_size, client_max_fields)

    def decorate(handler: _Handler) -> _Handler:
        if not inspect.iscoroutinefunction(handler):
            raise TypeError(
                "limit_body decorates async handlers, and the methods of a view rather than the "
                f"view itself, got {handler!r}"
            )

        @functools.wraps(handler)
        async def limited(*args: Any, **kwargs: Any) -> Any:
            request = request_among(args)
            request.limit_body(client_max_size, client_max_fields=client_max_fields)
            return await handler(*args, **kwargs)

        return limited  # type: ignore[return-value]  # it is called like the handler

    return decorate
