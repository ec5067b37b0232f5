"""Class based views answer with the method of their own that the request names."""

from types import SimpleNamespace
from typing import Any

import pytest
from tidegate_web_routing import MethodNotAllowed, View
from tidegate_web_routing.views import VERBS, allowed_verbs


class Item(View):
    helper = "not a method of HTTP"

    async def get(self) -> str:
        return f"got {self.request.path}"

    async def post(self) -> str:
        return "posted"


class Everything(View):
    async def _any(self) -> str:
        return str(self.request.method)

    connect = delete = get = head = options = patch = post = put = trace = _any


def request(method: str) -> Any:
    return SimpleNamespace(method=method, path="/item")


async def test_the_method_of_the_request_is_awaited() -> None:
    assert await Item(request("GET")) == "got /item"
    assert await Item(request("POST")) == "posted"


@pytest.mark.parametrize("method", sorted(VERBS))
async def test_every_standard_method_can_be_served(method: str) -> None:
    assert await Everything(request(method)) == method


@pytest.mark.parametrize(
    "method", ["PUT", "HEAD", "REQUEST", "HELPER", "_SERVE", "get", "Get", ""]
)
async def test_a_method_that_the_view_lacks_names_those_it_has(method: str) -> None:
    with pytest.raises(MethodNotAllowed) as info:
        await Item(request(method))
    assert info.value.method == method
    assert info.value.allow == "GET, POST"


def test_a_view_that_removes_an_inherited_verb_does_not_allow_it() -> None:
    class ReadOnly(Item):
        post = None  # type: ignore[assignment]  # that is what is tested

    assert allowed_verbs(ReadOnly) == {"GET"}


async def test_a_verb_that_is_not_async_is_a_type_error() -> None:
    class Bare(View):
        def get(self) -> str:
            return "bare"

    with pytest.raises(TypeError, match="await"):
        await Bare(request("GET"))
