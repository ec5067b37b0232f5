"""Forms and uploads that clients nobody here wrote send over real sockets."""

from __future__ import annotations

import asyncio
import io
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from tidegate_web_server import (
    Application,
    AppRunner,
    BodyPartReader,
    FileField,
    MultipartWriter,
    Request,
    Response,
    TCPSite,
    json_response,
)

BIG = bytes(range(256)) * 4096  # 1 MiB: several segments, and a file on disk


async def form(request: Request) -> Response:
    """Answer with what ``post()`` returns."""
    fields: list[Any] = []
    for name, value in (await request.post()).items():
        if isinstance(value, FileField):
            content = value.file.read()
            seen = "BIG" if content == BIG else content.decode("latin-1")
            fields.append([name, value.filename, value.content_type, seen])
        else:
            fields.append([name, value if isinstance(value, str) else list(value)])
    return json_response(fields)


async def stream(request: Request) -> Response:
    """Answer with the parts, read piece by piece."""
    parts: list[Any] = []
    async for part in await request.multipart():
        assert isinstance(part, BodyPartReader)
        size = 0
        while piece := await part.read_chunk():
            size += len(piece)
        parts.append([part.name, size])
    return json_response(parts)


async def mixed(request: Request) -> Response:
    writer = MultipartWriter("mixed")
    writer.append("text")
    writer.append_json({"a": 1})
    writer.append(BIG, {"Content-Encoding": "gzip"})
    return Response(body=writer)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    app = Application(client_max_size=2**23)
    app.router.add_post("/form", form)
    app.router.add_post("/stream", stream)
    app.router.add_get("/mixed", mixed)
    runner = AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{site.port}"
    await runner.cleanup()


async def test_aiohttp_sends_a_form(url: str) -> None:
    data = aiohttp.FormData()
    data.add_field("a name", "ä")
    data.add_field("empty", "")
    raw = io.BytesIO(b"\x00\xff")
    data.add_field("raw", raw, content_type="application/x-raw")
    data.add_field("file", BIG, filename="b.bin", content_type="image/png")
    async with aiohttp.ClientSession() as session, session.post(url + "/form", data=data) as got:
        assert got.status == 200
        assert await got.json() == [
            ["a name", "ä"],
            ["empty", ""],
            ["raw", "raw", "application/x-raw", "\x00\xff"],
            ["file", "b.bin", "image/png", "BIG"],
        ]


async def test_aiohttp_sends_an_urlencoded_form(url: str) -> None:
    fields = {"a b": "ä&=+%", "c": ""}
    async with aiohttp.ClientSession() as session, session.post(url + "/form", data=fields) as got:
        assert await got.json() == [["a b", "ä&=+%"], ["c", ""]]


async def test_aiohttp_sends_parts_with_encodings(url: str) -> None:
    async with aiohttp.ClientSession() as session:
        with aiohttp.MultipartWriter("form-data") as writer:
            part = writer.append(BIG)
            part.set_content_disposition("form-data", name="x")
        async with session.post(url + "/stream", data=writer) as got:
            assert await got.json() == [["x", len(BIG)]]


async def test_aiohttp_reads_what_a_writer_wrote(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(url + "/mixed") as got:
        reader = aiohttp.MultipartReader.from_response(got)
        contents = []
        while (part := await reader.next()) is not None:
            assert isinstance(part, aiohttp.BodyPartReader)
            part._max_decompress_size = 2**22
            contents.append(bytes(await part.read(decode=True)))
        assert contents == [b"text", b'{"a": 1}', BIG]


async def test_httpx_sends_a_form(url: str) -> None:
    async with httpx.AsyncClient() as client:
        got = await client.post(
            url + "/form",
            data={"a": ["1", "ä"]},
            files={"file": ('q"ü.txt', BIG, "text/plain"), "none": ("", b"")},
        )
        fields = got.json()
        assert fields[:2] == [["a", "1"], ["a", "ä"]]
        assert fields[2] == ["file", "q%22ü.txt", "text/plain", "BIG"]
        got = await client.post(url + "/form", data={"a b": "ä&=+%"})
        assert got.json() == [["a b", "ä&=+%"]]


async def test_httpx_streams_an_upload(url: str) -> None:
    async with httpx.AsyncClient() as client:
        got = await client.post(url + "/stream", files={"file": ("f", BIG * 4)})
        assert got.json() == [["file", 4 * len(BIG)]]


@pytest.mark.real
async def test_curl_sends_a_form(url: str, tmp_path: Path) -> None:
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed (Debian: curl)")
    (tmp_path / "big.bin").write_bytes(BIG)
    (tmp_path / "text.txt").write_text("hello")
    arguments = [
        *("-F", "text=ä b"),
        *("-F", "typed=x;type=text/csv"),
        *("-F", f'quoted=@{tmp_path / "text.txt"};filename="a\\"b\\\\c.txt"'),
        *("-F", f"big=@{tmp_path / 'big.bin'}"),
    ]
    process = await asyncio.create_subprocess_exec(
        curl, "-sS", "--max-time", "30", *arguments, url + "/form", stdout=asyncio.subprocess.PIPE
    )
    answer, _ = await process.communicate()
    fields = json.loads(answer)
    assert fields[:2] == [["text", "ä b"], ["typed", "x"]]
    assert fields[2][0] == "quoted"
    # Escaped with backslashes or, from curl 7.81 on, percent signs.
    assert fields[2][1] in ('a"b\\c.txt', "a%22b\\c.txt", "a%22b\\\\c.txt")
    assert fields[3] == ["big", "big.bin", "application/octet-stream", "BIG"]
    process = await asyncio.create_subprocess_exec(
        curl, "-sS", "--max-time", "30", "-H", "Transfer-Encoding: chunked", *arguments[-2:],
        url + "/stream", stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    answer, _ = await process.communicate()
    assert json.loads(answer) == [["big", len(BIG)]]
