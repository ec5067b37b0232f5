"""Forms, uploads and multipart bodies."""

from __future__ import annotations

import functools
import io
from typing import Any

from compat.bench import Bench, Case
from compat.wire import form, request

URLENCODED = "application/x-www-form-urlencoded"


def part(disposition: str, body: bytes, *fields: str, end: str = "\r\n") -> bytes:
    """Return one part of a form, with its boundary before it."""
    lines = ["--bound", f"Content-Disposition: {disposition}", *fields]
    head = "\r\n".join(lines).encode("utf-8", "surrogateescape")
    return head + b"\r\n\r\n" + body + end.encode()


def multipart(*parts: bytes, content_type: str = "multipart/form-data", end: str = "--") -> bytes:
    """Return a request with a multipart body."""
    body = b"".join(parts) + f"--bound{end}\r\n".encode()
    return form("/", body, f"{content_type}; boundary=bound")


FORMS: dict[str, bytes] = {
    "urlencoded": form("/", b"a=1&b=two&a=3", URLENCODED),
    "urlencoded quoted": form("/", b"a+b=c%20d&e=%C3%A9&%26=%3D", URLENCODED),
    "urlencoded blank": form("/", b"a=&b&=c&&", URLENCODED),
    "urlencoded bad percent": form("/", b"a=%zz&b=%", URLENCODED),
    "urlencoded semicolon": form("/", b"a=1;b=2", URLENCODED),
    "urlencoded charset": form("/", b"a=%E9", f"{URLENCODED}; charset=latin-1"),
    "urlencoded utf-8": form("/", "a=é".encode(), URLENCODED),
    "urlencoded spaces": form("/", b" a = 1 & b = 2", URLENCODED),
    "urlencoded empty": form("/", b"", URLENCODED),
    "urlencoded bad utf-8": form("/", b"a=%FF", URLENCODED),
    "put": form("/", b"a=1", URLENCODED, method="PUT"),
    "patch": form("/", b"a=1", URLENCODED, method="PATCH"),
    "delete": form("/", b"a=1", URLENCODED, method="DELETE"),
    "get with body": form("/", b"a=1", URLENCODED, method="GET"),
    "custom method": form("/", b"a=1", URLENCODED, method="PROPFIND"),
    "another type": form("/", b"a=1", "text/plain"),
    "json": form("/", b"{}", "application/json"),
    "no type": request("/", method="POST", body=b"a=1"),
    "no body": request("/", method="POST"),
    "chunked": request(
        "/", f"Content-Type: {URLENCODED}", "Transfer-Encoding: chunked", method="POST"
    )
    + b"3\r\na=1\r\n4\r\n&b=2\r\n0\r\n\r\n",
    "multipart": multipart(part('form-data; name="a"', b"1"), part('form-data; name="b"', b"two")),
    "multipart file": multipart(
        part('form-data; name="f"; filename="x.txt"', b"content", "Content-Type: text/plain")
    ),
    "multipart file without type": multipart(
        part('form-data; name="f"; filename="x.bin"', b"\0\1\2")
    ),
    "multipart empty filename": multipart(part('form-data; name="f"; filename=""', b"")),
    "multipart filename*": multipart(
        part("form-data; name=f; filename*=UTF-8''%C3%A9.txt", b"a", "Content-Type: a/b")
    ),
    "multipart filename utf-8": multipart(
        part('form-data; name="f"; filename="é.txt"', b"a", "Content-Type: a/b")
    ),
    "multipart filename path": multipart(
        part('form-data; name="f"; filename="../../etc/passwd"', b"a", "Content-Type: a/b")
    ),
    "multipart filename quoted": multipart(
        part('form-data; name="f"; filename="a\\"b.txt"', b"a", "Content-Type: a/b")
    ),
    "multipart utf-8 value": multipart(part('form-data; name="a"', "é".encode())),
    "multipart utf-8 name": multipart(part('form-data; name="é"', b"a")),
    "multipart part charset": multipart(
        part('form-data; name="a"', b"\xe9", "Content-Type: text/plain; charset=latin-1")
    ),
    "multipart part binary": multipart(
        part('form-data; name="a"', b"\xff\xfe", "Content-Type: application/octet-stream")
    ),
    "multipart part json": multipart(
        part('form-data; name="a"', b"{}", "Content-Type: application/json")
    ),
    "multipart several": multipart(
        part('form-data; name="a"', b"1"),
        part('form-data; name="a"', b"2"),
        part('form-data; name="f"; filename="1"', b"x", "Content-Type: a/b"),
        part('form-data; name="f"; filename="2"', b"y", "Content-Type: a/b"),
    ),
    "multipart base64": multipart(
        part('form-data; name="a"', b"aGVsbG8=", "Content-Transfer-Encoding: base64")
    ),
    "multipart quoted-printable": multipart(
        part('form-data; name="a"', b"caf=C3=A9", "Content-Transfer-Encoding: quoted-printable")
    ),
    "multipart _charset_": multipart(
        part('form-data; name="_charset_"', b"latin-1"), part('form-data; name="a"', b"\xe9")
    ),
    "multipart newlines": multipart(part('form-data; name="a"', b"\r\n1\r\n\r\n2\n")),
    "multipart empty value": multipart(part('form-data; name="a"', b"")),
    "multipart no parts": multipart(),
    "multipart preamble": form(
        "/",
        b"preamble\r\n" + part('form-data; name="a"', b"1") + b"--bound--\r\nepilogue",
        "multipart/form-data; boundary=bound",
    ),
    "multipart boundary quoted": form(
        "/",
        part("form-data; name=a", b"1") + b"--bound--",
        'multipart/form-data; boundary="bound"',
    ),
    "multipart no boundary": form("/", b"--bound--", "multipart/form-data"),
    "multipart wrong boundary": form("/", b"--bound--\r\n", "multipart/form-data; boundary=x"),
    "multipart not closed": form(
        "/", part("form-data; name=a", b"1"), "multipart/form-data; boundary=bound"
    ),
    "multipart no name": multipart(part("form-data", b"1")),
    "multipart no disposition": multipart(b"--bound\r\n\r\n1\r\n"),
    "multipart attachment": multipart(part('attachment; name="a"', b"1")),
    "multipart mixed": multipart(
        part('form-data; name="a"', b"1"), content_type="multipart/mixed"
    ),
}


def _value(value: Any) -> object:
    if isinstance(value, str | bytes | bytearray):
        return type(value).__name__, bytes(value) if not isinstance(value, str) else value
    return (
        type(value).__name__,
        value.name,
        value.filename,
        value.content_type,
        sorted(str(name).lower() for name in value.headers),
        value.file.read(),
        type(value.headers).__name__,
    )


def _posted(raw: bytes) -> Case:
    async def case(bench: Bench) -> None:
        async def handler(request: Any) -> Any:
            if request.headers.get("X-Catch") is None:
                form = await request.post()
                again = await request.post()
                bench.note("kind", type(form).__name__)
                bench.note("fields", [(name, _value(value)) for name, value in form.items()])
                bench.note("same", form is again)
                await bench.attempt_await("read after", request.read)
            return bench.web.Response()

        served = await bench.serve(handler)
        await served.ask(raw)

    return case


def _read_parts(raw: bytes) -> Case:
    async def case(bench: Bench) -> None:
        async def handler(request: Any) -> Any:
            reader = await request.multipart()
            bench.note("reader", type(reader).__name__)
            while (part := await reader.next()) is not None:
                bench.note("part", (type(part).__name__, part.name, part.filename))
                bench.note("headers", sorted(str(name).lower() for name in part.headers))
                bench.note("at_eof", part.at_eof())
                bench.note("charset", part.get_charset("default"))
                data = await part.read()
                bench.note("data", (type(data).__name__, bytes(data)))
                bench.note("decoded", bytes(await _decode(part, data)))
                bench.note("at_eof after", part.at_eof())
                bench.note("read again", bytes(await part.read()))
            bench.note("ended", (reader.at_eof(), await reader.next()))
            return bench.web.Response()

        served = await bench.serve(handler)
        await served.ask(raw)

    return case


async def _decode(part: Any, data: Any) -> Any:
    decoded = part.decode(data)
    return await decoded if hasattr(decoded, "__await__") else decoded


async def ways_to_read_a_part(bench: Bench) -> None:
    ways = {
        "read": lambda p: p.read(decode=True),
        "text": lambda p: p.text(),
        "json": lambda p: p.json(),
        "form": lambda p: p.form(),
        "chunk": lambda p: p.read_chunk(1000),
        "release": lambda p: p.release(),
    }
    bodies = {
        "json": b'{"a": 1}',
        "form": b"a=1&b=2&a=3",
        "lines": b"one\r\ntwo\nthree",
        "empty": b"",
    }
    for way, read in ways.items():

        async def handler(request: Any, way: str = way, read: Any = read) -> Any:
            async for part in await request.multipart():
                await bench.attempt_await(f"{way} of {part.name}", functools.partial(read, part))
            return bench.web.Response()

        served = await bench.serve(handler)
        await served.ask(
            multipart(*(part(f"form-data; name={name}", body) for name, body in bodies.items())),
            label=f"{way} ",
        )


async def chunks_of_a_part(bench: Bench) -> None:
    async def handler(request: Any) -> Any:
        reader = await request.multipart()
        part = await reader.next()
        data = b""
        while piece := await part.read_chunk(64):
            data += piece
        bench.note("data", data)
        skipped = await reader.next()
        bench.note("skipped", skipped.name)
        last = await reader.next()
        bench.note("last", (last.name, await last.text()))
        return bench.web.Response()

    served = await bench.serve(handler)
    await served.ask(
        multipart(
            part("form-data; name=a", b"0123456789" * 10 + b"\r\n--boun\r\n-"),
            part("form-data; name=b", b"not read" * 100),
            part("form-data; name=c", b"last"),
        )
    )


async def nested(bench: Bench) -> None:
    async def handler(request: Any) -> Any:
        async for part in await request.multipart():
            bench.note("part", (type(part).__name__, part.headers.get("Content-Type")))
            if hasattr(part, "next"):
                async for inner in part:
                    bench.note("inner", (inner.name, await inner.text()))
            else:
                bench.note("text", await part.text())
        return bench.web.Response()

    inner = b"--in\r\nContent-Disposition: form-data; name=x\r\n\r\n1\r\n--in--\r\n"
    served = await bench.serve(handler)
    await served.ask(
        multipart(
            part("form-data; name=a", inner, "Content-Type: multipart/mixed; boundary=in"),
            part("form-data; name=b", b"after"),
            content_type="multipart/mixed",
        )
    )


async def not_multipart(bench: Bench) -> None:
    async def handler(request: Any) -> Any:
        await bench.attempt_await("multipart", request.multipart)
        return bench.web.Response()

    served = await bench.serve(handler)
    await served.ask(form("/", b"a=1", URLENCODED), label="urlencoded ")


async def limits(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        form = await request.post()
        return web.Response(text=str(len(form)))

    app = web.Application(client_max_size=200, client_max_fields=3)
    app.router.add_post("/", handler)
    served = await bench.serve(app)
    bodies = {
        "small": form("/", b"a=1&b=2&c=3", URLENCODED),
        "fields": form("/", b"a=1&b=2&c=3&d=4", URLENCODED),
        "size": form("/", b"a=" + b"x" * 300, URLENCODED),
        "parts": multipart(*(part(f"form-data; name={n}", b"") for n in "abcd")),
        "file": multipart(part('form-data; name=f; filename="a"', b"x" * 300)),
        "field": multipart(part("form-data; name=f", b"x" * 300)),
    }
    for name, raw in bodies.items():
        client = await served.connect()
        await client.send(raw)
        answer = await client.answer()
        bench.note(f"{name} status", answer.status if answer else None)


async def written(bench: Bench) -> None:
    top = bench.framework.top
    writer = top.MultipartWriter("mixed", boundary="bound")
    bench.note("type", (writer.boundary, writer.content_type, len(writer)))
    writer.append("text")
    writer.append(b"bytes", {"X-Own": "1"})
    writer.append_json({"a": [1]})
    writer.append_form({"a": "1", "b": "é"})
    writer.append_form([("a", "1"), ("a", "2")])
    writer.append(io.BytesIO(b"io"))
    named = writer.append("named")
    named.set_content_disposition("form-data", name="n", filename="é.txt")
    inner = top.MultipartWriter("related", boundary="inner")
    inner.append("in")
    writer.append(inner)
    bench.note("size", writer.size)
    bench.note("length", len(writer))
    bench.note("truth", (bool(writer), bool(top.MultipartWriter())))
    bench.note("kinds", [type(payload).__name__ for payload, *_ in writer])
    bench.fails("nonsense", lambda: writer.append(object()))
    bench.fails("boundary", lambda: top.MultipartWriter(boundary="é"))
    bench.fails("boundary spaces", lambda: top.MultipartWriter(boundary="a\r\nb").content_type)
    bench.note("quoted", top.MultipartWriter(boundary="a b").content_type)

    async def handler(request: Any) -> Any:
        return bench.web.Response(body=writer)

    served = await bench.serve(handler)
    await served.ask()


async def file_fields(bench: Bench) -> None:
    async def handler(request: Any) -> Any:
        field = (await request.post())["f"]
        bench.note("is", isinstance(field, bench.web.FileField))
        bench.note("seek", (field.file.seek(0), field.file.read(3), field.file.tell()))
        bench.fails("set", lambda: setattr(field, "filename", "other"))
        bench.fails("not a tuple", lambda: len(field))
        bench.note("closed", field.file.closed)
        return bench.web.Response()

    served = await bench.serve(handler)
    await served.ask(FORMS["multipart file"])


CASES: dict[str, Case] = {
    **{f"post: {name}": _posted(raw) for name, raw in FORMS.items()},
    **{
        f"multipart: {name}": _read_parts(raw)
        for name, raw in FORMS.items()
        if name.startswith("multipart")
    },
    "ways to read a part": ways_to_read_a_part,
    "chunks of a part": chunks_of_a_part,
    "nested": nested,
    "not multipart": not_multipart,
    "limits": limits,
    "MultipartWriter": written,
    "FileField": file_fields,
}
