"""HTTP exceptions: every class, made, raised, returned, pickled; and what is no answer at all."""

from __future__ import annotations

import functools
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp.web

from compat.bench import Bench, Case
from compat.wire import request

Make = Callable[[Any], Any]

NEEDS: dict[str, Callable[[Any], Any]] = {
    **{
        name: lambda cls: cls("/new?a=b#c")
        for name in (
            "HTTPMove",
            "HTTPMultipleChoices",
            "HTTPMovedPermanently",
            "HTTPFound",
            "HTTPSeeOther",
            "HTTPUseProxy",
            "HTTPTemporaryRedirect",
            "HTTPPermanentRedirect",
        )
    },
    "HTTPMethodNotAllowed": lambda cls: cls("PUT", ["POST", "GET"]),
    "HTTPRequestEntityTooLarge": lambda cls: cls(max_size=10, actual_size=20),
    "HTTPUnavailableForLegalReasons": lambda cls: cls("https://law.example/1"),
}
"""How those are made that need arguments."""

CLASSES = sorted(
    name
    for name in aiohttp.web.__all__
    if name.startswith("HTTP") and isinstance(getattr(aiohttp.web, name), type)
)
ABSTRACT = {
    "HTTPException",
    "HTTPError",
    "HTTPRedirection",
    "HTTPSuccessful",
    "HTTPClientError",
    "HTTPServerError",
    "HTTPMove",
}


def _make(web: Any, name: str, **more: Any) -> Any:
    cls = functools.partial(getattr(web, name), **more)
    return NEEDS.get(name, lambda cls: cls())(cls)


MORE: dict[str, dict[str, Any]] = {
    "text": {"text": "own text"},
    "text empty": {"text": ""},
    "reason": {"reason": "Own Reason"},
    "reason line break": {"reason": "a\r\nb"},
    "headers": {"headers": {"X-A": "1"}},
    "headers content type": {"headers": {"Content-Type": "a/b"}},
    "type": {"text": "<p>", "content_type": "text/html"},
    "body": {"body": b"bytes"},
    "body str": {"body": "str"},
    "body and text": {"body": b"a", "text": "b"},
    "unknown": {"nonsense": 1},
}


def _class(name: str) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web
        cls = getattr(web, name)
        known = {each.__name__ for each in cls.__mro__ if each.__name__ in CLASSES}
        bench.note("bases", sorted(known))
        bench.note("is", (issubclass(cls, web.Response), issubclass(cls, Exception)))
        bench.note("class", (cls.status_code, cls.empty_body))
        bench.fails("made without arguments", cls)
        if name in ABSTRACT:
            return
        exc = _make(web, name)
        bench.note("status", (exc.status, exc.reason, exc.text, exc.body))
        bench.note("type", (exc.content_type, exc.charset))
        bench.note("headers", sorted((str(k).lower(), v) for k, v in exc.headers.items()))
        bench.note("str", str(exc))
        bench.note("args", exc.args)
        for attribute in ("location", "method", "allowed_methods", "link", "max_size"):
            if hasattr(exc, attribute):
                bench.note(attribute, str(getattr(exc, attribute)))
        bench.attempt("pickled", lambda: repr(pickle.loads(pickle.dumps(exc))))

        async def handler(request: Any) -> Any:
            bench.note("path", request.path)
            if request.path == "/raise":
                raise _make(web, name)
            if request.path == "/return":
                return _make(web, name)
            changed = _make(web, name)
            changed.headers["X-Changed"] = "1"
            changed.set_cookie("a", "b")
            raise changed

        served = await bench.serve(handler)
        for path in ("/raise", "/return", "/changed"):
            await served.ask(request(path), label=f"{path} ")
        await served.ask(request("/raise", method="HEAD"), label="HEAD ")

    return case


def _more(name: str, more: dict[str, Any]) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web
        exc = bench.fails("made", lambda: _make(web, name, **more))
        if exc is None:
            return
        bench.note("text", exc.text)
        bench.note("reason", exc.reason)
        bench.note("headers", sorted((str(k).lower(), v) for k, v in exc.headers.items()))

        async def handler(request: Any) -> Any:
            raise _make(web, name, **more)

        served = await bench.serve(handler)
        await served.ask()

    return case


LOCATIONS: dict[str, Any] = {
    "relative": "/a/b",
    "query": "/a?b=c d&e=é",
    "absolute": "http://other.example/x",
    "unicode": "/é/й",
    "encoded": "/a%20b",
    "fragment": "#x",
    "two slashes": "//other.example/",
    "line break": "/a\r\nX: y",
    "tab": "/a\tb",
    "empty": "",
    "none": None,
    "number": 5,
    "bytes": b"/a",
    "backslash": "/\\evil.example",
    "javascript": "javascript:alert(1)",
}


def _location(value: Any) -> Case:
    async def case(bench: Bench) -> None:
        web = bench.web
        exc = bench.fails("made", lambda: web.HTTPFound(value))
        if exc is None:
            return
        bench.note("location", str(exc.location))
        bench.note("header", exc.headers.get("Location"))

        async def handler(request: Any) -> Any:
            raise web.HTTPFound(value)

        served = await bench.serve(handler)
        await served.ask()

    return case


async def special(bench: Bench) -> None:
    web = bench.web
    from yarl import URL

    bench.attempt("url", lambda: web.HTTPFound(URL("/a b")).headers["Location"])
    bench.attempt("link none", lambda: dict(web.HTTPUnavailableForLegalReasons(None).headers))
    bench.attempt(
        "link url", lambda: dict(web.HTTPUnavailableForLegalReasons(URL("/law")).headers)
    )
    bench.attempt("too large", lambda: web.HTTPRequestEntityTooLarge(1, 2).text)
    bench.attempt(
        "too large, own text", lambda: web.HTTPRequestEntityTooLarge(1, 2, text="x").text
    )
    bench.attempt("405 set", lambda: web.HTTPMethodNotAllowed("X", {"B", "A"}).headers["Allow"])
    bench.attempt("405 empty", lambda: web.HTTPMethodNotAllowed("X", []).headers.get("Allow"))
    bench.attempt("405 text", lambda: web.HTTPMethodNotAllowed("X", [], text="own").text)
    bench.attempt("repr", lambda: repr(web.HTTPNotFound()))
    bench.attempt("equal", lambda: web.HTTPNotFound() == web.HTTPNotFound())
    bench.attempt("truth", lambda: bool(web.HTTPNotFound()))
    bench.attempt("set status", lambda: web.HTTPNotFound().set_status(410))


FAILURES: dict[str, Callable[[Bench, Any], Any]] = {
    "ValueError": lambda b, r: int("x"),
    "custom": lambda b, r: (_ for _ in ()).throw(type("Custom", (Exception,), {})("secret")),
    "TimeoutError": lambda b, r: (_ for _ in ()).throw(TimeoutError()),
    "KeyError": lambda b, r: dict[str, str]()["x"],
    "OSError": lambda b, r: Path("/no/such/file").stat(),
    "None": lambda b, r: None,
    "str": lambda b, r: "text",
    "int": lambda b, r: 17,
    "dict": lambda b, r: {},
    "class": lambda b, r: b.web.Response,
    "exception instance": lambda b, r: ValueError("returned"),
    "StopIteration": lambda b, r: next(iter(())),
    "LookupError in json": lambda b, r: b.web.json_response({1, 2}),
}


def _failure(fail: Callable[[Bench, Any], Any]) -> Case:
    async def case(bench: Bench) -> None:
        async def handler(request: Any) -> Any:
            return fail(bench, request)

        served = await bench.serve(handler)
        await served.ask(request(), label="plain ")
        await served.ask(request("/", "Accept: text/html,*/*;q=0.8"), label="html ")
        await served.ask(request("/", "Accept: application/json"), label="json ")
        await served.ask(request(method="HEAD"), label="HEAD ")
        await served.keeps_open(request(), request())

    return case


async def cancelled(bench: Bench) -> None:
    import asyncio

    async def handler(request: Any) -> Any:
        raise asyncio.CancelledError

    served = await bench.serve(handler)
    await served.ask()


async def failure_after_prepare(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        response = web.StreamResponse()
        response.content_length = 10
        await response.prepare(request)
        await response.write(b"part")
        if request.path == "/http":
            raise web.HTTPForbidden
        raise ValueError

    served = await bench.serve(handler)
    client = await served.connect()
    await client.send(request("/fails"))
    answer = await client.answer()
    bench.note("head", (answer.status, answer.complete) if answer else None)


CASES: dict[str, Case] = {
    **{f"class: {name}": _class(name) for name in CLASSES},
    **{
        f"{name} with {key}": _more(name, more)
        for name in ("HTTPNotFound", "HTTPFound", "HTTPNoContent", "HTTPMethodNotAllowed")
        for key, more in MORE.items()
    },
    **{f"location: {name}": _location(value) for name, value in LOCATIONS.items()},
    "special arguments": special,
    **{f"handler: {name}": _failure(fail) for name, fail in FAILURES.items()},
    "handler: CancelledError": cancelled,
    "a failure after prepare": failure_after_prepare,
}
