"""The request of a call: what a decorator of handlers finds among their arguments."""

from typing import Any

from .base_request import BaseRequest


def request_among(args: tuple[Any, ...]) -> BaseRequest:
    """Find the request of a call: of ``handler(request)``, a method of that kind, or a view's.

    :raises TypeError: when there is none.
    """
    for argument in args:
        if isinstance(argument, BaseRequest):
            return argument
    request = getattr(args[0], "request", None) if args else None
    if isinstance(request, BaseRequest):
        return request
    raise TypeError(f"expected a handler that is called with a request, got {args!r}")
