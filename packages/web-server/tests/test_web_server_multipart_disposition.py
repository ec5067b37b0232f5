"""Content-Disposition as aiohttp's users call it."""

from __future__ import annotations

import pytest
from tidegate_web_server import (
    BadContentDispositionHeader,
    BadContentDispositionParam,
    content_disposition_filename,
    parse_content_disposition,
)


def test_a_valid_field() -> None:
    type_, parameters = parse_content_disposition("form-data; name=\"a\"; filename*=UTF-8''%C3%A4")
    assert (type_, parameters) == ("form-data", {"name": "a", "filename": "ä"})
    assert content_disposition_filename(parameters) == "ä"
    assert content_disposition_filename(parameters, "name") == "a"
    assert content_disposition_filename({}) is None


@pytest.mark.parametrize("header", ["", None])
def test_without_a_field_there_is_nothing_to_warn_of(header: str | None) -> None:
    assert parse_content_disposition(header) == (None, {})


def test_an_invalid_field_is_warned_of() -> None:
    with pytest.warns(BadContentDispositionHeader, match="=a"):
        assert parse_content_disposition("=a") == (None, {})


def test_a_parameter_that_is_none_is_warned_of() -> None:
    with pytest.warns(BadContentDispositionParam, match="b c"):
        assert parse_content_disposition("inline; a=b c; d=e") == ("inline", {"d": "e"})
