"""Hashes of files' contents, for URLs that change when the file does.

``url_for(filename=…, append_version=True)`` adds ``?v=`` and the SHA-256 of the content, in base64
for URLs, so that a cache may keep what it got for ever. A file is read for that once, and again
when its stamp says that it has changed; a file that was changed within the last two seconds is
read each time.
"""

import base64
import hashlib
import threading
from typing import Final

from .opening import FileRefused, OpenFile, Stamp, open_beneath

_KEPT: Final = 4096
_CHUNK: Final = 256 * 1024


class Versions:
    """The versions of the files below a directory; may be used by several threads."""

    def __init__(self, root: str, *, follow_symlinks: bool) -> None:
        """Know the files below *root*; the arguments are those of :func:`.open_beneath`."""
        self._root = root
        self._follow_symlinks = follow_symlinks
        self._known: dict[str, tuple[Stamp, str]] = {}
        self._lock = threading.Lock()

    def of(self, filename: str) -> str | None:
        """Return the version of a file, None when it can't be served; blocks.

        :param filename: plain names joined by slashes.
        """
        try:
            file = open_beneath(self._root, filename, follow_symlinks=self._follow_symlinks)
        except FileRefused:
            return None
        try:
            known = self._known.get(filename)
            if known is not None and known[0] == file.stamp:
                return known[1]
            version = _digest(file)
        finally:
            file.close()
        if file.settled:
            with self._lock:
                if len(self._known) >= _KEPT:
                    self._known.pop(next(iter(self._known)))
                self._known[filename] = file.stamp, version
        return version


def _digest(file: OpenFile) -> str:
    digest = hashlib.sha256()
    offset = 0
    while chunk := file.read_at(offset, _CHUNK):
        digest.update(chunk)
        offset += len(chunk)
    return base64.urlsafe_b64encode(digest.digest()).decode("ascii")
