"""The exceptions say what happened, carry a status, and survive pickling."""

import pickle

import pytest
from tidegate_web_routing import errors


def test_route_not_found_is_a_404_that_can_be_read() -> None:
    exception = errors.RouteNotFound()
    assert (exception.status, exception.reason) == (404, "Not Found")
    assert str(exception) == "no route has this path"
    assert isinstance(exception, errors.RoutingError)


def test_method_not_allowed_carries_the_methods_and_sorts_them_for_the_allow_field() -> None:
    exception = errors.MethodNotAllowed("PUT", ["POST", "GET", "HEAD", "GET"])
    assert (exception.status, exception.reason) == (405, "Method Not Allowed")
    assert exception.method == "PUT"
    assert exception.allowed_methods == frozenset({"GET", "HEAD", "POST"})
    assert exception.allow == "GET, HEAD, POST"
    assert str(exception) == "method PUT is not allowed here, allowed: GET, HEAD, POST"


def test_method_not_allowed_without_any_method_is_still_readable() -> None:
    assert str(errors.MethodNotAllowed("PUT", ())).endswith("allowed: none")


def test_method_not_allowed_survives_pickling() -> None:
    copy = pickle.loads(pickle.dumps(errors.MethodNotAllowed("PUT", {"GET"})))
    assert (copy.method, copy.allowed_methods) == ("PUT", frozenset({"GET"}))


@pytest.mark.parametrize("caught", [TypeError, KeyError])
def test_wrong_url_parts_are_a_type_error_and_a_key_error(caught: type[Exception]) -> None:
    with pytest.raises(caught) as info:
        raise errors.UrlPartsError("a sentence")
    assert str(info.value) == "a sentence"
