"""Bodies that are read as text or JSON, and how they are coded (RFC 9110 section 8)."""

from __future__ import annotations

import gzip
import zlib

from exchange import Case, answered, answers

BOMB = gzip.compress(bytes(20_000_000))
_RAW = zlib.compressobj(wbits=-15)
RAW_DEFLATE = _RAW.compress(b"hello") + _RAW.flush()

GOOD: dict[str, tuple[bytes, bytes, tuple[bytes, ...], bytes]] = {
    "plain text": (b"/text", b"hello", (), b"hello"),
    "text in latin-1": (
        b"/text", b"\xe4", (b"Content-Type: text/plain; charset=latin-1",), "ä".encode(),
    ),
    "text in gzip": (b"/text", gzip.compress(b"hello"), (b"Content-Encoding: gzip",), b"hello"),
    "text in x-gzip": (
        b"/text", gzip.compress(b"hello"), (b"Content-Encoding: x-gzip",), b"hello",
    ),
    "text in two gzip members": (
        b"/text", gzip.compress(b"hel") + gzip.compress(b"lo"), (b"Content-Encoding: gzip",),
        b"hello",
    ),
    "text in deflate": (
        b"/text", zlib.compress(b"hello"), (b"Content-Encoding: deflate",), b"hello",
    ),
    "text in deflate without its frame": (
        b"/text", RAW_DEFLATE, (b"Content-Encoding: deflate",), b"hello",
    ),
    "text in identity": (b"/text", b"hello", (b"Content-Encoding: identity",), b"hello"),
    "a JSON object": (b"/json", b"{}", (), b'"dict"'),
    "JSON with white space around": (b"/json", b" \r\n[1]\t", (), b'"list"'),
}  # fmt: skip

BAD: dict[str, tuple[bytes, bytes, tuple[bytes, ...], tuple[int, ...]]] = {
    "text that is no UTF-8": (b"/text", b"\xff\xfe\xfd", (), (400,)),
    "text in a charset that nobody knows": (
        b"/text", b"a", (b"Content-Type: text/plain; charset=x-none",), (415,),
    ),
    "text in a codec that is no charset": (
        b"/text", b"a", (b"Content-Type: text/plain; charset=base64",), (415,),
    ),
    "text in a charset with a NUL in its name": (
        b"/text", b"a", (b'Content-Type: text/plain; charset="a\\\x7f"',), (400, 415),
    ),
    "gzip that is none": (b"/text", b"hello", (b"Content-Encoding: gzip",), (400,)),
    "gzip that is cut off": (
        b"/text", gzip.compress(b"hello" * 100)[:-6], (b"Content-Encoding: gzip",), (400,),
    ),
    "gzip with a wrong sum": (
        b"/text", gzip.compress(b"hello")[:-8] + bytes(8), (b"Content-Encoding: gzip",), (400,),
    ),
    "gzip with something behind it": (
        b"/text", gzip.compress(b"hello") + b"more", (b"Content-Encoding: gzip",), (400,),
    ),
    "gzip in thousands of members": (
        b"/text", gzip.compress(b"") * 2_000, (b"Content-Encoding: gzip",), (400, 413),
    ),
    "a bomb in gzip": (b"/text", BOMB, (b"Content-Encoding: gzip",), (413,)),
    "a bomb in deflate": (
        b"/text", zlib.compress(bytes(20_000_000)), (b"Content-Encoding: deflate",), (413,),
    ),
    "an empty body that is said to be gzip": (
        b"/text", b"", (b"Content-Encoding: gzip",), (200, 400),
    ),
    "deflate that is none": (b"/text", b"\x00hello", (b"Content-Encoding: deflate",), (400,)),
    "a coding that nobody knows": (b"/text", b"hello", (b"Content-Encoding: x-none",), (415,)),
    "two codings": (
        b"/text", gzip.compress(gzip.compress(b"a")), (b"Content-Encoding: gzip, gzip",),
        (400, 415),
    ),
    "JSON that is none": (b"/json", b"{", (), (400,)),
    "JSON that is empty": (b"/json", b"", (), (400,)),
    "JSON with something behind it": (b"/json", b"{} {}", (), (400,)),
    "JSON that is no UTF-8": (b"/json", b'"\xff"', (), (400,)),
    "JSON nested without end": (b"/json", b"[" * 50_000, (), (400,)),
    "JSON with a number without end": (b"/json", b"9" * 50_000, (), (400,)),
    "JSON in a charset that nobody knows": (
        b"/json", b"{}", (b"Content-Type: application/json; charset=x-none",), (415,),
    ),
}  # fmt: skip

# Fields that are parsed when somebody looks at them.
ODD: dict[str, tuple[bytes, ...]] = {
    "cookies that are none": (b"Cookie: ;;;=;a;=b;;\"; \x80=\xff; c",),
    "thousands of bad cookies": (b"Cookie: " + b"=;" * 4_000,),
    "a cookie that is a quote": (b'Cookie: a="' + b"\\" * 4_000,),
    "several fields of cookies": (b"Cookie: a=b", b"Cookie: a=c", b"Cookie: d"),
    "a type that is none": (b"Content-Type: ;;;/", b"Content-Length: 0"),
    "a type with thousands of parameters": (b"Content-Type: a/b" + b";c=d" * 1_900,),
    "a type with an unfinished quote": (b'Content-Type: a/b; charset="' + b"\\" * 7_000,),
    "a Forwarded that is none": (b'Forwarded: ;,for="[::1,,;;=',),
    "a Forwarded of thousands of elements": (b"Forwarded: " + b",;" * 4_000,),
    "an entity tag that is none": (b'If-Match: "a', b"If-None-Match: W/a, b"),
    "thousands of entity tags": (b"If-None-Match: " + b'"a",' * 1_900,),
    "dates that are none": (
        b"If-Modified-Since: Sun, 99 Foo 9999 99:99:99 GMT", b"If-Unmodified-Since: never",
    ),
    "dates out of all ranges": (
        b"If-Modified-Since: Sat, 31 Dec 9999 23:59:60 GMT",
        b"If-Range: Sun, 00 Jan 0000 00:00:00 GMT",
    ),
    "X-Forwarded fields, which nobody here believes": (
        b"X-Forwarded-For: 6.6.6.6", b"X-Forwarded-Proto: https", b"X-Forwarded-Host: forged",
        b"Forwarded: for=6.6.6.6;proto=https;host=forged",
    ),
}  # fmt: skip

WRONG: dict[str, tuple[bytes, ...]] = {
    "a Range that is none": (b"Range: bytes=a-b",),
    "a Range without a first and a last byte": (b"Range: bytes=-",),
    "a Range of digits of another script": ("Range: bytes=\u0661-\u0662".encode(),),
    "a Range of thousands of ranges": (b"Range: bytes=" + b"0-0," * 1_900 + b"1-1",),
}

WRONG_HOSTS = {
    "a label that is no internationalised one": b"xn--",
    "a broken internationalised name": b"xn--a-.example",
    "a label that is too long": b"a" * 300,
    "a port that is too large": b"a:99999",
}


def request(path: bytes, body: bytes, *lines: bytes) -> bytes:
    """Return a POST of *body* to *path*."""
    fields = [b"Host: a", b"Content-Length: %d" % len(body), *lines]
    return b"\r\n".join([b"POST " + path + b" HTTP/1.1", *fields, b"", body])


def look(*lines: bytes, host: bytes = b"a") -> bytes:
    """Return a GET of what looks at everything."""
    return b"\r\n".join([b"GET /looked-at HTTP/1.1", b"Host: " + host, *lines, b"", b""])


def cases() -> list[Case]:
    """Return the cases of this module."""
    found = [
        Case(
            f"a body that is {name} is read",
            "RFC 9110 8.3.2, 8.4",
            (request(path, body, *lines),),
            answers(expected),
        )
        for name, (path, body, lines, expected) in GOOD.items()
    ]
    found += [
        Case(
            f"a body that is {name} is no error of the server",
            "RFC 9110 8.3.2, 8.4, 15.5, RFC 8259 8.1",
            (request(path, body, *lines),),
            answered(*statuses),
        )
        for name, (path, body, lines, statuses) in BAD.items()
    ]
    found += [
        Case(
            f"{name} change nothing",
            "RFC 9110 5.5, 13, RFC 6265 5.4, RFC 7239 4",
            (look(*lines),),
            answers(b"127.0.0.1 http a 13"),
        )
        for name, lines in ODD.items()
    ]
    found += [
        Case(f"{name} is no error of the server", "RFC 9110 14.2", (look(*lines),), answered(400))
        for name, lines in WRONG.items()
    ]
    found += [
        Case(
            f"a Host with {name} is no error of the server",
            "RFC 9110 7.2, RFC 5891 4.2",
            (look(host=host),),
            answered(200, 400),
        )
        for name, host in WRONG_HOSTS.items()
    ]
    return found
