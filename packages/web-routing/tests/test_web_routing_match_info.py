"""A match info is the parts of the path, the route, and a stack of applications."""

from typing import Any

import pytest
from tidegate_web_routing import (
    AbstractMatchInfo,
    MatchInfoError,
    PlainResource,
    ResourceRoute,
    RouteNotFound,
    UrlMappingMatchInfo,
    default_expect_handler,
)


async def handler(request: Any) -> Any:
    return request


@pytest.fixture
def route() -> ResourceRoute:
    return PlainResource("/a").add_route("GET", handler)


def test_it_is_a_dict_of_the_parts_of_the_path(route: ResourceRoute) -> None:
    match_info = UrlMappingMatchInfo({"x": "1"}, route)
    assert match_info == {"x": "1"}
    assert isinstance(match_info, AbstractMatchInfo)
    assert not hasattr(match_info, "__dict__")
    assert repr(match_info).startswith("<UrlMappingMatchInfo {'x': '1'}: <ResourceRoute [GET]")


def test_it_gives_what_the_route_gives(route: ResourceRoute) -> None:
    match_info = UrlMappingMatchInfo({}, route)
    assert match_info.route is route
    assert match_info.handler is handler
    assert match_info.expect_handler is default_expect_handler
    assert match_info.http_exception is None
    assert match_info.get_info() == {"path": "/a"}


def test_the_first_application_is_the_innermost_and_the_current_one(route: ResourceRoute) -> None:
    match_info = UrlMappingMatchInfo({}, route)
    assert not match_info.apps
    match_info.add_app("inner")
    match_info.add_app("outer")
    assert match_info.apps == ("outer", "inner")
    assert match_info.current_app == "inner"


def test_the_current_application_can_be_another_one_of_the_stack(route: ResourceRoute) -> None:
    match_info = UrlMappingMatchInfo({}, route)
    match_info.add_app("inner")
    match_info.add_app("outer")
    match_info.current_app = "outer"
    assert match_info.current_app == "outer"
    with pytest.raises(ValueError, match="'stranger' is not one of the applications"):
        match_info.current_app = "stranger"


def test_an_application_that_is_empty_is_still_one(route: ResourceRoute) -> None:
    match_info = UrlMappingMatchInfo({}, route)
    app: dict[str, str] = {}
    match_info.add_app(app)
    match_info.add_app({"outer": ""})
    assert match_info.current_app is app


def test_without_an_application_there_is_no_current_one(route: ResourceRoute) -> None:
    with pytest.raises(RuntimeError, match=r"add_app\(\) was not called"):
        _ = UrlMappingMatchInfo({}, route).current_app


def test_a_frozen_stack_takes_no_more(route: ResourceRoute) -> None:
    match_info = UrlMappingMatchInfo({}, route)
    match_info.add_app("inner")
    match_info.freeze()
    match_info.freeze()
    with pytest.raises(RuntimeError, match=r"add_app\(\) has to come before freeze\(\)"):
        match_info.add_app("outer")
    assert match_info.apps == ("inner",)


async def test_a_miss_carries_and_raises_its_exception() -> None:
    exception = RouteNotFound()
    match_info = MatchInfoError(exception)
    assert match_info == {}
    assert match_info.http_exception is exception
    assert match_info.get_info() == {"http_exception": exception}
    assert repr(match_info) == "<MatchInfoError <SystemRoute 404: Not Found>>"
    match_info.add_app("app")
    assert match_info.current_app == "app"
    with pytest.raises(RouteNotFound):
        await match_info.handler("request")
