"""Where a body ends: Content-Length, Transfer-Encoding, neither, both (RFC 9112 section 6)."""

from __future__ import annotations

from exchange import Case, HalfClose, answers, last, refused

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


def post(*fields: bytes, body: bytes = b"", version: bytes = b"1.1") -> bytes:
    """Return a POST to /echo with these field lines."""
    lines = [b"POST /echo HTTP/" + version, b"Host: a", *fields, b"", body]
    return b"\r\n".join(lines)


BAD_LENGTHS = {
    "a sign": b"+5",
    "a minus": b"-5",
    "hexadecimal digits": b"0x5",
    "an underscore": b"1_0",
    "a fraction": b"5.0",
    "an exponent": b"5e0",
    "a space inside": b"5 5",
    "nothing": b"",
    "letters": b"five",
    "digits of another script": "\u0665".encode(),
    "full-width digits": "\uff15".encode(),
    "twenty digits": b"5" * 20,
    "a list": b"5, 5",
    "a list of different values": b"5, 6",
    "a list without spaces": b"5,5",
    "an empty list element": b"5,",
    "a quoted number": b'"5"',
    "a vertical tab": b"\x0b5",
}

BAD_CODINGS = {
    "an unknown coding": b"xchunked",
    "identity": b"identity",
    "gzip alone": b"gzip",
    "gzip before chunked": b"gzip, chunked",
    "chunked twice": b"chunked, chunked",
    "chunked, but not last": b"chunked, gzip",
    "chunked with a parameter": b"chunked;q=1",
    "an empty element before": b", chunked",
    "an empty element behind": b"chunked,",
    "nothing": b"",
    "a quoted chunked": b'"chunked"',
    "a vertical tab": b"\x0bchunked",
    "a trailing form feed": b"chunked\x0c",
    "a name that starts with chunked": b"chunkedx",
}


def cases() -> list[Case]:
    """Return the cases of this module."""
    chunked = b"5\r\nhello\r\n0\r\n\r\n"
    found = [
        Case(
            f"a Content-Length of {name} is refused",
            "RFC 9110 8.6, RFC 9112 6.3",
            (post(b"Content-Length: " + value, body=b"hello" + SMUGGLED),),
            refused(400, 413),
        )
        for name, value in BAD_LENGTHS.items()
    ]
    found += [
        Case(
            f"a Transfer-Encoding of {name} is refused",
            "RFC 9112 6.1, 6.3",
            (post(b"Transfer-Encoding: " + value, body=chunked + SMUGGLED),),
            refused(400, 501),
        )
        for name, value in BAD_CODINGS.items()
    ]
    for order, lines in {
        "Content-Length first": (b"Content-Length: 5", b"Transfer-Encoding: chunked"),
        "Transfer-Encoding first": (b"Transfer-Encoding: chunked", b"Content-Length: 5"),
        "an odd case": (b"cOnTeNt-LeNgTh: 5", b"tRaNsFeR-eNcOdInG: chunked"),
        "a length of 0": (b"Content-Length: 0", b"Transfer-Encoding: chunked"),
        "an unknown coding": (b"Content-Length: 5", b"Transfer-Encoding: x"),
        "an empty coding": (b"Content-Length: 5", b"Transfer-Encoding:"),
    }.items():
        found.append(
            Case(
                f"Content-Length beside Transfer-Encoding is refused, {order}",
                "RFC 9112 6.1, 11.2",
                (post(*lines, body=chunked + SMUGGLED),),
                refused(400, 501),
            )
        )
    found += [
        Case(
            "two different Content-Length fields are refused",
            "RFC 9112 6.3",
            (post(b"Content-Length: 5", b"Content-Length: 6", body=b"hello!" + SMUGGLED),),
            refused(400),
        ),
        Case(
            "two equal Content-Length fields are refused",
            "RFC 9112 6.3 (accepting them is only allowed)",
            (post(b"Content-Length: 5", b"Content-Length: 5", body=b"hello" + SMUGGLED),),
            refused(400),
        ),
        Case(
            "two Transfer-Encoding fields are refused",
            "RFC 9112 6.1",
            (post(b"Transfer-Encoding: chunked", b"Transfer-Encoding: chunked", body=chunked),),
            refused(400, 501),
        ),
        Case(
            "a Transfer-Encoding from an HTTP/1.0 client is refused",
            "RFC 9112 6.1",
            (post(b"Transfer-Encoding: chunked", body=chunked, version=b"1.0"),),
            refused(400, 501),
        ),
        Case(
            "a Content-Length is read to its end and no further",
            "RFC 9112 6.2",
            (post(b"Content-Length: 5", body=b"hello"),),
            answers(b"POST /echo hello"),
        ),
        Case(
            "a Content-Length with white space around is read",
            "RFC 9110 5.5",
            (post(b"Content-Length: \t 5 \t", body=b"hello"),),
            answers(b"POST /echo hello"),
        ),
        Case(
            "a Content-Length with leading zeros is decimal",
            "RFC 9110 8.6",
            (post(b"Content-Length: 010", body=b"helloworld"),),
            answers(b"POST /echo helloworld"),
        ),
        Case(
            "the name of the coding has no case",
            "RFC 9112 7",
            (post(b"Transfer-Encoding: ChUnKeD", body=chunked),),
            answers(b"POST /echo hello"),
        ),
        Case(
            "white space around the coding is none of it",
            "RFC 9110 5.5",
            (post(b"Transfer-Encoding: \t chunked \t", body=chunked),),
            answers(b"POST /echo hello"),
        ),
        Case(
            "a POST without any framing has no body",
            "RFC 9112 6.3",
            (post(),),
            answers(b"POST /echo "),
        ),
        Case(
            "a GET may have a body",
            "RFC 9110 9.3.1",
            (b"GET /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello",),
            answers(b"GET /echo hello"),
        ),
        Case(
            "what follows a body is the next request",
            "RFC 9112 9.3.2",
            (post(b"Content-Length: 5", body=b"hello") + post(b"Content-Length: 2", body=b"ho"),),
            answers(b"POST /echo hello", b"POST /echo ho"),
        ),
        Case(
            "a body that ends too early is no body",
            "RFC 9112 8",
            (post(b"Content-Length: 10", body=b"hello"), HalfClose()),
            refused(400),
        ),
        Case(
            "a body over the limit is refused before it is sent",
            "RFC 9110 15.5.14",
            (post(b"Content-Length: 100001"),),
            last(413),
        ),
        Case(
            "a Content-Length that no integer holds is refused",
            "RFC 9110 8.6",
            (post(b"Content-Length: 9223372036854775808"),),
            refused(400, 413),
        ),
    ]
    return found
