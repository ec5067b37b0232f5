"""Payloads of what is awaited piece by piece."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict
from tidegate_web_server import (
    AbstractStreamWriter,
    AsyncIterablePayload,
    BaseRequest,
    Response,
    StreamReaderPayload,
    get_payload,
)

if TYPE_CHECKING:
    from conftest import Serve


class Sink(AbstractStreamWriter):
    """Keeps the pieces that are written."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    @property
    def transport(self) -> asyncio.Transport | None:
        return None

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        self.pieces.append(bytes(chunk))

    async def write_eof(self, chunk: bytes = b"") -> None: ...

    async def drain(self) -> None: ...

    def enable_chunking(self) -> None: ...

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None: ...


async def pieces(*what: Any) -> AsyncIterator[Any]:
    for piece in what:
        yield piece


async def test_what_an_iterable_yields_is_the_body() -> None:
    payload = get_payload(pieces(b"a", bytearray(b"b"), b"", memoryview(b"c")))
    assert type(payload) is AsyncIterablePayload
    assert payload.size is None
    consumed = [payload.consumed]
    sink = Sink()
    await payload.write(sink)
    assert sink.pieces == [b"a", b"b", b"c"]
    assert [*consumed, payload.consumed] == [False, True]
    with pytest.raises(RuntimeError, match="iterated over once"):
        await payload.write(sink)


async def test_a_length_ends_the_iteration() -> None:
    sink = Sink()
    generator = pieces(b"abc", b"def", b"never")
    payload = get_payload(generator)
    await payload.write_with_length(sink, 4)
    assert sink.pieces == [b"abc", b"d"]
    await payload.close()
    assert [piece async for piece in generator] == []


async def test_text_is_not_encoded_by_guess() -> None:
    payload = get_payload(pieces("text"))
    with pytest.raises(TypeError, match=r"got str from .*; encode text before you yield it"):
        await payload.write(Sink())
    await payload.close()
    numbers = get_payload(pieces(5))
    with pytest.raises(TypeError, match="got int"):
        await numbers.as_bytes()


async def test_it_can_be_collected_and_not_decoded() -> None:
    payload = get_payload(pieces(b"a", b"b"))
    with pytest.raises(TypeError, match="read by writing it"):
        payload.decode()
    assert await payload.as_bytes() == b"ab"


async def test_closing_ends_a_generator_that_is_under_way() -> None:
    ended = []

    async def generate() -> AsyncIterator[bytes]:
        try:
            yield b"a"
            yield b"b"
        finally:
            ended.append(True)

    class Broken(Sink):
        async def write(self, chunk: bytes | bytearray | memoryview) -> None:
            raise ConnectionResetError

    payload = get_payload(generate())
    with pytest.raises(ConnectionResetError):
        await payload.write(Broken())
    assert not ended
    await payload.close()
    assert ended


async def test_an_iterable_need_not_be_a_generator() -> None:
    class Iterable:
        def __aiter__(self) -> AsyncIterator[bytes]:
            return pieces(b"x")

    payload = get_payload(Iterable())
    assert await payload.as_bytes() == b"x"
    await payload.close()


def test_what_is_no_async_iterable_is_refused() -> None:
    wrong: Any = [b"x"]
    with pytest.raises(TypeError, match="what an async generator function returns, got list"):
        AsyncIterablePayload(wrong)


async def test_the_output_of_a_program_is_not_cut_into_lines() -> None:
    reader = asyncio.StreamReader(limit=10)
    reader.feed_data(b"x" * 1000)
    reader.feed_eof()
    payload = get_payload(reader)
    assert type(payload) is StreamReaderPayload
    assert await payload.as_bytes() == b"x" * 1000
    await payload.close()


async def test_a_stream_of_aiohttp_s_kind_is_not_cut_into_lines() -> None:
    class Stream:
        def __aiter__(self) -> AsyncIterator[bytes]:
            raise AssertionError("iterated over lines")

        def iter_any(self) -> AsyncIterator[bytes]:
            return pieces(b"any")

    assert await get_payload(Stream()).as_bytes() == b"any"


async def test_a_request_s_body_can_be_the_answer_s(serve: Serve) -> None:
    async def echo(request: BaseRequest) -> Response:
        return Response(body=request.content)

    body = bytes(range(256)) * 4000
    head = f"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {len(body)}\r\n\r\n"
    answer = await (await serve(echo, client_max_size=0)).ask(head.encode() + body)
    assert answer.body == body
    assert answer.headers["transfer-encoding"] == "chunked"
