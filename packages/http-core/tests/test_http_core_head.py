"""What a head says: fields, Host, what it decides, and what a connection remembers of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import (
    CHUNKED,
    CONTENT_LENGTH,
    NO_BODY,
    FieldNames,
    Limits,
    ProtocolError,
    RequestHead,
    RequestParser,
)

Log = Callable[..., list[tuple[Any, ...]]]

CHUNKED_HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
GET = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"


def only_head(data: bytes, limits: Limits | None = None) -> RequestHead:
    events = RequestParser(limits or Limits()).feed(data)
    head = events[0]
    assert isinstance(head, RequestHead)
    return head


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


# --- RFC 9112 section 5: the header section ---


def test_fields_keep_names_as_sent_and_strip_values() -> None:
    raw = b"host:a\r\nX-Empty:\r\nX-Space: \t \r\nX-Both: \t a  b\t \r\nX-Tab: a\tb\r\n"
    head = only_head(b"GET / HTTP/1.1\r\n" + raw + b"\r\n")
    assert head.fields.pairs == (
        ("host", "a"),
        ("X-Empty", ""),
        ("X-Space", ""),
        ("X-Both", "a  b"),
        ("X-Tab", "a\tb"),
    )
    assert head.fields.raw == raw
    assert head.fields.view is None


def test_obs_text_is_decoded_as_utf_8_and_survives() -> None:
    head = only_head(
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \xc3\xa9\xff\r\nY: \xc3\xa9\r\nZ: z\r\n\r\n"
    )
    assert head.fields.pairs[1:] == (("X", "é\udcff"), ("Y", "é"), ("Z", "z"))
    assert head.fields.raw_pairs()[1] == (b"X", b"\xc3\xa9\xff")


@pytest.mark.parametrize("line", [b"X:y", b"X: y", b"X:\ty", b"X:  y \t"])
def test_raw_pairs_strip_values(line: bytes) -> None:
    head = only_head(b"GET / HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n")
    assert head.fields.raw_pairs() == ((b"Host", b"a"), (b"X", b"y"))


HOSTS = [
    "a",
    "a.example",
    "A-b_c~.example.",
    "127.0.0.1",
    "a:80",
    "a:",
    "a:0",
    "a:65535",
    "a:00080",
    "[::]",
    "[::1]:80",
    "[1:2:3:4:5:6:7:8]",
    "[1:2:3:4:5:6:127.0.0.1]",
    "[::ffff:255.255.255.255]",
    "[2001:db8::1]",
    "[1::8]",
    "[1:2:3:4:5:6:7::]",
    "[v1.a:b]",
    "%41b",
    "a!$&'()*+,;=b",
]


@pytest.mark.parametrize("host", HOSTS)
def test_host_that_is_valid(host: str) -> None:
    head = only_head(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert head.fields.pairs == (("Host", host),)


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        ":80",
        "a b",
        "a/b",
        "a?b",
        "a#b",
        "u@a",
        "a:b",
        "a:-1",
        "a:65536",
        "a:99999",
        "a:80:80",
        "a,b:80 c",
        "http://a",
        "::1",
        "[::1",
        "::1]",
        "[::1]a",
        "[:::1]",
        "[1::2::3]",
        "[1:2:3:4:5:6:7]",
        "[1:2:3:4:5:6:7:8:9]",
        "[12345::]",
        "[::1%25eth0]",
        "[::256.0.0.1]",
        "[v.a]",
        "[]",
        "%4",
        "%zz",
        'a"b',
        "a\\b",
        "é",
        "a\tb",
    ],
)
def test_host_that_is_invalid(host: str, log: Log) -> None:
    data = f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()
    assert log([data])[-1][1:3] == ("BadHost", 400)
    assert log(cut(data, 1)) == log([data])


# --- RFC 9112 section 9.3, RFC 9110 sections 7.8 and 10.1.1 ---


@pytest.mark.parametrize(
    ("version", "fields", "keep_alive"),
    [
        ("1.1", "", True),
        ("1.1", "Connection: keep-alive\r\n", True),
        ("1.1", "Connection: close\r\n", False),
        ("1.1", "Connection: CLOSE\r\n", False),
        ("1.1", "Connection: keep-alive, close\r\n", False),
        ("1.1", "Connection: keep-alive\r\nConnection: close\r\n", False),
        ("1.1", "Connection: \r\nConnection:\t close\r\n", False),
        ("1.1", "Connection: closed\r\n", True),
        ("1.0", "Connection: \u212aeep-alive\r\n", False),
        ("1.0", "", False),
        ("1.0", "Connection: keep-alive\r\n", True),
        ("1.0", "Connection: Keep-Alive\r\n", True),
        ("1.0", "Connection: keep-alive, close\r\n", False),
        ("1.0", "Connection: upgrade\r\n", False),
    ],
)
def test_keep_alive(version: str, fields: str, keep_alive: bool) -> None:
    head = only_head(f"GET / HTTP/{version}\r\nHost: a\r\n{fields}\r\n".encode())
    assert head.keep_alive is keep_alive


@pytest.mark.parametrize(
    ("version", "fields", "upgrade"),
    [
        ("1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\n", True),
        ("1.1", "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n", True),
        ("1.1", "Connection: keep-alive\r\nUpgrade: websocket\r\n", False),
        ("1.1", "Upgrade: websocket\r\n", False),
        ("1.1", "Connection: Upgrade\r\n", False),
        ("1.1", "Connection: Upgrade\r\nUpgrade:\r\n", False),
        ("1.0", "Connection: Upgrade\r\nUpgrade: websocket\r\n", False),
    ],
)
def test_upgrade(version: str, fields: str, upgrade: bool) -> None:
    head = only_head(f"GET / HTTP/{version}\r\nHost: a\r\n{fields}\r\n".encode())
    assert head.upgrade is upgrade


@pytest.mark.parametrize(
    ("version", "fields", "expect", "expect_continue"),
    [
        ("1.1", "Expect: 100-continue\r\n", True, True),
        ("1.1", "Expect: 100-Continue\r\n", True, True),
        ("1.1", "Expect: 200-ok\r\n", True, False),
        ("1.1", "Expect:\r\n", True, False),
        ("1.1", "", False, False),
        ("1.0", "Expect: 100-continue\r\n", False, False),
    ],
)
def test_expect(version: str, fields: str, expect: bool, expect_continue: bool) -> None:
    head = only_head(f"POST / HTTP/{version}\r\nHost: a\r\n{fields}\r\n".encode())
    assert head.expect is expect
    assert head.expect_continue is expect_continue


@pytest.mark.parametrize(
    ("fields", "framing", "length", "has_body"),
    [
        ("", NO_BODY, -1, False),
        ("Content-Length: 0\r\n", CONTENT_LENGTH, 0, False),
        ("content-length: 7\r\n", CONTENT_LENGTH, 7, True),
        ("Content-Length: 9999999999999999999\r\n", CONTENT_LENGTH, 9999999999999999999, True),
        ("Transfer-Encoding: chunked\r\n", CHUNKED, -1, True),
        ("transfer-encoding:\tCHUNKED \r\n", CHUNKED, -1, True),
    ],
)
def test_framing_of_a_head(fields: str, framing: int, length: int, has_body: bool) -> None:
    head = only_head(f"POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n".encode())
    assert (head.framing, head.content_length, head.has_body) == (framing, length, has_body)


# --- What a connection remembers ---


def test_same_section_is_the_same_object() -> None:
    parser = RequestParser()
    first = parser.feed(b"GET /1 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")[0]
    second = parser.feed(b"PUT /2 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")[0]
    assert isinstance(first, RequestHead)
    assert isinstance(second, RequestHead)
    assert second.fields is first.fields
    assert (second.method, second.target) == ("PUT", "/2")


def test_section_on_1_0_is_not_taken_for_one_on_1_1(log: Log) -> None:
    section = b"Host: a\r\nConnection: x\r\n\r\n"
    data = b"".join(
        b"GET / HTTP/1.%b\r\n%b" % (minor, section)
        for minor in (b"1", b"1", b"0", b"0", b"1", b"1")
    )
    assert [event[9] for event in log([data]) if event[0] == "head"] == [
        True,
        True,
        False,
        False,
        True,
        True,
    ]


def test_large_section_is_not_remembered() -> None:
    parser = RequestParser()
    data = b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 5000 + b"\r\n\r\n"
    first, second = parser.feed(data)[0], parser.feed(data)[0]
    assert isinstance(first, RequestHead)
    assert isinstance(second, RequestHead)
    assert second.fields is not first.fields
    assert second.fields.pairs == first.fields.pairs


def test_bad_target_is_refused_before_a_remembered_section(log: Log) -> None:
    section = b" HTTP/1.1\r\nHost: a\r\n\r\n"
    assert log([b"GET /" + section + b"GET /\x7f" + section])[-1][1] == "BadRequestLine"


_LINES = [
    b"Host: a",
    b"Host: b",
    b"host: a",
    b"X: y",
    b"X: z",
    b"X: \xc3\xa9",
    b"X:\ty",
    b"Content-Length: 1",
    b"Content-Length: 0",
    b"Transfer-Encoding: chunked",
    b"Connection: close",
    b"Connection: keep-alive",
    b"Connection: upgrade",
    b"Upgrade: x",
    b"Expect: 100-continue",
    b"X : y",
    b"X: \x00",
]


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([b"1.1", b"1.1", b"1.0"]),
            st.lists(st.sampled_from(_LINES), max_size=5),
        ),
        max_size=4,
    )
)
def test_what_is_remembered_never_shows(sections: list[tuple[bytes, list[bytes]]]) -> None:
    """A section means the same on a connection that saw others as on a new one."""
    parser = RequestParser()
    for version, lines in sections:
        data = (
            b"GET / HTTP/%b\r\n" % version + b"".join(line + b"\r\n" for line in lines) + b"\r\n"
        )

        def seen(by: RequestParser, data: bytes = data) -> object:
            try:
                head = by.feed(data)[0]
            except ProtocolError as error:
                return str(error)
            assert isinstance(head, RequestHead)
            if head.framing == CONTENT_LENGTH and head.has_body:
                by.feed(b"1")
            elif head.framing == CHUNKED:
                by.feed(b"0\r\n\r\n")
            return (
                head.fields.pairs,
                head.fields.raw,
                head.framing,
                head.content_length,
                head.keep_alive,
                head.upgrade,
                head.expect,
                head.expect_continue,
            )

        fresh = seen(RequestParser())
        assert seen(parser) == fresh
        if isinstance(fresh, str):
            break


@pytest.mark.parametrize("line", ["Xa: y", "X-Y:z", "x: y", "XY:", "X:", "X:Y: z", "X: X: y"])
def test_name_in_the_place_of_another(line: str) -> None:
    """A name is the one of last time only when all of it is, and the colon."""
    parser = RequestParser()
    parser.feed(b"GET / HTTP/1.1\r\nHost: a\r\nX: b\r\n\r\n")
    head = parser.feed(f"GET / HTTP/1.1\r\nHost: a\r\n{line}\r\n\r\n".encode())[0]
    assert isinstance(head, RequestHead)
    name, _, value = line.partition(":")
    assert head.fields.pairs[1] == (name, value.strip())


def test_field_that_decides_replaced_by_one_that_does_not() -> None:
    """The line in the place of a Transfer-Encoding must not inherit what it decided."""
    parser = RequestParser()
    parser.feed(CHUNKED_HEAD + b"0\r\n\r\n")
    head = parser.feed(b"POST / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n")[0]
    assert isinstance(head, RequestHead)
    assert head.framing == NO_BODY


# --- Names ---


def test_names_are_made_once_and_shared() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    names = FieldNames(make)
    for _ in range(2):
        head = RequestParser(names=names).feed(GET)[0]
        assert isinstance(head, RequestHead)
        assert head.fields.pairs == (("HOST", "a"),)
    assert made == ["Host"]
    assert len(names) == 1


def test_names_are_bounded() -> None:
    names = FieldNames(limit=2)
    parser = RequestParser(names=names)
    for number in range(5):
        parser.feed(
            b"GET / HTTP/1.1\r\nHost: a\r\nX-%d: y\r\nX%b: z\r\n\r\n" % (number, b"x" * 64)
        )
    assert len(names) == 2
    head = parser.feed(b"GET / HTTP/1.1\r\nHost: a\r\nX-9: y\r\n\r\n")[0]
    assert isinstance(head, RequestHead)
    assert head.fields.pairs == (("Host", "a"), ("X-9", "y"))


def test_long_names_are_not_kept() -> None:
    names = FieldNames()
    for size in (64, 65):
        assert names.get("x" * size).text == "x" * size
    assert len(names) == 1
