"""The head of a file: validators, preconditions, and what else is said about it."""

import email.utils
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict
from tidegate_web_server import Request
from tidegate_web_static import FileResponse

if TYPE_CHECKING:
    from conftest import Descriptors, Serve

LONG_AGO = 1_700_000_000
LAST_MODIFIED = "Tue, 14 Nov 2023 22:13:20 GMT"
ETAG = '"17979cfe362a0000-c"'  # of index.html: 0xc bytes


def answering(path: Path, **kwargs: Any) -> Any:
    """Make a handler that answers with a file."""

    async def handler(request: Request) -> FileResponse:
        return FileResponse(path, **kwargs)

    return handler


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ([f"If-None-Match: {ETAG}"], 304),
        ([f"If-None-Match: W/{ETAG}"], 304),
        (['If-None-Match: "other"', f"If-None-Match: {ETAG}"], 304),
        (["If-None-Match: *"], 304),
        ([f"If-Modified-Since: {LAST_MODIFIED}"], 304),
        (['If-None-Match: "other"'], 200),
        (['If-None-Match: "other"', f"If-Modified-Since: {LAST_MODIFIED}"], 200),
        (["If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT"], 200),
        (["If-Modified-Since: yesterday"], 200),
        ([f"If-Match: {ETAG}"], 200),
        (['If-Match: "other"'], 412),
        (["If-Unmodified-Since: Tue, 14 Nov 2023 22:13:19 GMT"], 412),
        ([f"If-Unmodified-Since: {LAST_MODIFIED}"], 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_preconditions(
    serve: "Serve",
    root: Path,
    open_files: "Descriptors",
    fields: list[str],
    status: int,
    method: str,
) -> None:
    served = await serve(answering(root / "index.html"))
    connection = await served.connect()
    connection.send(method, "/", *fields)
    answer = await connection.answer(method=method)
    assert answer.status == status
    if status == 304:
        assert answer.headers["etag"] == ETAG
        assert answer.headers["last-modified"] == LAST_MODIFIED
        assert not {"content-type", "content-length", "transfer-encoding"} & set(answer.headers)
    elif status == 412:
        assert "etag" not in answer.headers
    elif method == "GET":
        assert answer.body == b"<p>index</p>"
    # No byte of a body that should not be there is between the two.
    connection.send("GET", "/")
    assert (await connection.answer()).body == b"<p>index</p>"
    assert open_files() == 0


@pytest.mark.parametrize(
    ("method", "field"), [("HEAD", "Accept: */*"), ("GET", "If-None-Match: *")]
)
async def test_a_file_whose_content_is_not_asked_for_is_not_read(
    serve: "Serve", root: Path, monkeypatch: pytest.MonkeyPatch, method: str, field: str
) -> None:
    def failing(fd: int, size: int, offset: int) -> bytes:
        raise OSError(5, "Input/output error")

    async def handler(request: Request) -> FileResponse:
        monkeypatch.setattr(os, "pread", failing)
        monkeypatch.setattr(FileResponse, "file_cache", None)
        return FileResponse(root / "index.html")

    served = await serve(handler)
    assert (await served.ask(method, "/", field)).status == (200 if method == "HEAD" else 304)


async def test_preconditions_that_pass_send_a_large_file_whole(serve: "Serve", root: Path) -> None:
    content = os.urandom(300_000)
    (root / "large.bin").write_bytes(content)
    served = await serve(answering(root / "large.bin", chunk_size=100_000))
    answer = await served.get("/", 'If-None-Match: "other"')
    assert answer.body == content


@pytest.mark.parametrize("status", [404, 503])
async def test_an_error_page_has_no_preconditions(serve: "Serve", root: Path, status: int) -> None:
    served = await serve(answering(root / "index.html", status=status))
    answer = await served.get("/", "If-None-Match: *")
    assert (answer.status, answer.body) == (status, b"<p>index</p>")


async def test_an_answer_to_post_has_no_preconditions(serve: "Serve", root: Path) -> None:
    served = await serve(answering(root / "index.html"))
    for field in ('If-Match: "other"', "If-None-Match: *"):
        answer = await served.ask("POST", "/", field, "Content-Length: 0")
        assert (answer.status, answer.body) == (200, b"<p>index</p>")


@pytest.mark.parametrize("age", [0.0, 1.0, -3600.0])
async def test_the_tag_of_a_file_that_may_still_change_within_a_tick_is_weak(
    serve: "Serve", root: Path, age: float
) -> None:
    path = root / "index.html"
    modified = time.time() - age
    os.utime(path, (modified, modified))
    served = await serve(answering(path))
    answer = await served.get("/")
    assert answer.headers["etag"] == f'W/"{path.stat().st_mtime_ns:x}-c"'
    assert (await served.get("/", f"If-None-Match: {answer.headers['etag'][2:]}")).status == 304
    assert (await served.get("/", f"If-Match: {answer.headers['etag'][2:]}")).status == 412


async def test_last_modified_is_never_later_than_date(serve: "Serve", root: Path) -> None:
    path = root / "index.html"
    os.utime(path, (time.time() + 3600, time.time() + 3600))
    served = await serve(answering(path))
    answer = await served.get("/")
    modified, date = (
        email.utils.parsedate_to_datetime(answer.headers[name])
        for name in ("last-modified", "date")
    )
    assert modified <= date


@pytest.mark.parametrize("mtime", [0, 1, -86400])
async def test_a_file_from_before_1970_has_a_date(serve: "Serve", root: Path, mtime: int) -> None:
    path = root / "index.html"
    os.utime(path, (mtime, mtime))
    served = await serve(answering(path))
    answer = await served.get("/")
    expected = email.utils.formatdate(max(mtime, 0), usegmt=True)
    assert answer.headers["last-modified"] == expected


async def test_a_new_version_has_another_tag(serve: "Serve", root: Path) -> None:
    path = root / "index.html"
    served = await serve(answering(path))
    tags = {(await served.get("/")).headers["etag"]}
    path.write_bytes(b"<p>INDEX</p>")
    os.utime(path, ns=(LONG_AGO * 10**9, LONG_AGO * 10**9 + 1))
    tags.add((await served.get("/")).headers["etag"])
    path.write_bytes(b"<p>longer</p>")
    os.utime(path, (LONG_AGO, LONG_AGO))
    tags.add((await served.get("/")).headers["etag"])
    assert len(tags) == 3


async def test_own_fields_take_the_place_of_those_of_the_file(serve: "Serve", root: Path) -> None:
    headers = {
        "Content-Type": "application/x-mine",
        "ETag": 'W/"mine"',
        "Last-Modified": "Sun, 06 Nov 1994 08:49:37 GMT",
        "Content-Disposition": "attachment",
    }
    served = await serve(answering(root / "index.html", headers=headers))
    answer = await served.get("/")
    for name, value in headers.items():
        assert answer.headers[name.lower()] == value
    assert (await served.get("/", 'If-None-Match: "mine"')).status == 304
    assert (await served.get("/", f"If-None-Match: {ETAG}")).status == 200
    assert (await served.get("/", f"If-Modified-Since: {LAST_MODIFIED}")).status == 304
    assert (
        await served.get("/", "If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT")
    ).status == 200


async def test_own_validators_that_are_none_match_nothing(serve: "Serve", root: Path) -> None:
    headers = CIMultiDict({"ETag": "mine", "Last-Modified": "yesterday"})
    served = await serve(answering(root / "index.html", headers=headers))
    assert (await served.get("/", "If-None-Match: mine")).status == 200
    assert (await served.get("/", f"If-Modified-Since: {LAST_MODIFIED}")).status == 200


async def test_a_compressed_svg_is_sent_with_its_coding(serve: "Serve", root: Path) -> None:
    (root / "a.svgz").write_bytes(b"not really")
    served = await serve(answering(root / "a.svgz"))
    answer = await served.get("/")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-encoding"] == "gzip"
    served = await serve(answering(root / "a.svgz", headers={"Content-Encoding": "br"}))
    assert (await served.get("/")).headers["content-encoding"] == "br"
