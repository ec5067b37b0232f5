"""The writer that owns the framing, driven without a response."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from multidict import CIMultiDict
from tidegate_web_server import BaseRequest, ResponseWriter, StreamResponse

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conftest import Serve

    Drive = Callable[[Callable[[ResponseWriter], Awaitable[None]]], Awaitable[bytes]]


class Ended(StreamResponse):
    """Stands for a response whose bytes were written by hand."""

    async def prepare(self, request: BaseRequest) -> None:
        self._payload_writer = request.writer

    async def write_eof(self, data: bytes = b"") -> None:
        pass


@pytest.fixture
def drive(serve: Serve) -> Drive:
    """Let a coroutine write through the writer of a request; return what reached the client."""

    async def run(write: Callable[[ResponseWriter], Awaitable[None]]) -> bytes:
        async def handler(request: BaseRequest) -> StreamResponse:
            response = Ended()
            await response.prepare(request)
            await write(request.writer)
            response.force_close()
            return response

        connection = await (await serve(handler)).connect()
        connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        data, _ = await connection.until_lost()
        return data

    return run


async def test_the_head_waits_for_the_first_piece(drive: Drive) -> None:
    states = []

    def note(writer: ResponseWriter) -> None:
        states.append((writer.begun, writer.output_size > 0, writer.ended))

    async def write(writer: ResponseWriter) -> None:
        note(writer)
        await writer.write_headers("HTTP/1.1 200 Very Fine", CIMultiDict({"A": "1"}))
        note(writer)
        writer.enable_chunking()
        await writer.write(b"abc")
        note(writer)
        await writer.drain()
        await writer.write_eof()
        note(writer)

    data = await drive(write)
    assert states == [
        (False, False, False),
        (True, False, False),
        (True, True, False),
        (True, True, True),
    ]
    assert data == b"HTTP/1.1 200 Very Fine\r\nA: 1\r\n\r\n3\r\nabc\r\n0\r\n\r\n"


async def test_the_head_can_be_sent_alone_and_is_sent_once(drive: Drive) -> None:
    async def write(writer: ResponseWriter) -> None:
        await writer.write_headers("HTTP/1.1 200 OK", CIMultiDict({"A": "1"}))
        writer.send_headers()
        size = writer.output_size
        writer.send_headers()
        assert writer.output_size == size
        await writer.write(b"")
        await writer.write_eof(b"end")

    assert await drive(write) == b"HTTP/1.1 200 OK\r\nA: 1\r\n\r\nend"


async def test_sizes_count_the_body_and_what_was_sent(drive: Drive) -> None:
    sizes: list[tuple[int, int]] = []

    async def write(writer: ResponseWriter) -> None:
        await writer.write_headers("HTTP/1.1 200 OK", CIMultiDict())
        writer.enable_chunking()
        await writer.write(b"abc")
        sizes.append((writer.body_size, writer.output_size))
        await writer.write_eof(b"de")
        sizes.append((writer.body_size, writer.output_size))

    data = await drive(write)
    assert sizes == [(3, len(data) - len(b"2\r\nde\r\n0\r\n\r\n")), (5, len(data))]


async def test_nothing_is_written_after_the_end(drive: Drive) -> None:
    messages = []

    async def write(writer: ResponseWriter) -> None:
        await writer.write_headers("HTTP/1.1 200 OK", CIMultiDict())
        await writer.write_eof(b"end")
        await writer.write_eof(b"again")
        try:
            await writer.write(b"late")
        except RuntimeError as exc:
            messages.append(str(exc))

    assert (await drive(write)).endswith(b"\r\n\r\nend")
    assert messages == ["Cannot call write() after write_eof()"]


async def test_pieces_written_at_once_by_two_tasks_stay_whole(drive: Drive) -> None:
    async def write(writer: ResponseWriter) -> None:
        await writer.write_headers("HTTP/1.1 200 OK", CIMultiDict())
        writer.enable_chunking()
        await asyncio.gather(*(writer.write(bytes([65 + n]) * 3) for n in range(5)))
        await writer.write_eof()

    body = (await drive(write)).partition(b"\r\n\r\n")[2]
    chunks = [b"3\r\n" + bytes([65 + n]) * 3 + b"\r\n" for n in range(5)]
    assert body == b"".join(chunks) + b"0\r\n\r\n"
