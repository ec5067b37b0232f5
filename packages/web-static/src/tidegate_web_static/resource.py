"""The resource that serves a directory: which paths are its own, and what they lead to.

A path is judged twice. Without touching a file :mod:`.served_path` decodes it and refuses what is
no relative name of a file; such a path is not the resource's own, so it ends in the router's 404
like any path that nobody has. Then :mod:`.opening` opens the file and refuses what lies outside of
the directory.

What is refused is raised as an HTTP exception by the handler, so that middlewares which make error
pages see it. A directory is a 403: what it holds is not listed.
"""

import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tidegate_http_core import hdrs
from tidegate_web_routing import (
    AbstractRoute,
    ExpectHandler,
    Handler,
    PrefixResource,
    ResourceRoute,
    UrlMappingMatchInfo,
)
from tidegate_web_server import (
    HTTPForbidden,
    HTTPNotFound,
    Request,
    StreamResponse,
)
from yarl import URL

from .file_response import FileResponse
from .opening import FileRefused, open_beneath
from .served_path import filename_of, quoted_of

_NOT_MINE: Final = (None, frozenset[str]())


class StaticResource(PrefixResource):
    """Serves the files of a directory, and of those below it, to GET and HEAD."""

    def __init__(
        self,
        prefix: str,
        directory: str | os.PathLike[str],
        *,
        name: str | None = None,
        expect_handler: ExpectHandler | None = None,
        chunk_size: int = 256 * 1024,
        show_index: bool = False,
        follow_symlinks: bool = False,
        append_version: bool = False,
    ) -> None:
        """Serve the files of *directory* under *prefix*.

        :param prefix: ``"/static"``, without a slash at the end, or ``""`` for every path.
        :param directory: the directory; it is resolved now, so a symbolic link that leads to it
            may change later without an effect.
        :param name: the name to build URLs by; unique in a router.
        :param expect_handler: answers an ``Expect`` field instead of the server.
        :param chunk_size: bytes of a file to read, and to hold in memory, at once.
        :param show_index: only False: a directory is answered with 403.
        :param follow_symlinks: whether symbolic links may lead out of the directory. Those that
            stay inside are always followed.
        :param append_version: only False: URLs get no hash of the content.
        :raises ValueError: when there is no such directory, *chunk_size* is not positive, or
            *prefix* is malformed.
        :raises NotImplementedError: when *show_index* or *append_version* is true.
        """
        super().__init__(prefix, name=name)
        if show_index or append_version:
            # Programs written for this interface pass them: they are told, not left to wonder
            # about an unexpected argument, and never served without the effect.
            raise NotImplementedError(
                "show_index and append_version are not available in this version of "
                "tidegate-web-static: leave them out"
            )
        if chunk_size < 1:
            raise ValueError(f"chunk_size is a number of bytes, 1 or more, got {chunk_size}")
        self._directory = _checked_directory(directory)
        self._chunk_size = chunk_size
        self._follow_symlinks = follow_symlinks
        self._routes = {
            method: ResourceRoute(method, self._handle, self, expect_handler=expect_handler)
            for method in (hdrs.METH_GET, hdrs.METH_HEAD)
        }

    def __repr__(self) -> str:
        """Show the name, the prefix and the directory."""
        label = "" if self.name is None else f"{self.name!r} "
        return f"<StaticResource {label}{self.canonical} -> {str(self._directory)!r}>"

    def __len__(self) -> int:
        """Return how many routes there are."""
        return len(self._routes)

    def __iter__(self) -> Iterator[AbstractRoute]:
        """Iterate over the routes: GET, HEAD and, when it is set, OPTIONS."""
        return iter(self._routes.values())

    def get_info(self) -> dict[str, Any]:
        """Describe it: ``{"directory": …, "prefix": …, "routes": …}``."""
        return {"directory": self._directory, "prefix": self.canonical, "routes": self._routes}

    def set_options_route(self, handler: Handler) -> None:
        """Let *handler* answer OPTIONS, for instance the preflight requests of CORS.

        :raises RuntimeError: when there is such a handler already.
        """
        if hdrs.METH_OPTIONS in self._routes:
            raise RuntimeError(f"{self!r} has an OPTIONS route already")
        self._routes[hdrs.METH_OPTIONS] = ResourceRoute(hdrs.METH_OPTIONS, handler, self)

    def url_for(  # type: ignore[override]  # a static resource has one part, which may be a path
        self, *, filename: str | os.PathLike[str]
    ) -> URL:
        """Build the URL of a file; whether it exists is not looked at.

        :param filename: its path relative to the directory, ``"css/site.css"``. A slash in front
            is left out; an empty name gives the URL of the directory.
        :raises ValueError: when no such name can be served, because a segment is empty, ``..`` or
            the like.
        """
        return URL.build(path=f"{self.canonical}/{quoted_of(filename)}", encoded=True)

    def match(
        self, method: str, path: str, host: str | None = None
    ) -> tuple[UrlMappingMatchInfo | None, frozenset[str]]:
        """Find the route for a method and a quoted path; ``filename`` is the name that it has.

        The prefix alone, with and without a slash, is the directory itself.
        """
        prefix = self.canonical
        if not path.startswith(prefix):
            return _NOT_MINE
        rest = path[len(prefix) :]
        if rest and rest[0] != "/":
            return _NOT_MINE
        filename = filename_of(rest[1:])
        if filename is None:
            return _NOT_MINE
        allowed = frozenset(self._routes)
        route = self._routes.get(method)
        if route is None:
            return None, allowed
        return UrlMappingMatchInfo({"filename": filename}, route), allowed

    async def _handle(self, request: Request) -> StreamResponse:
        filename = request.match_info["filename"]
        response = FileResponse(self._directory / filename, chunk_size=self._chunk_size)
        response._opener = functools.partial(
            open_beneath,
            str(self._directory),
            filename,
            follow_symlinks=self._follow_symlinks,
        )
        try:
            response._opened = await response._open(request)
        except FileRefused as exc:
            raise (HTTPForbidden() if exc.status == 403 else HTTPNotFound()) from None
        return response


def _checked_directory(directory: str | os.PathLike[str]) -> Path:
    """Resolve *directory*; a ``~`` in front is the home directory.

    :raises ValueError: when it is none.
    """
    try:
        # Not Path.resolve(): for a loop of links that raises a RuntimeError up to Python 3.12.
        resolved = Path(os.path.realpath(os.path.expanduser(directory), strict=True))
    except OSError as exc:
        raise ValueError(f"no directory exists at {os.fspath(directory)!r}: {exc}") from exc
    if not resolved.is_dir():
        raise ValueError(f"{os.fspath(directory)!r} is not a directory")
    return resolved
