"""Responses whose bodies are payloads: what is sent, and that what they hold is let go of."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import aiohttp
import pytest
from tidegate_web_server import (
    Application,
    BaseRequest,
    BytesPayload,
    JsonPayload,
    Request,
    Response,
    StreamResponse,
    StringPayload,
)

if TYPE_CHECKING:
    from conftest import Log, Serve, Until

LARGE = bytes(range(256)) * 4096  # a MiB


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.txt"
    path.write_bytes(b"0123456789")
    return path


class Opened:
    """Opens a file for each request and remembers it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files: list[IO[bytes]] = []

    def __call__(self) -> IO[bytes]:
        self.files.append(open(self.path, "rb"))  # noqa: SIM115 - the response closes it
        return self.files[-1]

    @property
    def all_closed(self) -> bool:
        return bool(self.files) and all(file.closed for file in self.files)


# --- what is described ---


@pytest.mark.parametrize(
    ("arguments", "content_type", "body"),
    [
        ({"body": "é"}, "text/plain; charset=utf-8", b"\xc3\xa9"),
        ({"body": "é", "charset": "latin-1"}, "text/plain; charset=latin-1", b"\xe9"),
        ({"body": "é", "content_type": "text/html"}, "text/html", b"\xc3\xa9"),
        (
            {"body": "é", "content_type": "text/html", "charset": "latin-1"},
            "text/html; charset=latin-1",
            b"\xe9",
        ),
        (
            {"body": "é", "headers": {"Content-Type": "a/b; charset=latin-1"}},
            "a/b; charset=latin-1",
            b"\xe9",
        ),
        ({"body": JsonPayload([1])}, "application/json", b"[1]"),
        ({"body": JsonPayload([1]), "content_type": "a/b"}, "a/b", b"[1]"),
        ({"body": BytesPayload(b"x", content_type="image/png")}, "image/png", b"x"),
        ({"body": io.BytesIO(b"abc")}, "application/octet-stream", b"abc"),
        ({"body": io.StringIO("abc")}, "text/plain; charset=utf-8", b"abc"),
    ],
)
async def test_a_payload_brings_its_type_and_length(
    serve: Serve, arguments: dict[str, Any], content_type: str, body: bytes
) -> None:
    response = Response(**arguments)
    assert response.headers["Content-Type"] == content_type
    assert response.content_length == len(body)
    assert response.body is not None

    async def handler(request: BaseRequest) -> Response:
        return response

    connection = await (await serve(handler)).connect()
    for method in ("GET", "HEAD", "GET"):
        answer = await connection.ask("/", method=method)
        assert answer.headers["content-type"] == content_type
        assert answer.headers["content-length"] == str(len(body))
        assert answer.body == (b"" if method == "HEAD" else body)


def test_text_is_what_a_payload_decodes_to() -> None:
    response = Response(body="é", charset="latin-1")
    assert response.text == "é"
    assert isinstance(response.body, StringPayload)
    response.body = io.BytesIO(b"abc")
    assert response.text == "abc"
    response.body = b"bytes"
    assert response.body == b"bytes"
    assert response.content_length == 5
    response.body = "text"
    assert response.content_length == 4
    response.text = "other"
    assert response.body == b"other"
    response.body = None
    assert response.content_length == 0


def test_fields_of_a_payload_give_way_to_those_of_the_response(path: Path) -> None:
    with open(path, "rb") as file:
        response = Response(body=file, headers={"content-disposition": "inline"})
        assert response.headers.getall("Content-Disposition") == ["inline"]
        assert response.headers["Content-Type"] == "text/plain"
        payload = BytesPayload(b"", headers=[("X-Own", "1"), ("X-Own", "2")])
        assert Response(body=payload).headers.getall("X-Own") == ["1", "2"]


def test_a_positional_body_is_deprecated() -> None:
    with pytest.warns(DeprecationWarning, match=r"give it by name: Response\(text="):
        response = Response("All right!")
    assert response.text == "All right!"
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    with pytest.raises(TypeError, match="given by name"):
        Response("a", 200)
    with pytest.raises(TypeError, match="given by name"):
        Response("a", body=b"b")
    with (
        pytest.warns(DeprecationWarning, match="by name"),
        pytest.raises(ValueError, match="not allowed together"),
    ):
        Response("a", text="b")


# --- files ---


async def test_a_file_is_sent_and_closed(serve: Serve, path: Path, until: Until) -> None:
    opened = Opened(path)

    async def handler(request: BaseRequest) -> Response:
        return Response(body=opened())

    connection = await (await serve(handler)).connect()
    for method in ("GET", "HEAD", "GET"):
        answer = await connection.ask("/", method=method)
        assert answer.headers["content-length"] == "10"
        assert answer.headers["content-disposition"] == 'attachment; filename="file.txt"'
        assert answer.body == (b"" if method == "HEAD" else b"0123456789")
    await until(lambda: opened.all_closed)


@pytest.mark.parametrize("status", [204, 304])
async def test_a_file_that_is_not_sent_is_closed(
    serve: Serve, path: Path, until: Until, status: int
) -> None:
    opened = Opened(path)

    async def handler(request: BaseRequest) -> Response:
        return Response(body=opened(), status=status)

    assert (await (await serve(handler)).get("/")).status == status
    await until(lambda: opened.all_closed)


async def test_a_file_is_closed_when_its_response_can_t_be_prepared(
    serve: Serve, path: Path, until: Until, log: Log
) -> None:
    opened = Opened(path)

    async def fail(request: Request, response: StreamResponse) -> None:
        raise ValueError("in the signal")

    async def handler(request: Request) -> Response:
        return Response(body=opened())

    app = Application()
    app.router.add_get("/", handler)
    app.on_response_prepare.append(fail)
    assert (await (await serve(app)).get("/")).status == 500
    assert "in the signal" in str(log.take_one().exc_info)
    await until(lambda: opened.all_closed)


async def test_a_file_is_closed_when_its_client_goes_away(
    serve: Serve, tmp_path: Path, until: Until
) -> None:
    path = tmp_path / "large"
    path.write_bytes(LARGE * 16)
    opened = Opened(path)

    async def handler(request: BaseRequest) -> Response:
        return Response(body=opened())

    served = await serve(handler)
    connection = await served.connect(receive_buffer=4096)
    connection.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    await connection.reader.readexactly(1000)
    assert not opened.files[0].closed
    connection.reset()
    await until(lambda: opened.all_closed)


async def test_a_file_that_became_shorter_is_cut_off(
    serve: Serve, path: Path, until: Until, log: Log
) -> None:
    opened = Opened(path)

    async def handler(request: BaseRequest) -> Response:
        response = Response(body=opened())
        path.write_bytes(b"012")
        return response

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    data, _ = await connection.until_lost()
    assert b"Content-Length: 10" in data or data == b""
    assert not data.endswith(b"0123456789")
    assert "7 bytes shorter" in str(log.take_one().exc_info)
    await until(lambda: opened.all_closed)


async def test_a_file_of_the_wrong_length_is_refused(serve: Serve, path: Path, log: Log) -> None:
    opened = Opened(path)

    async def handler(request: BaseRequest) -> Response:
        return Response(body=opened(), headers={"Content-Length": "5"})

    assert (await (await serve(handler)).get("/")).status == 500
    assert "says 5 bytes and its body has 10" in str(log.take_one().exc_info)
    assert opened.all_closed


async def test_a_file_is_sent_once(serve: Serve, path: Path, log: Log) -> None:
    with open(path, "rb") as file:
        shared = Response(body=file)

        async def handler(request: BaseRequest) -> Response:
            return shared

        served = await serve(handler)
        assert (await served.get("/")).body == b"0123456789"
        assert (await served.get("/")).status == 500
        assert "make a response for each request" in str(log.take_one().exc_info)


# --- streams ---


async def test_an_async_generator_is_sent_as_it_comes(serve: Serve) -> None:
    async def generate(count: int) -> AsyncIterator[bytes]:
        for number in range(count):
            yield b"%d;" % number

    async def handler(request: BaseRequest) -> Response:
        return Response(body=generate(3), content_type="text/csv")

    served = await serve(handler)
    connection = await served.connect()
    for _ in range(2):
        answer = await connection.ask("/")
        assert answer.body == b"0;1;2;"
        assert answer.headers["transfer-encoding"] == "chunked"
        assert answer.headers["content-type"] == "text/csv"
    assert (await served.ask(b"GET / HTTP/1.0\r\n\r\n")).body == b"0;1;2;"


async def test_a_stream_is_sent_once(serve: Serve, log: Log) -> None:
    async def generate() -> AsyncIterator[bytes]:
        yield b"x"

    shared = Response(body=generate())
    assert shared.content_length is None
    with pytest.raises(TypeError, match="read by writing it"):
        shared.text  # noqa: B018 - the property raises

    async def handler(request: BaseRequest) -> Response:
        return shared

    served = await serve(handler)
    assert (await served.get("/")).body == b"x"
    assert (await served.get("/")).status == 500
    assert "make a response for each request" in str(log.take_one().exc_info)


async def test_a_generator_is_ended_and_not_asked_for_head(serve: Serve, until: Until) -> None:
    ended = []

    async def generate() -> AsyncIterator[bytes]:
        try:
            yield b"x"
            raise AssertionError("a body that is not sent was asked for")
        finally:
            ended.append(True)

    async def handler(request: BaseRequest) -> Response:
        generator = generate()
        assert await anext(generator) == b"x"
        return Response(body=generator)

    served = await serve(handler)
    answer = await served.ask(b"HEAD / HTTP/1.1\r\nHost: h\r\n\r\n", method="HEAD")
    assert answer.status == 200
    await until(lambda: bool(ended))


async def test_a_generator_that_fails_at_once_is_a_500(serve: Serve, log: Log) -> None:
    async def fail() -> AsyncIterator[bytes]:
        if not LARGE:
            yield b""
        raise ValueError("in the generator")

    async def handler(request: BaseRequest) -> Response:
        return Response(body=fail())

    assert (await (await serve(handler)).get("/")).status == 500
    assert "in the generator" in str(log.take_one().exc_info)


async def test_a_generator_that_fails_later_cuts_the_body_off(serve: Serve, log: Log) -> None:
    async def fail() -> AsyncIterator[bytes]:
        yield b"part"
        raise ValueError("in the generator")

    async def handler(request: BaseRequest) -> Response:
        return Response(body=fail())

    connection = await (await serve(handler)).connect()
    connection.send(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
    data, _ = await connection.until_lost()
    assert not data.endswith(b"0\r\n\r\n")
    assert "in the generator" in str(log.take()[0].exc_info)


# --- payloads that somebody else made ---


async def test_the_payloads_of_aiohttp_are_bodies(serve: Serve, path: Path) -> None:
    async def handler(request: BaseRequest) -> Response:
        body: Any
        if request.path == "/bytes":
            body = aiohttp.BytesPayload(b"0123456789")
        elif request.path == "/file":
            body = aiohttp.get_payload(open(path, "rb"))  # noqa: SIM115 - closed by the response
        elif request.path == "/json":
            body = aiohttp.JsonPayload("01234567")
        else:
            body = aiohttp.MultipartWriter("form-data", boundary="b")
            body.append("0123456789")
        response = Response(body=body)
        assert response.body is body
        return response

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        assert (await connection.ask("/bytes")).body == b"0123456789"
        answer = await connection.ask("/file")
        assert answer.body == b"0123456789"
        assert answer.headers["content-type"] == "text/plain"
        assert (await connection.ask("/json")).body == b'"01234567"'
        answer = await connection.ask("/multipart")
        assert answer.headers["content-type"] == "multipart/form-data; boundary=b"
        assert answer.body.startswith(b"--b\r\n")
        assert answer.body.endswith(b"0123456789\r\n--b--\r\n")
        assert (await connection.ask("/multipart", method="HEAD")).status == 200


async def test_a_payload_needs_no_more_than_it_is_asked_for(serve: Serve) -> None:
    class Minimal:
        size = None
        content_type = "a/b"

        def __init__(self) -> None:
            self.headers = {"X-Own": "1"}

        def decode(self) -> str:
            return ""

        async def write(self, writer: Any) -> None:
            await writer.write(b"minimal")

    minimal = Minimal()

    async def handler(request: BaseRequest) -> Response:
        return Response(body=minimal)

    connection = await (await serve(handler)).connect()
    for _ in range(2):
        answer = await connection.ask("/")
        assert answer.body == b"minimal"
        assert answer.headers["content-type"] == "a/b"
        assert answer.headers["x-own"] == "1"
