"""Frames to messages: compressed ones, limits after inflating, messages in pieces."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest
from tidegate_web_ws import Inflater, WebSocketConnection, WSMessage, WSMsgType
from tidegate_web_ws.assembly import MORE, PIECE_SIZE
from tidegate_web_ws.frames import BINARY, CONTINUATION, PING, TEXT

if TYPE_CHECKING:
    from conftest import Masked

RSV1 = 0x40
T, B, C = WSMsgType.TEXT, WSMsgType.BINARY, WSMsgType.CONTINUATION


def deflated(payload: bytes, level: int = 6) -> bytes:
    compressor = zlib.compressobj(level, zlib.DEFLATED, -15)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def connection(limit: int = 0, *, pieces: bool = False, text: bool = True) -> WebSocketConnection:
    return WebSocketConnection(
        max_msg_size=limit, pieces=pieces, decode_text=text, inflater=Inflater(15, True)
    )


def feed(connection: WebSocketConnection, *segments: bytes) -> list[WSMessage]:
    messages = []
    for segment in segments:
        messages += connection.feed(segment)
        while connection.pending:
            messages += connection.feed(b"")
    return messages


def bytewise(wire: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in wire]


@pytest.mark.parametrize("bytes_alone", [False, True])
def test_compressed_messages_are_inflated(masked: Masked, bytes_alone: bool) -> None:
    text = "na\u00efve \u20ac " * 9
    data = deflated(text.encode())
    wire = masked(TEXT | RSV1, data) + masked(BINARY | RSV1, data) + masked(TEXT, b"plain")
    wire += masked(TEXT | RSV1, data[:7], fin=False) + masked(PING)
    wire += masked(CONTINUATION, data[7:9], fin=False) + masked(CONTINUATION, data[9:])
    wire += masked(BINARY | RSV1, b"", fin=False) + masked(CONTINUATION, b"\0")
    got = feed(connection(), *(bytewise(wire) if bytes_alone else [wire]))
    assert got == [
        (T, text, ""),
        (B, text.encode(), ""),
        (T, "plain", ""),
        (T, text, ""),
        (B, b"", ""),
    ]


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("level", [0, 9])
@pytest.mark.parametrize("fragments", [False, True])
def test_the_limit_is_exact_after_inflating(
    masked: Masked, opcode: int, level: int, fragments: bool
) -> None:
    for size, code in ((1000, None), (1001, 1009), (1_000_000, 1009)):
        data = deflated(b"x" * size, level)
        half = len(data) // 2 if fragments else len(data)
        wire = masked(opcode | RSV1, data[:half], fin=not fragments)
        if fragments:
            wire += masked(CONTINUATION, data[half:])
        limited = connection(1000)
        messages = feed(limited, wire)
        assert limited.close_code == code
        assert len(messages) == 1
        # The limit is each message's own.
        if code is None:
            assert len(feed(limited, wire)) == 1


def test_a_bomb_is_not_inflated(masked: Masked) -> None:
    bomb = deflated(bytes(50_000_000))
    limited = connection(1000)
    import tracemalloc

    tracemalloc.start()
    try:
        feed(limited, masked(BINARY | RSV1, bomb[:1100]))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert limited.close_code == 1009


def test_compressed_text_that_is_not_utf_8_is_1007(masked: Masked) -> None:
    for wire in (
        masked(TEXT | RSV1, deflated(b"\xff")),
        masked(TEXT | RSV1, deflated(b"ok\xff"), fin=False),
    ):
        failing = connection()
        feed(failing, wire)
        assert failing.close_code == 1007


def test_data_that_does_not_inflate_is_1007(masked: Masked) -> None:
    failing = connection()
    assert feed(failing, masked(BINARY, b"fine"), masked(BINARY | RSV1, b"\xff\xff"))[0].data
    assert failing.close_code == 1007


@pytest.mark.parametrize(
    "first", [PING | RSV1, CONTINUATION | RSV1, TEXT | 0x20, TEXT | 0x10, TEXT | RSV1 | 0x20]
)
def test_reserved_bits_have_their_places(masked: Masked, first: int) -> None:
    # RFC 7692 section 6.1.
    failing = connection()
    begin = b"" if first & 0x0F else masked(TEXT, b"a", fin=False)
    feed(failing, begin + masked(first))
    assert failing.close_code == 1002


def test_rsv1_without_agreement_is_1002(masked: Masked) -> None:
    failing = WebSocketConnection()
    feed(failing, masked(TEXT | RSV1, deflated(b"x")))
    assert failing.close_code == 1002


# --- pieces ---


def test_a_message_can_come_in_pieces(masked: Masked) -> None:
    wire = masked(TEXT, b"a", fin=False) + masked(CONTINUATION, b"", fin=False)
    wire += masked(PING) + masked(CONTINUATION, b"b") + masked(BINARY, b"whole")
    assert feed(connection(pieces=True), wire) == [
        (T, "a", MORE),
        (C, "b", ""),
        (B, b"whole", ""),
    ]


def test_a_large_frame_comes_in_pieces_as_it_comes(masked: Masked) -> None:
    streaming = connection(pieces=True)
    wire = masked(BINARY, bytes(1000))
    assert feed(streaming, wire[:100]) == [(B, bytes(92), MORE)]
    assert feed(streaming, wire[100:500]) == [(C, bytes(400), MORE)]
    assert feed(streaming, wire[500:]) == [(C, bytes(508), "")]


@pytest.mark.parametrize("decode", [True, False])
def test_pieces_of_text_are_whole_characters(masked: Masked, decode: bool) -> None:
    text = "\u20ac\U00010348a\u00e9" * 3
    streaming = connection(pieces=True, text=decode)
    messages = feed(streaming, *bytewise(masked(TEXT, text.encode())))
    assert [m.type for m in messages] == [T] + [C] * (len(messages) - 1)
    assert [m.extra for m in messages] == [MORE] * (len(messages) - 1) + [""]
    if decode:
        assert "".join(m.data for m in messages) == text
    else:
        assert b"".join(m.data for m in messages) == text.encode()
        assert all(m.data.decode() is not None for m in messages)


def test_pieces_of_what_inflates_are_bounded(masked: Masked) -> None:
    size = 20_000_000
    streaming = connection(pieces=True)
    messages = streaming.feed(masked(BINARY | RSV1, deflated(bytes(size))))
    assert streaming.pending
    assert sum(len(m.data) for m in messages) < 2_000_000
    messages += feed(streaming, b"")
    assert max(len(m.data) for m in messages) <= PIECE_SIZE
    assert b"".join(m.data for m in messages) == bytes(size)
    assert [m.extra for m in messages] == [MORE] * (len(messages) - 1) + [""]


def test_the_limit_holds_for_pieces_too(masked: Masked) -> None:
    for wire in (
        masked(BINARY | RSV1, deflated(bytes(200_000))),
        masked(BINARY, bytes(60_000), fin=False) + masked(CONTINUATION, bytes(60_000)),
    ):
        limited = connection(100_000, pieces=True)
        feed(limited, wire)
        assert limited.close_code == 1009


def test_pieces_that_wait_are_dropped_after_our_close(masked: Masked) -> None:
    streaming = connection(pieces=True)
    streaming.feed(masked(BINARY | RSV1, deflated(bytes(20_000_000))))
    streaming.close()
    assert feed(streaming, b"", masked(8, b"\x03\xe8"))[-1].type is WSMsgType.CLOSE
