"""An application: a router, middlewares, signals, and what handlers share.

A request goes: router, then the middlewares from the first to the last, then the handler; all of
them in one task. A request that no route serves goes the same way, with a handler that raises the
404 or 405, so that middlewares see it. What stands around a handler is :mod:`.handler_chain`.

An application is filled first and then frozen, when it has started or becomes part of another one;
from then on its routes, middlewares and signals are fixed. Its storage is fixed when it has
started.

Applications nest. A nested one has a router, middlewares, signals, error handlers and storage of
its own, and starts and ends with the one it is in: its parts are receivers of the outer one's
signals. Contexts (:mod:`.cleanup_context`) of all are left before any ``on_cleanup`` fires, in the
reverse of the order in which they were entered, so that a nested application can rely on what the
outer one has set up until its own are left.
"""

import asyncio
import logging
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar, cast

from aiosignal import Signal
from frozenlist import FrozenList
from tidegate_web_routing import (
    AbstractRoute,
    AbstractRouteDef,
    AbstractRouter,
    Domain,
    MaskDomain,
    MatchedSubAppResource,
    PrefixedSubAppResource,
    UrlDispatcher,
    default_expect_handler,
)

from .abc import AbstractAccessLogger
from .access_log import AccessLogger
from .app_server import AppServer
from .app_storage import AppStorage
from .cleanup_context import CleanupContext, raise_together
from .error_handlers import ErrorHandler, ErrorHandlers
from .handler_chain import Handler, HandlerChain, Layer
from .middlewares import Middleware, prepare_middleware
from .request import Request
from .routing_errors import answerable
from .server import Server
from .stream_response import StreamResponse

web_logger = logging.getLogger("tidegate.web")

_E = TypeVar("_E", bound=ErrorHandler)
_Resource = TypeVar("_Resource", bound=PrefixedSubAppResource)


class Application(AppStorage):
    """What a server runs; a mutable mapping for what its handlers share."""

    #: Whether answers to requests that failed show tracebacks.
    debug: bool = False
    # From then on it has all attributes that an application has.
    _complete = False

    def __init__(
        self,
        *,
        logger: logging.Logger = web_logger,
        router: AbstractRouter | None = None,
        middlewares: Iterable[Middleware] = (),
        handler_args: Mapping[str, Any] | None = None,
        client_max_size: int = 1024**2,
        client_max_fields: int = 1000,
        loop: asyncio.AbstractEventLoop | None = None,
        debug: bool = False,
    ) -> None:
        """Make an empty application.

        :param logger: where the application's own code may log.
        :param router: finds handlers; a new :class:`UrlDispatcher` when None.
        :param middlewares: run around each handler, the first one outermost.
        :param handler_args: keyword arguments for the :class:`Server` of this application.
        :param client_max_size: largest body in bytes that ``request.read()`` accepts; 0 for no
            limit.
        :param client_max_fields: most fields of a form that ``request.post()`` accepts; 0 for no
            limit.
        :param loop: deprecated; the loop is the one that runs.
        :param debug: show tracebacks in answers to requests that failed.
        :raises TypeError: when *router* is no :class:`AbstractRouter`.
        """
        if router is None:
            router = UrlDispatcher()
        elif not isinstance(router, AbstractRouter):
            raise TypeError(f"router should be an AbstractRouter, got {router!r}")
        if loop is not None:
            warnings.warn(
                "loop argument is deprecated: the loop is the one that runs",
                DeprecationWarning,
                stacklevel=2,
            )
        super().__init__()
        self.logger = logger
        self.handler_args = {} if handler_args is None else dict(handler_args)
        self.client_max_size = client_max_size
        self.client_max_fields = client_max_fields
        self.debug = debug
        self._loop = loop
        self._router = router
        self._middlewares: FrozenList[Middleware] = FrozenList(middlewares)
        self._error_handlers = ErrorHandlers()
        self._subapps: list[Application] = []
        self._cleanup_ctx = CleanupContext()
        self._on_response_prepare: Signal[Request, StreamResponse] = Signal(self)
        self._on_startup: Signal[Application] = Signal(self)
        self._on_shutdown: Signal[Application] = Signal(self)
        self._on_cleanup: Signal[Application] = Signal(self)
        self._layer: Layer | None = None
        self._chain: HandlerChain | None = None
        self._nested_chains: dict[tuple[Any, ...], HandlerChain] = {}
        self._nested = False
        self._begun = False
        self._pre_frozen = False
        self._frozen = False
        self._complete = True
        router.post_init(self)

    def __init_subclass__(cls) -> None:
        """Warn of subclasses: what they override may change."""
        super().__init_subclass__()
        warnings.warn(
            f"Inheritance class {cls.__name__} from web.Application is discouraged: put what "
            "belongs together under a key, app[web.AppKey(...)], or in a sub-application",
            DeprecationWarning,
            stacklevel=3,  # past the metaclass
        )

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; one that no application has is deprecated."""
        if self._complete and not hasattr(self, name):
            warnings.warn(
                f"Setting custom web.Application.{name} attribute is discouraged: use "
                "app[web.AppKey(...)]",
                DeprecationWarning,
                stacklevel=2,
            )
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        """Show the identity, since an application has no name."""
        return f"<Application 0x{id(self):x}>"

    def __call__(self) -> "Application":
        """Return the application itself, for servers that take a factory of one."""
        return self

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

    def add_subapp(
        self, prefix: str, subapp: "Application", *, name: str | None = None
    ) -> PrefixedSubAppResource:
        """Let *subapp* serve everything under *prefix*.

        :param prefix: ``"/admin"``; a slash at its end does not matter.
        :param name: a name for the resource; ``app.router["name:other"]`` then is
            ``subapp.router["other"]``.
        :raises TypeError: when *prefix* is no str, or *subapp* no application.
        :raises AssertionError: when *prefix* does not start with a slash.
        :raises ValueError: when *prefix* is empty, or has variable parts.
        :raises RuntimeError: when one of the applications has started, this one is nested itself
            already, or *subapp* is.
        """
        if not isinstance(prefix, str):
            raise TypeError(f"a prefix is a str such as '/admin', got {prefix!r}")
        if not prefix.rstrip("/"):
            raise ValueError(
                "a prefix is more than '/': for an application at the root of every host use "
                "add_domain('*', subapp)"
            )
        # What aiohttp's assert raises, with and without python -O.
        if not prefix.startswith("/"):
            raise AssertionError(f"a prefix starts with '/', got {prefix!r}")
        return self._nest(
            subapp, lambda: PrefixedSubAppResource(prefix.rstrip("/"), subapp, name=name)
        )

    def add_domain(
        self, domain: str, subapp: "Application", *, name: str | None = None
    ) -> MatchedSubAppResource:
        """Let *subapp* serve the requests to *domain*.

        :param domain: what the Host field names: ``"example.com"``, ``"example.com:8080"``, or
            with ``*`` for any row of characters, ``"*.example.com"``.
        :param name: as for :meth:`add_subapp`.
        :raises TypeError: when *domain* is no str, or *subapp* no application.
        :raises ValueError: when *domain* is none.
        :raises RuntimeError: as for :meth:`add_subapp`.
        """
        # Domain refuses what is no str.
        rule = (MaskDomain if "*" in str(domain) else Domain)(domain)
        return self._nest(subapp, lambda: MatchedSubAppResource(rule, subapp, name=name))

    def _nest(self, subapp: "Application", make_resource: Callable[[], _Resource]) -> _Resource:
        if not isinstance(subapp, Application):
            raise TypeError(f"a sub-application is a web.Application, got {subapp!r}")
        if subapp is self:
            raise RuntimeError(f"{self!r} can't be a sub-application of itself")
        if self._pre_frozen:
            raise RuntimeError(
                f"Cannot add a sub-application to {self!r}, which has started or is nested in "
                "another application already: add the innermost ones first"
            )
        if subapp._frozen or subapp._nested:
            raise RuntimeError(
                f"Cannot add {subapp!r} as a sub-application: it has started, or is one already"
            )
        register = getattr(self._router, "register_resource", None)
        if register is None:
            raise TypeError(
                f"{self._router!r} can't hold a sub-application: its class has no "
                "register_resource()"
            )
        resource = make_resource()
        register(resource)
        self._subapps.append(subapp)
        subapp._nested = True
        subapp.pre_freeze()

        async def startup(app: Application) -> None:
            await subapp.startup()

        async def shutdown(app: Application) -> None:
            await subapp.shutdown()

        async def cleanup(app: Application) -> None:
            await subapp.cleanup()

        self._on_startup.append(startup)
        self._on_shutdown.append(shutdown)
        self._on_cleanup.append(cleanup)
        return resource

    def add_error_handler(self, error: int | type[Exception], handler: ErrorHandler) -> None:
        """Let *handler* answer errors of one kind; see :mod:`.error_handlers`.

        :param error: a status, 400 to 599, or a class of exceptions.
        :param handler: ``async def handler(request, exc)``; returns the response, or raises.
        :raises TypeError: when *error* is neither, or *handler* can't be called.
        :raises ValueError: when the status is none of an error, or *error* has a handler.
        :raises RuntimeError: once the application has started.
        """
        if self._pre_frozen:
            raise RuntimeError(
                f"{handler!r} can't be added: {self!r} has started, or is nested in another "
                "application"
            )
        self._error_handlers.add(error, handler)

    def error_handler(self, *errors: int | type[Exception]) -> Callable[[_E], _E]:
        """Decorate the handler of each of *errors*; see :meth:`add_error_handler`."""
        if not errors:
            raise TypeError("expected what to handle, as in @app.error_handler(404)")

        def add(handler: _E) -> _E:
            for error in errors:
                self.add_error_handler(error, handler)
            return handler

        return add

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

    @property
    def cleanup_ctx(self) -> CleanupContext:
        """The functions that set up what is torn down at the end; see :mod:`.cleanup_context`."""
        return self._cleanup_ctx

    # --- life ---

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop that the application started on; deprecated."""
        warnings.warn(
            "loop property is deprecated: use asyncio.get_running_loop()",
            DeprecationWarning,
            stacklevel=2,
        )
        return self._loop

    @property
    def pre_frozen(self) -> bool:
        """Whether routes, middlewares and signals are fixed."""
        return self._pre_frozen

    @property
    def frozen(self) -> bool:
        """Whether the application has started, so that its storage is fixed too."""
        return self._frozen

    def pre_freeze(self) -> None:
        """Fix routes, middlewares and signals, of sub-applications too.

        A second call does nothing.

        :raises TypeError: when a middleware can't be called as one.
        """
        if self._pre_frozen:
            return
        middlewares = [
            prepare_middleware(candidate, self, stacklevel=2) for candidate in self._middlewares
        ]
        self._pre_frozen = True
        self._router.freeze()
        for part in (
            self._middlewares,
            self._cleanup_ctx,
            self._on_response_prepare,
            self._on_startup,
            self._on_shutdown,
            self._on_cleanup,
        ):
            part.freeze()
        self._layer = Layer(self, middlewares, self._error_handlers, self._on_response_prepare)
        self._chain = HandlerChain([self._layer])
        for subapp in self._subapps:
            subapp.pre_freeze()

    def freeze(self) -> None:
        """Fix everything, the storage too; a second call does nothing.

        :raises TypeError: when a middleware can't be called as one.
        """
        if self._frozen:
            return
        self.pre_freeze()
        self._frozen = True
        for subapp in self._subapps:
            subapp.freeze()

    async def startup(self) -> None:
        """Enter the contexts of ``cleanup_ctx``, then fire ``on_startup``.

        Both may still fill the application: routes, middlewares, other signals, storage.

        :raises CleanupError: when something fails and then, leaving what had started, something
            else does too. What fails alone is raised as it is, when all contexts are left.
        """
        self._loop = asyncio.get_running_loop()
        self._begun = True
        self._on_startup.freeze()
        try:
            await self._cleanup_ctx.enter(self)
            self._cleanup_ctx.freeze()
            await self._on_startup.send(self)
        except BaseException as exc:
            failures = await self._leave_contexts()
            if failures:
                raise_together("Multiple errors on startup stage", [exc, *failures])
            raise

    async def shutdown(self) -> None:
        """Fire ``on_shutdown``."""
        await self._on_shutdown.send(self)

    async def cleanup(self) -> None:
        """Leave the contexts of ``cleanup_ctx``, then fire ``on_cleanup``.

        The signal fires for what has begun to start, though it may have failed, and not for a
        nested application whose turn did not come. What fails does not keep the rest from being
        cleaned up, but a cancellation does keep the receivers of ``on_cleanup`` from being called.

        :raises CleanupError: when several things failed; one is raised as it is.
        """
        failures = await self._leave_contexts()
        if self._begun or self._frozen:
            for receiver in self._on_cleanup:
                if not all(isinstance(failure, Exception) for failure in failures):
                    break
                try:
                    await receiver(self)
                except BaseException as exc:
                    failures.append(exc)
        raise_together("Multiple errors on cleanup stage", failures)

    async def _leave_contexts(self) -> list[BaseException]:
        """Leave all contexts, in the reverse of the order in which they were entered."""
        failures: list[BaseException] = []
        for subapp in reversed(self._subapps):
            failures += await subapp._leave_contexts()
        failures += await self._cleanup_ctx.leave()
        return failures

    def make_handler(
        self,
        *,
        loop: asyncio.AbstractEventLoop | None = None,
        access_log_class: type[AbstractAccessLogger] = AccessLogger,
        **kwargs: Any,
    ) -> Server:
        """Make a protocol factory for ``loop.create_server()``; deprecated.

        :param loop: the event loop; the current one when None.
        :param access_log_class: writes the access log.
        :param kwargs: those of :class:`Server`.
        """
        warnings.warn(
            "Application.make_handler() is deprecated, use web.AppRunner",
            DeprecationWarning,
            stacklevel=2,
        )
        self._loop = loop or self._loop or asyncio.get_event_loop()
        self.freeze()
        return AppServer(self, loop=self._loop, access_log_class=access_log_class, **kwargs)

    # --- a request ---

    async def _handle(self, request: Request) -> StreamResponse:
        """Answer *request*: route it and run the handler within what stands around it."""
        match_info = await self._router.resolve(request)
        failed = match_info.http_exception is not None
        if failed:
            match_info = answerable(match_info)
        nested = match_info.apps
        match_info.add_app(self)
        match_info.freeze()
        request.routed(match_info)
        chain = self._chain
        if nested or chain is None:
            chain = self._chain_of(match_info.apps)
        handler: Handler = match_info.handler
        if not chain.bare:
            request.response_prepare = chain.prepare
            if chain.wraps:
                handler = chain.compose(handler) if failed else chain.composed(handler)
        if request.expects:
            response = await self._expected(request, match_info.expect_handler)
            if response is not None:
                return response
        return await handler(request)

    def _chain_of(self, apps: tuple[Any, ...]) -> HandlerChain:
        """Find what stands around handlers in *apps*, this application first."""
        chain = self._nested_chains.get(apps)
        if chain is None:
            # A request can come by other ways than a server, which starts the application first.
            for app in apps:
                app.pre_freeze()
            chain = HandlerChain([app._layer for app in apps])
            self._nested_chains[apps] = chain
        return chain

    async def _expected(self, request: Request, expect_handler: Any) -> StreamResponse | None:
        """Meet the Expect field of *request* (RFC 9110 section 10.1.1).

        A route's own handler decides itself. Otherwise 100 is sent by the body's reader when the
        handler starts to read, and anything else is a 417.
        """
        if expect_handler is default_expect_handler:
            request.check_expectation()
            return None
        return cast("StreamResponse | None", await expect_handler(request))
