"""What stands around a handler: the middlewares and error handlers of its applications.

For a request to a nested application, from the outside in::

    error handlers of the outer application
      middlewares of the outer one, the first one outermost
        error handlers of the inner application
          middlewares of the inner one
            the handler

All of it is composed once a handler, when its first request comes, and kept. ``request.app`` is
the application whose part runs: where an outer application has parts of its own, the borders
between the applications set it. To receivers of ``on_response_prepare``, which fire when the
answer is sent, it is the innermost, whose answer it is.
"""

import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from aiosignal import Signal
from tidegate_web_routing import UrlMappingMatchInfo

from .error_handlers import ErrorHandlers
from .middlewares import Middleware
from .request import Request
from .stream_response import StreamResponse

Handler = Callable[[Request], Awaitable[StreamResponse]]

# More handlers than this are those of a router that makes a new one for each request.
COMPOSED_LIMIT = 10_000


class Layer(NamedTuple):
    """What one application puts around its handlers."""

    app: Any
    middlewares: Sequence[Middleware]
    error_handlers: ErrorHandlers
    on_response_prepare: "Signal[Request, StreamResponse]"

    @property
    def wraps(self) -> bool:
        """Whether anything stands around the handlers."""
        return bool(self.middlewares or self.error_handlers)


class HandlerChain:
    """What one stack of applications puts around its handlers."""

    __slots__ = ("_composed", "_layers", "bare", "prepare", "wraps")

    def __init__(self, layers: Sequence[Layer]) -> None:
        """Chain *layers*, that of the outermost application first."""
        self._layers = layers
        self._composed: dict[int, tuple[Handler, Handler]] = {}
        #: Whether anything stands around the handlers; if not they can be called as they are.
        self.wraps = any(layer.wraps for layer in layers)
        #: What to await with request and response before a head is sent, None for nothing.
        self.prepare = _in_turn(layers)
        #: Whether there is neither of the two.
        self.bare = not self.wraps and self.prepare is None

    def composed(self, handler: Handler) -> Handler:
        """Return *handler* with all around it, the same one for the same handler."""
        # By identity: handlers may be equal, or not hashable at all.
        known = self._composed.get(id(handler))
        if known is not None and known[0] is handler:
            return known[1]
        if len(self._composed) >= COMPOSED_LIMIT:
            self._composed.clear()
        composed = self.compose(handler)
        self._composed[id(handler)] = (handler, composed)
        return composed

    def compose(self, handler: Handler) -> Handler:
        """Return *handler* with all around it."""
        inner = self._layers[-1]
        handler = _within(inner, handler)
        for layer in reversed(self._layers[:-1]):
            if layer.wraps:
                handler = _within(layer, _entering(inner.app, handler, layer.app))
                inner = layer
        if inner is not self._layers[-1]:
            handler = _beginning(inner.app, handler)
        return handler

    def __len__(self) -> int:
        """Return how many handlers are kept."""
        return len(self._composed)


def _within(layer: Layer, handler: Handler) -> Handler:
    for middleware in reversed(layer.middlewares):
        run: Callable[..., Awaitable[StreamResponse]] = middleware
        handler = functools.partial(run, handler=handler)
    if layer.error_handlers:
        handler = layer.error_handlers.around(handler)
    return handler


def _entering(app: Any, handler: Handler, outer: Any) -> Handler:
    """Let *app* be the current one while *handler* runs, and *outer* again afterwards."""

    async def enter(request: Request) -> StreamResponse:
        _set_current(request, app)
        try:
            return await handler(request)
        finally:
            _set_current(request, outer)

    return enter


def _beginning(app: Any, handler: Handler) -> Handler:
    """Let *app*, the outermost one that has parts of its own, be the current one first."""

    async def begin(request: Request) -> StreamResponse:
        _set_current(request, app)
        return await handler(request)

    return begin


def _set_current(request: Request, app: Any) -> None:
    match_info: object = request.match_info
    # Another router's match info need not know of a current application.
    if isinstance(match_info, UrlMappingMatchInfo):
        match_info.current_app = app


_Prepare = Callable[[Request, StreamResponse], Awaitable[None]]


def _in_turn(layers: Sequence[Layer]) -> _Prepare | None:
    sends = [layer.on_response_prepare.send for layer in layers if layer.on_response_prepare]
    if not sends:
        return None
    if len(layers) == 1:
        return sends[0]
    innermost = layers[-1].app

    async def send(request: Request, response: StreamResponse) -> None:
        # Middlewares of outer applications may have run since, or be running.
        before = request.app
        _set_current(request, innermost)
        try:
            for send_one in sends:
                await send_one(request, response)
        finally:
            _set_current(request, before)

    return send
