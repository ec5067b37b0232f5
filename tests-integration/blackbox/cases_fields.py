"""Header fields: names, values, Host, limits (RFC 9110 sections 5 and 7.2, RFC 9112 section 5)."""

from __future__ import annotations

from exchange import Case, answers, refused

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"

BAD_LINES = {
    "no colon": b"X-Field",
    "an empty name": b": value",
    "a space before the colon": b"X-Field : value",
    "a tab before the colon": b"X-Field\t: value",
    "a space in the name": b"X Field: value",
    "a parenthesis in the name": b"X(Field: value",
    "a slash in the name": b"X/Field: value",
    "a quote in the name": b'X"Field: value',
    "a NUL in the name": b"X\x00Field: value",
    "a letter outside ASCII in the name": b"X-F\xc3\xafeld: value",
    "a byte of 0x7f in the name": b"X\x7fField: value",
    "a folded value": b"X-Field: value\r\n folded",
    "a folded value with a tab": b"X-Field: value\r\n\tfolded",
    "an empty folded line": b"X-Field: value\r\n ",
    "a NUL in the value": b"X-Field: a\x00b",
    "a CR in the value": b"X-Field: a\rb",
    "a CR at the end of the value": b"X-Field: a\r",
    "an ESC in the value": b"X-Field: a\x1bb",
    "a DEL in the value": b"X-Field: a\x7fb",
    "a vertical tab in the value": b"X-Field: a\x0bb",
    "a form feed in the value": b"X-Field: a\x0cb",
    "an end of LF alone": b"X-Field: a\nX-Other: b",
    "an end of LF CR": b"X-Field: a\n\rX-Other: b",
}

BAD_HOSTS = {
    "two names": b"a b",
    "a path": b"a/b",
    "a query": b"a?b",
    "a fragment": b"a#b",
    "user information": b"user@a",
    "a port that is no number": b"a:http",
    "a port with a sign": b"a:+80",
    "an open bracket": b"[::1",
    "a closed bracket": b"::1]",
    "an address without brackets": b"::1",
    "a name in brackets": b"[example]",
    "a comma": b"a, b",
    "a backslash": b"a\\b",
    "a quote": b'"a"',
    "a percent sign and no digits": b"a%zz",
    "angle brackets": b"<a>",
    "letters outside ASCII": b"\xc3\xa4.example",
}

GOOD_HOSTS = {
    "a name": b"example.com",
    "a name and a port": b"example.com:8080",
    "an IPv4 address": b"127.0.0.1",
    "an IPv6 address": b"[::1]",
    "an IPv6 address and a port": b"[::1]:8080",
    "an underscore": b"my_service",
    "an empty port": b"example.com:",
}


def get(*lines: bytes, host: bytes = b"Host: a", path: bytes = b"/echo") -> bytes:
    """Return a GET with these field lines."""
    return b"\r\n".join(
        [b"GET " + path + b" HTTP/1.1", *([host] if host else []), *lines, b"", b""]
    )


def cases() -> list[Case]:
    """Return the cases of this module."""
    found = [
        Case(
            f"a field line with {name} is refused",
            "RFC 9110 5.1, 5.5, RFC 9112 2.2, 5.1, 5.2",
            (get(line) + SMUGGLED,),
            refused(400),
        )
        for name, line in BAD_LINES.items()
    ]
    found += [
        Case(
            f"a Host of {name} is refused",
            "RFC 9110 7.2, RFC 9112 3.2",
            (get(host=b"Host: " + value),),
            refused(400),
        )
        for name, value in BAD_HOSTS.items()
    ]
    found += [
        Case(
            f"a Host of {name} is taken",
            "RFC 9110 7.2",
            (get(host=b"Host: " + value),),
            answers(b"GET /echo "),
        )
        for name, value in GOOD_HOSTS.items()
    ]
    found += [
        Case("HTTP/1.1 without Host is refused", "RFC 9112 3.2", (get(host=b""),), refused(400)),
        Case("two Host fields are refused", "RFC 9112 3.2", (get(b"Host: a"),), refused(400)),
        Case(
            "two different Host fields are refused",
            "RFC 9112 3.2",
            (get(b"Host: b"),),
            refused(400),
        ),
        Case(
            "a tab and bytes above ASCII are allowed in a value",
            "RFC 9110 5.5",
            (get(b"X-Field: a\tb \xff\xfe \xc3\xa4"),),
            answers(b"GET /echo "),
        ),
        Case(
            "a value may be empty",
            "RFC 9110 5.5",
            (get(b"X-Field:", b"X-Other: \t "),),
            answers(b"GET /echo "),
        ),
        Case(
            "a name may be any token",
            "RFC 9110 5.6.2",
            (get(b"!#$%&'*+-.^_`|~09aZ: x"),),
            answers(b"GET /echo "),
        ),
        Case(
            "white space before the first field is refused",
            "RFC 9112 2.2",
            (b"GET /echo HTTP/1.1\r\n X: a\r\nHost: a\r\n\r\n" + SMUGGLED,),
            refused(400),
        ),
        Case(
            "a header section that ends in LF LF is refused",
            "RFC 9112 2.2 (a recipient may, and this one does not)",
            (b"GET /echo HTTP/1.1\nHost: a\n\n" + SMUGGLED,),
            refused(400),
        ),
        Case(
            "a field line of 8,000 bytes is taken",
            "RFC 9110 5.4",
            (get(b"X-Field: " + b"a" * 7_990),),
            answers(b"GET /echo "),
        ),
        Case(
            "a field line of 10,000 bytes is refused",
            "RFC 6585 5",
            (get(b"X-Field: " + b"a" * 10_000),),
            refused(431),
        ),
        Case(
            "a field line that does not end is refused",
            "RFC 6585 5",
            (b"GET /echo HTTP/1.1\r\nHost: a\r\nX-Field: " + b"a" * 200_000,),
            refused(431),
        ),
        Case(
            "a hundred fields are taken",
            "RFC 9110 5.4",
            (get(*[b"X-Field-%d: a" % number for number in range(100)]),),
            answers(b"GET /echo "),
        ),
        Case(
            "a thousand fields are refused",
            "RFC 6585 5",
            (get(*[b"X-Field-%d: a" % number for number in range(1000)]),),
            refused(431),
        ),
        Case(
            "fields of 100 KB in total are refused",
            "RFC 6585 5",
            (get(*[b"X-Field-%d: " % number + b"a" * 4_000 for number in range(25)]),),
            refused(431),
        ),
        Case(
            "a head may come byte by byte",
            "RFC 9112 2.2",
            tuple(bytes([byte]) for byte in get(b"X-Field: a")),
            answers(b"GET /echo "),
        ),
        Case(
            "a field line in pieces is as long as its pieces",
            "RFC 6585 5",
            (b"GET /echo HTTP/1.1\r\nHost: a\r\nX: ", *[b"a" * 500] * 40),
            refused(431),
        ),
    ]
    return found
