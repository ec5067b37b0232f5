"""The answers that are raised."""

from __future__ import annotations

import json
import pickle
from http import HTTPStatus
from typing import Any

import pytest
import tidegate_web_server
from tidegate_web_server import (
    HTTPBadRequest,
    HTTPClientError,
    HTTPError,
    HTTPException,
    HTTPFound,
    HTTPMethodNotAllowed,
    HTTPMove,
    HTTPNoContent,
    HTTPNotFound,
    HTTPNotModified,
    HTTPOk,
    HTTPRedirection,
    HTTPRequestEntityTooLarge,
    HTTPResetContent,
    HTTPServerError,
    HTTPSuccessful,
    HTTPUnavailableForLegalReasons,
    InvalidJSON,
    Response,
)
from yarl import URL

EXPORTED: list[type[HTTPException]] = [
    value for name, value in vars(tidegate_web_server).items() if name.startswith("HTTP")
]
CLASSES = sorted((cls for cls in EXPORTED if cls.status_code > 0), key=lambda cls: cls.status_code)


def make(cls: type[HTTPException], **kwargs: Any) -> HTTPException:
    """Make an answer with whatever its class needs."""
    needs: tuple[Any, ...] = ()
    if issubclass(cls, HTTPMove):
        needs = ("/next",)
    elif cls is HTTPMethodNotAllowed:
        needs = ("GET", ["POST"])
    elif cls is HTTPRequestEntityTooLarge:
        needs = (10, 11)
    elif cls is HTTPUnavailableForLegalReasons:
        needs = ("http://example.com",)
    constructor: Any = cls
    answer: HTTPException = constructor(*needs, **kwargs)
    return answer


def test_every_status_has_one_class() -> None:
    statuses = [cls.status_code for cls in CLASSES]
    assert len(set(statuses)) == len(statuses) == 51


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_an_answer_is_a_response_and_an_exception(cls: type[HTTPException]) -> None:
    answer = make(cls)
    assert isinstance(answer, Response)
    assert isinstance(answer, Exception)
    assert answer.status == cls.status_code
    assert answer.reason == answer.args[0]
    assert str(answer) == answer.reason
    assert repr(answer) == f"<{cls.__name__} {cls.status_code} {answer.reason}>"
    family = {2: HTTPSuccessful, 3: HTTPRedirection, 4: HTTPClientError, 5: HTTPServerError}
    assert isinstance(answer, family[answer.status // 100])
    assert isinstance(answer, HTTPError) == (answer.status >= 400)


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_the_default_body_says_status_and_reason(cls: type[HTTPException]) -> None:
    answer = make(cls)
    if cls in (HTTPNoContent, HTTPResetContent, HTTPNotModified):
        assert answer.body is None
    elif cls is HTTPRequestEntityTooLarge:
        assert answer.text == "Maximum request body size 10 exceeded, actual body size 11"
    else:
        assert answer.text == f"{answer.status}: {answer.reason}"
        assert answer.content_type == "text/plain"


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_every_answer_takes_the_same_keywords(cls: type[HTTPException]) -> None:
    answer = make(
        cls, headers={"X-Own": "1"}, reason="Own", text="own", content_type="application/x-own"
    )
    assert answer.headers["X-Own"] == "1"
    assert answer.reason == "Own"
    assert answer.text == "own"
    assert answer.content_type == "application/x-own"


def test_the_reasons_are_those_of_the_standard_library_where_it_has_them() -> None:
    for cls in CLASSES:
        if cls.status_code not in (413, 414, 416, 422):  # renamed by RFC 9110
            assert make(cls).reason == HTTPStatus(cls.status_code).phrase


def test_a_body_is_deprecated() -> None:
    with pytest.warns(DeprecationWarning, match="body argument is deprecated"):
        answer = HTTPNotFound(body=b"bytes")
    assert answer.body == b"bytes"


def test_a_reason_with_line_breaks_is_refused() -> None:
    with pytest.raises(ValueError, match="line breaks"):
        HTTPNotFound(reason="a\r\nb")


def test_the_base_class_has_no_status_of_its_own() -> None:
    class Teapot(HTTPClientError):
        status_code = 418

    assert Teapot().status == 418
    assert HTTPException.status_code == -1


def test_a_redirect_says_where_to() -> None:
    answer = HTTPFound("/next")
    assert answer.location == "/next"
    assert answer.headers["Location"] == "/next"
    url = URL("http://example.com/é")
    answer = HTTPFound(url, headers={"X-Own": "1"})
    assert answer.location is url
    assert answer.headers["Location"] == "http://example.com/%C3%A9"
    assert answer.headers["X-Own"] == "1"


@pytest.mark.parametrize("location", ["", URL("")])
def test_a_redirect_to_nowhere_is_refused(location: str | URL) -> None:
    with pytest.raises(ValueError, match="need a location"):
        HTTPFound(location)


def test_method_not_allowed_says_what_is() -> None:
    answer = HTTPMethodNotAllowed("BREW", ["POST", "GET", "POST"])
    assert answer.method == "BREW"
    assert answer.allowed_methods == {"GET", "POST"}
    assert answer.headers["Allow"] == "GET,POST"
    assert HTTPMethodNotAllowed("BREW", []).headers["Allow"] == ""


def test_too_large_says_the_limit() -> None:
    assert "size 5 exceeded, actual body size 0" in (HTTPRequestEntityTooLarge(5).text or "")
    assert HTTPRequestEntityTooLarge(5, 6, text="own").text == "own"


def test_legal_reasons_link_to_who_blocks() -> None:
    answer = HTTPUnavailableForLegalReasons("http://example.com/order")
    assert answer.link == URL("http://example.com/order")
    assert answer.headers["Link"] == '<http://example.com/order>; rel="blocked-by"'
    answer = HTTPUnavailableForLegalReasons(None)
    assert answer.link is None
    assert "Link" not in answer.headers


def test_invalid_json_is_both_of_what_it_stands_for() -> None:
    answer = InvalidJSON("message", "document", 3)
    assert isinstance(answer, HTTPBadRequest)
    assert isinstance(answer, json.JSONDecodeError)
    assert (answer.msg, answer.doc, answer.pos, answer.lineno) == ("message", "document", 3, 1)
    assert answer.text == "the body is not valid JSON: message at 3"


def test_answers_are_true_and_equal_only_to_themselves() -> None:
    assert HTTPOk()
    answer = HTTPOk()
    assert answer == answer
    assert answer != HTTPOk()


@pytest.mark.parametrize("cls", CLASSES, ids=lambda cls: cls.__name__)
def test_answers_survive_pickling(cls: type[HTTPException]) -> None:
    answer = make(cls, headers={"X-Own": "1"}, reason="Own", text="own")
    again = pickle.loads(pickle.dumps(answer))
    assert type(again) is cls
    assert (again.status, again.reason, again.text) == (answer.status, "Own", "own")
    assert again.headers == answer.headers
    assert again.args == answer.args
