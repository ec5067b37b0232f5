"""This parser beside h11 and httptools, message by message; where they differ, who is right.

`data/corpus.jsonl` holds one case a line:

- `name`, `data` (the bytes as latin-1), and `methods` for responses: those they answer;
- `ours`: what this parser makes of it, see `Reading`; `error` too where it refuses;
- `h11`, `httptools`: what the version named in the first line makes of it, where that differs;
- `why`: the RFC's section that says who is right, in each case where one of them differs.

A reading is a list of strings: "<method and target, or status> <body>" for each complete message
(cut short), then "open" when one has begun, or "refused". What stands behind a message that ends
the connection, or changes the protocol, is not read, as it is in a server. So two readings are
equal when both sides see the same messages: any other difference is one that two parties of a
connection could be made to use.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from tidegate_http_core import (
    EndOfMessage,
    ProtocolError,
    RequestHead,
    RequestParser,
    ResponseHead,
    ResponseParser,
)

Case: TypeAlias = dict[str, Any]
Reading: TypeAlias = list[str]

_SHORT = 60

LINES = (Path(__file__).parent / "data" / "corpus.jsonl").read_text().splitlines()
PEERS: dict[str, str] = json.loads(LINES[0])
CASES: list[Case] = [json.loads(line) for line in LINES[1:]]
IDS = [case["name"] for case in CASES]


def read_ours(data: bytes, methods: list[str] | None) -> tuple[Reading, str]:
    """Return the reading of this parser, and the name of its error."""
    parser: RequestParser | ResponseParser = RequestParser()
    if methods is not None:
        parser = ResponseParser()
        for method in methods:
            parser.expect(method, upgrade=True)
    reading: Reading = []
    start, body, last = "", b"", False
    try:
        for event in parser.events(data):
            if isinstance(event, RequestHead):
                start, body = f"{event.method} {event.target}", b""
                last = not event.keep_alive or event.upgrade or event.method == "CONNECT"
            elif isinstance(event, ResponseHead):
                start, body = str(event.status), b""
                last = not event.keep_alive or event.upgrade
            elif isinstance(event, EndOfMessage):
                reading.append(f"{start} {body.decode('latin-1')}"[:_SHORT])
                if last:
                    return reading, ""
            else:
                body += event
    except ProtocolError as error:
        return [*reading, "refused"], type(error).__name__
    return reading if parser.idle else [*reading, "open"], ""


def read_h11(data: bytes, methods: list[str] | None) -> Reading:
    """Return the reading of h11, which reads a next message once the last is answered."""
    h11 = pytest.importorskip("h11", reason="h11 is not installed")
    reading: Reading = []
    role = h11.SERVER if methods is None else h11.CLIENT
    connection = h11.Connection(role)
    waiting = list(methods or ())

    def send_request() -> None:
        method = waiting.pop(0)
        target = "a:1" if method == "CONNECT" else "/"
        fields = [("Host", "a"), ("Connection", "upgrade"), ("Upgrade", "x")]
        connection.send(h11.Request(method=method, target=target, headers=fields))
        connection.send(h11.EndOfMessage())

    if waiting:
        send_request()
    connection.receive_data(data)
    start, body, begun = "", b"", False
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError:
            return [*reading, "refused"]
        if isinstance(event, h11.Request):
            start, body, begun = f"{event.method.decode()} {event.target.decode()}", b"", True
            if event.method == b"CONNECT":
                return [*reading, f"{start} "]
        elif isinstance(event, h11.InformationalResponse | h11.Response):
            start, body, begun = str(event.status_code), b"", True
            if isinstance(event, h11.InformationalResponse):
                reading.append(f"{start} ")
                if event.status_code == 101:
                    return reading
                begun = False
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
        elif isinstance(event, h11.EndOfMessage):
            reading.append(f"{start} {body.decode('latin-1')}"[:_SHORT])
            begun = False
            if connection.their_state is not h11.DONE:
                return reading
        elif event is h11.PAUSED:
            if connection.their_state is not h11.DONE:
                return reading
            if methods is not None and not waiting:
                # Bytes behind the last response, which h11 keeps.
                return [*reading, "open"]
            if methods is None:
                connection.send(h11.Response(status_code=200, headers=[("Content-Length", "0")]))
                connection.send(h11.EndOfMessage())
            connection.start_next_cycle()
            if methods is not None:
                send_request()
        else:
            rest = connection.trailing_data[0]
            return [*reading, "open"] if begun or rest.strip(b"\r\n") else reading


def read_httptools(data: bytes, methods: list[str] | None) -> Reading:
    """Return the reading of httptools, which can't be told the method of a request."""
    httptools = pytest.importorskip("httptools", reason="httptools is not installed")
    reading: Reading = []

    class Callbacks:
        begun = last = False
        url = b""
        body = b""

        def on_message_begin(self) -> None:
            self.begun, self.url, self.body = True, b"", b""

        def on_url(self, url: bytes) -> None:
            self.url += url

        def on_body(self, body: bytes) -> None:
            self.body += body

        def on_headers_complete(self) -> None:
            self.last = not parser.should_keep_alive()

        def on_message_complete(self) -> None:
            if methods is None:
                start = f"{parser.get_method().decode()} {self.url.decode('latin-1')}"
            else:
                start = str(parser.get_status_code())
            reading.append(f"{start} {self.body.decode('latin-1')}")
            self.begun = False

    callbacks = Callbacks()
    make = httptools.HttpRequestParser if methods is None else httptools.HttpResponseParser
    parser = make(callbacks)
    try:
        parser.feed_data(data)
    except httptools.HttpParserUpgrade:
        return reading
    except httptools.HttpParserError:
        # What is behind a message that ends the connection is not read here either.
        return reading if callbacks.last and not callbacks.begun else [*reading, "refused"]
    return [*reading, "open"] if callbacks.begun else reading


Read: TypeAlias = Callable[[bytes, list[str] | None], Reading]
READERS: list[tuple[str, Read]] = [("h11", read_h11), ("httptools", read_httptools)]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_ours_is_as_written(case: Case) -> None:
    reading, error = read_ours(case["data"].encode("latin-1"), case.get("methods"))
    assert reading == case["ours"]
    assert error == case.get("error", "")


@pytest.mark.parametrize(("peer", "read"), READERS, ids=[name for name, _ in READERS])
@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_differences_have_their_reason(case: Case, peer: str, read: Read) -> None:
    reading = read(case["data"].encode("latin-1"), case.get("methods"))
    if reading != case["ours"]:
        assert re.search(r"RFC \d{4} section \d", case.get("why", "")), (peer, reading)
    if version(peer) == PEERS[peer]:
        assert reading == case.get(peer, case["ours"])


def test_corpus_has_both_roles_and_both_verdicts() -> None:
    kinds = [("methods" in case, "error" in case) for case in CASES]
    assert len(set(IDS)) == len(CASES) > 150
    assert all(kinds.count((a, b)) >= 20 for a in (False, True) for b in (False, True))
    # A reason is for a difference, and every difference that was seen has one.
    assert all(("why" in case) == ("h11" in case or "httptools" in case) for case in CASES)
