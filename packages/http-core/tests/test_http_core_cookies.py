"""Cookie, read leniently, and Set-Cookie, written strictly (RFC 6265)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from http.cookies import SimpleCookie
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import LocalProtocolError, format_set_cookie, parse_cookies

# --- reading ---


@pytest.mark.parametrize(
    ("value", "cookies"),
    [
        ("SID=31d4d96e407aad42; lang=en-US", {"SID": "31d4d96e407aad42", "lang": "en-US"}),
        ("a=1;b=2;;c=3;", {"a": "1", "b": "2", "c": "3"}),
        (" a = 1 ;\tb=2", {"a": "1", "b": "2"}),
        ("a=", {"a": ""}),
        ("a=b=c", {"a": "b=c"}),
        ("a=1; a=2", {"a": "2"}),
        ("a=1,b=2", {"a": "1,b=2"}),
        ('a={"x":1}; b=2', {"a": '{"x":1}', "b": "2"}),
        ("[x](y)=1; z w=2", {"[x](y)": "1", "z w": "2"}),
        ("path=/; expires=x", {"path": "/", "expires": "x"}),
        ("a=é", {"a": "é"}),
        ("", {}),
    ],
)
def test_pairs(value: str, cookies: dict[str, str]) -> None:
    assert parse_cookies(value) == cookies


@pytest.mark.parametrize(
    ("value", "cookies"),
    [
        ("a; b=2", {"b": "2"}),
        ("=x; b=2", {"b": "2"}),
        ('a="open; b=2', {"a": '"open', "b": "2"}),
        ('a="x;y"; b=2', {"a": '"x', "b": "2"}),
        ('a="; b=2', {"a": '"', "b": "2"}),
    ],
)
def test_a_bad_pair_never_loses_the_others(value: str, cookies: dict[str, str]) -> None:
    assert parse_cookies(value) == cookies


def test_a_quote_can_not_swallow_the_cookies_behind_it() -> None:
    cookies = parse_cookies('$Version=1; a="; session=secret; b="')
    assert cookies["session"] == "secret"


def test_only_spaces_and_tabs_are_stripped_from_names() -> None:
    assert "__Host-a" not in parse_cookies("\u2000__Host-a=1; \x85__Host-a=1")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"plain"', "plain"),
        ('""', ""),
        (r'"a\"b\\c"', r'a"b\c'),
        (r'"a\073b\054\040c"', "a;b, c"),
        (r'"\351"', "é"),
        (r'"\8"', "8"),
        ('"a\\"', "a\\"),
        (r"a\073b", r"a\073b"),
    ],
)
def test_values_are_taken_out_of_their_quotes(text: str, value: str) -> None:
    assert parse_cookies(f"a={text}") == {"a": value}


@settings(deadline=None)
@given(st.text('a=;"\\ \t0 7'))
def test_there_are_no_more_cookies_than_pairs(value: str) -> None:
    assert len(parse_cookies(value)) <= value.count(";") + 1


def test_hostile_values_take_linear_time() -> None:
    size = 200_000
    for value in ('a="' + "\\" * size + '"', '"' * size, "a=1;" * size, "=" * size, " " * size):
        parse_cookies(value)
    assert len(parse_cookies(";".join(f"{each}=1" for each in range(size)))) == size


# --- writing ---


def test_all_attributes() -> None:
    assert format_set_cookie(
        "id",
        "abc",
        max_age=3600,
        expires=784111777,
        path="/a",
        domain="example.com",
        secure=True,
        httponly=True,
        samesite="lax",
        partitioned=True,
    ) == (
        "id=abc; Expires=Sun, 06 Nov 1994 08:49:37 GMT; Max-Age=3600; Domain=example.com; "
        "Path=/a; Secure; HttpOnly; SameSite=Lax; Partitioned"
    )


def test_without_attributes() -> None:
    assert format_set_cookie("id", "abc") == "id=abc"
    assert format_set_cookie("id", "", path="", domain="") == "id="


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a b", '"a b"'),
        ('{"a":1}', r'"{\"a\":1}"'),
        ("a,b;c", r'"a\054b\073c"'),
        ("a\\b", r'"a\\b"'),
        ("a=b&c", "a=b&c"),
        ("é", "é"),
    ],
)
def test_values_that_need_quotes_get_them(value: str, text: str) -> None:
    assert format_set_cookie("a", value) == f"a={text}"


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, exclude_characters="\x7f", codec="utf-8")))
def test_a_value_comes_back(value: str) -> None:
    text = format_set_cookie("a", value)
    assert text.count(";") == 0
    assert parse_cookies(text) == {"a": value}


@settings(deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_the_standard_library_reads_what_is_written(value: str) -> None:
    cookies: SimpleCookie = SimpleCookie(format_set_cookie("a", value, path="/"))
    assert cookies["a"].value == value


@pytest.mark.parametrize("bad", ["\r", "\n", "\0", "\t", "\x7f", "\r\nSet-Cookie: b=1"])
@pytest.mark.parametrize("part", ["value", "path", "domain", "expires", "samesite", "max_age"])
def test_controls_are_refused_in_every_part(part: str, bad: str) -> None:
    arguments: dict[str, Any] = {"value": "x", part: f"x{bad}"}
    with pytest.raises(LocalProtocolError):
        format_set_cookie("a", **arguments)


@pytest.mark.parametrize("name", ["", "a b", "a;b", "a=b", "a\r\n", "é", '"a"', "a,b"])
def test_a_name_is_a_token(name: str) -> None:
    with pytest.raises(LocalProtocolError, match="token"):
        format_set_cookie(name, "x")


@pytest.mark.parametrize("part", ["path", "domain", "expires"])
def test_no_attribute_can_smuggle_in_another(part: str) -> None:
    arguments: dict[str, Any] = {part: "/; Domain=evil"}
    with pytest.raises(LocalProtocolError, match=part):
        format_set_cookie("a", "x", **arguments)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("__Secure-a", {}),
        ("__secure-a", {"path": "/"}),
        ("__Host-a", {}),
        ("__Host-a", {"secure": True}),
        ("__Host-a", {"secure": True, "path": "/a"}),
        ("__Host-a", {"path": "/"}),
        ("__HOST-a", {"secure": True, "path": "/", "domain": "example.com"}),
    ],
)
def test_a_prefix_without_what_it_promises_is_refused(
    name: str, arguments: dict[str, Any]
) -> None:
    with pytest.raises(LocalProtocolError, match="prefix"):
        format_set_cookie(name, "x", **arguments)


def test_a_prefix_with_what_it_promises() -> None:
    assert format_set_cookie("__Host-a", "x", secure=True, path="/")
    assert format_set_cookie("__Secure-a", "x", secure=True, domain="example.com")


@pytest.mark.parametrize(
    ("given_", "sent"), [("strict", "Strict"), ("LAX", "Lax"), ("None", "None")]
)
def test_same_site(given_: str, sent: str) -> None:
    assert format_set_cookie("a", "x", samesite=given_) == f"a=x; SameSite={sent}"


@pytest.mark.parametrize("value", ["", "yes", "Lax; Secure"])
def test_same_site_of_another_kind_is_refused(value: str) -> None:
    with pytest.raises(LocalProtocolError, match="samesite"):
        format_set_cookie("a", "x", samesite=value)


@pytest.mark.parametrize(("max_age", "sent"), [(0, "0"), (-1, "-1"), ("60", "60"), (True, "1")])
def test_max_age(max_age: int | str, sent: str) -> None:
    assert format_set_cookie("a", "x", max_age=max_age) == f"a=x; Max-Age={sent}"


@pytest.mark.parametrize("max_age", ["", "1.5", "soon", "\u0661", 10**30])
def test_max_age_that_is_no_number_of_seconds_is_refused(max_age: int | str) -> None:
    with pytest.raises(LocalProtocolError, match="max_age"):
        format_set_cookie("a", "x", max_age=max_age)


@pytest.mark.parametrize(
    "expires",
    [
        0,
        0.9,
        datetime(1970, 1, 1),
        datetime(1970, 1, 1, tzinfo=UTC),
        datetime(1970, 1, 1, 2, tzinfo=timezone(timedelta(hours=2))),
        "Thu, 01 Jan 1970 00:00:00 GMT",
    ],
)
def test_expires_of_each_kind(expires: Any) -> None:
    assert (
        format_set_cookie("a", "x", expires=expires)
        == "a=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    )


@pytest.mark.parametrize("expires", [float("inf"), float("nan"), 1e15, -1e15])
def test_a_time_out_of_range_is_refused(expires: float) -> None:
    with pytest.raises(LocalProtocolError, match="expires"):
        format_set_cookie("a", "x", expires=expires)


@pytest.mark.parametrize("arguments", [{"max_age": 1.5}, {"expires": b"x"}, {"max_age": b"1"}])
def test_arguments_of_another_type_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="expected"):
        format_set_cookie("a", "x", **arguments)
