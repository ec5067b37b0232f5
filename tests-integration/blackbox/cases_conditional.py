"""Conditions and ranges of a file of four bytes (RFC 9110 sections 13 and 14)."""

from __future__ import annotations

from exchange import Case, Expectation, Expected, answers

# The file says "page", and was changed at this time: test_blackbox.py sees to both.
CHANGED_AT = 1_000_000_000
CHANGED = b"Sun, 09 Sep 2001 01:46:40 GMT"
BEFORE = b"Sun, 09 Sep 2001 01:46:39 GMT"
LATER = b"Sun, 09 Sep 2001 01:46:41 GMT"
WHOLE = (200, b"page")

CONDITIONS: dict[str, tuple[tuple[bytes, ...], tuple[int, bytes | None]]] = {
    "If-None-Match of any tag": ((b"If-None-Match: *",), (304, None)),
    "If-None-Match of another tag": ((b'If-None-Match: "other"',), WHOLE),
    "If-None-Match of other tags, weak and strong": (
        (b'If-None-Match: "a", W/"b"', b'If-None-Match: "c"'), WHOLE,
    ),
    "If-None-Match of what is no tag": ((b"If-None-Match: other",), WHOLE),
    "If-Match of any tag": ((b"If-Match: *",), WHOLE),
    "If-Match of another tag": ((b'If-Match: "other"',), (412, None)),
    "If-Match of a weak tag": ((b'If-Match: W/"other"',), (412, None)),
    "If-Modified-Since that very time": ((b"If-Modified-Since: " + CHANGED,), (304, None)),
    "If-Modified-Since a time after": ((b"If-Modified-Since: " + LATER,), (304, None)),
    "If-Modified-Since a time before": ((b"If-Modified-Since: " + BEFORE,), WHOLE),
    "If-Modified-Since in the form of RFC 850": (
        (b"If-Modified-Since: Sunday, 09-Sep-01 01:46:40 GMT",), (304, None),
    ),
    "If-Modified-Since in the form of asctime": (
        (b"If-Modified-Since: Sun Sep  9 01:46:40 2001",), (304, None),
    ),
    "If-Modified-Since no time": ((b"If-Modified-Since: yesterday",), WHOLE),
    "If-Modified-Since a time of day that is none": (
        (b"If-Modified-Since: Sun, 09 Sep 2001 25:46:40 GMT",), WHOLE,
    ),
    "If-Unmodified-Since that very time": ((b"If-Unmodified-Since: " + CHANGED,), WHOLE),
    "If-Unmodified-Since a time before": ((b"If-Unmodified-Since: " + BEFORE,), (412, None)),
    "If-Unmodified-Since no time": ((b"If-Unmodified-Since: yesterday",), WHOLE),
    "another tag and a time after": (
        (b'If-None-Match: "other"', b"If-Modified-Since: " + LATER), WHOLE,
    ),
    "any tag to match and a time before": (
        (b"If-Match: *", b"If-Unmodified-Since: " + BEFORE), WHOLE,
    ),
    "another tag to match and any to not match": (
        (b'If-Match: "other"', b"If-None-Match: *"), (412, None),
    ),
}  # fmt: skip

PART = 206
RANGES: dict[str, tuple[tuple[bytes, ...], tuple[int, bytes | None]]] = {
    "the first byte": ((b"Range: bytes=0-0",), (PART, b"p")),
    "bytes in the middle": ((b"Range: bytes=1-2",), (PART, b"ag")),
    "all but the first": ((b"Range: bytes=1-",), (PART, b"age")),
    "the last two": ((b"Range: bytes=-2",), (PART, b"ge")),
    "more than there is, at the end": ((b"Range: bytes=-100",), (PART, b"page")),
    "more than there is": ((b"Range: bytes=2-100",), (PART, b"ge")),
    "a last byte beyond 64 bits": ((b"Range: bytes=2-99999999999999999999",), (PART, b"ge")),
    "a unit in another case": ((b"Range: BYTES=0-0",), (PART, b"p")),
    "nothing that is there": ((b"Range: bytes=4-",), (416, None)),
    "nothing, far behind the end": ((b"Range: bytes=99999999999999999999-",), (416, None)),
    "the last no bytes": ((b"Range: bytes=-0",), (416, None)),
    "an end before its beginning": ((b"Range: bytes=2-1",), WHOLE),
    "no range": ((b"Range: bytes=",), WHOLE),
    "letters": ((b"Range: bytes=a-b",), WHOLE),
    "a sign": ((b"Range: bytes=+0-1",), WHOLE),
    "digits of another script": (("Range: bytes=\u0660-\u0661".encode(),), WHOLE),
    "another unit": ((b"Range: lines=0-1",), WHOLE),
    "no unit": ((b"Range: 0-1",), WHOLE),
    "thousands of ranges": ((b"Range: bytes=" + b"0-,1-," * 1_000 + b"0-",), WHOLE),
    "two Range fields": ((b"Range: bytes=0-0", b"Range: bytes=1-1"), WHOLE),
    "a range, if it is of that time": (
        (b"Range: bytes=0-0", b"If-Range: " + CHANGED), (PART, b"p"),
    ),
    "a range, if it is of an earlier time": ((b"Range: bytes=0-0", b"If-Range: " + BEFORE), WHOLE),
    "a range, if it is of a later time": ((b"Range: bytes=0-0", b"If-Range: " + LATER), WHOLE),
    "a range, if it has another tag": ((b"Range: bytes=0-0", b'If-Range: "other"'), WHOLE),
    "a range, if it has a weak tag": ((b"Range: bytes=0-0", b'If-Range: W/"other"'), WHOLE),
    "a range, if it has what is no tag": ((b"Range: bytes=0-0", b"If-Range: other"), WHOLE),
    "a condition for a range, but none": ((b'If-Range: "other"',), WHOLE),
    "a range of what has not changed": ((b"Range: bytes=0-0", b"If-None-Match: *"), (304, None)),
    "a range of what has another tag": ((b"Range: bytes=0-0", b'If-Match: "other"'), (412, None)),
}  # fmt: skip


# Ranges so close to each other may be sent as one (RFC 9110 section 15.3.7.2), or be ignored.
SEVERAL = {"two ranges": b"0-0,2-2", "two ranges, the last first": b"3-3,0-1"}


def get(*lines: bytes, method: bytes = b"GET") -> bytes:
    """Return a request for the file."""
    return b"\r\n".join([method + b" /static/page.txt HTTP/1.1", b"Host: a", *lines, b"", b""])


def cases() -> list[Case]:
    """Return the cases of this module."""
    found = [
        Case(
            f"a request with {name} is answered with {status}",
            rule,
            (get(*lines),),
            Expectation((Expected((status,), body),), closes=False),
        )
        for rule, table in (("RFC 9110 13.1, 13.2.2", CONDITIONS), ("RFC 9110 13.1.5, 14", RANGES))
        for name, (lines, (status, body)) in table.items()
    ]
    found += [
        Case(
            f"{name} are one, or none",
            "RFC 9110 14.2, 15.3.7.2",
            (get(b"Range: bytes=" + ranges),),
            Expectation((Expected((200, 206)),), closes=False),
        )
        for name, ranges in SEVERAL.items()
    ]
    for name, line in {
        "range": b"Range: bytes=0-0",
        "range that is not there": b"Range: bytes=9-",
    }.items():
        found.append(
            Case(
                f"HEAD knows no {name}",
                "RFC 9110 14.2",
                (get(line, method=b"HEAD") + get(),),
                Expectation((Expected((200,)), Expected((200,), b"page")), closes=False),
                ("HEAD", "GET"),
            )
        )
    found += [
        Case(
            "HEAD of what has not changed is answered with 304",
            "RFC 9110 13.2.1",
            (get(b"If-None-Match: *", method=b"HEAD") + get(),),
            Expectation((Expected((304,)), Expected((200,), b"page")), closes=False),
            ("HEAD", "GET"),
        ),
        Case("a file is not written", "RFC 9110 15.5.6", (get(method=b"PUT"),), answers(405)),
    ]
    return found
