"""A page in a real browser chats with the server."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tidegate_web_server import BaseRequest, Response, StreamResponse
from tidegate_web_ws import WebSocketResponse, WSMsgType, broadcast

if TYPE_CHECKING:
    from conftest import Serve

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(BROWSER is None, reason="needs Debian's package chromium"),
]

# What the page finds out it reports in a request.
PAGE = """<!doctype html><title>Chat</title><pre></pre><script>
const lines = document.querySelector("pre"), large = "\\u20ac".repeat(100000);
const ws = new WebSocket(`ws://${location.host}/ws`, ["other", "chat"]);
ws.binaryType = "arraybuffer";
ws.onopen = () => { ws.send("hello"); ws.send(new Uint8Array([0, 255])); ws.send(large); };
ws.onmessage = ({data}) => {
  if (typeof data !== "string") lines.append("bytes " + new Uint8Array(data).join(" ") + "\\n");
  else lines.append((data === large ? "large" : data) + "\\n");
  if (lines.textContent.includes("large")) ws.close(4001, "enough");
};
ws.onclose = ({code, wasClean}) => {
  lines.append(`closed ${code} ${wasClean} ${ws.protocol} ${ws.extensions}`);
  fetch("/report?lines=" + encodeURIComponent(lines.textContent));
};
</script>"""


async def test_a_page_chats(serve: Serve, tmp_path: Path) -> None:
    ended: asyncio.Future[tuple[int | None, str | None]]
    ended = asyncio.get_running_loop().create_future()
    reported: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    room: set[WebSocketResponse] = set()

    async def handler(request: BaseRequest) -> StreamResponse:
        if request.path == "/report":
            reported.set_result(request.query["lines"])
            return Response()
        if request.path != "/ws":
            return Response(text=PAGE, content_type="text/html")
        ws = WebSocketResponse(protocols=["chat"], origins=["same"], heartbeat=5)
        await ws.prepare(request)
        room.add(ws)
        async for message in ws:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
                assert broadcast(room, message.data).sent == 1
        ended.set_result((ws.close_code, ws.close_reason))
        return ws

    served = await serve(handler)
    assert BROWSER is not None
    browser = await asyncio.create_subprocess_exec(
        BROWSER,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}",
        f"http://127.0.0.1:{served.port}/",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    try:
        async with asyncio.timeout(60):
            page = await reported
            how = await ended
    finally:
        browser.kill()
        await browser.wait()
    assert "hello\nbytes 0 255\nlarge\nclosed 4001 true chat permessage-deflate" in page
    assert how == (4001, "enough")
