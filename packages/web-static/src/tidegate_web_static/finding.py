"""From a request for a name to an open file, or one from memory.

What is in memory and still the same costs no hop to the executor. Else there is one, in which the
file and its variants are opened, a small file is read, and its head is made.
"""

import asyncio
import os
from collections.abc import Hashable, Mapping
from typing import Final

from tidegate_http_core import hdrs
from tidegate_web_server import BaseRequest

from .file_cache import FileCache
from .file_head import FileHead
from .preconditions import Preconditions
from .representations import Representation, Source, look_up

_NO_TYPES: Final[Mapping[str, str]] = {}


class Finder:
    """Finds files by one set of rules."""

    __slots__ = ("_cache", "_rules", "_types", "_variants")

    def __init__(
        self,
        cache: FileCache | None,
        rules: Hashable = None,
        *,
        types: Mapping[str, str] = _NO_TYPES,
        variants: bool = True,
    ) -> None:
        """Set the rules.

        :param cache: keeps small files; None for none.
        :param rules: stands for the rules in a cache that others use too.
        :param types: media types by suffix or name, before all others.
        :param variants: whether compressed variants are considered.
        """
        self._cache = cache
        self._rules = rules
        self._types = types
        self._variants = variants

    def kept(self, name: str, request: BaseRequest) -> Representation | None:
        """Return what stands for *name* if it is in memory and still the same."""
        cache = self._cache
        if cache is None:
            return None
        return cache.get((self._rules, name), request.headers.get(hdrs.ACCEPT_ENCODING))

    async def find(
        self, name: str, request: BaseRequest, source: Source, chunk_size: int
    ) -> Representation:
        """Open what stands for *name*, and read it if it is small.

        :param chunk_size: the largest file to read at once, in bytes.
        :raises FileRefused: when it can't be served.
        """
        loop = asyncio.get_running_loop()
        found = await loop.run_in_executor(
            None,
            self._open_and_read,
            source,
            request.headers.get(hdrs.ACCEPT_ENCODING),
            *self._portions(request, chunk_size),
        )
        if self._cache is not None:
            self._cache.put((self._rules, name), found)
        return found

    def _portions(self, request: BaseRequest, chunk_size: int) -> tuple[int, int]:
        """Say what to read at once: the largest file to read whole, and how much of a larger one.

        Most conditional requests end in a 304, and a HEAD needs no bytes; what may be kept for
        the next request is read all the same.
        """
        headers = request.headers
        if request.method == hdrs.METH_HEAD or Preconditions.of(headers) is not None:
            return (0 if self._cache is None else self._cache.max_file_size), 0
        if hdrs.RANGE in headers or request.writer.can_sendfile:
            return chunk_size, 0
        return chunk_size, chunk_size

    def _open_and_read(
        self, source: Source, accepted: str | None, whole: int, start: int
    ) -> Representation:
        """Do all that blocks; runs in the executor."""
        found = look_up(source, accepted, variants=self._variants)
        size = found.file.size
        limit = size if size <= whole else start
        if limit or not size:
            found.file.read_start(limit)
        found.head = FileHead(found, os.path.basename(source.path()), self._types)
        return found
