"""What all answers that are raised have in common: where they lead, and what they refuse."""

from __future__ import annotations

import pickle
import warnings
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    Application,
    BaseRequest,
    HTTPBadRequest,
    HTTPFound,
    HTTPMethodNotAllowed,
    HTTPNotFound,
    HTTPUnavailableForLegalReasons,
    Request,
    Response,
)
from yarl import URL

if TYPE_CHECKING:
    from conftest import Serve


@pytest.mark.parametrize(
    ("location", "field"),
    [
        ("/redirect", "/redirect"),
        ("relative?a=b#c", "relative?a=b#c"),
        ("https://example.org/x", "https://example.org/x"),
        ("/é x?q=ü", "/%C3%A9%20x?q=%C3%BC"),
        ("/%2F%20", "/%2F%20"),
        (URL("/a b"), "/a%20b"),
    ],
)
def test_a_location_is_sent_percent_encoded(location: str | URL, field: str) -> None:
    answer = HTTPFound(location)
    assert answer.headers["Location"] == field
    assert answer.location == location


@pytest.mark.parametrize("break_", ["\r\n", "\n", "\r", "\0", "\x7f"])
def test_what_would_break_out_of_a_field_is_refused(break_: str) -> None:
    with pytest.raises(ValueError, match="location has no control characters"):
        HTTPFound(f"/a{break_}Set-Cookie: x")
    with pytest.raises(ValueError, match="link has no control characters"):
        HTTPUnavailableForLegalReasons(f"https://a{break_}b")


def test_a_location_of_another_type_is_refused() -> None:
    wrong: Any = 5
    with pytest.raises(TypeError, match="location is a str or a URL, got int"):
        HTTPFound(wrong)
    with pytest.raises(TypeError, match="link is a str or a URL, got int"):
        HTTPUnavailableForLegalReasons(wrong)


async def test_a_redirect_can_lead_to_a_named_resource(serve: Serve) -> None:
    async def go(request: Request) -> Response:
        raise HTTPFound(location=request.app.router["user"].url_for(name="é"))

    async def user(request: Request) -> Response:
        return Response(text=request.match_info["name"])

    app = Application()
    app.router.add_get("/go", go)
    app.router.add_get("/users/{name}", user, name="user")
    served = await serve(app)
    answer = await served.get("/go")
    assert (answer.status, answer.text) == (302, "302: Found")
    assert answer.headers["location"] == "/users/%C3%A9"
    assert (await served.get(answer.headers["location"])).text == "é"


def test_the_deprecation_of_a_body_points_at_who_gave_it() -> None:
    for make in (
        lambda: HTTPBadRequest(body=b"x"),
        lambda: HTTPFound("/", body=b"x"),
        lambda: HTTPMethodNotAllowed("GET", ["PUT"], body=b"x"),
    ):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert make().body == b"x"
        (warning,) = caught
        assert warning.category is DeprecationWarning
        assert warning.filename == __file__


async def test_an_answer_is_sent_however_it_is_given(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        answer = HTTPNotFound(text="<p>", content_type="text/html", headers={"X-Own": "1"})
        answer.set_cookie("a", "1")
        if request.path == "/raise":
            raise answer
        return answer

    served = await serve(handler)
    raised = await served.get("/raise")
    with pytest.warns(DeprecationWarning, match="returning HTTPException"):
        returned = await served.get("/return")
    for got in (raised, returned):
        assert (got.status, got.reason, got.text) == (404, "Not Found", "<p>")
        assert got.headers["content-type"] == "text/html; charset=utf-8"
        assert got.headers["x-own"] == "1"
        assert got.headers["set-cookie"] == "a=1; Path=/"


def test_an_answer_with_cookies_and_storage_survives_pickling() -> None:
    answer = HTTPFound("/x")
    answer.set_cookie("a", "1")
    answer["key"] = [1]
    copy = pickle.loads(pickle.dumps(answer))
    assert copy.location == "/x"
    assert copy.cookies["a"].value == "1"
    assert copy["key"] == [1]
    assert copy.headers == answer.headers
