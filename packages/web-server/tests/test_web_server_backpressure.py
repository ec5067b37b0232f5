"""Memory stays flat: writers wait for slow readers, and unread uploads stop the transport."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tidegate_web_server import BaseRequest, Response, StreamResponse

if TYPE_CHECKING:
    from conftest import Serve, Until

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
PIECE = b"x" * 2**16


async def test_a_slow_reader_of_a_large_stream_keeps_the_buffer_bounded(
    serve: Serve, until: Until
) -> None:
    pieces = 250  # 16 MB, more than the kernel holds
    largest = written = 0

    async def handler(request: BaseRequest) -> StreamResponse:
        nonlocal largest, written
        response = StreamResponse()
        await response.prepare(request)
        transport = request.transport
        assert transport is not None
        for _ in range(pieces):
            await response.write(PIECE)
            written += 1
            largest = max(largest, transport.get_write_buffer_size())
        return response

    served = await serve(handler)
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET)
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    stalled_at = written
    await asyncio.sleep(0.05)
    assert written == stalled_at < pieces, "the handler went on though the client did not read"
    answer = await connection.answer()
    assert len(answer.body) == pieces * len(PIECE)
    assert largest <= 2 * 2**16


async def test_a_large_response_waits_for_its_reader(serve: Serve, until: Until) -> None:
    done = False

    class Watched(Response):
        async def write_eof(self, data: bytes = b"") -> None:
            nonlocal done
            await super().write_eof(data)
            done = True

    async def handler(request: BaseRequest) -> Response:
        return Watched(body=b"x" * 20_000_000)

    served = await serve(handler)
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET + GET)
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    assert not done
    for _ in range(2):
        assert len((await connection.answer()).body) == 20_000_000
    await until(lambda: done)


async def test_an_unread_upload_stops_the_transport_until_it_is_read(
    serve: Serve, until: Until
) -> None:
    go = asyncio.Event()
    total = 30_000_000
    requests: list[BaseRequest] = []

    async def handler(request: BaseRequest) -> Response:
        requests.append(request)
        await go.wait()
        size = 0
        async for piece in request.content.iter_any():
            size += len(piece)
        return Response(text=str(size))

    served = await serve(handler, read_bufsize=2**16)
    connection = await served.connect()
    connection.send(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: %d\r\n\r\n" % total)
    connection.send(b"x" * total)
    await until(lambda: bool(requests))
    transport = requests[0].transport
    assert transport is not None
    await until(lambda: not transport.is_reading())
    buffered = requests[0].content.total_bytes
    await asyncio.sleep(0.05)
    assert requests[0].content.total_bytes == buffered
    # One read of asyncio is up to 256 KiB, and it does not stop in the middle of one.
    assert buffered <= 2**16 + 2**18
    go.set()
    assert (await connection.answer()).text == str(total)


async def test_two_tasks_can_wait_for_one_slow_reader(serve: Serve, until: Until) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        writer = await response.prepare(request)
        assert writer is not None
        while not request.protocol.writing_paused:
            pending = asyncio.ensure_future(response.write(PIECE))
            await asyncio.sleep(0)
            if pending.done():
                await pending
        other = asyncio.ensure_future(writer.drain())
        await asyncio.sleep(0)
        # Being cancelled ends one wait, not the other.
        third = asyncio.ensure_future(writer.drain())
        await asyncio.sleep(0)
        third.cancel()
        await asyncio.gather(pending, other)
        return response

    served = await serve(handler)
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET)
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    answer = await connection.answer()
    assert set(answer.body) == {ord("x")}
    assert len(answer.body) % len(PIECE) == 0
