"""Kinds, codes and messages are those of the interface that this follows."""

from __future__ import annotations

import json

import pytest
from tidegate_web_ws import WSCloseCode, WSMessage, WSMsgType


def test_the_kinds_have_the_numbers_of_the_interface() -> None:
    assert {kind.name: kind.value for kind in WSMsgType} == {
        "CONTINUATION": 0,
        "TEXT": 1,
        "BINARY": 2,
        "PING": 9,
        "PONG": 10,
        "CLOSE": 8,
        "CLOSING": 256,
        "CLOSED": 257,
        "ERROR": 258,
    }


@pytest.mark.parametrize("kind", list(WSMsgType)[1:])
def test_a_kind_has_a_name_in_lower_case_too(kind: WSMsgType) -> None:
    assert WSMsgType[kind.name.lower()] is kind


def test_the_close_codes_are_those_of_the_interface() -> None:
    assert sorted(WSCloseCode) == [*range(1000, 1004), *range(1006, 1015)]


def test_a_message_is_a_tuple_that_decodes_json() -> None:
    message = WSMessage(WSMsgType.TEXT, '{"a": 1}', "")
    assert tuple(message) == (1, '{"a": 1}', "")
    assert message.json() == {"a": 1}
    assert message.json(loads=lambda text: json.loads(text)["a"]) == 1


def test_text_that_is_no_json_is_told() -> None:
    with pytest.raises(ValueError, match="Expecting value"):
        WSMessage(WSMsgType.TEXT, "", "").json()
