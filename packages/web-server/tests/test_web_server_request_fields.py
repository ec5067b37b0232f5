"""Cookies, proxies, ranges and conditions, as a handler reads them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict
from tidegate_http_core import ETag
from tidegate_web_server import BaseRequest, InvalidRange, Response
from tidegate_web_server.testing import make_mocked_request

if TYPE_CHECKING:
    from conftest import Serve


def request(*fields: tuple[str, str]) -> BaseRequest:
    return make_mocked_request("GET", "/", CIMultiDict(fields))


# --- cookies ---


def test_cookies_are_read_leniently_from_all_fields() -> None:
    cookies = request(("Cookie", 'a=1; bad; b="x\\"y"'), ("Cookie", "c=3; a=4")).cookies
    assert dict(cookies) == {"a": "4", "b": 'x"y', "c": "3"}


def test_cookies_are_read_only_and_read_once() -> None:
    one = request(("Cookie", "a=1"))
    assert one.cookies is one.cookies
    cookies: Any = one.cookies
    with pytest.raises(TypeError):
        cookies["a"] = "2"
    assert isinstance(cookies, Mapping)


def test_without_a_field_there_are_no_cookies() -> None:
    assert dict(request().cookies) == {}


async def test_bytes_of_any_kind_in_cookies_never_fail_a_handler(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(text=ascii(dict(request.cookies)))

    served = await serve(handler)
    answer = await served.ask(
        b'GET / HTTP/1.1\r\nHost: a\r\nCookie: a=\xff\xfe; "=;b=\xc3\xa9\r\n\r\n'
    )
    assert answer.text == r"""{'a': '\udcff\udcfe', '"': '', 'b': '\xe9'}"""


# --- proxies ---


def test_forwarded_is_a_mapping_for_each_proxy() -> None:
    found = request(("Forwarded", "for=1;proto=https, for=2"), ("Forwarded", "bad bad")).forwarded
    assert [dict(each) for each in found] == [{"for": "1", "proto": "https"}, {"for": "2"}, {}]
    assert request().forwarded == ()


def test_what_proxies_say_changes_nothing_by_itself() -> None:
    seen = request(
        ("Host", "a"),
        ("Forwarded", "for=9.9.9.9;proto=https;host=evil"),
        ("X-Forwarded-For", "9.9.9.9"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "evil"),
    )
    assert (seen.host, seen.scheme) == ("a", "http")
    assert seen.remote != "9.9.9.9"


# --- ranges ---


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes=0-499", slice(0, 500, 1)),
        ("bytes=5-", slice(5, None, 1)),
        ("bytes=-5", slice(-5, None, 1)),
        ("Bytes=0-0", slice(0, 1, 1)),
        ("items=0-1", slice(None, None, 1)),
    ],
)
def test_a_range_is_a_slice(value: str, expected: slice) -> None:
    assert request(("Range", value)).http_range == expected


def test_without_a_range_everything_is_asked_for() -> None:
    assert request().http_range == slice(None, None, 1)


@pytest.mark.parametrize(
    "value", ["bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "bytes=-0", "bytes", "5-9"]
)
def test_what_is_no_single_range_is_a_value_error(value: str) -> None:
    with pytest.raises(ValueError, match="Bad Request") as caught:
        _ = request(("Range", value)).http_range
    assert isinstance(caught.value, InvalidRange)
    assert caught.value.status == 400
    assert "Range" in str(caught.value.text)


async def test_a_range_that_is_none_is_a_400_when_nobody_catches_it(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(body=bytes(10)[request.http_range])

    served = await serve(handler)
    assert len((await served.get("/", "Range: bytes=2-5")).body) == 4
    answer = await served.get("/", "Range: bytes=5-2")
    assert answer.status == 400
    assert "bytes=5-2" in answer.text


# --- conditions ---


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("If-Modified-Since", "if_modified_since"),
        ("If-Unmodified-Since", "if_unmodified_since"),
        ("If-Range", "if_range"),
    ],
)
def test_dates_of_conditions(field: str, name: str) -> None:
    then = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)
    for value in ("Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"):
        assert getattr(request((field, value)), name) == then
    for value in ("", "yesterday", "0", '"etag"', "Fri, 31 Dec 9999 23:59:60 GMT"):
        assert getattr(request((field, value)), name) is None
    assert getattr(request(), name) is None


@pytest.mark.parametrize(
    ("field", "name"), [("If-Match", "if_match"), ("If-None-Match", "if_none_match")]
)
def test_entity_tags_of_conditions(field: str, name: str) -> None:
    seen = request((field, '"a", W/"b"'), (field, 'bad, "c"'))
    assert getattr(seen, name) == (ETag("a"), ETag("b", is_weak=True), ETag("c"))
    assert getattr(request((field, "*")), name) == (ETag("*"),)
    assert getattr(request((field, "bad")), name) == ()
    assert getattr(request(), name) is None
