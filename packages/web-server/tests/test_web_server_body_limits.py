"""Limits of bodies for one handler."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import Application, BaseRequest, Request, Response, View, limit_body

if TYPE_CHECKING:
    from conftest import Serve


def post(path: str, body: bytes, content_type: str = "text/plain") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: t\r\nContent-Type: {content_type}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@limit_body(10)
async def small(request: Request) -> Response:
    """Answer with the size of the body."""
    return Response(text=str(len(await request.read())))


async def usual(request: Request) -> Response:
    return Response(text=str(len(await request.read())))


class Upload(View):
    @limit_body(1000)
    async def post(self) -> Response:
        return await usual(self.request)


class Handlers:
    @limit_body(client_max_fields=2)
    async def form(self, request: Request) -> Response:
        return Response(text=str(len(await request.post())))


async def test_a_handler_has_limits_of_its_own(serve: Serve) -> None:
    app = Application(client_max_size=100)
    app.router.add_post("/small", small)
    app.router.add_post("/usual", usual)
    app.router.add_post("/large", limit_body(1000)(usual))
    app.router.add_post("/any", limit_body(0)(usual))
    app.router.add_view("/view", Upload)
    app.router.add_post("/form", Handlers().form)
    served = await serve(app)
    for path, size, status in (
        ("/small", 10, 200),
        ("/small", 11, 413),
        ("/usual", 100, 200),
        ("/usual", 101, 413),
        ("/large", 1000, 200),
        ("/large", 1001, 413),
        ("/any", 2_000_000, 200),
        ("/view", 1000, 200),
        ("/view", 1001, 413),
    ):
        answer = await served.ask(post(path, bytes(size)))
        assert answer.status == status, path
        assert str(size if status == 200 else size - 1) in answer.text
    form = "application/x-www-form-urlencoded"
    assert (await served.ask(post("/form", b"a=1&b=2", form))).text == "2"
    assert (await served.ask(post("/form", b"a=1&b=2&c=3", form))).status == 413


async def test_a_request_can_change_its_limits(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        request.limit_body(5)
        assert (request.client_max_size, request.client_max_fields) == (5, 1000)
        request.limit_body(client_max_fields=6)
        assert (request.client_max_size, request.client_max_fields) == (5, 6)
        with pytest.raises(ValueError, match="client_max_size"):
            request.limit_body(-1)
        with pytest.raises(ValueError, match="client_max_fields"):
            request.limit_body(client_max_fields=-1)
        return Response(body=await request.read())

    served = await serve(handler)
    assert (await served.ask(post("/", b"12345"))).status == 200
    assert (await served.ask(post("/", b"123456"))).status == 413


async def test_the_fields_of_a_server_come_to_its_requests(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(text=str(request.client_max_fields))

    assert (await (await serve(handler, client_max_fields=3)).get("/")).text == "3"
    assert (await (await serve(handler)).get("/")).text == "1000"


def test_the_handler_keeps_its_name_and_documentation() -> None:
    assert small.__name__ == "small"
    assert small.__doc__ == "Answer with the size of the body."


def test_limits_that_are_none_are_refused_when_they_are_written() -> None:
    with pytest.raises(ValueError, match="client_max_size"):
        limit_body(-1)
    with pytest.raises(ValueError, match="client_max_fields"):
        limit_body(client_max_fields=-1)


def test_what_is_no_handler_is_refused() -> None:
    decorate: Any = limit_body(1)
    for bad in (Upload, lambda request: None, 5):
        with pytest.raises(TypeError, match="async handlers"):
            decorate(bad)


async def test_a_call_without_a_request_says_what_is_missing() -> None:
    for arguments in ((), (5,)):
        with pytest.raises(TypeError, match="with a request"):
            await small(*arguments)
