"""Clients that break the protocol: one answer, a closed connection, a quiet line in the log."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest
from tidegate_http_core import Limits
from tidegate_web_server import BaseRequest, RequestPayloadError, Response, StreamResponse

if TYPE_CHECKING:
    from conftest import Log, Serve, Until

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
CHUNKED = b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
GARBAGE = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 hello\r\n\r\n"


async def echo(request: BaseRequest) -> Response:
    return Response(body=await request.read())


async def hello(request: BaseRequest) -> Response:
    return Response(text="hello")


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        pytest.param(GARBAGE, 400, id="TLS on a plain port"),
        pytest.param(b"GET / HTTP/1.1\r\n\r\n", 400, id="no Host"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, id="two Hosts"),
        pytest.param(b"CONNECT h:1 HTTP/1.1\r\nHost: h:1\r\n\r\n", 501, id="CONNECT"),
        pytest.param(b"GET / HTTP/2.0\r\nHost: test\r\n\r\n", 505, id="HTTP/2.0"),
        pytest.param(b"GET / HTTP/1.1\r\nHost: test\r\n folded: x\r\n\r\n", 400, id="obs-fold"),
        pytest.param(
            CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 1\r\n\r\n"),
            400,
            id="length and chunked",
        ),
        pytest.param(
            b"POST / HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
            501,
            id="unknown coding",
        ),
        pytest.param(b"GET /%s HTTP/1.1\r\n" % (b"x" * 9000), 414, id="long target"),
        pytest.param(
            b"GET / HTTP/1.1\r\nHost: test\r\nX: %s\r\n\r\n" % (b"x" * 9000), 431, id="long field"
        ),
    ],
)
async def test_a_violation_is_answered_once_and_the_connection_closes(
    serve: Serve, log: Log, request_bytes: bytes, status: int
) -> None:
    connection = await (await serve(hello)).connect()
    connection.send(request_bytes + GET)
    answer = await connection.answer()
    assert answer.status == status
    assert answer.text == f"{status}: {answer.reason}"
    assert answer.headers["connection"] == "close"
    assert "date" in answer.headers
    assert await connection.closed()
    (line,) = log.quiet_lines()
    assert line.startswith("refused a request from ")


async def test_a_violation_in_pieces_is_answered_once(serve: Serve) -> None:
    connection = await (await serve(hello)).connect()
    for byte in b"GET / HTTP/1.1\r\nBad name: x\r\n\r\nmore":
        connection.send(bytes([byte]))
        await asyncio.sleep(0)
    assert (await connection.answer()).status == 400
    assert await connection.closed()


async def test_nothing_of_what_the_client_sent_is_in_the_refusal(serve: Serve) -> None:
    connection = await (await serve(hello)).connect()
    connection.send(b"GET /<script> HTTP/1.1\r\nHost: <script>\r\n\r\n")
    assert b"script" not in await connection.rest()


async def test_limits_are_settable(serve: Serve) -> None:
    served = await serve(hello, limits=Limits(fields_count=2))
    assert (await served.get("/", "A: 1")).status == 200
    assert (await served.get("/", "A: 1", "B: 2")).status == 431


@pytest.mark.parametrize("slow", [True, False])
async def test_good_requests_before_a_violation_are_answered_before_it(
    serve: Serve, slow: bool
) -> None:
    async def handler(request: BaseRequest) -> Response:
        if slow:
            await asyncio.sleep(0.01)
        return Response(text="good")

    connection = await (await serve(handler)).connect()
    connection.send(GET + GET + GARBAGE + GET)
    assert (await connection.answer()).text == "good"
    assert (await connection.answer()).text == "good"
    answer = await connection.answer()
    assert answer.status == 400
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_a_violation_that_arrives_while_a_handler_runs_waits_its_turn(serve: Serve) -> None:
    go = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        await go.wait()
        return Response(text="good")

    connection = await (await serve(handler)).connect()
    connection.send(GET)
    await asyncio.sleep(0.01)
    connection.send(GARBAGE)
    await asyncio.sleep(0.01)
    go.set()
    assert (await connection.answer()).text == "good"
    assert (await connection.answer()).status == 400
    assert await connection.closed()


async def test_a_malformed_chunk_fails_the_waiting_read_at_once_with_400_and_close(
    serve: Serve,
) -> None:
    failed: asyncio.Queue[int] = asyncio.Queue()

    async def handler(request: BaseRequest) -> Response:
        assert await request.content.readany() == b"abc"
        try:
            await request.content.readany()
        except RequestPayloadError as exc:
            failed.put_nowait(exc.status)
            raise
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(CHUNKED + b"3\r\nabc\r\n")
    await asyncio.sleep(0.01)
    connection.send(b"zz\r\n")
    assert await asyncio.wait_for(failed.get(), 3) == 400
    answer = await connection.answer()
    assert answer.status == 400
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_a_malformed_chunk_in_the_first_segment_is_a_400(serve: Serve, log: Log) -> None:
    connection = await (await serve(echo)).connect()
    connection.send(CHUNKED + b"3\r\nabcd\r\n0\r\n\r\n" + GET)
    assert (await connection.answer()).status == 400
    assert await connection.closed()
    assert len(log.quiet_lines()) == 2


async def test_a_handler_may_answer_a_broken_body_itself_and_the_connection_closes(
    serve: Serve,
) -> None:
    async def handler(request: BaseRequest) -> Response:
        try:
            await request.read()
        except RequestPayloadError:
            return Response(status=422)
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(CHUNKED + b"x\r\n")
    answer = await connection.answer()
    assert answer.status == 422
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_a_body_broken_in_the_middle_of_the_answer_aborts_it(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        async for piece in request.content.iter_any():
            await response.write(piece)
        return response

    connection = await (await serve(handler)).connect()
    connection.send(CHUNKED + b"3\r\nabc\r\n")
    assert await connection.reader.readuntil(b"abc\r\n")
    connection.send(b"x\r\n")
    data, _ = await connection.until_lost()
    assert data == b"", "neither a last chunk nor another answer may follow"


async def test_a_body_broken_after_its_answer_is_not_answered_again(serve: Serve) -> None:
    connection = await (await serve(hello)).connect()
    connection.send(CHUNKED + b"3\r\nabc\r\n")
    assert (await connection.answer()).text == "hello"
    connection.send(b"x\r\n")
    assert await connection.closed()


async def test_a_body_broken_while_its_answer_streams_is_not_answered_again(
    serve: Serve, until: Until
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await until(lambda: request.content.exception() is not None)
        return response

    connection = await (await serve(handler)).connect()
    connection.send(CHUNKED + b"3\r\nabc\r\n")
    await connection.reader.readuntil(b"\r\n\r\n")
    connection.send(b"x\r\n")
    assert await connection.rest() == b"0\r\n\r\n"


async def test_a_body_broken_in_the_pipeline_is_answered_once(serve: Serve) -> None:
    go = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        await go.wait()
        return Response(text=request.method)

    connection = await (await serve(handler)).connect()
    connection.send(GET + CHUNKED + b"3\r\nabc\r\n" + b"x\r\n")
    await asyncio.sleep(0.01)
    go.set()
    assert (await connection.answer()).text == "GET"
    assert (await connection.answer()).status in (200, 400)
    assert await connection.closed()


async def test_a_client_that_half_closes_inside_a_head_gets_a_400(serve: Serve) -> None:
    connection = await (await serve(hello)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost:")
    await asyncio.sleep(0.01)
    connection.half_close()
    assert (await connection.answer()).status == 400
    assert await connection.closed()


async def test_a_client_that_half_closes_inside_a_body_gets_a_400(serve: Serve) -> None:
    connection = await (await serve(echo)).connect()
    connection.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc")
    connection.half_close()
    answer = await connection.answer()
    assert answer.status == 400
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_a_client_that_half_closes_inside_a_body_that_was_answered_gets_no_second_answer(
    serve: Serve,
) -> None:
    connection = await (await serve(hello)).connect()
    connection.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 10\r\n\r\nabc")
    assert (await connection.answer()).text == "hello"
    connection.half_close()
    assert await connection.closed()


async def test_bytes_behind_a_violation_are_ignored(serve: Serve) -> None:
    go = asyncio.Event()
    paths = []

    async def handler(request: BaseRequest) -> Response:
        paths.append(request.path)
        await go.wait()
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(GET + GARBAGE)
    await asyncio.sleep(0.01)
    connection.send(b"GET /behind HTTP/1.1\r\nHost: test\r\n\r\n")
    await asyncio.sleep(0.01)
    go.set()
    assert (await connection.answer()).status == 200
    assert (await connection.answer()).status == 400
    assert await connection.closed()
    assert paths == ["/"]


async def test_a_handler_that_closes_leaves_a_violation_behind_it_unanswered(
    serve: Serve,
) -> None:
    async def handler(request: BaseRequest) -> Response:
        await asyncio.sleep(0)
        response = Response()
        response.force_close()
        return response

    connection = await (await serve(handler)).connect()
    connection.send(GET + GARBAGE)
    assert (await connection.answer()).headers["connection"] == "close"
    assert await connection.closed()


async def test_a_malformed_body_that_is_read_is_one_line(serve: Serve, log: Log) -> None:
    served = await serve(echo)
    answer = await served.ask(CHUNKED + b"none\r\n")
    assert answer.status == 400
    told = [
        record.getMessage()
        for record in log.caplog.records
        if record.name == "tidegate.server" and record.levelno >= logging.INFO
    ]
    assert len(told) == 1
    assert told[0].startswith("<BaseRequest POST /> failed: ")
