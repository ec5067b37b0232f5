"""From the path of a URL to the name of a file below a directory, and back; no file is touched.

A quoted path is split at its slashes *before* anything is decoded, each segment is decoded once,
and what then is no plain name is refused: an empty segment, ``.``, ``..``, a slash or a backslash
that was encoded, NUL; where file names have a drive or a stream, the colon. Nothing is ever
normalised away, so there is one spelling of a path that leads to a file, and no spelling that
leads up.

Bytes that are no UTF-8 are kept as Python keeps them in file names (``surrogateescape``), so that
such a file can be served too.
"""

import os
import re
from pathlib import PurePath
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

_NEVER_IN_A_NAME: Final = "/\\\0:" if os.name == "nt" else "/\\\0"

# What needs a closer look: an escape, and what begins an empty segment, "." or "..".
_SPECIAL: Final = re.compile(r"^[./]|/[./]|[%\\\0:]")


def filename_of(quoted: str) -> str | None:
    """Decode what follows a prefix in a quoted path; None when it can't be the name of a file.

    :param quoted: the percent-encoded path without its leading slash, ``"css/my%20site.css"``.
        It may end with a slash, as the path of a directory.
    :returns: a relative path, with a slash between its segments, ``"css/my site.css"``. A slash
        at the end is kept.
    """
    if not _SPECIAL.search(quoted):
        return quoted
    if "%" not in quoted:
        return quoted if _is_plain(quoted.split("/")) else None
    segments = [
        unquote_to_bytes(segment).decode("utf-8", "surrogateescape")
        for segment in quoted.split("/")
    ]
    return "/".join(segments) if _is_plain(segments) else None


def quoted_of(filename: str | os.PathLike[str]) -> str:
    """Quote a relative file name for the path of a URL; the other way round.

    :param filename: ``"css/my site.css"``; one slash in front of it is left out.
    :raises ValueError: when no such name can be served, because a segment is empty, ``..`` or the
        like.
    """
    name = filename.as_posix() if isinstance(filename, PurePath) else os.fspath(filename)
    name = name.removeprefix("/")
    if not _is_plain(name.split("/")):
        raise ValueError(
            f"{name!r} can't be served: expected names joined by '/', none of them empty, '.' or "
            "'..', without backslash and NUL"
        )
    # ":" stays: behind the slash of the prefix it can't be taken for a scheme.
    return quote_from_bytes(name.encode("utf-8", "surrogateescape"), safe="/:@!$&'()*+,;=~")


def _is_plain(segments: list[str]) -> bool:
    """Tell whether all *segments* are plain names; the last one may be empty."""
    last = len(segments) - 1
    for number, segment in enumerate(segments):
        if segment in ("", ".", ".."):
            if segment or number != last:
                return False
        elif any(character in segment for character in _NEVER_IN_A_NAME):
            return False
    return True
