"""Responses: their framing is right whatever a handler does (RFC 9112 sections 6 and 9)."""

from __future__ import annotations

from exchange import Case, Expectation, Expected, answers, last

CLOSED = Expectation((), closes=True)


def request(path: bytes, method: bytes = b"GET", version: bytes = b"1.1") -> bytes:
    """Return a request without fields but Host."""
    return method + b" " + path + b" HTTP/" + version + b"\r\nHost: a\r\n\r\n"


def cases() -> list[Case]:
    """Return the cases of this module."""
    found = [
        Case(
            f"a {status} has no body, whatever is written",
            "RFC 9110 6.4.1, RFC 9112 6.3",
            (request(b"/bodiless/%d" % status),),
            answers(status),
        )
        for status in (204, 304)
    ]
    found += [
        Case(
            "a stream is chunked",
            "RFC 9112 7.1",
            (request(b"/stream"),),
            answers(b"onetwo"),
        ),
        Case(
            "a stream to an HTTP/1.0 client ends with the connection",
            "RFC 9112 6.3",
            (request(b"/stream", version=b"1.0"),),
            last(b"onetwo"),
        ),
        Case(
            "HEAD of a stream has no body",
            "RFC 9110 9.3.2",
            (request(b"/stream", b"HEAD") + request(b"/alive"),),
            Expectation((Expected((200,)), Expected((200,), b"alive")), closes=False),
            ("HEAD", "GET"),
        ),
        Case(
            "HEAD of a page has no body",
            "RFC 9110 9.3.2",
            (request(b"/alive", b"HEAD") + request(b"/alive"),),
            Expectation((Expected((200,)), Expected((200,), b"alive")), closes=False),
            ("HEAD", "GET"),
        ),
        Case(
            "HEAD of an error has no body",
            "RFC 9110 9.3.2",
            (request(b"/nowhere", b"HEAD") + request(b"/alive"),),
            Expectation((Expected((404,)), Expected((200,), b"alive")), closes=False),
            ("HEAD", "GET"),
        ),
        Case(
            "a field value with a line end becomes an error, not a field",
            "RFC 9110 5.5",
            (request(b"/split"),),
            Expectation((Expected((500,)),), closes=True),
        ),
    ]
    return found
