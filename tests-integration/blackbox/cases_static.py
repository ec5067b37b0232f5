"""Static files: nothing outside their directory, in any spelling (RFC 9110 section 17.3)."""

from __future__ import annotations

from exchange import Case, Expectation, Expected, answers

OUTSIDE = {
    "two dots": b"../secret.txt",
    "two dots, encoded": b"%2e%2e/secret.txt",
    "two dots, half encoded": b".%2e/secret.txt",
    "two dots and an encoded slash": b"..%2fsecret.txt",
    "everything encoded": b"%2e%2e%2fsecret.txt",
    "everything encoded twice": b"%252e%252e%252fsecret.txt",
    "two dots below a directory": b"directory/../../secret.txt",
    "two dots below what is not there": b"nowhere/../../secret.txt",
    "backslashes": b"..\\secret.txt",
    "encoded backslashes": b"..%5csecret.txt",
    "an over-long encoding": b"%c0%ae%c0%ae/secret.txt",
    "full-width dots": b"%ef%bc%8e%ef%bc%8e/secret.txt",
    "an absolute path": b"/etc/passwd",
    "an encoded absolute path": b"%2fetc%2fpasswd",
    "a NUL": b"page.txt%00.png",
    "a link out of the directory": b"outside-link",
    "a link to a directory outside": b"outside-directory/secret.txt",
    "a name that is too long": b"a" * 5_000,
    "too many directories": b"a/" * 2_000 + b"b",
    "a file as a directory": b"page.txt/secret.txt",
    "a trailing slash": b"page.txt/",
    "a device": b"pipe",
    "bytes that are no UTF-8": b"%ff%fe",
    "a dot": b".",
    "a parent that leads back": b"../static/page.txt",
}


def cases() -> list[Case]:
    """Return the cases of this module."""
    found = [
        Case(
            f"a path with {name} serves nothing",
            "RFC 9110 17.3, RFC 3986 7.3",
            (b"GET /static/" + path + b" HTTP/1.1\r\nHost: a\r\n\r\n",),
            Expectation((Expected((403, 404)),), closes=False),
        )
        for name, path in OUTSIDE.items()
    ]
    found += [
        Case(
            "a file is served",
            "RFC 9110 9.3.1",
            (b"GET /static/page.txt HTTP/1.1\r\nHost: a\r\n\r\n",),
            answers(b"page"),
        ),
        Case(
            "a file is served by an encoded name",
            "RFC 3986 6.2.2.2",
            (b"GET /static/p%61ge.txt HTTP/1.1\r\nHost: a\r\n\r\n",),
            answers(b"page"),
        ),
    ]
    return found
