"""Matching of patterns that put several default parts into one segment, in linear time.

As a regular expression ``/{a}.{b}.{c}.json`` is quadratic or worse: on a long row of dots every
part tries every length, for every length of the others, before the match fails, and one request
with such a path would stop the event loop for minutes. So such a pattern is matched segment by
segment, and a crowded segment is taken apart from its end, each text between two parts at the
last place where it can be. That gives exactly what the regular expression gives, where each part
takes as much as it can, the first one first.

Behind the default parts there may be custom ones, as in ``/{year}-{month}-{slug:[a-z-]+}``: a
*tail*. Where it begins is the last place at which its own regular expression matches all that
follows, because that leaves the most to the parts before it. Each place is tried once, whatever
the number of parts; what one try costs is up to the author of the regular expression.

It is asked for a whole quoted path and answers with the values, not decoded. It never matches
more than the regular expression of the whole pattern does.
"""

import re
from collections.abc import Sequence

# What a default part does not match.
_NOT_IN_A_PART = re.compile(r"[{}/]")


class CrowdedSegment:
    """A segment of text and at least two default parts, such as ``v{major}.{minor}``.

    :param names: the names of the parts.
    :param texts: what stands before the first part, between each two, and after the last one;
        one more than *names*. All but the parts' values, so none of them has a slash.
    :param tail: what has to match all that comes behind these, which then may have slashes; None
        if nothing does.
    """

    __slots__ = ("_before", "_between", "_names", "_tail")

    def __init__(
        self, names: Sequence[str], texts: Sequence[str], tail: re.Pattern[str] | None = None
    ) -> None:
        self._names = tuple(reversed(names))
        self._tail = tail
        self._before, *between, after = texts
        # Backwards, as the segment is searched.
        self._between = (after, *reversed(between))

    def match(self, segment: str) -> dict[str, str] | None:
        """Take *segment* apart, or return None."""
        if self._tail is None:
            return self._match(segment)
        text = self._between[0]
        stop = _NOT_IN_A_PART.search(segment)
        end = len(segment) if stop is None else stop.start()
        # Every part has at least one character.
        first = len(self._before) + len(self._names)
        while (at := segment.rfind(text, first, end)) >= 0:
            found = self._tail.fullmatch(segment, at + len(text))
            if found is not None:
                values = self._match(segment[: at + len(text)])
                if values is not None:
                    values.update(found.groupdict(""))
                return values
            end = at + len(text) - 1
        return None

    def _match(self, segment: str) -> dict[str, str] | None:
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
    :param rest: what the path has to match from there on, behind the slash; None if the
        segments are the whole path.
    """

    __slots__ = ("_rest", "_segments")

    def __init__(
        self,
        segments: Sequence[str | CrowdedSegment | re.Pattern[str]],
        rest: re.Pattern[str] | CrowdedSegment | None,
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
            found = _values(wanted, piece)
            if found is None:
                return None
            values.update(found)
        if self._rest is not None:
            found = _values(self._rest, pieces[-1])
            if found is None:
                return None
            values.update(found)
        return values


def _values(wanted: CrowdedSegment | re.Pattern[str], text: str) -> dict[str, str] | None:
    if isinstance(wanted, CrowdedSegment):
        return wanted.match(text)
    match = wanted.fullmatch(text)
    return None if match is None else match.groupdict("")
