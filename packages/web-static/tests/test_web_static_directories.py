"""What answers where there is no file: index files, applications, listings."""

import html
import os
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import Application
from tidegate_web_static import StaticResource, listing
from tidegate_web_static.listing import Entry, read_directory, render
from tidegate_web_static.opening import FileRefused

if TYPE_CHECKING:
    from conftest import Serve

SECRET = b"outside of the root"
PAGE = "Accept: text/html,application/xhtml+xml,*/*;q=0.8"


def application(root: Path, prefix: str = "/static", **kwargs: Any) -> Application:
    app = Application()
    app.router.add_static(prefix, root, **kwargs)
    return app


# --- index files ---


@pytest.mark.parametrize("prefix", ["/static", "/"])
async def test_an_index_file_answers_for_its_directory(
    serve: "Serve", root: Path, prefix: str
) -> None:
    (root / "css" / "index.html").write_bytes(b"<p>css</p>")
    served = await serve(application(root, prefix, index="index.html"))
    prefix = prefix.rstrip("/")
    for path, body in (("/", b"<p>index</p>"), ("/css/", b"<p>css</p>")):
        answer = await served.get(prefix + path)
        assert (answer.status, answer.body) == (200, body)
        assert answer.headers["content-type"] == "text/html"
        etag = answer.headers["etag"]
        assert (await served.get(prefix + path, f"If-None-Match: {etag}")).status == 304


async def test_the_slash_that_is_missing_is_added(serve: "Serve", root: Path) -> None:
    (root / "a b" / "c").mkdir(parents=True)
    served = await serve(application(root, index="index.html"))
    answer = await served.get("/static/css?x=1&y=%20")
    assert (answer.status, answer.headers["location"]) == (301, "/static/css/?x=1&y=%20")
    answer = await served.get("/static/a%20b/c")
    assert answer.headers["location"] == "/static/a%20b/c/"


async def test_no_redirect_leads_to_another_host(serve: "Serve", root: Path) -> None:
    (root / "example.com").mkdir()
    served = await serve(application(root, "/", index="index.html"))
    assert (await served.get("//example.com")).status == 404
    assert (await served.get("/example.com")).headers["location"] == "/example.com/"


async def test_a_directory_without_index_is_forbidden(serve: "Serve", root: Path) -> None:
    served = await serve(application(root, index="index.html"))
    assert (await served.get("/static/css/")).status == 403
    assert (await served.get("/static/missing/")).status == 404
    assert (await served.get("/static/index.html/")).status == 404
    (root / "css" / "index.html").mkdir()
    assert (await served.get("/static/css/")).status == 403
    with socket.socket(socket.AF_UNIX) as sock:
        os.chdir(root / "css" / "deep")
        sock.bind("index.html")
        os.chdir("/")
    assert (await served.get("/static/css/deep/")).status == 403


@pytest.mark.parametrize("argument", ["index", "spa_fallback"])
@pytest.mark.parametrize("name", ["", "/index.html", "../index.html", "a/", "a//b", "."])
def test_an_index_is_the_name_of_a_file(root: Path, argument: str, name: str) -> None:
    with pytest.raises(ValueError, match=r"can't be served|is the name of a file"):
        StaticResource("/static", root, **{argument: name})  # type: ignore[arg-type]  # either


# --- applications with paths of their own ---


async def test_a_page_that_is_missing_is_the_application(serve: "Serve", root: Path) -> None:
    served = await serve(application(root, "/", spa_fallback="index.html"))
    for path in ("/", "/users/7", "/users/7/", "/css", "/missing.html"):
        answer = await served.get(path, PAGE)
        assert (answer.status, answer.body) == (200, b"<p>index</p>")
        assert "Accept" in answer.headers["vary"]
    assert (await served.ask("HEAD", "/users/7", PAGE)).status == 200
    for accept in ("Accept: */*", "Accept: image/avif,*/*", "Accept: text/html;q=0"):
        assert (await served.get("/users/7", accept)).status == 404
    assert (await served.get("/users/7")).status == 404
    assert (await served.get("/css/deep/site.css", PAGE)).body == b"body {}"
    for path in ("/leak.txt", "/../secret.txt"):
        assert SECRET not in (await served.get(path, PAGE)).body


async def test_an_application_that_is_gone_is_missing(serve: "Serve", root: Path) -> None:
    served = await serve(application(root, "/", spa_fallback="index.html"))
    (root / "index.html").unlink()
    assert (await served.get("/users/7", PAGE)).status == 404
    assert (await served.get("/css", PAGE)).status == 403


# --- listings ---


def links(body: bytes) -> list[tuple[str, str]]:
    found = re.findall(r'<a href="([^"]*)">([^<]*)</a>', body.decode())
    return [(html.unescape(url), html.unescape(name)) for url, name in found]


async def test_a_directory_is_listed(serve: "Serve", root: Path) -> None:
    (root / "Zoo.txt").write_bytes(bytes(2048))
    served = await serve(application(root, show_index=True))
    for path in ("/static", "/static/"):
        answer = await served.get(path)
        assert answer.status == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert answer.headers["cache-control"] == "no-cache"
        assert links(answer.body) == [
            ("/static/css/", "css/"),
            ("/static/itself/", "itself/"),
            ("/static/styles/", "styles/"),
            ("/static/empty.txt", "empty.txt"),
            ("/static/index.html", "index.html"),
            ("/static/inner.html", "inner.html"),
            ("/static/my%20file.txt", "my file.txt"),
            ("/static/Zoo.txt", "Zoo.txt"),
        ]
    text = answer.body.decode()
    assert "<title>/static/</title>" in text
    assert '<td class="size">2.0 KiB</td>' in text
    assert '<td class="date">2023-11-14 22:13</td>' in text
    assert 'name="viewport"' in text
    head = await served.ask("HEAD", "/static/")
    assert head.headers["content-length"] == str(len(answer.body))


async def test_links_of_a_listing_lead_to_what_is_there(serve: "Serve", root: Path) -> None:
    (root / "css" / os.fsdecode(b'od"d<b>&\xff?.txt')).write_bytes(b"odd")
    served = await serve(application(root, show_index=True))
    answer = await served.get("/static/css")
    assert b"<b>" not in answer.body
    found = links(answer.body)
    assert found[0] == ("/static/", "../")
    for url, _ in found:
        assert (await served.get(url)).status == 200
    assert (await served.get(found[-2][0])).body == b"odd"


async def test_a_listing_never_leads_out(serve: "Serve", root: Path) -> None:
    served = await serve(application(root, show_index=True))
    for path in ("/static/out", "/static/out/", "/static/../", "/static/missing/"):
        assert (await served.get(path)).status == 404
    followed = await serve(application(root, show_index=True, follow_symlinks=True))
    answer = await followed.get("/static/out/")
    assert links(answer.body)[-1] == ("/static/out/secret.txt", "secret.txt")
    names = [name for _, name in links((await followed.get("/static/")).body)]
    assert {"out/", "leak.txt"} <= set(names)
    assert not {"broken", "loop"} & set(names)


async def test_files_come_before_listings(serve: "Serve", root: Path) -> None:
    app = application(root, show_index=True, index="index.html")
    served = await serve(app)
    assert (await served.get("/static/")).body == b"<p>index</p>"
    assert (await served.get("/static/css")).status == 301
    assert b"deep/" in (await served.get("/static/css/")).body


async def test_a_directory_that_goes_away_meanwhile(
    serve: "Serve", root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = await serve(application(root, show_index=True))
    for status in (403, 404):

        def refused(*args: object, status: int = status, **kwargs: object) -> list[Entry]:
            raise FileRefused(status)

        monkeypatch.setattr("tidegate_web_static.resource.read_directory", refused)
        assert (await served.get("/static/css/")).status == status


@pytest.mark.parametrize("walks", [True, False])
def test_what_can_t_be_served_is_not_listed(
    root: Path, monkeypatch: pytest.MonkeyPatch, walks: bool
) -> None:
    if not walks:
        monkeypatch.setattr("tidegate_web_static.listing.WALKS", False)
    os.mkfifo(root / "fifo")
    names = [entry.name for entry in read_directory(str(root), "", follow_symlinks=False)]
    assert "index.html" in names
    assert not {"fifo", "leak.txt", "out", "broken", "loop", "out-missing"} & set(names)


def test_a_listing_is_bounded(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_ENTRIES", 3)
    entries = read_directory(str(root), "", follow_symlinks=True)
    assert len(entries) == 4
    page = render("/static/", "/static/", entries, parent=False)
    assert "The first 3 entries." in page
    assert len(links(page.encode())) == 3


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (1536 * 1024, "1.5 MiB"),
        (3 * 1024**3, "3.0 GiB"),
        (5 * 1024**5, "5120.0 TiB"),
    ],
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert f">{text}<" in render("/", "/", [Entry("a", size, 0)], parent=False)


def test_a_time_that_no_calendar_has_is_left_out() -> None:
    assert '<td class="date"></td>' in render("/", "/", [Entry("a", 1, 1e300)], parent=False)
