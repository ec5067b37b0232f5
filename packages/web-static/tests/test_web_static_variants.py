"""Compressed files beside a file, over the wire, and files that come from memory."""

import asyncio
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import Application, Request
from tidegate_web_static import FileCache, FileResponse, StaticResource

if TYPE_CHECKING:
    from conftest import Serve

LONG_AGO = 1_700_000_000


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    site.mkdir()
    for suffix in ("", ".br", ".gz"):
        path = site / f"app.js{suffix}"
        path.write_bytes(b"app" + suffix.encode())
        os.utime(path, (LONG_AGO, LONG_AGO))
    return site


def application(site: Path, **kwargs: Any) -> Application:
    app = Application()
    app.router.add_static("/s", site, **kwargs)

    async def handler(request: Request) -> FileResponse:
        return FileResponse(site / "app.js")

    app.router.add_get("/app", handler)
    return app


PATHS = ["/s/app.js", "/app"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("accepted", "coding", "body"),
    [
        ("gzip, deflate, br", "br", b"app.br"),
        ("gzip", "gzip", b"app.gz"),
        ("br;q=0.1, gzip", "gzip", b"app.gz"),
        ("zstd", None, b"app"),
        ("br;q=0", None, b"app"),
    ],
)
async def test_a_variant_is_sent_to_those_who_accept_it(
    serve: "Serve", site: Path, path: str, accepted: str, coding: str | None, body: bytes
) -> None:
    served = await serve(application(site))
    answer = await served.get(path, f"Accept-Encoding: {accepted}")
    assert answer.body == body
    assert answer.headers.get("content-encoding") == coding
    assert answer.headers["content-type"] == "text/javascript"
    assert answer.headers["vary"] == "Accept-Encoding"
    head = await served.ask("HEAD", path, f"Accept-Encoding: {accepted}")
    assert head.headers["content-length"] == str(len(body))


@pytest.mark.parametrize("path", PATHS)
async def test_each_variant_has_its_own_tag(serve: "Serve", site: Path, path: str) -> None:
    # Of the same size and time, so that only the coding tells them apart.
    for suffix in (".br", ".gz"):
        (site / f"app.js{suffix}").write_bytes(b"xyz")
        os.utime(site / f"app.js{suffix}", (LONG_AGO, LONG_AGO))
    served = await serve(application(site))
    tags = {}
    for coding in ("br", "gzip", "identity"):
        answer = await served.get(path, f"Accept-Encoding: {coding}")
        tags[coding] = answer.headers["etag"]
    assert len(set(tags.values())) == 3
    for coding, tag in tags.items():
        fields = [f"If-None-Match: {tag}", f"Accept-Encoding: {coding}"]
        answer = await served.get(path, *fields)
        assert (answer.status, answer.headers["vary"]) == (304, "Accept-Encoding")
    answer = await served.get(path, f"If-None-Match: {tags['br']}", "Accept-Encoding: gzip")
    assert answer.status == 200


async def test_ranges_are_of_the_variant(serve: "Serve", site: Path) -> None:
    served = await serve(application(site))
    answer = await served.get("/s/app.js", "Accept-Encoding: br", "Range: bytes=4-5")
    assert (answer.status, answer.body) == (206, b"br")
    assert answer.headers["content-range"] == "bytes 4-5/6"
    assert answer.headers["content-encoding"] == "br"


async def test_variants_can_be_left_out(serve: "Serve", site: Path) -> None:
    served = await serve(application(site, precompressed=False))
    answer = await served.get("/s/app.js", "Accept-Encoding: br")
    assert answer.body == b"app"
    assert not {"vary", "content-encoding"} & set(answer.headers)


async def test_a_coding_that_was_set_by_hand_stays(serve: "Serve", site: Path) -> None:
    async def handler(request: Request) -> FileResponse:
        return FileResponse(site / "app.js", headers={"Content-Encoding": "identity"})

    served = await serve(handler)
    answer = await served.get("/", "Accept-Encoding: br")
    assert (answer.body, answer.headers["content-encoding"]) == (b"app", "identity")


async def test_own_fields_stay_with_a_variant(serve: "Serve", site: Path) -> None:
    async def handler(request: Request) -> FileResponse:
        return FileResponse(
            site / "app.js", headers={"Content-Type": "text/plain", "Vary": "Origin"}
        )

    served = await serve(handler)
    connection = await served.connect()
    connection.send("GET", "/", "Accept-Encoding: br")
    connection.writer.write(b"")
    head = (await connection.reader.readuntil(b"\r\n\r\n")).decode()
    assert "Content-Type: text/plain\r\n" in head
    assert "Content-Encoding: br\r\n" in head
    assert "Vary: Origin\r\n" in head
    assert "Vary: Accept-Encoding\r\n" in head
    assert await connection.reader.readexactly(6) == b"app.br"


async def settled(path: Path) -> None:
    """Wait until nothing has changed a file for as long as the cache wants it."""
    while time.time_ns() - path.stat().st_ctime_ns < 2_100_000_000:
        await asyncio.sleep(0.05)


async def test_a_settled_file_is_read_once_and_its_changes_are_seen(
    serve: "Serve", site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = FileCache()
    app = application(site, cache=cache)
    monkeypatch.setattr(FileResponse, "file_cache", FileCache())
    served = await serve(app)
    await settled(site / "app.js")
    opened = 0
    open_one = os.open

    def counting(*args: Any, **kwargs: Any) -> int:
        nonlocal opened
        opened += 1
        return open_one(*args, **kwargs)

    for path in PATHS:
        assert (await served.get(path)).body == b"app"
    assert len(cache) == 1
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", counting)
        for path in PATHS:
            answer = await served.get(path)
            assert answer.body == b"app"
            tag = answer.headers["etag"]
            assert (await served.get(path, f"If-None-Match: {tag}")).status == 304
            assert (await served.get(path, "Range: bytes=1-1")).body == b"p"
            head = await served.ask("HEAD", path)
            assert head.headers["content-length"] == "3"
        assert opened == 0
    (site / "app.js").write_bytes(b"new")
    for path in PATHS:
        assert (await served.get(path)).body == b"new"
    (site / "app.js").unlink()
    for path in PATHS:
        assert (await served.get(path)).status == 404


async def test_a_head_request_leaves_the_file_for_the_next_one(serve: "Serve", site: Path) -> None:
    cache = FileCache()
    served = await serve(application(site, cache=cache))
    await settled(site / "app.js")
    await served.ask("HEAD", "/s/app.js")
    assert len(cache) == 1


async def test_without_a_cache_every_request_opens_the_file(serve: "Serve", site: Path) -> None:
    app = Application()
    resource = app.router.add_static("/s", site, cache=None)
    assert isinstance(resource, StaticResource)
    served = await serve(app)
    for _ in range(2):
        assert (await served.get("/s/app.js")).body == b"app"
