"""The views over a router's table are live and read-only."""

from typing import Any

from tidegate_web_routing import PlainResource, UrlDispatcher


async def handler(request: Any) -> Any:
    return request


def test_resources_are_listed_in_the_order_of_registration() -> None:
    router = UrlDispatcher()
    view = router.resources()
    assert len(view) == 0
    first, second = router.add_resource("/a"), router.add_resource("/{b}")
    assert len(view) == 2
    assert list(view) == [first, second]
    assert first in view
    assert PlainResource("/a") not in view


def test_routes_are_listed_resource_by_resource() -> None:
    router = UrlDispatcher()
    view = router.routes()
    put = router.add_put("/a", handler)
    get = router.add_get("/b", handler)
    post = router.add_post("/b", handler)
    assert len(view) == 4
    assert [route.method for route in view] == ["PUT", "HEAD", "GET", "POST"]
    assert all(route in view for route in (put, get, post))
    assert UrlDispatcher().add_get("/b", handler) not in view
