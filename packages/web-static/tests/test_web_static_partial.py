"""Ranges over the wire: 206, 416, multipart/byteranges, If-Range."""

import email.parser
import email.policy
import gzip
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import ContentCoding, Request, ResponseWriter
from tidegate_web_static import FileResponse

if TYPE_CHECKING:
    from conftest import Serve

LONG_AGO = 1_700_000_000
SAME = "Tue, 14 Nov 2023 22:13:20 GMT"
CONTENT = os.urandom(700_000)


@pytest.fixture(params=["small", "large", "copied"])
def path(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a file that is read whole, one for sendfile, and one that is read in chunks."""
    if request.param == "copied":
        monkeypatch.setattr(ResponseWriter, "can_sendfile", False)
    path = tmp_path / "file.bin"
    path.write_bytes(CONTENT[:5000] if request.param == "small" else CONTENT)
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def answering(path: Path, **kwargs: Any) -> Any:
    async def handler(request: Request) -> FileResponse:
        return FileResponse(path, **kwargs)

    return handler


@pytest.mark.parametrize(
    ("value", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=1000-1999", 1000, 1999),
        ("bytes=4990-", 4990, -1),
        ("bytes=-10", -10, -1),
        ("bytes=0-", 0, -1),
        ("bytes=1-", 1, -1),
    ],
)
async def test_one_range(serve: "Serve", path: Path, value: str, first: int, last: int) -> None:
    size = path.stat().st_size
    first, last = first % size, last % size
    served = await serve(answering(path))
    connection = await served.connect()
    for _ in range(2):
        connection.send("GET", "/", f"Range: {value}")
        answer = await connection.answer()
        assert answer.status == 206
        assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
        assert answer.headers["content-length"] == str(last - first + 1)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert {"etag", "last-modified", "accept-ranges"} <= set(answer.headers)
        assert answer.body == CONTENT[first : last + 1]
    connection.send("GET", "/")
    assert (await connection.answer()).body == CONTENT[:size]


async def test_several_ranges(serve: "Serve", path: Path) -> None:
    size = path.stat().st_size
    served = await serve(answering(path))
    answer = await served.get("/", "Range: bytes=1000-1009, 0-4,-5")
    assert answer.status == 206
    assert "content-range" not in answer.headers
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(
        b"Content-Type: " + answer.headers["content-type"].encode() + b"\r\n\r\n" + answer.body
    )
    assert message.get_content_type() == "multipart/byteranges"
    parts = [(part["Content-Range"], part.get_content()) for part in message.iter_parts()]
    assert parts == [
        (f"bytes 1000-1009/{size}", CONTENT[1000:1010]),
        (f"bytes 0-4/{size}", CONTENT[:5]),
        (f"bytes {size - 5}-{size - 1}/{size}", CONTENT[size - 5 : size]),
    ]


async def test_a_range_that_is_not_there(serve: "Serve", path: Path) -> None:
    size = path.stat().st_size
    served = await serve(answering(path, headers={"Cache-Control": "max-age=60"}))
    connection = await served.connect()
    connection.send("GET", "/", f"Range: bytes={size}-")
    answer = await connection.answer()
    assert answer.status == 416
    assert answer.headers["content-range"] == f"bytes */{size}"
    assert not {"etag", "cache-control", "last-modified"} & set(answer.headers)
    connection.send("GET", "/", "Range: bytes=1-1")
    assert (await connection.answer()).body == CONTENT[1:2]


@pytest.mark.parametrize(
    ("method", "fields"),
    [
        ("GET", ["Range: lines=1-2"]),
        ("GET", ["Range: bytes=2-1"]),
        ("GET", ["Range: bytes=0-1", "Range: bytes=4-5"]),
        ("GET", ["Range: bytes=0-10", 'If-Range: "other"']),
        ("GET", ["Range: bytes=0-10", "If-Range: Tue, 14 Nov 2023 22:13:19 GMT"]),
        ("POST", ["Range: bytes=0-10", "Content-Length: 0"]),
    ],
)
async def test_a_range_that_does_not_count(
    serve: "Serve", path: Path, method: str, fields: list[str]
) -> None:
    served = await serve(answering(path))
    answer = await served.ask(method, "/", *fields)
    assert (answer.status, answer.body) == (200, CONTENT[: path.stat().st_size])
    assert answer.headers["accept-ranges"] == "bytes"


async def test_a_head_request_has_no_ranges(serve: "Serve", path: Path) -> None:
    served = await serve(answering(path))
    answer = await served.ask("HEAD", "/", "Range: bytes=0-10")
    assert answer.status == 200
    assert answer.headers["content-length"] == str(path.stat().st_size)


async def test_a_download_goes_on_if_the_file_is_the_same(serve: "Serve", path: Path) -> None:
    served = await serve(answering(path))
    etag = (await served.get("/")).headers["etag"]
    for condition in (etag, SAME):
        answer = await served.get("/", "Range: bytes=100-199", f"If-Range: {condition}")
        assert (answer.status, answer.body) == (206, CONTENT[100:200])


async def test_preconditions_come_first(serve: "Serve", path: Path) -> None:
    served = await serve(answering(path))
    etag = (await served.get("/")).headers["etag"]
    assert (await served.get("/", "Range: bytes=0-1", f"If-None-Match: {etag}")).status == 304
    assert (await served.get("/", "Range: bytes=0-1", 'If-Match: "x"')).status == 412
    assert (await served.get("/", "Range: bytes=9999999-", f"If-None-Match: {etag}")).status == 304
    assert (await served.get("/", "Range: bytes=0-1", 'If-None-Match: "x"')).status == 206


async def test_other_answers_than_200_have_no_ranges(serve: "Serve", path: Path) -> None:
    served = await serve(answering(path, status=203))
    assert (await served.get("/", "Range: bytes=0-1")).status == 203


async def test_a_chunked_answer_has_no_ranges(serve: "Serve", path: Path) -> None:
    async def handler(request: Request) -> FileResponse:
        response = FileResponse(path)
        response.enable_chunked_encoding()
        return response

    served = await serve(handler)
    answer = await served.get("/", "Range: bytes=0-1")
    assert (answer.status, answer.body) == (200, CONTENT[: path.stat().st_size])


async def test_an_answer_that_is_compressed_on_its_way_has_no_ranges(
    serve: "Serve", path: Path
) -> None:
    async def handler(request: Request) -> FileResponse:
        response = FileResponse(path)
        response.enable_compression(ContentCoding.gzip)
        return response

    served = await serve(handler)
    for fields in ([], ["Range: bytes=0-1"]):
        answer = await served.get("/", "Accept-Encoding: gzip", *fields)
        assert (answer.status, answer.headers["content-encoding"]) == (200, "gzip")
        assert gzip.decompress(answer.body) == CONTENT[: path.stat().st_size]


async def test_a_file_that_is_cut_within_a_range_ends_the_connection(
    serve: "Serve", path: Path
) -> None:
    async def handler(request: Request) -> FileResponse:
        response = FileResponse(path, chunk_size=100)
        response._found = await response._find(request)
        os.truncate(path, 50)
        return response

    served = await serve(handler)
    connection = await served.connect()
    connection.send("GET", "/", "Range: bytes=10-4000")
    head = await connection.head()
    assert head.status == 206
    try:
        received = await connection.rest()
    except ConnectionResetError:
        received = b""
    assert received == CONTENT[10 : 10 + len(received)]
    assert len(received) <= 40
