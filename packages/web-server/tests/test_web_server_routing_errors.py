"""The router's reasons become answers."""

from __future__ import annotations

from tidegate_web_routing import MatchInfoError, MethodNotAllowed, RouteNotFound, UrlDispatcher
from tidegate_web_server import (
    HTTPForbidden,
    HTTPMethodNotAllowed,
    HTTPNotFound,
    Request,
    Response,
    http_exception,
)
from tidegate_web_server.routing_errors import answerable


async def hello(request: Request) -> Response:
    return Response()


def test_a_path_nobody_has_is_a_404() -> None:
    assert isinstance(http_exception(RouteNotFound()), HTTPNotFound)


def test_a_method_nobody_has_is_a_405_with_the_others() -> None:
    answer = http_exception(MethodNotAllowed("PUT", {"POST", "GET"}))
    assert isinstance(answer, HTTPMethodNotAllowed)
    assert answer.method == "PUT"
    assert answer.headers["Allow"] == "GET,POST"


def test_an_answer_stands_for_itself() -> None:
    answer = HTTPForbidden()
    assert http_exception(answer) is answer


def test_a_match_is_left_alone() -> None:
    router = UrlDispatcher()
    router.add_get("/", hello)
    found = router.match("GET", "/")
    assert answerable(found) is found
    refused = MatchInfoError(HTTPForbidden())
    assert answerable(refused) is refused


def test_a_miss_is_given_an_answer_of_its_own_each_time() -> None:
    miss = MatchInfoError(RouteNotFound())
    first, second = answerable(miss), answerable(miss)
    assert isinstance(first.http_exception, HTTPNotFound)
    assert first.http_exception is not second.http_exception
    assert isinstance(miss.http_exception, RouteNotFound)
