"""Three clients that must see the same: aiohttp's, httpx, and curl where it is installed."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from typing import Any, NamedTuple

import aiohttp
import httpx

CURL = shutil.which("curl")


Fields = dict[str, str]


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    """Names in lower case; without Date, which may differ by a second."""
    text: str


def answer(status: int, headers: Any, body: bytes, encoding: str) -> Answer:
    named = {name.lower(): value for name, value in headers}
    named.pop("date")
    return Answer(status, named, body.decode(encoding))


def by_httpx(method: str, url: str, body: bytes, fields: Fields, encoding: str) -> Answer:
    with httpx.Client(timeout=30, trust_env=False) as client:
        got = client.request(method, url, content=body, headers=fields)
        return answer(got.status_code, got.headers.items(), got.content, encoding)


def by_aiohttp(method: str, url: str, body: bytes, fields: Fields, encoding: str) -> Answer:
    async def ask() -> Answer:
        timeout = aiohttp.ClientTimeout(30)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(
                method, url, data=body or None, headers=fields, allow_redirects=False
            ) as got,
        ):
            return answer(got.status, got.headers.items(), await got.read(), encoding)

    return asyncio.run(ask())


def by_curl(method: str, url: str, body: bytes, fields: Fields, encoding: str) -> Answer:
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "30", "--noproxy"]
    command += ["*", *(["--head"] if method == "HEAD" else ["--request", method])]
    command += ["--data-binary", "@-"] if body else []
    for field, text in fields.items():
        command += ["--header", f"{field}: {text}"]
    got = subprocess.run([*command, url], input=body, check=True, capture_output=True).stdout
    head, _, content = got.partition(b"\r\n\r\n")
    status_line, *lines = head.decode().split("\r\n")
    pairs = [line.split(": ", 1) for line in lines]
    return answer(int(status_line.split()[1]), pairs, content, encoding)


class Served:
    """A program that serves; calling this makes a request with each of the clients."""

    def __init__(self, url: str, program: Any) -> None:
        self.url = url
        self.program = program

    def __call__(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        content_type: str | None = None,
        *,
        fields: Fields | None = None,
        encoding: str = "utf-8",
    ) -> Answer:
        sent = dict(fields or {})
        if content_type:
            sent["Content-Type"] = content_type
        clients = [by_httpx, by_aiohttp] + ([by_curl] if CURL else [])
        answers = [client(method, self.url + path, body, sent, encoding) for client in clients]
        assert all(each == answers[0] for each in answers), answers
        return answers[0]

    def text(self, method: str, path: str, body: bytes = b"") -> str:
        """Return the text of an answer that is a 200."""
        got = self(method, path, body)
        assert got.status == 200, got
        return got.text

    def lines(self) -> list[str]:
        """Return what the program printed before it served."""
        printed: list[str] = self.program.output.splitlines()
        return printed[: [line.startswith("=====") for line in printed].index(True)]
