"""Class based views whose missing verbs are answered with 405."""

from collections.abc import Generator
from typing import Any

from tidegate_web_routing import MethodNotAllowed
from tidegate_web_routing import View as RoutingView

from .request import Request
from .routing_errors import http_exception


class View(RoutingView):
    """A base class for views: derive from it and write ``async def get(self)`` and the like.

    The request is ``self.request``. A method that the class lacks raises
    :class:`HTTPMethodNotAllowed` with the methods that it has.
    """

    @property
    def request(self) -> Request:
        """The request to answer."""
        request: Request = super().request
        return request

    def __await__(self) -> Generator[Any, None, Any]:
        """Call the method that is named like the request's."""
        try:
            return (yield from super().__await__())
        except MethodNotAllowed as exc:
            raise http_exception(exc) from None
