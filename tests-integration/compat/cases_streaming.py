"""Streams, compression, and the framing of what is sent."""

from __future__ import annotations

import functools
import gzip
import zlib
from collections.abc import Callable
from typing import Any

from compat.bench import Bench, Case, raised
from compat.wire import Answer, request

Play = Callable[[Bench, Any], Any]
"""Answers a request; takes the bench and the request."""


async def _two_writes(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse()
    writer = await response.prepare(request)
    bench.note("writer", writer is not None)
    bench.note("prepared", (response.prepared, response.chunked, response.keep_alive))
    await response.write(b"one")
    await response.write(b"")
    await response.write(bytearray(b"two"))
    await response.write(memoryview(b"three"))
    bench.note("body_length", response.body_length)
    return response


async def _with_length(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse()
    response.content_length = 6
    await response.prepare(request)
    await response.write(b"123")
    await response.write(b"456")
    await response.write_eof()
    return response


async def _chunked(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse(headers={"Content-Type": "text/plain"})
    response.enable_chunked_encoding()
    await response.prepare(request)
    await response.write(b"a")
    await response.write_eof(b"end")
    return response


async def _eof_twice(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse()
    await response.prepare(request)
    await response.write_eof(b"data")
    await bench.attempt_await("eof again", response.write_eof)
    await bench.attempt_await("write after eof", lambda: response.write(b"more"))
    await bench.attempt_await("prepare after eof", lambda: response.prepare(request))
    return response


async def _unprepared(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse()
    await bench.attempt_await("write", lambda: response.write(b"a"))
    await bench.attempt_await("write_eof", response.write_eof)
    bench.note("state", (response.prepared, response.keep_alive, response.body_length))
    return response


async def _bad_writes(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse()
    await response.prepare(request)
    for value in ("text", 17, None, ["a"]):
        await bench.attempt_await(f"write {value!r}", functools.partial(response.write, value))
    await response.write(b"ok")
    return response


async def _prepared_twice(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse()
    first = await response.prepare(request)
    second = await response.prepare(request)
    bench.note("same", first is second)
    await response.write(b"a")
    return response


async def _not_returned(bench: Bench, request: Any) -> Any:
    response = bench.web.Response(text="sent by hand")
    await response.prepare(request)
    await response.write_eof()
    return response


async def _chunked_and_length(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse()
    response.enable_chunked_encoding()
    bench.fails("length", lambda: setattr(response, "content_length", 3))
    other = bench.web.StreamResponse()
    other.content_length = 3
    bench.fails("chunked", other.enable_chunked_encoding)
    await response.prepare(request)
    return response


async def _status_without_body(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse(status=int(request.query.get("status", "204")))
    await response.prepare(request)
    return response


async def _event_stream(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse(
        headers={"Content-Type": "text/event-stream", "Cache-Control": "no-cache"}
    )
    await response.prepare(request)
    for number in range(3):
        await response.write(f"data: {number}\n\n".encode())
    return response


async def _drain(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse()
    await response.prepare(request)
    if hasattr(response, "drain"):
        await response.drain()
    await response.write(b"x" * 300_000)
    return response


async def _echo(bench: Bench, request: Any) -> Any:
    response = bench.web.StreamResponse()
    await response.prepare(request)
    async for piece in request.content.iter_any():
        await response.write(piece)
    return response


async def _chunked_response(bench: Bench, request: Any) -> Any:
    response = bench.web.Response(text="chunked")
    response.enable_chunked_encoding()
    return response


PLAYS: dict[str, Play] = {
    "two writes": _two_writes,
    "with length": _with_length,
    "chunked": _chunked,
    "eof twice": _eof_twice,
    "unprepared": _unprepared,
    "bad writes": _bad_writes,
    "prepared twice": _prepared_twice,
    "sent by hand": _not_returned,
    "chunked and length": _chunked_and_length,
    "without body": _status_without_body,
    "event stream": _event_stream,
    "drain": _drain,
    "echo": _echo,
    "a response, chunked": _chunked_response,
}


def _played(play: Play) -> Case:
    async def case(bench: Bench) -> None:
        async def handler(request: Any) -> Any:
            return await play(bench, request)

        served = await bench.serve(handler)
        await served.ask(request("/"), label="1.1 ")
        await served.ask(request("/", version="1.0"), label="1.0 ")
        await served.ask(request("/", method="HEAD"), label="HEAD ")
        await served.ask(request("/", method="POST", body=b"some body"), label="POST ")
        await served.keeps_open(request("/"), request("/"))

    return case


# --- compression ---

ACCEPTED = {
    "none": None,
    "gzip": "gzip",
    "deflate": "deflate",
    "both": "gzip, deflate",
    "br": "br",
    "upper case": "GZIP",
    "identity": "identity",
    "any": "*",
    "q": "gzip;q=0.5, deflate;q=0.1",
    "q zero": "gzip;q=0",
    "deflate q zero": "deflate;q=0, gzip",
}

TEXT = "compress me " * 50


def _enabled(name: str | None) -> Callable[[Bench, Any], object]:
    def enable(bench: Bench, response: Any) -> object:
        coding = getattr(bench.web.ContentCoding, name) if name else None
        return response.enable_compression(coding) if coding else response.enable_compression()

    return enable


ENABLED: dict[str, Callable[[Bench, Any], object]] = {
    "auto": _enabled(None),
    "gzip": _enabled("gzip"),
    "deflate": _enabled("deflate"),
    "identity": _enabled("identity"),
    "True": lambda b, r: r.enable_compression(True),
    "False": lambda b, r: r.enable_compression(False),
    "None": lambda b, r: r.enable_compression(None),
    "str": lambda b, r: r.enable_compression("gzip"),
    "strategy": lambda b, r: r.enable_compression(strategy=zlib.Z_HUFFMAN_ONLY),
    "not at all": lambda b, r: None,
}


def _decoded(answer: Answer) -> bytes:
    coding = answer.headers.get("content-encoding", ["identity"])[0]
    if coding == "gzip":
        return gzip.decompress(answer.body)
    if coding == "deflate":
        return zlib.decompress(answer.body)
    return answer.body


def _compressed(enable: Callable[[Bench, Any], object], kind: str) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web

        async def handler(request: Any) -> Any:
            if kind == "stream":
                response = web.StreamResponse(headers={"Content-Type": "text/plain"})
            elif kind == "empty":
                response = web.Response(text="")
            elif kind == "encoded":
                response = web.Response(body=b"abc", headers={"Content-Encoding": "x-own"})
            elif kind == "no content":
                response = web.Response(status=204)
            else:
                response = web.Response(text=TEXT if kind == "text" else TEXT * 200)
            bench.fails("enable", lambda: enable(bench, response))
            bench.note("compression", response.compression)
            if kind == "stream":
                await response.prepare(request)
                for _ in range(3):
                    await response.write(TEXT.encode())
            return response

        served = await bench.serve(handler)
        for name, accepted in ACCEPTED.items():
            fields = [] if accepted is None else [f"Accept-Encoding: {accepted}"]
            client = await served.connect()
            await client.send(request("/", *fields))
            answer = await client.answer()
            if answer is None:
                bench.note(f"{name} status", "closed")
                continue
            headers = {
                key: value
                for key, value in answer.headers.items()
                if key not in ("date", "server", "content-length")
            }
            bench.note(f"{name} status", answer.status)
            for key, value in headers.items():
                bench.note(f"{name} header {key}", value)
            bench.note(
                f"{name} decoded",
                bench.attempt(f"{name} body", functools.partial(_decoded, answer)),
            )
            bench.note(f"{name} framed", "content-length" in answer.headers)
            await client.close()

    return case


async def continue_100(bench: Bench) -> None:
    """100 Continue is sent to a client that waits for it, when the handler reads."""

    async def handler(request: Any) -> Any:
        return bench.web.Response(text=await request.text())

    served = await bench.serve(handler)
    client = await served.connect()
    raw = request("/", "Expect: 100-continue", "Content-Length: 5", method="POST")
    await client.send(raw)
    answer = await client.answer()
    bench.note("interim", answer.status if answer else None)
    await client.send(b"hello")
    bench.note_answer(await client.answer())


async def pipelined(bench: Bench) -> None:
    async def handler(request: Any) -> Any:
        return bench.web.Response(text=request.path)

    served = await bench.serve(handler)
    client = await served.connect()
    await client.send(b"".join(request(f"/{number}") for number in range(5)))
    for number in range(5):
        bench.note_answer(await client.answer(), f"{number} ")


async def client_gone(bench: Bench) -> None:
    import asyncio

    done = asyncio.Event()

    async def handler(request: Any) -> Any:
        response = bench.web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65536)
        except Exception as exc:
            bench.note("raised", raised(exc, bench.framework))
            bench.note("is an OSError", isinstance(exc, OSError))
            done.set()
            raise

    served = await bench.serve(handler)
    client = await served.connect()
    await client.send(request())
    await client.read(1000)
    client.abort()
    await asyncio.wait_for(done.wait(), 10)
    bench.note("done", True)


CASES: dict[str, Case] = {
    **{f"stream: {name}": _played(play) for name, play in PLAYS.items()},
    **{
        f"compressed: {name}, {kind}": _compressed(enable, kind)
        for name, enable in ENABLED.items()
        for kind in ("text", "large", "stream", "empty", "encoded", "no content")
        if kind in ("text", "stream") or name in ("auto", "gzip")
    },
    "100-continue": continue_100,
    "pipelined requests": pipelined,
    "a client that is gone": client_gone,
}
