"""A client that sends bytes as they are and says what came back, field by field."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

WAIT = 10
"""Seconds until a server that does not answer is given up; nothing here is to take as long."""


def request(
    target: str = "/",
    *fields: str,
    method: str = "GET",
    body: bytes | None = None,
    version: str = "1.1",
    host: str | None = "example.com",
) -> bytes:
    """Return a request; Content-Length is added for a body."""
    lines = [f"{method} {target} HTTP/{version}"]
    lines += [f"Host: {host}"] if host is not None else []
    lines += fields
    lines += [f"Content-Length: {len(body)}"] if body is not None else []
    # latin-1 with surrogates: what a test writes as \udcXX is the byte XX.
    head = "\r\n".join(lines) + "\r\n\r\n"
    return head.encode("utf-8", "surrogateescape") + (body or b"")


def form(target: str, body: bytes, content_type: str, *fields: str, method: str = "POST") -> bytes:
    """Return a request with a body of a type."""
    return request(target, f"Content-Type: {content_type}", *fields, method=method, body=body)


@dataclass
class Answer:
    """One response."""

    status: int
    reason: str
    headers: dict[str, list[str]] = field(default_factory=dict)
    """Names in lower case."""
    body: bytes = b""
    chunked: bool = False
    complete: bool = True


class Client:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @classmethod
    async def connect(cls, host: str, port: int) -> Client:
        """Connect."""
        return cls(*await asyncio.open_connection(host, port))

    async def send(self, data: bytes) -> None:
        """Send bytes."""
        self._writer.write(data)
        await self._writer.drain()

    def end(self) -> None:
        """Close the sending side."""
        self._writer.write_eof()

    async def read(self, size: int = 65536) -> bytes:
        """Return some bytes, b"" at the end."""
        async with asyncio.timeout(WAIT):
            try:
                return await self._reader.read(size)
            except ConnectionError:
                return b""

    async def exactly(self, size: int) -> bytes:
        """Return so many bytes."""
        async with asyncio.timeout(WAIT):
            return await self._reader.readexactly(size)

    async def line(self) -> bytes:
        """Return a line without its end."""
        async with asyncio.timeout(WAIT):
            return (await self._reader.readline()).removesuffix(b"\r\n")

    async def answer(self, method: str = "GET") -> Answer | None:
        """Return the next response, None when the connection ended instead."""
        async with asyncio.timeout(WAIT):
            try:
                return await self._answer(method)
            except ConnectionError:
                return None

    async def _answer(self, method: str) -> Answer | None:
        line = (await self._reader.readline()).decode("latin-1").removesuffix("\r\n")
        if not line:
            return None
        _, status, reason = (line + " ").split(" ", 2)
        answer = Answer(int(status), reason.removesuffix(" "))
        while line := (await self._reader.readline()).decode("latin-1").removesuffix("\r\n"):
            name, _, value = line.partition(":")
            answer.headers.setdefault(name.lower(), []).append(value.strip())
        try:
            await self._read_body(answer, method)
        except (asyncio.IncompleteReadError, ConnectionError):
            answer.complete = False
        return answer

    async def _read_body(self, answer: Answer, method: str) -> None:
        if method == "HEAD" or answer.status in (204, 304) or answer.status < 200:
            return
        if "transfer-encoding" in answer.headers:
            answer.chunked = True
            while size := int((await self._reader.readuntil(b"\r\n")).split(b";")[0], 16):
                answer.body += await self._reader.readexactly(size)
                await self._reader.readexactly(2)
            while await self._reader.readuntil(b"\r\n") != b"\r\n":
                pass
        elif "content-length" in answer.headers:
            length = int(answer.headers["content-length"][0])
            answer.body = await self._reader.readexactly(length)
        else:
            answer.body = await self._reader.read()

    def abort(self) -> None:
        """Reset the connection."""
        self._writer.transport.abort()

    async def close(self) -> None:
        """Close the connection."""
        self._writer.close()
        try:
            await self._writer.wait_closed()
        except (ConnectionError, TimeoutError):
            return
