"""Whatever is serialised reads back as it was, in both roles and for every cut of the bytes."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st
from tidegate_http_core import (
    LAST_CHUNK,
    EndOfMessage,
    RequestHead,
    RequestParser,
    ResponseHead,
    ResponseParser,
    encode_chunk,
    serialize_request,
    serialize_response,
)

Pairs = list[tuple[str, str]]

TOKEN = st.text("!#$%&'*+-.^_`|~09azAZ", min_size=1, max_size=20)
# Values as they are on the wire: no controls but HTAB, no white space around; bytes that are no
# UTF-8 travel as surrogates.
VALUE = st.binary(max_size=20).map(
    lambda raw: (
        bytes(byte for byte in raw if (byte >= 32 and byte != 127) or byte == 9)
        .strip(b" \t")
        .decode(errors="surrogateescape")
    )
)
# Names that say something about the message are added by the tests themselves.
FIELDS = st.lists(st.tuples(TOKEN.map(lambda name: f"x{name}"), VALUE), max_size=5)
METHOD = st.sampled_from(["GET", "PUT", "OPTIONS", "BREW"])
TARGET = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0x7E, exclude_characters="#"), max_size=30
).map(lambda path: f"/{path}")
FINAL_STATUS = st.integers(200, 999).filter(lambda status: status not in (204, 304))
CHUNKS = st.lists(st.binary(min_size=1, max_size=30), max_size=4)
CUTS = st.lists(st.integers(0, 2000), max_size=8)


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(at % (len(data) + 1) for at in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def framed(fields: Pairs, chunks: list[bytes], chunked: bool) -> tuple[Pairs, bytes]:
    """Return the fields with those of the framing, and the body as it is sent."""
    body = b"".join(chunks)
    if not chunked:
        return [*fields, ("Content-Length", str(len(body)))], body
    return [*fields, ("Transfer-Encoding", "chunked")], b"".join(
        map(encode_chunk, chunks)
    ) + LAST_CHUNK


@settings(deadline=None)
@given(
    st.lists(st.tuples(METHOD, TARGET, FIELDS, CHUNKS, st.booleans()), min_size=1, max_size=3),
    CUTS,
)
def test_requests_read_back(
    requests: list[tuple[str, str, Pairs, list[bytes], bool]], cuts: list[int]
) -> None:
    sent, data = [], b""
    for method, target, fields, chunks, chunked in requests:
        pairs, body = framed([("Host", "a"), *fields], chunks, chunked)
        sent.append((method, target, tuple(pairs), b"".join(chunks)))
        data += serialize_request(method, target, pairs, body)
    parser = RequestParser()
    got: list[tuple[str, str, tuple[tuple[str, str], ...], bytes]] = []
    ends = 0
    for piece in pieces(data, cuts):
        for event in parser.events(piece):
            if isinstance(event, RequestHead):
                got.append((event.method, event.target, event.fields.pairs, b""))
            elif isinstance(event, EndOfMessage):
                ends += 1
            else:
                got[-1] = (*got[-1][:3], got[-1][3] + event)
    assert got == sent
    assert ends == len(sent)
    assert parser.idle
    assert parser.feed_eof() == []


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            FINAL_STATUS, VALUE, FIELDS, CHUNKS, st.sampled_from(["length", "chunked", "HEAD"])
        ),
        min_size=1,
        max_size=3,
    ),
    st.booleans(),
    CUTS,
)
def test_responses_read_back(
    responses: list[tuple[int, str, Pairs, list[bytes], str]], until_close: bool, cuts: list[int]
) -> None:
    sent, data = [], b""
    parser = ResponseParser()
    for index, (status, reason, fields, chunks, kind) in enumerate(responses):
        if kind == "HEAD":
            pairs, body = [*fields, ("Content-Length", "5")], b""
        else:
            pairs, body = framed(fields, chunks, kind == "chunked")
        if until_close and index == len(responses) - 1:
            kind, pairs, body = "close", fields, b"".join(chunks)
        parser.expect("HEAD" if kind == "HEAD" else "GET")
        content = b"" if kind == "HEAD" else b"".join(chunks)
        sent.append((status, reason, tuple(pairs), content))
        data += serialize_response(100, "Continue", [])
        data += serialize_response(status, reason, pairs, body)
    got: list[tuple[int, str, tuple[tuple[str, str], ...], bytes]] = []
    ends = 0
    for piece in pieces(data, cuts):
        for event in parser.events(piece):
            if isinstance(event, ResponseHead):
                got.append((event.status, event.reason, event.fields.pairs, b""))
            elif isinstance(event, EndOfMessage):
                ends += 1
            else:
                got[-1] = (*got[-1][:3], got[-1][3] + event)
    ends += len(parser.feed_eof())
    assert got[0::2] == [(100, "Continue", (), b"")] * len(sent)
    assert got[1::2] == sent
    assert ends == 2 * len(sent)
    assert parser.outstanding == 0


@settings(deadline=None)
@given(METHOD, TARGET, FIELDS)
def test_head_that_was_read_is_written_the_same(method: str, target: str, fields: Pairs) -> None:
    """What a proxy does that changes nothing."""
    data = serialize_request(method, target, [("Host", "a"), *fields])
    head = RequestParser().feed(data)[0]
    assert isinstance(head, RequestHead)
    assert serialize_request(head.method, head.target, head.fields.pairs) == data
