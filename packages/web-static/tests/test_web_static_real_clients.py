"""Programs that people use: curl, aiohttp's client, httpx, and Chromium with a page."""

import asyncio
import gzip
import json
import os
import shutil
import struct
import wave
import zlib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import aiohttp
import httpx
import pytest
from tidegate_web_server import Application, Request, Response, StreamResponse, middleware

if TYPE_CHECKING:
    from conftest import Serve, Served

pytestmark = pytest.mark.real

LONG_AGO = 1_700_000_000
BIG = os.urandom(3 << 20)
TEXT = b"const answer = 42;\n" * 500


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site"
    site.mkdir()
    (site / "big.bin").write_bytes(BIG)
    (site / "app.js").write_bytes(TEXT)
    (site / "app.js.gz").write_bytes(gzip.compress(TEXT))
    for path in site.iterdir():
        os.utime(path, (LONG_AGO, LONG_AGO))
    return site


async def start(serve: "Serve", site: Path) -> tuple["Served", str]:
    app = Application()
    app.router.add_static("/s", site, show_index=True)
    served = await serve(app)
    return served, f"http://127.0.0.1:{served.site.port}/s"


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian's package {package})")
    return found


async def run(*command: str) -> tuple[int, bytes]:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(30):
        output, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, output


# --- curl ---


async def test_curl_goes_on_with_a_download(serve: "Serve", site: Path, tmp_path: Path) -> None:
    curl = program("curl", "curl")
    _, url = await start(serve, site)
    target = tmp_path / "download"
    target.write_bytes(BIG[:1_000_000])
    code, _ = await run(curl, "-sf", "-C", "-", "-o", str(target), f"{url}/big.bin")
    assert code == 0
    assert target.read_bytes() == BIG


async def test_curl_asks_for_what_is_newer_only(serve: "Serve", site: Path) -> None:
    curl = program("curl", "curl")
    _, url = await start(serve, site)
    status = ["-s", "-o", os.devnull, "-w", "%{http_code} %{size_download}"]
    assert (await run(curl, *status, "-z", "Wed, 15 Nov 2023 00:00:00 GMT", f"{url}/app.js"))[
        1
    ] == b"304 0"
    _, answer = await run(curl, *status, "-z", "Mon, 13 Nov 2023 00:00:00 GMT", f"{url}/app.js")
    assert answer == b"200 %d" % len(TEXT)


async def test_curl_sends_paths_as_they_are(serve: "Serve", site: Path) -> None:
    curl = program("curl", "curl")
    (site.parent / "secret.txt").write_bytes(b"secret")
    _, url = await start(serve, site)
    for path in ("/../../secret.txt", "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt"):
        _, answer = await run(curl, "-s", "--path-as-is", "-w", "%{http_code}", url + path)
        assert answer.endswith(b"404")
        assert b"secret" not in answer


async def test_curl_decodes_a_variant_and_several_ranges_arrive(
    serve: "Serve", site: Path
) -> None:
    curl = program("curl", "curl")
    _, url = await start(serve, site)
    _, content = await run(curl, "-sf", "--compressed", f"{url}/app.js")
    assert content == TEXT
    _, content = await run(curl, "-sf", "-r", "5-9,2000000-2000004", f"{url}/big.bin")
    assert BIG[5:10] in content
    assert BIG[2_000_000:2_000_005] in content


# --- clients in Python ---


async def test_aiohttp_reads_files(serve: "Serve", site: Path) -> None:
    _, url = await start(serve, site)
    async with aiohttp.ClientSession() as session:
        for _ in range(2):
            async with session.get(f"{url}/app.js") as answer:
                assert await answer.read() == TEXT
                assert answer.headers["Content-Encoding"] == "gzip"
                etag = answer.headers["ETag"]
            async with session.get(f"{url}/big.bin") as answer:
                assert await answer.read() == BIG
            async with session.get(f"{url}/app.js", headers={"If-None-Match": etag}) as answer:
                assert (answer.status, await answer.read()) == (304, b"")
            async with session.get(f"{url}/big.bin", headers={"Range": "bytes=-7"}) as answer:
                assert (answer.status, await answer.read()) == (206, BIG[-7:])
            async with session.head(f"{url}/big.bin") as answer:
                assert answer.content_length == len(BIG)


async def test_httpx_reads_files(serve: "Serve", site: Path) -> None:
    _, url = await start(serve, site)
    async with httpx.AsyncClient(trust_env=False) as client:
        for _ in range(2):
            answer = await client.get(f"{url}/app.js")
            assert (answer.content, answer.headers["content-encoding"]) == (TEXT, "gzip")
            assert (await client.get(f"{url}/big.bin")).content == BIG
            answer = await client.get(f"{url}/big.bin", headers={"Range": "bytes=9-10"})
            assert (answer.status_code, answer.content) == (206, BIG[9:11])
            answer = await client.get(f"{url}/missing")
            assert answer.status_code == 404


# --- a browser ---

PAGE = """<!DOCTYPE html>
<title>page</title>
<link rel="stylesheet" href="site.css">
<script src="first.js"></script>
<script type="module" src="second.mjs"></script>
<img src="picture.png">
<video src="tone.wav" preload="metadata"></video>
<script>
const video = document.querySelector("video"), image = document.querySelector("img");
addEventListener("load", async () => {
  const result = {};
  try {
    result.first = first;
    result.second = (await import("./second.mjs")).second;
    result.color = getComputedStyle(document.body).color;
    await image.decode();
    result.image = [image.naturalWidth, image.naturalHeight];
    if (video.readyState < 1)
      await new Promise((resolve) => video.addEventListener("loadedmetadata", resolve));
    result.duration = Math.round(video.duration);
    const seeked = new Promise((resolve) => video.addEventListener("seeked", resolve));
    video.currentTime = 500;
    await seeked;
    result.at = Math.round(video.currentTime);
    const listing = await (await fetch("folder/")).text();
    const parsed = new DOMParser().parseFromString(listing, "text/html");
    result.links = [...parsed.links].map((link) => link.textContent);
    const odd = [...parsed.links].at(-2).getAttribute("href");
    result.odd = await (await fetch(odd)).text();
  } catch (error) { result.error = String(error); }
  fetch("/result", {method: "POST", body: JSON.stringify(result)});
});
</script>
"""


def png(width: int, height: int) -> bytes:
    """Draw a picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        checked = kind + data
        return struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = (b"\0" + b"\x20\x80\xc0" * width) * height
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def make_page(site: Path) -> None:
    (site / "index.html").write_text(PAGE)
    (site / "site.css").write_bytes(b"body { color: rgb(1, 2, 3); }")
    (site / "first.js").write_bytes(b"var first = 'plain';")
    # Only one who was sent the variant, and decoded it, can know what is in it.
    (site / "first.js.gz").write_bytes(gzip.compress(b"var first = 'from the variant';"))
    (site / "second.mjs").write_bytes(b"export const second = 'module';")
    (site / "picture.png").write_bytes(png(30, 20))
    folder = site / "folder"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"a")
    (folder / "<b>&'\"#?%20.txt").write_bytes(b"odd")
    # Ten minutes of silence, 50 MiB: more than a browser loads before it is asked to play.
    with wave.open(str(site / "tone.wav"), "wb") as sound:
        sound.setparams((1, 2, 44100, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 44100 * 600))


async def browse(url: str, profile: Path) -> asyncio.subprocess.Process:
    chromium = program("chromium", "chromium")
    return await asyncio.create_subprocess_exec(
        chromium,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--autoplay-policy=no-user-gesture-required",
        f"--user-data-dir={profile}",
        url,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )


async def test_a_browser_loads_a_page_and_seeks_in_a_media_file(
    serve: "Serve", site: Path, tmp_path: Path
) -> None:
    make_page(site)
    result: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
    ranges: list[str] = []
    statuses: dict[str, int] = {}

    @middleware
    async def watch(
        request: Request, handler: Callable[[Request], Awaitable[StreamResponse]]
    ) -> StreamResponse:
        if "Range" in request.headers:
            ranges.append(request.headers["Range"])
        response = await handler(request)
        statuses[request.path] = response.status
        return response

    async def take(request: Request) -> Response:
        result.set_result(json.loads(await request.text()))
        return Response()

    app = Application(middlewares=[watch])
    app.router.add_post("/result", take)
    app.router.add_static("/", site, index="index.html", show_index=True)
    served = await serve(app)
    browser = await browse(f"http://127.0.0.1:{served.site.port}/", tmp_path / "profile")
    try:
        async with asyncio.timeout(60):
            seen = await result
    finally:
        with suppress(ProcessLookupError):
            browser.terminate()
        await browser.wait()
    assert seen == {
        "first": "from the variant",
        "second": "module",
        "color": "rgb(1, 2, 3)",
        "image": [30, 20],
        "duration": 600,
        "at": 500,
        "links": ["../", "<b>&'\"#?%20.txt", "a.txt"],
        "odd": "odd",
    }
    # It went to where the sound is, and did not load what lies before.
    starts = [int(value.removeprefix("bytes=").split("-")[0]) for value in ranges]
    assert max(starts) > 30 << 20
