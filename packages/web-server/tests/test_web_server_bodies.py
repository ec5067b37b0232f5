"""Bodies of requests on their way from the wire to the handler."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import BaseRequest, PayloadAccessError, Response, StreamResponse

if TYPE_CHECKING:
    from conftest import Serve, Until

POST = b"POST / HTTP/1.1\r\nHost: test\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


async def echo(request: BaseRequest) -> Response:
    return Response(body=await request.read())


async def count(request: BaseRequest) -> Response:
    size = 0
    async for piece in request.content.iter_any():
        size += len(piece)
    return Response(text=str(size))


async def test_a_body_with_content_length_is_read_to_the_byte(serve: Serve) -> None:
    connection = await (await serve(echo)).connect()
    connection.send(POST + b"Content-Length: 3\r\n\r\nabcGET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await connection.answer()).body == b"abc"
    assert (await connection.answer()).body == b""


async def test_a_chunked_body_is_read_without_its_coding(serve: Serve) -> None:
    connection = await (await serve(echo)).connect()
    connection.send(CHUNKED + b"3\r\nabc\r\n5;ext=1\r\ndefgh\r\n0\r\nTrailer: x\r\n\r\n")
    assert (await connection.answer()).body == b"abcdefgh"
    assert (await connection.ask("/")).body == b""


async def test_trailers_are_not_merged_into_the_headers(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        await request.read()
        return Response(text=str(sorted(request.headers)))

    served = await serve(handler)
    answer = await served.ask(CHUNKED + b"1\r\nx\r\n0\r\nX-Late: 1\r\n\r\n")
    assert answer.text == "['Host', 'Transfer-Encoding']"


async def test_a_body_that_comes_a_byte_at_a_time_is_read_whole(serve: Serve) -> None:
    connection = await (await serve(echo)).connect()
    for byte in CHUNKED + b"3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n":
        connection.send(bytes([byte]))
        await asyncio.sleep(0.0001)
    assert (await connection.answer()).body == b"abcd"


async def test_a_handler_reads_a_body_while_it_arrives(serve: Serve) -> None:
    pieces: asyncio.Queue[bytes] = asyncio.Queue()

    async def handler(request: BaseRequest) -> Response:
        async for piece in request.content.iter_any():
            pieces.put_nowait(piece)
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(POST + b"Content-Length: 6\r\n\r\n")
    for piece in (b"abc", b"de", b"f"):
        connection.send(piece)
        assert await asyncio.wait_for(pieces.get(), 3) == piece
    assert (await connection.answer()).status == 200


async def test_a_handler_may_answer_while_the_body_arrives(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        async for piece in request.content.iter_any():
            await response.write(piece.upper())
        return response

    connection = await (await serve(handler)).connect()
    connection.send(POST + b"Content-Length: 4\r\n\r\nab")
    head = await connection.reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert await connection.reader.readexactly(7) == b"2\r\nAB\r\n"
    connection.send(b"cd")
    assert await connection.reader.readexactly(12) == b"2\r\nCD\r\n0\r\n\r\n"


@pytest.mark.parametrize("framing", ["length", "chunked"])
async def test_a_large_body_passes_through_a_small_buffer(serve: Serve, framing: str) -> None:
    size = 3_000_000
    connection = await (await serve(count, read_bufsize=10_000)).connect()
    if framing == "length":
        connection.send(POST + b"Content-Length: %d\r\n\r\n" % size + b"x" * size)
    else:
        chunk = b"7530\r\n" + b"x" * 30_000 + b"\r\n"
        connection.send(CHUNKED + chunk * 100 + b"0\r\n\r\n")
    assert (await connection.answer()).text == str(size)
    assert (await connection.ask("/")).text == "0"


async def test_a_request_with_an_empty_body_has_none(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(text=f"{request.body_exists} {request.can_read_body}")

    connection = await (await serve(handler)).connect()
    connection.send(POST + b"Content-Length: 0\r\n\r\n")
    assert (await connection.answer()).text == "False False"
    assert (await connection.ask("/")).text == "False False"


async def test_a_small_body_nobody_read_is_dropped_and_the_connection_goes_on(
    serve: Serve,
) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(text=request.path)

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        connection.send(POST + b"Content-Length: 100\r\n\r\n" + b"x" * 50)
        answer = await connection.answer()
        assert "connection" not in answer.headers
        connection.send(b"y" * 50)
    connection.send(CHUNKED + b"3\r\nabc\r\n")
    assert (await connection.answer()).status == 200
    connection.send(b"0\r\n\r\nGET /next HTTP/1.1\r\nHost: test\r\n\r\n")
    assert (await connection.answer()).text == "/next"


async def test_a_body_nobody_read_is_never_taken_for_a_request(serve: Serve) -> None:
    paths = []

    async def handler(request: BaseRequest) -> Response:
        paths.append(request.path)
        return Response()

    smuggled = b"GET /smuggled HTTP/1.1\r\nHost: test\r\n\r\n"
    connection = await (await serve(handler)).connect()
    connection.send(POST + b"Content-Length: %d\r\n\r\n" % len(smuggled))
    assert (await connection.answer()).status == 200
    connection.send(smuggled)
    assert (await connection.ask("/after")).status == 200
    assert paths == ["/", "/after"]


@pytest.mark.parametrize("waits", [True, False])
async def test_a_connection_goes_on_after_a_full_body_that_nobody_read(
    serve: Serve, waits: bool
) -> None:
    # The whole body is there, over the buffer's limit, when the handler returns without it.
    async def handler(request: BaseRequest) -> Response:
        if waits:
            while not request.content.is_eof():
                await asyncio.sleep(0)
        return Response(text=request.path)

    connection = await (await serve(handler, read_bufsize=1000)).connect()
    connection.send(POST + b"Content-Length: 1500\r\n\r\n" + b"x" * 1500)
    assert (await connection.answer()).status == 200
    assert (await connection.ask("/after")).text == "/after"


async def test_a_body_read_in_part_leaves_the_connection_in_step(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(body=await request.content.read(3))

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        connection.send(POST + b"Content-Length: 10\r\n\r\nabcdefghij")
        assert (await connection.answer()).body == b"abc"


async def test_a_body_read_after_the_answer_is_gone(serve: Serve) -> None:
    reading: list[asyncio.Task[bytes]] = []

    async def handler(request: BaseRequest) -> Response:
        reading.append(asyncio.create_task(request.content.readexactly(9)))
        await asyncio.sleep(0)
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(POST + b"Content-Length: 9\r\n\r\nhello")
    assert (await connection.answer()).status == 200
    with pytest.raises(PayloadAccessError, match="after its request had been answered"):
        await asyncio.wait_for(reading[0], 3)
    connection.send(b"1234")
    assert (await connection.ask("/after")).status == 200
    with pytest.raises(asyncio.IncompleteReadError):
        await reading[1]


async def test_a_body_waited_for_without_reading_it_can_be_dropped(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        await request.content.wait_eof()
        return Response(text=repr(request.content))

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        connection.send(POST + b"Content-Length: 4\r\n\r\nab")
        await asyncio.sleep(0)
        connection.send(b"cd")
        assert (await connection.answer()).text == "<StreamReader 4 bytes buffered, eof>"


async def test_waiting_for_the_end_of_a_body_that_fails_raises(serve: Serve, log: object) -> None:
    async def handler(request: BaseRequest) -> Response:
        await request.content.wait_eof()
        return Response()

    connection = await (await serve(handler)).connect()
    connection.send(CHUNKED + b"3\r\nabc\r\n")
    await asyncio.sleep(0.01)
    connection.send(b"no chunk\r\n")
    assert (await connection.answer()).status == 400


async def test_a_paused_body_resumes_for_the_next_request_too(serve: Serve, until: Until) -> None:
    go = asyncio.Event()

    async def handler(request: BaseRequest) -> Response:
        await go.wait()
        return Response(text=str(len(await request.read())))

    served = await serve(handler, read_bufsize=1000)
    connection = await served.connect()
    request = POST + b"Content-Length: 5000\r\n\r\n" + b"x" * 5000
    connection.send(request * 3)
    await until(lambda: len(served.server.connections) == 1)
    go.set()
    for _ in range(3):
        assert (await connection.answer()).text == "5000"
