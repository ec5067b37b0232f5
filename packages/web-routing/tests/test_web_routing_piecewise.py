"""Crowded segments are matched as their regular expression matches, in linear time."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_web_routing import Pattern
from tidegate_web_routing.piecewise import CrowdedSegment, PiecewiseMatcher

TEXTS = st.sampled_from(["", "", ".", "-", "a", ".a", "..", "a."])


@st.composite
def crowded(draw: st.DrawFn) -> str:
    count = draw(st.integers(2, 4))
    crowd = draw(TEXTS) + "".join(f"{{p{number}}}{draw(TEXTS)}" for number in range(count))
    tail = ["", "", r"{x:\d+}", r"{x:[a.-]*}", r"{x:[^/]+?}-{y:\w*}", r"{x:a|a\.|-+}.", r"{x:\ba}"]
    return crowd + draw(st.sampled_from(tail))


@st.composite
def paths(draw: st.DrawFn) -> str:
    before = draw(st.sampled_from(["", "/a", r"/{q:\w*}", "/{r}", "/a{s}"]))
    after = draw(
        st.sampled_from(
            ["", "/", "/a", r"/{t:\d*}", "/{u}", "/{v:.*}", "/a{w:.+}", "/{k}.{l}/b", "{m:.*}"]
        )
    )
    return f"{before}/{draw(crowded())}{after}"


@settings(deadline=None)
@given(paths(), st.lists(st.text("a.-1{", max_size=8), min_size=1, max_size=4))
def test_a_crowded_pattern_matches_what_its_regular_expression_matches(
    path: str, segments: list[str]
) -> None:
    pattern = Pattern(path)
    assert pattern._piecewise is not None
    asked = "/" + "/".join(segments)
    match = pattern.regex.fullmatch(asked)
    assert pattern.match(asked) == (None if match is None else match.groupdict())


def test_the_first_part_takes_as_much_as_it_can() -> None:
    segment = CrowdedSegment(["a", "b", "c"], ["v", ".", ".", "z"])
    assert segment.match("v1.2.3.4z") == {"a": "1.2", "b": "3", "c": "4"}
    assert list(segment.match("v1.2.3.4z") or ()) == ["a", "b", "c"]


@pytest.mark.parametrize("text", ["", "v", "vz", "v..z", "v1.2z", "x1.2.3z", "v1.2.3", "v1.2.3{z"])
def test_a_part_is_never_empty_and_all_texts_have_to_be_there(text: str) -> None:
    assert CrowdedSegment(["a", "b", "c"], ["v", ".", ".", "z"]).match(text) is None


def test_the_number_of_segments_has_to_fit() -> None:
    crowd = CrowdedSegment(["a", "b"], ["", "-", ""])
    whole = PiecewiseMatcher(["", "x", crowd], None)
    assert whole.match("/x/1-2") == {"a": "1", "b": "2"}
    assert whole.match("/x/1-2/") is None
    assert whole.match("/x") is None
    assert whole.match("/y/1-2") is None
    longer = PiecewiseMatcher(["", re.compile("(?P<x>x?)"), crowd], re.compile("(?P<tail>.*)"))
    assert longer.match("/x/1-2/a/b") == {"x": "x", "a": "1", "b": "2", "tail": "a/b"}
    assert longer.match("//1-2/") == {"x": "", "a": "1", "b": "2", "tail": ""}
    assert longer.match("/x/1-2") is None
    assert longer.match("/z/1-2/") is None
