"""Responses as clients that nobody here wrote read them: aiohttp's, httpx and curl."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
from tidegate_web_server import (
    Application,
    HTTPFound,
    Request,
    Response,
    StreamResponse,
    json_response,
)

if TYPE_CHECKING:
    from conftest import Serve

TEXT = "one two three, é; " * 2000


@pytest.fixture
async def base(serve: Serve, tmp_path: Path) -> str:
    """Serve one of each kind of response, and return the URL."""
    path = tmp_path / "a file.txt"
    path.write_text(TEXT, encoding="utf-8")

    async def text(request: Request) -> Response:
        response = Response(text=TEXT)
        response.etag = "tag"
        response.last_modified = 0
        response.set_cookie("a", "b c", httponly=True)
        response.enable_compression()
        return response

    async def file(request: Request) -> Response:
        response = Response(body=open(path, "rb"))  # noqa: SIM115 - the response closes it
        response.enable_compression()
        return response

    async def generator(request: Request) -> Response:
        async def generate() -> AsyncIterator[bytes]:
            for at in range(0, len(TEXT), 1000):
                yield TEXT[at : at + 1000].encode()

        return Response(body=generate(), content_type="text/plain", charset="utf-8")

    async def stream(request: Request) -> StreamResponse:
        response = StreamResponse(headers={"Content-Type": "text/plain; charset=utf-8"})
        response.enable_compression()
        await response.prepare(request)
        for at in range(0, len(TEXT), 1000):
            await response.write(TEXT[at : at + 1000].encode())
        return response

    async def data(request: Request) -> Response:
        return json_response({"é": [1, None]})

    async def move(request: Request) -> Response:
        raise HTTPFound(request.app.router["text"].url_for())

    app = Application()
    app.router.add_get("/text", text, name="text")
    app.router.add_get("/file", file)
    app.router.add_get("/generator", generator)
    app.router.add_get("/stream", stream)
    app.router.add_get("/json", data)
    app.router.add_get("/move", move)
    return f"http://127.0.0.1:{(await serve(app)).site.port}"


KINDS = ["text", "file", "generator", "stream", "move"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("accept", ["gzip", "deflate", "identity"])
async def test_aiohttp_s_client_reads_it(base: str, kind: str, accept: str) -> None:
    headers = {"Accept-Encoding": accept}
    async with aiohttp.ClientSession(base, headers=headers) as session:
        for _ in range(2):
            async with session.get(f"/{kind}") as answer:
                assert answer.status == 200
                assert await answer.text("utf-8") == TEXT
            async with session.head(f"/{kind}", allow_redirects=True) as answer:
                assert answer.status == 200
                assert await answer.read() == b""
        async with session.get("/json") as answer:
            assert await answer.json() == {"é": [1, None]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("accept", ["gzip", "deflate", "identity"])
async def test_httpx_reads_it(base: str, kind: str, accept: str) -> None:
    headers = {"Accept-Encoding": accept}
    async with httpx.AsyncClient(base_url=base, headers=headers, follow_redirects=True) as client:
        for _ in range(2):
            answer = await client.get(f"/{kind}")
            assert answer.status_code == 200
            assert answer.content.decode() == TEXT
            assert (await client.head(f"/{kind}")).content == b""
        assert (await client.get("/json")).json() == {"é": [1, None]}


@pytest.mark.real
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs the program curl (Debian: curl)")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", [["--compressed"], ["--http1.0"], []])
async def test_curl_reads_it(base: str, kind: str, options: list[str]) -> None:
    async def curl(*arguments: str) -> bytes:
        process = await asyncio.create_subprocess_exec(
            "curl",
            "--silent",
            "--show-error",
            "--fail",
            "--location",
            "--max-time",
            "10",
            *options,
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        assert process.returncode == 0, err.decode()
        return out

    assert (await curl(f"{base}/{kind}")).decode() == TEXT
    assert b"200 OK" in await curl("--head", f"{base}/{kind}")
    data: Any = json.loads(await curl(f"{base}/json"))
    assert data == {"é": [1, None]}
