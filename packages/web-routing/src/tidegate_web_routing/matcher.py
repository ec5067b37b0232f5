"""The tree that finds which resources a path can belong to. Compiled by mypyc.

It is asked for the candidates of a path and answers with integers, ascending. An integer is both
the name of an entry and its place in the order of lookup; who owns the tree hands them out, keeps
what they stand for, and asks each candidate in turn whether it really has the path. The tree
itself knows no patterns, methods or handlers.

How it works. A path is split at its slashes. A node of the tree stands for the segments that lead
to it. It has a child for each fixed segment that follows, in a dict, and one child for "a segment
with variable parts". An entry lies at the node where its path ends, or, if any number of segments
may follow, at the last node that is sure: such an entry is a candidate for everything from that
node down. So a lookup costs about one dict lookup for each segment, however many entries there
are; where a fixed segment and a variable one are both possible, both ways are gone.

What it promises: each entry that can have the path is among the candidates. What it does not: that
each candidate has the path. A segment with variable parts counts as any segment at all.

It never grows by being asked: the answers that are remembered are those for the paths of entries
with fixed segments only, of which there are as many as such entries.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from mypy_extensions import i64


class _Node:
    """The segments that lead here, and what follows."""

    __slots__ = ("below", "children", "here", "variable")

    # Most nodes have one thing of the four, and there are many nodes: what is empty is shared.
    def __init__(self) -> None:
        #: The nodes after one more segment, by its text.
        self.children: dict[str, _Node] = _NO_NODES
        #: The node after one more segment with variable parts.
        self.variable: _Node | None = None
        #: Entries whose path ends here, ascending.
        self.here: list[int] = _NONE
        #: Entries that have this path and any that goes on from it, ascending.
        self.below: list[int] = _NONE


# Never written to.
_NONE: Final[list[int]] = []
_NO_NODES: Final[dict[str, _Node]] = {}


class SegmentTree:
    """Entries by path: integers that stand for the resources of a router."""

    __slots__ = ("_depth", "_known", "_root")

    def __init__(self) -> None:
        self._root = _Node()
        # The most slashes that lead to a node: a path with more of them ends at none.
        self._depth = 0
        self._known: dict[str, list[int]] = {}

    def add(self, pieces: Sequence[str | None], exact: bool, entry: int) -> None:
        """Add *entry*.

        :param pieces: the segments of its path, split at the slashes, so that the first one of
            ``"/a"`` is ``""``; None is a segment with variable parts.
        :param exact: False if any number of segments, or none, may follow.
        """
        node = self._root
        for piece in pieces:
            if piece is None:
                following = node.variable
                if following is None:
                    following = node.variable = _Node()
            else:
                following = node.children.get(piece)
                if following is None:
                    if not node.children:
                        node.children = {}
                    following = node.children[piece] = _Node()
            node = following
        self._depth = max(self._depth, len(pieces))
        if exact:
            node.here = _with(node.here, entry)
        else:
            node.below = _with(node.below, entry)
        self._known.clear()

    def remove(self, pieces: Sequence[str | None], exact: bool, entry: int) -> None:
        """Take *entry* out again; *pieces* and *exact* are those that it was added with.

        :raises KeyError: it is not there.
        """
        node: _Node | None = self._root
        for piece in pieces:
            if node is None:
                break
            node = node.variable if piece is None else node.children.get(piece)
        entries = _NONE if node is None else node.here if exact else node.below
        if entry not in entries:
            raise KeyError(entry)
        entries.remove(entry)
        self._known.clear()

    def candidates(self, path: str) -> list[int]:
        """Find the entries that can have *path*, ascending. The list is not the caller's."""
        known = self._known.get(path)
        if known is not None:
            return known
        return self._walk(path)

    def _walk(self, path: str) -> list[int]:
        # Past the depth of the tree no segment matters, so a long path costs no more to split.
        pieces = path.split("/", self._depth)
        count: i64 = len(pieces)
        index: i64 = 0
        node: _Node | None = self._root
        # Ways that are still to go, with the segments already gone: a node may be followed both
        # by a fixed segment and by a variable one.
        branches: list[tuple[_Node, i64]] = []
        found = _NONE
        merged = False
        fixed = True
        memorable = False
        while True:
            while node is not None:
                entries = node.below
                if index == count and node.here:
                    memorable = memorable or fixed
                    entries = entries + node.here if entries else node.here
                    merged = merged or len(node.below) > 0
                if entries:
                    merged = merged or len(found) > 0
                    found = found + entries if found else entries
                if index == count:
                    break
                following = node.children.get(pieces[index])
                index += 1
                if node.variable is not None:
                    if following is None:
                        following = node.variable
                        fixed = False
                    else:
                        branches.append((node.variable, index))
                node = following
            if not branches:
                break
            node, index = branches.pop()
            fixed = False
        if merged:
            found = sorted(found)
        if memorable:
            self._known[path] = found
        return found


def _with(entries: list[int], entry: int) -> list[int]:
    if not entries:
        return [entry]
    insort(entries, entry)
    return entries
