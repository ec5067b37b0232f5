"""What the tests of this package share: one way to write down what a parser gave."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from tidegate_http_core import (
    EndOfMessage,
    Limits,
    ProtocolError,
    RequestHead,
    RequestParser,
    ResponseHead,
    ResponseParser,
)

Log = list[tuple[Any, ...]]


def write_down(segments: Iterable[bytes], limits: Limits | None = None, eof: bool = False) -> Log:
    """Feed the segments to a new parser; return its events, body bytes joined, and its error."""
    parser = RequestParser() if limits is None else RequestParser(limits)
    log: Log = []
    try:
        for segment in segments:
            for event in parser.events(segment):
                if isinstance(event, RequestHead):
                    log.append(
                        (
                            "head",
                            event.method,
                            event.target,
                            tuple(event.version),
                            event.fields.pairs,
                            event.fields.raw,
                            event.framing,
                            event.content_length,
                            event.has_body,
                            event.keep_alive,
                            event.upgrade,
                            event.expect,
                            event.expect_continue,
                        )
                    )
                elif isinstance(event, EndOfMessage):
                    log.append(("end", event.trailers))
                elif log and log[-1][0] == "body":
                    log[-1] = ("body", log[-1][1] + event)
                else:
                    log.append(("body", event))
        if eof:
            parser.feed_eof()
    except ProtocolError as error:
        log.append(("error", type(error).__name__, error.status, str(error)))
    return log


@pytest.fixture
def log() -> Callable[..., Log]:
    """Return `write_down`."""
    return write_down


def write_down_responses(
    segments: Iterable[bytes],
    methods: Iterable[str],
    limits: Limits | None = None,
    eof: bool = False,
) -> Log:
    """Do the same with the responses to requests with these methods, none of which upgrades."""
    parser = ResponseParser() if limits is None else ResponseParser(limits)
    for method in methods:
        parser.expect(method)
    log: Log = []
    try:
        for segment in segments:
            for event in parser.events(segment):
                if isinstance(event, ResponseHead):
                    log.append(
                        (
                            "head",
                            event.status,
                            event.reason,
                            tuple(event.version),
                            event.fields.pairs,
                            event.fields.raw,
                            event.framing,
                            event.content_length,
                            event.has_body,
                            event.keep_alive,
                            event.upgrade,
                        )
                    )
                elif isinstance(event, EndOfMessage):
                    log.append(("end", event.trailers))
                elif log and log[-1][0] == "body":
                    log[-1] = ("body", log[-1][1] + event)
                else:
                    log.append(("body", event))
        if eof:
            log += [
                ("end", event.trailers)
                for event in parser.feed_eof()
                if isinstance(event, EndOfMessage)
            ]
    except ProtocolError as error:
        log.append(("error", type(error).__name__, error.status, str(error)))
    return log


@pytest.fixture
def response_log() -> Callable[..., Log]:
    """Return `write_down_responses`."""
    return write_down_responses
