"""The programs of the README run as they are printed there."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

README = Path(__file__).parent.parent / "README.md"
PROGRAMS = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


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
