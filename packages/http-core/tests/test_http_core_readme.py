"""The README's programs are the documentation, so they run here."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tidegate_http_core import RequestParser

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


def function(name: str) -> Callable[..., Any]:
    """Return a function of that name from the program that defines it."""
    names: dict[str, Any] = {"__name__": "readme"}
    (block,) = [block for block in blocks() if f"def {name}(" in block]
    exec(compile(block, "README.md", "exec"), names)
    defined: Callable[..., Any] = names[name]
    return defined


def test_echo_server_runs() -> None:
    serve = function("serve")
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


@pytest.mark.parametrize(
    ("fields", "sent"),
    [
        (b"", b""),
        (b"X: y\r\nTE: trailers\r\nConnection: te\r\n", b"X: y\r\n"),
        (b"Connection: x, keep-alive\r\nX: y\r\nKeep-Alive: 5\r\n", b""),
        (b"Content-Length: 05\r\nX: y\r\n", b"X: y\r\nContent-Length: 5\r\n"),
        (b"Connection: content-length\r\nContent-Length: 5\r\n", b"Content-Length: 5\r\n"),
        (b"Connection: host\r\nUpgrade: x\r\n", b""),
        (b"transfer-encoding: chunked\r\n", b"Transfer-Encoding: chunked\r\n"),
    ],
)
def test_proxy_rewrites_a_head(fields: bytes, sent: bytes) -> None:
    head = RequestParser().feed(b"POST /x HTTP/1.1\r\nHost: a\r\n" + fields + b"\r\n")[0]
    assert function("rewrite")(head, "192.0.2.1") == (
        b"POST /x HTTP/1.1\r\nHost: a\r\n"
        + sent
        + b"Via: 1.1 edge\r\nForwarded: for=192.0.2.1\r\n\r\n"
    )


def test_capture_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    client, server = tmp_path / "client", tmp_path / "server"
    client.write_bytes(
        b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
        b"HEAD /b HTTP/1.1\r\nHost: a\r\n\r\nGET /c HTTP/1.1\r\nHost: a\r\n\r\n"
    )
    server.write_bytes(
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nabc"
        b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nHTTP/1.1 200 OK\r\n\r\nuntil close"
    )
    (block,) = [block for block in blocks() if "def summary(" in block]
    monkeypatch.setattr("sys.argv", ["summary", str(client), str(server)])
    exec(compile(block, "README.md", "exec"), {"__name__": "__main__"})
    assert capsys.readouterr().out.splitlines() == [
        "POST /a -> 201 Created, 3 bytes",
        "HEAD /b -> 200 OK, 0 bytes",
        "GET /c -> 200 OK, 11 bytes",
    ]


@pytest.mark.parametrize("block", blocks())
def test_every_block_runs(block: str) -> None:
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
