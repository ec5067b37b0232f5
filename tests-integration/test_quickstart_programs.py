"""The programs of aiohttp's web server quickstart keep its promises.

They lie in programs/quickstart_*.py, unchanged but for the import line; where the documentation
shows only a piece, what makes it a program is added around it. Each runs in a process of its own,
on a free port. Every request is made by three clients (aiohttp's, httpx, and curl where it is
installed), which must see the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from clients import CURL, Served, by_curl

PROGRAMS = Path(__file__).with_name("programs")

pytestmark = pytest.mark.real


Serve = Callable[..., Served]


@pytest.mark.skipif(CURL is None, reason="needs the program curl (package curl)")
def test_curl_is_among_the_clients(serve: Serve) -> None:
    assert (
        by_curl("GET", serve("quickstart_simple").url + "/", b"", {}, "utf-8").text
        == "Hello, world"
    )


@pytest.mark.parametrize("name", ["simple", "decorators", "handler_functions"])
def test_hello_world(serve: Serve, name: str) -> None:
    got = serve(f"quickstart_{name}")("GET", "/")
    assert (got.status, got.text) == (200, "Hello, world")
    assert got.headers["content-type"] == "text/plain; charset=utf-8"
    assert got.headers["content-length"] == "12"


def test_the_command_line_serves_what_the_function_makes(
    start_program: Callable[..., Any],
) -> None:
    options = ["-H", "localhost", "-P", "0"]
    arguments = ["quickstart_cli:init_func", "--config", "some.toml", "more"]
    program = start_program(
        "-W", "error", "-m", "tidegate.web", *options, *arguments, PYTHONPATH=str(PROGRAMS)
    )
    url = program.wait_for_url()
    assert url.startswith("http://localhost:")
    assert Served(url, program).text("GET", "/") == "--config some.toml more"
    assert program.interrupt() == 0, program.output
    assert "Traceback" not in program.output


def test_handlers_are_found_by_method_and_path(serve: Serve) -> None:
    served = serve("quickstart_handlers")
    assert served.text("GET", "/") == ""
    assert served.text("POST", "/post", b"this") == "posted this"
    assert served.text("PUT", "/put", b"that") == "put that"
    assert served("GET", "/post").status == 405
    assert served("GET", "/nowhere").status == 404


def test_decorated_handlers_are_found_by_method_and_path(serve: Serve) -> None:
    served = serve("quickstart_handler_decorators")
    assert served.text("GET", "/") == "got"
    assert served.text("POST", "/post", b"this") == "posted this"
    assert served.text("PUT", "/put", b"that") == "put that"


@pytest.mark.parametrize("path", ["/path", "/decorated"])
def test_a_wildcard_takes_any_method_and_tells_which(serve: Serve, path: str) -> None:
    served = serve("quickstart_wildcard")
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"):
        assert served.text(method, path) == method
    assert served("HEAD", path).status == 200


def test_head_has_the_headers_of_get_unless_it_is_denied(serve: Serve) -> None:
    served = serve("quickstart_head")
    got, head = served("GET", "/with"), served("HEAD", "/with")
    assert (head.status, head.text) == (200, "")
    assert head.headers == {**got.headers, "x-called": "HEAD"}
    assert head.headers["content-length"] == str(len(got.text))
    denied = served("HEAD", "/")
    assert denied.status == 405
    assert denied.headers["allow"] == "GET"
    assert "x-called" not in denied.headers
    assert served.text("GET", "/") == "some text"


def test_subsequent_routes_of_a_path_share_a_resource(serve: Serve) -> None:
    served = serve("quickstart_merged_resources")
    assert served.lines() == ["resources: 2 3"]
    for method, path in [("GET", "1"), ("POST", "1"), ("GET", "2"), ("POST", "2")]:
        assert served.text(method, f"/path{path}") == f"{method.lower()}_{path}"
    for path in ("/path1", "/path2"):
        assert served("PUT", path).headers["allow"] == "GET,HEAD,POST"


def test_variable_parts_are_in_match_info(serve: Serve) -> None:
    served = serve("quickstart_variable_resources")
    for part in ("b", "1", "etc"):
        assert served.text("GET", f"/a/{part}/c") == part
    assert served("GET", "/a/b/d").status == 404
    assert served("GET", "/a/b/c/d").status == 404
    assert served.text("GET", "/42") == "a number: 42"
    assert served.text("GET", "/Ada") == "Hello, Ada"
    assert served.text("GET", "/J%C3%BCrgen%20M") == "Hello, Jürgen M"


def test_urls_are_made_by_the_name_of_a_resource(serve: Serve) -> None:
    served = serve("quickstart_named_resources")
    assert served.text("GET", "/root") == "/root?a=b&c=d"
    assert served.text("GET", "/user") == "/john_doe/info?a=b"


def test_handlers_may_be_methods_of_a_class(serve: Serve) -> None:
    served = serve("quickstart_handler_class")
    assert served.text("GET", "/intro") == "Hello, world"
    assert served.text("GET", "/greet/Ada") == "Hello, Ada"


@pytest.mark.parametrize("path", ["/path/to", "/decorated"])
def test_a_view_answers_its_methods_and_refuses_the_others(serve: Serve, path: str) -> None:
    served = serve("quickstart_views")
    assert served.text("GET", path) == f"got {path}"
    assert served.text("POST", path, b"this") == "posted this"
    refused = served("DELETE", path)
    assert refused.status == 405
    assert refused.headers["allow"] == "GET,POST"


def test_resources_and_named_resources_can_be_viewed(serve: Serve) -> None:
    lines = serve("quickstart_resource_views").lines()
    names = lines.index("names:")
    resources, named = lines[:names], lines[names + 1 :]
    paths = ["/plain", "/named", "/{variable}/named"]
    assert len(resources) == len(paths)
    for resource, path in zip(resources, paths, strict=True):
        assert path in resource
    assert sorted(named) == [f"first {resources[1]}", f"second {resources[2]}"]


def test_the_ways_to_register_routes_are_equivalent(serve: Serve) -> None:
    served = serve("quickstart_route_tables")
    for get, post in [
        ("/get", "/post"),
        ("/decorated/get", "/decorated/post"),
        ("/view", "/view"),
    ]:
        assert served.text("GET", get) == "got"
        assert served.text("POST", post) == "posted"
    assert served("POST", "/get").status == 405
    assert served("DELETE", "/view").status == 405


def test_json_is_returned_and_can_be_changed_before(serve: Serve) -> None:
    served = serve("quickstart_json")
    got = served("GET", "/")
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(got.text) == {"some": "data"}
    assert served("GET", "/changed").headers["x-changed"] == "before it is returned"


# --- forms and uploads ---

MP3 = bytes(range(256)) * 400


def multipart(**parts: tuple[str, bytes] | str) -> tuple[bytes, str]:
    """Return a multipart/form-data body as a browser sends it, and its content type."""
    body = b""
    for name, part in parts.items():
        filename, data = part if isinstance(part, tuple) else (None, part.encode())
        body += f'--edge\r\nContent-Disposition: form-data; name="{name}"'.encode()
        if filename is not None:
            body += f'; filename="{filename}"\r\nContent-Type: audio/mpeg'.encode()
        body += b"\r\n\r\n" + data + b"\r\n"
    return body + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def test_forms_come_urlencoded_and_as_multipart(serve: Serve) -> None:
    served = serve("quickstart_forms")
    urlencoded = "application/x-www-form-urlencoded"
    body = b"login=J%C3%BCrgen+M&password=a%26b"
    assert served("POST", "/login", body, urlencoded).text == "Jürgen M a&b"
    body, content_type = multipart(login="Jürgen M", password="a&b")
    assert served("POST", "/login", body, content_type).text == "Jürgen M a&b"


def test_an_upload_has_a_name_and_a_file(serve: Serve) -> None:
    served = serve("quickstart_upload")
    body, content_type = multipart(mp3=("song.mp3", MP3[:10_000].replace(b"\xff", b"")))
    got = served("POST", "/store/mp3", body, content_type, encoding="latin-1")
    assert got.status == 200
    assert got.headers["content-disposition"] == "song.mp3"
    assert got.text.encode("latin-1") == MP3[:10_000].replace(b"\xff", b"")


def test_an_upload_can_be_read_as_it_comes(serve: Serve) -> None:
    served = serve("quickstart_upload_stream")
    body, content_type = multipart(name="A song", mp3=("song.mp3", MP3))
    got = served("POST", "/store/mp3", body, content_type)
    assert got.text == f"song.mp3 sized of {len(MP3)} successfully stored"


def test_a_websocket_answers_until_it_is_told_to_close(serve: Serve) -> None:
    served = serve("quickstart_websocket")

    async def chat() -> tuple[str, int | None]:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(served.url + "/ws", timeout=aiohttp.ClientWSTimeout(30)) as ws,
        ):
            await ws.send_str("hello")
            answer = await ws.receive_str(timeout=30)
            await ws.send_str("close")
            closed = await ws.receive(timeout=30)
            assert closed.type is aiohttp.WSMsgType.CLOSE
            return answer, ws.close_code

    assert asyncio.run(chat()) == ("hello/answer", 1000)


def test_redirects_go_to_a_path_or_to_a_view_by_its_name(serve: Serve) -> None:
    served = serve("quickstart_redirects")
    for path, location in [("/to/path", "/redirect"), ("/handler", "/login")]:
        got = served("GET", path)
        assert (got.status, got.headers["location"]) == (302, location)


def test_exceptions_are_answers(serve: Serve) -> None:
    served = serve("quickstart_exceptions")
    assert served("GET", "/").status == 302
    nowhere = served("GET", "/not-found")
    assert (nowhere.status, nowhere.text, nowhere.headers["x-reason"]) == (
        404,
        "nothing here",
        "none",
    )
    assert served("GET", "/not-allowed").headers["allow"] == "DELETE,PUT"
    legal = served("GET", "/legal")
    assert (legal.status, legal.text) == (451, "blocked")
    assert legal.headers["link"] == '<https://example.com/>; rel="blocked-by"'
