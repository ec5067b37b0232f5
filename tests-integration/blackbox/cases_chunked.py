"""The chunked coding: its grammar to the byte, its limits, its trailers (RFC 9112 section 7.1)."""

from __future__ import annotations

from exchange import Case, HalfClose, answers, refused

HEAD = b"POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

GOOD = {
    "one chunk": b"5\r\nhello\r\n" + END,
    "several chunks": b"2\r\nhe\r\n3\r\nllo\r\n" + END,
    "an upper-case size": b"A\r\nhellohello\r\n" + END,
    "a lower-case size": b"a\r\nhellohello\r\n" + END,
    "leading zeros in a size": b"0005\r\nhello\r\n" + END,
    "several zeros as the last size": b"5\r\nhello\r\n000\r\n\r\n",
    "an extension": b"5;a\r\nhello\r\n" + END,
    "an extension with a value": b"5;a=b\r\nhello\r\n" + END,
    "an extension with a quoted value": b'5;a="b;c d"\r\nhello\r\n' + END,
    "an extension at the last chunk": b"5\r\nhello\r\n0;a=b\r\n\r\n",
    "a trailer": b"5\r\nhello\r\n0\r\nX-Trailer: a\r\n\r\n",
    "a line end as its data": b"2\r\n\r\n\r\n5\r\nhello\r\n" + END,
    "nothing at all": END,
}

BAD = {
    "a size with a space behind": b"5 \r\nhello\r\n" + END,
    "a size with a space before": b" 5\r\nhello\r\n" + END,
    "a size with a tab": b"5\t\r\nhello\r\n" + END,
    "a size with a sign": b"+5\r\nhello\r\n" + END,
    "a negative size": b"-5\r\nhello\r\n" + END,
    "a size with 0x": b"0x5\r\nhello\r\n" + END,
    "a size with an underscore": b"0_5\r\nhello\r\n" + END,
    "a size that is no number": b"G\r\nhello\r\n" + END,
    "no size": b"\r\nhello\r\n" + END,
    "a size of seventeen digits": b"00000000000000005\r\nhello\r\n" + END,
    "a size beyond 64 bits": b"FFFFFFFFFFFFFFFFF\r\nhello\r\n" + END,
    "a size of digits of another script": "\u0665\r\nhello\r\n".encode() + END,
    "a size line that ends in LF": b"5\nhello\r\n" + END,
    "a size line that ends in CR": b"5\rhello\r\n" + END,
    "a size line with two CR": b"5\r\r\nhello\r\n" + END,
    "data that ends in LF": b"5\r\nhello\n" + END,
    "data that ends in CR": b"5\r\nhello\r" + END,
    "data that does not end": b"5\r\nhello" + END,
    "data longer than its size": b"5\r\nhello!\r\n" + END,
    "data shorter than its size": b"5\r\nhell\r\n" + END,
    "an end line that ends in LF": b"5\r\nhello\r\n0\r\n\n",
    "a last size line that ends in LF": b"5\r\nhello\r\n0\n\r\n",
    "an extension with a NUL": b"5;a=\x00\r\nhello\r\n" + END,
    "an extension with a LF": b"5;a=b\nc\r\nhello\r\n" + END,
    "an extension with a CR": b"5;a=b\rc\r\nhello\r\n" + END,
    "a quoted extension with a line end": b'5;a="b\r\nc"\r\nhello\r\n' + END,
    "a size line without end": b"5;" + b"a" * 20_000 + b"\r\nhello\r\n" + END,
    "a trailer without a colon": b"0\r\nX-Trailer\r\n\r\n",
    "a trailer with a space before its colon": b"0\r\nX-Trailer : a\r\n\r\n",
    "a trailer with a space in front": b"0\r\n X-Trailer: a\r\n\r\n",
    "a trailer that is folded": b"0\r\nX-Trailer: a\r\n b\r\n\r\n",
    "a trailer with a NUL": b"0\r\nX-Trailer: \x00\r\n\r\n",
    "a trailer with a bad name": b"0\r\nX(Trailer): a\r\n\r\n",
    "a trailer line that ends in LF": b"0\r\nX-Trailer: a\n\r\n",
    "a trailer line that is too long": b"0\r\nX-Trailer: " + b"a" * 20_000 + b"\r\n\r\n",
    "too many trailers": b"0\r\n" + b"A: a\r\n" * 2_000 + b"\r\n",
}


def cases() -> list[Case]:
    """Return the cases of this module."""
    found = [
        Case(
            f"a chunked body with {name} is read",
            "RFC 9112 7.1",
            (HEAD + body,),
            answers(b"POST /echo " + data(name)),
        )
        for name, body in GOOD.items()
    ]
    found += [
        Case(
            f"a chunked body with {name} is refused",
            "RFC 9112 7.1, 7.1.1, 7.1.2",
            (HEAD + body + SMUGGLED,),
            refused(400, 413, 431),
        )
        for name, body in BAD.items()
    ]
    found += [
        Case(
            "a chunked body may come byte by byte",
            "RFC 9112 7.1",
            tuple(bytes([byte]) for byte in HEAD + b"5;a=b\r\nhello\r\n0\r\nA: b\r\n\r\n"),
            answers(b"POST /echo hello"),
        ),
        Case(
            "a trailer changes nothing of the message",
            "RFC 9110 6.5.1",
            (HEAD + b"5\r\nhello\r\n0\r\nContent-Length: 1\r\nHost: b\r\n\r\n",),
            answers(b"POST /echo hello"),
        ),
        Case(
            "what follows the last chunk is the next request",
            "RFC 9112 9.3.2",
            (HEAD + b"5\r\nhello\r\n" + END + HEAD + b"2\r\nho\r\n" + END,),
            answers(b"POST /echo hello", b"POST /echo ho"),
        ),
        Case(
            "a chunked body that ends in a chunk is no body",
            "RFC 9112 8",
            (HEAD + b"5\r\nhel", HalfClose()),
            refused(400),
        ),
        Case(
            "a chunked body that ends before its last chunk is no body",
            "RFC 9112 8",
            (HEAD + b"5\r\nhello\r\n", HalfClose()),
            refused(400),
        ),
        Case(
            "a chunked body over the limit is refused",
            "RFC 9110 15.5.14",
            (
                HEAD
                + b"1000\r\n"
                + bytes(4096)
                + b"\r\n"
                + (b"1000\r\n" + bytes(4096) + b"\r\n") * 30,
            ),
            refused(413),
        ),
        Case(
            "many small chunks with long extensions are refused",
            "RFC 9112 7.1.1 (limit the total of extensions)",
            (HEAD + (b"1;" + b"a" * 1000 + b"\r\nx\r\n") * 200 + END,),
            refused(400, 413),
        ),
    ]
    return found


def data(name: str) -> bytes:
    """Return what the body called *name* says."""
    if name == "nothing at all":
        return b""
    if name.endswith("case size"):
        return b"hellohello"
    return b"\r\nhello" if name == "a line end as its data" else b"hello"
