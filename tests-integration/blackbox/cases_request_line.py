"""The request line: method, target, version (RFC 9112 section 3)."""

from __future__ import annotations

from exchange import Case, answers, last, refused

HOST = b"\r\nHost: a\r\n\r\n"
SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

BAD = {
    "two spaces before the target": b"GET  /echo HTTP/1.1",
    "two spaces before the version": b"GET /echo  HTTP/1.1",
    "a tab before the target": b"GET\t/echo HTTP/1.1",
    "a tab before the version": b"GET /echo\tHTTP/1.1",
    "a space in front": b" GET /echo HTTP/1.1",
    "a space behind": b"GET /echo HTTP/1.1 ",
    "a space in the target": b"GET /ec ho HTTP/1.1",
    "no version": b"GET /echo",
    "no target": b"GET HTTP/1.1",
    "nothing but a method": b"GET",
    "an empty target": b"GET  HTTP/1.1",
    "a lower-case version": b"GET /echo http/1.1",
    "a version without a minor part": b"GET /echo HTTP/1",
    "a version of two digits": b"GET /echo HTTP/1.10",
    "a version with a leading zero": b"GET /echo HTTP/01.1",
    "a version with a sign": b"GET /echo HTTP/1.+1",
    "a version of digits of another script": "GET /echo HTTP/1.\u0661".encode(),
    "another protocol": b"GET /echo ICAP/1.0",
    "a NUL in the target": b"GET /ec\x00ho HTTP/1.1",
    "a CR in the target": b"GET /ec\rho HTTP/1.1",
    "an ESC in the target": b"GET /ec\x1bho HTTP/1.1",
    "a DEL in the target": b"GET /ec\x7fho HTTP/1.1",
    "a letter outside ASCII in the target": b"GET /\xc3\xa4 HTTP/1.1",
    "a fragment in the target": b"GET /echo#a HTTP/1.1",
    "a target without a slash": b"GET echo HTTP/1.1",
    "a parenthesis in the method": b"G(T /echo HTTP/1.1",
    "a NUL in the method": b"G\x00T /echo HTTP/1.1",
    "a letter outside ASCII in the method": b"G\xc3\xa4T /echo HTTP/1.1",
    "a method that is too long": b"M" * 200 + b" /echo HTTP/1.1",
    "an asterisk for another method than OPTIONS": b"GET * HTTP/1.1",
    "an authority for another method than CONNECT": b"GET a:80 HTTP/1.1",
}


def cases() -> list[Case]:
    """Return the cases of this module."""
    found = [
        Case(
            f"a request line with {name} is refused",
            "RFC 9112 2.3, 3, 3.1, 3.2",
            (line + HOST + SMUGGLED,),
            refused(400, 501, 505),
        )
        for name, line in BAD.items()
    ]
    found += [
        Case(
            f"version {version.decode()} is refused",
            "RFC 9110 15.6.6",
            (b"GET /echo HTTP/" + version + HOST,),
            refused(400, 505),
        )
        for version in (b"0.9", b"1.2", b"2.0", b"3.0", b"9.9")
    ]
    found += [
        Case(
            "the preface of HTTP/2 is refused",
            "RFC 9113 3.4",
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",),
            refused(400, 505),
        ),
        Case(
            "the handshake of TLS is refused",
            "RFC 9112 3",
            (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500) + b"\r\n\r\n",),
            refused(400),
        ),
        Case(
            "a method has a case",
            "RFC 9110 9.1",
            (b"get /alive HTTP/1.1" + HOST,),
            answers(405),
        ),
        Case(
            "an unknown method is answered, and the connection lives on",
            "RFC 9110 15.5.6",
            (b"BREW /alive HTTP/1.1" + HOST,),
            answers(405),
        ),
        Case(
            "CONNECT is refused",
            "RFC 9110 9.3.6",
            (b"CONNECT a:80 HTTP/1.1" + HOST,),
            refused(400, 405, 501),
        ),
        Case(
            "an absolute target is taken, as proxies send it",
            "RFC 9112 3.2.2",
            (b"GET http://a/alive HTTP/1.1" + HOST,),
            answers(b"alive"),
        ),
        Case(
            "OPTIONS of the whole server is answered",
            "RFC 9112 3.2.4",
            (b"OPTIONS * HTTP/1.1" + HOST,),
            answers(404),
        ),
        Case(
            "an empty line before a request is passed over",
            "RFC 9112 2.2",
            (b"\r\nGET /alive HTTP/1.1" + HOST,),
            answers(b"alive"),
        ),
        Case(
            "empty lines without end are refused",
            "RFC 9112 2.2",
            (b"\r\n" * 5_000,),
            refused(400),
        ),
        Case(
            "a target of 8,000 bytes is taken",
            "RFC 9112 3",
            (b"GET /echo?" + b"a" * 7_980 + b" HTTP/1.1" + HOST,),
            answers(b"GET /echo?" + b"a" * 7_980 + b" "),
        ),
        Case(
            "a target of 10,000 bytes is refused",
            "RFC 9110 15.5.15",
            (b"GET /echo?" + b"a" * 10_000 + b" HTTP/1.1" + HOST,),
            refused(414),
        ),
        Case(
            "a request line that does not end is refused",
            "RFC 9110 15.5.15",
            (b"GET /" + b"a" * 200_000,),
            refused(414),
        ),
        Case(
            "HTTP/1.0 needs no Host",
            "RFC 9112 3.2",
            (b"GET /alive HTTP/1.0\r\n\r\n",),
            last(b"alive"),
        ),
        Case(
            "a percent sign without digits is no reason for an error of the server",
            "RFC 3986 2.1",
            (b"GET /echo?a=%zz&b=%f HTTP/1.1" + HOST,),
            answers(b"GET /echo?a=%zz&b=%f "),
        ),
        Case(
            "bytes that are no UTF-8 are no reason for an error of the server",
            "RFC 3986 2.5",
            (b"GET /%ff%fe%00 HTTP/1.1" + HOST,),
            answers(404),
        ),
    ]
    return found
