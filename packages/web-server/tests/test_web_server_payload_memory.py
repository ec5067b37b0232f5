"""Payloads of values in memory."""

from __future__ import annotations

import io
from typing import Any

import pytest
from tidegate_web_server import (
    BytesPayload,
    JsonPayload,
    StringIOPayload,
    StringPayload,
    get_payload,
)

LATIN = "text/html; charset=latin-1"


@pytest.mark.parametrize("value", [b"abc", bytearray(b"abc"), memoryview(b"abc")])
async def test_bytes_are_a_body_that_can_be_sent_again(value: Any) -> None:
    payload = get_payload(value)
    assert type(payload) is BytesPayload
    assert payload.size == 3
    assert payload.content_type == "application/octet-stream"
    assert payload.autoclose
    for _ in range(2):
        assert await payload.as_bytes() == b"abc"
    assert payload.decode() == "abc"
    assert not payload.consumed


def test_a_size_is_in_bytes_whatever_the_items_are() -> None:
    assert BytesPayload(memoryview(b"12345678").cast("I")).size == 8
    assert StringPayload("é").size == 2


def test_a_file_name_says_nothing_about_bytes() -> None:
    payload = BytesPayload(b"", filename="x.png")
    assert payload.content_type == "application/octet-stream"
    assert payload.filename == "x.png"
    assert BytesPayload(b"", content_type="image/png").content_type == "image/png"
    assert BytesPayload(b"", headers={"Content-Type": "a/b"}).content_type == "a/b"


def test_what_is_not_bytes_is_refused() -> None:
    wrong: Any = "x"
    with pytest.raises(TypeError, match="bytes-like values, got str"):
        BytesPayload(wrong)
    wrong = b"x"
    with pytest.raises(TypeError, match="made of a str, got bytes"):
        StringPayload(wrong)


@pytest.mark.parametrize(
    ("arguments", "content_type", "body"),
    [
        ({}, "text/plain; charset=utf-8", b"\xc3\xa9"),
        ({"encoding": "latin-1"}, "text/plain; charset=latin-1", b"\xe9"),
        ({"content_type": "text/html"}, "text/html", b"\xc3\xa9"),
        ({"content_type": LATIN}, LATIN, b"\xe9"),
        ({"content_type": "text/html", "encoding": "latin-1"}, "text/html", b"\xe9"),
        ({"content_type": "no type"}, "no type", b"\xc3\xa9"),
    ],
)
async def test_text_is_encoded_as_it_says(
    arguments: dict[str, Any], content_type: str, body: bytes
) -> None:
    payload = StringPayload("é", **arguments)
    assert payload.content_type == content_type
    assert await payload.as_bytes() == body
    assert payload.decode(payload.encoding or "") == "é"


async def test_a_string_io_is_sent_from_where_it_is() -> None:
    value = io.StringIO("one two")
    value.seek(4)
    payload = get_payload(value)
    assert type(payload) is StringIOPayload
    assert await payload.as_bytes() == b"two"


async def test_json_is_encoded_when_it_is_made() -> None:
    value = {"é": [1]}
    payload = JsonPayload(value)
    value.clear()
    assert payload.content_type == "application/json"
    assert payload.encoding == "utf-8"
    assert payload.decode() == '{"\\u00e9": [1]}'
    own = JsonPayload(1, "utf-16", "application/own", lambda data: f"<{data}>")
    assert await own.as_bytes() == "<1>".encode("utf-16")
    assert own.content_type == "application/own"
