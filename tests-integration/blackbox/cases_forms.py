"""Forms and multipart bodies: whatever is wrong with them is a 4xx (RFC 7578, RFC 2046)."""

from __future__ import annotations

import gzip

from exchange import Case, Expectation, Expected, HalfClose, answered, answers

FIELD = b'--X\r\nContent-Disposition: form-data; name="a"\r\n\r\nhello\r\n'
FILE = (
    b'--X\r\nContent-Disposition: form-data; name="f"; filename="n.txt"\r\n'
    b"Content-Type: text/plain\r\n\r\nhello\r\n"
)
END = b"--X--\r\n"
MULTIPART = b"multipart/form-data; boundary=X"
URLENCODED = b"application/x-www-form-urlencoded"


def post(
    body: bytes, content_type: bytes = MULTIPART, *lines: bytes, path: bytes = b"/form"
) -> bytes:
    """Return a POST of *body*."""
    fields = [b"Host: a", b"Content-Length: %d" % len(body)]
    if content_type:
        fields.append(b"Content-Type: " + content_type)
    return b"\r\n".join([b"POST " + path + b" HTTP/1.1", *fields, *lines, b"", body])


def part(*lines: bytes, content: bytes = b"hello") -> bytes:
    """Return a multipart body of one part with these header lines."""
    return b"\r\n".join([b"--X", *lines, b"", content, b"--X--", b""])


NAMED = b'Content-Disposition: form-data; name="a"'

GOOD: dict[str, tuple[bytes, bytes, bytes]] = {
    "one field": (FIELD + END, MULTIPART, b"a=hello"),
    "a field and a file": (FIELD + FILE + END, MULTIPART, b"a=hello&f=n.txt:5"),
    "no parts": (END, MULTIPART, b""),
    "a preamble and an epilogue": (b"before\r\n" + FIELD + END + b"after", MULTIPART, b"a=hello"),
    "no line end after its last line": (FIELD + END[:-2], MULTIPART, b"a=hello"),
    "white space behind its boundaries": (
        FIELD.replace(b"--X", b"--X \t") + b"--X-- \r\n", MULTIPART, b"a=hello",
    ),
    "a quoted boundary": (FIELD + END, b'multipart/form-data; boundary="X"', b"a=hello"),
    "a boundary of 70 characters": (
        (FIELD + END).replace(b"--X", b"--" + b"b" * 70),
        b"multipart/form-data; boundary=" + b"b" * 70,
        b"a=hello",
    ),
    "a type in another case": (FIELD + END, b"Multipart/Form-Data; BOUNDARY=X", b"a=hello"),
    "an empty file": (
        part(NAMED + b'; filename="e"', content=b""), MULTIPART, b"a=e:0",
    ),
    "something like a boundary in a part": (
        part(NAMED, content=b"\r\n--Y\r\n--\r\n-X"), MULTIPART, b"a=\r\n--Y\r\n--\r\n-X",
    ),
    "a name in UTF-8": (
        part('Content-Disposition: form-data; name="ä"'.encode()), MULTIPART, "ä=hello".encode(),
    ),
    "a charset of its part": (
        part(NAMED, b"Content-Type: text/plain; charset=latin-1", content=b"\xe4"),
        MULTIPART, "a=ä".encode(),
    ),
    "a part in base64": (
        part(NAMED, b"Content-Transfer-Encoding: base64", content=b"aGVsbG8="),
        MULTIPART, b"a=hello",
    ),
    "no field": (b"", URLENCODED, b""),
    "one urlencoded field": (b"a=hello", URLENCODED, b"a=hello"),
    "fields without values and names": (b"a&b=&=c&", URLENCODED, b"a=&b=&=c"),
    "escapes": (b"a=%C3%A4+b%2B", URLENCODED, "a=ä b+".encode()),
    "a charset": (b"a=%E4", URLENCODED + b"; charset=iso-8859-1", "a=ä".encode()),
}  # fmt: skip

# What a tolerant reader may take, and a strict one may refuse; neither may fail.
LENIENT = (200, 400)
BAD: dict[str, tuple[bytes, bytes, tuple[int, ...]]] = {
    "no boundary in its type": (FIELD + END, b"multipart/form-data", (400,)),
    "an empty boundary": (FIELD + END, b"multipart/form-data; boundary=", (400,)),
    "an empty quoted boundary": (FIELD + END, b'multipart/form-data; boundary=""', (400,)),
    "a boundary that is too long": (
        FIELD + END, b"multipart/form-data; boundary=" + b"b" * 71, (400,),
    ),
    "a boundary with a bad character": (
        FIELD + END, b'multipart/form-data; boundary="X\t"', (400,),
    ),
    "a boundary outside ASCII": (FIELD + END, b'multipart/form-data; boundary="\xff"', (400,)),
    "another boundary than its type says": (
        FIELD + END, b"multipart/form-data; boundary=Y", (400,),
    ),
    "no bytes": (b"", MULTIPART, LENIENT),
    "nothing but text": (b"hello", MULTIPART, (400,)),
    "no closing boundary": (FIELD, MULTIPART, (400,)),
    "half of a closing boundary": (FIELD + b"--X-", MULTIPART, (400,)),
    "an end in a part's header": (b"--X\r\nContent-Dispo", MULTIPART, (400,)),
    "an end in a part": (FIELD[:-4], MULTIPART, (400,)),
    "nothing behind a boundary": (b"--X\r\n", MULTIPART, (400,)),
    "a part's field without a colon": (part(NAMED, b"X-Field"), MULTIPART, (400,)),
    "a part's field with a space before its colon": (
        part(NAMED, b"X-Field : a"), MULTIPART, (400,),
    ),
    "a part's field with a bad name": (part(NAMED, b"X(: a"), MULTIPART, (400,)),
    "a part's field with a NUL": (part(NAMED, b"X-Field: \x00"), MULTIPART, (400,)),
    "a part's field that is too long": (
        part(NAMED, b"X: " + b"a" * 20_000), MULTIPART, (400, 413, 431),
    ),
    "too many fields of a part": (part(NAMED, *[b"X: a"] * 100), MULTIPART, (400, 413, 431)),
    "a part without a Content-Disposition": (part(b"X: a"), MULTIPART, LENIENT),
    "a part without a name": (part(b"Content-Disposition: form-data"), MULTIPART, LENIENT),
    "a disposition that is none": (part(b'Content-Disposition: ;;="'), MULTIPART, LENIENT),
    "an unfinished quoted name": (
        part(b'Content-Disposition: form-data; name="a'), MULTIPART, LENIENT,
    ),
    "an extended name in no charset": (
        part(b"Content-Disposition: form-data; name*=x-none''%ff"), MULTIPART, LENIENT,
    ),
    "a part in a charset that nobody knows": (
        part(NAMED, b"Content-Type: text/plain; charset=x-none", content=b"\xff"),
        MULTIPART, (400, 415),
    ),
    "a part in a codec that is no charset": (
        part(NAMED, b"Content-Type: text/plain; charset=zlib"), MULTIPART, (400, 415),
    ),
    "a part that is no UTF-8": (part(NAMED, content=b"\xff\xfe"), MULTIPART, (400,)),
    "a part in broken base64": (
        part(NAMED, b"Content-Transfer-Encoding: base64", content=b"a"), MULTIPART, LENIENT,
    ),
    "a part in an encoding that nobody knows": (
        part(NAMED, b"Content-Transfer-Encoding: x-none"), MULTIPART, (400, 415),
    ),
    "a part in broken gzip": (
        part(NAMED, b"Content-Encoding: gzip", content=b"hello"), MULTIPART, (200, 400, 415),
    ),
    "a nested body, where a form has none": (
        part(
            NAMED, b"Content-Type: multipart/mixed; boundary=Y", content=b"--Y\r\n\r\na\r\n--Y--"
        ),
        MULTIPART, LENIENT,
    ),
    "a nested body without its end": (
        part(NAMED, b"Content-Type: multipart/mixed; boundary=Y", content=b"--Y\r\n\r\na\r\n"),
        MULTIPART, (400,),
    ),
    "a nested body without a boundary": (
        part(NAMED, b"Content-Type: multipart/mixed", content=b"--Y\r\n\r\na\r\n"),
        MULTIPART, LENIENT,
    ),
    "1,001 parts": (FIELD * 1_001 + END, MULTIPART, (413,)),
    "200,000 bytes": (b"a=" + b"b" * 200_000, URLENCODED, (413,)),
    "a preamble of 200,000 bytes": (b"-" * 200_000 + b"\r\n" + FIELD + END, MULTIPART, (413,)),
    "1,001 urlencoded fields": (b"a&" * 1_001, URLENCODED, (413,)),
    "15,000 urlencoded fields": (b"a=b&" * 15_000, URLENCODED, (413,)),
    "an escape that is none": (b"a=%zz", URLENCODED, LENIENT),
    "an escape that is cut off": (b"a=%4", URLENCODED, LENIENT),
    "escapes that are no UTF-8": (b"a=%ff%fe", URLENCODED, (400,)),
    "bytes that are no UTF-8": (b"a=\xff\xfe", URLENCODED, (400,)),
    "a charset that nobody knows": (b"a=b", URLENCODED + b"; charset=x-none", (400, 415)),
    "a codec that is no charset": (b"a=b", URLENCODED + b"; charset=hex", (400, 415)),
}  # fmt: skip


def cases() -> list[Case]:
    """Return the cases of this module."""
    found = [
        Case(
            f"a form with {name} is read",
            "RFC 7578 4, RFC 2046 5.1.1",
            (post(body, content_type),),
            answers(expected),
        )
        for name, (body, content_type, expected) in GOOD.items()
    ]
    found += [
        Case(
            f"a form with {name} is no error of the server",
            "RFC 7578 4, RFC 2046 5.1.1, RFC 9110 15.5",
            (post(body, content_type),),
            answered(*statuses),
        )
        for name, (body, content_type, statuses) in BAD.items()
    ]
    deep = b"--A\r\n\r\nx\r\n--A--"
    for letter in b"BCDEFGHIJKLMNOPQ":
        outer = bytes([letter])
        inner = bytes([letter - 1])
        deep = (
            b"--" + outer + b"\r\nContent-Type: multipart/mixed; boundary=" + inner + b"\r\n\r\n"
            + deep + b"\r\n--" + outer + b"--"
        )  # fmt: skip
    nested = part(b"Content-Type: multipart/mixed; boundary=Y", content=b"--Y\r\n\r\nab\r\n--Y--")
    found += [
        Case(
            "a multipart body of text and a nested body is read",
            "RFC 2046 5.1",
            (post(nested, b"multipart/mixed; boundary=X", path=b"/parts"),),
            answers(b"(2)"),
        ),
        Case(
            "a multipart body seventeen deep is refused",
            "RFC 2046 5.1 (a limit of one's own)",
            (post(deep, b"multipart/mixed; boundary=Q", path=b"/parts"),),
            answered(400, 413),
        ),
        Case(
            "a multipart body is not taken for granted",
            "RFC 9110 15.5.16",
            (post(b"hello", b"text/plain", path=b"/parts"),),
            answered(400, 415),
        ),
        Case(
            "a body without a type is no multipart body",
            "RFC 9110 15.5.16",
            (post(b"hello", b"", path=b"/parts"),),
            answered(400, 415),
        ),
        Case(
            "a form in gzip is read",
            "RFC 9110 8.4",
            (post(gzip.compress(FIELD + END), MULTIPART, b"Content-Encoding: gzip"),),
            answers(b"a=hello"),
        ),
        Case(
            "a form in gzip that is too long is refused",
            "RFC 9110 15.5.14",
            (
                post(
                    gzip.compress(b"a=" + b"b" * 10_000_000), URLENCODED, b"Content-Encoding: gzip"
                ),
            ),
            answered(413),
        ),
        Case(
            "a form in a coding that nobody knows is refused",
            "RFC 9110 15.5.16",
            (post(b"a=b", URLENCODED, b"Content-Encoding: x-none"),),
            answered(415),
        ),
        Case(
            "a form that ends before its length is no form",
            "RFC 9112 8",
            (post(FIELD + END)[:-10], HalfClose()),
            Expectation((Expected((400,)),), closes=True, optional=True),
        ),
        Case(
            "a form that comes byte by byte is read",
            "RFC 2046 5.1.1",
            tuple(bytes([byte]) for byte in post(FIELD + FILE + END)),
            answers(b"a=hello&f=n.txt:5"),
        ),
        Case(
            "a body of another type is no form",
            "RFC 9110 8.3",
            (post(b"a=b", b"text/plain"),),
            answers(b""),
        ),
    ]
    return found
