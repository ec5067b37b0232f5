"""A middleware that redirects to the path that was meant: other slashes, same resource.

It acts on a request that no route serves. The paths that could have been meant are tried in this
order, and the first one that a route serves is redirected to; where none is, the request goes on
and ends as the 404 or 405 that it is:

1. with runs of slashes made one (``merge_slashes``);
2. with a slash at the end (``append_slash``), or without (``remove_slash``);
3. both.

The query is kept as it is. A path never begins with two slashes, nor with a backslash, which
browsers take for one: they would lead to another host (``//host/`` is a URL without a scheme,
RFC 3986 section 4.2).
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from tidegate_web_routing import requote
from yarl import URL

from .exceptions import HTTPMove, HTTPPermanentRedirect
from .middlewares import Middleware, middleware
from .request import Request
from .stream_response import StreamResponse

_SLASHES: Final = re.compile(r"//+")
_LEADING: Final = re.compile(r"^[/\\]+")


def normalize_path_middleware(
    *,
    append_slash: bool = True,
    remove_slash: bool = False,
    merge_slashes: bool = True,
    redirect_class: type[HTTPMove] = HTTPPermanentRedirect,
) -> Middleware:
    """Make a middleware that redirects to the path that was meant.

    :param append_slash: try the path with a slash at its end.
    :param remove_slash: try the path without the slash at its end; then *append_slash* has to be
        False.
    :param merge_slashes: try the path with runs of slashes made one.
    :param redirect_class: what to raise; 308 unless it is given.
    :raises AssertionError: when slashes are to be both appended and removed.
    :raises TypeError: when *redirect_class* is no :class:`HTTPMove`.
    """
    if append_slash and remove_slash:
        # What aiohttp's assert raises, with and without python -O.
        raise AssertionError("Cannot both remove and append slash: one of them has to be False")
    if not issubclass(redirect_class, HTTPMove):
        raise TypeError(f"redirect_class is a subclass of web.HTTPMove, got {redirect_class!r}")

    def candidates(path: str) -> Iterator[str]:
        merged = _SLASHES.sub("/", path)
        other = path
        if append_slash and not path.endswith("/"):
            other = path + "/"
        elif remove_slash and path.endswith("/"):
            other = path[:-1]
        if merge_slashes:
            yield merged
        yield other
        if merge_slashes:
            # Slashes in a row at the end are one, and that one is removed.
            both = _SLASHES.sub("/", other)
            yield both.removesuffix("/") if remove_slash else both

    @middleware
    async def normalize_path(request: Request, handler: Any) -> StreamResponse:
        if request.match_info.http_exception is not None:
            target = request.raw_path
            if not target.startswith("/"):
                target = str(request.rel_url)
            path, mark, query = target.partition("?")
            tried = {path, ""}
            for candidate in candidates(path):
                if candidate == path:
                    # Slashes at its start are made one where a redirect might lead to another
                    # host, and are no reason for a redirect themselves.
                    continue
                meant = requote(_LEADING.sub("/", candidate))
                if meant not in tried and await _is_served(request, meant):
                    # Encoded, as it came: nothing of the query is quoted anew.
                    raise redirect_class(URL(meant + mark + query, encoded=True))
                tried.add(meant)
        response: StreamResponse = await handler(request)
        return response

    return normalize_path


async def _is_served(request: Request, path: str) -> bool:
    """Tell whether a route of the application serves *path*, with the method of *request*."""
    router = request.app.router
    try:
        match_info = router.match(request.method, path, request.host)
    except TypeError:
        # It needs the whole request.
        match_info = await router.resolve(request.clone(rel_url=URL(path, encoded=True)))
    return match_info.http_exception is None
