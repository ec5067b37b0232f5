"""What a handler sees of a request: every attribute, for all kinds of requests."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from compat.bench import Bench, Case
from compat.wire import form, request

Attribute = Callable[[Any], object]


def _when(value: Any) -> object:
    return value.isoformat() if value is not None else None


def _tags(value: Any) -> object:
    return None if value is None else [(tag.value, tag.is_weak) for tag in value]


ATTRIBUTES: dict[str, Attribute] = {
    "method": lambda r: r.method,
    "version": lambda r: (r.version.major, r.version.minor, tuple(r.version)),
    "url": lambda r: str(r.url),
    "url.host": lambda r: r.url.host,
    "rel_url": lambda r: str(r.rel_url),
    "rel_url.raw_parts": lambda r: r.rel_url.raw_parts,
    "host": lambda r: r.host,
    "scheme": lambda r: r.scheme,
    "secure": lambda r: r.secure,
    "remote": lambda r: r.remote,
    "path": lambda r: r.path,
    "raw_path": lambda r: r.raw_path,
    "path_qs": lambda r: r.path_qs,
    "query": lambda r: list(r.query.items()),
    "query type": lambda r: type(r.query).__name__,
    "query_string": lambda r: r.query_string,
    "headers": lambda r: sorted((str(k).lower(), v) for k, v in r.headers.items()),
    "headers type": lambda r: type(r.headers).__name__,
    "raw_headers": lambda r: sorted((k.lower(), v) for k, v in r.raw_headers),
    "raw_headers type": lambda r: type(r.raw_headers).__name__,
    "cookies": lambda r: dict(r.cookies),
    "cookies type": lambda r: type(r.cookies).__name__,
    "content_type": lambda r: r.content_type,
    "charset": lambda r: r.charset,
    "content_length": lambda r: r.content_length,
    "body_exists": lambda r: r.body_exists,
    "can_read_body": lambda r: r.can_read_body,
    "keep_alive": lambda r: r.keep_alive,
    "http_range": lambda r: (r.http_range.start, r.http_range.stop, r.http_range.step),
    "if_modified_since": lambda r: _when(r.if_modified_since),
    "if_unmodified_since": lambda r: _when(r.if_unmodified_since),
    "if_range": lambda r: _when(r.if_range),
    "if_match": lambda r: _tags(r.if_match),
    "if_none_match": lambda r: _tags(r.if_none_match),
    "forwarded": lambda r: [dict(each) for each in r.forwarded],
    "forwarded type": lambda r: type(r.forwarded).__name__,
    "match_info": lambda r: dict(r.match_info),
    "transport": lambda r: r.transport is not None,
    "task": lambda r: r.task is not None,
    "protocol": lambda r: r.protocol is not None,
    "sockname": lambda r: r.get_extra_info("sockname")[0],
    "extra default": lambda r: r.get_extra_info("no such", "default"),
    "client_max_size": lambda r: r.client_max_size,
    "app": lambda r: type(r.app).__name__,
    "config_dict": lambda r: len(r.config_dict),
    "truth": bool,
    "length": len,
    "empty": lambda r: list(r),
    "content at eof": lambda r: r.content.at_eof() if not r.body_exists else None,
    "loop": lambda r: r.loop is not None,
    "has_body": lambda r: r.has_body,
    "missing POST": lambda r: r.POST,
    "missing GET": lambda r: r.GET,
}

REQUESTS: dict[str, bytes] = {
    "plain": request("/"),
    "query": request("/a/b?c=d&e=f&c=g"),
    "query without values": request("/?a&b=&=c&&d=1=2"),
    "query plus and percent": request("/?a+b=c%20d&e%26=f%3D&g=h%2Bi"),
    "query unicode": request("/?name=%D0%98%D0%BC%D1%8F&e=%C3%A9"),
    "query bad percent": request("/?a=%zz&b=%1&c=%"),
    "query bad utf-8": request("/?a=%ff%fe&b=%C3"),
    "query semicolon": request("/?a=1;b=2"),
    "query question marks": request("/?a=b?c=d??"),
    "query brackets": request("/?filter[name]=a&list[]=1&list[]=2"),
    "query pipes and braces": request("/?a=b|c&d={e}&f=^`"),
    "query empty": request("/path?"),
    "path encoded": request("/a%20b/c%2Fd/%C3%A9"),
    "path unreserved encoded": request("/%61%7E%2D"),
    "path lower hex": request("/%c3%a9%2f"),
    "path bad percent": request("/a%zzb%"),
    "path bad utf-8": request("/%ff%fe"),
    "path plus": request("/a+b"),
    "path parameters": request("/a;v=1/b,c:d@e"),
    "path dots": request("/a/./b/../c"),
    "path dots encoded": request("/a/%2e%2e/c"),
    "path double slash": request("//a//b/"),
    "path colon": request("/a:b/c"),
    "path quotes": request("/a'b(c)*!$&"),
    "path null encoded": request("/a%00b"),
    "path long": request("/" + "a" * 4000),
    "absolute target": request("http://example.com/a/b?c=d"),
    "absolute target, another host": request("http://other.example:81/a", host="example.com"),
    "asterisk": request("*", method="OPTIONS"),
    "host with port": request(host="example.com:8080"),
    "host default port": request(host="example.com:80"),
    "host upper case": request(host="EXAMPLE.com"),
    "host ipv4": request(host="127.0.0.1:99"),
    "host ipv6": request(host="[::1]:8080"),
    "host punycode": request(host="xn--e1afmkfd.xn--p1ai"),
    "host empty": request(host=""),
    "no host, 1.0": request(version="1.0", host=None),
    "1.0": request(version="1.0"),
    "1.0 keep-alive": request("/", "Connection: keep-alive", version="1.0"),
    "close": request("/", "Connection: close"),
    "close in a list": request("/", "Connection: x-custom, Close"),
    "keep-alive": request("/", "Connection: Keep-Alive"),
    "custom method": request(method="PROPFIND"),
    "method lower case": request(method="get"),
    "TRACE": request(method="TRACE"),
    "cookies": request("/", "Cookie: a=1; b=two; c="),
    "cookies twice": request("/", "Cookie: a=1", "Cookie: b=2"),
    "cookie quoted": request("/", 'Cookie: a="quoted value"; b="a\\"b"; c="\\054\\073"'),
    "cookie same name": request("/", "Cookie: a=1; a=2"),
    "cookie bad pairs": request("/", "Cookie: good=1; bad; a b=c; also=2; =x; last=3"),
    "cookie unicode": request("/", "Cookie: a=é; b=1"),
    "cookie equals": request("/", "Cookie: a=b=c; d==; e=%20"),
    "cookie no spaces": request("/", "Cookie: a=1;b=2;c=3"),
    "cookie comma": request("/", "Cookie: a=1, b=2"),
    "cookie json": request("/", 'Cookie: a={"b":"c"}; d=1'),
    "cookie attribute names": request("/", "Cookie: path=1; expires=2; a=3; httponly; $Version=1"),
    "cookie base64": request("/", "Cookie: s=YWJj/+==; t=1"),
    "cookie brackets in name": request("/", "Cookie: a[b]=1; c:d=2; e@f=3"),
    "cookie empty": request("/", "Cookie: "),
    "cookie unclosed quote": request("/", 'Cookie: a="b; c=d'),
    "header latin-1": request("/", "X-Name: caf\udce9"),
    "header utf-8": request("/", "X-Name: café"),
    "header repeated": request("/", "X-A: 1", "x-a: 2", "X-A:3"),
    "header empty": request("/", "X-Empty:", "X-Spaces:    ", "X-Tab:\tvalue\t"),
    "header inner spaces": request("/", "X-A:   a  b   "),
    "content-type": form("/", b"{}", "application/json"),
    "content-type charset": form("/", b"a", "text/plain; charset=UTF-8"),
    "content-type charset quoted": form("/", b"a", 'text/plain; charset="utf-8"; a=b'),
    "content-type charset unknown": form("/", b"a", "text/plain; charset=none-such"),
    "content-type upper case": form("/", b"a", "Text/HTML; Charset=Latin-1"),
    "content-type bad": form("/", b"a", "nonsense"),
    "content-type empty": form("/", b"a", ""),
    "content-type odd": form("/", b"a", "application/vnd.api+json;version=1"),
    "content-type semicolons": form("/", b"a", "text/plain;;;"),
    "body": request("/", method="POST", body=b"hello"),
    "body empty": request("/", method="POST", body=b""),
    "post without length": request("/", method="POST"),
    "get with body": request("/", method="GET", body=b"hello"),
    "chunked": request("/", "Transfer-Encoding: chunked", method="POST")
    + b"3\r\nabc\r\n0\r\n\r\n",
    "range": request("/", "Range: bytes=0-499"),
    "range open": request("/", "Range: bytes=500-"),
    "range suffix": request("/", "Range: bytes=-500"),
    "range one byte": request("/", "Range: bytes=0-0"),
    "range reversed": request("/", "Range: bytes=5-2"),
    "range malformed": request("/", "Range: bytes=a-b"),
    "range no digits": request("/", "Range: bytes=-"),
    "range several": request("/", "Range: bytes=0-1,3-4"),
    "range another unit": request("/", "Range: lines=0-1"),
    "range spaces": request("/", "Range: bytes = 0 - 1"),
    "range upper case": request("/", "Range: Bytes=0-1"),
    "dates": request(
        "/",
        "If-Modified-Since: Sat, 29 Oct 1994 19:43:31 GMT",
        "If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT",
        "If-Range: Mon, 07 Nov 1994 08:49:37 GMT",
    ),
    "dates obsolete": request(
        "/",
        "If-Modified-Since: Sunday, 06-Nov-94 08:49:37 GMT",
        "If-Unmodified-Since: Sun Nov  6 08:49:37 1994",
    ),
    "dates bad": request(
        "/",
        "If-Modified-Since: yesterday",
        "If-Unmodified-Since: 12345",
        "If-Range: Sat, 45 Oct 1994 19:43:31 GMT",
    ),
    "dates without zone": request("/", "If-Modified-Since: Sat, 29 Oct 1994 19:43:31"),
    "date out of range": request("/", "If-Modified-Since: Sat, 29 Oct 99999 19:43:31 GMT"),
    "if-range tag": request("/", 'If-Range: "tag"'),
    "tags": request("/", 'If-Match: "a", W/"b"', 'If-None-Match: "c"'),
    "tags any": request("/", "If-Match: *", "If-None-Match: *"),
    "tags weak": request("/", 'If-None-Match: W/"a",W/"b"'),
    "tags bare": request("/", "If-None-Match: abc", 'If-Match: "a" "b"'),
    "tags partly bad": request("/", 'If-None-Match: "a", b, "c"'),
    "tags empty": request("/", 'If-None-Match: ""', "If-Match:"),
    "forwarded": request("/", "Forwarded: for=1.2.3.4;proto=https;by=x, for=5.6.7.8"),
    "forwarded ipv6": request("/", 'Forwarded: for="[::1]:80";host=example.com'),
    "forwarded twice": request("/", "Forwarded: for=a", "Forwarded: for=b;by=c"),
    "forwarded case": request("/", "Forwarded: For=A;PROTO=http"),
    "forwarded bad": request("/", "Forwarded: for=a b, by=ok, =, for=\x01"[:-1] + "x y"),
    "forwarded quoted": request("/", 'Forwarded: for="a\\"b;c,d";by=e'),
    "forwarded spaces": request("/", "Forwarded: for=a ; by=b , for=c"),
    "forwarded empty": request("/", "Forwarded: ", "Forwarded: ,;,"),
    "x-forwarded ignored": request(
        "/",
        "X-Forwarded-For: 1.1.1.1",
        "X-Forwarded-Proto: https",
        "X-Forwarded-Host: evil.example",
    ),
    "upgrade of no use": request("/", "Upgrade: h2c", "Connection: upgrade"),
}

BODIES: dict[str, bytes] = {
    "none": request("/"),
    "empty": request("/", method="POST", body=b""),
    "text": form("/", b"hello", "text/plain"),
    "utf-8": form("/", "Имя".encode(), "text/plain; charset=utf-8"),
    "latin-1": form("/", b"caf\xe9", "text/plain; charset=latin-1"),
    "utf-16": form("/", "abc".encode("utf-16"), "text/plain; charset=utf-16"),
    "json": form("/", b'{"a": [1, 2.5, null, "\\u00e9"]}', "application/json"),
    "json scalar": form("/", b"17", "application/json"),
    "json without type": request("/", method="POST", body=b'{"a": 1}'),
    "bad json": form("/", b'{"a": ', "application/json"),
    "bad utf-8": form("/", b"\xff\xfe\xfd", "text/plain"),
    "unknown charset": form("/", b"abc", "text/plain; charset=none-such"),
    "chunked": request("/", "Transfer-Encoding: chunked", method="PUT")
    + b"5\r\nhello\r\n1;ext=1\r\n!\r\n0\r\nTrailer: x\r\n\r\n",
    "binary": request("/", method="POST", body=bytes(range(256))),
}


def _attributes(raw: bytes) -> Case:
    async def case(bench: Bench) -> None:
        async def handler(request: Any) -> Any:
            for name, attribute in ATTRIBUTES.items():
                bench.attempt(f"request.{name}", functools.partial(attribute, request))
            return bench.web.Response(text="seen")

        served = await bench.serve(handler)
        await served.ask(raw)

    return case


def _bodies(raw: bytes) -> Case:
    async def case(bench: Bench) -> None:
        readers: dict[str, Callable[[Any], Any]] = {
            "read": lambda r: r.read(),
            "text": lambda r: r.text(),
            "json": lambda r: r.json(),
            "json loads": lambda r: r.json(loads=len),
            "content": lambda r: r.content.read(),
            "readany": lambda r: r.content.readany(),
            "readline": lambda r: r.content.readline(),
        }
        for name, reader in readers.items():

            async def handler(request: Any, reader: Any = reader, name: str = name) -> Any:
                await bench.attempt_await(name, lambda: reader(request))
                bench.note(f"{name}, then can_read_body", request.can_read_body)
                bench.note(f"{name}, then body_exists", request.body_exists)
                await bench.attempt_await(f"{name}, then read", request.read)
                bench.note(f"{name}, then at_eof", request.content.at_eof())
                return bench.web.Response()

            served = await bench.serve(handler)
            await served.ask(raw, label=f"{name} ")

    return case


def _unhandled(reader: Callable[[Any], Any]) -> Callable[[bytes], Case]:
    def make(raw: bytes) -> Case:
        async def case(bench: Bench) -> None:
            async def handler(request: Any) -> Any:
                value = await reader(request)
                return bench.web.Response(text=repr(value))

            served = await bench.serve(handler)
            await served.ask(raw)

        return case

    return make


async def clone(bench: Bench) -> None:
    async def handler(request: Any) -> Any:
        request["key"] = "value"
        changes: dict[str, dict[str, Any]] = {
            "nothing": {},
            "method": {"method": "PUT"},
            "rel_url": {"rel_url": "/other?a=1#f"},
            "headers": {"headers": {"X-New": "1", "Cookie": "a=b"}},
            "scheme": {"scheme": "https"},
            "host": {"host": "other.example:99"},
            "remote": {"remote": "1.2.3.4"},
            "client_max_size": {"client_max_size": 17},
            "unknown": {"nonsense": 1},
        }
        for name, change in changes.items():

            def seen(change: dict[str, Any] = change) -> object:
                copy = request.clone(**change)
                copy["more"] = 1
                return [
                    copy.method,
                    str(copy.url),
                    str(copy.rel_url),
                    copy.path_qs,
                    copy.host,
                    copy.scheme,
                    copy.secure,
                    copy.remote,
                    copy.client_max_size,
                    dict(copy.cookies),
                    sorted(str(k).lower() for k in copy.headers),
                    dict(copy),
                    "more" in request,
                    type(copy).__name__,
                    copy.match_info is request.match_info,
                ]

            bench.attempt(f"clone {name}", seen)
        await bench.attempt_await("read", request.read)
        bench.fails("clone after reading", lambda: request.clone())
        return bench.web.Response()

    served = await bench.serve(handler)
    await served.ask(request("/a?b=c", "Cookie: x=y", method="POST", body=b"body"))


async def storage(bench: Bench) -> None:
    web = bench.web
    key = web.RequestKey("number", int)

    async def handler(request: Any) -> Any:
        request[key] = 1
        request["name"] = "value"
        bench.note("get", (request[key], request["name"], request.get("none", 2)))
        bench.note("in", (key in request, "name" in request, "none" in request))
        bench.note("len", len(request))
        bench.note("keys", sorted(str(each) for each in request if isinstance(each, str)))
        bench.attempt("missing key", lambda: request["none"])
        bench.attempt("missing typed key", lambda: request[web.RequestKey("other", int)])
        bench.attempt("missing delete", lambda: request.__delitem__("none"))
        del request["name"]
        bench.note("deleted", "name" in request)
        bench.note("setdefault", request.setdefault("name", 3))
        bench.note("pop", request.pop("name"))
        request.update({"a": 1})
        bench.note("equal", (request == request.clone(), request == request, request == {}))
        bench.attempt("hash", lambda: hash(request) == hash(request))
        bench.fails("set attribute", lambda: setattr(request, "custom", 1))
        return web.Response()

    served = await bench.serve(handler)
    await served.ask(request())


async def repr_of_a_request(bench: Bench) -> None:
    async def handler(request: Any) -> Any:
        bench.note("repr", repr(request))
        return bench.web.Response()

    served = await bench.serve(handler)
    await served.ask(request("/a%20b?c=d", method="PUT"))


async def content_methods(bench: Bench) -> None:
    calls: dict[str, Callable[[Any], Any]] = {
        "read 3": lambda c: c.read(3),
        "readline": lambda c: c.readline(),
        "readexactly": lambda c: c.readexactly(4),
        "readexactly too much": lambda c: c.readexactly(4000),
        "readuntil": lambda c: c.readuntil(b"e"),
        "readuntil absent": lambda c: c.readuntil(b"absent"),
        "readuntil empty": lambda c: c.readuntil(b""),
        "readany": lambda c: c.readany(),
        "readchunk": lambda c: c.readchunk(),
        "read all": lambda c: c.read(),
        "read 0": lambda c: c.read(0),
    }
    for name, call in calls.items():

        async def handler(request: Any, call: Any = call, name: str = name) -> Any:
            await bench.attempt_await(name, lambda: call(request.content))
            await bench.attempt_await(f"after {name}", request.content.read)
            await bench.attempt_await(f"again after {name}", request.content.read)
            bench.note(f"{name} total", request.content.total_bytes)
            return bench.web.Response()

        served = await bench.serve(handler)
        await served.ask(request("/", method="POST", body=b"one\ntwo\nthree"), label=f"{name} ")


async def content_iteration(bench: Bench) -> None:
    async def handler(request: Any) -> Any:
        kind = request.query["by"]
        content = request.content
        if kind == "lines":
            found: list[object] = [line async for line in content]
        elif kind == "chunked":
            found = [piece async for piece in content.iter_chunked(4)]
        elif kind == "any":
            found = [b"".join([piece async for piece in content.iter_any()])]
        else:
            found = [piece async for piece in content.iter_chunks()]
        bench.note(f"by {kind}", found)
        return bench.web.Response()

    served = await bench.serve(handler)
    for kind in ("lines", "chunked", "any", "chunks"):
        await served.ask(
            request(f"/?by={kind}", "Transfer-Encoding: chunked", method="POST")
            + b"6\r\none\ntw\r\n6\r\no\nthre\r\n1\r\ne\r\n0\r\n\r\n",
            label=f"{kind} ",
        )


async def encoded_bodies(bench: Bench) -> None:
    import gzip
    import zlib

    async def handler(request: Any) -> Any:
        bench.note(request.path, await request.read())
        bench.note(f"{request.path} length", request.content_length)
        bench.note(f"{request.path} encoding", request.headers.get("Content-Encoding"))
        return bench.web.Response()

    served = await bench.serve(handler)
    plain = b"hello " * 20
    for name, coding, body in (
        ("gzip", "gzip", gzip.compress(plain, mtime=0)),
        ("deflate", "deflate", zlib.compress(plain)),
        ("raw deflate", "deflate", zlib.compress(plain, wbits=-15)),
        ("identity", "identity", plain),
    ):
        await served.ask(
            request(
                f"/{name.replace(' ', '-')}",
                f"Content-Encoding: {coding}",
                method="POST",
                body=body,
            ),
            label=f"{name} ",
        )


async def too_large(bench: Bench) -> None:
    web = bench.web

    def app(size: int) -> Any:
        async def handler(request: Any) -> Any:
            if request.path == "/content":
                return web.Response(text=str(len(await request.content.read())))
            if request.path == "/clone":
                request = request.clone(client_max_size=100)
            if request.path == "/caught":
                try:
                    await request.read()
                except web.HTTPRequestEntityTooLarge as exc:
                    return web.Response(text=f"caught {exc.status}")
            return web.Response(text=str(len(await request.read())))

        made = web.Application(client_max_size=size)
        made.router.add_route("*", "/{tail:.*}", handler)
        return made

    for size in (0, 10):
        served = await bench.serve(app(size))
        for path in ("/read", "/content", "/clone", "/caught"):
            for length in (10, 11, 50, 101):
                await served.ask(
                    request(path, method="POST", body=b"x" * length),
                    label=f"{size} {path} {length} ",
                )


CASES: dict[str, Case] = {
    **{f"attributes: {name}": _attributes(raw) for name, raw in REQUESTS.items()},
    **{f"body: {name}": _bodies(raw) for name, raw in BODIES.items()},
    **{
        f"nobody catches text(): {name}": _unhandled(lambda r: r.text())(raw)
        for name, raw in BODIES.items()
    },
    **{
        f"nobody catches json(): {name}": _unhandled(lambda r: r.json())(raw)
        for name, raw in BODIES.items()
    },
    "clone": clone,
    "storage": storage,
    "repr": repr_of_a_request,
    "methods of content": content_methods,
    "iterations of content": content_iteration,
    "encoded bodies": encoded_bodies,
    "bodies over client_max_size": too_large,
}
