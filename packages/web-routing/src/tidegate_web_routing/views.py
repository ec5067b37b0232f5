"""Class based views: a class with an async method for each HTTP method that it serves.

The class is registered, usually for every method (``router.add_view()``), and made anew for each
request. Only the names in :data:`VERBS` are ever looked up, so no request reaches any other
attribute of the class.
"""

from collections.abc import Generator
from typing import Any, Final

from .abc import AbstractView
from .errors import MethodNotAllowed

#: The methods of RFC 9110 section 9 and PATCH (RFC 5789), and the Python methods that serve them.
VERBS: Final = {
    method: method.lower()
    for method in (
        "CONNECT",
        "DELETE",
        "GET",
        "HEAD",
        "OPTIONS",
        "PATCH",
        "POST",
        "PUT",
        "TRACE",
    )
}


class View(AbstractView):
    """A base class for views: derive from it and write ``async def get(self)`` and the like.

    The request is ``self.request``. A method that the class lacks is answered with 405 and the
    methods that it has.
    """

    def __await__(self) -> Generator[Any, None, Any]:
        return self._serve().__await__()

    async def _serve(self) -> Any:
        method: str = self.request.method
        verb = VERBS.get(method)
        serve = None if verb is None else getattr(self, verb, None)
        if serve is None:
            raise MethodNotAllowed(method, allowed_verbs(type(self)))
        return await serve()


def allowed_verbs(view: type[View]) -> set[str]:
    """Tell which methods a class of views serves."""
    return {method for method, verb in VERBS.items() if getattr(view, verb, None) is not None}
