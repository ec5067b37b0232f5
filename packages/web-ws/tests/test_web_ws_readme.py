"""The programs of the README run as they are printed there."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from conftest import Masked

README = Path(__file__).parent.parent / "README.md"
CHAT, WITHOUT_IO = re.findall(r"```python\n(.*?)```", README.read_text("utf-8"), re.DOTALL)

HANDSHAKE = (
    b"GET /ws HTTP/1.1\r\nHost: test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)


@pytest.fixture
def chat_port(tmp_path: Path) -> Iterator[int]:
    """Run the chat on a free port; it says when it listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
    program = tmp_path / "chat.py"
    assert "8080" in CHAT
    program.write_text(CHAT.replace("8080", str(port)), "utf-8")
    process = subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    with process.stdout as output:
        assert b"Listening" in output.readline()
        yield port
        process.terminate()
        process.wait(10)


async def test_the_chat_chats(chat_port: int, masked: Masked) -> None:
    async with asyncio.timeout(10):
        peers = []
        for _ in range(2):
            reader, writer = await asyncio.open_connection("127.0.0.1", chat_port)
            writer.write(HANDSHAKE)
            assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
            peers.append((reader, writer))
            # It is in the room when it hears itself, and so does who was there before.
            writer.write(masked(1, b"hi"))
            for listener, _ in peers:
                assert await listener.readexactly(4) == b"\x81\x02hi"
        for _, writer in peers:
            writer.write(masked(8, b"\x03\xe8"))
        for reader, writer in peers:
            assert await reader.read() == b"\x88\x02\x03\xe8"
            writer.close()


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        (HANDSHAKE, b"HTTP/1.1 101 Switching Protocols\r\n"),
        (HANDSHAKE.replace(b"GET", b"PUT"), b"HTTP/1.1 405 Refused\r\n"),
    ],
)
def test_the_echo_without_io_echoes(request_: bytes, answer: bytes, masked: Masked) -> None:
    names: dict[str, object] = {"__name__": "readme"}
    exec(compile(WITHOUT_IO, str(README), "exec"), names)
    serve = names["serve"]
    assert callable(serve)
    ours, theirs = socket.socketpair()

    def run() -> None:
        with theirs:
            serve(theirs)

    thread = threading.Thread(target=run)
    with ours:
        ours.settimeout(10)
        thread.start()
        # The first frame comes with the request.
        ours.sendall(request_ + masked(1, b"early") + masked(9, b"?") + masked(8, b"\x03\xe8"))
        received = b""
        while data := ours.recv(65536):
            received += data
    thread.join(10)
    assert received.startswith(answer)
    if b" 101 " in answer:
        assert received.endswith(b"\x81\x05early\x8a\x01?\x88\x02\x03\xe8")
