"""Matching of patterns that put several default parts into one segment, in linear time.

As a regular expression ``/{a}.{b}.{c}.json`` is quadratic or worse: on a long row of dots every
part tries every length, for every length of the others, before the match fails, and one request
with such a path would stop the event loop for minutes. So such a pattern is matched segment by
segment, and a crowded segment is taken apart from its end, each text between two parts at the
last place where it can be. That gives exactly what the regular expression gives, where each part
takes as much as it can, the first one first.

It is asked for a whole quoted path and answers with the values, not decoded. It never matches
more than the regular expression of the whole pattern does.
"""

import re
from collections.abc import Sequence


class CrowdedSegment:
    """A segment of text and at least two default parts, such as ``v{major}.{minor}``.

    :param names: the names of the parts.
    :param texts: what stands before the first part, between each two, and after the last one;
        one more than *names*. All but the parts' values, so none of them has a slash.
    """

    __slots__ = ("_before", "_between", "_names")

    def __init__(self, names: Sequence[str], texts: Sequence[str]) -> None:
        self._names = tuple(reversed(names))
        self._before, *between, after = texts
        # Backwards, as the segment is searched.
        self._between = (after, *reversed(between))

    def match(self, segment: str) -> dict[str, str] | None:
        """Take *segment* apart, or return None."""
        # A default part matches neither brace; nor does a quoted text have one.
        if not segment.startswith(self._before) or "{" in segment or "}" in segment:
            return None
        values: dict[str, str] = {}
        # Every part has at least one character.
        first = len(self._before) + 1
        after, *between = self._between
        end = len(segment) - len(after)
        if not segment.endswith(after):
            return None
        for name, text in zip(self._names, between, strict=False):
            at = segment.rfind(text, first, end - 1) if end > first else -1
            if at < 0:
                return None
            values[name] = segment[at + len(text) : end]
            end = at
        values[self._names[-1]] = segment[len(self._before) : end]
        return dict(reversed(values.items()))


class PiecewiseMatcher:
    """A pattern as a row of segments and what comes after them.

    :param segments: the text of a fixed segment, a crowded one, or the regular expression of any
        other.
    :param rest: what the path has to match from there on, its slash included; None if the
        segments are the whole path.
    """

    __slots__ = ("_rest", "_segments")

    def __init__(
        self,
        segments: Sequence[str | CrowdedSegment | re.Pattern[str]],
        rest: re.Pattern[str] | None,
    ) -> None:
        self._segments = tuple(segments)
        self._rest = rest

    def match(self, path: str) -> dict[str, str] | None:
        """Match a whole path: the values of the parts as they stand in it, or None."""
        count = len(self._segments)
        pieces = path.split("/", count)
        if len(pieces) != count + (self._rest is not None):
            return None
        values: dict[str, str] = {}
        for wanted, piece in zip(self._segments, pieces, strict=False):
            if isinstance(wanted, str):
                if piece != wanted:
                    return None
                continue
            if isinstance(wanted, CrowdedSegment):
                found = wanted.match(piece)
            else:
                match = wanted.fullmatch(piece)
                found = None if match is None else match.groupdict("")
            if found is None:
                return None
            values.update(found)
        if self._rest is not None:
            match = self._rest.fullmatch(pieces[-1])
            if match is None:
                return None
            values.update(match.groupdict(""))
        return values
