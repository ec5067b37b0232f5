"""The checks of the contract: right routers pass, and each wrong one is found out."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from tidegate_web_routing import (
    AbstractMatchInfo,
    AbstractRouter,
    MatchInfoError,
    MethodNotAllowed,
    ResourceRoute,
    RouteNotFound,
    UrlDispatcher,
    UrlMappingMatchInfo,
)
from tidegate_web_routing.testing import (
    ROUTER_CHECKS,
    CheckRequest,
    RouterCheck,
    RouterContractError,
    RouteSpec,
    check_router,
)


def dispatcher(routes: Sequence[RouteSpec], *, prefer_fixed: bool = False) -> UrlDispatcher:
    router = UrlDispatcher(prefer_fixed=prefer_fixed)
    for method, path, handler in routes:
        router.add_route(method, path, handler)
    return router


@pytest.mark.parametrize("check", ROUTER_CHECKS, ids=str)
@pytest.mark.parametrize("prefer_fixed", [False, True])
def test_the_dispatcher_keeps_to_the_contract(check: RouterCheck, prefer_fixed: bool) -> None:
    check(lambda routes: dispatcher(routes, prefer_fixed=prefer_fixed))


def test_all_checks_run_in_one_call() -> None:
    check_router(dispatcher)


def test_every_check_says_what_it_demands() -> None:
    assert all(check.__doc__ for check in ROUTER_CHECKS)
    assert len({check.name for check in ROUTER_CHECKS}) == len(ROUTER_CHECKS)


def test_the_checks_run_in_a_plain_program() -> None:
    program = """
import sys
from tidegate_web_routing import UrlDispatcher
from tidegate_web_routing.testing import check_router
def make(routes):
    router = UrlDispatcher()
    for method, path, handler in routes:
        router.add_route(method, path, handler)
    return router
check_router(make)
assert "pytest" not in sys.modules
print("passed")
"""
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout == "passed\n"


# -- Wrong routers ------------------------------------------------------------------------------

Resolve = Callable[[UrlDispatcher, Any], AbstractMatchInfo]


def wrong(resolve: Resolve) -> Callable[[Sequence[RouteSpec]], AbstractRouter]:
    """Make a factory of routers that resolve in another way."""

    class Wrong(UrlDispatcher):
        async def resolve(self, request: Any) -> Any:
            return resolve(self, request)

    def make(routes: Sequence[RouteSpec]) -> Wrong:
        router = Wrong()
        for method, path, handler in routes:
            router.add_route(method, path, handler)
        return router

    return make


def found(router: UrlDispatcher, request: Any) -> UrlMappingMatchInfo:
    return router.match(request.method, request.rel_url.raw_path)


def raising(router: UrlDispatcher, request: Any) -> Any:
    match_info = found(router, request)
    if match_info.http_exception is not None:
        raise match_info.http_exception
    return match_info


def none_for_a_miss(router: UrlDispatcher, request: Any) -> Any:
    match_info = found(router, request)
    return match_info if match_info.http_exception is None else None


def any_method(router: UrlDispatcher, request: Any) -> Any:
    for method in (request.method, "GET", "POST"):
        match_info = router.match(method, request.rel_url.raw_path)
        if match_info.http_exception is None:
            break
    return match_info


def path_with_query(router: UrlDispatcher, request: Any) -> Any:
    return router.match(request.method, request.rel_url.raw_path_qs)


def decoded_path(router: UrlDispatcher, request: Any) -> Any:
    return router.match(request.method, request.rel_url.path)


def prefixes(router: UrlDispatcher, request: Any) -> Any:
    path = request.rel_url.raw_path
    while (match_info := router.match(request.method, path)).http_exception is not None and path:
        path = path.rpartition("/")[0]
    return match_info


def only_404(router: UrlDispatcher, request: Any) -> Any:
    match_info = found(router, request)
    if match_info.http_exception is None:
        return match_info
    return MatchInfoError(RouteNotFound())


def only_405(router: UrlDispatcher, request: Any) -> Any:
    match_info = found(router, request)
    if match_info.http_exception is None:
        return match_info
    return MatchInfoError(MethodNotAllowed(request.method, {"GET"}))


def one_allowed_method(router: UrlDispatcher, request: Any) -> Any:
    match_info = found(router, request)
    if isinstance(match_info.http_exception, MethodNotAllowed):
        return MatchInfoError(MethodNotAllowed(request.method, {"GET"}))
    return match_info


def the_refused_method_allowed(router: UrlDispatcher, request: Any) -> Any:
    match_info = found(router, request)
    if isinstance(match_info.http_exception, MethodNotAllowed):
        return MatchInfoError(MethodNotAllowed("X", {"GET", "POST", request.method}))
    return match_info


def case_of_the_method(router: UrlDispatcher, request: Any) -> Any:
    if request.method not in {"GET", "POST", "DELETE", "OPTIONS"}:
        raise ValueError(request.method)
    return found(router, request)


class HalfMiss(MatchInfoError):
    """A miss that does not raise what it says."""

    @property
    def handler(self) -> Any:
        async def handler(request: Any) -> Any:
            raise KeyError("another one")

        return handler


class SilentMiss(MatchInfoError):
    @property
    def handler(self) -> Any:
        async def handler(request: Any) -> Any:
            return "sorry"

        return handler


class NoStatus(MatchInfoError):
    @property
    def http_exception(self) -> Any:
        return KeyError("no status")


class WrongStack(UrlMappingMatchInfo):
    def add_app(self, app: Any) -> None:
        super().add_app(app)
        self._apps = tuple(reversed(self._apps))


class FullStack(UrlMappingMatchInfo):
    def __init__(self, match_dict: dict[str, str], route: Any) -> None:
        super().__init__(match_dict, route)
        self.add_app("mine")


class NeverFrozen(UrlMappingMatchInfo):
    def freeze(self) -> None:
        pass


class NoInfo(UrlMappingMatchInfo):
    def get_info(self) -> Any:
        return "nothing"


class NoExpectHandler(UrlMappingMatchInfo):
    @property
    def expect_handler(self) -> Any:
        return None


def misses_as(cls: type[MatchInfoError]) -> Resolve:
    def resolve(router: UrlDispatcher, request: Any) -> Any:
        match_info = found(router, request)
        missed = match_info.http_exception
        return match_info if missed is None else cls(missed)

    return resolve


def hits_as(cls: type[UrlMappingMatchInfo]) -> Resolve:
    def resolve(router: UrlDispatcher, request: Any) -> Any:
        match_info = found(router, request)
        if match_info.http_exception is not None:
            return match_info
        return cls(dict(match_info), match_info.route)

    return resolve


def sharing() -> Resolve:
    shared: dict[Any, Any] = {}

    def resolve(router: UrlDispatcher, request: Any) -> Any:
        key = (id(router), request.method, request.rel_url)
        return shared.setdefault(key, found(router, request))

    return resolve


def values(change: Callable[[str], str]) -> Resolve:
    def resolve(router: UrlDispatcher, request: Any) -> Any:
        match_info = found(router, request)
        for name, value in match_info.items():
            match_info[name] = change(value)
        return match_info

    return resolve


def empty_parts(router: UrlDispatcher, request: Any) -> Any:
    path = request.rel_url.raw_path
    return router.match(request.method, path + "x" if path.endswith("s/") else path)


def swapped(router: UrlDispatcher, request: Any) -> Any:
    other = {"GET": "POST", "POST": "GET"}.get(request.method, request.method)
    match_info = router.match(other, request.rel_url.raw_path)
    return match_info if match_info.http_exception is None else found(router, request)


@pytest.mark.parametrize(
    ("resolve", "check"),
    [
        (raising, "an_unknown_path_is_a_404"),
        (none_for_a_miss, "an_unknown_path_is_a_404"),
        (any_method, "another_method_is_a_405"),
        (path_with_query, "a_query_is_not_part_of_the_path"),
        (decoded_path, "a_path_is_matched_quoted"),
        (prefixes, "an_unknown_path_is_a_404"),
        (only_404, "another_method_is_a_405"),
        (only_405, "an_unknown_path_is_a_404"),
        (one_allowed_method, "another_method_is_a_405"),
        (the_refused_method_allowed, "another_method_is_a_405"),
        (case_of_the_method, "no_request_is_an_error"),
        (misses_as(HalfMiss), "an_unknown_path_is_a_404"),
        (misses_as(SilentMiss), "an_unknown_path_is_a_404"),
        (misses_as(NoStatus), "an_unknown_path_is_a_404"),
        (hits_as(WrongStack), "applications_are_stacked"),
        (hits_as(FullStack), "applications_are_stacked"),
        (hits_as(NeverFrozen), "a_match_info_freezes"),
        (hits_as(NoInfo), "match_infos_describe_themselves"),
        (hits_as(NoExpectHandler), "match_infos_describe_themselves"),
        (sharing(), "match_infos_are_independent"),
        (values(lambda value: value.upper()), "variable_parts_are_decoded"),
        (values(lambda value: value.replace("/", "%2F")), "variable_parts_are_decoded"),
        (empty_parts, "variable_parts_are_whole_segments"),
        (swapped, "methods_are_told_apart"),
        (swapped, "requests_may_be_resolved_at_once"),
        (lambda router, request: router, "a_route_is_found"),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_a_router_that_resolves_wrongly_is_found_out(resolve: Resolve, check: str) -> None:
    factory = wrong(resolve)
    by_name = {one.name: one for one in ROUTER_CHECKS}
    with pytest.raises(RouterContractError):
        by_name[check](factory)
    with pytest.raises(RouterContractError):
        check_router(factory)


class ThawedRouter(UrlDispatcher):
    def freeze(self) -> None:
        pass


class FrozenRouter(UrlDispatcher):
    @property
    def frozen(self) -> bool:
        return True


class FreezesOnce(UrlDispatcher):
    def freeze(self) -> None:
        if self.frozen:
            raise RuntimeError("frozen already")
        super().freeze()


class DeafAfterFreezing(UrlDispatcher):
    def freeze(self) -> None:
        super().freeze()
        self._by_rank.clear()
        self._tree = type(self._tree)()
        self._candidates = self._tree.candidates


class NoHook(UrlDispatcher):
    def post_init(self, app: Any) -> None:
        raise TypeError("no application wanted")


@pytest.mark.parametrize(
    ("cls", "check"),
    [
        (ThawedRouter, "a_router_freezes"),
        (FrozenRouter, "a_router_freezes"),
        (FreezesOnce, "a_router_freezes"),
        (DeafAfterFreezing, "a_router_freezes"),
        (NoHook, "a_router_is_an_abstract_router"),
    ],
)
def test_a_router_of_a_wrong_class_is_found_out(cls: type[UrlDispatcher], check: str) -> None:
    def make(routes: Sequence[RouteSpec]) -> UrlDispatcher:
        router = cls.__new__(cls)
        UrlDispatcher.__init__(router)
        for method, path, handler in routes:
            resource = router._resource_for(path, None)
            resource.register_route(ResourceRoute(method, handler, resource))
            if resource not in router.resources():
                frozen, router._frozen = router._frozen, False
                UrlDispatcher.register_resource(router, resource)
                router._frozen = frozen
        return router

    by_name = {one.name: one for one in ROUTER_CHECKS}
    with pytest.raises(RouterContractError):
        by_name[check](make)


def test_a_router_without_the_base_class_is_found_out() -> None:
    class Duck:
        def __init__(self, router: UrlDispatcher) -> None:
            self.resolve = router.resolve

    with pytest.raises(RouterContractError, match="must derive from AbstractRouter"):
        ROUTER_CHECKS[0](lambda routes: Duck(dispatcher(routes)))  # type: ignore[arg-type, return-value]  # that is what is tested


def test_a_failure_names_every_clause_that_is_broken() -> None:
    with pytest.raises(RouterContractError) as caught:
        check_router(wrong(only_404))
    lines = str(caught.value).splitlines()
    assert len(lines) == 2
    assert all("status 405" in line for line in lines)
    assert isinstance(caught.value.__cause__, RouterContractError)


def test_a_factory_that_raises_is_a_failure_of_the_check() -> None:
    def make(routes: Sequence[RouteSpec]) -> AbstractRouter:
        raise KeyError("no router today")

    with pytest.raises(RouterContractError, match="a_route_is_found: the router raised KeyError"):
        next(one for one in ROUTER_CHECKS if one.name == "a_route_is_found")(make)


def test_checks_of_variable_paths_can_be_left_out() -> None:
    factory = wrong(values(lambda value: value.upper()))
    check_router(factory, variable_paths=False)


def test_a_request_of_the_checks_shows_itself() -> None:
    assert repr(CheckRequest("GET", "/a?b")) == "GET /a?b"
