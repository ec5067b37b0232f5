"""JSON that a client sent."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tidegate_web_server import InvalidJSON
from tidegate_web_server.json_text import parse_json


def test_what_is_json() -> None:
    assert parse_json('{"a": [1, null]}') == {"a": [1, None]}
    assert parse_json("1", lambda text: text + "!") == "1!"


@pytest.mark.parametrize("text", ["", "{", "[1,]", "1" * 5000, "[" * 200_000])
def test_what_is_none_is_both_a_400_and_what_json_raises(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        parse_json(text)
    assert isinstance(caught.value, InvalidJSON)
    assert caught.value.status == 400


def test_another_decoder_may_refuse_with_a_value_error_and_fail_with_any_other() -> None:
    def refuse(text: str) -> Any:
        raise ValueError("no")

    def fail(text: str) -> Any:
        raise LookupError("on purpose")

    with pytest.raises(InvalidJSON) as caught:
        parse_json("x", refuse)
    assert caught.value.text == "the body is not valid JSON: no at 0"
    with pytest.raises(LookupError, match="on purpose"):
        parse_json("x", fail)
