"""Set-Cookie: what is sent, what clients make of it, and what is refused."""

from __future__ import annotations

from http.cookies import CookieError
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_http_core import parse_cookies
from tidegate_web_server import Application, BaseRequest, Request, Response, StreamResponse

if TYPE_CHECKING:
    from conftest import Serve, Served


def lines(response: StreamResponse) -> list[str]:
    jar: Any = response.cookies
    return list(jar.lines())


async def set_cookies(served: Served, path: str = "/") -> list[str]:
    """Return the Set-Cookie fields of an answer."""
    connection = await served.connect()
    connection.send(f"GET {path} HTTP/1.0\r\n\r\n".encode())
    head = (await connection.rest()).partition(b"\r\n\r\n")[0].decode()
    return [line[12:] for line in head.split("\r\n") if line.lower().startswith("set-cookie: ")]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        ({}, "name=value; Path=/"),
        ({"path": "/deep"}, "name=value; Path=/deep"),
        ({"path": ""}, "name=value"),
        ({"domain": "example.org"}, "name=value; Domain=example.org; Path=/"),
        ({"max_age": 0}, "name=value; Max-Age=0; Path=/"),
        ({"max_age": "60"}, "name=value; Max-Age=60; Path=/"),
        (
            {"expires": "Thu, 01 Jan 2032 00:00:00 GMT"},
            "name=value; Expires=Thu, 01 Jan 2032 00:00:00 GMT; Path=/",
        ),
        ({"secure": True, "httponly": True}, "name=value; Path=/; Secure; HttpOnly"),
        ({"secure": False, "httponly": False}, "name=value; Path=/"),
        ({"samesite": "Lax"}, "name=value; Path=/; SameSite=Lax"),
        ({"version": "1"}, "name=value; Path=/; Version=1"),
        (
            {"samesite": "None", "secure": True, "partitioned": True},
            "name=value; Path=/; Secure; SameSite=None; Partitioned",
        ),
    ],
)
def test_each_attribute_has_its_place(arguments: dict[str, Any], line: str) -> None:
    response = Response()
    response.set_cookie("name", "value", **arguments)
    assert lines(response) == [line]


def test_a_value_of_another_type_is_converted() -> None:
    response = Response()
    number: Any = 5
    response.set_cookie("n", number)
    assert lines(response) == ["n=5; Path=/"]


def test_what_is_not_given_again_stays() -> None:
    response = Response()
    response.set_cookie("a", "1", httponly=True, max_age=5, partitioned=True, samesite="Strict")
    response.set_cookie("a", "2")
    assert lines(response) == ["a=2; Path=/; HttpOnly; SameSite=Strict; Partitioned"]
    response.set_cookie("a", "3", httponly=False, partitioned=False)
    assert lines(response) == ["a=3; Path=/; SameSite=Strict"]


def test_a_deleted_cookie_expires_at_once() -> None:
    response = Response()
    response.set_cookie("a", "1", httponly=True, partitioned=True)
    response.del_cookie("a")
    gone = "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Path=/"
    assert lines(response) == [gone]
    response.del_cookie("a", domain="d", path="/p", secure=True, httponly=True, samesite="Strict")
    assert lines(response) == [
        "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=0; Domain=d; Path=/p; "
        "Secure; HttpOnly; SameSite=Strict"
    ]
    response.set_cookie("a", "2")
    assert lines(response) == ["a=2; Path=/"]


@pytest.mark.parametrize("name", ["", "a b", "a;b", "é", "a\r\nb", "a=b"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(CookieError):
        Response().set_cookie(name, "value")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"path": "/; Domain=evil"}, "path of cookie a, got '/; Domain=evil'"),
        ({"path": "/\r\nX: 1"}, "path of cookie a"),
        ({"domain": "d; Secure"}, "domain of cookie a"),
        ({"expires": "now; Secure"}, "expires of cookie a"),
        ({"version": "1; Secure"}, "version of the cookie 'a' is a number, got '1; Secure'"),
        ({"samesite": "Loose"}, "samesite of cookie a to be 'Strict', 'Lax' or 'None'"),
        ({"max_age": "soon"}, "max_age of cookie a to be whole seconds, got 'soon'"),
        ({"max_age": 1.5}, "max_age of cookie a to be whole seconds"),
    ],
)
def test_an_attribute_that_would_break_out_is_refused_at_once(
    arguments: dict[str, Any], message: str
) -> None:
    response = Response()
    with pytest.raises(ValueError, match=message):
        response.set_cookie("a", "1", **arguments)
    assert lines(response) == []


@pytest.mark.parametrize("value", ["a\r\nSet-Cookie: b=1", "a\nb", "\0", "\x7f"])
def test_a_value_with_control_characters_is_refused_at_once(value: str) -> None:
    response = Response()
    with pytest.raises(ValueError, match="cookie a"):
        response.set_cookie("a", value)
    assert lines(response) == []


@given(st.text(st.characters(exclude_categories=["Cc", "Cs"])))
def test_any_value_comes_back_as_it_went(value: str) -> None:
    response = Response()
    response.set_cookie("a", value)
    (line,) = lines(response)
    assert not set(line) & {"\r", "\n", "\0"}
    pair, _, rest = line.rpartition("; ")
    assert rest == "Path=/"
    assert parse_cookies(pair) == {"a": value}


async def test_cookies_that_were_set_by_hand_are_checked_when_they_are_sent(
    serve: Serve, log: Any
) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text="x")
        response.cookies["a"] = "1"
        response.cookies["a"]["path"] = "/; Domain=evil"
        return response

    answer = await (await serve(handler)).get("/")
    assert answer.status == 500
    assert "set-cookie" not in answer.headers
    assert "path of cookie a" in str(log.take_one().exc_info[1])


async def test_cookies_and_fields_are_sent_side_by_side(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text="x", headers={"Set-Cookie": "own=1"})
        response.set_cookie("a", "1")
        response.cookies["b"] = "2"
        return response

    assert await set_cookies(await serve(handler)) == ["own=1", "a=1; Path=/", "b=2"]


async def test_a_stream_sends_cookies_too(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        response.set_cookie("a", "1")
        await response.prepare(request)
        await response.write(b"x")
        return response

    assert await set_cookies(await serve(handler)) == ["a=1; Path=/"]


async def test_a_response_that_is_sent_again_has_its_cookies_once(serve: Serve) -> None:
    shared = Response(text="x", headers={"Set-Cookie": "own=1"})
    shared.set_cookie("a", "1")

    async def handler(request: BaseRequest) -> Response:
        return shared

    served = await serve(handler)
    for _ in range(3):
        assert await set_cookies(served) == ["own=1", "a=1; Path=/"]


async def test_the_signal_sees_cookies_and_may_set_more(serve: Serve) -> None:
    seen = []

    async def receiver(request: Request, response: StreamResponse) -> None:
        seen.append(response.headers.getall("Set-Cookie", []))
        if request.path != "/nothing":
            response.set_cookie("late", "2")
        if request.path == "/changed":
            response.del_cookie("a")

    async def handler(request: Request) -> Response:
        response = Response(text="x")
        if request.path != "/late":
            response.set_cookie("a", "1")
        return response

    app = Application()
    app.router.add_get("/{name}", handler)
    app.on_response_prepare.append(receiver)
    served = await serve(app)
    assert await set_cookies(served, "/nothing") == ["a=1; Path=/"]
    assert await set_cookies(served, "/late") == ["late=2; Path=/"]
    assert await set_cookies(served, "/both") == ["a=1; Path=/", "late=2; Path=/"]
    late, gone = await set_cookies(served, "/changed")
    assert late == "late=2; Path=/"
    assert gone.startswith("a=; Expires=")
    assert seen == [["a=1; Path=/"], [], ["a=1; Path=/"], ["a=1; Path=/"]]


async def test_a_client_keeps_and_forgets_them(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text=request.headers.get("Cookie", ""))
        if request.path == "/set":
            response.set_cookie("a", 'b c;"é', max_age=60)
        elif request.path == "/del":
            response.del_cookie("a")
        return response

    served = await serve(handler)
    base = f"http://127.0.0.1:{served.site.port}"
    async with aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:

        async def get(path: str) -> str:
            async with session.get(base + path) as answer:
                return await answer.text()

        await get("/set")
        (cookie,) = session.cookie_jar
        assert cookie.value == 'b c;"é'
        assert (await get("/")).startswith("a=")
        await get("/del")
        assert await get("/") == ""
