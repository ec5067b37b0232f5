"""What a handler reads from its request."""

from __future__ import annotations

import json
import socket
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDictProxy
from tidegate_http_core import HttpVersion10, HttpVersion11
from tidegate_web_server import (
    EMPTY_PAYLOAD,
    AppKey,
    Application,
    BaseRequest,
    InvalidJSON,
    Request,
    RequestKey,
    Response,
    StreamResponse,
)
from yarl import URL

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conftest import Answer, Serve

    Ask = Callable[..., Awaitable[BaseRequest]]

KEY = RequestKey("key", str)


@pytest.fixture
def ask(serve: Serve) -> Ask:
    """Send bytes to a server and return the request that its handler was given."""

    async def send(data: bytes) -> BaseRequest:
        seen: list[BaseRequest] = []

        async def handler(request: BaseRequest) -> Response:
            seen.append(request)
            await request.read()
            return Response()

        answer = await (await serve(handler)).ask(data)
        assert answer.status == 200
        return seen[0]

    return send


def get(target: str, *fields: str) -> bytes:
    return "\r\n".join(
        [f"GET {target} HTTP/1.1", "Host: test.example:81", *fields, "", ""]
    ).encode()


async def post(
    serve: Serve,
    read: Callable[[BaseRequest], Awaitable[Any]],
    data: bytes,
    content_type: str = "",
    **kwargs: Any,
) -> Answer:
    """Post *data* to a handler that answers with the repr of what *read* returns."""

    async def handler(request: BaseRequest) -> Response:
        return Response(text=repr(await read(request)))

    head = f"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: {len(data)}\r\n"
    if content_type:
        head += f"Content-Type: {content_type}\r\n"
    served = await serve(handler, **kwargs)
    return await served.ask(head.encode("latin-1") + b"\r\n" + data)


# --- the head ---


async def test_method_version_and_target_are_as_sent(ask: Ask) -> None:
    request = await ask(get("/my%20file?a=1&a=2&b=%C3%A9#").replace(b"#", b""))
    assert request.method == "GET"
    assert request.version == HttpVersion11
    assert request.raw_path == "/my%20file?a=1&a=2&b=%C3%A9"
    assert request.path == "/my file"
    assert request.path_qs == "/my%20file?a=1&a=2&b=%C3%A9"
    assert request.rel_url == URL("/my%20file?a=1&a=2&b=%C3%A9", encoded=True)
    assert request.query.getall("a") == ["1", "2"]
    assert request.query["b"] == "é"
    assert request.query_string == "a=1&a=2&b=é"
    assert str(request.url) == "http://test.example:81/my%20file?a=1&a=2&b=%C3%A9"
    assert request.rel_url is request.rel_url


async def test_a_method_keeps_its_case_and_may_be_anything(ask: Ask) -> None:
    assert (await ask(get("/").replace(b"GET", b"gEt-X"))).method == "gEt-X"


async def test_an_absolute_target_names_the_host(ask: Ask) -> None:
    request = await ask(get("http://other.example:90/a/b?c=d"))
    assert request.host == "other.example:90"
    assert request.path == request.match_path == "/a/b"
    assert request.path_qs == "/a/b?c=d"
    assert str(request.url) == "http://other.example:90/a/b?c=d"


@pytest.mark.parametrize("target", ["http://other.example", "http://other.example?q=1"])
async def test_an_absolute_target_without_a_path_asks_for_the_root(ask: Ask, target: str) -> None:
    request = await ask(get(target))
    assert request.path == request.match_path == "/"


async def test_the_asterisk_target_is_a_path_of_its_own(ask: Ask) -> None:
    request = await ask(get("*").replace(b"GET", b"OPTIONS"))
    assert request.path == request.raw_path == "*"
    assert request.host == "test.example:81"


async def test_the_host_of_the_url_is_in_lower_case(ask: Ask) -> None:
    request = await ask(get("/").replace(b"test.example", b"TEST.Example"))
    assert str(request.url) == "http://test.example:81/"
    assert request.host == "TEST.Example:81"


async def test_a_target_with_two_slashes_is_a_path_and_no_host(ask: Ask) -> None:
    request = await ask(get("//evil.example/path"))
    assert request.path == "//evil.example/path"
    assert request.match_path == "//evil.example/path"
    assert request.host == "test.example:81"
    assert request.url.host == "test.example"


@pytest.mark.parametrize(
    ("target", "match_path"),
    [
        ("/a%7Eb", "/a~b"),
        ("/a%2Fb", "/a%2Fb"),
        ("/caf%c3%a9", "/caf%C3%A9"),
        ("/plain?x=%7E", "/plain"),
    ],
)
async def test_the_path_for_routers_has_its_escapes_normalised(
    ask: Ask, target: str, match_path: str
) -> None:
    assert (await ask(get(target))).match_path == match_path


# Targets that a client may send; none of them may make a handler fail.
STRANGE_TARGETS = [
    "/%", "/%zz", "/%ff%fe", "/?%ff=%", "/a?b?c", "/;=&", "/..", "/a/../../b", "/.", "//", "///",
    "/a#b", "/[::1]", "/\\", "/:80", "http://h:/", "http://[::1]:8/x", "http://%41/", "/%00",
    "/%0d%0aSet-Cookie:x", "http://1.2.3.4/", "http://h?x", "/?=", "/?&&", "/@x", "//@x", "//[",
    "//h:99999/", "http://h/%zz", "/%ED%A0%80", "/?x=%ED%A0%80", "HTTP://H/", "http://_/",
    "http://xn--/", "http://a..b/", "http://a%20b/", "/http://h:x/",
]  # fmt: skip


@pytest.mark.parametrize("target", STRANGE_TARGETS)
async def test_no_target_makes_a_handler_fail_that_looks_at_everything(
    serve: Serve, target: str
) -> None:
    async def handler(request: Request) -> Response:
        look_at_everything(request)
        return Response()

    app = Application()
    app.router.add_get("/{path:.*}", handler)
    assert (await (await serve(app)).get(target)).status in (200, 400, 404)


@pytest.mark.parametrize(
    "host",
    ["h:", "[::1]", "[::1]:", "xn--", "a..b", "%41", "_", "1.2.3.4:0", "h:65535", "[v1.x]",
     "999.9.9.9", "-", "a_b.c", "~", "!$&'()*+,;=", "%ff"],
)  # fmt: skip
async def test_no_host_makes_a_handler_fail_that_looks_at_everything(
    serve: Serve, host: str
) -> None:
    async def handler(request: BaseRequest) -> Response:
        look_at_everything(request)
        return Response()

    served = await serve(handler)
    answer = await served.ask(f"GET /a?b HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert answer.status in (200, 400)


DEPRECATED = ("has_body", "loop", "message")


def look_at_everything(request: BaseRequest) -> None:
    for name in dir(type(request)):
        if not name.startswith("_") and name not in DEPRECATED:
            getattr(request, name)
    repr(request)
    dict(request.query)
    for name in dir(URL):
        if not name.startswith("_"):
            getattr(request.url, name)
            getattr(request.rel_url, name)
    str(request.url)
    request.url.human_repr()


async def test_headers_are_case_insensitive_ordered_and_immutable(ask: Ask) -> None:
    request = await ask(get("/", "X-B: 1", "x-a: \t two words \t", "X-b: 2", "X-Empty:"))
    headers = request.headers
    assert isinstance(headers, CIMultiDictProxy)
    assert list(headers.items()) == [
        ("Host", "test.example:81"),
        ("X-B", "1"),
        ("x-a", "two words"),
        ("X-b", "2"),
        ("X-Empty", ""),
    ]
    assert headers.getall("x-B") == ["1", "2"]
    assert not hasattr(headers, "__setitem__")


async def test_raw_headers_are_the_bytes_that_were_sent(ask: Ask) -> None:
    request = await ask(
        get("/")
        .replace(b"\r\n\r\n", b"\r\nX-Caf\xc3\xa9:  1\r\n\r\n", 1)
        .replace(b"X-Caf\xc3\xa9", b"X-Name")
        .replace(b"  1", b"  caf\xe9 ")
    )
    assert request.raw_headers == ((b"Host", b"test.example:81"), (b"X-Name", b"caf\xe9"))
    assert request.headers["X-Name"].encode("utf-8", "surrogateescape") == b"caf\xe9"


async def test_repeated_header_sections_give_equal_headers_to_each_request(serve: Serve) -> None:
    seen = []

    async def handler(request: BaseRequest) -> Response:
        seen.append(dict(request.headers))
        return Response()

    connection = await (await serve(handler)).connect()
    for value in ("1", "1", "2", "1"):
        await connection.ask("/", f"X-Value: {value}")
    assert [headers["X-Value"] for headers in seen] == ["1", "1", "2", "1"]


async def test_content_type_and_charset_are_parsed(ask: Ask) -> None:
    request = await ask(get("/", 'Content-Type: Text/HTML; Charset="UTF-8"'))
    assert request.content_type == "text/html"
    assert request.charset is not None
    assert request.charset.lower() == "utf-8"


@pytest.mark.parametrize("value", ["", "nonsense", "/", "text/", "text/html/x", ";charset=x"])
async def test_a_missing_or_invalid_content_type_is_octet_stream(ask: Ask, value: str) -> None:
    request = await ask(get("/", f"Content-Type: {value}"))
    assert request.content_type == "application/octet-stream"
    assert (await ask(get("/"))).content_type == "application/octet-stream"
    assert (await ask(get("/"))).charset is None


async def test_keep_alive_is_what_the_client_wants(ask: Ask) -> None:
    assert (await ask(get("/"))).keep_alive
    assert not (await ask(get("/", "Connection: close"))).keep_alive


async def test_the_repr_shows_method_and_path_in_ascii(ask: Ask) -> None:
    assert repr(await ask(get("/caf%C3%A9"))) == r"<BaseRequest GET /caf\xe9>"


# --- where it came from ---


async def test_the_client_is_known_by_its_address(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        info = request.get_extra_info("peername")
        assert request.transport is not None
        assert request.transport.get_extra_info("peername") == info
        assert request.protocol.peername == info
        assert request.get_extra_info("nothing", "default") == "default"
        return Response(text=f"{request.remote} {request.scheme} {request.secure} {info[1]}")

    connection = await (await serve(handler)).connect()
    port = connection.writer.get_extra_info("sockname")[1]
    assert (await connection.ask("/")).text == f"127.0.0.1 http False {port}"


async def test_http_1_0_without_host_has_the_local_address(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        assert request.version == HttpVersion10
        return Response(text=f"{request.host} {request.url}")

    served = await serve(handler)
    answer = await served.ask(b"GET /x HTTP/1.0\r\n\r\n")
    address = f"127.0.0.1:{served.site.port}"
    assert answer.text == f"{address} http://{address}/x"


async def test_http_1_0_over_ipv6_without_host_has_a_valid_url(serve: Serve) -> None:
    from tidegate_web_server import TCPSite

    async def handler(request: BaseRequest) -> Response:
        return Response(text=str(request.url))

    served = await serve(handler)
    site = TCPSite(served.runner, "::1", 0)
    try:
        await site.start()
    except OSError:
        pytest.skip("this machine has no IPv6")
    served.site = site
    with socket.create_connection(("::1", site.port)) as sock:
        sock.setblocking(False)
        import asyncio

        loop = asyncio.get_running_loop()
        await loop.sock_sendall(sock, b"GET /x HTTP/1.0\r\n\r\n")
        data = b""
        async with asyncio.timeout(3):
            while piece := await loop.sock_recv(sock, 2**16):
                data += piece
    assert data.endswith(f"http://[::1]:{site.port}/x".encode())


# --- storage ---


async def test_a_request_is_a_mapping_that_is_true_and_equal_only_to_itself(ask: Ask) -> None:
    request, other = await ask(get("/")), await ask(get("/"))
    assert request
    assert len(request) == 0
    assert list(request) == []
    assert request == request
    assert request != other
    assert len({request, other}) == 2
    with pytest.raises(KeyError):
        request["nothing"]
    with pytest.raises(KeyError):
        del request["nothing"]
    request["text"] = 1
    request[KEY] = "typed"
    assert request["text"] == 1
    assert request[KEY] == "typed"
    assert list(request) == ["text", KEY]
    assert len(request) == 2
    del request["text"]
    assert "text" not in request
    assert request.get(KEY) == "typed"
    assert len(other) == 0


# --- the body ---


async def test_a_request_without_a_body_shares_the_empty_one(ask: Ask) -> None:
    request = await ask(get("/"))
    assert request.content is EMPTY_PAYLOAD
    assert not request.body_exists
    assert not request.can_read_body
    assert request.content_length is None
    assert await request.read() == b""
    assert await request.text() == ""


async def test_a_body_is_read_once_and_kept(serve: Serve) -> None:
    async def read(request: BaseRequest) -> Any:
        before = (request.body_exists, request.can_read_body, request.content_length)
        body = await request.read()
        assert await request.read() is body
        return before, body, (request.body_exists, request.can_read_body)

    answer = await post(serve, read, b"abc")
    assert answer.text == "((True, True, 3), b'abc', (True, False))"


async def test_an_empty_chunked_body_is_read_as_nothing(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(text=repr((request.body_exists, await request.read())))

    head = b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert (await (await serve(handler)).ask(head + b"0\r\n\r\n")).text == "(True, b'')"


async def test_release_reads_and_drops_what_is_left(serve: Serve) -> None:
    async def read(request: BaseRequest) -> Any:
        await request.content.read(1)
        await request.release()
        return request.can_read_body

    assert (await post(serve, read, b"abc" * 1000)).text == "False"


@pytest.mark.parametrize(
    ("content_type", "data", "text"),
    [
        ("", "é".encode(), "é"),
        ("text/plain; charset=latin-1", b"\xe9", "é"),
        ("text/plain; charset=UTF-16", "é".encode("utf-16"), "é"),
    ],
)
async def test_text_is_decoded_in_the_charset_of_the_request(
    serve: Serve, content_type: str, data: bytes, text: str
) -> None:
    assert (await post(serve, lambda request: request.text(), data, content_type)).text == repr(
        text
    )


# Codecs that Python knows and that are no charsets, or fail in ways of their own.
@pytest.mark.parametrize(
    ("charset", "status"),
    [
        ("nonsense", 415),
        ("hex", 415),
        ("rot13", 415),
        ("zip", 415),
        ("x" * 1000, 415),
        ("..", 415),
        ("undefined", (400, 415)),
        ("idna", (200, 400, 415)),
        ("punycode", (200, 400, 415)),
        ("utf-7", (200, 400, 415)),
        ("\xff", (200, 400, 415)),
        ("caf\xc3\xa9", (200, 400, 415)),
    ],
)
async def test_a_charset_nobody_knows_is_a_client_error(
    serve: Serve, charset: str, status: int | tuple[int, ...]
) -> None:
    answer = await post(
        serve, lambda request: request.text(), b"a..b-\xff.xn--", f"text/plain; charset={charset}"
    )
    assert answer.status in (status if isinstance(status, tuple) else (status,))


async def test_a_body_that_is_not_in_its_charset_is_a_400(serve: Serve) -> None:
    answer = await post(serve, lambda request: request.text(), b"\xff")
    assert answer.status == 400
    assert answer.text == "the body is not valid utf-8"


async def test_json_is_decoded(serve: Serve) -> None:
    async def read(request: BaseRequest) -> Any:
        first = await request.json()
        return first, await request.json(loads=lambda text: text.upper())

    answer = await post(serve, read, b'{"a": [1, null]}')
    assert answer.text == repr(({"a": [1, None]}, '{"A": [1, NULL]}'))


@pytest.mark.parametrize(
    "data",
    [b"", b"{", b"[1,]", b"nul", b'"\x00"', b"[" * 100_000, b"9" * 10_000, b'{"a":' * 100_000],
    ids=["empty", "open", "comma", "null", "control", "deep list", "long number", "deep dict"],
)
async def test_a_body_that_is_no_json_is_a_400(serve: Serve, data: bytes) -> None:
    answer = await post(serve, lambda request: request.json(), data)
    assert answer.status == 400
    assert "Traceback" not in answer.text


async def test_what_json_raises_is_what_json_loads_raises(serve: Serve) -> None:
    async def read(request: BaseRequest) -> Any:
        try:
            await request.json()
        except json.JSONDecodeError as exc:
            return type(exc), exc.msg, exc.doc, exc.pos
        return "accepted"

    answer = await post(serve, read, b"[1 2]")
    assert answer.text == repr((InvalidJSON, "Expecting ',' delimiter", "[1 2]", 3))


# --- the limit of a body ---


async def test_a_body_announced_over_the_limit_is_refused_unread(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(body=await request.read())

    served = await serve(handler, client_max_size=10)
    answer = await served.ask(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 11\r\n\r\n")
    assert answer.status == 413
    assert answer.text == "Maximum request body size 10 exceeded, actual body size 11"


async def test_a_body_at_the_limit_is_read(serve: Serve) -> None:
    answer = await post(serve, lambda request: request.read(), b"x" * 10, client_max_size=10)
    assert answer.text == repr(b"x" * 10)


async def test_a_chunked_body_over_the_limit_is_refused_while_it_is_read(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        return Response(body=await request.read())

    served = await serve(handler, client_max_size=10)
    head = b"POST / HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await served.ask(head + b"b\r\n" + b"x" * 11 + b"\r\n")
    assert answer.status == 413
    assert "size 10 exceeded" in answer.text


async def test_a_limit_of_zero_is_none(serve: Serve) -> None:
    async def read(request: BaseRequest) -> Any:
        return request.client_max_size, len(await request.read())

    answer = await post(serve, read, b"x" * 2_000_000, client_max_size=0)
    assert answer.text == "(0, 2000000)"


async def test_the_default_limit_is_one_mebibyte(serve: Serve) -> None:
    assert (await post(serve, lambda r: r.read(), b"x" * (2**20 + 1))).status == 413


async def test_the_stream_of_a_body_is_not_limited(serve: Serve) -> None:
    async def read(request: BaseRequest) -> Any:
        return len(await request.content.read())

    assert (await post(serve, read, b"x" * 100, client_max_size=10)).text == "100"


# --- routed requests ---


async def test_a_request_knows_its_application_and_match(serve: Serve) -> None:
    name = AppKey("name", str)

    async def handler(request: Request) -> Response:
        assert request.app is app
        return Response(text=f"{request.app[name]} {request.match_info['x']}")

    app = Application()
    app[name] = "mine"
    app.router.add_get("/{x}", handler)
    assert (await (await serve(app)).get("/a%2Fb")).text == "mine a/b"


async def test_a_request_that_was_not_routed_says_so(serve: Serve) -> None:
    async def handler(request: Request) -> StreamResponse:
        texts = []
        for name in ("match_info", "app"):
            try:
                getattr(request, name)
            except RuntimeError as exc:
                texts.append(str(exc))
        return Response(text="\n".join(texts))

    answer = await (await serve(handler, request_factory=Request)).get("/")
    assert answer.text.count("has not been routed") == 2
