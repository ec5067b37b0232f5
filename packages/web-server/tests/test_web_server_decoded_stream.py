"""Bodies with a Content-Encoding, over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from typing import TYPE_CHECKING

import pytest
from tidegate_http_core import available_codings, get_coding
from tidegate_web_server import BaseRequest, RequestPayloadError, Response, StreamReader
from tidegate_web_server.abc import ReadingControl
from tidegate_web_server.decoded_stream import DecodedStream

if TYPE_CHECKING:
    from conftest import Answer, Serve, Served

TEXT = b"hello, body " * 1000


def encoded(name: str, content: bytes) -> bytes:
    coding = get_coding(name)
    assert coding is not None
    encoder = coding.encoder()
    return encoder.encode(content) + encoder.finish()


def post(body: bytes, coding: str, content_type: str = "text/plain", chunk: int = 0) -> bytes:
    head = f"POST / HTTP/1.1\r\nHost: t\r\nContent-Type: {content_type}\r\n"
    head += f"Content-Encoding: {coding}\r\n"
    if not chunk:
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body
    pieces = [body[at : at + chunk] for at in range(0, len(body), chunk)]
    chunks = b"".join(f"{len(piece):x}\r\n".encode() + piece + b"\r\n" for piece in pieces)
    return f"{head}Transfer-Encoding: chunked\r\n\r\n".encode() + chunks + b"0\r\n\r\n"


async def echo(request: BaseRequest) -> Response:
    return Response(body=await request.read())


@pytest.mark.parametrize("coding", [*available_codings(), "GZIP", "x-gzip", "identity"])
@pytest.mark.parametrize("chunk", [0, 7])
async def test_a_body_is_read_decoded(serve: Serve, coding: str, chunk: int) -> None:
    served = await serve(echo)
    answer = await served.ask(post(encoded(coding, TEXT), coding, chunk=chunk))
    assert answer.body == TEXT


async def test_deflate_without_its_wrapper_is_read_too(serve: Serve) -> None:
    raw = zlib.compressobj(6, zlib.DEFLATED, -15)
    served = await serve(echo)
    assert (await served.ask(post(raw.compress(TEXT) + raw.flush(), "deflate"))).body == TEXT


async def test_the_head_stays_as_it_was_sent(serve: Serve) -> None:
    body = gzip.compress(TEXT)

    async def handler(request: BaseRequest) -> Response:
        assert request.headers["Content-Encoding"] == "gzip"
        assert request.content_length == len(body)
        content = request.content
        left = [request.can_read_body]
        assert len(await request.read()) == len(TEXT)
        left.append(request.can_read_body)
        assert left == [True, False]
        assert request.content is content
        assert content.total_raw_bytes == len(body)
        assert content.total_bytes == len(TEXT)
        return Response()

    assert (await (await serve(handler)).ask(post(body, "gzip"))).status == 200


async def test_text_json_and_forms_are_decoded(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        if request.content_type == "application/json":
            return Response(text=repr(await request.json()))
        return Response(text=repr(dict(await request.post())))

    served = await serve(handler)
    body = gzip.compress(json.dumps({"a": 1}).encode())
    assert (await served.ask(post(body, "gzip", "application/json"))).text == "{'a': 1}"
    form = "application/x-www-form-urlencoded"
    assert (await served.ask(post(gzip.compress(b"a=b&c=d"), "gzip", form))).text == (
        "{'a': 'b', 'c': 'd'}"
    )
    parts = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
    multipart = "multipart/form-data; boundary=x"
    assert (await served.ask(post(gzip.compress(parts), "gzip", multipart))).text == "{'a': 'b'}"


async def test_the_stream_is_decoded_in_all_ways_to_read_it(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        content = request.content
        assert isinstance(content, StreamReader)
        assert await content.readline() == b"one\n"
        assert await content.readexactly(2) == b"tw"
        assert await content.readuntil(b"\n") == b"o\n"
        assert content.read_nowait(2) == b"th"
        data, more = await content.readchunk()
        rest = data + b"".join([piece async for piece in content.iter_chunked(1000)])
        assert more
        assert rest == b"ree\n" + bytes(600_000)
        assert content.at_eof()
        assert content.is_eof()
        assert content.exception() is None
        await content.wait_eof()
        assert await content.read() == b""
        assert await content.readchunk() == (b"", False)
        return Response()

    body = gzip.compress(b"one\ntwo\nthree\n" + bytes(600_000))
    assert (await (await serve(handler)).ask(post(body, "gzip"))).status == 200


async def test_what_is_there_can_be_read_without_waiting(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        content = request.content
        await content.wait_eof()
        size = 0
        while not content.at_eof():
            size += len(content.read_nowait())
        assert content.read_nowait() == b""
        seen = []
        content.on_eof(lambda: seen.append(1))
        assert seen == [1]
        return Response(text=str(size))

    body = gzip.compress(bytes(700_000))
    assert (await (await serve(handler)).ask(post(body, "gzip"))).text == "700000"


async def test_the_connections_side_is_that_of_the_coded_body() -> None:
    coded = StreamReader(Wire(), 2**16, loop=asyncio.get_running_loop())
    coding = get_coding("gzip")
    assert coding is not None
    stream = DecodedStream(coded, coding.decoder())
    assert stream.droppable
    stream.feed_data(gzip.compress(b"behind_the_decoder"))
    assert coded.total_bytes == stream.total_raw_bytes > 0
    assert stream.total_bytes == 0
    reading = asyncio.ensure_future(stream.read())
    await asyncio.sleep(0)
    assert stream.waiting
    assert coded.waiting
    stream.feed_eof()
    assert await reading == b"behind_the_decoder"
    stream.discard()
    assert stream.at_eof()

    coded = StreamReader(Wire(), 2**16, loop=asyncio.get_running_loop())
    stream = DecodedStream(coded, coding.decoder())
    stream.set_exception(RequestPayloadError("gone"))
    assert isinstance(stream.exception(), RequestPayloadError)
    with pytest.raises(RequestPayloadError, match="gone"):
        await stream.read()


class Wire(ReadingControl):
    def pause_reading(self) -> None:
        """Nothing is read anyway."""

    def resume_reading(self) -> None:
        """Nothing is read anyway."""


# --- limits ---


async def ask_for_a_bomb(served: Served, coding: str, size: int) -> Answer:
    return await served.ask(post(encoded(coding, bytes(size)), coding))


@pytest.mark.parametrize("coding", available_codings())
async def test_the_limit_counts_what_was_decoded(serve: Serve, coding: str) -> None:
    served = await serve(echo, client_max_size=500_000)
    assert (await ask_for_a_bomb(served, coding, 500_000)).status == 200
    answer = await ask_for_a_bomb(served, coding, 20_000_000)
    assert answer.status == 413
    assert "500000" in answer.text


@pytest.mark.parametrize("coding", available_codings())
async def test_a_bomb_in_a_stream_comes_in_bounded_pieces(serve: Serve, coding: str) -> None:
    async def handler(request: BaseRequest) -> Response:
        sizes = [len(piece) async for piece in request.content.iter_any()]
        assert max(sizes) <= 2**18
        return Response(text=str(sum(sizes)))

    answer = await ask_for_a_bomb(await serve(handler), coding, 5_000_000)
    assert answer.text == "5000000"


async def test_a_bomb_that_nobody_reads_costs_nothing(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        assert request.content.total_bytes == 0
        return Response()

    assert (await ask_for_a_bomb(await serve(handler), "gzip", 5_000_000)).status == 200


# --- what is wrong ---


@pytest.mark.parametrize("coding", available_codings())
@pytest.mark.parametrize("chunk", [0, 100])
async def test_content_that_can_not_be_decoded_is_a_400(
    serve: Serve, coding: str, chunk: int
) -> None:
    served = await serve(echo)
    body = encoded(coding, TEXT)
    for bad in (body[:-1], body + b"x", b"\xff" + body[1:], b"not encoded at all"):
        answer = await served.ask(post(bad, coding, chunk=chunk))
        assert answer.status == 400


async def test_a_decoding_that_failed_fails_every_read(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        for _ in range(2):
            with pytest.raises(RequestPayloadError, match="gzip"):
                await request.content.readany()
        with pytest.raises(RequestPayloadError):
            request.content.read_nowait()
        assert isinstance(request.content.exception(), RequestPayloadError)
        return Response()

    assert (await (await serve(handler)).ask(post(b"no gzip at all", "gzip"))).status == 200


async def test_a_body_that_breaks_off_fails_the_read(serve: Serve) -> None:
    seen: list[BaseException] = []

    async def handler(request: BaseRequest) -> Response:
        try:
            return Response(body=await request.read())
        except RequestPayloadError as exc:
            seen.append(exc)
            raise

    connection = await (await serve(handler)).connect()
    connection.send(post(gzip.compress(TEXT), "gzip")[:-5])
    connection.half_close()
    assert (await connection.answer()).status == 400
    assert len(seen) == 1


async def test_no_bytes_in_a_coding_are_an_empty_body(serve: Serve) -> None:
    served = await serve(echo)
    assert (await served.ask(post(b"", "gzip"))).body == b""
    empty = (
        b"POST / HTTP/1.1\r\nHost: t\r\nContent-Encoding: gzip\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    )
    answer = await served.ask(empty)
    assert (answer.status, answer.body) == (200, b"")


# --- what is not decoded ---


@pytest.mark.parametrize("coding", ["aws-chunked", "compress", "gzip, br", "gzip, gzip", "é"])
async def test_a_coding_that_is_not_known_leaves_the_bytes_as_they_are(
    serve: Serve, coding: str
) -> None:
    body = gzip.compress(TEXT)
    assert (await (await serve(echo)).ask(post(body, coding))).body == body


@pytest.mark.parametrize(
    ("read", "content_type"),
    [
        ("text", "text/plain"),
        ("json", "application/json"),
        ("post", "application/x-www-form-urlencoded"),
        ("post", "multipart/form-data; boundary=x"),
        ("multipart", "multipart/mixed; boundary=x"),
    ],
)
async def test_what_has_to_understand_an_unknown_coding_is_a_415(
    serve: Serve, read: str, content_type: str
) -> None:
    async def handler(request: BaseRequest) -> Response:
        await getattr(request, read)()
        return Response()

    answer = await (await serve(handler)).ask(post(b"x=1", "compress", content_type))
    assert answer.status == 415
    assert answer.headers["accept-encoding"] == ", ".join(available_codings())
    assert "compress" in answer.text


async def test_decoding_can_be_switched_off(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        assert request.client_max_size == 100
        return Response(body=await request.read())

    body = gzip.compress(bytes(10_000))
    served = await serve(handler, auto_decompress=False, client_max_size=100)
    assert (await served.ask(post(body, "gzip"))).body == body


async def test_the_connection_lives_on_after_a_decoded_body(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(body=await request.content.read(5))

    connection = await (await serve(handler)).connect()
    for _ in range(3):
        connection.send(post(gzip.compress(TEXT), "gzip"))
        assert (await connection.answer()).body == b"hello"
