"""Class based views."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate_web_routing import view
from tidegate_web_server import Application, HTTPNotFound, Request, Response, View

if TYPE_CHECKING:
    from conftest import Serve


class Item(View):
    """Has two verbs, and a method that is none."""

    async def get(self) -> Response:
        assert isinstance(self.request, Request)
        return Response(text=f"got {self.request.match_info['name']}")

    async def delete(self) -> Response:
        raise HTTPNotFound(text="gone already")

    async def secret(self) -> Response:
        raise AssertionError


async def test_a_view_answers_with_the_method_named_like_the_request_s(serve: Serve) -> None:
    app = Application()
    app.add_routes([view("/{name}", Item)])
    connection = await (await serve(app)).connect()
    assert (await connection.ask("/a")).text == "got a"
    answer = await connection.ask("/b", method="DELETE")
    assert (answer.status, answer.text) == (404, "gone already")


async def test_a_verb_that_a_view_lacks_is_a_405_with_the_others(serve: Serve) -> None:
    app = Application()
    app.add_routes([view("/{name}", Item)])
    connection = await (await serve(app)).connect()
    for method in ("POST", "SECRET", "get"):
        answer = await connection.ask("/a", method=method)
        assert answer.status == 405
        assert answer.headers["allow"] == "DELETE,GET"
