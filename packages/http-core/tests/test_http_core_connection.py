"""A parser over the life of a connection: one message a call, violations, limits, its end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tidegate_http_core import (
    END_OF_MESSAGE,
    BadChunk,
    BadField,
    BadRequestLine,
    EndOfMessage,
    Event,
    FieldsTooLarge,
    IncompleteMessage,
    Limits,
    LocalProtocolError,
    RequestHead,
    RequestLineTooLong,
    RequestParser,
)

Log = Callable[..., list[tuple[Any, ...]]]

CHUNKED_HEAD = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"


def state(parser: RequestParser) -> RequestParser:
    """Return the parser; a type checker then doesn't take its properties for constants."""
    return parser


def cut(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


# --- One message a call ---

GET = b"GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"


def test_feed_gives_one_message_at_most() -> None:
    parser = RequestParser()
    events = parser.feed(GET + GET)
    assert [type(event) for event in events] == [RequestHead, EndOfMessage]
    assert state(parser).pending
    assert not state(parser).idle
    assert [type(event) for event in parser.feed(b"")] == [RequestHead, EndOfMessage]
    assert not state(parser).pending
    assert state(parser).idle


def test_segments_wait_in_order_behind_a_message() -> None:
    parser = RequestParser()
    parser.feed(GET + GET + GET[:5])
    targets = []
    for segment in (
        GET[5:],
        b"POST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab",
        b"c",
        GET,
    ):
        targets += [e.target for e in parser.feed(segment) if isinstance(e, RequestHead)]
    while parser.pending:
        targets += [e.target for e in parser.feed(b"") if isinstance(e, RequestHead)]
    assert targets == ["/1", "/1", "/2", "/1"]
    assert state(parser).idle


def test_end_of_a_message_without_trailers_is_a_singleton() -> None:
    assert RequestParser().feed(GET)[-1] is END_OF_MESSAGE
    assert RequestParser().feed(CHUNKED_HEAD + b"0\r\n\r\n")[-1] is END_OF_MESSAGE


def test_idle_only_between_messages() -> None:
    parser = RequestParser()
    assert state(parser).idle
    parser.feed(b"\r\n")
    assert state(parser).idle
    parser.feed(b"\r")
    assert not state(parser).idle
    parser.feed(b"\n")
    assert state(parser).idle
    parser.feed(b"P")
    assert not state(parser).idle
    parser.feed(b"OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n")
    assert not state(parser).idle
    assert not state(parser).pending
    parser.feed(b"x")
    assert state(parser).idle


def test_body_bytes_come_as_they_are_fed() -> None:
    parser = RequestParser()
    parser.feed(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\n")
    segment = b"abcde"
    assert parser.feed(segment) == [segment]
    assert parser.feed(b"fGET")[:1] == [b"f"]
    assert state(parser).pending


@pytest.mark.parametrize("length", [b"9" * 19, b"9223372036854775807", b"9223372036854775808"])
def test_body_of_more_bytes_than_will_ever_come(length: bytes) -> None:
    parser = RequestParser()
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %b\r\n\r\n"
    assert parser.feed(head % length + b"ab")[1:] == [b"ab"]
    assert parser.feed(b"cd") == [b"cd"]
    assert not state(parser).idle


def test_empty_segments_change_nothing() -> None:
    parser = RequestParser()
    events: list[Event] = []
    for byte in CHUNKED_HEAD + b"1;a\r\nx\r\n0\r\nX: y\r\n\r\n":
        events += parser.feed(bytes([byte]))
        events += parser.feed(b"")
    assert isinstance(events[-1], EndOfMessage)
    assert events[-1].trailers == (("X", "y"),)


# --- Violations ---


def test_violation_after_events_is_raised_by_the_next_call() -> None:
    parser = RequestParser()
    events = parser.feed(CHUNKED_HEAD + b"3\r\nabc\r\nzz\r\n")
    assert events[1:] == [b"abc"]
    assert state(parser).pending
    assert not state(parser).idle
    with pytest.raises(BadChunk):
        parser.feed(b"")


def test_violation_behind_a_message_does_not_take_it_along() -> None:
    parser = RequestParser()
    assert len(parser.feed(GET + b"\x16\x03")) == 2
    with pytest.raises(BadRequestLine):
        parser.feed(b"")


def test_same_error_for_ever_after_a_violation() -> None:
    parser = RequestParser()
    with pytest.raises(BadRequestLine) as first:
        parser.feed(b"\0")
    for data in (GET, b""):
        with pytest.raises(BadRequestLine) as again:
            parser.feed(data)
        assert again.value is first.value
    with pytest.raises(BadRequestLine):
        parser.feed_eof()
    with pytest.raises(BadRequestLine):
        parser.detach()


def test_garbage_is_refused_at_its_first_byte() -> None:
    with pytest.raises(BadRequestLine, match="0x16"):
        RequestParser().feed(b"\x16")


def test_long_line_is_refused_before_its_end() -> None:
    parser = RequestParser(Limits(request_line=20, field_line=30))
    parser.feed(b"GET /" + b"a" * 15)
    with pytest.raises(RequestLineTooLong, match="at most 20 bytes"):
        parser.feed(b"a")
    parser = RequestParser(Limits(request_line=20, field_line=30))
    parser.feed(b"GET / HTTP/1.1\r\nX: " + b"a" * 27)
    with pytest.raises(FieldsTooLarge, match="at most 30 bytes"):
        parser.feed(b"a")


def test_error_quotes_no_more_than_a_piece() -> None:
    with pytest.raises(BadField) as caught:
        RequestParser().feed(b"GET / HTTP/1.1\r\n" + b"a b" * 2000 + b": \r\n\r\n")
    assert len(str(caught.value)) < 200
    assert str(caught.value).isascii()


# --- Limits at their edge ---

SMALL = Limits(
    method=3,
    request_line=14,
    empty_lines=1,
    field_line=7,
    fields_size=18,
    fields_count=2,
    content_length_digits=2,
)


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: yyyy\r\n\r\n",
    ],
)
def test_at_the_limit(data: bytes, log: Log) -> None:
    for size in (1, 2, 5, 100):
        assert log(cut(data, size), SMALL)[-1] == ("end", ())


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"POST / HTTP/1.1\r\n", "RequestLineTooLong"),
        (b"POST / HTTP/1.1\r\nHost: a\r\n\r\n", "RequestLineTooLong"),
        (b"GETS / HTTP/1.\r\n", "BadRequestLine"),
        (b"\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", "BadRequestLine"),
        (b"GET / HTTP/1.1\r\nHost: aa\r\n\r\n", "FieldsTooLarge"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\n\r\n", "FieldsTooLarge"),
        (b"GET / HTTP/1.1\r\nHost: a\r\nX: yyyyy\r\n\r\n", "FieldsTooLarge"),
    ],
)
def test_over_the_limit(data: bytes, error: str, log: Log) -> None:
    whole = log([data], SMALL)
    assert whole[-1][1] == error
    for size in (1, 2, 5):
        assert log(cut(data, size), SMALL) == whole


def test_section_limit_counts_all_lines(log: Log) -> None:
    limits = Limits(fields_size=20)
    at_limit = b"GET / HTTP/1.1\r\nHost: a\r\nX: yyyyyy\r\n\r\n"
    over = b"GET / HTTP/1.1\r\nHost: a\r\nX: yyyyyyy\r\n\r\n"
    for size in (1, 3, 100):
        assert log(cut(at_limit, size), limits)[-1] == ("end", ())
        assert log(cut(over, size), limits)[-1][1] == "FieldsTooLarge"
        assert "a field line of at most 9 bytes" in log(cut(over, size), limits)[-1][3]


def test_content_length_digits_are_limited(log: Log) -> None:
    data = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 00000000000000000001\r\n\r\n1"
    assert log([data])[-1][1] == "BadFraming"
    assert log([data], Limits(content_length_digits=20))[-1] == ("end", ())


def test_request_line_of_8000_bytes_works(log: Log) -> None:
    line = b"GET /" + b"a" * 7986 + b" HTTP/1.1"
    assert len(line) == 8000
    assert log([line + b"\r\nHost: a\r\n\r\n"])[-1] == ("end", ())


def test_lines_are_limited_in_bytes_not_characters(log: Log) -> None:
    line = b"X: " + "é".encode() * 4093
    assert len(line) == 8189
    data = b"GET / HTTP/1.1\r\nHost: a\r\n%b\r\n\r\n"
    assert log([data % line])[-1] == ("end", ())
    assert log([data % (line + b"aa")])[-1][1] == "FieldsTooLarge"


# --- The end of the connection ---


@pytest.mark.parametrize(
    "data",
    [
        b"G",
        b"\r",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx",
        CHUNKED_HEAD,
        CHUNKED_HEAD + b"1\r\nx\r\n0\r\n\r",
    ],
)
def test_end_inside_a_message(data: bytes) -> None:
    parser = RequestParser()
    parser.feed(data)
    with pytest.raises(IncompleteMessage) as caught:
        parser.feed_eof()
    assert caught.value.status == 400
    with pytest.raises(IncompleteMessage):
        parser.feed(b"")


@pytest.mark.parametrize("data", [b"", b"\r\n", GET, CHUNKED_HEAD + b"0\r\n\r\n"])
def test_end_between_messages(data: bytes) -> None:
    parser = RequestParser()
    parser.feed(data)
    parser.feed_eof()
    assert parser.feed(b"") == []


def test_end_behind_pending_messages_is_found_in_its_turn() -> None:
    parser = RequestParser()
    parser.feed(GET + GET + b"GET")
    parser.feed_eof()
    assert len(parser.feed(b"")) == 2
    with pytest.raises(IncompleteMessage):
        parser.feed(b"")


def test_end_inside_the_body_of_a_pending_message() -> None:
    parser = RequestParser()
    parser.feed(GET + b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nx")
    parser.feed_eof()
    assert parser.feed(b"")[1:] == [b"x"]
    with pytest.raises(IncompleteMessage):
        parser.feed(b"")


# --- Handing the connection over ---


def test_detach_gives_the_bytes_after_the_message() -> None:
    parser = RequestParser()
    upgrade = b"GET /ws HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"
    events = parser.feed(upgrade + b"\x81\x05hello")
    assert isinstance(events[0], RequestHead)
    assert events[0].upgrade
    parser.feed_eof()
    assert parser.detach() == b"\x81\x05hello"
    assert state(parser).idle
    assert parser.detach() == b""
    with pytest.raises(LocalProtocolError):
        parser.feed(b"")
    parser.feed_eof()


def test_detach_gives_all_that_waits() -> None:
    parser = RequestParser()
    parser.feed(GET + GET + b"a")
    parser.feed(b"b")
    assert parser.detach() == b"ab"


def test_detach_gives_the_begin_of_a_head() -> None:
    parser = RequestParser()
    parser.feed(GET)
    parser.feed(b"GET /")
    assert parser.detach() == b"GET /"


def test_detach_inside_a_body_is_a_mistake() -> None:
    parser = RequestParser()
    parser.feed(CHUNKED_HEAD)
    with pytest.raises(LocalProtocolError):
        parser.detach()


def test_declined_upgrade_goes_on() -> None:
    parser = RequestParser()
    parser.feed(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n" + GET)
    assert len(parser.feed(b"")) == 2
