"""The program of the README runs as it is printed there."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"


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


def test_the_program_of_the_readme_serves(tmp_path: Path) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    port = free_port()
    assert "8080" in program
    (tmp_path / "program.py").write_text(program.replace("8080", str(port)))
    (tmp_path / "report.csv").write_bytes(b"1,2\n")
    (tmp_path / "static" / "css").mkdir(parents=True)
    (tmp_path / "static" / "css" / "site.css").write_bytes(b"body {}")
    process = subprocess.Popen(
        [sys.executable, tmp_path / "program.py"],
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
    )
    try:
        assert fetch(f"http://127.0.0.1:{port}/report", process) == b"1,2\n"
        assert fetch(f"http://127.0.0.1:{port}/static/css/site.css", process) == b"body {}"
    finally:
        process.terminate()
        output, _ = process.communicate(timeout=10)
    assert output == b"/static/css/site.css\n"
