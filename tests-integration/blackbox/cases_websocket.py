"""WebSocket over a raw socket: the handshake, masks, frames, fragments, closing (RFC 6455)."""

from __future__ import annotations

from exchange import Case, Expectation, Expected, Pause, answered

KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = b"Upgrade: websocket"
CONNECTION = b"Connection: Upgrade"
VERSION = b"Sec-WebSocket-Version: 13"
TEXT, BINARY, CLOSE, PING, PONG, MORE = 1, 2, 8, 9, 10, 0
MASK = b"\x01\x02\x03\x04"


def handshake(*lines: bytes, request: bytes = b"GET /socket HTTP/1.1") -> bytes:
    """Return the request that asks for a WebSocket, with these field lines."""
    return b"\r\n".join([request, b"Host: a", *lines, b"", b""])


GOOD_HANDSHAKE = handshake(UPGRADE, CONNECTION, KEY, VERSION)


def frame(
    opcode: int, payload: bytes = b"", *, fin: bool = True, mask: bytes = MASK, rsv: int = 0
) -> bytes:
    """Return a frame of a client; without a mask when *mask* is empty."""
    size = len(payload)
    masked = 0x80 if mask else 0
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if size < 126:
        head += bytes([masked | size])
    elif size < 65536:
        head += bytes([masked | 126]) + size.to_bytes(2)
    else:
        head += bytes([masked | 127]) + size.to_bytes(8)
    if mask:
        payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload))
    return head + mask + payload


def code(number: int, reason: bytes = b"") -> bytes:
    """Return the payload of a Close frame."""
    return number.to_bytes(2) + reason


GOODBYE = frame(CLOSE, code(1000))
CLOSED = rb"\x88\x02\x03\xe8"


def closed(number: int) -> bytes:
    """Return a pattern of a Close frame of the server with this code, and any reason."""
    first, second = number.to_bytes(2)
    return b"\\x88.\\x%02x\\x%02x.*" % (first, second)


CONVERSATIONS: dict[str, tuple[tuple[bytes | Pause, ...], bytes]] = {
    "a text": ((frame(TEXT, b"hello"),), rb"\x81\x05hello"),
    "an empty text": ((frame(TEXT),), rb"\x81\x00"),
    "bytes": ((frame(BINARY, b"\x00\xff"),), rb"\x82\x02\x00\xff"),
    "a text of 200 bytes": ((frame(TEXT, b"a" * 200),), rb"\x81\x7e\x00\xc8a{200}"),
    "a text of 65,536 bytes": (
        (frame(TEXT, b"a" * 65_536),), rb"\x81\x7f\x00{5}\x01\x00\x00a{65536}",
    ),
    "a text under a mask of zeros": ((frame(TEXT, b"hello", mask=bytes(4)),), rb"\x81\x05hello"),
    "a text in fragments": (
        (frame(TEXT, b"hel", fin=False), frame(MORE, b"", fin=False), frame(MORE, b"lo")),
        rb"\x81\x05hello",
    ),
    "a text in fragments around a ping": (
        (frame(TEXT, b"hel", fin=False), frame(PING, b"p"), frame(MORE, b"lo")),
        rb"\x8a\x01p\x81\x05hello",
    ),
    "a character in two fragments": (
        (frame(TEXT, b"\xc3", fin=False), frame(MORE, b"\xa4")), rb"\x81\x02\xc3\xa4",
    ),
    "a ping": ((frame(PING, b"hello"),), rb"\x8a\x05hello"),
    "an empty ping": ((frame(PING),), rb"\x8a\x00"),
    "a pong that nobody asked for": ((frame(PONG, b"hello"), frame(TEXT, b"a")), rb"\x81\x01a"),
    "two texts at once": ((frame(TEXT, b"a") + frame(TEXT, b"b"),), rb"\x81\x01a\x81\x01b"),
    "a text byte by byte": (
        tuple(bytes([byte]) for byte in frame(TEXT, b"hello")), rb"\x81\x05hello",
    ),
    "nothing": ((), b""),
}  # fmt: skip

VIOLATIONS: dict[str, tuple[bytes, int]] = {
    "a text without a mask": (frame(TEXT, b"hello", mask=b""), 1002),
    "a ping without a mask": (frame(PING, mask=b""), 1002),
    "a close without a mask": (frame(CLOSE, code(1000), mask=b""), 1002),
    "a reserved bit, the first": (frame(TEXT, b"a", rsv=4), 1002),
    "a reserved bit, the second": (frame(TEXT, b"a", rsv=2), 1002),
    "a reserved bit, the third": (frame(TEXT, b"a", rsv=1), 1002),
    "a reserved bit of a control frame": (frame(PING, b"a", rsv=4), 1002),
    "a reserved opcode of data": (frame(3, b"a"), 1002),
    "a reserved opcode of control": (frame(11, b"a"), 1002),
    "a ping in fragments": (frame(PING, b"a", fin=False), 1002),
    "a ping of 126 bytes": (frame(PING, b"a" * 126), 1002),
    "a continuation of nothing": (frame(MORE, b"a"), 1002),
    "a text inside of a text": (frame(TEXT, b"a", fin=False) + frame(TEXT, b"b"), 1002),
    "a length that is longer than it has to be": (b"\x81\xfe\x00\x05" + MASK + b"hello", 1002),
    "a long length that is longer than it has to be": (
        b"\x81\xff" + (5).to_bytes(8) + MASK + b"hello", 1002,
    ),
    "a length with its highest bit": (b"\x82\xff\x80" + bytes(7) + MASK, 1002),
    "a text that is no UTF-8": (frame(TEXT, b"\xff"), 1007),
    "a text that ends in a character": (frame(TEXT, b"\xc3"), 1007),
    "a text with a surrogate": (frame(TEXT, b"\xed\xa0\x80"), 1007),
    "a text in fragments that is no UTF-8": (
        frame(TEXT, b"a", fin=False) + frame(MORE, b"\xff"), 1007,
    ),
    "a message that is too long": (frame(BINARY, bytes(65_537)), 1009),
    "a message that says it is too long": (b"\x82\xff" + (2**40).to_bytes(8) + MASK, 1009),
    "fragments that are too long together": (
        frame(BINARY, bytes(60_000), fin=False) + frame(MORE, bytes(6_000)), 1009,
    ),
    "a close of one byte": (frame(CLOSE, b"\x03"), 1002),
    "a close whose reason is no UTF-8": (frame(CLOSE, code(1000, b"\xff")), 1007),
    "a close with code 0": (frame(CLOSE, code(0)), 1002),
    "a close with code 999": (frame(CLOSE, code(999)), 1002),
    "a close with code 1004": (frame(CLOSE, code(1004)), 1002),
    "a close with code 1005": (frame(CLOSE, code(1005)), 1002),
    "a close with code 1006": (frame(CLOSE, code(1006)), 1002),
    "a close with code 1015": (frame(CLOSE, code(1015)), 1002),
    "a close with code 2999": (frame(CLOSE, code(2999)), 1002),
    "a close with code 5000": (frame(CLOSE, code(5000)), 1002),
}  # fmt: skip

REFUSED: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "nothing of it": (handshake(), (400, 426)),
    "no key": (handshake(UPGRADE, CONNECTION, VERSION), (400,)),
    "an empty key": (handshake(UPGRADE, CONNECTION, b"Sec-WebSocket-Key:", VERSION), (400,)),
    "a key that is no base64": (
        handshake(UPGRADE, CONNECTION, b"Sec-WebSocket-Key: ?????", VERSION), (400,),
    ),
    "a key of fifteen bytes": (
        handshake(UPGRADE, CONNECTION, b"Sec-WebSocket-Key: YWFhYWFhYWFhYWFhYWFh", VERSION),
        (400,),
    ),
    "two keys": (handshake(UPGRADE, CONNECTION, KEY, KEY, VERSION), (400,)),
    "no version": (handshake(UPGRADE, CONNECTION, KEY), (400, 426)),
    "version 8": (handshake(UPGRADE, CONNECTION, KEY, b"Sec-WebSocket-Version: 8"), (400, 426)),
    "another protocol": (handshake(b"Upgrade: h2c", CONNECTION, KEY, VERSION), (400, 426)),
    "no Connection": (handshake(UPGRADE, KEY, VERSION), (400, 426)),
    "a method other than GET": (
        handshake(UPGRADE, CONNECTION, KEY, VERSION, request=b"POST /socket HTTP/1.1"), (400, 405),
    ),
    "HTTP/1.0": (
        handshake(UPGRADE, CONNECTION, KEY, VERSION, request=b"GET /socket HTTP/1.0"), (400, 426),
    ),
    "a page of another site": (
        handshake(UPGRADE, CONNECTION, KEY, VERSION, b"Origin: http://evil.example"), (101, 403),
    ),
}  # fmt: skip


def cases() -> list[Case]:
    """Return the cases of this module."""
    found = [
        Case(
            f"{name} is sent back, and then the goodbye",
            "RFC 6455 5",
            (GOOD_HANDSHAKE, *pieces, GOODBYE),
            Expectation((Expected((101,)),), closes=True, rest=expected + CLOSED),
        )
        for name, (pieces, expected) in CONVERSATIONS.items()
    ]
    found += [
        Case(
            f"{name} ends the conversation with {number}",
            "RFC 6455 5.1, 5.2, 5.4, 5.5, 7.4, 8.1",
            (GOOD_HANDSHAKE, piece),
            Expectation((Expected((101,)),), closes=True, rest=closed(number)),
        )
        for name, (piece, number) in VIOLATIONS.items()
    ]
    found += [
        Case(
            f"a handshake with {name} is refused",
            "RFC 6455 4.2.1, 4.4, 10.2",
            (request,),
            answered(*statuses),
        )
        for name, (request, statuses) in REFUSED.items()
    ]
    found += [
        Case(
            "frames may come with the handshake",
            "RFC 6455 4.1",
            (GOOD_HANDSHAKE + frame(TEXT, b"hello") + GOODBYE,),
            Expectation((Expected((101,)),), closes=True, rest=rb"\x81\x05hello" + CLOSED),
        ),
        Case(
            "names and values of the handshake have no case",
            "RFC 6455 4.2.1",
            (
                handshake(b"UPGRADE: WebSocket", b"connection: keep-alive, UPGRADE", KEY, VERSION),
                GOODBYE,
            ),
            Expectation((Expected((101,)),), closes=True, rest=CLOSED),
        ),
        Case(
            "a close without a code is answered",
            "RFC 6455 5.5.1",
            (GOOD_HANDSHAKE, frame(CLOSE)),
            Expectation((Expected((101,)),), closes=True, rest=rb"\x88(\x00|\x02\x03\xe8)"),
        ),
        Case(
            "nothing is answered behind a close",
            "RFC 6455 5.5.1",
            (GOOD_HANDSHAKE, GOODBYE + frame(TEXT, b"hello")),
            Expectation((Expected((101,)),), closes=True, rest=CLOSED),
        ),
        *[
            Case(
                f"a close with code {number} is answered",
                "RFC 6455 7.4",
                (GOOD_HANDSHAKE, frame(CLOSE, code(number, b"bye"))),
                Expectation((Expected((101,)),), closes=True, rest=closed(number)),
            )
            for number in (1000, 1001, 1011, 3000, 4999)
        ],
    ]
    return found
