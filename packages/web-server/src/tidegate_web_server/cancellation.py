"""Whether a handler goes on when its client has gone: per server, per handler, per request.

A server cancels no handler because of its client unless ``handler_cancellation=True``. A handler
may differ::

    @routes.get("/report")
    @web.cancel_on_disconnect
    async def report(request): ...      # expensive, and in vain when nobody waits for it

    @routes.post("/payment")
    @web.atomic
    async def pay(request): ...         # not to be left half done

Both come into force when the handler is called; what a middleware does before goes by the
server's. A middleware may call ``request.cancel_on_disconnect()`` itself.

A cancelled handler gets ``asyncio.CancelledError`` where it waits; its ``finally`` blocks and
context managers run. Shutting down a server cancels handlers of either kind, when their time is
over.
"""

import functools
import inspect
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from .called_request import request_among

_Handler = TypeVar("_Handler", bound=Callable[..., Awaitable[Any]])


def cancel_on_disconnect(handler: _Handler) -> _Handler:
    """Decorate a handler, or a method of a view, that is cancelled when its client goes away.

    A client that closes its sending side alone looks the same.

    :raises TypeError: when it decorates something that is no async function.
    """
    return _decorated(handler, "cancel_on_disconnect", True)


def atomic(handler: _Handler) -> _Handler:
    """Decorate a handler, or a method of a view, that is never cancelled because of its client.

    :raises TypeError: when it decorates something that is no async function.
    """
    return _decorated(handler, "atomic", False)


def _decorated(handler: _Handler, name: str, cancel: bool) -> _Handler:
    if not inspect.iscoroutinefunction(handler):
        raise TypeError(
            f"{name} decorates async handlers, and the methods of a view rather than the view "
            f"itself, got {handler!r}"
        )

    @functools.wraps(handler)
    async def decided(*args: Any, **kwargs: Any) -> Any:
        request_among(args).cancel_on_disconnect(cancel)
        return await handler(*args, **kwargs)

    return decided  # type: ignore[return-value]  # it is called like the handler
