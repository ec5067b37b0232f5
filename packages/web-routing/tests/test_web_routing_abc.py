"""The abstract classes can be kept to with nothing but what they name."""

from collections.abc import Generator
from typing import Any

import pytest
from tidegate_web_routing import abc
from yarl import URL


class Request:
    method = "GET"

    def __init__(self, path: str) -> None:
        self.rel_url = URL(path)


class DictRouter(abc.AbstractRouter):
    async def resolve(self, request: Any) -> abc.AbstractMatchInfo:
        raise NotImplementedError


class Greeting(abc.AbstractView):
    def __await__(self) -> Generator[Any, None, Any]:
        yield from ()
        return f"hello {self.request}"


@pytest.mark.parametrize("cls", [abc.AbstractRouter, abc.AbstractMatchInfo, abc.AbstractView])
def test_an_abstract_class_can_not_be_made(cls: Any) -> None:
    with pytest.raises(TypeError, match="abstract"):
        cls()


def test_a_router_freezes_once_and_stays_frozen() -> None:
    router = DictRouter()
    router.post_init(object())
    assert router.frozen is False
    router.freeze()
    router.freeze()
    assert router.frozen is True


async def test_a_view_is_called_with_the_request_and_awaited() -> None:
    assert await Greeting("you") == "hello you"


def test_the_path_of_a_request_is_its_raw_path() -> None:
    assert abc.request_path(Request("/a%20b/é?q=1")) == "/a%20b/%C3%A9"


def test_a_request_that_knows_its_path_is_not_asked_for_a_url() -> None:
    class Quick:
        method = "GET"
        match_path = "/quick"

        @property
        def rel_url(self) -> URL:
            raise AssertionError("a URL was asked for")

    assert abc.request_path(Quick()) == "/quick"
