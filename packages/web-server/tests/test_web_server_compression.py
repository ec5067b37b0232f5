"""Compressed responses: which coding, what the fields say, and that clients can read them."""

from __future__ import annotations

import asyncio
import io
import threading
import zlib
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict
from tidegate_http_core import available_codings, get_coding
from tidegate_web_server import (
    Application,
    BaseRequest,
    ContentCoding,
    Request,
    Response,
    StreamResponse,
)
from tidegate_web_server.compression import CompressingWriter, Compression, vary_with, weakened

if TYPE_CHECKING:
    from conftest import Answer, Connection, Serve

TEXT = "one two three, one two three; " * 100
LARGE = TEXT * 400


def decoded(answer: Answer) -> bytes:
    """Decode the body of an answer by what its Content-Encoding says."""
    name = answer.headers.get("content-encoding")
    if name is None:
        return answer.body
    coding = get_coding(name)
    assert coding is not None
    decoder = coding.decoder()
    content = [decoder.decode(answer.body)]
    while decoder.pending:
        content.append(decoder.decode(b""))
    decoder.finish()
    return b"".join(content)


async def text(request: BaseRequest) -> Response:
    response = Response(text=TEXT)
    response.enable_compression()
    return response


@pytest.mark.parametrize(
    ("accept", "coding"),
    [
        ("gzip", "gzip"),
        ("deflate", "deflate"),
        ("GZIP", "gzip"),
        ("deflate, gzip", "gzip"),
        ("gzip;q=0.1, deflate;q=0.9", "deflate"),
        ("gzip;q=0, deflate;q=0.001", "deflate"),
        ("gzip;q=0", None),
        ("identity", None),
        ("unknown", None),
        ("", None),
        (None, None),
        ("*", available_codings()[0]),
        ("*;q=0", None),
        ("gzip;q=0.5, identity;q=0.9", None),
    ],
)
async def test_the_client_chooses_the_coding(
    serve: Serve, accept: str | None, coding: str | None
) -> None:
    fields = [] if accept is None else [f"Accept-Encoding: {accept}"]
    answer = await (await serve(text)).get("/", *fields)
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert decoded(answer) == TEXT.encode()
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert (len(answer.body) < len(TEXT)) == (coding is not None)


async def test_several_fields_are_one_list(serve: Serve) -> None:
    answer = await (await serve(text)).get(
        "/", "Accept-Encoding: unknown", "Accept-Encoding: gzip;q=0.2", "Accept-Encoding: deflate"
    )
    assert answer.headers["content-encoding"] == "deflate"


@pytest.mark.parametrize("name", available_codings())
async def test_every_coding_that_is_there_can_be_forced(serve: Serve, name: str) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text=TEXT)
        response.enable_compression(ContentCoding(name))
        assert response.compression
        return response

    answer = await (await serve(handler)).get("/")
    assert answer.headers["content-encoding"] == name
    assert "vary" not in answer.headers
    assert decoded(answer) == TEXT.encode()


async def test_identity_can_be_forced(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text=TEXT)
        response.enable_compression(ContentCoding.identity)
        return response

    answer = await (await serve(handler)).get("/", "Accept-Encoding: gzip")
    assert "content-encoding" not in answer.headers
    assert "vary" not in answer.headers
    assert answer.text == TEXT


@pytest.mark.parametrize(("force", "coding"), [(True, "deflate"), (False, None)])
async def test_a_bool_is_deprecated(serve: Serve, force: bool, coding: str | None) -> None:
    response = Response(text=TEXT)
    with pytest.warns(DeprecationWarning, match="a bool for force is deprecated"):
        response.enable_compression(force)

    async def handler(request: BaseRequest) -> Response:
        return response

    answer = await (await serve(handler)).get("/", "Accept-Encoding: gzip")
    assert answer.headers.get("content-encoding") == coding


def test_a_coding_that_can_t_be_used_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong: Any = "gzip"
    with pytest.raises(TypeError, match="force is a ContentCoding or None, got 'gzip'"):
        Response().enable_compression(wrong)
    monkeypatch.setattr("tidegate_web_server.compression.get_coding", lambda name: None)
    with pytest.raises(ValueError, match="no library for br is installed; there are"):
        Response().enable_compression(ContentCoding.br)
    with pytest.raises(LookupError, match="the content coding br is gone"):
        Compression(None, None).encoder("br")


async def test_a_strategy_is_that_of_zlib(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text=TEXT)
        strategy = zlib.Z_HUFFMAN_ONLY if request.path == "/huffman" else None
        response.enable_compression(ContentCoding.gzip, strategy)
        return response

    served = await serve(handler)
    usual, huffman = await served.get("/"), await served.get("/huffman")
    assert decoded(usual) == decoded(huffman) == TEXT.encode()
    assert len(huffman.body) > 3 * len(usual.body)


# --- what is not compressed ---


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        (200, {"Content-Encoding": "br"}),
        (206, {}),
        (200, {"Content-Range": "bytes 0-9/10"}),
    ],
)
async def test_what_has_a_coding_or_is_a_part_is_left_alone(
    serve: Serve, status: int, fields: dict[str, str]
) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text=TEXT, status=status, headers=fields)
        response.enable_compression()
        return response

    answer = await (await serve(handler)).get("/", "Accept-Encoding: gzip")
    assert answer.headers.get("content-encoding") == fields.get("Content-Encoding")
    assert answer.body == TEXT.encode()


@pytest.mark.parametrize("status", [204, 304])
async def test_what_has_no_body_has_no_coding(serve: Serve, status: int) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(body=b"never sent", status=status)
        response.etag = "x"
        response.enable_compression()
        return response

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        answer = await connection.ask("/", "Accept-Encoding: gzip")
        assert "content-encoding" not in answer.headers
        # What a 200 would say, for caches (RFC 9110 section 15.4.5).
        assert answer.headers["vary"] == "Accept-Encoding"
        assert answer.headers["etag"] == 'W/"x"'


async def test_nothing_is_not_compressed(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response()
        response.enable_compression()
        return response

    answer = await (await serve(handler)).get("/", "Accept-Encoding: gzip")
    assert "content-encoding" not in answer.headers
    assert answer.headers["content-length"] == "0"


# --- fields ---


async def test_head_says_what_get_does(serve: Serve) -> None:
    connection = await (await serve(text)).connect()
    get = await connection.ask("/", "Accept-Encoding: gzip")
    head = await connection.ask("/", "Accept-Encoding: gzip", method="HEAD")
    assert head.headers["content-length"] == str(len(get.body))
    assert head.headers["content-encoding"] == "gzip"
    assert (await connection.ask("/")).text == TEXT


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((), "X"),
        (("Cookie",), "Cookie, X"),
        (("Cookie, Origin", "Accept"), "Cookie, Origin, Accept, X"),
        (("x",), "x"),
        (("a, X , b",), "a, X, b"),
        (("*",), "*"),
        ((" , ",), "X"),
    ],
)
def test_vary_names_the_field_once(before: tuple[str, ...], after: str) -> None:
    assert vary_with(before, "X") == after


async def test_a_strong_entity_tag_becomes_weak(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text=TEXT)
        response.etag = "tag"
        response.enable_compression()
        return response

    served = await serve(handler)
    assert (await served.get("/")).headers["etag"] == '"tag"'
    assert (await served.get("/", "Accept-Encoding: gzip")).headers["etag"] == 'W/"tag"'
    assert weakened('W/"x"') == 'W/"x"'


async def test_a_response_that_is_sent_again_is_compressed_anew(serve: Serve) -> None:
    shared = Response(text=TEXT, headers={"Vary": "Cookie"})
    shared.etag = "tag"
    shared.enable_compression()

    async def handler(request: BaseRequest) -> Response:
        return shared

    connection = await (await serve(handler)).connect()
    for accept in ("gzip", "deflate", "", "gzip", "deflate"):
        answer = await connection.ask("/", f"Accept-Encoding: {accept}")
        assert answer.headers.get("content-encoding", "") == accept
        assert answer.headers["vary"] == "Cookie, Accept-Encoding"
        assert answer.headers["etag"] == ('W/"tag"' if accept else '"tag"')
        assert decoded(answer) == TEXT.encode()


async def test_a_payload_in_memory_can_be_sent_again_with_and_without(serve: Serve) -> None:
    shared = Response(body=io.BytesIO(TEXT.encode()))
    shared.enable_compression()

    async def handler(request: BaseRequest) -> Response:
        return shared

    connection = await (await serve(handler)).connect()
    for accept in ("gzip", "", "gzip", ""):
        answer = await connection.ask("/", f"Accept-Encoding: {accept}")
        assert answer.headers.get("content-encoding", "") == accept
        assert ("content-length" in answer.headers) == (not accept)
        assert ("transfer-encoding" in answer.headers) == bool(accept)
        assert decoded(answer) == TEXT.encode()


async def test_the_signal_may_enable_it_or_keep_it_off(serve: Serve) -> None:
    async def receiver(request: Request, response: StreamResponse) -> None:
        if request.path == "/on":
            response.enable_compression()
        else:
            response.headers["Content-Encoding"] = "own"

    async def handler(request: Request) -> Response:
        response = Response(text=TEXT)
        if request.path == "/off":
            response.enable_compression()
        return response

    app = Application()
    app.router.add_get("/{name}", handler)
    app.on_response_prepare.append(receiver)
    served = await serve(app)
    assert decoded(await served.get("/on", "Accept-Encoding: gzip")) == TEXT.encode()
    answer = await served.get("/off", "Accept-Encoding: gzip")
    assert answer.headers["content-encoding"] == "own"
    assert answer.text == TEXT


# --- bodies of other kinds ---


async def test_a_chunked_response_is_compressed_as_a_stream(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        response = Response(text=TEXT)
        response.enable_compression()
        response.enable_chunked_encoding()
        return response

    answer = await (await serve(handler)).get("/", "Accept-Encoding: gzip")
    assert answer.headers["transfer-encoding"] == "chunked"
    assert decoded(answer) == TEXT.encode()


@pytest.mark.parametrize("kind", ["str", "stream"])
async def test_payloads_are_compressed(serve: Serve, kind: str) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for at in range(0, len(LARGE), 5000):
            yield LARGE[at : at + 5000].encode()

    async def handler(request: BaseRequest) -> Response:
        response = Response(body=LARGE if kind == "str" else pieces())
        response.enable_compression()
        return response

    answer = await (await serve(handler)).get("/", "Accept-Encoding: gzip")
    assert ("content-length" in answer.headers) == (kind == "str")
    assert decoded(answer) == LARGE.encode()
    assert len(answer.body) < len(LARGE) / 20


async def test_a_length_that_was_declared_gives_way(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        response.content_length = len(TEXT)
        response.enable_compression()
        await response.prepare(request)
        await response.write(TEXT[:50].encode())
        await response.write_eof(TEXT[50:].encode())
        return response

    answer = await (await serve(handler)).get("/", "Accept-Encoding: gzip")
    assert "content-length" not in answer.headers
    assert decoded(answer) == TEXT.encode()


async def test_an_http_1_0_client_gets_it_to_the_end_of_the_connection(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        response.enable_compression()
        await response.prepare(request)
        await response.write(TEXT.encode())
        return response

    served = await serve(handler)
    answer = await served.ask(b"GET / HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n")
    assert decoded(answer) == TEXT.encode()


async def one_chunk(connection: Connection) -> bytes:
    size = int(await connection.reader.readline(), 16)
    data = await connection.reader.readexactly(size)
    assert await connection.reader.readexactly(2) == b"\r\n"
    return data


@pytest.mark.parametrize("name", available_codings())
async def test_what_a_stream_writes_can_be_read_at_once(serve: Serve, name: str) -> None:
    read = asyncio.Event()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        response.enable_compression()
        writer = await response.prepare(request)
        assert type(writer) is CompressingWriter
        assert await response.prepare(request) is writer
        await response.write(b"first")
        await read.wait()
        await response.write(b"")
        await response.write(b"second")
        return response

    connection = await (await serve(handler)).connect()
    connection.send(f"GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: {name}\r\n\r\n".encode())
    async with asyncio.timeout(3):
        head = await connection.reader.readuntil(b"\r\n\r\n")
        assert f"Content-Encoding: {name}".encode() in head
        coding = get_coding(name)
        assert coding is not None
        decoder = coding.decoder()
        assert decoder.decode(await one_chunk(connection)) == b"first"
        read.set()
        assert decoder.decode(await one_chunk(connection)) == b"second"
        while chunk := await one_chunk(connection):
            assert decoder.decode(chunk) == b""
        decoder.finish()


async def test_head_of_a_compressed_stream_has_no_body(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        response.enable_compression()
        await response.prepare(request)
        await response.write(b"x")
        return response

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        answer = await connection.ask("/", "Accept-Encoding: gzip", method="HEAD")
        assert answer.headers["content-encoding"] == "gzip"


# --- executors ---


class Watched(ThreadPoolExecutor):
    """Counts what it is given."""

    jobs = 0

    def submit(self, *args: Any, **kwargs: Any) -> Any:
        self.jobs += 1
        return super().submit(*args, **kwargs)


@pytest.mark.parametrize(
    ("settings", "jobs"),
    [
        ({}, 0),
        ({"zlib_executor_size": None}, 0),
        ({"zlib_executor_size": 100}, 1),
        ({"zlib_executor_size": len(TEXT)}, 0),
    ],
)
async def test_a_large_body_is_compressed_by_the_executor(
    serve: Serve, settings: dict[str, Any], jobs: int
) -> None:
    with Watched() as executor:

        async def handler(request: BaseRequest) -> Response:
            response = Response(text=TEXT, zlib_executor=executor, **settings)
            response.enable_compression()
            return response

        answer = await (await serve(handler)).get("/", "Accept-Encoding: gzip")
        assert decoded(answer) == TEXT.encode()
        assert executor.jobs == jobs


async def test_a_large_piece_of_a_stream_is_compressed_off_the_loop(serve: Serve) -> None:
    threads: list[int] = []
    coding = get_coding("gzip")
    assert coding is not None
    encoder: Any = coding.encoder()
    encode = encoder.encode

    class Recording:
        def __getattr__(self, name: str) -> Any:
            return getattr(encoder, name)

        def encode(self, data: bytes) -> bytes:
            threads.append(threading.get_ident())
            result: bytes = encode(data)
            return result

    written = []

    class Sink(CompressingWriter):
        def __init__(self) -> None: ...

        async def write(self, chunk: bytes | bytearray | memoryview) -> None:
            written.append(bytes(chunk))

        async def write_eof(self, chunk: bytes = b"") -> None:
            written.append(chunk)

    recording: Any = Recording()
    writer = CompressingWriter(Sink(), recording, flushing=False, executor_size=10, executor=None)
    await writer.write(b"small")
    await writer.write(bytearray(b"larger than that"))
    await writer.write_eof(memoryview(b"the end of it all").tobytes())
    here = threading.get_ident()
    assert [thread == here for thread in threads] == [True, False, False]
    assert decoder_of(b"".join(written)) == b"smalllarger than thatthe end of it all"


def decoder_of(data: bytes) -> bytes:
    return zlib.decompress(data, 31)


async def test_the_writer_is_a_writer_all_through() -> None:
    calls: list[Any] = []

    class Inner:
        transport = None

        def __getattr__(self, name: str) -> Any:
            def called(*args: Any) -> Any:
                calls.append(name)
                return asyncio.sleep(0)

            return called

        def enable_chunking(self) -> None:
            calls.append("enable_chunking")

        def send_headers(self) -> None:
            calls.append("send_headers")

    coding = get_coding("gzip")
    assert coding is not None
    inner: Any = Inner()
    writer = CompressingWriter(
        inner, coding.encoder(), flushing=False, executor_size=10, executor=None
    )
    assert writer.transport is None
    writer.enable_chunking()
    writer.send_headers()
    await writer.drain()
    await writer.write_headers("HTTP/1.1 200 OK", CIMultiDict())
    assert calls == ["enable_chunking", "send_headers", "drain", "write_headers"]
