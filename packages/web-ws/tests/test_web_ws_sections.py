"""An echo answers as RFC 6455 and RFC 7692 say, section by section, frame by frame.

The quick companion of ``dev/autobahn.py``: the same kinds of cases, written from the RFCs, against
the connection without I/O.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import pytest
from tidegate_web_ws import Deflater, Inflater, WebSocketConnection, WSMsgType
from tidegate_web_ws.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT

if TYPE_CHECKING:
    from conftest import Masked

Frames = list[tuple[int, bytes]]
RSV1 = 0x40


class Echo:
    """Sends each message back; what it sends is read frame by frame."""

    def __init__(self, *, deflate: bool = False, takeover: bool = True, bits: int = 15) -> None:
        self.connection = WebSocketConnection(
            max_msg_size=20_000_000,
            deflater=Deflater(1, bits, 8, takeover, 0) if deflate else None,
            inflater=Inflater(bits, takeover) if deflate else None,
        )

    def __call__(self, wire: bytes, chop: int = 0) -> Frames:
        """Feed *wire*, *chop* bytes at a time; return (first byte, payload) of what is sent."""
        step = chop or max(len(wire), 1)
        sent = b""
        for start in range(0, len(wire), step):
            data = wire[start : start + step]
            while True:
                for message in self.connection.feed(data):
                    if message.type is WSMsgType.TEXT:
                        sent += self.connection.send(TEXT, message.data.encode())
                    elif message.type is WSMsgType.BINARY:
                        sent += self.connection.send(BINARY, message.data)
                sent += self.connection.data_to_send()
                if not self.connection.pending:
                    break
                data = b""
        return frames(sent)


def frames(data: bytes) -> Frames:
    found = []
    while data:
        size, start = data[1], 2
        if size > 125:
            start = 4 if size == 126 else 10
            size = int.from_bytes(data[2:start])
        found.append((data[0], data[start : start + size]))
        data = data[start + size :]
    return found


def closes(answer: Frames, code: int) -> bool:
    """Tell whether the last of *answer* is a Close with *code*."""
    first, payload = answer[-1]
    return first == 0x80 | CLOSE and payload[:2] == code.to_bytes(2, "big")


# --- 5.2, 5.6: messages of every length form ---


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 128, 65535, 65536, 300_000])
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("chop", [0, 997])
def test_5_6_messages_of_every_size(masked: Masked, size: int, opcode: int, chop: int) -> None:
    payload = b"*" * size
    assert Echo()(masked(opcode, payload), chop) == [(0x80 | opcode, payload)]


# --- 5.5.2, 5.5.3: Ping and Pong ---


@pytest.mark.parametrize("size", [0, 1, 125])
def test_5_5_2_a_ping_is_answered_with_its_payload(masked: Masked, size: int) -> None:
    payload = bytes(range(size))
    assert Echo()(masked(PING, payload), 1) == [(0x80 | PONG, payload)]


def test_5_5_2_a_long_ping_is_a_violation(masked: Masked) -> None:
    assert closes(Echo()(masked(PING, bytes(126))), 1002)


def test_5_5_3_a_pong_that_nobody_asked_for_is_ignored(masked: Masked) -> None:
    wire = masked(PONG, b"unasked") + masked(PING, b"ping")
    assert Echo()(wire) == [(0x80 | PONG, b"ping")]


def test_5_5_2_ten_pings_are_answered_in_order(masked: Masked) -> None:
    wire = b"".join(masked(PING, b"%d" % n) for n in range(10))
    assert Echo()(wire) == [(0x80 | PONG, b"%d" % n) for n in range(10)]


# --- 5.2: reserved bits and opcodes ---


@pytest.mark.parametrize("bits", [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70])
@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, PONG, CLOSE])
def test_5_2_reserved_bits_are_violations(masked: Masked, bits: int, opcode: int) -> None:
    answer = Echo()(masked(TEXT, b"before") + masked(opcode | bits) + masked(TEXT, b"after"))
    assert answer[0] == (0x81, b"before")
    assert len(answer) == 2
    assert closes(answer, 1002)


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_5_2_reserved_opcodes_are_violations(masked: Masked, opcode: int) -> None:
    answer = Echo()(masked(TEXT, b"before") + masked(opcode, b"x") + masked(PING))
    assert answer[0] == (0x81, b"before")
    assert len(answer) == 2
    assert closes(answer, 1002)


# --- 5.4: fragmentation ---


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_5_4_control_frames_are_not_fragmented(masked: Masked, opcode: int) -> None:
    assert closes(Echo()(masked(opcode, b"", fin=False)), 1002)


@pytest.mark.parametrize("chop", [0, 1])
def test_5_4_control_frames_come_between_fragments(masked: Masked, chop: int) -> None:
    wire = masked(TEXT, b"one", fin=False) + masked(PING, b"p")
    wire += masked(CONTINUATION, b"two", fin=False) + masked(PING, b"q")
    wire += masked(CONTINUATION, b"three")
    expected = [(0x8A, b"p"), (0x8A, b"q"), (0x81, b"onetwothree")]
    assert sorted(Echo()(wire, chop)) == sorted(expected)


@pytest.mark.parametrize("fin", [True, False])
def test_5_4_a_continuation_needs_a_beginning(masked: Masked, fin: bool) -> None:
    wire = masked(CONTINUATION, b"x", fin=fin) + masked(TEXT, b"after")
    assert closes(Echo()(wire), 1002)


def test_5_4_a_message_does_not_begin_within_another(masked: Masked) -> None:
    assert closes(Echo()(masked(TEXT, b"a", fin=False) + masked(TEXT, b"b")), 1002)


def test_5_4_many_fragments(masked: Masked) -> None:
    wire = masked(BINARY, b"", fin=False) + masked(CONTINUATION, b"x", fin=False) * 5000
    assert Echo()(wire + masked(CONTINUATION)) == [(0x82, b"x" * 5000)]


# --- 8.1: UTF-8 (the boundaries of RFC 3629) ---

VALID = ["\x00", "\x7f", "\x80", "\u07ff", "\u0800", "\ud7ff", "\ue000", "\uffff", "\U0010ffff"]
INVALID = [
    b"\x80",
    b"\xbf\x80",
    b"\xc0\xaf",  # overlong
    b"\xc1\xbf",
    b"\xe0\x80\xaf",
    b"\xe0\x9f\xbf",
    b"\xf0\x80\x80\x80",
    b"\xf0\x8f\xbf\xbf",
    b"\xed\xa0\x80",  # surrogates
    b"\xed\xbf\xbf",
    b"\xed\xa0\x80\xed\xb0\x80",
    b"\xf4\x90\x80\x80",  # over U+10FFFF
    b"\xf8\x88\x80\x80\x80",
    b"\xfe",
    b"\xff",
    b"ok \xc3",  # cut off
    b"ok \xe2\x82",
    b"ok \xf0\x9f\x98",
]


@pytest.mark.parametrize("text", VALID)
@pytest.mark.parametrize("chop", [0, 1])
def test_8_1_text_at_the_boundaries_is_echoed(masked: Masked, text: str, chop: int) -> None:
    data = text.encode()
    fragments = masked(TEXT, data[:1], fin=False) + masked(CONTINUATION, data[1:])
    assert Echo()(masked(TEXT, data) + fragments, chop) == [(0x81, data)] * 2


@pytest.mark.parametrize("data", INVALID)
@pytest.mark.parametrize("deflate", [False, True])
def test_8_1_what_is_no_utf_8_is_1007(masked: Masked, data: bytes, deflate: bool) -> None:
    wire = masked(TEXT | RSV1, deflated(data)) if deflate else masked(TEXT, data)
    assert closes(Echo(deflate=deflate)(wire), 1007)
    middle = len(data) // 2
    wire = masked(TEXT, data[:middle], fin=False) + masked(CONTINUATION, data[middle:])
    assert closes(Echo()(wire, 1), 1007)


@pytest.mark.parametrize("data", [data for data in INVALID if not data.startswith(b"ok")])
def test_8_1_it_is_found_at_the_first_byte_that_can_t_be(masked: Masked, data: bytes) -> None:
    # The frame is not whole, and no more of it ever comes.
    wire = masked(TEXT, b"fine " + data + b" more")
    assert closes(Echo()(wire[: 6 + 5 + len(data)], 1), 1007)
    assert closes(Echo()(masked(TEXT, b"fine " + data, fin=False)), 1007)


# --- 5.5.1, 7.4: Close ---


@pytest.mark.parametrize("code", [1000, 1001, 1003, 1007, 1014, 3000, 3999, 4000, 4999])
@pytest.mark.parametrize("reason", [b"", b"bye", b"x" * 123])
def test_7_4_a_close_is_answered_with_its_code(masked: Masked, code: int, reason: bytes) -> None:
    payload = code.to_bytes(2, "big")
    wire = masked(CLOSE, payload + reason) + masked(TEXT, b"after") + masked(PING)
    assert Echo()(wire) == [(0x88, payload)]


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000])
def test_7_4_codes_that_are_never_sent(masked: Masked, code: int) -> None:
    assert closes(Echo()(masked(CLOSE, code.to_bytes(2, "big"))), 1002)


def test_5_5_1_malformed_closes(masked: Masked) -> None:
    assert Echo()(masked(CLOSE)) == [(0x88, b"")]
    assert closes(Echo()(masked(CLOSE, b"\x03")), 1002)
    assert closes(Echo()(masked(CLOSE, b"\x03\xe8" + b"x" * 124)), 1002)
    assert closes(Echo()(masked(CLOSE, b"\x03\xe8\xce\xba\xff")), 1007)


# --- 5.1, 5.2: what a conformance suite can't send ---


@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, CLOSE])
def test_5_1_a_frame_without_mask_is_a_violation(opcode: int) -> None:
    assert closes(Echo()(bytes([0x80 | opcode, 0])), 1002)


@pytest.mark.parametrize(
    "length", [b"\xfe\x00\x7d", b"\xff" + (65535).to_bytes(8), b"\xff\x80" + bytes(7)]
)
def test_5_2_a_length_has_its_shortest_form(length: bytes) -> None:
    assert closes(Echo()(b"\x82" + length + bytes(4)), 1002)


def test_a_message_over_the_limit_is_refused_by_its_header() -> None:
    assert closes(Echo()(b"\x82\xff" + (20_000_001).to_bytes(8) + bytes(4)), 1009)


# --- RFC 7692 ---


def deflated(payload: bytes, bits: int = 15) -> bytes:
    compressor = zlib.compressobj(6, zlib.DEFLATED, -bits)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


@pytest.mark.parametrize("bits", range(8, 16))
@pytest.mark.parametrize("takeover", [True, False])
@pytest.mark.parametrize("size", [0, 16, 1024, 40_000])
def test_7692_messages_of_every_window(
    masked: Masked, bits: int, takeover: bool, size: int
) -> None:
    echo = Echo(deflate=True, takeover=takeover, bits=bits)
    payload = (b"%d " * 10_000 % tuple(range(10_000)))[:size]
    peer = zlib.decompressobj(-bits)
    for _ in range(3):
        # A window of 8 bits is none that zlib compresses with: 9 keep within it.
        wire = masked(TEXT | RSV1, deflated(payload, max(bits, 9)))
        ((first, data),) = echo(wire, 1000)
        assert first == 0xC1
        if not takeover:
            peer = zlib.decompressobj(-bits)
        assert peer.decompress(data + b"\x00\x00\xff\xff") == payload


def test_7692_6_2_fragments_of_a_compressed_message(masked: Masked) -> None:
    data = deflated(b"fragments " * 20)
    wire = masked(TEXT | RSV1, data[:5], fin=False) + masked(PING, b"p")
    wire += masked(CONTINUATION, data[5:9], fin=False) + masked(CONTINUATION, data[9:])
    pong, (first, payload) = sorted(Echo(deflate=True)(wire))
    assert pong == (0x8A, b"p")
    assert first == 0xC1
    inflated = zlib.decompressobj(-15).decompress(payload + b"\x00\x00\xff\xff")
    assert inflated == b"fragments " * 20


def test_7692_6_a_message_may_come_as_it_is(masked: Masked) -> None:
    ((first, _),) = Echo(deflate=True)(masked(TEXT, b"not compressed"))
    assert first == 0xC1
