"""An application: a router, middlewares, signals, and what handlers share.

A request goes: router, then the middlewares from the first to the last, then the handler; all of
them in one task. A request that no route serves goes the same way, with a handler that raises the
404 or 405, so that middlewares see it.

An application is filled first and then frozen, when it starts; from then on its routes,
middlewares and signals are fixed, and the middlewares of each handler are composed once.
"""

import functools
import logging
import warnings
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, TypeVar, cast, overload

from aiosignal import Signal
from frozenlist import FrozenList
from tidegate_web_routing import (
    AbstractRoute,
    AbstractRouteDef,
    AbstractRouter,
    UrlDispatcher,
    default_expect_handler,
)

from .errors import NotAppKeyWarning
from .keys import AppKey
from .middlewares import Middleware, check_middleware
from .request import Request
from .routing_errors import answerable
from .stream_response import StreamResponse

web_logger = logging.getLogger("tidegate.web")

_T = TypeVar("_T")
_Handler = Callable[[Request], Awaitable[StreamResponse]]

# More handlers than this are those of a router that makes a new one for each request.
_COMPOSED_LIMIT = 10_000


class Application(MutableMapping["str | AppKey[Any]", Any]):
    """What a server runs; a mutable mapping for what its handlers share."""

    def __init__(
        self,
        *,
        logger: logging.Logger = web_logger,
        router: AbstractRouter | None = None,
        middlewares: Iterable[Middleware] = (),
        handler_args: Mapping[str, Any] | None = None,
        client_max_size: int = 1024**2,
        debug: bool = False,
    ) -> None:
        """Make an empty application.

        :param logger: where the application's own code may log.
        :param router: finds handlers; a new :class:`UrlDispatcher` when None.
        :param middlewares: run around each handler, the first one outermost.
        :param handler_args: keyword arguments for the :class:`Server` of this application.
        :param client_max_size: largest body in bytes that ``request.read()`` accepts; 0 for no
            limit.
        :param debug: show tracebacks in answers to requests that failed.
        :raises TypeError: when *router* is no :class:`AbstractRouter`.
        """
        if router is None:
            router = UrlDispatcher()
        elif not isinstance(router, AbstractRouter):
            raise TypeError(f"router should be an AbstractRouter, got {router!r}")
        self.logger = logger
        self.handler_args = {} if handler_args is None else dict(handler_args)
        self.client_max_size = client_max_size
        self.debug = debug
        self._router = router
        self._middlewares: FrozenList[Middleware] = FrozenList(middlewares)
        self._storage: dict[str | AppKey[Any], Any] = {}
        self._on_response_prepare: Signal[Request, StreamResponse] = Signal(self)
        self._on_startup: Signal[Application] = Signal(self)
        self._on_shutdown: Signal[Application] = Signal(self)
        self._on_cleanup: Signal[Application] = Signal(self)
        self._composed: dict[int, tuple[_Handler, _Handler]] = {}
        self._frozen = False
        router.post_init(self)

    def __repr__(self) -> str:
        """Show the identity, since an application has no name."""
        return f"<Application 0x{id(self):x}>"

    # --- storage ---

    @overload
    def __getitem__(self, key: AppKey[_T]) -> _T: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: str | AppKey[Any]) -> Any:
        """Return what was stored under *key*."""
        return self._storage[key]

    @overload
    def __setitem__(self, key: AppKey[_T], value: _T) -> None: ...
    @overload
    def __setitem__(self, key: str, value: Any) -> None: ...
    def __setitem__(self, key: str | AppKey[Any], value: Any) -> None:
        """Store *value* under *key*; deprecated once the application has started."""
        self._warn_when_frozen()
        if not isinstance(key, AppKey):
            warnings.warn(
                "It is recommended to use web.AppKey instances for keys: they are typed and "
                "never collide",
                NotAppKeyWarning,
                stacklevel=2,
            )
        self._storage[key] = value

    def __delitem__(self, key: str | AppKey[Any]) -> None:
        """Remove what was stored under *key*; deprecated once the application has started."""
        self._warn_when_frozen()
        del self._storage[key]

    def __len__(self) -> int:
        """Return how many items are stored."""
        return len(self._storage)

    def __iter__(self) -> Iterator[str | AppKey[Any]]:
        """Iterate over the keys of what is stored."""
        return iter(self._storage)

    def __bool__(self) -> bool:
        """Return True: an application is true even with nothing stored."""
        return True

    def __eq__(self, other: object) -> bool:
        """Compare by identity."""
        return self is other

    __hash__ = object.__hash__

    def _warn_when_frozen(self) -> None:
        if self._frozen:
            warnings.warn(
                "Changing state of started or joined application is deprecated",
                DeprecationWarning,
                stacklevel=3,
            )

    # --- filling ---

    @property
    def router(self) -> UrlDispatcher:
        """The router; typed as the default one, whatever was passed as ``router=``."""
        return cast("UrlDispatcher", self._router)

    def add_routes(self, routes: Iterable[AbstractRouteDef]) -> list[AbstractRoute]:
        """Register the definitions of *routes*, a list or a :class:`RouteTableDef`.

        :raises RuntimeError: once the application has started.
        """
        return self.router.add_routes(routes)

    @property
    def middlewares(self) -> FrozenList[Middleware]:
        """The middlewares, the first one outermost; a list until the application starts."""
        return self._middlewares

    @property
    def on_response_prepare(self) -> Signal[Request, StreamResponse]:
        """Fired with the request and the response just before a head is sent."""
        return self._on_response_prepare

    @property
    def on_startup(self) -> Signal["Application"]:
        """Fired when the application starts, before it takes requests."""
        return self._on_startup

    @property
    def on_shutdown(self) -> Signal["Application"]:
        """Fired when the server stops, before requests in service are waited for."""
        return self._on_shutdown

    @property
    def on_cleanup(self) -> Signal["Application"]:
        """Fired last, when all connections are closed."""
        return self._on_cleanup

    # --- life ---

    @property
    def frozen(self) -> bool:
        """Whether the application has started, so that its parts are fixed."""
        return self._frozen

    def freeze(self) -> None:
        """Fix routes, middlewares and signals; a second call does nothing.

        :raises TypeError: when a middleware can't be called as one.
        """
        if self._frozen:
            return
        for middleware in self._middlewares:
            check_middleware(middleware)
        self._frozen = True
        self._router.freeze()
        self._middlewares.freeze()
        for signal in (
            self._on_response_prepare,
            self._on_startup,
            self._on_shutdown,
            self._on_cleanup,
        ):
            signal.freeze()

    async def startup(self) -> None:
        """Fire ``on_startup``."""
        await self._on_startup.send(self)

    async def shutdown(self) -> None:
        """Fire ``on_shutdown``."""
        await self._on_shutdown.send(self)

    async def cleanup(self) -> None:
        """Fire ``on_cleanup``."""
        if self._on_cleanup.frozen:
            await self._on_cleanup.send(self)

    # --- a request ---

    async def _handle(self, request: Request) -> StreamResponse:
        """Answer *request*: route it and run the handler within the middlewares."""
        match_info = await self._router.resolve(request)
        failed = match_info.http_exception is not None
        if failed:
            match_info = answerable(match_info)
        match_info.add_app(self)
        match_info.freeze()
        request.routed(match_info)
        if self._on_response_prepare:
            request.response_prepare = self._on_response_prepare.send
        if request.expects:
            response = await self._expected(request, match_info.expect_handler)
            if response is not None:
                return response
        handler: _Handler = match_info.handler
        if self._middlewares:
            handler = self._compose(handler) if failed else self._composed_once(handler)
        return await handler(request)

    async def _expected(self, request: Request, expect_handler: Any) -> StreamResponse | None:
        """Meet the Expect field of *request* (RFC 9110 section 10.1.1).

        A route's own handler decides itself. Otherwise 100 is sent by the body's reader when the
        handler starts to read, and anything else is a 417.
        """
        if expect_handler is default_expect_handler:
            request.check_expectation()
            return None
        return cast("StreamResponse | None", await expect_handler(request))

    def _composed_once(self, handler: _Handler) -> _Handler:
        # By identity: handlers may be equal, or not hashable at all.
        known = self._composed.get(id(handler))
        if known is not None and known[0] is handler:
            return known[1]
        if len(self._composed) >= _COMPOSED_LIMIT:
            self._composed.clear()
        composed = self._compose(handler)
        self._composed[id(handler)] = (handler, composed)
        return composed

    def _compose(self, handler: _Handler) -> _Handler:
        for middleware in reversed(self._middlewares):
            run: Callable[..., Awaitable[StreamResponse]] = middleware
            handler = functools.partial(run, handler=handler)
        return handler
