"""Requests by hand."""

import asyncio
import ssl

import pytest
from multidict import CIMultiDict
from tidegate_http_core import HttpVersion10
from tidegate_web_server import Application, Request, Response, StreamReader, upgrade
from tidegate_web_server.testing import make_mocked_coro, make_mocked_request
from tidegate_web_server.testing.mocked import MemoryConnection, MemoryTransport


def test_a_mocked_request_has_what_it_was_given() -> None:
    app = Application()
    request = make_mocked_request(
        "POST",
        "/path?a=b",
        headers={"Host": "example.com", "X-Token": "t"},
        match_info={"name": "value"},
        app=app,
        client_max_size=10,
        client_max_fields=11,
    )
    assert isinstance(request, Request)
    assert request.method == "POST"
    assert request.path_qs == "/path?a=b"
    assert request.query["a"] == "b"
    assert request.host == "example.com"
    assert request.headers["x-token"] == "t"
    assert request.raw_headers == ((b"Host", b"example.com"), (b"X-Token", b"t"))
    assert request.match_info["name"] == "value"
    assert request.app is app
    assert request.client_max_size == 10
    assert request.client_max_fields == 11
    assert request.scheme == "http"
    assert request.keep_alive
    assert not request.body_exists


def test_a_tls_context_makes_the_request_secure() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    assert make_mocked_request("GET", "/", sslcontext=context).secure


@pytest.mark.parametrize(
    ("keywords", "kept"),
    [
        ({}, True),
        ({"closing": True}, False),
        ({"version": HttpVersion10}, False),
        ({"version": HttpVersion10, "headers": {"Connection": "Keep-Alive"}}, True),
    ],
)
def test_keep_alive_follows_version_and_connection(
    keywords: dict[str, object], kept: bool
) -> None:
    request = make_mocked_request("GET", "/", **keywords)  # type: ignore[arg-type]  # a table
    assert request.keep_alive is kept


def test_header_fields_with_the_same_name_are_all_kept() -> None:
    headers = CIMultiDict([("A", "1"), ("A", "2")])
    assert make_mocked_request("GET", "/", headers).headers.getall("a") == ["1", "2"]


async def test_a_response_to_a_mocked_request_is_kept_in_memory() -> None:
    transport = MemoryTransport(peername=("192.0.2.1", 4))
    request = make_mocked_request("GET", "/", transport=transport)
    assert request.remote == "192.0.2.1"
    assert request.task is asyncio.current_task()
    response = Response(text="hello")
    await response.prepare(request)
    await response.write_eof()
    assert transport.written.startswith(b"HTTP/1.1 200 OK\r\n")
    assert transport.written.endswith(b"\r\n\r\nhello")


async def test_a_body_is_given_as_a_stream() -> None:
    protocol = MemoryConnection(MemoryTransport())
    payload = StreamReader(protocol, limit=2**16, loop=asyncio.get_running_loop())
    payload.feed_data(b'{"a": 1}')
    payload.feed_eof()
    request = make_mocked_request("POST", "/", payload=payload, protocol=protocol)
    assert request.body_exists
    assert await request.json() == {"a": 1}


def test_a_mocked_request_cannot_be_upgraded() -> None:
    headers = {"Connection": "upgrade", "Upgrade": "x"}
    request = make_mocked_request("GET", "/", headers)
    with pytest.raises(RuntimeError, match="TestServer"):
        upgrade(request, None)  # type: ignore[arg-type]  # refused before it is looked at


async def test_a_mocked_coroutine_returns_or_raises_and_notes_its_calls() -> None:
    returns = make_mocked_coro(5)
    assert await returns(1, a=2) == 5
    returns.assert_called_once_with(1, a=2)
    assert await make_mocked_coro()() is None
    with pytest.raises(KeyError):
        await make_mocked_coro(raise_exception=KeyError("k"))()
