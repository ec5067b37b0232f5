"""How long files may be kept, URLs that change with them, and types by directory."""

import base64
import hashlib
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from tidegate_web_routing import static
from tidegate_web_server import Application
from tidegate_web_static import StaticResource
from tidegate_web_static.resource import IMMUTABLE
from tidegate_web_static.versions import Versions
from yarl import URL

if TYPE_CHECKING:
    from conftest import Serve

LONG_AGO = 1_700_000_000


def application(root: Path, **kwargs: Any) -> Application:
    app = Application()
    app.add_routes([static("/static", root, name="files", **kwargs)])
    return app


def version(content: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode()


# --- Cache-Control ---


async def test_files_get_no_policy_unless_one_is_given(serve: "Serve", root: Path) -> None:
    served = await serve(application(root))
    assert "cache-control" not in (await served.get("/static/index.html")).headers


async def test_a_policy_for_all(serve: "Serve", root: Path) -> None:
    served = await serve(application(root, cache_control="public, max-age=60"))
    answer = await served.get("/static/index.html")
    assert answer.headers["cache-control"] == "public, max-age=60"
    etag = answer.headers["etag"]
    answer = await served.get("/static/index.html", f"If-None-Match: {etag}")
    assert (answer.status, answer.headers["cache-control"]) == (304, "public, max-age=60")
    for path in ("/static/missing.txt", "/static/css"):
        assert "cache-control" not in (await served.get(path)).headers
    answer = await served.get("/static/index.html", "Range: bytes=999-")
    assert (answer.status, "cache-control" in answer.headers) == (416, False)


async def test_a_policy_by_name(serve: "Serve", root: Path) -> None:
    def policy(filename: str) -> str | None:
        return "max-age=60" if filename.startswith("css/") else None

    served = await serve(application(root, cache_control=policy))
    answer = await served.get("/static/css/deep/site.css")
    assert answer.headers["cache-control"] == "max-age=60"
    assert "cache-control" not in (await served.get("/static/index.html")).headers


async def test_versioned_urls_are_immutable(serve: "Serve", root: Path) -> None:
    app = application(root, immutable=True, cache_control="no-cache", append_version=True)
    served = await serve(app)
    url = app.router["files"].url_for(filename="index.html")
    assert (await served.get(str(url))).headers["cache-control"] == IMMUTABLE
    for path in ("/static/index.html", "/static/index.html?v=", "/static/index.html?v=old"):
        assert (await served.get(path)).headers["cache-control"] == "no-cache"
    (root / "index.html").write_bytes(b"a new version")
    assert (await served.get(str(url))).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("pattern", [r"css/.*-[0-9a-f]{8}\.css", None])
async def test_hashed_names_are_immutable(serve: "Serve", root: Path, pattern: str | None) -> None:
    (root / "css" / "site-0123abcd.css").write_bytes(b"body {}")
    immutable = pattern or re.compile(r"css/.*-[0-9a-f]{8}\.css")
    served = await serve(application(root, immutable=immutable))
    answer = await served.get("/static/css/site-0123abcd.css")
    assert answer.headers["cache-control"] == IMMUTABLE
    answer = await served.get("/static/css/deep/site.css")
    assert "cache-control" not in answer.headers


# --- URLs with a version ---


def test_a_url_has_the_hash_of_the_file(root: Path) -> None:
    resource = StaticResource("/static", root)
    expected = URL("/static/index.html").with_query(v=version(b"<p>index</p>"))
    assert resource.url_for(filename="index.html", append_version=True) == expected
    assert resource.url_for(filename="/index.html", append_version=True) == expected
    assert resource.url_for(filename="index.html") == URL("/static/index.html")
    always = StaticResource("/static", root, append_version=True)
    assert always.url_for(filename="index.html") == expected
    assert str(expected).endswith("?v=" + quote(version(b"<p>index</p>"), safe=""))
    assert always.url_for(filename="index.html", append_version=False) == URL("/static/index.html")


@pytest.mark.parametrize("name", ["missing.txt", "css", "leak.txt", ""])
def test_what_is_not_served_has_no_hash(root: Path, name: str) -> None:
    resource = StaticResource("/static", root, append_version=True)
    assert resource.url_for(filename=name) == URL(f"/static/{name}")


def test_a_name_with_escapes_has_the_hash_of_its_file(root: Path) -> None:
    (root / "100%.txt").write_bytes(b"x")
    resource = StaticResource("/static", root)
    url = resource.url_for(filename="100%.txt", append_version=True)
    assert url.query["v"] == version(b"x")


def test_the_hash_changes_with_the_file(root: Path) -> None:
    versions = Versions(str(root), follow_symlinks=False)
    path = root / "index.html"
    for content in (b"one", b"two"):
        path.write_bytes(content)
        assert versions.of("index.html") == version(content)


def test_a_settled_file_is_read_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tidegate_web_static.opening.CLOCK_STEP_NS", 0)
    monkeypatch.setattr("tidegate_web_static.versions._KEPT", 2)
    versions = Versions(str(root), follow_symlinks=False)
    names = ["index.html", "my file.txt", "empty.txt"]
    first = [versions.of(name) for name in names]

    def failing(fd: int, size: int, offset: int) -> bytes:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pread", failing)
        assert [versions.of(name) for name in names[1:]] == first[1:]
        # The first one had to make room.
        with pytest.raises(OSError, match="Input/output"):
            versions.of(names[0])
    assert versions.of(names[0]) == first[0]


def test_a_positional_filename_is_deprecated(root: Path) -> None:
    resource = StaticResource("/static", root)
    with pytest.deprecated_call(match="positional filename"):
        assert resource.url_for("index.html") == URL("/static/index.html")
    with pytest.deprecated_call(match="positional filename"):
        url = resource.url_for("index.html", True)  # type: ignore[arg-type]  # as it once was
    assert url.query["v"] == version(b"<p>index</p>")
    with pytest.raises(TypeError, match="filename"):
        resource.url_for()


# --- types ---


async def test_a_directory_has_types_of_its_own(serve: "Serve", root: Path) -> None:
    for name in ("a.GLB", "b.tar.glb", "LICENSE", "c.css"):
        (root / name).write_bytes(b"x")
    types = {".glb": "model/gltf-binary", ".tar.glb": "application/x-b", "LICENSE": "text/x-l"}
    served = await serve(application(root, content_types=types))
    for name, content_type in (
        ("a.GLB", "model/gltf-binary"),
        ("b.tar.glb", "application/x-b"),
        ("LICENSE", "text/x-l"),
        ("c.css", "text/css"),
    ):
        answer = await served.get(f"/static/{name}")
        assert answer.headers["content-type"] == content_type
