"""The resource that serves a directory: which paths are its own, and what they lead to.

A path is judged twice. Without touching a file :mod:`.served_path` decodes it and refuses what is
no relative name of a file; such a path is not the resource's own, so it ends in the router's 404
like any path that nobody has. Then :mod:`.opening` opens the file and refuses what lies outside of
the directory.

What is refused is raised as an HTTP exception by the handler, so that middlewares which make error
pages see it. Before that a path without a file may lead to something else, by the rules that the
resource was made with::

    a directory   its index file; the slash that is missing at its end (301);
                  the page of an application; a listing; 403
    nothing       the page of an application; 404
"""

import asyncio
import functools
import os
import re
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, cast

from tidegate_http_core import hdrs, parse_accept
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
    HTTPMovedPermanently,
    HTTPNotFound,
    Request,
    Response,
    StreamResponse,
)
from yarl import URL

from .file_cache import FileCache
from .file_response import FileResponse
from .finding import Finder
from .listing import HEADERS as LISTING_HEADERS
from .listing import read_directory, render
from .opening import FileRefused
from .representations import BeneathSource
from .served_path import filename_of, quoted_of
from .versions import Versions

#: The Cache-Control field of what may be kept for ever: a year, since that is how it is done.
IMMUTABLE: Final = "public, max-age=31536000, immutable"

#: Stands for a cache that the resource makes for itself.
OWN_CACHE: Final = FileCache(max_entries=0)

_NOT_MINE: Final = (None, frozenset[str]())


class StaticResource(PrefixResource):
    """Serves the files of a directory, and of those below it, to GET and HEAD."""

    # Else the router would have to hand every request of an application over.
    matches_by_path = True

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
        cache_control: str | Callable[[str], str | None] | None = None,
        immutable: bool | str | re.Pattern[str] = False,
        index: str | None = None,
        spa_fallback: str | None = None,
        content_types: Mapping[str, str] | None = None,
        precompressed: bool = True,
        cache: FileCache | None = OWN_CACHE,
    ) -> None:
        """Serve the files of *directory* under *prefix*.

        :param prefix: ``"/static"``, without a slash at the end, or ``""`` for every path.
        :param directory: the directory; it is resolved now, so a symbolic link that leads to it
            may change later without an effect.
        :param name: the name to build URLs by; unique in a router.
        :param expect_handler: answers an ``Expect`` field instead of the server.
        :param chunk_size: bytes of a file to read, and to hold in memory, at once.
        :param show_index: whether a directory is answered with a page that lists it, not with 403.
        :param follow_symlinks: whether symbolic links may lead out of the directory. Those that
            stay inside are always followed.
        :param append_version: whether :meth:`url_for` adds a hash of the content by default.
        :param cache_control: the Cache-Control field of files, or a function that gives it for a
            file's name, relative to the directory; None for no such field.
        :param immutable: which URLs may be kept for ever (RFC 8246), whatever *cache_control*
            says: True for those with the ``v=`` of :meth:`url_for`, as long as it is the hash of
            the file; a regular expression for names with a hash in them, of which it has to match
            the whole, relative to the directory.
        :param index: the name of the file that answers for the directory it lies in,
            ``"index.html"``.
        :param spa_fallback: the file, relative to the directory, that answers with 200 where
            nothing else does, to clients that ask for ``text/html`` by name, as browsers do for
            pages: the entry of an application that has its own paths.
        :param content_types: media types by suffix, ``{".glb": "model/gltf-binary"}``, lower case,
            or by whole name, before :data:`CONTENT_TYPES`.
        :param precompressed: whether ``.br``, ``.zst`` and ``.gz`` files beside a file are sent
            in its place to clients that accept them.
        :param cache: keeps small files in memory; a cache of its own by default, None for none.
        :raises ValueError: when there is no such directory, *chunk_size* is not positive,
            *prefix* is malformed, or *index* or *spa_fallback* can't be the name of a file.
        """
        super().__init__(prefix, name=name)
        if chunk_size < 1:
            raise ValueError(f"chunk_size is a number of bytes, 1 or more, got {chunk_size}")
        self._directory = _checked_directory(directory)
        self._root = str(self._directory)
        self._inside = os.path.join(self._root, "")
        self._chunk_size = chunk_size
        self._show_index = show_index
        self._append_version = append_version
        self._cache_control = cache_control
        self._versioned = immutable is True
        self._hashed = re.compile(immutable) if isinstance(immutable, str | re.Pattern) else None
        self._index = None if index is None else _checked_name("index", index)
        self._fallback = (
            None if spa_fallback is None else _checked_name("spa_fallback", spa_fallback)
        )
        self._finder = Finder(
            FileCache() if cache is OWN_CACHE else cache,
            object(),
            types=dict(content_types or ()),
            variants=precompressed,
        )
        self._versions = Versions(self._root, follow_symlinks=follow_symlinks)
        self._follow_symlinks = follow_symlinks
        self._allowed = frozenset[str]()
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
        self,
        *args: str | os.PathLike[str],
        filename: str | os.PathLike[str] | None = None,
        append_version: bool | None = None,
    ) -> URL:
        """Build the URL of a file.

        :param filename: its path relative to the directory, ``"css/site.css"``. A slash in front
            is left out; an empty name gives the URL of the directory. Positional use is
            deprecated.
        :param append_version: whether to add ``?v=`` and a hash of the content; as the resource
            was made with when None. Without effect when there is no such file. The hash is kept
            for as long as the file stays the same; making it reads the file, here and now.
        :raises ValueError: when no such name can be served, because a segment is empty, ``..`` or
            the like.
        """
        if args:
            warnings.warn(
                "the positional filename of url_for() is deprecated, use url_for(filename=...)",
                DeprecationWarning,
                stacklevel=2,
            )
            filename, *rest = args if filename is None else (filename, *args)
            if rest:
                append_version = bool(rest[0])
        if filename is None:
            raise TypeError("url_for() of a static resource needs filename=")
        quoted = quoted_of(filename)
        url = URL.build(path=f"{self.canonical}/{quoted}", encoded=True)
        if append_version or (append_version is None and self._append_version):
            version = self._versions.of(filename_of(quoted) or "")
            if version is not None:
                return url.with_query({"v": version})
        return url

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
        # Add-ons put routes into the table themselves.
        if len(self._allowed) != len(self._routes):
            self._allowed = frozenset(self._routes)
        route = self._routes.get(method)
        if route is None:
            return None, self._allowed
        return UrlMappingMatchInfo({"filename": filename}, route), self._allowed

    # --- answering ---

    async def _handle(self, request: Request) -> StreamResponse:
        filename = request.match_info["filename"]
        index = self._index
        if index is not None and (not filename or filename[-1] == "/"):
            try:
                return await self._file(request, filename + index)
            except FileRefused as exc:
                if exc.status == 403 and not exc.directory:
                    raise HTTPForbidden from None
        try:
            return await self._file(request, filename)
        except FileRefused as exc:
            return await self._without_file(request, filename, exc)

    async def _file(self, request: Request, filename: str) -> FileResponse:
        """Find the file that answers.

        :raises FileRefused: when it can't be served.
        """
        response = FileResponse(self._inside + filename, self._chunk_size)
        found = self._finder.kept(filename, request)
        if found is None:
            source = BeneathSource(self._root, filename, self._follow_symlinks)
            found = await self._finder.find(filename, request, source, self._chunk_size)
        response._found = found
        if self._cache_control is not None or self._versioned or self._hashed is not None:
            value = await self._policy(request, filename)
            if value is not None:
                response.headers[hdrs.CACHE_CONTROL] = value
        return response

    async def _policy(self, request: Request, filename: str) -> str | None:
        """Say for how long a file may be kept."""
        if self._hashed is not None and self._hashed.fullmatch(filename):
            return IMMUTABLE
        if self._versioned and "?" in request.raw_path:
            version = request.query.get("v")
            loop = asyncio.get_running_loop()
            if version and version == await loop.run_in_executor(
                None, self._versions.of, filename
            ):
                return IMMUTABLE
        value = self._cache_control
        return value(filename) if callable(value) else value

    async def _without_file(
        self, request: Request, filename: str, refused: FileRefused
    ) -> StreamResponse:
        """Answer for a path that leads to no file.

        :raises HTTPException: when there is no other answer.
        """
        named = filename.rstrip("/")
        if refused.directory and self._index is not None and filename == named != "":
            # The page's relative links go by the slash.
            location = self.url_for(filename=filename + "/", append_version=False)
            query = request.rel_url.raw_query_string
            raise HTTPMovedPermanently(
                URL.build(path=location.raw_path, query_string=query, encoded=True)
            )
        if self._fallback is not None and (refused.directory or refused.status == 404):
            page = await self._application_page(request)
            if page is not None:
                return page
        if refused.directory and self._show_index:
            return await self._listing(request, named)
        raise (HTTPForbidden() if refused.status == 403 else HTTPNotFound()) from None

    async def _application_page(self, request: Request) -> StreamResponse | None:
        accepted = request.headers.get(hdrs.ACCEPT, "")
        if not any(
            media_range.type == "text" and media_range.subtype == "html" and media_range.weight
            for media_range in parse_accept(accepted)
        ):
            return None
        try:
            response = await self._file(request, cast("str", self._fallback))
        except FileRefused:
            return None
        response.headers.add(hdrs.VARY, hdrs.ACCEPT)
        return response

    async def _listing(self, request: Request, name: str) -> StreamResponse:
        loop = asyncio.get_running_loop()
        read = functools.partial(
            read_directory, self._root, name, follow_symlinks=self._follow_symlinks
        )
        try:
            entries = await loop.run_in_executor(None, read)
        except FileRefused as exc:
            raise (HTTPForbidden() if exc.status == 403 else HTTPNotFound()) from None
        directory = name + "/" if name else ""
        url = self.url_for(filename=directory, append_version=False)
        text = render(url.path, url.raw_path, entries, parent=bool(name))
        return Response(text=text, content_type="text/html", headers=LISTING_HEADERS)


def _checked_name(argument: str, name: str) -> str:
    """Give back the name of a file below the directory.

    :raises ValueError: when it is none.
    """
    if not name or name.endswith("/") or filename_of(quoted_of(name)) != name:
        raise ValueError(f"{argument} is the name of a file below the directory, got {name!r}")
    return name


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
