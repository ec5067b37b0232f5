"""A router of one's own: a dict of dicts, for fixed paths only.

    python examples/routers/dict_router.py

It shares nothing with UrlDispatcher but the abstract classes, which is all that a server needs.
test_example_dict_router.py runs the checks of ``tidegate_web_routing.testing`` against it.
"""

from __future__ import annotations

from typing import Any

from tidegate_web_routing import (
    AbstractMatchInfo,
    AbstractRouter,
    ExpectHandler,
    Handler,
    MethodNotAllowed,
    RoutableRequest,
    RouteNotFound,
    default_expect_handler,
)


class Found(AbstractMatchInfo):
    """A handler, and the applications around it."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._apps: tuple[Any, ...] = ()
        self._frozen = False

    @property
    def handler(self) -> Handler:
        """What answers the request."""
        return self._handler

    @property
    def expect_handler(self) -> ExpectHandler:
        """What answers an Expect field: the server knows best."""
        return default_expect_handler

    @property
    def http_exception(self) -> Exception | None:
        """No reason to fail."""
        return None

    @property
    def apps(self) -> tuple[Any, ...]:
        """The applications, outermost first."""
        return self._apps

    def add_app(self, app: Any) -> None:
        """Put an application around the others."""
        if self._frozen:
            raise RuntimeError("add_app() has to come before freeze()")
        self._apps = (app, *self._apps)

    def freeze(self) -> None:
        """Fix the applications."""
        self._frozen = True

    def get_info(self) -> dict[str, Any]:
        """Say what was found."""
        return {"handler": self._handler}


class Missed(Found):
    """A handler that raises the reason why there is none."""

    def __init__(self, reason: Exception) -> None:
        async def handler(request: Any) -> Any:
            raise reason

        super().__init__(handler)
        self._reason = reason

    @property
    def http_exception(self) -> Exception:
        """Why nothing was found."""
        return self._reason


class DictRouter(AbstractRouter):
    """Finds handlers by looking a path and then a method up."""

    def __init__(self) -> None:
        super().__init__()
        self._table: dict[str, dict[str, Handler]] = {}

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Serve *method* and *path* with *handler*."""
        if self.frozen:
            raise RuntimeError("the application has started, its routes are fixed")
        self._table.setdefault(path, {})[method] = handler

    async def resolve(self, request: RoutableRequest) -> AbstractMatchInfo:
        """Find the handler of *request*."""
        handlers = self._table.get(request.rel_url.raw_path)
        if handlers is None:
            return Missed(RouteNotFound())
        handler = handlers.get(request.method)
        if handler is None:
            return Missed(MethodNotAllowed(request.method, handlers))
        return Found(handler)


def main() -> None:
    """Serve two pages on http://localhost:8080."""
    from tidegate import web

    async def index(request: web.Request) -> web.Response:
        return web.Response(text="Hello\n")

    async def echo(request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    router = DictRouter()
    router.add("GET", "/", index)
    router.add("POST", "/echo", echo)
    web.run_app(web.Application(router=router))


if __name__ == "__main__":
    main()
