"""The contract of a router as checks that any router can be run against.

    from tidegate_web_routing.testing import RouteSpec, check_router

    def make(routes: Sequence[RouteSpec]) -> MyRouter:
        router = MyRouter()
        for method, path, handler in routes:
            router.register(method, path, handler)
        return router

    check_router(make)

That is a program, and the body of a test. With pytest each check can be a test of its own:

    @pytest.mark.parametrize("check", ROUTER_CHECKS, ids=str)
    def test_my_router(check): check(make)

What is checked is what a server relies on: that ``resolve()`` never raises, that a miss is a match
info which says why, that match infos are independent of each other, that the stack of
applications and freezing work. It is not checked in which order routes are looked up; that is
what routers differ in. The paths are fixed ones and, unless ``variable_paths=False`` is said,
paths with whole segments as parts, ``/users/{name}``. All checks run without a server.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

from yarl import URL

from .abc import AbstractMatchInfo, AbstractRouter, Handler

__all__ = [
    "ROUTER_CHECKS",
    "CheckRequest",
    "RouteSpec",
    "RouterCheck",
    "RouterContractError",
    "RouterFactory",
    "check_router",
]


class RouterContractError(AssertionError):
    """A router does not keep to the contract of :class:`~.abc.AbstractRouter`."""


class RouteSpec(NamedTuple):
    """A route that the router under test is to serve."""

    #: In upper case; never ``"*"``.
    method: str
    #: Requoted, ``"/users"`` or ``"/users/{name}"``.
    path: str
    #: An async function of one argument, the request.
    handler: Handler


#: Makes a new router that serves the routes, not frozen.
RouterFactory: TypeAlias = Callable[[Sequence[RouteSpec]], AbstractRouter]


class CheckRequest:
    """What a router gets to see of a request: a method and a URL.

    :param method: in upper case.
    :param target: the path, quoted, with or without a query.
    """

    def __init__(self, method: str, target: str) -> None:
        self.method = method
        self.rel_url = URL(target, encoded=True)
        self.match_path = self.rel_url.raw_path
        self.host = "localhost"

    def __repr__(self) -> str:
        return f"{self.method} {self.rel_url}"


class RouterCheck:
    """One clause of the contract; call it with a :data:`RouterFactory`."""

    def __init__(
        self, body: Callable[[RouterFactory], Awaitable[None]], variable_paths: bool
    ) -> None:
        self._body = body
        #: Whether the router has to serve paths with variable parts.
        self.variable_paths = variable_paths
        self.name = getattr(body, "__name__", "").removeprefix("_")
        self.__doc__ = body.__doc__

    def __repr__(self) -> str:
        return self.name

    def __call__(self, factory: RouterFactory) -> None:
        """Run the check, in an event loop of its own.

        :raises RouterContractError: the router does not pass.
        """

        async def run() -> None:
            await self._body(factory)

        try:
            asyncio.run(run())
        except RouterContractError:
            raise
        except Exception as exc:
            raise RouterContractError(f"{self.name}: the router raised {exc!r}") from exc


def check_router(factory: RouterFactory, *, variable_paths: bool = True) -> None:
    """Run every check of the contract.

    :param factory: makes a router that serves given routes; it is called many times.
    :param variable_paths: False for a router that serves fixed paths only.
    :raises RouterContractError: the router does not pass; the message names each clause that it
        breaks.
    """
    failures: list[RouterContractError] = []
    for check in ROUTER_CHECKS:
        if check.variable_paths and not variable_paths:
            continue
        try:
            check(factory)
        except RouterContractError as exc:
            failures.append(exc)
    if failures:
        raise RouterContractError("\n".join(map(str, failures))) from failures[0]


async def _get(request: Any) -> str:
    return "get"


async def _post(request: Any) -> str:
    return "post"


_ROUTES = (
    RouteSpec("GET", "/", _get),
    RouteSpec("GET", "/things", _get),
    RouteSpec("POST", "/things", _post),
    RouteSpec("GET", "/caf%C3%A9", _get),
)
_PARTS = (RouteSpec("GET", "/users/{name}", _get), RouteSpec("GET", "/users/{name}/{at}", _post))


def _demand(holds: bool, clause: str) -> None:
    if not holds:
        raise RouterContractError(clause)


async def _resolve(router: AbstractRouter, method: str, target: str) -> AbstractMatchInfo:
    request = CheckRequest(method, target)
    try:
        found = await router.resolve(request)
    except Exception as exc:
        raise RouterContractError(f"resolve() must never raise, {request} raised {exc!r}") from exc
    _demand(
        isinstance(found, AbstractMatchInfo),
        f"resolve() must give an AbstractMatchInfo, {request} gave {found!r}",
    )
    return found


async def _hit(router: AbstractRouter, method: str, target: str, answer: str) -> None:
    found = await _resolve(router, method, target)
    _demand(
        found.http_exception is None,
        f"http_exception must be None where a route serves the request, {method} {target} has "
        f"{found.http_exception!r}",
    )
    given = await found.handler(CheckRequest(method, target))
    _demand(
        given == answer,
        f"the handler must be that of the route, {method} {target} answered {given!r} instead of "
        f"{answer!r}",
    )


async def _miss(router: AbstractRouter, method: str, target: str, status: int) -> Exception:
    found = await _resolve(router, method, target)
    missed = found.http_exception
    if missed is None:
        raise RouterContractError(
            f"http_exception must be set where no route serves the request: {method} {target}"
        )
    _demand(
        getattr(missed, "status", None) == status,
        f"http_exception must be an exception with status {status}, {method} {target} has "
        f"{missed!r}",
    )
    try:
        await found.handler(CheckRequest(method, target))
    except Exception as exc:
        _demand(
            exc is missed,
            f"the handler of a miss must raise its http_exception, {method} {target} raised "
            f"{exc!r}",
        )
        return missed
    raise RouterContractError(
        f"the handler of a miss must raise its http_exception, {method} {target} raised nothing"
    )


async def a_router_is_an_abstract_router(factory: RouterFactory) -> None:
    """The server tells a router by its base class, and calls post_init() once."""
    router = factory(_ROUTES)
    _demand(
        isinstance(router, AbstractRouter),
        f"a router must derive from AbstractRouter, {router!r} does not",
    )
    router.post_init(object())


async def a_router_freezes(factory: RouterFactory) -> None:
    """It is made open; freeze() may be called twice; it serves before and after."""
    router = factory(_ROUTES)
    _demand(router.frozen is False, "frozen must be False before freeze()")
    await _hit(router, "GET", "/things", "get")
    router.freeze()
    router.freeze()
    _demand(router.frozen is True, "frozen must be True after freeze()")
    await _hit(router, "GET", "/things", "get")


async def a_route_is_found(factory: RouterFactory) -> None:
    """The handler is that of the path, and its result is passed through."""
    router = factory(_ROUTES)
    await _hit(router, "GET", "/", "get")
    await _hit(router, "GET", "/things", "get")


async def methods_are_told_apart(factory: RouterFactory) -> None:
    """One path may have a handler for each method."""
    router = factory(_ROUTES)
    await _hit(router, "POST", "/things", "post")
    await _hit(router, "GET", "/things", "get")


async def a_query_is_not_part_of_the_path(factory: RouterFactory) -> None:
    """What follows the question mark does not matter."""
    router = factory(_ROUTES)
    await _hit(router, "GET", "/things?name=value", "get")
    await _miss(router, "GET", "/nothing?/things", 404)


async def a_path_is_matched_quoted(factory: RouterFactory) -> None:
    """A path that is not ASCII is registered and asked for in its requoted form."""
    await _hit(factory(_ROUTES), "GET", "/caf%C3%A9", "get")


async def an_unknown_path_is_a_404(factory: RouterFactory) -> None:
    """A miss is a match info with an exception, which its handler raises."""
    router = factory(_ROUTES)
    for target in ("/nothing", "/things/", "/thing", "/things/1"):
        await _miss(router, "GET", target, 404)
    await _miss(factory(()), "GET", "/", 404)


async def another_method_is_a_405(factory: RouterFactory) -> None:
    """The exception says the method, and all methods that the path has."""
    missed = await _miss(factory(_ROUTES), "DELETE", "/things", 405)
    allowed = getattr(missed, "allowed_methods", None)
    _demand(
        isinstance(allowed, set | frozenset) and {"GET", "POST"} <= allowed,
        f"the exception of a 405 must have allowed_methods, a set with GET and POST, "
        f"got {allowed!r}",
    )
    _demand("DELETE" not in (allowed or ()), "a method that is refused must not be allowed")


async def no_request_is_an_error(factory: RouterFactory) -> None:
    """Whatever a client sends is a miss and not an exception."""
    router = factory(_ROUTES)
    targets = ("//", "/%FF", "/%00", "/..", "/{", "/" + "a" * 10_000, "/" * 1_000, "/things%2F")
    for target in targets:
        await _miss(router, "GET", target, 404)
    for method in ("PROPFIND", "M-SEARCH", "get"):
        await _miss(router, method, "/nothing", 404)
    found = await _resolve(router, "OPTIONS", "*")
    _demand(
        found.http_exception is not None, "'OPTIONS *' must be a miss unless a route serves it"
    )


async def match_infos_describe_themselves(factory: RouterFactory) -> None:
    """get_info() is a dict and expect_handler an async function, for a hit and for a miss."""
    router = factory(_ROUTES)
    for target in ("/things", "/nothing"):
        found = await _resolve(router, "GET", target)
        _demand(isinstance(found.get_info(), dict), f"get_info() must be a dict: GET {target}")
        expecting = found.expect_handler
        _demand(
            inspect.iscoroutinefunction(expecting)
            or inspect.iscoroutinefunction(getattr(expecting, "__call__", None)),  # noqa: B004
            f"expect_handler must be an async function, GET {target} has {expecting!r}",
        )


async def applications_are_stacked(factory: RouterFactory) -> None:
    """add_app() puts an application around those that are there, for a hit and for a miss."""
    router = factory(_ROUTES)
    for target in ("/things", "/nothing"):
        found = await _resolve(router, "GET", target)
        inner, outer = object(), object()
        _demand(tuple(found.apps) == (), "apps must be empty as resolve() returns")
        found.add_app(inner)
        found.add_app(outer)
        _demand(
            tuple(found.apps) == (outer, inner),
            "apps must have the application that was added last first",
        )


async def a_match_info_freezes(factory: RouterFactory) -> None:
    """After freeze(), which may be called twice, add_app() is a RuntimeError."""
    router = factory(_ROUTES)
    for target in ("/things", "/nothing"):
        found = await _resolve(router, "GET", target)
        found.add_app(object())
        found.freeze()
        found.freeze()
        try:
            found.add_app(object())
        except RuntimeError:
            continue
        raise RouterContractError("add_app() after freeze() must be a RuntimeError")


async def match_infos_are_independent(factory: RouterFactory) -> None:
    """Each request gets a match info of its own, and so does each miss."""
    router = factory(_ROUTES)
    for method, target in (("GET", "/things"), ("GET", "/nothing"), ("DELETE", "/things")):
        first = await _resolve(router, method, target)
        first.add_app(object())
        first.freeze()
        second = await _resolve(router, method, target)
        _demand(
            tuple(second.apps) == () and second is not first,
            f"each request must get a match info of its own, {method} {target} shares one",
        )
        second.add_app(object())


async def requests_may_be_resolved_at_once(factory: RouterFactory) -> None:
    """Requests that are resolved side by side do not mix."""
    router = factory(_ROUTES)
    wanted = [("GET", "get"), ("POST", "post")] * 10
    found = await asyncio.gather(*(_resolve(router, method, "/things") for method, _ in wanted))
    answers = [await one.handler(CheckRequest("GET", "/things")) for one in found]
    _demand(
        answers == [answer for _, answer in wanted],
        "requests that are resolved at once must not get each other's handlers",
    )


async def variable_parts_are_decoded(factory: RouterFactory) -> None:
    """The match info is a mapping; it has the value of each part, decoded."""
    router = factory((*_ROUTES, *_PARTS))
    for target, values in (
        ("/users/joe", {"name": "joe"}),
        ("/users/a%20b", {"name": "a b"}),
        ("/users/a%2Fb", {"name": "a/b"}),
        ("/users/%C3%A9/x", {"name": "é", "at": "x"}),
    ):
        await _hit(router, "GET", target, "get" if len(values) == 1 else "post")
        found = await _resolve(router, "GET", target)
        _demand(
            isinstance(found, Mapping) and dict(found) == values,
            f"the match info must be a mapping of {values}, GET {target} gave {found!r}",
        )


async def variable_parts_are_whole_segments(factory: RouterFactory) -> None:
    """A part is one segment and not empty; a wrong method is a 405 here as well."""
    router = factory((*_ROUTES, *_PARTS))
    for target in ("/users", "/users/", "/users/a/b/c", "/users//"):
        await _miss(router, "GET", target, 404)
    await _miss(router, "DELETE", "/users/joe", 405)


#: Every clause of the contract.
ROUTER_CHECKS: tuple[RouterCheck, ...] = (
    RouterCheck(a_router_is_an_abstract_router, False),
    RouterCheck(a_router_freezes, False),
    RouterCheck(a_route_is_found, False),
    RouterCheck(methods_are_told_apart, False),
    RouterCheck(a_query_is_not_part_of_the_path, False),
    RouterCheck(a_path_is_matched_quoted, False),
    RouterCheck(an_unknown_path_is_a_404, False),
    RouterCheck(another_method_is_a_405, False),
    RouterCheck(no_request_is_an_error, False),
    RouterCheck(match_infos_describe_themselves, False),
    RouterCheck(applications_are_stacked, False),
    RouterCheck(a_match_info_freezes, False),
    RouterCheck(match_infos_are_independent, False),
    RouterCheck(requests_may_be_resolved_at_once, False),
    RouterCheck(variable_parts_are_decoded, True),
    RouterCheck(variable_parts_are_whole_segments, True),
)
