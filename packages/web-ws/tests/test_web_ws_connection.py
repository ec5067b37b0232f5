"""A connection without I/O: messages, answers, closing and failing, by sections of RFC 6455."""

from __future__ import annotations

import gc
import itertools
import tracemalloc
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_ws import (
    WebSocketConnection,
    WebSocketError,
    WebSocketStateError,
    WSMessage,
    WSMsgType,
)
from tidegate_web_ws.connection import MESSAGES_AT_ONCE, is_close_code
from tidegate_web_ws.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT

if TYPE_CHECKING:
    from conftest import Masked

T, B = WSMsgType.TEXT, WSMsgType.BINARY


def feed(connection: WebSocketConnection, *segments: bytes) -> list[WSMessage]:
    messages = []
    for segment in segments:
        messages += connection.feed(segment)
        while connection.pending:
            messages += connection.feed(b"")
    return messages


def failed(connection: WebSocketConnection, messages: list[WSMessage]) -> int:
    """Expect the last message to be an ERROR that is told to the peer; return its code."""
    assert messages[-1].type is WSMsgType.ERROR
    error = messages[-1].data
    assert isinstance(error, WebSocketError)
    assert connection.failed
    assert connection.close_code == error.code
    answer = connection.data_to_send()
    assert answer[0] == 0x88
    assert answer[1] == len(answer) - 2 <= 125
    assert answer[2:4] == error.code.to_bytes(2, "big")
    assert answer[4:].decode() == str(error)
    return error.code


# --- messages ---


def test_messages_come_out_decoded(masked: Masked) -> None:
    connection = WebSocketConnection()
    wire = masked(TEXT, "naïve €𐍈".encode()) + masked(BINARY, b"\x00\xff") + masked(TEXT)
    assert feed(connection, wire) == [(T, "naïve €𐍈", ""), (B, b"\x00\xff", ""), (T, "", "")]
    assert connection.data_to_send() == b""
    assert connection.open


def test_fragments_are_joined(masked: Masked) -> None:
    # Section 5.4.
    connection = WebSocketConnection()
    parts = "€uro".encode()
    wire = masked(TEXT, parts[:1], fin=False) + masked(CONTINUATION, parts[1:2], fin=False)
    wire += masked(CONTINUATION, parts[2:]) + masked(BINARY, b"a", fin=False)
    wire += masked(CONTINUATION, b"", fin=False) + masked(CONTINUATION, b"b")
    assert feed(connection, wire) == [(T, "€uro", ""), (B, b"ab", "")]


def test_text_can_stay_bytes(masked: Masked) -> None:
    connection = WebSocketConnection(decode_text=False)
    wire = masked(TEXT, b"whole") + masked(TEXT, b"\xe2", fin=False)
    assert feed(connection, wire, masked(CONTINUATION, b"\x82\xac")) == [
        (T, b"whole", ""),
        (T, "€".encode(), ""),
    ]


@given(
    st.lists(st.one_of(st.text(max_size=40), st.binary(max_size=40)), max_size=6),
    st.booleans(),
    st.data(),
)
def test_any_segmentation_and_fragmentation_gives_the_same_messages(
    masked: Masked, contents: list[str | bytes], decode_text: bool, data: st.DataObject
) -> None:
    wire = b""
    expected = []
    for content in contents:
        raw = content.encode() if isinstance(content, str) else content
        opcode = TEXT if isinstance(content, str) else BINARY
        cut = data.draw(st.integers(0, len(raw)))
        wire += masked(opcode, raw[:cut], fin=False) + masked(PING, raw[:5])
        wire += masked(CONTINUATION, raw[cut:])
        expected.append((opcode, content if decode_text else raw, ""))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=9)))
    segments = [wire[a:b] for a, b in itertools.pairwise([0, *cuts, len(wire)])]
    connection = WebSocketConnection(decode_text=decode_text)
    assert feed(connection, *segments) == expected


@given(st.text(max_size=200), st.binary(max_size=200))
def test_what_one_side_encodes_the_other_decodes(masked: Masked, text: str, data: bytes) -> None:
    connection = WebSocketConnection()
    for opcode, payload in ((TEXT, text.encode()), (BINARY, data)):
        sent = connection.send(opcode, payload)
        header = 2 if len(payload) < 126 else 4
        assert sent[header:] == payload
        assert feed(WebSocketConnection(), masked(opcode, sent[header:]))[0].data in (text, data)


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("fragments", [False, True])
def test_what_dribbles_in_pins_no_object_a_read(
    opcode: int, fragments: bool, masked: Masked
) -> None:
    connection = WebSocketConnection(max_msg_size=0)
    if fragments:
        wire = masked(opcode, b"abc", fin=False) + masked(CONTINUATION, b"def", fin=False) * 5000
    else:
        wire = masked(opcode, b"abcdef" * 10_000)[:-1]
    segments = [wire[i : i + 9] for i in range(0, len(wire), 9)]
    gc.collect()
    tracemalloc.start()
    try:
        for segment in segments:
            # A copy, as each read of a socket is.
            assert not connection.feed(bytes(bytearray(segment)))
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # An object of bytes takes 33 bytes more than its content.
    assert held < len(segments) * 20


def test_a_burst_of_messages_is_handed_out_in_shares(masked: Masked) -> None:
    connection = WebSocketConnection()
    wire = masked(BINARY, b"x") * (MESSAGES_AT_ONCE * 2 + 5)
    assert len(connection.feed(wire)) == MESSAGES_AT_ONCE
    assert connection.pending
    assert connection.taken > MESSAGES_AT_ONCE
    assert len(connection.feed(masked(TEXT, b"last"))) == MESSAGES_AT_ONCE
    rest = connection.feed(b"")
    assert len(rest) == 6
    assert rest[-1].data == "last"
    assert not connection.pending


# --- section 5.5.2: Ping and Pong ---


def test_pings_are_answered_in_order(masked: Masked) -> None:
    connection = WebSocketConnection()
    assert feed(connection, masked(PING, b"1") + masked(PING) + masked(PONG, b"x")) == []
    assert connection.answering
    assert connection.data_to_send() == b"\x8a\x011\x8a\x00"
    assert not connection.answering


def test_pongs_that_are_not_taken_do_not_pile_up(masked: Masked) -> None:
    connection = WebSocketConnection()
    for number in range(1000):
        connection.feed(masked(PING, b"%d" % number))
    connection.feed(b"")
    assert connection.data_to_send() == b"\x8a\x03999"


def test_pings_and_pongs_can_be_had_as_messages(masked: Masked) -> None:
    connection = WebSocketConnection(autoping=False)
    assert feed(connection, masked(PING, b"1") + masked(PONG, b"2")) == [
        (WSMsgType.PING, b"1", ""),
        (WSMsgType.PONG, b"2", ""),
    ]
    assert connection.data_to_send() == b""
    assert connection.send(PONG, b"1") == b"\x8a\x011"


# --- section 5.5.1 and 7.4: Close ---

VALID = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999]
INVALID = [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]


@pytest.mark.parametrize("code", VALID)
def test_a_close_is_answered_with_its_own_code(code: int, masked: Masked) -> None:
    connection = WebSocketConnection()
    payload = code.to_bytes(2, "big")
    wire = masked(TEXT, b"before") + masked(CLOSE, payload + b"reason") + masked(TEXT, b"after")
    assert feed(connection, wire) == [(T, "before", ""), (WSMsgType.CLOSE, code, "reason")]
    assert connection.data_to_send() == b"\x88\x02" + payload
    assert (connection.close_code, connection.close_reason) == (code, "reason")
    assert connection.closed
    assert not connection.open
    assert feed(connection, masked(TEXT, b"after")) == []


def test_a_close_without_code_is_answered_without(masked: Masked) -> None:
    connection = WebSocketConnection()
    assert feed(connection, masked(CLOSE)) == [(WSMsgType.CLOSE, 1005, "")]
    assert connection.data_to_send() == b"\x88\x00"
    # Section 7.1.5.
    assert (connection.close_code, connection.close_reason) == (1005, "")


@pytest.mark.parametrize("code", INVALID)
def test_a_code_that_is_never_sent_is_a_violation(code: int, masked: Masked) -> None:
    connection = WebSocketConnection()
    assert failed(connection, feed(connection, masked(CLOSE, code.to_bytes(2, "big")))) == 1002
    assert connection.close_reason is None
    assert not is_close_code(code)


def test_a_code_of_one_byte_is_a_violation(masked: Masked) -> None:
    connection = WebSocketConnection()
    assert failed(connection, feed(connection, masked(CLOSE, b"\x03"))) == 1002


def test_a_reason_that_is_not_utf_8_is_a_violation(masked: Masked) -> None:
    connection = WebSocketConnection()
    assert failed(connection, feed(connection, masked(CLOSE, b"\x03\xe8\xff"))) == 1007


def test_our_close_waits_for_the_peer_s(masked: Masked) -> None:
    connection = WebSocketConnection()
    feed(connection, masked(TEXT, b"begun", fin=False))
    assert connection.close(4000, b"bye") == b"\x88\x05\x0f\xa0bye"
    # What comes meanwhile is dropped, and a ping is not answered.
    late = masked(CONTINUATION, b"\xff") + masked(BINARY, b"data") + masked(PING, b"?")
    assert feed(connection, late) == []
    answer = masked(CLOSE, b"\x0f\xa0")
    assert feed(connection, answer) == [(WSMsgType.CLOSE, 4000, "")]
    assert connection.closed
    assert connection.close_code == 4000
    assert connection.data_to_send() == b""


def test_a_violation_after_our_close_is_not_answered_again(masked: Masked) -> None:
    connection = WebSocketConnection()
    connection.close()
    assert feed(connection, masked(3), masked(CLOSE, b"\x03\xe8")) == []
    assert connection.failed
    assert connection.close_code == 1006
    assert connection.data_to_send() == b""


def test_answering_a_close_can_be_left_to_the_user(masked: Masked) -> None:
    connection = WebSocketConnection(autoclose=False)
    assert feed(connection, masked(CLOSE, b"\x03\xe9")) == [(WSMsgType.CLOSE, 1001, "")]
    assert connection.data_to_send() == b""
    assert not connection.open
    with pytest.raises(WebSocketStateError):
        connection.send(TEXT, b"late")
    assert connection.close(1001) == b"\x88\x02\x03\xe9"
    assert connection.closed


def test_the_end_of_the_bytes_without_a_close_is_abnormal(masked: Masked) -> None:
    connection = WebSocketConnection()
    connection.feed_eof()
    assert connection.close_code == 1006
    closed = WebSocketConnection()
    feed(closed, masked(CLOSE, b"\x03\xe8"))
    closed.feed_eof()
    assert closed.close_code == 1000


# --- sections 7.1.7 and 8.1: failing ---


@pytest.mark.parametrize("end", ["close", "violation"])
def test_what_came_before_an_end_can_still_be_answered(end: str, masked: Masked) -> None:
    connection = WebSocketConnection()
    last = masked(CLOSE, b"\x03\xe8") if end == "close" else masked(3)
    assert len(connection.feed(masked(TEXT, b"question") + last + masked(TEXT, b"ignored"))) == 1
    assert connection.ending
    assert connection.send(TEXT, b"answer") == b"\x81\x06answer"
    assert connection.data_to_send() == b""
    (message,) = connection.feed(masked(TEXT, b"ignored"))
    assert message.type in (WSMsgType.CLOSE, WSMsgType.ERROR)
    assert connection.data_to_send()[0] == 0x88
    assert connection.feed(masked(TEXT, b"ignored")) == []


def test_what_came_before_a_violation_is_delivered_first(masked: Masked) -> None:
    connection = WebSocketConnection()
    wire = masked(TEXT, b"good") + masked(PING, b"p") + masked(3) + masked(TEXT, b"after")
    messages = feed(connection, wire)
    assert [message.type for message in messages] == [T, WSMsgType.ERROR]
    assert connection.data_to_send().startswith(b"\x8a\x01p\x88")
    assert feed(connection, masked(TEXT, b"after")) == []


def test_a_message_over_the_limit_fails_with_1009(masked: Masked) -> None:
    connection = WebSocketConnection(max_msg_size=3)
    messages = feed(connection, masked(TEXT, "€".encode()) + masked(BINARY, b"1234"))
    assert messages[0].data == "€"
    assert failed(connection, messages) == 1009


def test_a_message_in_very_many_fragments_fails_unless_nothing_is_limited(masked: Masked) -> None:
    wire = masked(BINARY, b"x", fin=False) + masked(CONTINUATION, b"x", fin=False) * 16383
    last = masked(CONTINUATION, b"x")
    limited = WebSocketConnection()
    assert failed(limited, feed(limited, wire, last)) == 1009
    unlimited = WebSocketConnection(max_msg_size=0)
    assert feed(unlimited, wire, last) == [(B, b"x" * 16385, "")]


# The beginnings of texts that can't be valid any more, however they go on: the shortest there are.
BROKEN = [
    b"\x80",
    b"\xc0",
    b"\xc1",
    b"ok\xc3\x28",
    b"\xe0\x80",  # overlong
    b"\xed\xa0",  # a surrogate
    b"\xe2\x82\x28",
    b"\xf0\x80",  # overlong
    b"\xf4\x90",  # above U+10FFFF
    b"\xf5",
    b"\xff",
]


@pytest.mark.parametrize("broken", BROKEN)
@pytest.mark.parametrize("decode_text", [True, False])
def test_broken_utf_8_fails_at_once(broken: bytes, decode_text: bool, masked: Masked) -> None:
    payload = "κόσμε".encode() + broken
    # In a frame that goes on, whole or byte by byte, in a fragment, and in a message.
    begun = masked(TEXT, payload + b"more to come")[: 6 + len(payload)]
    bytewise = [bytes([byte]) for byte in begun]
    fragment = masked(TEXT, payload, fin=False)
    for segments in ([begun], bytewise, [fragment], [masked(TEXT, payload)]):
        connection = WebSocketConnection(decode_text=decode_text)
        assert failed(connection, feed(connection, *segments)) == 1007


@pytest.mark.parametrize("broken", BROKEN)
def test_text_that_may_still_be_valid_does_not_fail(broken: bytes, masked: Masked) -> None:
    connection = WebSocketConnection()
    begun = masked(TEXT, broken + b"more")[: 6 + len(broken) - 1]
    assert feed(connection, begun) == []
    assert connection.open


def test_text_that_ends_within_a_character_fails(masked: Masked) -> None:
    for segments in (
        [masked(TEXT, b"\xe2\x82")],
        [masked(TEXT, b"\xe2", fin=False), masked(CONTINUATION, b"\x82")],
        [masked(TEXT, b"\xe2\x82", fin=False), masked(CONTINUATION, b"")],
    ):
        connection = WebSocketConnection()
        assert failed(connection, feed(connection, *segments)) == 1007


@given(st.binary(max_size=80), st.data())
def test_whatever_comes_ends_in_no_exception(wire: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    connection = WebSocketConnection(max_msg_size=100)
    whole = WebSocketConnection(max_msg_size=100)
    messages = feed(whole, wire)
    segments = [wire[a:b] for a, b in itertools.pairwise([0, *cuts, len(wire)])]
    again = feed(connection, *segments)
    assert [(m.type, m.data) for m in again if m.type is not WSMsgType.ERROR] == [
        (m.type, m.data) for m in messages if m.type is not WSMsgType.ERROR
    ]
    assert connection.close_code == whole.close_code


# --- sending ---


def test_large_payloads_can_be_sent_without_a_copy() -> None:
    connection = WebSocketConnection()
    payload = bytes(70000)
    assert connection.send_header(BINARY, 70000) + payload == connection.send(BINARY, payload)


@pytest.mark.parametrize("opcode", [PING, PONG])
def test_our_own_control_frames_are_checked(opcode: int) -> None:
    connection = WebSocketConnection()
    assert len(connection.send(opcode, bytes(125))) == 127
    with pytest.raises(ValueError, match="125"):
        connection.send(opcode, bytes(126))
    with pytest.raises(ValueError, match="125"):
        connection.send_header(opcode, 126)


@pytest.mark.parametrize("opcode", [CONTINUATION, CLOSE, 3, 11])
def test_other_opcodes_are_not_sent(opcode: int) -> None:
    with pytest.raises(ValueError, match="opcode"):
        WebSocketConnection().send(opcode, b"")


@pytest.mark.parametrize("code", [*INVALID, -1, 10**9])
def test_our_own_close_codes_are_checked(code: int) -> None:
    connection = WebSocketConnection()
    with pytest.raises(ValueError, match="close code"):
        connection.close(code)
    assert connection.open


def test_our_own_reasons_are_checked() -> None:
    connection = WebSocketConnection()
    with pytest.raises(ValueError, match="123"):
        connection.close(1000, bytes(124))
    with pytest.raises(UnicodeDecodeError):
        connection.close(1000, b"\xff")
    assert connection.open
    assert len(connection.close(1000, bytes(123))) == 127


def test_nothing_is_sent_after_a_close() -> None:
    connection = WebSocketConnection()
    connection.close()
    with pytest.raises(WebSocketStateError):
        connection.send(TEXT, b"late")
    with pytest.raises(WebSocketStateError):
        connection.send_header(TEXT, 5)
    with pytest.raises(WebSocketStateError):
        connection.close()
