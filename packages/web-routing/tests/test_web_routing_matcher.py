"""The tree proposes every entry that can have a path, in order, and nothing grows by asking."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_web_routing.matcher import SegmentTree

PIECES = st.lists(st.sampled_from(["", "a", "b", None]), max_size=4)
ENTRIES = st.lists(st.tuples(PIECES, st.booleans()), max_size=12)


def tree_of(entries: Sequence[tuple[Sequence[str | None], bool]]) -> SegmentTree:
    tree = SegmentTree()
    for number, (pieces, exact) in enumerate(entries):
        tree.add(pieces, exact, number)
    return tree


def fits(pieces: Sequence[str | None], exact: bool, path: str) -> bool:
    segments = path.split("/")
    if len(segments) < len(pieces) or (exact and len(segments) != len(pieces)):
        return False
    return all(
        piece is None or piece == segment for piece, segment in zip(pieces, segments, strict=False)
    )


@settings(deadline=None)
@given(ENTRIES, st.lists(st.sampled_from(["", "a", "b", "c"]), min_size=1, max_size=6))
def test_the_candidates_are_the_entries_that_fit_in_order(
    entries: list[tuple[list[str | None], bool]], segments: list[str]
) -> None:
    path = "/".join(segments)
    tree = tree_of(entries)
    wanted = [number for number, entry in enumerate(entries) if fits(*entry, path)]
    assert list(tree.candidates(path)) == wanted
    # The second time the answer may be one that was remembered.
    assert list(tree.candidates(path)) == wanted


@settings(deadline=None)
@given(ENTRIES, st.randoms(use_true_random=False))
def test_the_order_of_adding_does_not_matter(
    entries: list[tuple[list[str | None], bool]], random: Random
) -> None:
    numbers = list(range(len(entries)))
    random.shuffle(numbers)
    tree = SegmentTree()
    for number in numbers:
        tree.add(*entries[number], number)
    in_order = tree_of(entries)
    for path in ("", "/", "/a", "/a/b", "/b/", "/a/a/a", "a"):
        assert list(tree.candidates(path)) == list(in_order.candidates(path))


def test_an_entry_that_is_removed_is_a_candidate_no_more() -> None:
    tree = tree_of([(["", "a"], True), (["", None], True), (["", "a"], False)])
    assert list(tree.candidates("/a")) == [0, 1, 2]
    tree.remove(["", None], True, 1)
    assert list(tree.candidates("/a")) == [0, 2]
    tree.remove(["", "a"], True, 0)
    tree.remove(["", "a"], False, 2)
    assert list(tree.candidates("/a")) == []


@pytest.mark.parametrize(
    ("pieces", "exact", "entry"),
    [
        (["", "a"], True, 1),
        (["", "a"], False, 0),
        (["", None], True, 0),
        (["", "b", "c"], True, 0),
        ([], True, 0),
    ],
)
def test_an_entry_that_is_not_there_can_not_be_removed(
    pieces: list[str | None], exact: bool, entry: int
) -> None:
    tree = tree_of([(["", "a"], True)])
    with pytest.raises(KeyError):
        tree.remove(pieces, exact, entry)
    assert list(tree.candidates("/a")) == [0]


def test_an_entry_that_is_added_later_is_found_where_an_answer_was_remembered() -> None:
    tree = tree_of([(["", "a"], True)])
    assert list(tree.candidates("/a")) == [0]
    tree.add(["", None], True, 1)
    assert list(tree.candidates("/a")) == [0, 1]


def test_entries_may_be_negative() -> None:
    tree = SegmentTree()
    tree.add(["", None], True, 3)
    tree.add(["", "a"], True, -(1 << 40))
    assert list(tree.candidates("/a")) == [-(1 << 40), 3]


def test_a_very_long_path_is_no_candidate_of_anything_exact() -> None:
    tree = tree_of([(["", None, None], True), (["", "a"], False)])
    assert list(tree.candidates("/a" * 100_000)) == [1]


def test_both_ways_are_gone_where_a_segment_may_be_fixed_or_variable() -> None:
    tree = tree_of(
        [
            (["", None, "b", None], True),
            (["", "a", None, "c"], True),
            (["", "a", "b", "d"], True),
            (["", "a", "b"], False),
            (["", None], False),
        ]
    )
    assert list(tree.candidates("/a/b/c")) == [0, 1, 3, 4]
    assert list(tree.candidates("/a/b/d")) == [0, 2, 3, 4]
    assert list(tree.candidates("/x/b/d")) == [0, 4]
