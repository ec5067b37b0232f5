"""The README's programs are the documentation, so they run here."""

from __future__ import annotations

import re
import socket
import threading
from pathlib import Path

README = (Path(__file__).parent.parent / "README.md").read_text()


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def exchange(address: tuple[str, int], data: bytes) -> bytes:
    with socket.create_connection(address, timeout=10) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        answer = b""
        while piece := client.recv(65536):
            answer += piece
        return answer


def test_echo_server_runs() -> None:
    names: dict[str, object] = {"__name__": "readme"}
    (echo,) = [block for block in blocks() if "def serve(" in block]
    exec(compile(echo, "README.md", "exec"), names)
    serve = names["serve"]
    assert callable(serve)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = listener.getsockname()
        thread = threading.Thread(
            target=lambda: [serve(listener.accept()[0]) for _ in range(2)], daemon=True
        )
        thread.start()
        post = b"POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello"
        chunked = (
            b"POST /y HTTP/1.1\r\nHost: a\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"
            b"\r\n5\r\nagain\r\n0\r\n\r\n"
        )
        answer = exchange(address, post + chunked)
        assert answer.count(b"HTTP/1.1 200 OK\r\n") == 2
        assert answer.index(b"hello") < answer.index(b"again")
        answer = exchange(address, post + b"GET / HTTP/1.1\r\n\r\n")
        assert b"hello" in answer
        assert b"HTTP/1.1 400 Bad Request\r\n" in answer
        assert b"Host" in answer
        thread.join(timeout=10)
        assert not thread.is_alive()


def test_other_blocks_run() -> None:
    for block in blocks():
        if "def serve(" not in block:
            exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
