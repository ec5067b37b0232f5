"""Connections: persistence, pipelining, Expect, Upgrade, unread bodies (RFC 9112 section 9)."""

from __future__ import annotations

from exchange import Case, Expectation, Expected, HalfClose, Pause, answers, last, refused

GET = b"GET /echo HTTP/1.1\r\nHost: a\r\n\r\n"
ECHO = b"GET /echo "


def get(*lines: bytes, path: bytes = b"/echo", version: bytes = b"1.1") -> bytes:
    """Return a GET with these field lines."""
    return b"\r\n".join([b"GET " + path + b" HTTP/" + version, b"Host: a", *lines, b"", b""])


def cases() -> list[Case]:
    """Return the cases of this module."""
    upload = b"POST /ignore HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n"
    expecting = (
        b"POST /%s HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    )
    upgrade = get(b"Connection: Upgrade", b"Upgrade: unheard-of")
    return [
        Case("a connection persists", "RFC 9112 9.3", (GET,), answers(ECHO)),
        Case(
            "a client that asks for a close gets it",
            "RFC 9112 9.6",
            (get(b"Connection: close"),),
            last(ECHO),
        ),
        Case(
            "close counts among other options and in any case",
            "RFC 9110 7.6.1",
            (get(b"Connection: x-option, CLOSE"),),
            last(ECHO),
        ),
        Case(
            "close wins over keep-alive",
            "RFC 9112 9.3",
            (get(b"Connection: keep-alive", b"Connection: close"),),
            last(ECHO),
        ),
        Case(
            "nothing behind a request with close is answered",
            "RFC 9112 9.6",
            (get(b"Connection: close") + GET,),
            last(ECHO),
        ),
        Case("HTTP/1.0 does not persist", "RFC 9112 9.3", (get(version=b"1.0"),), last(ECHO)),
        Case(
            "HTTP/1.0 persists when it asks to",
            "RFC 9112 9.3",
            (get(b"Connection: keep-alive", version=b"1.0"),),
            answers(ECHO),
        ),
        Case(
            "pipelined requests are answered in their order",
            "RFC 9112 9.3.2",
            (b"".join(get(path=b"/echo?%d" % number) for number in range(100)),),
            answers(*[b"GET /echo?%d " % number for number in range(100)]),
        ),
        Case(
            "a good request before a bad one is answered",
            "RFC 9112 9.3.2",
            (GET + b"GET /echo HTTP/1.1\r\nBad Field: a\r\n\r\n" + GET,),
            Expectation((Expected((200,), ECHO), Expected((400,))), closes=True),
        ),
        Case(
            "a client that closes its side gets its answer",
            "RFC 9112 9.6",
            (GET, HalfClose()),
            last(ECHO),
        ),
        Case(
            "a half-closed connection gets the answers to all that came",
            "RFC 9112 9.6",
            (GET * 3, HalfClose()),
            last(ECHO, ECHO, ECHO),
        ),
        Case(
            "a client that leaves in a head is not answered with a page",
            "RFC 9112 8",
            (b"GET /echo HTTP/1.1\r\nHo", HalfClose()),
            Expectation((Expected((400,)),), closes=True, optional=True),
        ),
        Case(
            "an upgrade that is declined is a request like others",
            "RFC 9110 7.8",
            (upgrade,),
            answers(ECHO),
        ),
        Case(
            "requests behind an upgrade that is declined are answered",
            "RFC 9110 7.8",
            (upgrade + GET * 2,),
            answers(ECHO, ECHO, ECHO),
        ),
        Case(
            "the body of an upgrade that is declined is a body",
            "RFC 9110 7.8",
            (
                b"POST /echo HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: h2c\r\n"
                b"Content-Length: 5\r\n\r\nhello" + GET,
            ),
            answers(b"POST /echo hello", ECHO),
        ),
        Case(
            "a body that nobody reads is no request",
            "RFC 9112 9.3",
            (upload % len(GET) + GET,),
            answers(b"ignored"),
        ),
        Case(
            "a body of 40 KB that nobody reads is passed over",
            "RFC 9112 9.3",
            (upload % 40_000 + bytes(40_000),),
            answers(b"ignored"),
        ),
        Case(
            "a body of 10 MB that nobody reads ends the connection, after the answer",
            "RFC 9112 9.6",
            (upload % 10_000_000, *[bytes(100_000)] * 100),
            last(b"ignored"),
        ),
        Case(
            "a body that is too long is answered, though it is being sent",
            "RFC 9110 15.5.14, RFC 9112 9.6",
            (
                b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000\r\n\r\n",
                *[bytes(100_000)] * 100,
            ),
            last(413),
        ),
        Case(
            "a client that waits for 100 is told to go on",
            "RFC 9110 10.1.1",
            (expecting % b"echo", Pause(0.1), b"hello"),
            answers(b"POST /echo hello"),
        ),
        Case(
            "an expectation that nobody knows fails",
            "RFC 9110 10.1.1",
            (get(b"Expect: the-moon"),),
            Expectation((Expected((417,)),), closes=False),
        ),
        Case(
            "HTTP/1.0 expects nothing",
            "RFC 9110 10.1.1",
            (get(b"Expect: 100-continue", version=b"1.0"),),
            last(ECHO),
        ),
        Case(
            "a second request may come while the first is answered",
            "RFC 9112 9.3.2",
            (GET[:20], Pause(0.05), GET[20:] + GET[:30], Pause(0.05), GET[30:]),
            answers(ECHO, ECHO),
        ),
        Case(
            "after a refusal nothing is read",
            "RFC 9112 9.6",
            (b"BAD\r\n\r\n", Pause(0.05), GET),
            refused(400),
        ),
        Case(
            "a flood of pipelined requests is answered to the last",
            "RFC 9112 9.3.2",
            (GET * 2_000,),
            answers(*[ECHO] * 2_000),
        ),
    ]
