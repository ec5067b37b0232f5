"""Hostile bytes: nothing but ProtocolError leaves the parsers, and no cut changes what they say.

Two sources of bytes: any at all, and messages of the corpus (`data/corpus.jsonl`) with edits in
them, which reach far behind the first check. Each is read whole and in pieces. The test-suite
tries a few hundred; to look for longer, from the repository's root:

    TIDEGATE_FUZZ_EXAMPLES=200000 python -m pytest packages/http-core/tests/test_http_core_fuzz.py

That takes about ten minutes. A failure is printed in its smallest form, and tried first next time.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tidegate_http_core import (
    END_OF_MESSAGE,
    EndOfMessage,
    Fields,
    LocalProtocolError,
    ProtocolError,
    RequestHead,
    RequestParser,
    ResponseHead,
    ResponseParser,
)

LINES = (Path(__file__).parent / "data" / "corpus.jsonl").read_text().splitlines()
CASES = [case for case in map(json.loads, LINES[1:]) if len(case["data"]) < 2000]
REQUESTS = [case["data"].encode("latin-1") for case in CASES if "methods" not in case]
RESPONSES = [case["data"].encode("latin-1") for case in CASES if "methods" in case]

FUZZ = settings(
    max_examples=int(os.environ.get("TIDEGATE_FUZZ_EXAMPLES", "400")),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

CUTS = st.lists(st.integers(0, 4000), max_size=6)
METHODS = st.lists(st.sampled_from(["GET", "HEAD", "CONNECT", "POST"]), max_size=4)
# What parsers trip over, and the begin and end of numbers.
TOKENS = st.sampled_from(
    (
        *(
            b"",
            b"\r",
            b"\n",
            b"\r\n",
            b"\r\n\r\n",
            b"\0",
            b" ",
            b"\t",
            b":",
            b";",
            b",",
            b"=",
            b'"',
        ),
        *(b"\xff", b"\xc2", b"\x7f", b"0", b"-1", b"f" * 17, b"9" * 20, b"chunked", b"HTTP/1.0"),
        *(b"Content-Length: 1\r\n", b"Transfer-Encoding: chunked\r\n", b"Connection: upgrade\r\n"),
    )
)
EDITS = st.lists(
    st.tuples(st.integers(0, 4000), st.integers(0, 6), TOKENS | st.binary(max_size=4)), max_size=5
)


def edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, drop, insert in edits:
        at %= len(data) + 1
        data = data[:at] + insert + data[at + drop :]
    return data


def mutated(messages: list[bytes]) -> st.SearchStrategy[bytes]:
    several = st.lists(st.sampled_from(messages), min_size=1, max_size=3).map(b"".join)
    return st.builds(edited, several, EDITS)


def pieces(data: bytes, cuts: Iterable[int]) -> list[bytes]:
    edges = [0, *sorted(at % (len(data) + 1) for at in cuts), len(data)]
    return [data[start:end] for start, end in pairwise(edges)]


def read(parser: RequestParser | ResponseParser, segments: list[bytes]) -> list[object]:
    """Read to the end; return what came, and check what always holds.

    Stops where the connection changes its protocol, with the bytes behind.
    """
    log: list[object] = []
    body = b""
    inside = switches = False
    left = list(segments)
    try:
        while left:
            for event in parser.events(left.pop(0)):
                if isinstance(event, RequestHead | ResponseHead):
                    assert not inside
                    inside, body = True, b""
                    check_pairs(event.fields)
                    log.append((repr(event), event.framing, event.content_length))
                    log.append((event.keep_alive, event.upgrade))
                    switches = isinstance(event, ResponseHead) and event.upgrade
                elif isinstance(event, EndOfMessage):
                    assert inside
                    inside = False
                    log.append((body, event.trailers))
                    if switches:
                        return [*log, parser.detach() + b"".join(left)]
                else:
                    assert inside
                    assert event
                    body += event
        for event in parser.feed_eof():
            assert event is END_OF_MESSAGE
            inside = False
            log.append((body, ()))
        while parser.pending:
            parser.feed(b"")
    except ProtocolError as error:
        check_error(parser, error)
        log.append((inside and body, type(error), str(error)))
    return log


def check_pairs(fields: Fields) -> None:
    """The text of a section is that of its bytes."""
    pairs = [
        (name.encode(), value.encode(errors="surrogateescape")) for name, value in fields.pairs
    ]
    assert tuple(pairs) == fields.raw_pairs()


def check_error(parser: RequestParser | ResponseParser, error: ProtocolError) -> None:
    """An error can be answered, logged, and stays."""
    assert not isinstance(error, LocalProtocolError)
    if isinstance(parser, ResponseParser):
        assert error.status == 502
    else:
        assert error.status in (400, 413, 414, 431, 501, 505)
    assert str(error).isascii()
    assert len(str(error)) < 300
    calls: list[Callable[[], object]] = [lambda: parser.feed(b"x"), parser.feed_eof, parser.detach]
    for call in calls:
        with pytest.raises(type(error)) as again:
            call()
        assert again.value is error


def responses_to(methods: list[str]) -> ResponseParser:
    parser = ResponseParser()
    for method in methods:
        parser.expect(method, upgrade=True)
    return parser


ANY = st.binary(max_size=300)


@FUZZ
@given(ANY | mutated(REQUESTS) | mutated(RESPONSES), CUTS)
def test_requests(data: bytes, cuts: list[int]) -> None:
    assert read(RequestParser(), pieces(data, cuts)) == read(RequestParser(), [data])


@FUZZ
@given(ANY | mutated(RESPONSES) | mutated(REQUESTS), METHODS, CUTS)
def test_responses(data: bytes, methods: list[str], cuts: list[int]) -> None:
    whole = read(responses_to(methods), [data])
    assert read(responses_to(methods), pieces(data, cuts)) == whole
