"""What can be a middleware."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import Request, StreamResponse, middleware

if TYPE_CHECKING:
    from collections.abc import Callable


async def good(request: Request, handler: Any) -> StreamResponse:
    response: StreamResponse = await handler(request)
    return response


def test_a_middleware_is_returned_as_it_is() -> None:
    assert middleware(good) is good
    partial = functools.partial(good)
    assert middleware(partial) is partial


@pytest.mark.parametrize(
    "accepted",
    [
        lambda request, *, handler: None,
        lambda request, **kwargs: None,
        lambda *args, handler=None: None,
        lambda request, handler, extra=1: None,
    ],
)
def test_any_signature_that_fits_is_accepted(accepted: Callable[..., Any]) -> None:
    assert middleware(accepted) is accepted


@pytest.mark.parametrize(
    "refused",
    [
        lambda request: None,
        lambda request, other: None,
        lambda request, handler, more: None,
        lambda handler: None,
        lambda: None,
    ],
)
def test_a_signature_that_does_not_fit_is_refused_when_it_is_marked(
    refused: Callable[..., Any],
) -> None:
    with pytest.raises(TypeError, match=r"called as middleware\(request, handler=handler\)"):
        middleware(refused)


def test_what_cannot_be_called_is_refused() -> None:
    unfit: Any = "text"
    with pytest.raises(TypeError, match="a middleware is a coroutine function, got 'text'"):
        middleware(unfit)
