"""A middleware that answers only for the hosts it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    Application,
    HTTPBadRequest,
    HTTPFound,
    Request,
    Response,
    allowed_hosts_middleware,
)
from tidegate_web_server.allowed_hosts import AllowedHosts

if TYPE_CHECKING:
    from conftest import Serve


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("example.com", "example.com"),
        ("example.com", "EXAMPLE.com"),
        ("EXAMPLE.com", "example.com."),
        ("example.com", "example.com:8080"),
        ("example.com:8080", "example.com:8080"),
        ("*.example.com", "a.example.com"),
        ("*.example.com", "a.b.example.com:80"),
        ("*.example.com:80", "a.b.example.com:80"),
        ("[::1]", "[::1]"),
        ("[::1]", "[::1]:8080"),
        ("[::1]:8080", "[::1]:8080"),
        ("127.0.0.1", "127.0.0.1:5"),
        ("*", "anything at all"),
    ],
)
def test_hosts_that_are_allowed(allowed: str, host: str) -> None:
    assert host in AllowedHosts([allowed])


@pytest.mark.parametrize(
    ("allowed", "host"),
    [
        ("example.com", "example.org"),
        ("example.com", "a.example.com"),
        ("example.com", "example.com.evil.example"),
        ("example.com", "evilexample.com"),
        ("example.com:8080", "example.com"),
        ("example.com:8080", "example.com:80"),
        ("*.example.com", "example.com"),
        ("*.example.com", ".com"),
        ("*.example.com", "evilexample.com"),
        ("*.example.com:80", "a.example.com:81"),
        ("[::1]", "[::2]"),
        ("*.1]", "[::1.1]"),
        ("127.0.0.1", "127.0.0.10"),
        ("example.com", ""),
    ],
)
def test_hosts_that_are_not(allowed: str, host: str) -> None:
    if allowed == "*.1]":
        with pytest.raises(ValueError, match="an allowed host is"):
            AllowedHosts([allowed])
        return
    assert host not in AllowedHosts([allowed])


@pytest.mark.parametrize("host", ["", "a b", "*.*.com", "a.*.com", "http://a", "*.", "a/b", "*a"])
def test_what_is_no_host_can_t_be_allowed(host: str) -> None:
    with pytest.raises(ValueError, match=r"an allowed host is 'example\.com', "):
        AllowedHosts([host])


def test_what_can_t_be_meant_is_refused() -> None:
    with pytest.raises(TypeError, match=r"a list of names, got the str 'example\.com'"):
        allowed_hosts_middleware("example.com")
    with pytest.raises(ValueError, match="at least one host"):
        allowed_hosts_middleware([])
    unfit: Any = HTTPFound
    with pytest.raises(TypeError, match=r"a subclass of web\.HTTPError, got <class"):
        allowed_hosts_middleware(["a"], refusal=unfit)


async def hello(request: Request) -> Response:
    return Response(text=request.host)


async def test_a_request_for_another_host_is_misdirected(serve: Serve) -> None:
    app = Application(middlewares=[allowed_hosts_middleware(["test", "*.example.com"])])
    app.router.add_get("/", hello)
    served = await serve(app)
    assert (await served.get("/")).status == 200
    # Before anything tells whether there is such a resource.
    for path in ("/", "/nowhere"):
        request = f"GET {path} HTTP/1.1\r\nHost: evil.example\r\n\r\n".encode()
        answer = await served.ask(request)
        assert (answer.status, answer.reason) == (421, "Misdirected Request")
    assert (await served.get("/nowhere")).status == 404
    # An absolute target is what counts (RFC 9112 section 3.2.2).
    request = b"GET http://evil.example/ HTTP/1.1\r\nHost: test\r\n\r\n"
    assert (await served.ask(request)).status == 421


async def test_the_refusal_can_be_another_one(serve: Serve) -> None:
    middleware = allowed_hosts_middleware(["example.com"], refusal=HTTPBadRequest)
    app = Application(middlewares=[middleware])
    assert (await (await serve(app)).get("/")).status == 400


async def test_the_host_that_a_trusted_proxy_says_is_the_one(serve: Serve) -> None:
    app = Application(middlewares=[allowed_hosts_middleware(["example.com"])])
    app.router.add_get("/", hello)
    served = await serve(app, trusted_proxies=["127.0.0.1"])
    assert (await served.get("/", "X-Forwarded-Host: example.com")).text == "example.com"
    assert (await served.get("/", "X-Forwarded-Host: evil.example")).status == 421
