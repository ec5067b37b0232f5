"""The README's program runs as it stands there."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any

from tidegate import web

README = Path(__file__).parent.parent.joinpath("README.md").read_text("utf-8")


async def get(port: int, path: str) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n".encode())
    response = await reader.read()
    writer.close()
    await writer.wait_closed()
    return response.partition(b"\r\n\r\n")[2]


async def test_the_program_serves_what_it_promises() -> None:
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found is not None, "expected a ```python block in README.md"
    program: dict[str, Any] = {"__name__": "program"}
    exec(found[1], program)
    runner = web.AppRunner(program["make_app"]())
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert await get(site.port, "/") == b"Hello, world"
        assert json.loads(await get(site.port, "/users/J%C3%BCrgen")) == {
            "name": "Jürgen",
            "url": "/users/J%C3%BCrgen",
        }
    finally:
        await runner.cleanup()
