"""Patterns: what they match, what they build, and how they refuse."""

import re
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tidegate_web_routing import Pattern, UrlPartsError
from tidegate_web_routing.pattern import _SLASHLESS, check_path, requote, unquote
from yarl import URL


@pytest.mark.parametrize(
    ("path", "asked", "values"),
    [
        ("/{name}", "/joe", {"name": "joe"}),
        ("/{name}", "/", None),
        ("/{name}", "/a/b", None),
        ("/{name}", "/a{b", None),
        ("/{name}", "/joe/", None),
        ("/a/{b}/c", "/a/1/c", {"b": "1"}),
        ("/a/{b}/c", "/a/1/d", None),
        ("/a.b/{c}", "/aXb/1", None),
        (r"/{n:\d+}", "/12", {"n": "12"}),
        (r"/{n:\d+}", "/12a", None),
        (r"/{n:\d{2,3}}", "/12", {"n": "12"}),
        (r"/{n:\d{2,3}}", "/1", None),
        (r"/{n:[{]x\}}", "/{x}", {"n": "{x}"}),
        (r"/{n:[^}]+}", "/{x", {"n": "{x"}),
        (r"/{n:[]}]+}", "/]}", {"n": "]}"}),
        (r"/{n:[\]}]+}", "/]}", {"n": "]}"}),
        (r"/{n:\[{2}}", "/[[", {"n": "[["}),
        (r"/{n:^\d+$}", "/12", {"n": "12"}),
        (r"/{n:^\d+$}/{m:^x|y$}", "/12/y", {"n": "12", "m": "y"}),
        (r"/{n:a\$}", "/a$", {"n": "a$"}),
        (r"/{n:a\\$}", "/a\\", {"n": "a\\"}),
        (r"/{n:(a|b)c}", "/bc", {"n": "bc"}),
        (r"/{n:(?P<y>\d)?x}", "/x", {"n": "x", "y": ""}),
        (r"/{n:(?P<y>\d)?x}", "/1x", {"n": "1x", "y": "1"}),
        (r"/{tail:.*}", "/a/b", {"tail": "a/b"}),
        (r"/{tail:.*}/edit", "/a/b/edit", {"tail": "a/b"}),
        (r"/{date:\d{4}/\d\d}/x", "/2024/12/x", {"date": "2024/12"}),
        ("/v{major}.{minor}", "/v1.2.3", {"major": "1.2", "minor": "3"}),
        ("/{a}{b}", "/xyz", {"a": "xy", "b": "z"}),
        (r"/{a}.{b}/{a2:\d+}", "/x.y/12", {"a": "x", "b": "y", "a2": "12"}),
        (r"/{a}.{b}/{c:\d}{d:(?P=a)}", "/x.y/1x", {"a": "x", "b": "y", "c": "1", "d": "x"}),
        (r"/{a}.{b}/{tail:.*}", "/x.y/1/2", {"a": "x", "b": "y", "tail": "1/2"}),
    ],
)
def test_a_path_is_matched_as_a_whole(
    path: str, asked: str, values: dict[str, str] | None
) -> None:
    found = Pattern(path).match(asked)
    assert found == values
    if found is not None and values is not None:
        assert list(found) == list(values)


@pytest.mark.parametrize(
    ("path", "asked", "values"),
    [
        ("/é/{x}", "/%C3%A9/%C3%A9", {"x": "é"}),
        ("/%c3%a9/{x}", "/%C3%A9/1", {"x": "1"}),
        ("/a b/{x}", "/a%20b/c%20d", {"x": "c d"}),
        ("/%7e/{x}", "/~/1", {"x": "1"}),
        ("/100%/{x}", "/100%25/1", {"x": "1"}),
        ("/a?b#c/{x}", "/a%3Fb%23c/1", {"x": "1"}),
        ("/{x}", "/a%2Fb", {"x": "a/b"}),
        ("/{x}", "/%25", {"x": "%"}),
        ("/{x}", "/%2541", {"x": "%41"}),
        ("/{x}", "/a+b", {"x": "a+b"}),
        ("/{x}", "/a:b%20", {"x": "a:b "}),
        # An escape that is not UTF-8 stays: nothing is lost and nothing is invented.
        ("/{x}", "/%FF", {"x": "%FF"}),
        ("/{x}.{y}", "/%20.%21", {"x": " ", "y": "!"}),
        # A custom regex is matched with the quoted form.
        ("/{x:é}", "/%C3%A9", None),
        ("/{x:%C3%A9}", "/%C3%A9", {"x": "é"}),
    ],
)
def test_text_is_matched_quoted_and_values_come_out_decoded(
    path: str, asked: str, values: dict[str, str] | None
) -> None:
    assert Pattern(path).match(asked) == values


@pytest.mark.parametrize(
    ("path", "problem", "at"),
    [
        ("a", "a path must start with '/' or be empty", 0),
        ("{a}", "a path must start with '/' or be empty", 0),
        ("/a/{b", "the brace that opens here is never closed", 3),
        ("/a/{b:{}", "the brace that opens here is never closed", 3),
        (r"/a/{b:\}", "the brace that opens here is never closed", 3),
        ("/a/b}c", "this brace closes nothing; write %7D", 4),
        ("/{a}}", "this brace closes nothing", 4),
        ("/{}", "the name of a part must be an identifier, this is ''", 2),
        ("/{1a}", "must be an identifier, this is '1a'", 2),
        ("/{ a }", "must be an identifier", 2),
        (r"/{a\d+}", "must be an identifier", 2),
        ("/{a:}", "the regex of part 'a' is missing", 4),
        ("/x/{a}/{a}", "there is a part 'a' already", 8),
        ("/{a:(}", "the regex of part 'a' does not compile, missing ), unterminated", 4),
        ("/{a:x)(y}", "does not compile, unbalanced parenthesis", 5),
        ("/{a:^x**}", "does not compile, multiple repeat", 7),
        ("/{a:[}", "does not compile, unterminated character set", 4),
        ("/{a:x{99999999999999999999}}", "does not compile, the repetition number", 4),
        ("/{x}/{a:(?P=b)}/{b}", "does not compile, unknown group name 'b'", 12),
        ("/{a:(?P<b>x)}/{b}", "the regexes of the parts can't stand in one path", 14),
        (r"/{a:(x)\1}", "can't stand in one path, cannot refer to an open group", 4),
        ("/{a:(?i)x}", "can't stand in one path, global flags not at the start", 4),
    ],
)
def test_a_malformed_path_is_shown_with_the_place_pointed_at(
    path: str, problem: str, at: int
) -> None:
    with pytest.raises(ValueError, match=re.escape(problem)) as info:
        Pattern(path)
    first, shown, pointer = str(info.value).split("\n")
    assert first.startswith(f"invalid path {path!r}: ")
    assert shown == f"    {path}"
    assert pointer == f"    {' ' * at}^"


@pytest.mark.parametrize("path", [None, 5, b"/a", URL("/a")])
def test_a_path_that_is_no_str_is_a_type_error(path: Any) -> None:
    with pytest.raises(TypeError, match="path must be a str, got"):
        check_path(path)


def test_formatter_and_regex_are_what_tools_expect() -> None:
    pattern = Pattern(r"/é/{x}/{y:\d+}")
    assert pattern.formatter == "/%C3%A9/{x}/{y}"
    assert pattern.regex == re.compile(r"/%C3%A9/(?P<x>[^{}/]+)/(?P<y>\d+)")
    assert repr(pattern) == r"Pattern('/é/{x}/{y:\\d+}')"


@pytest.mark.parametrize(
    ("path", "values", "url"),
    [
        ("/{x}", {"x": "john doe"}, "/john%20doe"),
        ("/{x}", {"x": "é"}, "/%C3%A9"),
        ("/{x}", {"x": "%20"}, "/%2520"),
        ("/{x}", {"x": "a/b?c#d"}, "/a%2Fb%3Fc%23d"),
        (r"/{x:\d+}", {"x": "1/2"}, "/1%2F2"),
        ("/{x:.*}", {"x": "a/b c"}, "/a/b%20c"),
        ("/{x:.*}", {"x": "/a"}, "//a"),
        ("/{x}", {"x": "a:b+c"}, "/a:b+c"),
        ("/é/{x}-{y}", {"y": "2", "x": "1"}, "/%C3%A9/1-2"),
        ("/{x}", {"x": "{y}"}, "/%7By%7D"),
    ],
)
def test_values_are_quoted_when_a_url_is_built(
    path: str, values: dict[str, str], url: str
) -> None:
    assert Pattern(path).build(values, "r").raw_path == url


@settings(deadline=None)
@given(st.text(min_size=1), st.text(min_size=1))
def test_what_is_built_leads_back_to_the_same_values(x: str, y: str) -> None:
    pattern = Pattern("/{x}/é/{y:.+}")
    values = {"x": x, "y": y}
    try:
        url = pattern.build(values, "r")
    except UnicodeEncodeError:  # a lone surrogate, which no URL can hold
        return
    assert pattern.match(url.raw_path) == values


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "url_for() of R got the wrong parts, missing: x, y"),
        ({"x": "1"}, "url_for() of R got the wrong parts, missing: y"),
        ({"x": "1", "y": "2", "z": "3"}, "url_for() of R got the wrong parts, not in the path: z"),
        ({"x": "1", "z": "3"}, "wrong parts, missing: y; not in the path: z"),
    ],
)
def test_missing_and_superfluous_parts_are_refused_by_name(
    values: dict[str, str], message: str
) -> None:
    with pytest.raises(UrlPartsError, match=re.escape(message)):
        Pattern("/{x}/{y}").build(values, "R")


def test_a_part_that_is_no_str_is_refused_by_name() -> None:
    values: Any = {"x": 5}
    with pytest.raises(
        TypeError, match=r"url_for\(\) of R: part 'x' must be a str, got 5 of type"
    ):
        Pattern("/{x}").build(values, "R")


@pytest.mark.parametrize(
    ("path", "pieces", "exact"),
    [
        ("/{x}", ("", None), True),
        ("/a/{x}/", ("", "a", None, ""), True),
        ("/a/b{x}c/d", ("", "a", None, "d"), True),
        (r"/é/{x:\d+}/b", ("", "%C3%A9", None, "b"), True),
        ("/a/{x:.*}", ("", "a"), False),
        ("/a/{x}/b{y:.*}/c", ("", "a", None), False),
        ("/{x:[^/]+}", ("", None), True),
        (r"/{x:\S+}", ("",), False),
    ],
)
def test_the_place_of_a_pattern_ends_at_the_first_part_that_may_span_segments(
    path: str, pieces: tuple[str | None, ...], exact: bool
) -> None:
    pattern = Pattern(path)
    assert (pattern.pieces, pattern.exact) == (pieces, exact)


REGEX_PIECES = st.sampled_from(
    [
        *["a", "-", "_", "%2F", "/", ".", r"\.", r"\/", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S"],
        *["[a-z]", "[^/]", "[^a]", "[^a/]", "[+-9]", "[!-~]", r"[\w-]", r"[\w.-]", r"[\W]", "[/]"],
        *[r"[^\d/]", r"[^\]/]", r"[^\\/]", "[^]/]", "[]a]", "[a-]", "[-a]", r"[\.-9]", "[.-/]"],
        *["(", ")", "(?:", "(?=", "(?!", "(?<!", "|", "*", "+", "?", "{1,2}", "{2}", "^", "$"],
        *[r"\b", r"\Z", r"\x2f", r"\57", r"\057", "#", "(?s:.)", "(?x:.)", r"[\057]", r"[\x2f]"],
    ]
)


@settings(deadline=None)
@given(st.lists(REGEX_PIECES, max_size=6).map("".join), st.text("a/1.-_ b", max_size=5))
def test_a_regex_that_is_taken_for_slashless_matches_no_slash(regex: str, text: str) -> None:
    try:
        compiled = re.compile(regex)
    except re.error:
        return
    if _SLASHLESS.fullmatch(regex) is not None:
        for match in (compiled.fullmatch(text), *compiled.finditer(text)):
            assert match is None or "/" not in match.group()


@pytest.mark.parametrize(
    "regex",
    [
        r"\d+",
        r"\w+",
        "[0-9a-f]{8}",
        "[^{}/]+",
        "[^/]*",
        "(?:a|b)",
        r"[\w-]+",
        r"v\d+\.\d+",
        "[a-zA-Z]",
    ],
)
def test_common_regexes_are_known_to_match_no_slash(regex: str) -> None:
    assert _SLASHLESS.fullmatch(regex) is not None


@settings(deadline=None)
@given(st.text())
def test_requoting_is_idempotent_and_agrees_with_a_request(path: str) -> None:
    try:
        quoted = requote("/" + path)
    except UnicodeEncodeError:  # a lone surrogate
        return
    assert requote(quoted) == quoted
    assert quoted.isascii()
    if not quoted.startswith("//"):  # that would be a host
        assert URL(quoted).raw_path == quoted


@settings(deadline=None)
@given(st.text())
def test_unquoting_undoes_quoting(text: str) -> None:
    try:
        quoted = URL.build(path=text).raw_path
    except (UnicodeEncodeError, ValueError):
        return
    assert unquote(quoted) == text


def test_patterns_of_one_shape_differ_in_names_only() -> None:
    assert Pattern(r"/{a}/b/{c:\d+}/{t:.*}").shape() == Pattern(r"/{x}/b/{y:\d+}/{z:.*}").shape()
    assert Pattern("/{a}").shape() != Pattern("/{a:.+}").shape()


SEGMENTS = st.sampled_from(
    [
        "",
        "a",
        "a.b~c-d_",
        ".",
        "..",
        "{x}",
        "{y}",
        "{_z1}",
        "a{x}",
        "{x}{y}",
        "{x:a}",
        "é",
        "%41",
        "{é}",
    ]
)


@settings(deadline=None)
@given(st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda pieces: "/" + "/".join(pieces)))
def test_the_short_way_for_simple_paths_gives_what_the_long_way_gives(path: str) -> None:
    def fields(pattern: Pattern) -> tuple[Any, ...]:
        return (pattern.pieces, pattern.exact, pattern.formatter, list(pattern.parts.values()))

    names = re.findall(r"\{(\w+)", path)
    assume(len(set(names)) == len(names))
    short = Pattern(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tidegate_web_routing.pattern._SIMPLE", re.compile("(?!)"))
        long = Pattern(path)
    assert fields(short) == fields(long)
    for asked in (path, "/a/b/c", "/a", "/a/b", "/", "//"):
        assert short.match(asked) == long.match(asked)
