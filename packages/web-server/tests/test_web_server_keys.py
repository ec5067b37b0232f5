"""Typed keys."""

from typing import Any

import pytest
from tidegate_web_server import AppKey, RequestKey, ResponseKey

KINDS = [AppKey, RequestKey, ResponseKey]


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_shows_its_module_name_and_type(kind: type[AppKey[int]]) -> None:
    assert repr(kind("count", int)) == f"<{kind.__name__}({__name__}.count, type=int)>"
    assert repr(kind("count")) == f"<{kind.__name__}({__name__}.count, type=unknown)>"


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_is_equal_only_to_itself(kind: type[AppKey[int]]) -> None:
    key = kind("name", int)
    assert key == key
    assert key != kind("name", int)
    assert len({key, kind("name", int)}) == 2


def test_keys_are_ordered_by_name() -> None:
    assert sorted([AppKey[int]("b"), AppKey[int]("a")])[0] < AppKey[int]("b")
    assert [repr(key) for key in sorted([AppKey[int]("b"), AppKey[int]("a")])] == [
        f"<AppKey({__name__}.a, type=unknown)>",
        f"<AppKey({__name__}.b, type=unknown)>",
    ]


def test_a_key_is_not_ordered_with_other_things() -> None:
    text: Any = "b"
    with pytest.raises(TypeError):
        sorted([AppKey("a", int), text])
