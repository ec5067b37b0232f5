"""From the name of a file to its Content-Type and Content-Encoding.

The table is this package's own: it starts from Python's built-in one, never from what the system
has in ``/etc/mime.types``, so a file is typed the same on every machine. What browsers insist on
and older Pythons don't know, or know by an outdated name, is added.

A compressed file that is asked for by its own name is sent as what it is: ``data.tar.gz`` is an
``application/gzip``, without Content-Encoding, because a client would undo that and keep a file
whose name is wrong. The one exception is ``.svgz``, which no browser shows in any other way.
"""

from mimetypes import MimeTypes
from typing import Final

#: The table; ``CONTENT_TYPES.add_type("model/gltf-binary", ".glb")`` adds to it.
CONTENT_TYPES: Final = MimeTypes()

for _extension, _type in (
    (".apng", "image/apng"),
    (".avif", "image/avif"),
    (".flac", "audio/flac"),
    (".js", "text/javascript"),  # RFC 9239
    (".m4a", "audio/mp4"),
    (".map", "application/json"),
    (".md", "text/markdown"),
    (".mjs", "text/javascript"),
    (".ogg", "audio/ogg"),
    (".ogv", "video/ogg"),
    (".opus", "audio/ogg"),
    (".otf", "font/otf"),
    (".rtf", "application/rtf"),
    (".ttf", "font/ttf"),
    (".wasm", "application/wasm"),
    (".webm", "video/webm"),
    (".webmanifest", "application/manifest+json"),
    (".webp", "image/webp"),
    (".woff", "font/woff"),
    (".woff2", "font/woff2"),
    (".yaml", "application/yaml"),  # RFC 9512
    (".yml", "application/yaml"),
):
    CONTENT_TYPES.add_type(_type, _extension)
CONTENT_TYPES.encodings_map[".zst"] = "zstd"

# The media types of compressed files themselves, by the name of the coding.
_COMPRESSED: Final = {
    "gzip": "application/gzip",  # RFC 6713
    "zstd": "application/zstd",  # RFC 8878
    "bzip2": "application/x-bzip2",
    "compress": "application/x-compress",
    "xz": "application/x-xz",
}

_UNKNOWN: Final = "application/octet-stream"


def guess_content_type(name: str) -> tuple[str, str | None]:
    """Give the Content-Type of a file and, if it has to have one, its Content-Encoding.

    :param name: the name of the file, without directories.
    """
    if name.lower().endswith(".svgz"):
        return "image/svg+xml", "gzip"
    # "./" because the module takes "data:x" for a URL.
    media_type, coding = CONTENT_TYPES.guess_type("./" + name)
    if coding is not None:
        return _COMPRESSED.get(coding, _UNKNOWN), None
    return media_type or _UNKNOWN, None
