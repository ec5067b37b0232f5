"""Static files, FileResponse, ranges and conditions."""

from __future__ import annotations

import functools
import gzip
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from compat.bench import Bench, Case
from compat.wire import request

TIME = 1_600_000_000
DATE = "Sun, 13 Sep 2020 12:26:40 GMT"
BEFORE = "Sun, 13 Sep 2020 12:26:39 GMT"
AFTER = "Sun, 13 Sep 2020 12:26:41 GMT"


def files(top: Path) -> Path:
    """Make a directory to serve, the same each time; inode numbers are no part of an ETag."""
    served = top / "served"
    (served / "dir" / "inner").mkdir(parents=True)
    (served / "page.html").write_text("<p>page")
    (served / "data.txt").write_bytes(b"0123456789" * 10)
    (served / "empty.txt").write_bytes(b"")
    (served / "no-extension").write_bytes(b"bytes")
    (served / "picture.png").write_bytes(b"\x89PNG")
    (served / "script.js").write_text("1")
    (served / "data.json").write_text("{}")
    (served / "archive.tar.gz").write_bytes(gzip.compress(b"tar", mtime=0))
    (served / "with space.txt").write_text("space")
    (served / "été.txt").write_text("été")
    (served / "dir" / "a.txt").write_text("a")
    (served / "packed.css").write_text("plain css")
    (served / "packed.css.gz").write_bytes(gzip.compress(b"plain css", mtime=0))
    (top / "outside.txt").write_text("outside")
    (served / "link-out").symlink_to(top / "outside.txt")
    (served / "link-in").symlink_to(served / "data.txt")
    os.mkfifo(served / "pipe")
    for path in [*served.rglob("*"), served]:
        if path.is_file() or path.is_dir():
            os.utime(path, (TIME, TIME))
    return served


Serving = Callable[[Bench, Path], Any]


def _static(**options: Any) -> Serving:
    def make(bench: Bench, served: Path) -> Any:
        app = bench.web.Application()
        app.router.add_static("/s", served, **options)
        return app

    return make


def _file(name: str, **options: Any) -> Serving:
    def make(bench: Bench, served: Path) -> Any:
        async def handler(request: Any) -> Any:
            return bench.web.FileResponse(served / name, **options)

        app = bench.web.Application()
        app.router.add_get("/{tail:.*}", handler)
        return app

    return make


def _asked(make: Serving, requests: dict[str, bytes]) -> Case:
    async def case(bench: Bench) -> None:
        with tempfile.TemporaryDirectory() as top:
            served = await bench.serve(make(bench, files(Path(top))))
            for name, raw in requests.items():
                await served.ask(raw, label=f"{name} ")

    return case


PATHS = [
    "/s/data.txt",
    "/s/page.html",
    "/s/empty.txt",
    "/s/no-extension",
    "/s/picture.png",
    "/s/script.js",
    "/s/data.json",
    "/s/archive.tar.gz",
    "/s/with%20space.txt",
    "/s/%C3%A9t%C3%A9.txt",
    "/s/dir/a.txt",
    "/s/none.txt",
    "/s/dir",
    "/s/dir/",
    "/s",
    "/s/",
    "/s/data.txt/",
    "/s/data.txt/more",
    "/s/../outside.txt",
    "/s/%2e%2e/outside.txt",
    "/s/..%2foutside.txt",
    "/s//etc/passwd",
    "/s/%2fetc/passwd",
    "/s/dir/../data.txt",
    "/s/link-out",
    "/s/link-in",
    "/s/pipe",
    "/s/" + "x" * 300,
    "/s/a%00b",
    "/sx",
    "/s/data.txt?v=1",
    "/s/DATA.txt",
]

CONDITIONS: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "modified before": (f"If-Modified-Since: {BEFORE}",),
    "modified same": (f"If-Modified-Since: {DATE}",),
    "modified after": (f"If-Modified-Since: {AFTER}",),
    "modified bad": ("If-Modified-Since: yesterday",),
    "unmodified before": (f"If-Unmodified-Since: {BEFORE}",),
    "unmodified same": (f"If-Unmodified-Since: {DATE}",),
    "match any": ("If-Match: *",),
    "match other": ('If-Match: "other"',),
    "none match any": ("If-None-Match: *",),
    "none match other": ('If-None-Match: "other"',),
    "none match other, not modified": (
        'If-None-Match: "other"',
        f"If-Modified-Since: {AFTER}",
    ),
    "match other, unmodified": ('If-Match: "other"', f"If-Unmodified-Since: {DATE}"),
    "range": ("Range: bytes=0-9",),
    "range middle": ("Range: bytes=10-19",),
    "range open": ("Range: bytes=90-",),
    "range suffix": ("Range: bytes=-5",),
    "range suffix long": ("Range: bytes=-500",),
    "range past the end": ("Range: bytes=95-200",),
    "range beyond": ("Range: bytes=100-",),
    "range beyond far": ("Range: bytes=1000-2000",),
    "range reversed": ("Range: bytes=9-0",),
    "range suffix zero": ("Range: bytes=-0",),
    "range malformed": ("Range: bytes=abc",),
    "range unit": ("Range: lines=0-1",),
    "range several": ("Range: bytes=0-1,5-6",),
    "range, if-range date": ("Range: bytes=0-4", f"If-Range: {DATE}"),
    "range, if-range older": ("Range: bytes=0-4", f"If-Range: {BEFORE}"),
    "range, if-range newer": ("Range: bytes=0-4", f"If-Range: {AFTER}"),
    "range, if-range tag": ("Range: bytes=0-4", 'If-Range: "other"'),
    "range, not modified": ("Range: bytes=0-4", f"If-Modified-Since: {AFTER}"),
}


async def own_etag(bench: Bench) -> None:
    """The ETag that was sent is known again."""
    with tempfile.TemporaryDirectory() as top:
        served = await bench.serve(_static()(bench, files(Path(top))))
        client = await served.connect()
        await client.send(request("/s/data.txt"))
        answer = await client.answer()
        tag = answer.headers["etag"][0] if answer else ""
        bench.note("quoted", (tag[0], tag[-1]))
        for name, field in {
            "none match": f"If-None-Match: {tag}",
            "none match weak": f"If-None-Match: W/{tag}",
            "none match list": f'If-None-Match: "x", {tag}',
            "match": f"If-Match: {tag}",
            "match weak": f"If-Match: W/{tag}",
            "match list": f'If-Match: "x", {tag}',
        }.items():
            await client.send(request("/s/data.txt", field))
            got = await client.answer()
            bench.note(name, (got.status, got.headers.get("etag") == [tag]) if got else None)


async def url_for(bench: Bench) -> None:
    def url(filename: str, **options: bool) -> str:
        return str(resource.url_for(filename=filename, **options))

    with tempfile.TemporaryDirectory() as top:
        served = files(Path(top))
        router = bench.web.Application().router
        resource = router.add_static("/s/", served, name="static")
        bench.note("resource", (type(resource).__name__, resource.canonical, resource.name))
        for name in ("data.txt", "/data.txt", "dir/a.txt", "with space.txt", "none", "été.txt"):
            bench.attempt(name, functools.partial(url, name))
            bench.attempt(
                f"{name} versioned",
                functools.partial(url, name, append_version=True),
            )
        bench.attempt("outside", lambda: str(resource.url_for(filename="../outside.txt")))
        bench.attempt(
            "outside versioned",
            lambda: str(resource.url_for(filename="../outside.txt", append_version=True)),
        )
        bench.attempt("path", lambda: str(resource.url_for(filename=Path("data.txt"))))
        bench.fails("positional", lambda: resource.url_for("data.txt"))
        other = router.add_static("/v", served, append_version=True)
        bench.attempt("by default", lambda: str(other.url_for(filename="data.txt")))
        bench.note("routes", sorted(route.method for route in resource))
        bench.note("info", sorted(resource.get_info()))


async def listing(bench: Bench) -> None:
    with tempfile.TemporaryDirectory() as top:
        served = await bench.serve(_static(show_index=True)(bench, files(Path(top))))
        for path in ("/s", "/s/", "/s/dir", "/s/dir/", "/s/dir/inner/", "/s/none/"):
            client = await served.connect()
            await client.send(request(path))
            answer = await client.answer()
            if answer is None:
                continue
            bench.note(f"{path} status", answer.status)
            bench.note(f"{path} type", answer.headers.get("content-type"))
            bench.note(f"{path} names", [b"a.txt" in answer.body, b"data.txt" in answer.body])


async def not_found_at_prepare(bench: Bench) -> None:
    web = bench.web

    async def handler(request: Any) -> Any:
        response = web.FileResponse("/no/such/file")
        bench.note("before", (response.status, response.prepared))
        return response

    served = await bench.serve(handler)
    await served.ask(request())
    await served.ask(request(method="HEAD"), label="HEAD ")


def _named(paths: list[str]) -> dict[str, bytes]:
    return {path[:40]: request(path) for path in paths}


METHODS = {
    name: request("/s/data.txt", method=name) for name in ("HEAD", "POST", "OPTIONS", "PUT")
}
ENCODINGS = {
    name: request("/s/packed.css", *([f"Accept-Encoding: {name}"] if name else []))
    for name in ("", "gzip", "br", "gzip, br", "identity", "gzip;q=0", "deflate")
}
ON_FILE = {name: request("/", *fields) for name, fields in CONDITIONS.items()}

CASES: dict[str, Case] = {
    "paths": _asked(_static(), _named(PATHS)),
    "paths, following symlinks": _asked(
        _static(follow_symlinks=True), _named(["/s/link-out", "/s/link-in", "/s/dir"])
    ),
    "methods": _asked(_static(), METHODS),
    "precompressed": _asked(_static(), ENCODINGS),
    "chunk size": _asked(_static(chunk_size=7), _named(["/s/data.txt", "/s/empty.txt"])),
    "conditions": _asked(
        _static(), {name: request("/s/data.txt", *fields) for name, fields in CONDITIONS.items()}
    ),
    "conditions, HEAD": _asked(
        _static(),
        {
            name: request("/s/data.txt", *fields, method="HEAD")
            for name, fields in CONDITIONS.items()
        },
    ),
    "conditions, empty file": _asked(
        _static(), {name: request("/s/empty.txt", *fields) for name, fields in CONDITIONS.items()}
    ),
    "FileResponse": _asked(_file("data.txt"), ON_FILE),
    "FileResponse with headers": _asked(
        _file("data.txt", headers={"Content-Type": "a/b", "X-A": "1"}), {"get": request()}
    ),
    "FileResponse with disposition": _asked(
        _file("data.txt", headers={"Content-Disposition": "attachment"}), {"get": request()}
    ),
    "FileResponse with status": _asked(
        _file("data.txt", status=404, reason="Lost"),
        {"get": request(), "range": request("/", "Range: bytes=0-1")},
    ),
    "FileResponse chunks": _asked(_file("data.txt", chunk_size=3), ON_FILE),
    "FileResponse of a directory": _asked(_file("dir"), {"get": request()}),
    "FileResponse 1.0": _asked(_file("data.txt"), {"get": request(version="1.0")}),
    "FileResponse packed": _asked(
        _file("packed.css"), {"gzip": request("/", "Accept-Encoding: gzip"), "no": request()}
    ),
    "FileResponse that is not there": not_found_at_prepare,
    "own ETag": own_etag,
    "url_for": url_for,
    "listing": listing,
}
