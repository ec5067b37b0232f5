"""Bodies that are not as long as they were said to be, and framing set by hand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from multidict import CIMultiDict
from tidegate_web_server import (
    BaseRequest,
    Response,
    StreamResponse,
)

if TYPE_CHECKING:
    from conftest import Log, Serve


async def test_a_body_shorter_than_its_content_length_aborts_the_connection(
    serve: Serve, log: Log
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(headers={"Content-Length": "10"})
        await response.prepare(request)
        await response.write(b"short")
        return response

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" * 2)
    data, _ = await connection.until_lost()
    assert data.count(b"HTTP/1.1") <= 1
    assert "5 bytes shorter than its Content-Length" in str(log.take()[0].exc_info)


async def test_a_body_longer_than_its_content_length_never_reaches_the_wire(
    serve: Serve, log: Log
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(headers={"Content-Length": "3"})
        await response.prepare(request)
        await response.write(b"abc")
        await response.write(b"HTTP/1.1 200 OK\r\n\r\n")
        return response

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n" * 2)
    data, _ = await connection.until_lost()
    assert data.count(b"HTTP/1.1") <= 1
    assert "longer than its Content-Length" in str(log.take()[0].exc_info)


async def test_a_handler_that_hides_its_excess_leaves_the_connection_in_step(
    serve: Serve,
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(headers={"Content-Length": "3"})
        await response.prepare(request)
        try:
            await response.write(b"abcd")
        except RuntimeError:
            await response.write(b"abc")
        return response

    connection = await (await serve(handler)).connect()
    assert (await connection.ask("/")).body == b"abc"
    assert await connection.closed()


@pytest.mark.parametrize("length", ["2", "4", "-1", "+3", "1_0", "abc", "", " 3", "3, 3", "٣"])
@pytest.mark.parametrize("kind", [Response, StreamResponse])
async def test_a_wrong_content_length_of_a_handler_misleads_no_client(
    serve: Serve, log: Log, kind: type[StreamResponse], length: str
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        if kind is Response:
            return Response(body=b"abc", headers={"Content-Length": length})
        response = StreamResponse(headers={"Content-Length": length})
        await response.prepare(request)
        await response.write(b"abc")
        return response

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
    data, _ = await connection.until_lost()
    head, _, body = data.partition(b"\r\n\r\n")
    sent = re.search(rb"\r\ncontent-length:(.*?)\r\n", head, re.IGNORECASE)
    if not data:
        assert log.take(), "aborted before anything was sent, and nobody learns why"
        return
    assert sent is not None
    assert re.fullmatch(rb" [0-9]+", sent[1])
    if head.startswith(b"HTTP/1.1 500 ") or int(sent[1]) != len(body):
        assert log.take(), "nobody learns that this handler is wrong"
    assert len(body) <= int(sent[1])


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (200, [("Content-Length", "3"), ("Content-Length", "5")]),
        (200, [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "gzip")]),
        (200, [("Content-Length", "3"), ("Transfer-Encoding", "chunked")]),
        (200, [("Transfer-Encoding", "identity")]),
        (204, [("Content-Length", "3"), ("Content-Length", "5")]),
        (204, [("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "gzip")]),
    ],
)
@pytest.mark.parametrize("version", ["1.0", "1.1"])
@pytest.mark.parametrize("kind", [Response, StreamResponse])
async def test_framing_fields_that_a_handler_sets_never_contradict_each_other(
    serve: Serve,
    log: Log,
    kind: type[StreamResponse],
    version: str,
    status: int,
    fields: list[tuple[str, str]],
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = kind(status=status, headers=CIMultiDict(fields))
        await response.prepare(request)
        if status == 200:
            await response.write(b"abc")
        return response

    connection = await (await serve(handler)).connect()
    connection.send(f"GET / HTTP/{version}\r\nHost: test\r\nConnection: close\r\n\r\n".encode())
    data, _ = await connection.until_lost()
    log.take()  # refusing is right as well
    head = data.partition(b"\r\n\r\n")[0].decode().lower().split("\r\n")
    lengths = [line for line in head if line.startswith("content-length:")]
    codings = [line for line in head if line.startswith("transfer-encoding:")]
    assert len(lengths) + len(codings) <= 1
    assert codings in ([], ["transfer-encoding: chunked"])
    if version == "1.0" or " 204 " in head[0]:
        assert codings == []
    if codings:
        assert data.endswith(b"3\r\nabc\r\n0\r\n\r\n")
