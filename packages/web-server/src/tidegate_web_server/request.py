"""A request to an application: what a router found for it, and the application itself.

What is the same for every request, with or without an application, is :mod:`.base_request`.
"""

from typing import TYPE_CHECKING, Self, cast

from tidegate_web_routing import AbstractMatchInfo, UrlMappingMatchInfo

from .base_request import BaseRequest as BaseRequest
from .chain_map_proxy import ChainMapProxy

if TYPE_CHECKING:
    from .application import Application


class Request(BaseRequest):
    """A request to an application: it has been routed."""

    _match_info: AbstractMatchInfo | None = None

    def routed(self, match_info: AbstractMatchInfo) -> None:
        """Take what the router found; called once, by the application."""
        self._match_info = match_info

    @property
    def match_info(self) -> UrlMappingMatchInfo:
        """What the router found, a dict of the path's variable parts.

        That is what it is with the default router, and so it is typed; another router may give
        another :class:`AbstractMatchInfo`.

        :raises RuntimeError: before the application has routed the request.
        """
        if self._match_info is None:
            raise RuntimeError("the request has not been routed: it has no match_info yet")
        return cast("UrlMappingMatchInfo", self._match_info)

    @property
    def app(self) -> "Application":
        """The application whose handler or middleware runs, the innermost when there are several.

        :raises RuntimeError: before the application has routed the request.
        """
        match_info: AbstractMatchInfo = self.match_info
        if isinstance(match_info, UrlMappingMatchInfo):
            return cast("Application", match_info.current_app)
        return cast("Application", match_info.apps[-1])

    @property
    def config_dict(self) -> ChainMapProxy:
        """The storage of :attr:`app` and, behind it, of the applications that it is nested in.

        :raises RuntimeError: before the application has routed the request.
        """
        apps = self.match_info.apps
        current = self.app
        depth = next(index for index, app in enumerate(apps) if app is current)
        return ChainMapProxy(reversed(apps[: depth + 1]))

    def _complete(self, copy: Self) -> None:
        # It has been routed like this one, whatever its path says.
        super()._complete(copy)
        copy._match_info = self._match_info
