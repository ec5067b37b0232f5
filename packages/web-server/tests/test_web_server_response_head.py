"""What a response says before its body: validators and what can't be changed too late."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_http_core import ETag
from tidegate_web_server import BaseRequest, Response, StreamResponse

if TYPE_CHECKING:
    from conftest import Serve

UTC = datetime.UTC
EAST = datetime.timezone(datetime.timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "field"),
    [
        (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
        (1.5, "Thu, 01 Jan 1970 00:00:02 GMT"),
        (datetime.datetime(2020, 1, 1, 12), "Wed, 01 Jan 2020 12:00:00 GMT"),
        (datetime.datetime(2020, 1, 1, 12, 0, 0, 1), "Wed, 01 Jan 2020 12:00:01 GMT"),
        (datetime.datetime(2020, 1, 1, 12, tzinfo=EAST), "Wed, 01 Jan 2020 10:00:00 GMT"),
        ("Wed, 01 Jan 2020 10:00:00 GMT", "Wed, 01 Jan 2020 10:00:00 GMT"),
    ],
)
def test_last_modified_takes_any_form_of_a_time(value: Any, field: str) -> None:
    response = StreamResponse()
    assert response.last_modified is None
    response.last_modified = value
    assert response.headers["Last-Modified"] == field
    expected = datetime.datetime.strptime(field, "%a, %d %b %Y %H:%M:%S GMT")
    assert response.last_modified == expected.replace(tzinfo=UTC)
    response.last_modified = None
    assert "Last-Modified" not in response.headers


def test_last_modified_is_none_when_the_field_is_no_date() -> None:
    assert StreamResponse(headers={"Last-Modified": "yesterday"}).last_modified is None
    wrong: Any = [1]
    with pytest.raises(TypeError, match="a datetime, seconds since 1970, a str or None, got list"):
        StreamResponse().last_modified = wrong


def test_an_etag_is_set_and_read() -> None:
    response = StreamResponse()
    assert response.etag is None
    response.etag = "abc"
    assert response.headers["ETag"] == '"abc"'
    assert response.etag == ETag("abc")
    response.etag = ETag("abc", is_weak=True)
    assert response.headers["ETag"] == 'W/"abc"'
    assert response.etag == ETag("abc", is_weak=True)
    response.etag = None
    assert "ETag" not in response.headers
    assert StreamResponse(headers={"ETag": "bare"}).etag is None


@pytest.mark.parametrize("value", ["a b", 'a"b', 'W/"x"', '"x"', "a\r\nb", "*"])
def test_an_etag_that_is_none_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="give it without its quotes"):
        StreamResponse().etag = value
    with pytest.raises(ValueError, match="give it without its quotes"):
        StreamResponse().etag = ETag(value)


def test_an_etag_of_another_type_is_refused() -> None:
    wrong: Any = b"x"
    with pytest.raises(ValueError, match="a str, an ETag or None, got bytes"):
        StreamResponse().etag = wrong


def test_header_fields_may_come_as_pairs() -> None:
    response = StreamResponse(headers=[("X-A", "1"), ("X-A", "2")])
    assert response.headers.getall("x-a") == ["1", "2"]


def test_a_chunk_size_is_deprecated() -> None:
    response = StreamResponse()
    with pytest.warns(DeprecationWarning, match="chunk_size is deprecated"):
        response.enable_chunked_encoding(1024)
    assert response.chunked
    with pytest.raises(RuntimeError, match="when chunked encoding is enabled"):
        response.content_length = 5


CHANGES: dict[str, Any] = {
    "status": lambda r: r.set_status(201),
    "content_length": lambda r: setattr(r, "content_length", 1),
    "content_type": lambda r: setattr(r, "content_type", "a/b"),
    "charset": lambda r: setattr(r, "charset", "utf-8"),
    "last_modified": lambda r: setattr(r, "last_modified", 1),
    "etag": lambda r: setattr(r, "etag", "x"),
    "set_cookie": lambda r: r.set_cookie("a", "b"),
    "del_cookie": lambda r: r.del_cookie("a"),
    "chunked": lambda r: r.enable_chunked_encoding(),
    "compression": lambda r: r.enable_compression(),
}


async def test_the_head_can_t_be_changed_once_it_has_been_sent(serve: Serve) -> None:
    refused = []

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        for name, change in CHANGES.items():
            with pytest.raises(RuntimeError, match="after the headers have been sent"):
                change(response)
            refused.append(name)
        return response

    assert (await (await serve(handler)).get("/")).status == 200
    assert refused == list(CHANGES)


async def test_a_body_can_t_be_replaced_once_its_head_has_been_sent(serve: Serve) -> None:
    refused = []

    async def handler(request: BaseRequest) -> Response:
        response = Response(text="first")
        await response.prepare(request)
        for name in ("body", "text"):
            try:
                setattr(response, name, "second")
            except RuntimeError:
                refused.append(name)
        return response

    assert (await (await serve(handler)).get("/")).body == b"first"
    assert refused == ["body", "text"]
