"""Responses: what constructors take and refuse, the state machine, and what is sent."""

from __future__ import annotations

import datetime
import functools
import io
from collections.abc import AsyncIterator, Callable
from typing import Any

from compat.bench import Bench, Case
from compat.wire import request

Make = Callable[[Bench], Any]
Change = Callable[[Any], object]


async def _pieces() -> AsyncIterator[bytes]:
    yield b"one "
    yield b"two"


def _multipart(bench: Bench) -> Any:
    writer = bench.framework.top.MultipartWriter("mixed", boundary="bound")
    writer.append("text")
    writer.append_json({"a": 1})
    return writer


MADE: dict[str, Make] = {
    "nothing": lambda b: b.web.Response(),
    "text": lambda b: b.web.Response(text="hello"),
    "text empty": lambda b: b.web.Response(text=""),
    "text unicode": lambda b: b.web.Response(text="Имя"),
    "text charset": lambda b: b.web.Response(text="café", charset="latin-1"),
    "text unencodable": lambda b: b.web.Response(text="Имя", charset="latin-1"),
    "text unknown charset": lambda b: b.web.Response(text="a", charset="none-such"),
    "text type": lambda b: b.web.Response(text="<p>", content_type="text/html"),
    "text type and charset": lambda b: b.web.Response(
        text="<p>", content_type="text/html", charset="utf-16"
    ),
    "text header": lambda b: b.web.Response(text="{}", headers={"Content-Type": "a/b"}),
    "text header charset": lambda b: b.web.Response(
        text="café", headers={"Content-Type": "a/b; charset=latin-1"}
    ),
    "text bytes": lambda b: b.web.Response(text=b"a"),
    "text number": lambda b: b.web.Response(text=1),
    "body": lambda b: b.web.Response(body=b"hello"),
    "body empty": lambda b: b.web.Response(body=b""),
    "body bytearray": lambda b: b.web.Response(body=bytearray(b"hello")),
    "body memoryview": lambda b: b.web.Response(body=memoryview(b"hello")),
    "body str": lambda b: b.web.Response(body="hello"),
    "body str charset": lambda b: b.web.Response(body="café", charset="latin-1"),
    "body str type": lambda b: b.web.Response(body="hello", content_type="text/html"),
    "body BytesIO": lambda b: b.web.Response(body=io.BytesIO(b"hello")),
    "body StringIO": lambda b: b.web.Response(body=io.StringIO("hello")),
    "body generator": lambda b: b.web.Response(body=_pieces()),
    "body generator type": lambda b: b.web.Response(body=_pieces(), content_type="text/csv"),
    "body multipart": lambda b: b.web.Response(body=_multipart(b)),
    "body dict": lambda b: b.web.Response(body={"a": 1}),
    "body list": lambda b: b.web.Response(body=[b"a"]),
    "body number": lambda b: b.web.Response(body=17),
    "body False": lambda b: b.web.Response(body=False),
    "body type": lambda b: b.web.Response(body=b"a", content_type="image/png"),
    "body type and charset": lambda b: b.web.Response(
        body=b"a", content_type="text/css", charset="utf-8"
    ),
    "body charset alone": lambda b: b.web.Response(body=b"a", charset="utf-8"),
    "body header": lambda b: b.web.Response(body=b"a", headers={"Content-Type": "a/b"}),
    "body and text": lambda b: b.web.Response(body=b"a", text="a"),
    "type with charset": lambda b: b.web.Response(text="a", content_type="a/b; charset=utf-8"),
    "type twice": lambda b: b.web.Response(
        text="a", content_type="a/b", headers={"Content-Type": "c/d"}
    ),
    "charset and header": lambda b: b.web.Response(
        text="a", charset="utf-8", headers={"content-type": "c/d"}
    ),
    "body, type twice": lambda b: b.web.Response(
        body=b"a", content_type="a/b", headers={"Content-Type": "c/d"}
    ),
    "type alone": lambda b: b.web.Response(content_type="a/b"),
    "charset alone": lambda b: b.web.Response(charset="utf-8"),
    "headers": lambda b: b.web.Response(headers={"X-A": "1", "x-b": "2"}),
    "headers pairs": lambda b: b.web.Response(headers=[("X-A", "1"), ("X-A", "2")]),
    "headers number": lambda b: b.web.Response(headers={"X-A": 1}),
    "headers None": lambda b: b.web.Response(headers=None),
    "header with line break": lambda b: b.web.Response(headers={"X-A": "1\r\nX-B: 2"}),
    "header bad name": lambda b: b.web.Response(headers={"X A": "1"}),
    "header latin-1": lambda b: b.web.Response(headers={"X-A": "caf\xe9"}),
    "header unicode": lambda b: b.web.Response(headers={"X-A": "Имя"}),
    "header own length": lambda b: b.web.Response(body=b"abc", headers={"Content-Length": "3"}),
    "header own server": lambda b: b.web.Response(headers={"Server": "mine"}),
    "header own connection": lambda b: b.web.Response(headers={"Connection": "close"}),
    "header own encoding": lambda b: b.web.Response(
        body=b"abc", headers={"Content-Encoding": "x-own"}
    ),
    "status": lambda b: b.web.Response(status=201),
    "status reason": lambda b: b.web.Response(status=200, reason="Fine"),
    "status unknown": lambda b: b.web.Response(status=299),
    "status 599": lambda b: b.web.Response(status=599, text="a"),
    "status 204": lambda b: b.web.Response(status=204),
    "status 204 text": lambda b: b.web.Response(status=204, text="no"),
    "status 205": lambda b: b.web.Response(status=205),
    "status 304": lambda b: b.web.Response(status=304),
    "status 304 text": lambda b: b.web.Response(status=304, text="no"),
    "status 404 text": lambda b: b.web.Response(status=404, text="gone"),
    "status 500 text": lambda b: b.web.Response(status=500, text="sorry"),
    "status str": lambda b: b.web.Response(status="201"),
    "status text": lambda b: b.web.Response(status="created"),
    "status None": lambda b: b.web.Response(status=None),
    "reason empty": lambda b: b.web.Response(reason=""),
    "reason line break": lambda b: b.web.Response(reason="a\r\nX: y"),
    "reason newline": lambda b: b.web.Response(reason="a\nb"),
    "reason unicode": lambda b: b.web.Response(reason="caf\xe9"),
    "unknown argument": lambda b: b.web.Response(nonsense=1),
    "json": lambda b: b.web.json_response({"a": [1, None, "é"]}),
    "json list": lambda b: b.web.json_response([]),
    "json None": lambda b: b.web.json_response(None),
    "json nothing": lambda b: b.web.json_response(),
    "json text": lambda b: b.web.json_response(text="[1]"),
    "json body": lambda b: b.web.json_response(body=b"[1]"),
    "json data and text": lambda b: b.web.json_response([], text="[1]"),
    "json data and body": lambda b: b.web.json_response([], body=b"[1]"),
    "json text and body": lambda b: b.web.json_response(text="[]", body=b"[1]"),
    "json dumps": lambda b: b.web.json_response([1], dumps=lambda data: "own"),
    "json status": lambda b: b.web.json_response([1], status=418, reason="Teapot"),
    "json type": lambda b: b.web.json_response([1], content_type="application/vnd.a+json"),
    "json headers": lambda b: b.web.json_response([1], headers={"X-A": "1"}),
    "json unserialisable": lambda b: b.web.json_response(object()),
    "json bytes": lambda b: b.web.json_bytes_response([1], dumps=lambda data: b"own"),
    "json bytes body": lambda b: b.web.json_bytes_response(body=b"[]", dumps=lambda data: b"own"),
    "stream": lambda b: b.web.StreamResponse(),
    "stream status": lambda b: b.web.StreamResponse(status=404, reason="None Here"),
    "stream headers": lambda b: b.web.StreamResponse(headers={"X-A": "1", "Content-Type": "a/b"}),
    "stream text": lambda b: b.web.StreamResponse(text="a"),
    "subclass": lambda b: type("Mine", (b.web.Response,), {})(text="a", status=202),
}

SEEN: dict[str, Change] = {
    "status": lambda r: r.status,
    "reason": lambda r: r.reason,
    "headers": lambda r: sorted((str(k).lower(), v) for k, v in r.headers.items()),
    "headers type": lambda r: type(r.headers).__name__,
    "content_type": lambda r: r.content_type,
    "charset": lambda r: r.charset,
    "content_length": lambda r: r.content_length,
    "body": lambda r: r.body if isinstance(r.body, bytes | None) else "payload",
    "text": lambda r: r.text if isinstance(r.body, bytes | None) else "payload",
    "chunked": lambda r: r.chunked,
    "compression": lambda r: r.compression,
    "keep_alive": lambda r: r.keep_alive,
    "prepared": lambda r: r.prepared,
    "cookies": lambda r: r.cookies.output(),
    "last_modified": lambda r: r.last_modified,
    "etag": lambda r: r.etag and (r.etag.value, r.etag.is_weak),
    "truth": bool,
    "len": len,
}


def _made(make: Make) -> Case:
    async def case(bench: Bench) -> None:
        response = bench.fails("making it", lambda: make(bench))
        if response is None:
            return
        seen = dict(SEEN)
        if not isinstance(response, bench.web.Response):
            del seen["body"], seen["text"]
        for name, look in seen.items():
            bench.attempt(f"response.{name}", functools.partial(look, response))

        async def handler(request: Any) -> Any:
            return make(bench)

        served = await bench.serve(handler)
        await served.ask(request())
        await served.ask(request(method="HEAD"), label="HEAD ")
        await served.ask(request(version="1.0"), label="1.0 ")

    return case


NOW = datetime.datetime(2020, 2, 29, 12, 30, 15, tzinfo=datetime.UTC)


def _put(name: str, value: object) -> Change:
    return lambda response: setattr(response, name, value)


CHANGES: dict[str, Change] = {
    "content_type": _put("content_type", "text/html"),
    "content_type None": _put("content_type", None),
    "charset": _put("charset", "UTF-8"),
    "charset None": _put("charset", None),
    "content_length": _put("content_length", 3),
    "last_modified datetime": _put("last_modified", NOW),
    "last_modified naive": _put("last_modified", datetime.datetime(2020, 1, 2, 3, 4, 5)),
    "last_modified zone": _put(
        "last_modified",
        NOW.astimezone(datetime.timezone(datetime.timedelta(hours=5))),
    ),
    "last_modified int": _put("last_modified", 1_000_000_000),
    "last_modified float": _put("last_modified", 1_000_000_000.2),
    "last_modified zero": _put("last_modified", 0),
    "last_modified str": _put("last_modified", "Sat, 29 Feb 2020 12:30:15 GMT"),
    "last_modified bad str": _put("last_modified", "yesterday"),
    "last_modified None": _put("last_modified", None),
    "last_modified list": _put("last_modified", []),
    "etag": _put("etag", "abc"),
    "etag quoted": _put("etag", '"abc"'),
    "etag any": _put("etag", "*"),
    "etag unicode": _put("etag", "é"),
    "etag empty": _put("etag", ""),
    "etag space": _put("etag", "a b"),
    "etag None": _put("etag", None),
    "etag number": _put("etag", 17),
    "text": _put("text", "new"),
    "text bytes": _put("text", b"new"),
    "body": _put("body", b"new"),
    "body None": _put("body", None),
    "body str": _put("body", "new"),
    "body dict": _put("body", {}),
    "status": lambda r: r.set_status(404),
    "status reason": lambda r: r.set_status(404, "Lost"),
    "status reason line break": lambda r: r.set_status(404, "Lo\nst"),
    "status reason by name": lambda r: r.set_status(404, reason="Lost"),
    "header": lambda r: r.headers.__setitem__("X-A", "1"),
    "header added twice": lambda r: (r.headers.add("X-A", "1"), r.headers.add("X-A", "2")),
    "header type": lambda r: r.headers.__setitem__("Content-Type", "a/b"),
    "force_close": lambda r: r.force_close(),
    "chunked": lambda r: r.enable_chunked_encoding(),
    "chunked size": lambda r: r.enable_chunked_encoding(chunk_size=10),
    "cookie": lambda r: r.set_cookie("a", "b"),
    "cookie all": lambda r: r.set_cookie(
        "a",
        "b",
        expires="Sat, 29 Feb 2020 12:30:15 GMT",
        domain="example.com",
        max_age=10,
        path="/x",
        secure=True,
        httponly=True,
        samesite="Lax",
    ),
    "cookie false": lambda r: r.set_cookie("a", "b", secure=False, httponly=False),
    "cookie max_age zero": lambda r: r.set_cookie("a", "b", max_age=0),
    "cookie max_age str": lambda r: r.set_cookie("a", "b", max_age="10"),
    "cookie path None": lambda r: r.set_cookie("a", "b", path=None),
    "cookie version": lambda r: r.set_cookie("a", "b", version="1"),
    "cookie samesite none": lambda r: r.set_cookie("a", "b", samesite="None", secure=True),
    "cookie quoted": lambda r: r.set_cookie("a", 'b c;"d",\\e'),
    "cookie unicode": lambda r: r.set_cookie("a", "é"),
    "cookie number": lambda r: r.set_cookie("a", 17),
    "cookie empty": lambda r: r.set_cookie("a", ""),
    "cookie json": lambda r: r.set_cookie("a", '{"b": 1}'),
    "cookie bad name": lambda r: r.set_cookie("a b", "c"),
    "cookie name unicode": lambda r: r.set_cookie("é", "c"),
    "cookie name empty": lambda r: r.set_cookie("", "c"),
    "cookie reserved": lambda r: r.set_cookie("path", "c"),
    "cookie line break": lambda r: r.set_cookie("a", "b\r\nX: y"),
    "cookie domain line break": lambda r: r.set_cookie("a", "b", domain="x\r\nX: y"),
    "cookie samesite bad": lambda r: r.set_cookie("a", "b", samesite="nonsense"),
    "cookie twice": lambda r: (r.set_cookie("a", "b"), r.set_cookie("a", "c", path="/x")),
    "cookie kept": lambda r: (r.set_cookie("a", "b", httponly=True), r.set_cookie("a", "c")),
    "cookies several": lambda r: [r.set_cookie(name, "v") for name in "cab"],
    "del_cookie": lambda r: r.del_cookie("a"),
    "del_cookie all": lambda r: r.del_cookie(
        "a", path="/x", domain="example.com", secure=True, httponly=True, samesite="Strict"
    ),
    "set and del": lambda r: (r.set_cookie("a", "b", max_age=5), r.del_cookie("a")),
    "del and set": lambda r: (r.del_cookie("a"), r.set_cookie("a", "b")),
    "cookies directly": lambda r: r.cookies.__setitem__("a", "b c"),
    "cookie morsel": lambda r: (r.set_cookie("a", "b"), r.cookies["a"].__setitem__("path", "/z")),
    "item": lambda r: r.__setitem__("key", 1),
}
"""Changes of a response before it is sent."""

TOO_LATE = [name for name in CHANGES if name.split()[0] not in ("last_modified", "etag", "item")]


def _changed(change: Change, stream: bool) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web

        async def handler(request: Any) -> Any:
            response = web.StreamResponse() if stream else web.Response(text="old")
            bench.fails("change", lambda: change(response))
            for name, look in SEEN.items():
                if not stream or name not in ("body", "text"):
                    bench.attempt(f"response.{name}", functools.partial(look, response))
            if stream:
                await response.prepare(request)
                await response.write(b"new")
            return response

        served = await bench.serve(handler)
        await served.ask()

    return case


def _changed_late(change: Change) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web

        async def handler(request: Any) -> Any:
            response = web.StreamResponse()
            await response.prepare(request)
            bench.fails("change", lambda: change(response))
            await response.write(b"body")
            await response.write_eof()
            return response

        served = await bench.serve(handler)
        await served.ask()

    return case


async def etag_objects(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        response = web.Response(text="a")
        for tag in request.if_none_match or ():
            response.etag = tag
        bench.note("value", (response.etag.value, response.etag.is_weak))
        return response

    served = await bench.serve(handler)
    for value in ('"a"', 'W/"b"', '"a b"'):
        await served.ask(request("/", f"If-None-Match: {value}"), label=f"{value} ")


async def reused(bench: Bench) -> None:
    web = bench.web
    kept = web.Response(text="again")

    async def handler(request: Any) -> Any:
        return kept

    served = await bench.serve(handler)
    await served.ask(request())


async def storage(bench: Bench) -> None:
    web = bench.web
    key = web.ResponseKey("number", int)
    one, other = web.Response(), web.Response()
    one[key] = 1
    one["name"] = 2
    bench.note("items", (one[key], one["name"], len(one), one.get("none"), key in one))
    bench.note("equal", (one == one, one == other, one == {}, one != other))
    bench.attempt("missing", lambda: one["none"])
    bench.attempt("hash", lambda: hash(one) == hash(one))
    bench.note("repr", [repr(one), repr(web.Response(status=404)), repr(web.StreamResponse())])


async def reprs_when_sent(bench: Bench) -> None:
    async def handler(request: Any) -> Any:
        response = bench.web.Response(text="a")
        await response.prepare(request)
        bench.note("prepared", repr(response))
        await response.write_eof()
        bench.note("ended", repr(response))
        return response

    served = await bench.serve(handler)
    await served.ask()


async def content_length_of_a_body(bench: Bench) -> None:
    web = bench.web
    for name, response in (
        ("none", web.Response()),
        ("text", web.Response(text="é")),
        ("io", web.Response(body=io.BytesIO(b"abc"))),
        ("stream", web.Response(body=_pieces())),
    ):
        bench.attempt(name, functools.partial(getattr, response, "content_length"))
        bench.fails(f"{name} set", functools.partial(_put("content_length", 3), response))


async def keep_alive(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        response = web.Response(text="a", headers={})
        if request.path == "/close":
            response.force_close()
        if request.path == "/header":
            response.headers["Connection"] = "close"
        return response

    served = await bench.serve(handler)
    await served.keeps_open(request("/"), request("/"))
    await served.keeps_open(request("/close"), request("/"))
    await served.keeps_open(request("/", "Connection: close"), request("/"))
    await served.keeps_open(request("/", version="1.0"), request("/"))
    await served.keeps_open(request("/", "Connection: keep-alive", version="1.0"), request("/"))
    await served.keeps_open(request("/", method="POST", body=b"unread"), request("/"))
    await served.keeps_open(request("/", method="HEAD"), request("/"))


CASES: dict[str, Case] = {
    **{f"made: {name}": _made(make) for name, make in MADE.items()},
    **{f"changed: {name}": _changed(change, False) for name, change in CHANGES.items()},
    **{f"stream changed: {name}": _changed(change, True) for name, change in CHANGES.items()},
    **{f"changed too late: {name}": _changed_late(CHANGES[name]) for name in TOO_LATE},
    "etag objects": etag_objects,
    "a response for several requests": reused,
    "storage": storage,
    "repr when sent": reprs_when_sent,
    "content_length": content_length_of_a_body,
    "keep alive": keep_alive,
}
