"""The request parser, by section of RFC 9112, and the same for every way to cut the bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import (
    BadChunk,
    BadField,
    BadFraming,
    BadHost,
    BadRequestLine,
    ContentTooLarge,
    EndOfMessage,
    FieldsTooLarge,
    HttpVersion10,
    HttpVersion11,
    Limits,
    ProtocolError,
    RequestHead,
    RequestLineTooLong,
    RequestParser,
    UnknownTransferCoding,
    UnsupportedVersion,
)

Log = Callable[..., list[tuple[Any, ...]]]

HOST = b"Host: a\r\n"


def only_head(data: bytes, limits: Limits | None = None) -> RequestHead:
    events = RequestParser(limits or Limits()).feed(data)
    head = events[0]
    assert isinstance(head, RequestHead)
    return head


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


# --- RFC 9112 section 3: the request line ---

TARGETS = [
    (b"GET / HTTP/1.1", "GET", "/", "origin"),
    (b"GET /a?b=c&d HTTP/1.1", "GET", "/a?b=c&d", "origin with a query"),
    (b'GET /"<>\\^`{|}~! HTTP/1.1', "GET", '/"<>\\^`{|}~!', "origin, characters URIs escape"),
    (b"GET //evil HTTP/1.1", "GET", "//evil", "origin that looks like an authority"),
    (b"get / HTTP/1.1", "get", "/", "methods are case-sensitive"),
    (b"M!#$%&'*+-.^_`|~09 / HTTP/1.1", "M!#$%&'*+-.^_`|~09", "/", "every character of a token"),
    (b"A" * 32 + b" / HTTP/1.1", "A" * 32, "/", "the longest method"),
    (b"OPTIONS * HTTP/1.1", "OPTIONS", "*", "asterisk"),
    (b"OPTIONS /x HTTP/1.1", "OPTIONS", "/x", "origin of OPTIONS"),
    (b"GET http://a/ HTTP/1.1", "GET", "http://a/", "absolute"),
    (b"GET HTTPS://a:8443?q HTTP/1.1", "GET", "HTTPS://a:8443?q", "absolute without a path"),
    (b"GET http://[::1]:80 HTTP/1.1", "GET", "http://[::1]:80", "absolute with IPv6"),
    (b"CONNECT a:443 HTTP/1.1", "CONNECT", "a:443", "authority"),
    (b"CONNECT [::1]:443 HTTP/1.1", "CONNECT", "[::1]:443", "authority with IPv6"),
]


@pytest.mark.parametrize(
    ("line", "method", "target"), [row[:3] for row in TARGETS], ids=[row[3] for row in TARGETS]
)
def test_request_line_is_taken_apart(line: bytes, method: str, target: str) -> None:
    head = only_head(line + b"\r\n" + HOST + b"\r\n")
    assert (head.method, head.target, head.version) == (method, target, HttpVersion11)


def test_version_1_0_needs_no_host() -> None:
    head = only_head(b"GET / HTTP/1.0\r\n\r\n")
    assert head.version is HttpVersion10
    assert head.fields.pairs == ()


# A head, what refuses it, the status. Each is complete: what is refused is what the name says.
REFUSED: list[tuple[str, bytes, type[ProtocolError], int]] = [
    # RFC 9112 section 3: one space between the parts, nothing else
    ("no version", b"GET /\r\n", BadRequestLine, 400),
    ("empty method", b" / HTTP/1.1\r\n", BadRequestLine, 400),
    ("empty target", b"GET  HTTP/1.1\r\n", BadRequestLine, 400),
    ("two spaces", b"GET  / HTTP/1.1\r\n", BadRequestLine, 400),
    ("space at the end", b"GET / HTTP/1.1 \r\n", BadRequestLine, 400),
    ("space in the target", b"GET /a b HTTP/1.1\r\n", BadRequestLine, 400),
    ("tab as separator", b"GET\t/ HTTP/1.1\r\n", BadRequestLine, 400),
    ("tab in the target", b"GET /a\tb HTTP/1.1\r\n" + HOST + b"\r\n", BadRequestLine, 400),
    (
        "method of a bracket, in a long line",
        b"(" + b"a" * 40 + b" / HTTP/1.1\r\n",
        BadRequestLine,
        400,
    ),
    ("only a word", b"hello\r\n", BadRequestLine, 400),
    # 3.1 method
    ("method with a slash", b"GE/T / HTTP/1.1\r\n", BadRequestLine, 400),
    ("method of 33 bytes", b"A" * 33 + b" / HTTP/1.1\r\n", BadRequestLine, 400),
    # 3.2 target
    ("relative target", b"GET a HTTP/1.1\r\n", BadRequestLine, 400),
    ("asterisk of GET", b"GET * HTTP/1.1\r\n", BadRequestLine, 400),
    ("asterisk and more", b"OPTIONS *a HTTP/1.1\r\n", BadRequestLine, 400),
    ("authority of GET", b"GET a:80 HTTP/1.1\r\n", BadRequestLine, 400),
    ("origin of CONNECT", b"CONNECT / HTTP/1.1\r\n", BadRequestLine, 400),
    ("CONNECT without a port", b"CONNECT a HTTP/1.1\r\n", BadRequestLine, 400),
    ("CONNECT with an empty port", b"CONNECT a: HTTP/1.1\r\n", BadRequestLine, 400),
    ("absolute of CONNECT", b"CONNECT http://a/ HTTP/1.1\r\n", BadRequestLine, 400),
    ("another scheme", b"GET ftp://a/ HTTP/1.1\r\n", BadRequestLine, 400),
    ("absolute without a host", b"GET http:///a HTTP/1.1\r\n", BadRequestLine, 400),
    ("absolute with userinfo", b"GET http://u@a/ HTTP/1.1\r\n", BadRequestLine, 400),
    ("absolute with a bad port", b"GET http://a:x/ HTTP/1.1\r\n", BadRequestLine, 400),
    (
        "obs-text in the target",
        b"GET /\xc3\xa9 HTTP/1.1\r\n" + HOST + b"\r\n",
        BadRequestLine,
        400,
    ),
    ("DEL in the target", b"GET /\x7f HTTP/1.1\r\n" + HOST + b"\r\n", BadRequestLine, 400),
    ("NUL in the target", b"GET /\0 HTTP/1.1\r\n" + HOST + b"\r\n", BadRequestLine, 400),
    ("DEL after a rare method", b"A /\x7f HTTP/1.1\r\n" + HOST + b"\r\n", BadRequestLine, 400),
    # 2.3 version
    ("HTTP/2.0", b"GET / HTTP/2.0\r\n", UnsupportedVersion, 505),
    ("HTTP/0.9", b"GET / HTTP/0.9\r\n", UnsupportedVersion, 505),
    ("HTTP/1.2", b"GET / HTTP/1.2\r\n", UnsupportedVersion, 505),
    ("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", UnsupportedVersion, 505),
    ("HTTP/1.10", b"GET / HTTP/1.10\r\n", BadRequestLine, 400),
    ("HTTP/1", b"GET / HTTP/1\r\n", BadRequestLine, 400),
    ("http/1.1", b"GET / http/1.1\r\n", BadRequestLine, 400),
    ("HTTP/1,1", b"GET / HTTP/1,1\r\n", BadRequestLine, 400),
    ("a superscript one", b"GET / HTTP/1.\xb9\r\n", BadRequestLine, 400),
    # 2.2 line ends, and what does not begin like a request
    ("bare LF after the request line", b"GET / HTTP/1.1\n" + HOST + b"\r\n", BadRequestLine, 400),
    ("bare CR in the request line", b"GET / HTTP/1.1\rHost: a\r\n\r\n", BadRequestLine, 400),
    ("CR CR LF", b"GET / HTTP/1.1\r\r\n" + HOST + b"\r\n", BadRequestLine, 400),
    ("bare LF before the request line", b"\nGET / HTTP/1.1\r\n", BadRequestLine, 400),
    ("CR CR before the request line", b"\r\rGET / HTTP/1.1\r\n", BadRequestLine, 400),
    ("too many empty lines", b"\r\n" * 9, BadRequestLine, 400),
    ("a TLS handshake", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", BadRequestLine, 400),
    ("binary", bytes(range(128, 256)), BadRequestLine, 400),
    # 5 field lines
    ("no colon", b"GET / HTTP/1.1\r\nHost\r\n\r\n", BadField, 400),
    ("empty name", b"GET / HTTP/1.1\r\n: a\r\n\r\n", BadField, 400),
    ("space before the colon", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", BadField, 400),
    ("tab before the colon", b"GET / HTTP/1.1\r\nHost\t: a\r\n\r\n", BadField, 400),
    ("space before the first name", b"GET / HTTP/1.1\r\n Host: a\r\n\r\n", BadField, 400),
    ("folded with a space", b"GET / HTTP/1.1\r\nHost: a\r\n b: c\r\n\r\n", BadField, 400),
    ("folded with a tab", b"GET / HTTP/1.1\r\nHost: a\r\n\tb\r\n\r\n", BadField, 400),
    ("line of a space", b"GET / HTTP/1.1\r\nHost: a\r\n \r\n\r\n", BadField, 400),
    ("name with a space", b"GET / HTTP/1.1\r\nHost: a\r\nX y: z\r\n\r\n", BadField, 400),
    ("name with a quote", b'GET / HTTP/1.1\r\nHost: a\r\nX": z\r\n\r\n', BadField, 400),
    ("name with obs-text", b"GET / HTTP/1.1\r\nHost: a\r\n\xe9: z\r\n\r\n", BadField, 400),
    ("name with NUL", b"GET / HTTP/1.1\r\nHost: a\r\nX\0: z\r\n\r\n", BadField, 400),
    ("bare LF in the section", b"GET / HTTP/1.1\r\nHost: a\nX: y\r\n\r\n", BadField, 400),
    ("bare LF in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\nY: b\r\n\r\n", BadField, 400),
    ("bare LF in the target", b"GET /a\nb HTTP/1.1\r\nHost: a\r\n\r\n", BadRequestLine, 400),
    ("bare LF ends the section", b"GET / HTTP/1.1\r\nHost: a\r\n\n\r\n\r\n", BadField, 400),
    ("bare CR in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", BadField, 400),
    ("bare CR ends a line", b"GET / HTTP/1.1\r\nHost: a\r\r\nX: a\r\n\r\n", BadField, 400),
    # 3.2 Host
    ("no Host", b"GET / HTTP/1.1\r\n\r\n", BadHost, 400),
    ("two Hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", BadHost, 400),
    ("two Hosts on 1.0", b"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", BadHost, 400),
    ("invalid Host on 1.0", b"GET / HTTP/1.0\r\nHost: a b\r\n\r\n", BadHost, 400),
    # 6 framing; the table of section 6.3 has a module of its own
    (
        "both framings",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0",
        BadFraming,
        400,
    ),
    (
        "chunked on 1.0",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        BadFraming,
        400,
    ),
    (
        "gzip",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        UnknownTransferCoding,
        501,
    ),
    (
        "chunked with a Kelvin sign, whose lower case is k",
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chun\xe2\x84\xaaed\r\n\r\n",
        BadFraming,
        400,
    ),
    (
        "Content-Length twice",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n1",
        BadFraming,
        400,
    ),
    # limits
    ("request line too long", b"GET /" + b"a" * 8200, RequestLineTooLong, 414),
    (
        "request line too long, complete",
        b"GET /" + b"a" * 8177 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        RequestLineTooLong,
        414,
    ),
    ("field line too long", b"GET / HTTP/1.1\r\nX: " + b"a" * 8188, FieldsTooLarge, 431),
    (
        "field line too long, complete",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"a" * 8188 + b"\r\n\r\n",
        FieldsTooLarge,
        431,
    ),
    (
        "too many fields",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 128 + b"\r\n",
        FieldsTooLarge,
        431,
    ),
    (
        "section too large",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + (b"X: " + b"y" * 8185 + b"\r\n") * 9 + b"\r\n",
        FieldsTooLarge,
        431,
    ),
]
CONTROLS = [c for c in range(32) if c not in (9, 10, 13)] + [127]
REFUSED += [
    (
        f"control {byte:#x} in a value",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: a%cb\r\n\r\n" % byte,
        BadField,
        400,
    )
    for byte in CONTROLS
]

# 7.1 chunked bodies
CHUNKED_HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
REFUSED_BODIES: list[tuple[str, bytes, type[ProtocolError], int]] = [
    ("no size", b"\r\nabc\r\n0\r\n\r\n", BadChunk, 400),
    ("not hexadecimal", b"g\r\n", BadChunk, 400),
    ("a prefix", b"0x3\r\nabc\r\n", BadChunk, 400),
    ("a sign", b"+3\r\nabc\r\n", BadChunk, 400),
    ("a negative size", b"-1\r\n", BadChunk, 400),
    ("an underscore", b"1_0\r\n", BadChunk, 400),
    ("a space before the size", b" 3\r\nabc\r\n", BadChunk, 400),
    ("a space after the size", b"3 \r\nabc\r\n", BadChunk, 400),
    ("seventeen digits", b"0" * 16 + b"1\r\na\r\n0\r\n\r\n", BadChunk, 400),
    ("bare LF after the size", b"3\nabc\r\n0\r\n\r\n", BadChunk, 400),
    ("bare CR after the size", b"3\rabc\r\n0\r\n\r\n", BadChunk, 400),
    ("CR CR LF after the size", b"3\r\r\nabc\r\n0\r\n\r\n", BadChunk, 400),
    ("data longer than the size", b"3\r\nabcd\r\n0\r\n\r\n", BadChunk, 400),
    ("bare LF after the data", b"3\r\nabc\n0\r\n\r\n", BadChunk, 400),
    ("CR without LF after the data", b"3\r\nabc\r0\r\n\r\n", BadChunk, 400),
    ("CR and another byte after the data", b"3\r\nabc\rx0\r\n\r\n", BadChunk, 400),
    ("another byte and LF after the data", b"3\r\nabcx\n0\r\n\r\n", BadChunk, 400),
    ("an extension without a name", b"3;\r\nabc\r\n", BadChunk, 400),
    ("an extension without a value", b"3;a=\r\nabc\r\n", BadChunk, 400),
    ("an open quote", b'3;a="b\r\nabc\r\n', BadChunk, 400),
    ("a control in an extension", b"3;a=\0\r\nabc\r\n", BadChunk, 400),
    ("bare LF in an extension", b"3;a=b\nc\r\nabc\r\n", BadChunk, 400),
    ("bare CR in a quoted extension", b'3;a="\r"\r\nabc\r\n', BadChunk, 400),
    ("a long line", b"3;" + b"a" * 4095, BadChunk, 400),
    ("many extensions", (b"1;" + b"a" * 4000 + b"\r\nx\r\n") * 5, ContentTooLarge, 413),
    ("a bad trailer", b"0\r\nX y: z\r\n\r\n", BadField, 400),
    ("a folded trailer", b"0\r\nX: y\r\n z\r\n\r\n", BadField, 400),
    ("a trailer without a colon", b"0\r\nX\r\n\r\n", BadField, 400),
    ("a control in a trailer", b"0\r\nX: \x01\r\n\r\n", BadField, 400),
    ("bare LF after a trailer", b"0\r\nX: y\n\r\n", BadField, 400),
    ("bare LF ends the trailers", b"0\r\n\n", BadField, 400),
    ("a long trailer", b"0\r\nX: " + b"y" * 8188, FieldsTooLarge, 431),
    ("large trailers", b"0\r\n" + (b"X: " + b"y" * 4000 + b"\r\n") * 5, FieldsTooLarge, 431),
    ("many trailers", b"0\r\n" + b"X: y\r\n" * 127, FieldsTooLarge, 431),
]
REFUSED += [(f"chunks, {row[0]}", CHUNKED_HEAD + row[1], *row[2:]) for row in REFUSED_BODIES]
REFUSED_IDS = [row[0] for row in REFUSED]


@pytest.mark.parametrize(("data", "error", "status"), [r[1:] for r in REFUSED], ids=REFUSED_IDS)
def test_refused(data: bytes, error: type[ProtocolError], status: int, log: Log) -> None:
    last = log([data])[-1]
    assert last[:3] == ("error", error.__name__, status)


@pytest.mark.parametrize("data", [row[1] for row in REFUSED], ids=REFUSED_IDS)
def test_refused_the_same_in_pieces(data: bytes, log: Log) -> None:
    whole = log([data])
    sizes = (1, 2, 3, 7) if len(data) < 1000 else (1, 1000)
    for size in sizes:
        assert log(cut(data, size)) == whole


@pytest.mark.parametrize("data", [row[1] for row in REFUSED], ids=REFUSED_IDS)
def test_refused_the_same_behind_a_good_request(data: bytes, log: Log) -> None:
    first = b"GET /first HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n"
    whole = log([first + data])
    assert whole[0][2] == "/first"
    assert whole[2:] == log([data])
    assert log(cut(first + data, 7)) == whole


# --- What is accepted, one message or several; also cut in every way ---

ACCEPTED: list[tuple[str, bytes, list[object]]] = [
    ("a plain GET", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["/", ()]),
    ("empty lines before", b"\r\n" * 8 + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", ["/", ()]),
    (
        "empty lines before each",
        (b"\r\n" * 8 + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n") * 2,
        ["/", (), "/", ()],
    ),
    (
        "an empty line after a body",
        b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1\r\nGET /2 HTTP/1.1\r\n"
        b"Host: a\r\n\r\n",
        ["/1", b"1", (), "/2", ()],
    ),
    (
        "pipelined",
        b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
        b"GET /3 HTTP/1.0\r\n\r\n",
        ["/1", (), "/2", (), "/3", ()],
    ),
    (
        "Content-Length",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",
        ["/", b"hello", ()],
    ),
    (
        "Content-Length of nothing",
        b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n"
        b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n",
        ["/1", (), "/2", ()],
    ),
    (
        "a body that looks like a request",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 18\r\n\r\nGET / HTTP/1.1\r\n\r\n",
        ["/", b"GET / HTTP/1.1\r\n\r\n", ()],
    ),
    ("chunked", CHUNKED_HEAD + b"5\r\nhello\r\n0\r\n\r\n", ["/", b"hello", ()]),
    ("chunked of nothing", CHUNKED_HEAD + b"0\r\n\r\n", ["/", ()]),
    (
        "many zeros",
        CHUNKED_HEAD + b"0" * 15 + b"1\r\nx\r\n" + b"0" * 16 + b"\r\n\r\n",
        ["/", b"x", ()],
    ),
    (
        "hexadecimal in both cases",
        CHUNKED_HEAD + b"a\r\n0123456789\r\nB\r\n0123456789x\r\n0\r\n\r\n",
        ["/", b"01234567890123456789x", ()],
    ),
    (
        "chunk extensions",
        CHUNKED_HEAD + b'5;a\r\nhello\r\n1 ; b = "c;\\"\t\xe9" ;d=e\r\n!\r\n0;z\r\n\r\n',
        ["/", b"hello!", ()],
    ),
    (
        "trailers",
        CHUNKED_HEAD + b"1\r\nx\r\n0\r\nX: y\r\nHost:  b \t\r\nE:\r\n\r\n",
        ["/", b"x", (("X", "y"), ("Host", "b"), ("E", ""))],
    ),
    (
        "chunked, then another",
        CHUNKED_HEAD + b"1\r\nx\r\n0\r\n\r\n" + CHUNKED_HEAD + b"1\r\ny\r\n0\r\nT: z\r\n\r\n"
        b"GET /3 HTTP/1.1\r\nHost: a\r\n\r\n",
        ["/", b"x", (), "/", b"y", (("T", "z"),), "/3", ()],
    ),
    (
        "data with line ends",
        CHUNKED_HEAD + b"6\r\n\r\n\r\n\r\n\r\n4\r\n0\r\n\r\r\n0\r\n\r\n",
        ["/", b"\r\n\r\n\r\n0\r\n\r", ()],
    ),
]
ACCEPTED_IDS = [row[0] for row in ACCEPTED]


def in_short(events: list[tuple[Any, ...]]) -> list[object]:
    return [event[2] if event[0] == "head" else event[1] for event in events]


@pytest.mark.parametrize(("data", "expected"), [r[1:] for r in ACCEPTED], ids=ACCEPTED_IDS)
def test_accepted(data: bytes, expected: list[object], log: Log) -> None:
    assert in_short(log([data])) == expected


@pytest.mark.parametrize("data", [row[1] for row in ACCEPTED], ids=ACCEPTED_IDS)
def test_accepted_the_same_in_two_pieces(data: bytes, log: Log) -> None:
    whole = log([data])
    for at in range(len(data) + 1):
        assert log([data[:at], data[at:]]) == whole


@pytest.mark.parametrize("data", [row[1] for row in ACCEPTED], ids=ACCEPTED_IDS)
def test_accepted_the_same_in_small_pieces(data: bytes, log: Log) -> None:
    whole = log([data], eof=True)
    for size in range(1, 12):
        assert log(cut(data, size), eof=True) == whole


# --- Any bytes, any cut ---

EVERYTHING = [row[1] for row in ACCEPTED] + [row[1] for row in REFUSED if len(row[1]) < 2000]


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(at % (len(data) + 1) for at in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.sampled_from(EVERYTHING), min_size=1, max_size=4).map(b"".join),
    st.lists(st.integers(0, 5000), max_size=8),
)
def test_any_cut_gives_the_same(data: bytes, cuts: list[int]) -> None:
    from_pieces, whole = _log(pieces(data, cuts)), _log([data])
    assert from_pieces == whole


_EDITS = st.lists(
    st.tuples(
        st.integers(0, 5000),
        st.integers(0, 3),
        st.sampled_from(
            [b"", b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b":", b";", b"\xff", b"0", b"f" * 17]
        )
        | st.binary(max_size=3),
    ),
    max_size=4,
)


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from(EVERYTHING), _EDITS, st.lists(st.integers(0, 5000), max_size=4))
def test_mutations_raise_protocol_errors_only(
    data: bytes, edits: list[tuple[int, int, bytes]], cuts: list[int]
) -> None:
    for at, drop, insert in edits:
        at %= len(data) + 1
        data = data[:at] + insert + data[at + drop :]
    assert _log(pieces(data, cuts)) == _log([data])


@settings(max_examples=500, deadline=None)
@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=4))
def test_any_bytes_raise_protocol_errors_only(data: bytes, cuts: list[int]) -> None:
    assert _log(pieces(data, cuts)) == _log([data])


def _log(segments: list[bytes]) -> list[tuple[Any, ...]]:
    """What `log` writes down, shorter; fixtures and @given don't mix."""
    parser = RequestParser()
    log: list[tuple[Any, ...]] = []
    try:
        for segment in segments:
            for event in parser.events(segment):
                if isinstance(event, RequestHead):
                    log.append((event.method, event.target, event.fields.raw, event.framing))
                elif isinstance(event, EndOfMessage):
                    log.append(("end", event.trailers))
                elif isinstance(log[-1][0], bytes):
                    log[-1] = (log[-1][0] + event,)
                else:
                    log.append((event,))
    except ProtocolError as error:
        log.append((type(error), error.status, str(error)))
    return log
