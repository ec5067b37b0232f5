"""Frames in and out: every length, every segmentation, every violation that a header can hold."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_ws import Frame, FrameDecoder, WebSocketError, encode_frame, encode_header
from tidegate_web_ws.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT

if TYPE_CHECKING:
    from conftest import Masked

Seen = tuple[int, bool, bytes]


def decode(decoder: FrameDecoder, *segments: bytes) -> list[Seen]:
    frames = []
    for segment in segments:
        decoder.feed(segment)
        while (frame := decoder.next_frame()) is not None:
            frames.append((frame.opcode, frame.fin, frame.payload))
    return frames


def joined(frames: list[Seen]) -> list[Seen]:
    """Put the fragments of each message together; control frames stay where they are."""
    result: list[Seen] = []
    opcode, payload = CONTINUATION, b""
    for this, fin, part in frames:
        if this >= CLOSE:
            result.append((this, fin, part))
            continue
        if this != CONTINUATION:
            opcode, payload = this, b""
        payload += part
        if fin:
            result.append((opcode, True, payload))
    return result


def refusal(*segments: bytes, max_size: int = 0, max_fragments: int = 16384) -> WebSocketError:
    with pytest.raises(WebSocketError) as caught:
        decode(FrameDecoder(max_size, max_fragments), *segments)
    return caught.value


# --- section 5.2: lengths ---

LENGTHS = [0, 1, 125, 126, 127, 32767, 32768, 65535, 65536, 70000]


@pytest.mark.parametrize("length", LENGTHS)
def test_a_frame_of_every_form_of_length_is_decoded(length: int, masked: Masked) -> None:
    payload = bytes(index % 251 for index in range(length))
    assert decode(FrameDecoder(), masked(BINARY, payload)) == [(BINARY, True, payload)]


@pytest.mark.parametrize(
    ("length", "header"),
    [
        (0, "82 00"),
        (125, "82 7d"),
        (126, "82 7e 00 7e"),
        (32767, "82 7e 7f ff"),
        (32768, "82 7e 80 00"),
        (65535, "82 7e ff ff"),
        (65536, "82 7f 00 00 00 00 00 01 00 00"),
        (2**40, "82 7f 00 00 01 00 00 00 00 00"),
    ],
)
def test_a_length_is_encoded_in_its_shortest_form(length: int, header: str) -> None:
    assert encode_header(BINARY, length) == bytes.fromhex(header)


@pytest.mark.parametrize("length", LENGTHS)
def test_a_frame_is_its_header_and_its_payload(length: int) -> None:
    payload = b"\xfe" * length
    assert encode_frame(TEXT, payload) == encode_header(TEXT, length) + payload


def test_a_fragment_is_encoded_without_fin() -> None:
    assert encode_frame(TEXT, b"a", fin=False) == b"\x01\x01a"
    assert encode_frame(CONTINUATION, b"b") == b"\x80\x01b"


@pytest.mark.parametrize(
    "header",
    [
        "82 fe 00 7d",
        "82 fe 00 00",
        "82 ff 00 00 00 00 00 00 ff ff",
        "82 ff 80 00 00 00 00 00 00 00",
    ],
)
def test_a_length_not_in_its_shortest_form_is_refused(header: str) -> None:
    assert refusal(bytes.fromhex(header) + bytes(4)).code == 1002


def test_the_masks_of_the_rfc_s_example_come_off() -> None:
    # Section 5.7.
    hello = bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")
    assert decode(FrameDecoder(), hello) == [(TEXT, True, b"Hello")]


# --- sections 5.1, 5.2 and 5.5: what two bytes can do wrong ---


@pytest.mark.parametrize("reserved", [0x40, 0x20, 0x10, 0x70])
@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING])
def test_a_reserved_bit_is_refused(reserved: int, opcode: int) -> None:
    assert refusal(bytes([0x80 | reserved | opcode, 0x80])).code == 1002


@pytest.mark.parametrize("opcode", [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG])
def test_a_frame_without_a_mask_is_refused(opcode: int) -> None:
    assert refusal(bytes([0x80 | opcode, 0x00])).code == 1002


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
def test_a_reserved_opcode_is_refused(opcode: int) -> None:
    assert refusal(bytes([0x80 | opcode, 0x80])).code == 1002


@pytest.mark.parametrize("opcode", [CLOSE, PING, PONG])
@pytest.mark.parametrize("second", [0xFE, 0xFF])
def test_a_control_frame_over_125_bytes_is_refused(opcode: int, second: int) -> None:
    assert refusal(bytes([0x80 | opcode, second])).code == 1002


@pytest.mark.parametrize("opcode", [CLOSE, PING, PONG])
def test_a_fragmented_control_frame_is_refused(opcode: int) -> None:
    assert refusal(bytes([opcode, 0x80])).code == 1002


# --- section 5.4: fragments ---


def test_a_continuation_of_nothing_is_refused(masked: Masked) -> None:
    assert refusal(masked(CONTINUATION, b"x")).code == 1002
    assert refusal(masked(TEXT, b"whole"), masked(CONTINUATION, b"x")).code == 1002


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_a_new_message_inside_another_is_refused(opcode: int, masked: Masked) -> None:
    assert refusal(masked(TEXT, b"x", fin=False), masked(opcode, b"y")).code == 1002


def test_control_frames_may_come_between_fragments(masked: Masked) -> None:
    wire = masked(BINARY, b"a", fin=False) + masked(PING, b"!") + masked(CONTINUATION, b"b")
    assert decode(FrameDecoder(), wire) == [
        (BINARY, False, b"a"),
        (PING, True, b"!"),
        (CONTINUATION, True, b"b"),
    ]


# --- limits ---


@pytest.mark.parametrize("parts", [[b"12345678"], [b"1234", b"5678"], [b"", b"12345678", b""]])
def test_a_message_of_just_the_limit_passes(parts: list[bytes], masked: Masked) -> None:
    wire = b"".join(
        masked(BINARY if not index else CONTINUATION, part, fin=index == len(parts) - 1)
        for index, part in enumerate(parts)
    )
    decoder = FrameDecoder(max_size=8)
    # Twice: the limit is a message's, not the connection's.
    for _ in range(2):
        assert joined(decode(decoder, wire)) == [(BINARY, True, b"12345678")]


def test_a_message_over_the_limit_is_refused_by_its_header(masked: Masked) -> None:
    assert refusal(masked(BINARY, bytes(9))[:6], max_size=8).code == 1009


def test_fragments_over_the_limit_together_are_refused(masked: Masked) -> None:
    first = masked(TEXT, b"12345", fin=False)
    assert refusal(first, masked(CONTINUATION, b"6789")[:6], max_size=8).code == 1009


def test_a_length_of_63_bits_does_not_get_round_the_limit(masked: Masked) -> None:
    huge = bytes.fromhex("80 ff 7f ff ff ff ff ff ff ff 00 00 00 00")
    assert refusal(masked(BINARY, b"1", fin=False), huge, max_size=8).code == 1009


def test_without_a_limit_a_frame_may_announce_anything() -> None:
    decoder = FrameDecoder()
    huge = bytes.fromhex("82 ff 7f ff ff ff ff ff ff ff 00 00 00 00")
    assert decode(decoder, huge, b"begin", b"more") == []


def test_control_frames_do_not_count_as_size(masked: Masked) -> None:
    decoder = FrameDecoder(max_size=2)
    wire = masked(TEXT, b"a", fin=False) + masked(PING, bytes(125)) + masked(CONTINUATION, b"b")
    assert joined(decode(decoder, wire))[-1] == (TEXT, True, b"ab")


def test_a_message_in_too_many_fragments_is_refused(masked: Masked) -> None:
    first, more = masked(TEXT, b"", fin=False), masked(CONTINUATION, b"", fin=False)
    last = masked(CONTINUATION, b"")
    decoder = FrameDecoder(max_fragments=3)
    assert len(decode(decoder, first + more + last, first + more + last)) == 6
    assert refusal(first, more, more, last, max_fragments=3).code == 1009


def test_parts_of_a_frame_are_no_fragments_to_be_limited(masked: Masked) -> None:
    wire = masked(TEXT, b"x" * 100)
    decoder = FrameDecoder(max_fragments=1)
    frames = decode(decoder, *(bytes([byte]) for byte in wire))
    assert joined(frames) == [(TEXT, True, b"x" * 100)]


# --- segmentation ---


def test_text_is_handed_out_as_it_comes(masked: Masked) -> None:
    wire = masked(TEXT, b"abcdef")
    decoder = FrameDecoder()
    assert decode(decoder, wire[:8]) == [(TEXT, False, b"ab")]
    assert decode(decoder, wire[8:9]) == [(CONTINUATION, False, b"c")]
    assert decode(decoder, b"") == []
    assert decode(decoder, wire[9:]) == [(CONTINUATION, True, b"def")]


def test_the_parts_of_an_unfinished_fragment_do_not_finish_the_message(masked: Masked) -> None:
    wire = masked(TEXT, b"abcd", fin=False)
    decoder = FrameDecoder()
    assert decode(decoder, wire[:8], wire[8:]) == [
        (TEXT, False, b"ab"),
        (CONTINUATION, False, b"cd"),
    ]
    assert decode(decoder, masked(CONTINUATION)) == [(CONTINUATION, True, b"")]


def test_binary_is_handed_out_whole(masked: Masked) -> None:
    wire = masked(BINARY, b"abcdef")
    decoder = FrameDecoder()
    assert decode(decoder, wire[:8], wire[8:11]) == []
    assert decode(decoder, wire[11:]) == [(BINARY, True, b"abcdef")]


MESSAGES = st.lists(
    st.tuples(st.sampled_from([TEXT, BINARY, PING, PONG]), st.binary(max_size=125)), max_size=6
)


@given(MESSAGES, st.binary(min_size=4, max_size=4), st.data())
def test_any_segmentation_gives_the_same_messages(
    masked: Masked, messages: list[tuple[int, bytes]], key: bytes, data: st.DataObject
) -> None:
    wire = b"".join(masked(opcode, payload, key=key) for opcode, payload in messages)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=12)))
    segments = [wire[a:b] for a, b in itertools.pairwise([0, *cuts, len(wire)])]
    expected = [(opcode, True, payload) for opcode, payload in messages]
    assert joined(decode(FrameDecoder(), *segments)) == expected


@given(st.binary(max_size=60), st.data())
def test_any_bytes_are_frames_or_a_refusal_however_they_come(
    wire: bytes, data: st.DataObject
) -> None:
    def outcome(*segments: bytes) -> tuple[list[Seen], int]:
        decoder = FrameDecoder(max_size=1000)
        frames: list[Seen] = []
        for segment in segments:
            try:
                frames += decode(decoder, segment)
            except WebSocketError as exc:
                return joined(frames), exc.code
        return joined(frames), 0

    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=8)))
    segments = [wire[a:b] for a, b in itertools.pairwise([0, *cuts, len(wire)])]
    code = outcome(wire)[1]
    assert outcome(*segments)[1] == code
    assert code in (0, 1002, 1009)


def test_a_frame_can_be_shown() -> None:
    assert repr(Frame(TEXT, True, b"abc")) == "Frame(opcode=1, fin=True, 3 bytes)"
