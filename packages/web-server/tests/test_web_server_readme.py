"""The programs and pieces of the README run as they are printed there."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tidegate_web_server

if TYPE_CHECKING:
    from conftest import Serve

README = Path(__file__).parent.parent / "README.md"
BLOCKS: list[str] = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
PROGRAMS = [block for block in BLOCKS if "asyncio.run(" in block]


def piece(mark: str) -> str:
    """Return the only block with *mark* in it."""
    (block,) = (block for block in BLOCKS if mark in block)
    return block


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


def fetch(url: str, process: subprocess.Popen[bytes]) -> bytes:
    """Ask until the program listens; fail when it ends instead."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                body: bytes = response.read()
                return body
        except OSError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


@pytest.mark.parametrize(
    ("program", "path", "expected"),
    [
        (PROGRAMS[0], "/users/john", b'{"name": "john"}'),
        (PROGRAMS[1], "/any/path", b"GET /any/path"),
    ],
)
def test_the_programs_of_the_readme_serve(
    program: str, path: str, expected: bytes, tmp_path: Path
) -> None:
    port = free_port()
    file = tmp_path / "program.py"
    assert "8080" in program
    file.write_text(program.replace("8080", str(port)))
    process = subprocess.Popen([sys.executable, file], env={**os.environ, "PYTHONUNBUFFERED": "1"})
    try:
        assert fetch(f"http://127.0.0.1:{port}{path}", process) == expected
    finally:
        process.terminate()
        process.wait(10)


class Database:
    """What the README's application connects to."""

    closed = False

    async def close(self) -> None:
        self.closed = True


class DatabaseError(Exception):
    """How it fails."""


async def fails(request: tidegate_web_server.Request) -> tidegate_web_server.Response:
    raise DatabaseError


async def test_the_pieces_of_the_readme_do_what_it_says(serve: Serve) -> None:
    made = Database()

    async def connect() -> Database:
        return made

    first = tidegate_web_server.Application()
    names: dict[str, Any] = {
        **vars(tidegate_web_server),
        "AsyncIterator": AsyncIterator,
        "Handler": Any,
        "time": time,
        "Database": Database,
        "DatabaseError": DatabaseError,
        "connect": connect,
        "app": first,
    }
    for mark in ("app.cleanup_ctx.append", "[timing, normalize", "@app.error_handler"):
        exec(compile(piece(mark), str(README), "exec"), names)
    await (await serve(first)).runner.cleanup()
    assert made.closed
    app: tidegate_web_server.Application = names["app"]
    assert app is not first
    app.router.add_get("/fails/", fails)
    connection = await (await serve(app)).connect()
    answer = await connection.ask("/nothing")
    assert (answer.status, answer.text) == (404, '{"error": "Not Found"}')
    answer = await connection.ask("/fails//")
    assert (answer.status, answer.headers["location"]) == (308, "/fails/")
    answer = await connection.ask("/fails/")
    assert (answer.status, answer.headers["retry-after"]) == (503, "10")


async def test_the_handlers_of_the_readme_that_end_early(serve: Serve) -> None:
    begun = asyncio.Event()
    cancelled = asyncio.Event()

    async def wait_for_long() -> str:
        begun.set()
        try:
            await asyncio.sleep(30)
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return ""

    async def done() -> str:
        return "done"

    names: dict[str, Any] = {
        "next_news": wait_for_long,
        "work_that_is_in_vain_when_nobody_waits": wait_for_long,
        "work_that_should_not_be_left_half_done": done,
    }
    for mark in ("@cancel_on_disconnect", "next_news()"):
        exec(compile(piece(mark), str(README), "exec"), names)
    app = tidegate_web_server.Application()
    for name in ("report", "payment", "poll", "ready"):
        app.router.add_get(f"/{name}", names[name])
    served = await serve(app)
    assert (await served.get("/payment")).text == "done"
    assert (await served.get("/ready")).status == 200
    gone = await served.connect()
    gone.send(b"GET /report HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.wait_for(begun.wait(), 3)
    gone.reset()
    await asyncio.wait_for(cancelled.wait(), 3)
    begun.clear()
    polls = await served.connect()
    polls.send(b"GET /poll HTTP/1.1\r\nHost: a\r\n\r\n")
    await asyncio.wait_for(begun.wait(), 3)
    await served.runner.cleanup()
    assert (await polls.answer()).status == 204


async def test_the_forms_of_the_readme(serve: Serve) -> None:
    names: dict[str, Any] = {}
    for mark in ("client_max_fields=50", "read_chunk(65536)"):
        exec(compile(piece(mark), str(README), "exec"), names)
    app: tidegate_web_server.Application = names["app"]
    app.router.add_post("/upload", names["upload"])
    served = await serve(app)

    async def send(path: str, name: str) -> str:
        form = tidegate_web_server.FormData()
        form.add_field(name, b"content", filename="../me.png")
        payload = form()
        body = await payload.as_bytes()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: {payload.content_type}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return (await served.ask(head.encode() + body)).text

    assert await send("/avatar", "picture") == "me.png: 7 bytes"
    assert await send("/upload", "file") == "7 bytes"


async def test_the_tests_in_the_readme_pass() -> None:
    scope: dict[str, Any] = {"__name__": "readme"}
    exec(PROGRAMS[0], scope)
    exec(piece("test_hello_by_hand"), scope)
    await scope["test_hello_over_a_socket"]()
    await scope["test_hello_by_hand"]()
