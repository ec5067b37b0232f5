"""The response parser: status lines, RFC 9112 section 6.3, requests matched, its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tidegate_http_core import (
    CHUNKED,
    CONTENT_LENGTH,
    END_OF_MESSAGE,
    NO_BODY,
    UNTIL_CLOSE,
    BadChunk,
    BadField,
    BadFraming,
    BadStatusLine,
    EndOfMessage,
    FieldNames,
    FieldsTooLarge,
    HttpVersion10,
    HttpVersion11,
    IncompleteMessage,
    Limits,
    LocalProtocolError,
    ProtocolError,
    ResponseHead,
    ResponseParser,
    UnexpectedResponse,
    UnknownTransferCoding,
    UnsupportedVersion,
)

Log = Callable[..., list[tuple[Any, ...]]]


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def parser_of(
    *methods: str, upgrade: bool = False, limits: Limits | None = None
) -> ResponseParser:
    parser = ResponseParser() if limits is None else ResponseParser(limits)
    for method in methods:
        parser.expect(method, upgrade=upgrade)
    return parser


def state(parser: ResponseParser) -> ResponseParser:
    """Return the parser; a type checker then doesn't take its properties for constants."""
    return parser


def only_head(data: bytes, method: str = "GET", upgrade: bool = False) -> ResponseHead:
    head = parser_of(method, upgrade=upgrade).feed(data)[0]
    assert isinstance(head, ResponseHead)
    return head


# --- RFC 9112 section 4: the status line ---


@pytest.mark.parametrize(
    ("line", "status", "reason"),
    [
        (b"HTTP/1.1 200 OK", 200, "OK"),
        (b"HTTP/1.1 404 Not Found", 404, "Not Found"),
        (b"HTTP/1.1 200 ", 200, ""),
        (b"HTTP/1.1 200  two spaces ", 200, " two spaces "),
        (b"HTTP/1.1 999 \t~", 999, "\t~"),
        (b"HTTP/1.1 599 caf\xc3\xa9 \xff", 599, "café \udcff"),
    ],
)
def test_status_line_is_taken_apart(line: bytes, status: int, reason: str) -> None:
    head = only_head(line + b"\r\n\r\n")
    assert (head.status, head.reason, head.version) == (status, reason, HttpVersion11)
    assert repr(head) == f"ResponseHead(HTTP/1.1 {status} {reason}, Fields(()))"


def test_version_1_0() -> None:
    head = only_head(b"HTTP/1.0 200 OK\r\n\r\n")
    assert head.version is HttpVersion10
    assert not head.keep_alive


def test_status_line_that_is_repeated_is_read_the_same() -> None:
    parser = parser_of("GET", "GET", "GET")
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    heads = [parser.feed(data)[0], parser.feed(data)[0]]
    heads.append(parser.feed(data.replace(b"200 OK", b"404 No"))[0])
    assert [(h.status, h.reason) for h in heads if isinstance(h, ResponseHead)] == [
        (200, "OK"),
        (200, "OK"),
        (404, "No"),
    ]


CHUNKED_HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
REFUSED: list[tuple[str, bytes, type[ProtocolError]]] = [
    ("no space behind the status", b"HTTP/1.1 200\r\n\r\n", BadStatusLine),
    ("no status", b"HTTP/1.1 \r\n\r\n", BadStatusLine),
    ("only a version", b"HTTP/1.1\r\n\r\n", BadStatusLine),
    ("two digits", b"HTTP/1.1 20 OK\r\n\r\n", BadStatusLine),
    ("four digits", b"HTTP/1.1 2000 OK\r\n\r\n", BadStatusLine),
    ("status of 099", b"HTTP/1.1 099 OK\r\n\r\n", BadStatusLine),
    ("status with a sign", b"HTTP/1.1 +20 OK\r\n\r\n", BadStatusLine),
    ("status of superscripts", b"HTTP/1.1 2\xb2\xb2 OK\r\n\r\n", BadStatusLine),
    ("two spaces", b"HTTP/1.1  200 OK\r\n\r\n", BadStatusLine),
    ("a tab behind the version", b"HTTP/1.1\t200 OK\r\n\r\n", BadStatusLine),
    ("a tab behind the status", b"HTTP/1.1 200\tOK\r\n\r\n", BadStatusLine),
    ("an empty line first", b"\r\nHTTP/1.1 200 OK\r\n\r\n", BadStatusLine),
    ("a space first", b" HTTP/1.1 200 OK\r\n\r\n", BadStatusLine),
    ("ICY", b"ICY 200 OK\r\n\r\n", BadStatusLine),
    ("a request", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", BadStatusLine),
    ("HTTP/0.9", b"<html>hello</html>\r\n", BadStatusLine),
    ("http/1.1", b"http/1.1 200 OK\r\n\r\n", BadStatusLine),
    ("HTTP/1.10", b"HTTP/1.10 200 OK\r\n\r\n", BadStatusLine),
    ("HTTP/2.0", b"HTTP/2.0 200 OK\r\n\r\n", UnsupportedVersion),
    ("HTTP/1.2", b"HTTP/1.2 200 OK\r\n\r\n", UnsupportedVersion),
    ("only another version", b"HTTP/2.0\r\n\r\n", BadStatusLine),
    ("NUL in the reason", b"HTTP/1.1 200 O\0K\r\n\r\n", BadStatusLine),
    ("bare CR in the reason", b"HTTP/1.1 200 O\rK\r\n\r\n", BadStatusLine),
    ("bare LF in the reason", b"HTTP/1.1 200 O\nK\r\n\r\n", BadStatusLine),
    ("bare LF behind the status line", b"HTTP/1.1 200 OK\nX: y\r\n\r\n", BadStatusLine),
    ("DEL in the reason", b"HTTP/1.1 200 \x7f\r\n\r\n", BadStatusLine),
    ("a long status line", b"HTTP/1.1 200 " + b"a" * 8178, BadStatusLine),
    ("a long status line, complete", b"HTTP/1.1 200 " + b"a" * 8178 + b"\r\n\r\n", BadStatusLine),
    ("binary", b"\x15\x03\x01\x00\x02\x02\x0a", BadStatusLine),
    ("no colon", b"HTTP/1.1 200 OK\r\nX\r\n\r\n", BadField),
    ("a space before the colon", b"HTTP/1.1 200 OK\r\nX : y\r\n\r\n", BadField),
    ("a fold", b"HTTP/1.1 200 OK\r\nX: y\r\n z\r\n\r\n", BadField),
    ("a control in a value", b"HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n", BadField),
    ("a bare LF in a value", b"HTTP/1.1 200 OK\r\nX: a\nb: c\r\n\r\n", BadField),
    ("many fields", b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 129 + b"\r\n", FieldsTooLarge),
    (
        "both framings",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        BadFraming,
    ),
    (
        "two lengths",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        BadFraming,
    ),
    ("a length with a sign", b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n", BadFraming),
    ("chunked on 1.0", b"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", BadFraming),
    ("gzip", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", UnknownTransferCoding),
    (
        "a bad length where there is no body",
        b"HTTP/1.1 304 Not Modified\r\nContent-Length: 1,1\r\n\r\n",
        BadFraming,
    ),
    ("a bad chunk", CHUNKED_HEAD + b"x\r\n", BadChunk),
    (
        "101 unasked",
        b"HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        UnexpectedResponse,
    ),
]


@pytest.mark.parametrize(("data", "error"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_refused_with_502_however_it_is_cut(
    data: bytes, error: type[ProtocolError], response_log: Log
) -> None:
    whole = response_log([data], ["GET"])
    assert whole[-1][:3] == ("error", error.__name__, 502)
    for size in (1, 2, 7) if len(data) < 1000 else (1, 1000):
        assert response_log(cut(data, size), ["GET"]) == whole
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: y\r\n\r\nhi"
    behind = response_log([first + data], ["GET", "GET"])
    assert behind[-1] == whole[-1]
    assert response_log(cut(first + data, 5), ["GET", "GET"]) == behind


def test_limits_are_those_of_responses() -> None:
    limits = Limits(status_line=15, field_line=8)
    assert parser_of("GET", limits=limits).feed(b"HTTP/1.1 200 OK\r\nX: 45678\r\n\r\n")
    with pytest.raises(BadStatusLine, match="at most 15 bytes"):
        parser_of("GET", limits=limits).feed(b"HTTP/1.1 200 OK!")
    with pytest.raises(FieldsTooLarge) as caught:
        parser_of("GET", limits=limits).feed(b"HTTP/1.1 200 OK\r\nX: 456789")
    assert caught.value.status == 502
    assert FieldsTooLarge.status == 431


def test_names_are_made_as_told() -> None:
    parser = ResponseParser(names=FieldNames(str.upper))
    parser.expect("GET")
    head = parser.feed(b"HTTP/1.1 204 \r\nServer: x\r\n\r\n")[0]
    assert isinstance(head, ResponseHead)
    assert head.fields.pairs == (("SERVER", "x"),)


# --- RFC 9112 section 6.3: where the body ends ---

LENGTH = b"Content-Length: 3\r\n"
CHUNKS = b"Transfer-Encoding: chunked\r\n"


@pytest.mark.parametrize(
    ("method", "status", "fields", "framing", "length", "has_body", "keep_alive"),
    [
        # (1)
        ("HEAD", 200, b"", NO_BODY, -1, False, True),
        ("HEAD", 200, LENGTH, NO_BODY, 3, False, True),
        ("HEAD", 200, CHUNKS, NO_BODY, -1, False, True),
        ("GET", 204, b"", NO_BODY, -1, False, True),
        ("GET", 204, LENGTH, NO_BODY, 3, False, True),
        ("GET", 304, LENGTH, NO_BODY, 3, False, True),
        ("GET", 304, CHUNKS, NO_BODY, -1, False, True),
        ("GET", 103, b"Link: </a>\r\n", NO_BODY, -1, False, True),
        ("GET", 100, LENGTH, NO_BODY, 3, False, True),
        # (2)
        ("CONNECT", 200, b"", NO_BODY, -1, False, True),
        ("CONNECT", 299, LENGTH + CHUNKS, NO_BODY, -1, False, True),
        ("CONNECT", 200, b"Content-Length: x\r\n", NO_BODY, -1, False, True),
        ("CONNECT", 407, LENGTH, CONTENT_LENGTH, 3, True, True),
        ("CONNECT", 300, b"", UNTIL_CLOSE, -1, True, False),
        # (4), (6)
        ("GET", 200, CHUNKS, CHUNKED, -1, True, True),
        ("POST", 200, LENGTH, CONTENT_LENGTH, 3, True, True),
        ("GET", 200, b"Content-Length: 0\r\n", CONTENT_LENGTH, 0, False, True),
        ("GET", 205, LENGTH, CONTENT_LENGTH, 3, True, True),
        # (8)
        ("GET", 200, b"", UNTIL_CLOSE, -1, True, False),
        ("OPTIONS", 500, b"Connection: keep-alive\r\n", UNTIL_CLOSE, -1, True, False),
        ("head", 200, b"", UNTIL_CLOSE, -1, True, False),
        # RFC 9112 section 9.3
        ("GET", 200, LENGTH + b"Connection: close\r\n", CONTENT_LENGTH, 3, True, False),
    ],
)
def test_framing(
    method: str,
    status: int,
    fields: bytes,
    framing: int,
    length: int,
    has_body: bool,
    keep_alive: bool,
) -> None:
    head = only_head(b"HTTP/1.1 %d Reason\r\n%b\r\n" % (status, fields), method)
    assert (head.framing, head.content_length, head.has_body, head.keep_alive) == (
        framing,
        length,
        has_body,
        keep_alive,
    )
    assert head.upgrade is (method == "CONNECT" and 200 <= status < 300)
    assert head.interim is (status < 200)


def test_keep_alive_of_1_0() -> None:
    fields = b"Connection: keep-alive\r\nContent-Length: 0\r\n\r\n"
    assert only_head(b"HTTP/1.0 200 OK\r\n" + fields).keep_alive
    assert not only_head(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n").keep_alive


def test_same_section_counts_by_what_it_answers() -> None:
    """A remembered section means the same bytes, not the same body."""
    data = b"HTTP/1.1 %d R\r\nContent-Length: 2\r\n\r\n"
    parser = parser_of("HEAD", "GET", "GET", "GET")
    assert parser.feed(data % 200)[1:] == [END_OF_MESSAGE]
    assert parser.feed(data % 200 + b"ab")[1:] == [b"ab", END_OF_MESSAGE]
    assert parser.feed(data % 304)[1:] == [END_OF_MESSAGE]
    assert parser.feed(data % 200 + b"cd")[1:] == [b"cd", END_OF_MESSAGE]


# --- Requests and responses are matched in order ---

RESPONSES = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
    b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"
    b"HTTP/1.1 204 No Content\r\n\r\n"
    b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3;a\r\nabc\r\n2\r\nde\r\n0\r\nT: u\r\n\r\n"
    b"HTTP/1.1 304 Not Modified\r\nETag: x\r\nContent-Length: 9\r\n\r\n"
    b"HTTP/1.0 200 OK\r\nX:\tcaf\xc3\xa9\r\n\r\nuntil\r\n\r\nclose"
)
METHODS = ["POST", "HEAD", "DELETE", "GET", "GET", "GET"]


def test_pipelined_responses(response_log: Log) -> None:
    log = response_log([RESPONSES], METHODS, eof=True)
    assert [event[1] if event[0] == "head" else event for event in log] == [
        100,
        ("end", ()),
        103,
        ("end", ()),
        200,
        ("body", b"hello"),
        ("end", ()),
        200,
        ("end", ()),
        204,
        ("end", ()),
        200,
        ("body", b"abcde"),
        ("end", (("T", "u"),)),
        304,
        ("end", ()),
        200,
        ("body", b"until\r\n\r\nclose"),
        ("end", ()),
    ]


def test_any_two_and_all_equal_pieces_give_the_same(response_log: Log) -> None:
    whole = response_log([RESPONSES], METHODS, eof=True)
    for at in range(len(RESPONSES) + 1):
        assert response_log([RESPONSES[:at], RESPONSES[at:]], METHODS, eof=True) == whole
    for size in range(1, 20):
        assert response_log(cut(RESPONSES, size), METHODS, eof=True) == whole


def test_outstanding_counts_final_responses() -> None:
    parser = parser_of("GET", "GET")
    assert state(parser).outstanding == 2
    parser.feed(b"HTTP/1.1 100 Continue\r\n\r\n")
    assert state(parser).outstanding == 2
    parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n")
    assert state(parser).outstanding == 1
    assert not state(parser).idle
    parser.feed(b"ab")
    assert state(parser).idle


@pytest.mark.parametrize("data", [b"H", b"HTTP/1.1 200 OK\r\n\r\n", b"\r\n", b"\0"])
def test_bytes_that_no_request_asked_for(data: bytes) -> None:
    with pytest.raises(UnexpectedResponse) as caught:
        ResponseParser().feed(data)
    assert caught.value.status == 502
    parser = parser_of("GET")
    assert len(parser.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" + data)) == 2
    assert parser.pending
    with pytest.raises(UnexpectedResponse):
        parser.feed(b"")


def test_request_may_be_sent_while_bytes_wait() -> None:
    data = b"HTTP/1.1 204 No Content\r\n\r\n"
    parser = parser_of("GET")
    assert len(parser.feed(data + data)) == 2
    parser.expect("PUT")
    assert len(parser.feed(b"")) == 2
    assert parser.feed(b"") == []


# --- Other protocols ---

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "head"),
    [("GET", SWITCH), ("CONNECT", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")],
)
def test_connection_is_handed_over(method: str, head: bytes) -> None:
    for size in (1, 7, 1000):
        parser = parser_of(method, "GET", upgrade=True)
        events = []
        rest = b"\x81\x05HTTP/1.1 200 OK\r\n\r\n" if size > 1 else b""
        for piece in cut(head, size)[:-1]:
            events += parser.feed(piece)
        events += parser.feed(cut(head, size)[-1] + rest)
        assert isinstance(events[0], ResponseHead)
        assert events[0].upgrade
        assert not events[0].interim
        assert events[1:] == [END_OF_MESSAGE]
        assert not parser.pending
        with pytest.raises(LocalProtocolError) as caught:
            parser.feed(b"x")
        assert caught.value.status == 500
        assert parser.feed_eof() == []
        assert parser.detach() == rest
        assert parser.detach() == b""


def test_bytes_that_waited_are_handed_over_in_order() -> None:
    parser = parser_of("GET", "GET", upgrade=True)
    assert len(parser.feed(b"HTTP/1.1 204 No\r\n\r\n" + SWITCH + b"ab")) == 2
    assert len(parser.feed(b"cd")) == 2
    assert parser.detach() == b"abcd"


@pytest.mark.parametrize(
    "fields",
    [b"", b"Upgrade: x\r\n", b"Connection: upgrade\r\n", b"Connection: x\r\nUpgrade: y\r\n"],
)
def test_101_names_its_protocol(fields: bytes) -> None:
    with pytest.raises(BadField, match="101"):
        parser_of("GET", upgrade=True).feed(b"HTTP/1.1 101 Switch\r\n" + fields + b"\r\n")


def test_declined_upgrade_goes_on() -> None:
    parser = parser_of("GET", "GET", upgrade=True)
    data = b"HTTP/1.1 200 OK\r\nConnection: upgrade\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n"
    head = parser.feed(data + data)[0]
    assert isinstance(head, ResponseHead)
    assert not head.upgrade
    assert len(parser.feed(b"")) == 2


# --- The end of the connection ---


def test_body_until_close_ends_with_the_connection() -> None:
    parser = parser_of("GET")
    assert len(parser.feed(b"HTTP/1.1 200 OK\r\n\r\n")) == 1
    segment = b"abc"
    assert parser.feed(segment)[0] is segment
    assert not parser.idle
    assert parser.feed_eof() == [END_OF_MESSAGE]
    assert state(parser).idle
    assert parser.feed_eof() == []
    assert parser.feed(b"") == []


def test_body_until_close_may_be_empty() -> None:
    parser = parser_of("GET")
    parser.feed(b"HTTP/1.1 200 OK\r\n\r\n")
    assert parser.feed_eof() == [END_OF_MESSAGE]


def test_end_behind_pending_responses_is_found_in_its_turn() -> None:
    parser = parser_of("GET", "GET")
    parser.feed(b"HTTP/1.1 204 No\r\n\r\nHTTP/1.1 200 OK\r\n\r\nabc")
    assert parser.feed_eof() == []
    assert parser.feed(b"")[1:] == [b"abc", END_OF_MESSAGE]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\na",
        CHUNKED_HEAD,
        CHUNKED_HEAD + b"1\r\nx\r\n0\r\n",
    ],
)
def test_end_before_the_end_of_a_response(data: bytes) -> None:
    parser = parser_of("GET")
    parser.feed(data)
    with pytest.raises(IncompleteMessage) as caught:
        parser.feed_eof()
    assert caught.value.status == 502
    with pytest.raises(IncompleteMessage):
        parser.feed(b"")


def test_end_with_requests_that_are_not_answered() -> None:
    parser = parser_of("GET", "PUT")
    parser.feed(b"HTTP/1.1 200 OK\r\n\r\nabc")
    assert parser.feed_eof() == [END_OF_MESSAGE]
    assert parser.pending
    with pytest.raises(IncompleteMessage, match="a response to PUT"):
        parser.feed(b"")


def test_end_of_an_idle_connection() -> None:
    parser = ResponseParser()
    assert parser.feed_eof() == []
    parser = parser_of("GET")
    assert isinstance(parser.feed(b"HTTP/1.1 204 No\r\n\r\n")[-1], EndOfMessage)
    assert parser.feed_eof() == []
