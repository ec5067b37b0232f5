"""Several mappings looked at as one."""

from __future__ import annotations

from typing import Any

import pytest
from tidegate_web_server import AppKey, Application, ChainMapProxy

INNER = AppKey("inner", int)
BOTH = AppKey("both", str)
OUTER = AppKey("outer", int)


def chained() -> tuple[Application, Application, ChainMapProxy]:
    inner, outer = Application(), Application()
    inner[INNER] = 1
    inner[BOTH] = "inner"
    outer[OUTER] = 2
    outer[BOTH] = "outer"
    return inner, outer, ChainMapProxy([inner, outer])


def test_the_first_mapping_that_has_a_key_wins() -> None:
    _, _, chain = chained()
    assert (chain[INNER], chain[BOTH], chain[OUTER]) == (1, "inner", 2)
    with pytest.raises(KeyError):
        chain["other"]


def test_get_and_in_look_at_all_mappings() -> None:
    _, _, chain = chained()
    other = AppKey("other", int)
    assert chain.get(OUTER) == 2
    assert chain.get(other) is None
    assert chain.get(other, 7) == 7
    assert OUTER in chain
    assert other not in chain


def test_each_key_is_there_once() -> None:
    _, _, chain = chained()
    assert sorted(chain, key=repr) == sorted([INNER, BOTH, OUTER], key=repr)
    assert len(chain) == 3


def test_what_is_stored_later_is_seen() -> None:
    inner, outer, chain = chained()
    outer[INNER] = 5
    assert chain[INNER] == 1
    del inner[INNER]
    assert chain[INNER] == 5


def test_it_is_true_when_there_is_any_key() -> None:
    assert not ChainMapProxy([{}, {}])
    assert not ChainMapProxy([])
    assert ChainMapProxy([{}, {"a": 1}])


def test_it_cannot_be_written_to_or_derived_from() -> None:
    chain: Any = ChainMapProxy([{}])
    with pytest.raises(TypeError):
        chain["a"] = 1
    with pytest.raises(TypeError, match="Inheritance class Sub from ChainMapProxy is forbidden"):
        type("Sub", (ChainMapProxy,), {})


def test_it_shows_the_mappings() -> None:
    assert repr(ChainMapProxy([{"a": 1}, {}])) == "ChainMapProxy({'a': 1}, {})"
