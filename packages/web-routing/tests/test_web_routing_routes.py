"""Routes judge their handlers once, when they are made."""

import functools
import gc
import warnings
import weakref
from collections.abc import AsyncIterator, Generator
from typing import Any

import pytest
from tidegate_web_routing import (
    AbstractRoute,
    MethodNotAllowed,
    PlainResource,
    ResourceRoute,
    RouteNotFound,
    SystemRoute,
    View,
    default_expect_handler,
    routes,
)
from yarl import URL


async def handler(request: Any) -> Any:
    return request


def bare(request: Any) -> Any:
    return request


def bare_awaitable(request: Any) -> Any:
    return handler(request)


def generator(request: Any) -> Generator[Any, None, Any]:
    result = yield from handler(request).__await__()
    return result


async def async_generator(request: Any) -> AsyncIterator[Any]:
    yield request


class Callable:
    async def __call__(self, request: Any) -> Any:
        return request

    async def method(self, request: Any) -> Any:
        return request


class MyView(View):
    async def get(self) -> Any:
        return self.request


def route(handler: Any = handler, method: str = "GET", **kwargs: Any) -> ResourceRoute:
    return ResourceRoute(method, handler, PlainResource("/a", name="a"), **kwargs)


@pytest.mark.parametrize(
    "asynchronous",
    [
        handler,
        Callable(),
        Callable().method,
        functools.partial(handler),
        MyView,
    ],
    ids=repr,
)
def test_an_async_handler_is_kept_as_it_is(asynchronous: Any) -> None:
    assert route(asynchronous).handler is asynchronous


@pytest.mark.parametrize("function", [bare, bare_awaitable, functools.partial(bare)], ids=repr)
async def test_a_bare_function_is_wrapped_with_a_warning(function: Any) -> None:
    with pytest.deprecated_call(match="^Bare functions are deprecated, use async ones$"):
        made = route(function)
    assert await made.handler("request") == "request"


async def test_a_bare_generator_is_wrapped_with_a_warning() -> None:
    with pytest.deprecated_call(match="^Bare generators are deprecated"):
        made = route(generator)
    assert await made.handler("request") == "request"


def test_the_wrapper_keeps_the_name_of_what_it_wraps() -> None:
    with pytest.deprecated_call():
        assert getattr(route(bare).handler, "__name__", None) == "bare"


def test_the_warning_points_at_the_line_that_registers() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        route(bare)
    assert [warning.filename for warning in caught] == [__file__]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (5, "must be an async function or a subclass of AbstractView, got 5 of type int"),
        (None, "got None of type NoneType"),
        (object, "a class is a handler only if it derives from AbstractView"),
        (async_generator, "is an async generator"),
    ],
)
def test_what_is_no_handler_is_refused_at_once(wrong: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        route(wrong)


def test_the_method_is_upper_case_whatever_was_written() -> None:
    assert route(method="get").method == "GET"
    assert route(method="propFind").method == "PROPFIND"
    assert route(method="*").method == "*"


@pytest.mark.parametrize("method", ["", "G T", "GET ", "GÉT", "GET\n", "a/b", "(x)"])
def test_a_method_that_is_no_token_is_refused(method: str) -> None:
    with pytest.raises(ValueError, match="is not an HTTP method: a token is expected"):
        route(method=method)


def test_a_route_is_described_by_its_resource() -> None:
    made = route()
    assert made.name == "a"
    assert made.get_info() == {"path": "/a"}
    assert made.url_for() == URL("/a")
    assert made.resource is not None
    assert made.resource.canonical == "/a"
    assert repr(made).startswith(
        "<ResourceRoute [GET] <PlainResource 'a' /a> -> <function handler"
    )


def test_the_textual_url_is_deprecated() -> None:
    with pytest.deprecated_call(match=r"use str\(route.url_for\(\)\)"):
        assert route().url() == "/a"


async def test_a_route_without_expect_handler_leaves_expect_to_the_server() -> None:
    made = route()
    assert made.expect_handler is default_expect_handler
    assert await made.handle_expect_header("request") is None
    await default_expect_handler("request")


async def test_an_expect_handler_is_awaited_with_the_request() -> None:
    made = route(expect_handler=handler)
    assert await made.expect_handler("request") == "request"
    assert await made.handle_expect_header("request") == "request"


async def test_a_class_that_overrides_the_expect_method_is_heard() -> None:
    class Strict(ResourceRoute):
        async def handle_expect_header(self, request: Any) -> Any:
            return "417"

    made = Strict("GET", handler, PlainResource("/a"))
    assert await made.expect_handler("request") == "417"


@pytest.mark.parametrize("wrong", [bare, 5, object])
def test_an_expect_handler_must_be_async(wrong: Any) -> None:
    with pytest.raises(TypeError, match="expect_handler must be an async function"):
        route(expect_handler=wrong)


async def test_the_handler_of_a_miss_raises_its_exception() -> None:
    exception = MethodNotAllowed("PUT", {"GET"})
    miss = SystemRoute(exception)
    with pytest.raises(MethodNotAllowed) as info:
        await miss.handler("request")
    assert info.value is exception
    assert miss.http_exception is exception


def test_a_miss_describes_itself() -> None:
    exception = RouteNotFound()
    miss = SystemRoute(exception)
    assert isinstance(miss, AbstractRoute)
    assert (miss.status, miss.reason, miss.method) == (404, "Not Found", "*")
    assert miss.name is None
    assert miss.resource is None
    assert miss.expect_handler is default_expect_handler
    assert miss.get_info() == {"http_exception": exception}
    assert repr(miss) == "<SystemRoute 404: Not Found>"
    with pytest.raises(RuntimeError, match=r"url_for\(\) is not possible for <SystemRoute 404"):
        miss.url_for()


def test_a_miss_takes_any_exception() -> None:
    miss = SystemRoute(ZeroDivisionError())
    assert (miss.status, miss.reason) == (500, "ZeroDivisionError")


def test_a_miss_is_no_reference_cycle() -> None:
    gc.disable()
    try:
        exception = RouteNotFound()
        watched = weakref.ref(exception)
        miss = SystemRoute(exception)
        assert miss.handler is not None
        del exception, miss
        assert watched() is None
    finally:
        gc.enable()


def test_the_path_to_this_package_is_skipped_in_warnings_even_at_the_outermost_frame() -> None:
    # All frames of the package: the level then is that of the last one.
    with pytest.deprecated_call(match="^said$"):
        exec(  # a frame that claims to be of the package
            "warn('said')",
            {"warn": routes._warn_caller, "__package__": routes.__package__},
        )
