"""A file on its way: reads, writes, what goes wrong meanwhile, and what stays open."""

import asyncio
import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict
from tidegate_web_server import (
    Application,
    ClientConnectionResetError,
    Request,
    ResponseWriter,
    StreamResponse,
)
from tidegate_web_static import FileResponse

if TYPE_CHECKING:
    from conftest import Descriptors, Serve

LONG_AGO = 1_700_000_000
LAST_MODIFIED = "Tue, 14 Nov 2023 22:13:20 GMT"
ETAG = '"17979cfe362a0000-c"'  # of index.html: 0xc bytes
BIG = bytes(range(256)) * 4096 * 8  # 8 MiB


@pytest.fixture(autouse=True, params=["sendfile", "copied"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Send large files in both ways."""
    way: str = request.param
    if way == "copied":
        monkeypatch.setattr(ResponseWriter, "can_sendfile", False)
    elif not hasattr(os, "sendfile"):
        pytest.skip("this system has no sendfile")
    return way


async def until(condition: Any) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


class Recording:
    """A transport that keeps what is written to it."""

    def __init__(self, transport: asyncio.Transport, written: list[bytes]) -> None:
        self.transport = transport
        self.written = written

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)

    def write(self, data: bytes) -> None:
        self.written.append(data)
        self.transport.write(data)


def answering(path: Path, **kwargs: Any) -> Any:
    """Make a handler that answers with a file."""

    async def handler(request: Request) -> FileResponse:
        return FileResponse(path, **kwargs)

    return handler


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """Make a file of a GiB, all zeros, that takes no room."""
    path = tmp_path / "huge.bin"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    return path


@pytest.fixture
def big(tmp_path: Path) -> Path:
    path = tmp_path / "big.bin"
    path.write_bytes(BIG)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


async def test_a_file_is_sent_with_its_type_length_and_validators(
    serve: "Serve", root: Path
) -> None:
    served = await serve(answering(root / "index.html"))
    answer = await served.get("/")
    assert (answer.status, answer.body) == (200, b"<p>index</p>")
    assert answer.headers["content-type"] == "text/html"
    assert answer.headers["content-length"] == "12"
    assert answer.headers["last-modified"] == LAST_MODIFIED
    assert answer.headers["etag"] == ETAG
    assert "transfer-encoding" not in answer.headers


async def test_the_connection_carries_one_file_after_the_other(
    serve: "Serve", root: Path, big: Path
) -> None:
    async def handler(request: Request) -> FileResponse:
        return FileResponse(big if request.path == "/big" else root / "index.html")

    served = await serve(handler)
    connection = await served.connect()
    for path, body in (("/", b"<p>index</p>"), ("/big", BIG), ("/", b"<p>index</p>")):
        connection.send("GET", path)
        assert (await connection.answer()).body == body


async def test_head_is_the_head_of_get_without_the_body(
    serve: "Serve", root: Path, big: Path
) -> None:
    for path in (root / "index.html", big, root / "empty.txt"):
        served = await serve(answering(path))
        got = await served.get("/")
        connection = await served.connect()
        connection.send("HEAD", "/", "Connection: close")
        head = await connection.answer(method="HEAD")
        assert await connection.rest() == b""
        for name in ("content-length", "content-type", "etag", "last-modified"):
            assert head.headers[name] == got.headers[name]


async def test_an_empty_file_has_an_empty_body(serve: "Serve", root: Path) -> None:
    served = await serve(answering(root / "empty.txt"))
    answer = await served.get("/")
    assert (answer.status, answer.headers["content-length"], answer.body) == (200, "0", b"")


@pytest.mark.parametrize("chunk_size", [12, 256 * 1024])
async def test_a_small_file_is_one_write_with_its_head(
    serve: "Serve", root: Path, chunk_size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[bytes] = []

    async def handler(request: Request) -> FileResponse:
        transport = request.transport
        assert transport is not None
        monkeypatch.setattr(request.protocol, "transport", Recording(transport, written))
        return FileResponse(root / "index.html", chunk_size=chunk_size)

    served = await serve(handler)
    assert (await served.get("/")).body == b"<p>index</p>"
    assert len(written) == 1


@pytest.mark.parametrize("chunk_size", [1000, 65536, len(BIG) - 1, len(BIG), len(BIG) + 1])
async def test_a_large_file_is_sent_whole(
    serve: "Serve", big: Path, chunk_size: int, open_files: "Descriptors"
) -> None:
    served = await serve(answering(big, chunk_size=chunk_size))
    answer = await served.get("/")
    assert answer.headers["content-length"] == str(len(BIG))
    assert answer.body == BIG
    assert open_files() == 0


async def test_no_more_than_the_client_takes_is_read(
    serve: "Serve", root: Path, huge: Path, open_files: "Descriptors"
) -> None:
    responses: list[FileResponse] = []

    async def handler(request: Request) -> FileResponse:
        responses.append(FileResponse(huge if request.path == "/huge" else root / "index.html"))
        return responses[-1]

    served = await serve(handler)
    slow, other = await served.connect(buffer=4096), await served.connect()
    slow.send("GET", "/huge")
    assert (await slow.head()).headers["content-length"] == str(1 << 30)
    # While others are served a thousand reads, what the kernel's buffers hold is sent, no more.
    for _ in range(1000):
        other.send("GET", "/")
        await other.answer()
    assert responses[0].output_length < 1 << 26
    assert open_files() == 1
    slow.writer.transport.abort()
    await until(lambda: open_files() == 0)


async def test_a_client_that_goes_away_leaves_nothing_open_and_nothing_in_the_log(
    serve: "Serve", huge: Path, open_files: "Descriptors", caplog: pytest.LogCaptureFixture
) -> None:
    served = await serve(answering(huge))
    connection = await served.connect(buffer=1000)
    connection.send("GET", "/")
    await connection.head()
    assert open_files() == 1
    connection.writer.transport.abort()
    await until(lambda: open_files() == 0)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_a_cancelled_request_leaves_nothing_open(
    serve: "Serve", huge: Path, open_files: "Descriptors"
) -> None:
    tasks: list[asyncio.Task[Any]] = []

    async def handler(request: Request) -> FileResponse:
        task = asyncio.current_task()
        assert task is not None
        tasks.append(task)
        return FileResponse(huge)

    served = await serve(handler)
    connection = await served.connect(buffer=1000)
    connection.send("GET", "/")
    await connection.head()
    assert open_files() == 1
    tasks[0].cancel()
    await until(lambda: open_files() == 0)


async def test_a_file_that_shrinks_while_it_is_sent_ends_the_connection(
    serve: "Serve", big: Path, open_files: "Descriptors", caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(request: Request) -> StreamResponse:
        response = FileResponse(big, chunk_size=1000)
        response._found = await response._find(request)
        os.truncate(big, 2500)
        return response

    served = await serve(handler)
    connection = await served.connect()
    connection.send("GET", "/")
    answer = await connection.head()
    assert answer.headers["content-length"] == str(len(BIG))
    try:
        received = await connection.rest()
    except ConnectionResetError:
        received = b""
    assert received == BIG[: len(received)]
    assert len(received) <= 2500
    assert open_files() == 0
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert "became shorter" in record.getMessage()
    assert record.exc_info is None


async def test_a_file_that_grows_while_it_is_sent_is_sent_as_long_as_declared(
    serve: "Serve", big: Path
) -> None:
    async def handler(request: Request) -> StreamResponse:
        response = FileResponse(big, chunk_size=1000)
        response._found = await response._find(request)
        with big.open("ab") as file:
            file.write(b"more")
        return response

    served = await serve(handler)
    connection = await served.connect()
    connection.send("GET", "/", "Connection: close")
    assert (await connection.answer()).body == BIG
    assert await connection.rest() == b""


async def test_a_read_that_fails_ends_the_connection_and_is_logged(
    serve: "Serve",
    big: Path,
    open_files: "Descriptors",
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler(request: Request) -> StreamResponse:
        response = FileResponse(big, chunk_size=1000)
        response._found = await response._find(request)

        def failing(*args: int) -> int:
            raise OSError(5, "Input/output error")

        monkeypatch.setattr(os, "pread", failing)
        monkeypatch.setattr(os, "sendfile", failing)
        return response

    served = await serve(handler)
    connection = await served.connect()
    connection.send("GET", "/")
    with suppress(ConnectionResetError, asyncio.IncompleteReadError):
        await connection.head()
        assert len(await connection.rest()) <= 1000
    assert "Input/output error" in caplog.text
    assert open_files() == 0


@pytest.mark.parametrize(("name", "status"), [("missing.txt", 404), ("css", 403), ("broken", 404)])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_what_can_t_be_sent_is_an_error_without_the_fields_of_the_file(
    serve: "Serve", root: Path, name: str, status: int, method: str
) -> None:
    headers = {
        "Cache-Control": "max-age=31536000, immutable",
        "Content-Type": "text/html",
        "Content-Disposition": "attachment",
        "ETag": '"mine"',
        "X-Mine": "stays",
    }
    served = await serve(answering(root / name, headers=headers, reason="Fine"))
    answer = await served.ask(method, "/", 'If-None-Match: "mine"')
    assert (answer.status, answer.reason) == (
        status,
        {404: "Not Found", 403: "Forbidden"}[status],
    )
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-mine"] == "stays"
    assert not {"cache-control", "content-disposition", "etag", "last-modified"} & set(
        answer.headers
    )
    if method == "GET":
        assert answer.body == f"{status}: {answer.reason}".encode()


async def test_a_fault_of_the_machine_is_a_500(
    serve: "Serve", root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(request: Request) -> FileResponse:
        def failing(*args: object, **kwargs: object) -> int:
            raise OSError(24, "Too many open files")

        monkeypatch.setattr(os, "open", failing)
        return FileResponse(root / "index.html")

    served = await serve(handler)
    answer = await served.get("/")
    assert answer.status == 500
    assert b"open files" not in answer.body
    assert "Too many open files" in caplog.text


@pytest.mark.parametrize("name", ["index.html", "empty.txt", "big.bin"])
async def test_a_file_can_be_sent_chunked(
    serve: "Serve", root: Path, big: Path, name: str
) -> None:
    path = big if name == "big.bin" else root / name

    async def handler(request: Request) -> FileResponse:
        response = FileResponse(path)
        response.enable_chunked_encoding()
        return response

    served = await serve(handler)
    answer = await served.get("/")
    assert answer.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in answer.headers
    assert answer.body == path.read_bytes()


async def test_a_chunked_file_that_shrinks_has_no_last_chunk(serve: "Serve", big: Path) -> None:
    async def handler(request: Request) -> FileResponse:
        response = FileResponse(big, chunk_size=1000)
        response.enable_chunked_encoding()
        response._found = await response._find(request)
        os.truncate(big, 1000)
        # Not even when the handler goes on as if nothing had happened.
        with suppress(ClientConnectionResetError):
            await response.prepare(request)
        return response

    served = await serve(handler)
    connection = await served.connect()
    connection.send("GET", "/")
    await connection.head()
    with suppress(ConnectionResetError):
        assert not (await connection.rest()).endswith(b"0\r\n\r\n")


async def test_status_and_reason_are_those_given(serve: "Serve", root: Path) -> None:
    served = await serve(answering(root / "index.html", status=203, reason="As It Were"))
    answer = await served.get("/")
    assert (answer.status, answer.reason, answer.body) == (203, "As It Were", b"<p>index</p>")


async def test_the_file_is_sent_by_prepare_and_once(serve: "Serve", root: Path) -> None:
    seen: list[Any] = []

    async def handler(request: Request) -> FileResponse:
        response = FileResponse(root / "index.html")
        writer = await response.prepare(request)
        seen.extend([writer is request.writer, response.prepared, response.body_length])
        seen.append(await response.prepare(request))
        return response

    served = await serve(handler)
    connection = await served.connect()
    connection.send("GET", "/", "Connection: close")
    assert (await connection.answer()).body == b"<p>index</p>"
    assert await connection.rest() == b""
    assert seen == [True, True, 12, None]


async def test_signals_see_the_response_before_its_head(serve: "Serve", root: Path) -> None:
    async def add_field(request: Request, response: StreamResponse) -> None:
        assert isinstance(response, FileResponse)
        response.headers["X-Length"] = str(response.content_length)

    app = Application()
    app.on_response_prepare.append(add_field)
    app.router.add_get("/", answering(root / "index.html"))
    served = await serve(app)
    assert (await served.get("/")).headers["x-length"] == "12"


async def test_a_response_that_is_never_sent_holds_no_file(
    serve: "Serve", big: Path, root: Path, open_files: "Descriptors"
) -> None:
    async def handler(request: Request) -> FileResponse:
        dropped = FileResponse(big)
        dropped._found = await dropped._find(request)
        assert open_files() == 1
        del dropped
        return FileResponse(root / "index.html")

    served = await serve(handler)
    assert (await served.get("/")).body == b"<p>index</p>"
    # The thread that opened it lets go of it when it has handed it over.
    await until(lambda: open_files() == 0)


@pytest.mark.parametrize("chunk_size", [0, -1])
def test_a_chunk_has_a_size(chunk_size: int) -> None:
    with pytest.raises(ValueError, match="chunk_size"):
        FileResponse("a", chunk_size=chunk_size)


def test_the_arguments_may_be_positional(tmp_path: Path) -> None:
    response = FileResponse(str(tmp_path / "a"), 10, 201, "Made", {"X-Mine": "1"})
    assert response._path == tmp_path / "a"
    assert (response.status, response.reason) == (201, "Made")
    assert response.headers == CIMultiDict({"X-Mine": "1"})
