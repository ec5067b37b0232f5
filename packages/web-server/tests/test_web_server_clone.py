"""Requests made by hand, and copies of requests."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict
from tidegate_http_core import Fields, HttpVersion11, RequestHead
from tidegate_web_server import (
    EMPTY_PAYLOAD,
    Application,
    BaseRequest,
    ChainMapProxy,
    HTTPBadRequest,
    RawRequestMessage,
    Request,
    RequestKey,
    Response,
    ResponseWriter,
    StreamReader,
)
from tidegate_web_server.testing import make_mocked_request
from yarl import URL

if TYPE_CHECKING:
    from conftest import Serve

KEY = RequestKey("key", str)


class Derived(Request):
    """Users derive from Request for a server's ``request_factory``."""


def by_hand(cls: type[BaseRequest] = BaseRequest, **kwargs: Any) -> BaseRequest:
    connection = make_mocked_request("GET", "/").protocol
    head = RequestHead(
        "GET", "/a?b=c", HttpVersion11, Fields((("Host", "h:1"),), b"Host: h:1\r\n")
    )
    return cls(
        head,
        EMPTY_PAYLOAD,
        connection,
        ResponseWriter(connection),
        None,
        asyncio.get_running_loop(),
        **kwargs,
    )


async def test_a_request_can_be_made_by_hand() -> None:
    request = by_hand()
    assert (request.method, request.path, request.query["b"]) == ("GET", "/a", "c")
    assert str(request.url) == "http://h:1/a?b=c"
    assert (request.client_max_size, request.client_max_fields) == (1024**2, 1000)
    assert list(request.items()) == []
    request = by_hand(
        client_max_size=1,
        client_max_fields=2,
        state={"a": 1, KEY: "x"},
        scheme="https",
        host="other",
        remote="1.2.3.4",
    )
    assert (request.client_max_size, request.client_max_fields) == (1, 2)
    assert (request["a"], request[KEY]) == (1, "x")
    assert (request.scheme, request.host, request.remote) == ("https", "other", "1.2.3.4")
    assert request.secure
    assert str(request.url) == "https://other/a?b=c"


def test_a_copy_without_changes_is_equal_in_all_parts() -> None:
    request = make_mocked_request("POST", "/a?b=c", {"Host": "h", "X": "1"}, client_max_fields=7)
    request["a"] = 1
    copy = request.clone()
    assert type(copy) is Request
    assert copy is not request
    assert copy.url == request.url
    assert copy.headers == request.headers
    assert copy.match_info is request.match_info
    assert copy.app is request.app
    assert copy.content is request.content
    assert copy.client_max_fields == 7
    assert list(copy.items()) == [("a", 1)]


def test_the_items_of_a_copy_are_its_own() -> None:
    request = make_mocked_request("GET", "/")
    request["a"] = 1
    copy = request.clone()
    copy["a"] = 2
    copy["b"] = 3
    assert list(request.items()) == [("a", 1)]


def test_each_part_can_be_replaced() -> None:
    request = make_mocked_request("GET", "/a?b=c", {"Host": "h", "X": "1"})
    copy = request.clone(
        method="PUT",
        rel_url=URL("/x y?z=1"),
        headers=CIMultiDict([("Host", "new"), ("A", "é"), ("A", "2")]),
        scheme="https",
        remote="1.2.3.4",
        client_max_size=5,
        client_max_fields=6,
    )
    assert copy.method == "PUT"
    assert copy.path == "/x y"
    assert copy.raw_path == copy.path_qs == "/x%20y?z=1"
    assert copy.headers.getall("A") == ["é", "2"]
    assert copy.raw_headers == ((b"Host", b"new"), (b"A", "é".encode()), (b"A", b"2"))
    assert str(copy.url) == "https://new/x%20y?z=1"
    assert copy.secure
    assert copy.remote == "1.2.3.4"
    assert (copy.client_max_size, copy.client_max_fields) == (5, 6)
    # Nothing of the first has changed.
    assert (request.method, request.path, request.headers["X"]) == ("GET", "/a", "1")
    assert (request.scheme, request.client_max_size) == ("http", 1024**2)
    assert request.clone(rel_url="/q?r").path_qs == "/q?r"
    assert request.clone(headers={"B": "1"}).headers == {"B": "1"}


def test_what_was_put_in_force_stays_in_copies_of_copies() -> None:
    request = make_mocked_request("GET", "/", {"Host": "h"}).clone(host="o", scheme="https")
    copy = request.clone(remote="1.1.1.1", headers={"Host": "x"}).clone()
    assert (copy.host, copy.scheme, copy.remote) == ("o", "https", "1.1.1.1")


async def test_a_copy_has_the_class_of_the_request() -> None:
    assert type(by_hand(Derived).clone()) is Derived


async def test_a_body_that_was_read_forbids_a_copy(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        copy = request.clone(client_max_size=3)
        # The body is read through the copy; both have the same stream.
        body = await copy.read()
        assert request.content.at_eof()
        with pytest.raises(RuntimeError, match="after reading"):
            copy.clone()
        return Response(body=body)

    served = await serve(handler)
    assert (await served.ask(post(b"abc"))).body == b"abc"
    assert (await served.ask(post(b"abcd"))).status == 413


async def test_a_form_that_was_read_forbids_a_copy(serve: Serve) -> None:
    async def handler(request: BaseRequest) -> Response:
        await request.post()
        with pytest.raises(RuntimeError, match="after reading"):
            request.clone()
        return Response()

    served = await serve(handler)
    assert (await served.ask(post(b"a=b", "application/x-www-form-urlencoded"))).status == 200


def post(body: bytes, content_type: str = "text/plain") -> bytes:
    head = f"POST / HTTP/1.1\r\nHost: t\r\nContent-Type: {content_type}\r\n"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def test_a_copy_can_be_answered(serve: Serve) -> None:
    async def handler(request: Request) -> Response:
        assert request.clone(method="PUT").response_prepare is request.response_prepare
        return Response(text=request.clone(scheme="https").url.scheme)

    app = Application()
    app.router.add_get("/", handler)

    async def prepared(request: Request, response: Any) -> None:
        response.headers["X-Prepared"] = "1"

    app.on_response_prepare.append(prepared)
    answer = await (await serve(app)).get("/")
    assert (answer.text, answer.headers["x-prepared"]) == ("https", "1")


# --- the host ---


def test_a_host_that_is_no_name_is_a_400_when_a_url_is_made_of_it() -> None:
    for host in ("xn--", "xn--a", "xn--:80"):
        request = make_mocked_request("GET", "/", {"Host": host})
        assert request.host == host
        with pytest.raises(HTTPBadRequest, match="Bad Request") as caught:
            _ = request.url
        assert host in str(caught.value.text)


def test_an_internationalised_host_is_decoded() -> None:
    request = make_mocked_request("GET", "/", {"Host": "xn--bcher-kva.example"})
    assert request.url.host == "bücher.example"


# --- applications ---


async def test_config_dict_looks_through_the_applications_outwards(serve: Serve) -> None:
    outer, inner = Application(), Application()
    for app, name in ((outer, "outer"), (inner, "inner")):
        with pytest.warns(UserWarning, match="AppKey"):
            app["name"] = name
    with pytest.warns(UserWarning, match="AppKey"):
        outer["only"] = "outside"

    async def handler(request: Request) -> Response:
        config = request.config_dict
        assert isinstance(config, ChainMapProxy)
        return Response(text=f"{config['name']} {config.get('only')}")

    inner.router.add_get("/", handler)
    outer.router.add_get("/", handler)
    outer.add_subapp("/sub", inner)
    served = await serve(outer)
    assert (await served.get("/sub/")).text == "inner outside"
    assert (await served.get("/")).text == "outer outside"


# --- what is deprecated ---


async def test_loop_is_deprecated() -> None:
    loop = asyncio.get_running_loop()
    with pytest.warns(DeprecationWarning, match="get_running_loop"):
        assert by_hand().loop is loop


def test_has_body_is_deprecated() -> None:
    with pytest.warns(DeprecationWarning, match="can_read_body"):
        assert make_mocked_request("GET", "/").has_body is False


def test_message_is_deprecated_and_has_the_names_of_old() -> None:
    request = make_mocked_request(
        "POST", "/a?b", {"Host": "h", "Content-Encoding": "gzip", "Transfer-Encoding": "chunked"}
    )
    with pytest.warns(DeprecationWarning, match="head"):
        message = request.message
    assert isinstance(message, RawRequestMessage)
    assert (message.method, message.path, message.version) == ("POST", "/a?b", HttpVersion11)
    assert message.headers is request.headers
    assert message.raw_headers == request.raw_headers
    assert (message.should_close, message.upgrade, message.chunked) == (False, False, True)
    assert message.compression == "gzip"
    assert message.url == request.rel_url


# --- what is not asked for ---


async def test_a_new_request_keeps_nothing_but_what_it_was_given() -> None:
    request = by_hand()
    assert len(vars(request)) == 7
    assert request.content is EMPTY_PAYLOAD
    assert isinstance(request.content, StreamReader)
