"""Responses with their body in memory, and JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    BaseRequest,
    Response,
    json_bytes_response,
    json_response,
)

if TYPE_CHECKING:
    from conftest import Serve


def test_an_empty_response_is_a_200_without_a_body() -> None:
    response = Response()
    assert response.status == 200
    assert response.reason == "OK"
    assert response.body is None
    assert response.text is None
    assert response.content_length == 0
    assert response.content_type == "application/octet-stream"
    assert not response.prepared
    assert response.keep_alive is None
    assert response.task is None


def test_text_is_plain_utf_8() -> None:
    response = Response(text="é")
    assert response.body == b"\xc3\xa9"
    assert response.text == "é"
    assert response.content_type == "text/plain"
    assert response.charset == "utf-8"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert response.content_length == 2


def test_an_empty_text_is_a_text() -> None:
    response = Response(text="")
    assert response.body == b""
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_text_is_encoded_in_the_charset_that_is_named() -> None:
    assert Response(text="é", charset="latin-1").body == b"\xe9"
    response = Response(text="д", charset="koi8-r", content_type="text/html", status=201)
    assert response.headers["Content-Type"] == "text/html; charset=koi8-r"
    assert response.body == "д".encode("koi8-r")
    assert response.text == "д"
    assert response.status == 201


def test_text_is_encoded_in_the_charset_of_a_content_type_header() -> None:
    response = Response(text="é", headers={"Content-Type": "text/html; charset=latin-1"})
    assert response.body == b"\xe9"
    assert response.headers["Content-Type"] == "text/html; charset=latin-1"
    response = Response(text="é", headers={"Content-Type": "text/html"})
    assert response.body == b"\xc3\xa9"
    # Or a client would guess.
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    response = Response(text="é", headers={"Content-Type": "text/html; a=b;"})
    assert response.headers["Content-Type"] == "text/html; a=b; charset=utf-8"
    response = Response(text="é", headers={"Content-Type": "no type"})
    assert response.headers["Content-Type"] == "no type"


@pytest.mark.parametrize("body", [b"abc", bytearray(b"abc"), memoryview(b"abc")])
def test_a_body_is_bytes(body: Any) -> None:
    response = Response(body=body)
    assert response.body == b"abc"
    assert type(response.body) is bytes
    assert response.text == "abc"


def test_a_body_can_have_a_content_type_and_a_charset() -> None:
    response = Response(body=b"\xe9", content_type="text/html", charset="latin-1")
    assert response.headers["Content-Type"] == "text/html; charset=latin-1"
    assert response.text == "é"
    assert Response(body=b"", content_type="image/png").headers["Content-Type"] == "image/png"


def test_arguments_that_exclude_each_other_are_refused() -> None:
    with pytest.raises(ValueError, match="body and text are not allowed together"):
        Response(body=b"", text="")
    for name, value in (("content_type", "text/html"), ("charset", "utf-8")):
        arguments: dict[str, Any] = {name: value}
        with pytest.raises(ValueError, match="Content-Type header and content_type or charset"):
            Response(headers={"content-type": "text/plain"}, **arguments)
    with pytest.raises(ValueError, match="charset must not be in content_type"):
        Response(content_type="text/html; charset=utf-8")


def test_arguments_of_the_wrong_type_are_refused() -> None:
    bytes_as_text: Any = b"x"
    with pytest.raises(TypeError, match=r"text argument must be str \(not bytes\)"):
        Response(text=bytes_as_text)
    with pytest.raises(ValueError, match=r"Unsupported body type <class 'int'>.*give bytes, str"):
        Response(body=1)
    with pytest.raises(ValueError, match=r"json_response\(\) sends JSON"):
        Response(body={"a": 1})
    response = Response()
    with pytest.raises(TypeError, match=r"text argument must be str \(not bytes\)"):
        response.text = bytes_as_text


def test_text_that_its_charset_lacks_is_refused_when_it_is_made() -> None:
    with pytest.raises(UnicodeEncodeError):
        Response(text="д", charset="latin-1")


@pytest.mark.parametrize("reason", ["a\r\nb", "a\nb", "a\rb"])
def test_a_reason_has_no_line_breaks(reason: str) -> None:
    with pytest.raises(ValueError, match="no line breaks"):
        Response(reason=reason)
    with pytest.raises(ValueError, match="no line breaks"):
        Response().set_status(200, reason)


def test_the_body_can_be_replaced() -> None:
    response = Response(text="abc")
    response.body = b"abcdef"
    assert response.content_length == 6
    response.body = None
    assert response.content_length == 0
    assert response.text is None


def test_the_text_can_be_replaced() -> None:
    response = Response(body=b"\xff")
    response.text = "é"
    assert response.body == b"\xc3\xa9"
    assert response.content_type == "text/plain"
    response = Response(headers={"Content-Type": "text/html"})
    response.text = "é"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    response = Response(headers={"Content-Type": "text/html; charset=latin-1"})
    response.text = "é"
    assert response.body == b"\xe9"


def test_the_length_is_that_of_the_body() -> None:
    response = Response(body=b"abc")
    with pytest.raises(RuntimeError, match="set automatically"):
        response.content_length = 5
    response.enable_chunked_encoding()
    assert response.content_length is None


def test_a_length_in_the_headers_is_the_length() -> None:
    assert Response(headers={"Content-Length": "7"}).content_length == 7


async def test_head_may_be_answered_with_a_length_and_no_body(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(headers={"Content-Length": "7"})

    connection = await (await serve(handler)).connect()
    assert (await connection.ask("/", method="HEAD")).headers["content-length"] == "7"
    assert (await connection.ask("/", method="HEAD")).headers["content-length"] == "7"


async def test_ending_a_response_that_was_not_started_is_refused() -> None:
    with pytest.raises(RuntimeError, match="call prepare"):
        await Response().write_eof()


async def test_a_response_is_one_write_with_its_default_fields(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(text="hello", headers={"X-Own": "1"})

    answer = await (await serve(handler)).get("/")
    assert list(answer.headers) == ["x-own", "content-type", "content-length", "date", "server"]
    assert answer.headers["server"] == "tidegate"
    assert answer.headers["date"].endswith(" GMT")
    assert answer.body == b"hello"


async def test_default_fields_give_way_to_own_ones(serve: Serve) -> None:
    own = {"Date": "Thu, 01 Jan 1970 00:00:00 GMT", "Server": "own", "Content-Type": "x/y"}

    async def handler(request: BaseRequest) -> Response:
        return Response(headers=own)

    headers = (await (await serve(handler)).get("/")).headers
    assert {name: headers[name.lower()] for name in own} == own


async def test_a_response_can_be_chunked(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(body=b"abc")
        response.enable_chunked_encoding()
        return response

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        answer = await connection.ask("/")
        assert answer.headers["transfer-encoding"] == "chunked"
        assert "content-length" not in answer.headers
        assert answer.body == b"abc"


async def test_a_response_ends_with_what_write_eof_is_given(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(body=b"abc" if request.path == "/body" else None)
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write_eof(b"def")
        await response.write_eof(b"never")
        return response

    served = await serve(handler)
    assert (await served.get("/body")).body == b"abcdef"
    assert (await served.get("/")).body == b"def"


async def test_a_response_prepared_by_its_handler_is_sent_once(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text="once")
        writer = await response.prepare(request)
        assert await response.prepare(request) is writer
        assert response.prepared
        assert response.task is request.task
        return response

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        assert (await connection.ask("/")).text == "once"


# --- JSON ---


def test_json_is_encoded() -> None:
    response = json_response({"é": [1, None]})
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(response.text or "") == {"é": [1, None]}
    assert json_response(None).text == "null"


def test_json_takes_another_encoder_and_what_a_response_takes() -> None:
    response = json_response(
        1,
        dumps=lambda data: f"<{data}>",
        status=201,
        reason="Made",
        headers={"X-Own": "1"},
        content_type="application/vnd.own+json",
    )
    assert response.text == "<1>"
    assert (response.status, response.reason) == (201, "Made")
    assert response.headers["X-Own"] == "1"
    assert response.content_type == "application/vnd.own+json"


def test_json_that_is_encoded_already_is_sent_as_it_is() -> None:
    assert json_response(text="[1]").text == "[1]"
    response = json_response(body=b"[1]")
    assert response.body == b"[1]"
    assert response.content_type == "application/json"
    assert json_response().body is None


def test_json_is_given_in_one_way_only() -> None:
    for arguments in ({"text": ""}, {"body": b""}):
        kwargs: Any = arguments
        with pytest.raises(ValueError, match="only one of data, text, or body"):
            json_response(None, **kwargs)


def test_json_bytes_are_sent_without_an_encoding_step() -> None:
    response = json_bytes_response([1], dumps=lambda data: repr(data).encode(), status=202)
    assert response.body == b"[1]"
    assert response.status == 202
    assert response.headers["Content-Type"] == "application/json"
    assert json_bytes_response(body=b"x", dumps=lambda data: b"never").body == b"x"
    with pytest.raises(ValueError, match="only one of data or body"):
        json_bytes_response(1, body=b"1", dumps=lambda data: b"1")
