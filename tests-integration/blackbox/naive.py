"""A server as one writes it in an hour, wrong in most of the ways that the suite knows.

It is here so that the suite can be seen to fail; nothing else uses it. It takes Content-Length for
what ``int`` takes, looks for ``chunked`` anywhere, splits lines at LF, folds, trims, keeps
connections open for ever, and believes its handlers.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import sys
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qsl, unquote

PAGES = {
    "/alive": b"alive",
    "/ignore": b"ignored",
    "/stream": b"onetwo",
    "/short": b"12345",
    "/long": b"12345HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
}
LENGTHS = {"/short": 10, "/long": 5}


async def read_head(reader: asyncio.StreamReader) -> tuple[list[str], dict[str, str]]:
    line = (await reader.readline()).decode("latin-1").split()
    fields: dict[str, str] = {}
    while True:
        raw = (await reader.readline()).decode("latin-1").strip()
        if not raw:
            return line, fields
        name, _, value = raw.partition(":")
        fields[name.strip().lower()] = value.strip()


async def read_body(reader: asyncio.StreamReader, fields: dict[str, str]) -> bytes:
    if "chunked" in fields.get("transfer-encoding", "").lower():
        body = b""
        while True:
            size = int((await reader.readline()).split(b";")[0], 16)
            body += await reader.readexactly(size)
            await reader.readline()
            if not size:
                return body
    return await reader.readexactly(int(fields.get("content-length", "0")))


def read_file(path: str) -> tuple[int, bytes]:
    try:
        return 200, Path(path).read_bytes()
    except OSError:
        return 500, b""


def read_form(fields: dict[str, str], body: bytes) -> bytes:
    if "boundary=" in fields["content-type"]:
        boundary = fields["content-type"].partition("boundary=")[2].encode()
        parts = [part.partition(b"\r\n\r\n") for part in body.split(b"--" + boundary)[1:-1]]
        pairs = [(head.split(b'"')[1].decode(), data[:-2].decode()) for head, _, data in parts]
    else:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    return "&".join(f"{name}={value}" for name, value in pairs).encode()


def read_body_of(path: str, fields: dict[str, str], body: bytes) -> tuple[int, bytes]:
    try:
        if path == "/form":
            return 200, read_form(fields, body)
        return 200, json.dumps(type(json.loads(body)).__name__).encode()
    except Exception:
        return 500, b""


async def talk(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fields: dict[str, str]
) -> None:
    """Send every message of a WebSocket back, whatever it is."""
    key = fields.get("sec-websocket-key", "") + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
    writer.write(
        b"HTTP/1.1 101 X\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept.encode() + b"\r\n\r\n"
    )
    while True:
        first, second = await reader.readexactly(2)
        size = second & 127
        if size > 125:
            size = int.from_bytes(await reader.readexactly(2 if size == 126 else 8))
        mask = await reader.readexactly(4)
        data = await reader.readexactly(size)
        data = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
        writer.write(bytes([first, size & 127]) + data)
        if first & 15 == 8:
            return


async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            line, fields = await read_head(reader)
            if not line:
                break
            method, target = line[:2]
            if "expect" in fields:
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = await read_body(reader, fields)
            path = unquote(target.partition("?")[0])
            status, answer = 200, PAGES.get(path, b"")
            if path == "/echo":
                answer = f"{method} {target} ".encode() + body
            elif path == "/text":
                answer = body
            elif path in ("/form", "/json"):
                status, answer = read_body_of(path, fields, body)
            elif path == "/socket":
                await talk(reader, writer, fields)
                break
            elif path.startswith("/bodiless/"):
                status, answer = int(path[-3:]), b"HTTP/1.1 200 OK\r\n\r\n"
            elif path.startswith("/static/"):
                status, answer = read_file(sys.argv[1] + path.removeprefix("/static"))
            elif path not in PAGES:
                status = 404
            length = LENGTHS.get(path, len(answer))
            writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {length}\r\n\r\n".encode())
            writer.write(answer)
            await writer.drain()
    except (ValueError, asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main() -> None:
    server = await asyncio.start_server(connection, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
