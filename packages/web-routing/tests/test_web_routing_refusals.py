"""What can't be registered is refused then and there: with the path, and the place in it."""

from collections.abc import Callable
from typing import Any

import pytest
import tidegate_web_routing as web
from tidegate_web_routing import UrlDispatcher


async def answering(request: Any) -> Any:
    return request


class NoView:
    async def get(self) -> None: ...


async def with_yield(request: Any) -> Any:
    yield request


@pytest.mark.parametrize(
    ("path", "column", "message"),
    [
        ("users", 0, "a path must start with '/'"),
        ("/users/{id", 7, "never closed"),
        ("/users/{id:[0-9]{1,3}", 7, "never closed"),
        ("/users/id}", 9, "closes nothing"),
        ("/users/{1d}", 8, "must be an identifier, this is '1d'"),
        ("/users/{}", 8, "must be an identifier, this is ''"),
        ("/users/{a b}", 8, "must be an identifier, this is 'a b'"),
        ("/users/{id}/{id}", 13, "there is a part 'id' already"),
        ("/users/{id:}", 11, "the regex of part 'id' is missing"),
        ("/users/{id:[a}", 11, "does not compile"),
        ("/users/{id:a**}", 13, "does not compile"),
        ("/users/{id:(}", 11, "does not compile"),
        ("/users/{id:a)}", 12, "does not compile"),
        ("/{a:(?P<x>.)}/{b:(?P<x>.)}", 17, "can't stand in one path"),
    ],
)
def test_a_bad_path_is_shown_and_pointed_at(path: str, column: int, message: str) -> None:
    router = UrlDispatcher()
    calls: list[Callable[[], object]] = [
        lambda: router.add_get(path, answering),
        lambda: router.add_resource(path),
        lambda: router.add_routes([web.post(path, answering)]),
    ]
    for register in calls:
        with pytest.raises(ValueError, match=message) as caught:
            register()
        first, shown, pointer = str(caught.value).splitlines()
        assert first.startswith(f"invalid path {path!r}: ")
        assert shown == f"    {path}"
        assert pointer == " " * (4 + column) + "^"
    assert len(router.resources()) == 0


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (5, "got 5 of type int"),
        (None, "got None"),
        ("handler", "got 'handler' of type str"),
        (NoView, "a class is a handler only if it derives from AbstractView or View"),
        (with_yield, "is an async generator"),
    ],
)
def test_a_bad_handler_is_refused_with_the_path(wrong: Any, message: str) -> None:
    router = UrlDispatcher()
    calls: list[Callable[[], object]] = [
        lambda: router.add_get("/users/{id}", wrong),
        lambda: router.add_route("PUT", "/users/{id}", wrong),
    ]
    for register in calls:
        with pytest.raises(TypeError, match=message) as caught:
            register()
        assert str(caught.value).startswith("invalid route for '/users/{id}': ")
    with pytest.raises(TypeError, match="invalid route for '/x': expect_handler must be"):
        router.add_get("/x", answering, expect_handler=5)
    assert len(router.resources()) == 0


@pytest.mark.parametrize("wrong", [None, 5, b"/x"])
def test_a_path_that_is_no_str_is_a_type_error(wrong: Any) -> None:
    with pytest.raises(TypeError, match="path must be a str, got"):
        UrlDispatcher().add_get(wrong, answering)


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        ("G T", ValueError, "'G T' is not an HTTP method"),
        ("", ValueError, "'' is not an HTTP method"),
        (5, TypeError, "a method must be a str, got 5 of type int"),
        (b"GET", TypeError, "a method must be a str, got b'GET' of type bytes"),
    ],
)
def test_a_bad_method_is_refused_with_the_path(
    wrong: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=f"invalid route for '/x': {message}"):
        UrlDispatcher().add_route(wrong, "/x", answering)


async def test_a_bare_function_is_wrapped_with_a_warning() -> None:
    def bare(request: Any) -> Any:
        return [request]

    router = UrlDispatcher()
    with pytest.warns(DeprecationWarning, match="Bare functions are deprecated") as caught:
        router.add_post("/x", bare)
    assert caught[0].filename == __file__
    assert await router.match("POST", "/x").handler(1) == [1]
