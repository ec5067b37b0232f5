import mimetypes

import pytest
from tidegate_web_static import CONTENT_TYPES, guess_content_type


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("a.html", "text/html"),
        ("a.HTML", "text/html"),
        ("a.css", "text/css"),
        ("a.js", "text/javascript"),
        ("a.mjs", "text/javascript"),
        ("a.json", "application/json"),
        ("a.js.map", "application/json"),
        ("a.svg", "image/svg+xml"),
        ("a.webp", "image/webp"),
        ("a.avif", "image/avif"),
        ("a.woff2", "font/woff2"),
        ("a.wasm", "application/wasm"),
        ("a.webmanifest", "application/manifest+json"),
        ("a.mp4", "video/mp4"),
        ("a.txt", "text/plain"),
        ("a.pdf", "application/pdf"),
        ("a", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("a.no-such-type", "application/octet-stream"),
        (".html", "application/octet-stream"),
        # A compressed file is what it is.
        ("a.txt.gz", "application/gzip"),
        ("a.tgz", "application/gzip"),
        ("a.tar.bz2", "application/x-bzip2"),
        ("a.tar.xz", "application/x-xz"),
        ("a.Z", "application/x-compress"),
        ("a.css.zst", "application/zstd"),
        ("a.css.br", "application/octet-stream"),
        # Names that look like something else.
        ("data:text,a.html", "text/html"),
        ("12:30.txt", "text/plain"),
        ("a?b.html", "text/html"),
        ("a#b.html", "text/html"),
        ("a;b.html", "text/html"),
    ],
)
def test_a_name_has_a_content_type(name: str, content_type: str) -> None:
    assert guess_content_type(name) == (content_type, None)


@pytest.mark.parametrize("name", ["a.svgz", "a.SVGZ"])
def test_a_compressed_svg_has_a_content_encoding(name: str) -> None:
    assert guess_content_type(name) == ("image/svg+xml", "gzip")


def test_the_table_is_not_the_one_of_the_process() -> None:
    mimetypes.init()
    before = mimetypes.types_map.get(".webmanifest")
    assert CONTENT_TYPES.types_map[True][".webmanifest"] == "application/manifest+json"
    mimetypes.add_type("text/x-wrong", ".html")
    try:
        assert guess_content_type("a.html") == ("text/html", None)
    finally:
        mimetypes.add_type("text/html", ".html")
    assert mimetypes.types_map.get(".webmanifest") == before


def test_a_type_can_be_added(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CONTENT_TYPES.types_map[True], ".glb", "model/gltf-binary")
    assert guess_content_type("a.glb") == ("model/gltf-binary", None)
