"""The decision how a response's body is framed, as a table."""

from __future__ import annotations

import pytest
from multidict import CIMultiDict
from tidegate_http_core import HttpVersion, HttpVersion10, HttpVersion11
from tidegate_web_server.framing import (
    CHUNKED,
    CLOSE,
    LENGTH,
    NO_BODY,
    declared_length,
    frame,
    never_has_body,
)

LENGTH_FIELD = {"Content-Length": "3"}
CHUNKED_FIELD = {"Transfer-Encoding": "chunked"}


@pytest.mark.parametrize(
    ("status", "method", "version", "chunked", "length", "framing", "fields"),
    [
        (200, "GET", HttpVersion11, False, 3, (LENGTH, 3), LENGTH_FIELD),
        (200, "GET", HttpVersion10, False, 3, (LENGTH, 3), LENGTH_FIELD),
        (200, "GET", HttpVersion11, True, None, (CHUNKED, 0), CHUNKED_FIELD),
        (200, "GET", HttpVersion11, False, None, (CHUNKED, 0), CHUNKED_FIELD),
        (200, "GET", HttpVersion10, False, None, (CLOSE, 0), {}),
        (200, "GET", HttpVersion10, True, None, (CLOSE, 0), {}),
        (200, "HEAD", HttpVersion11, False, 3, (NO_BODY, 3), LENGTH_FIELD),
        (200, "HEAD", HttpVersion11, False, None, (NO_BODY, 0), CHUNKED_FIELD),
        (200, "HEAD", HttpVersion10, False, None, (NO_BODY, 0), {}),
        (204, "GET", HttpVersion11, False, 3, (NO_BODY, 0), {}),
        (304, "GET", HttpVersion11, True, None, (NO_BODY, 0), {}),
        (101, "GET", HttpVersion11, False, None, (NO_BODY, 0), {}),
    ],
)
def test_the_framing_and_its_fields(
    status: int,
    method: str,
    version: HttpVersion,
    chunked: bool,
    length: int | None,
    framing: tuple[int, int],
    fields: dict[str, str],
) -> None:
    headers = CIMultiDict({} if length is None else {"Content-Length": str(length)})
    decided = frame(
        headers, status=status, method=method, version=version, chunked=chunked, length=length
    )
    assert decided == framing
    assert dict(headers) == fields


def test_a_coding_that_was_set_by_hand_is_taken_for_what_it_means() -> None:
    headers = CIMultiDict({"transfer-encoding": " Chunked"})
    decided = frame(
        headers, status=200, method="GET", version=HttpVersion11, chunked=False, length=None
    )
    assert decided == (CHUNKED, 0)
    assert headers.getall("Transfer-Encoding") == ["chunked"]


@pytest.mark.parametrize("codings", [["gzip"], ["chunked", "chunked"], ["gzip, chunked"], [""]])
def test_another_coding_is_refused(codings: list[str]) -> None:
    headers = CIMultiDict([("Transfer-Encoding", coding) for coding in codings])
    with pytest.raises(RuntimeError, match="call enable_chunked_encoding"):
        frame(headers, status=200, method="GET", version=HttpVersion11, chunked=False, length=None)


def test_a_length_and_a_coding_are_refused() -> None:
    headers = CIMultiDict(LENGTH_FIELD | CHUNKED_FIELD)
    with pytest.raises(RuntimeError, match="got both"):
        frame(headers, status=200, method="GET", version=HttpVersion11, chunked=False, length=3)


def test_a_length_is_dropped_where_the_chunked_coding_is_asked_for() -> None:
    headers = CIMultiDict(LENGTH_FIELD)
    frame(headers, status=200, method="GET", version=HttpVersion11, chunked=True, length=3)
    assert dict(headers) == CHUNKED_FIELD


def test_a_declared_length_is_one_number() -> None:
    assert declared_length(CIMultiDict()) is None
    assert declared_length(CIMultiDict(LENGTH_FIELD)) == 3
    for value in ("", "-1", "+1", "1_0", " 1", "٣", "²"):
        with pytest.raises(RuntimeError, match="is a number of bytes"):
            declared_length(CIMultiDict({"Content-Length": value}))
    for second in ("3", "5"):
        with pytest.raises(RuntimeError, match="has one Content-Length"):
            declared_length(CIMultiDict([("Content-Length", "3"), ("content-length", second)]))


def test_the_statuses_that_never_have_a_body() -> None:
    assert [status for status in range(100, 600) if never_has_body(status)] == [
        *range(100, 200),
        204,
        304,
    ]
