"""Responses that are written piece by piece, and what every response shares."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    Application,
    BaseRequest,
    Request,
    Response,
    ResponseKey,
    StreamResponse,
)

if TYPE_CHECKING:
    from conftest import Serve

KEY = ResponseKey("key", int)


def attempt(action: Any, *args: Any) -> str:
    """Call what should be refused; return why it was."""
    try:
        action(*args)
    except RuntimeError as exc:
        return str(exc)
    return "accepted"


async def attempt_to_await(awaitable: Any) -> str:
    """Await what should be refused; return why it was."""
    try:
        await awaitable
    except (RuntimeError, TypeError) as exc:
        return f"{type(exc).__name__}: {exc}"
    return "accepted"


# --- storage ---


def test_a_response_is_a_mapping_that_is_true_and_equal_only_to_itself() -> None:
    response = StreamResponse()
    assert response
    assert len(response) == 0
    assert list(response) == []
    assert response == response
    assert response != StreamResponse()
    assert len({response, StreamResponse()}) == 2
    with pytest.raises(KeyError):
        response["nothing"]
    with pytest.raises(KeyError):
        del response["nothing"]
    response[KEY] = 1
    response["text"] = "x"
    assert response[KEY] == 1
    assert list(response) == [KEY, "text"]
    assert len(response) == 2
    del response[KEY]
    assert KEY not in response


# --- the head before it is sent ---


def test_status_and_reason_can_be_changed() -> None:
    response = StreamResponse(status=404, reason="Gone Fishing")
    assert (response.status, response.reason) == (404, "Gone Fishing")
    response.set_status(503)
    assert (response.status, response.reason) == (503, "Service Unavailable")
    response.set_status(299)
    assert response.status == 299
    assert repr(response).startswith("<StreamResponse ")
    assert "not prepared" in repr(response)


def test_headers_are_a_copy_of_the_author_s() -> None:
    own = {"X-Own": "1"}
    response = StreamResponse(headers=own)
    response.headers["X-Own"] = "2"
    assert own == {"X-Own": "1"}


def test_the_content_length_can_be_set_and_unset() -> None:
    response = StreamResponse()
    assert response.content_length is None
    response.content_length = 10
    assert response.headers["Content-Length"] == "10"
    assert response.content_length == 10
    response.content_length = None
    assert "Content-Length" not in response.headers
    response.content_length = None
    with pytest.raises(ValueError, match="0 or more, got -1"):
        response.content_length = -1


def test_a_body_has_one_framing() -> None:
    response = StreamResponse(headers={"Content-Length": "1"})
    with pytest.raises(RuntimeError, match="can't enable chunked encoding"):
        response.enable_chunked_encoding()
    assert not response.chunked
    response = StreamResponse()
    response.enable_chunked_encoding()
    assert response.chunked
    with pytest.raises(RuntimeError, match="can't set a content length"):
        response.content_length = 1


def test_content_type_and_charset_can_be_set() -> None:
    response = StreamResponse()
    with pytest.raises(RuntimeError, match="set the content type first"):
        response.charset = "utf-8"
    response.content_type = "text/html"
    assert response.headers["Content-Type"] == "text/html"
    assert response.charset is None
    response.charset = "UTF-8"
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    response.content_type = "text/plain"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    response.charset = None
    assert response.headers["Content-Type"] == "text/plain"


def test_other_parameters_of_the_content_type_are_kept() -> None:
    response = StreamResponse(headers={"Content-Type": "text/plain; format=flowed"})
    response.charset = "utf-8"
    assert response.headers["Content-Type"] == "text/plain; format=flowed; charset=utf-8"


def test_parameters_of_the_content_type_stay_quoted() -> None:
    response = StreamResponse(headers={"Content-Type": 'multipart/mixed; boundary="a b"'})
    response.charset = "utf-8"
    assert response.headers["Content-Type"] == 'multipart/mixed; boundary="a b"; charset=utf-8'
    with pytest.raises(ValueError, match="expected no control character in parameter charset"):
        response.charset = "utf-8\r\nX: y"


def test_an_invalid_content_type_can_be_replaced() -> None:
    response = StreamResponse(headers={"Content-Type": "nonsense"})
    assert response.content_type == "application/octet-stream"
    response.charset = "utf-8"
    assert response.headers["Content-Type"] == "application/octet-stream; charset=utf-8"


def test_there_is_no_way_back_from_force_close() -> None:
    response = StreamResponse()
    assert response.keep_alive is None
    response.force_close()
    assert response.keep_alive is False


# --- the state machine ---


async def test_writing_before_prepare_is_refused() -> None:
    response = StreamResponse()
    with pytest.raises(RuntimeError, match=r"Cannot call write\(\) before prepare\(\)"):
        await response.write(b"x")
    with pytest.raises(RuntimeError, match="call prepare"):
        await response.write_eof()
    assert response.body_length == response.output_length == 0


async def test_the_states_of_a_response(serve: Serve) -> None:
    seen: list[Any] = []
    text: Any = "text"

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        writer = await response.prepare(request)
        seen.append(await response.prepare(request) is writer)
        seen.append((response.prepared, response.keep_alive, response.chunked))
        seen.append(repr(response))
        seen.append(attempt(response.set_status, 404))
        seen.append(await attempt_to_await(response.write(text)))
        seen.append(response.task is request.task)
        await response.write(b"abc")
        await response.write(b"")
        await response.write(bytearray(b"de"))
        await response.write(memoryview(b"fg"))
        seen.append(response.body_length)
        await response.write_eof(b"h")
        seen.append((response.body_length, response.output_length > 100, response.prepared))
        seen.append(repr(response))
        seen.append(await response.prepare(request))
        seen.append(await attempt_to_await(response.write(b"late")))
        await response.write_eof(b"ignored")
        return response

    assert (await (await serve(handler)).get("/path")).body == b"abcdefgh"
    assert seen == [
        True,
        (True, True, True),
        "<StreamResponse OK GET /path>",
        "Cannot change the status code after the headers have been sent",
        "TypeError: data argument must be byte-ish (not str)",
        True,
        7,
        (8, True, True),
        "<StreamResponse OK eof>",
        None,
        "RuntimeError: Cannot call write() after write_eof()",
    ]


async def test_the_head_is_sent_before_the_first_piece(serve: Serve) -> None:
    go = asyncio.Event()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await go.wait()
        await response.write(b"data: 1\n\n")
        return response

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    head = await asyncio.wait_for(connection.reader.readuntil(b"\r\n\r\n"), 3)
    assert b"text/event-stream" in head
    go.set()
    assert await connection.reader.readexactly(9 + 3 + 2) == b"9\r\ndata: 1\n\n\r\n"


async def test_each_piece_is_sent_at_once(serve: Serve) -> None:
    pieces: asyncio.Queue[bytes] = asyncio.Queue()

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(headers={"Content-Length": "6"})
        await response.prepare(request)
        while response.body_length < 6:
            await response.write(await pieces.get())
        return response

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    await connection.reader.readuntil(b"\r\n\r\n")
    for piece in (b"ab", b"cd", b"ef"):
        pieces.put_nowait(piece)
        assert await asyncio.wait_for(connection.reader.readexactly(2), 3) == piece


async def test_a_stream_without_a_content_type_has_the_default_one(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse(status=int(request.path[1:]))
        await response.prepare(request)
        return response

    served = await serve(handler)
    assert (await served.get("/200")).headers["content-type"] == "application/octet-stream"
    assert "content-type" not in (await served.get("/204")).headers
    assert "content-type" not in (await served.get("/304")).headers


async def test_what_is_empty_has_no_content_type_by_default(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        return Response(content_type="image/png" if request.path == "/typed" else None)

    served = await serve(handler)
    assert "content-type" not in (await served.get("/")).headers
    assert (await served.get("/typed")).headers["content-type"] == "image/png"


async def test_chunked_encoding_for_http_1_0_is_a_body_that_the_close_ends(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b"all")
        return response

    served = await serve(handler)
    answer = await served.ask(b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
    assert "transfer-encoding" not in answer.headers
    assert answer.headers["connection"] == "close"
    assert answer.body == b"all"


# --- on_response_prepare ---


async def test_the_signal_sees_every_response_and_may_change_it(serve: Serve) -> None:
    async def prepare(request: Request, response: StreamResponse) -> None:
        seen.append((request.path, response.status, response.prepared))
        response.headers["X-Signal"] = "1"
        if isinstance(response, Response):
            response.text = "changed"

    async def stream(request: Request) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        return response

    async def plain(request: Request) -> Response:
        return Response(text="x")

    seen: list[tuple[str, int, bool]] = []
    app = Application()
    app.on_response_prepare.append(prepare)
    app.router.add_get("/stream", stream)
    app.router.add_get("/plain", plain)
    connection = await (await serve(app)).connect()
    for path in ("/stream", "/plain", "/nothing"):
        assert (await connection.ask(path)).headers["x-signal"] == "1"
    assert [entry[:2] for entry in seen] == [("/stream", 200), ("/plain", 200), ("/nothing", 404)]
    assert (await connection.ask("/plain")).text == "changed"


async def test_the_signal_sees_the_default_fields(serve: Serve) -> None:
    async def prepare(request: Request, response: StreamResponse) -> None:
        assert {"Date", "Server", "Content-Type"} <= set(response.headers)
        del response.headers["Server"]
        response.headers["Connection"] = "close"

    async def handler(request: Request) -> Response:
        return Response(body=b"bytes")

    app = Application()
    app.on_response_prepare.append(prepare)
    app.router.add_get("/", handler)
    connection = await (await serve(app)).connect()
    answer = await connection.ask("/")
    assert "server" not in answer.headers
    assert answer.headers["connection"] == "close"
    assert await connection.closed()


async def test_the_signal_may_choose_the_framing(serve: Serve) -> None:
    async def prepare(request: Request, response: StreamResponse) -> None:
        if request.path == "/length":
            response.content_length = 3
        else:
            response.enable_chunked_encoding()

    async def handler(request: Request) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        await response.write(b"abc")
        return response

    app = Application()
    app.on_response_prepare.append(prepare)
    app.router.add_get("/{x}", handler)
    connection = await (await serve(app)).connect()
    answer = await connection.ask("/length")
    assert answer.headers["content-length"] == "3"
    assert "transfer-encoding" not in answer.headers
    assert (await connection.ask("/chunked")).headers["transfer-encoding"] == "chunked"


async def test_drain_is_deprecated_and_knows_its_states(serve: Serve) -> None:
    errors: list[str] = []

    async def drain(response: StreamResponse) -> None:
        with pytest.warns(DeprecationWarning, match=r"drain\(\) is deprecated: write\(\) waits"):
            errors.append(await attempt_to_await(response.drain()))

    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await drain(response)
        await response.prepare(request)
        await response.write(b"x")
        await drain(response)
        await response.write_eof()
        await drain(response)
        return response

    assert (await (await serve(handler)).get("/")).body == b"x"
    assert errors == [
        "RuntimeError: Response has not been started: call prepare() first",
        "accepted",
        "RuntimeError: Response has already been ended by write_eof()",
    ]
