"""The programs of aiohttp's web server quickstart, as far as JSON responses, keep its promises.

They lie in programs/quickstart_*.py, unchanged but for the import line; where the documentation
shows only a piece, what makes it a program is added around it. Each runs in a process of its own,
on a free port. Every request is made by three clients (aiohttp's, httpx, and curl where it is
installed), which must see the same.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import httpx
import pytest

PROGRAMS = Path(__file__).with_name("programs")
CURL = shutil.which("curl")

pytestmark = pytest.mark.real


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    """Names in lower case; without Date, which may differ by a second."""
    text: str


def answer(status: int, headers: Any, body: bytes) -> Answer:
    named = {name.lower(): value for name, value in headers}
    named.pop("date")
    return Answer(status, named, body.decode())


def by_httpx(method: str, url: str, body: bytes) -> Answer:
    with httpx.Client(timeout=30, trust_env=False) as client:
        got = client.request(method, url, content=body)
        return answer(got.status_code, got.headers.items(), got.content)


def by_aiohttp(method: str, url: str, body: bytes) -> Answer:
    async def ask() -> Answer:
        timeout = aiohttp.ClientTimeout(30)
        async with (
            aiohttp.ClientSession(timeout=timeout) as session,
            session.request(method, url, data=body or None) as got,
        ):
            return answer(got.status, got.headers.items(), await got.read())

    return asyncio.run(ask())


def by_curl(method: str, url: str, body: bytes) -> Answer:
    command = ["curl", "--silent", "--show-error", "--include", "--max-time", "30", "--noproxy"]
    command += ["*", *(["--head"] if method == "HEAD" else ["--request", method])]
    command += ["--data-binary", "@-"] if body else []
    got = subprocess.run([*command, url], input=body, check=True, capture_output=True).stdout
    head, _, content = got.partition(b"\r\n\r\n")
    status_line, *fields = head.decode().split("\r\n")
    pairs = [field.split(": ", 1) for field in fields]
    return answer(int(status_line.split()[1]), pairs, content)


class Served:
    """A program that serves; calling this makes a request with each of the clients."""

    def __init__(self, url: str, program: Any) -> None:
        self.url = url
        self.program = program

    def __call__(self, method: str, path: str, body: bytes = b"") -> Answer:
        clients = [by_httpx, by_aiohttp] + ([by_curl] if CURL else [])
        answers = [client(method, self.url + path, body) for client in clients]
        assert all(each == answers[0] for each in answers), answers
        return answers[0]

    def text(self, method: str, path: str, body: bytes = b"") -> str:
        """Return the text of an answer that is a 200."""
        got = self(method, path, body)
        assert got.status == 200, got
        return got.text

    def lines(self) -> list[str]:
        """Return what the program printed before it served."""
        printed: list[str] = self.program.output.splitlines()
        return printed[: [line.startswith("=====") for line in printed].index(True)]


@pytest.fixture
def serve(start_program: Callable[..., Any]) -> Iterator[Callable[[str], Served]]:
    """Return a function that starts programs/quickstart_NAME.py; in the end Ctrl-C ends it."""
    started: list[Any] = []

    def serve(name: str) -> Served:
        program = PROGRAMS / f"quickstart_{name}.py"
        started.append(start_program("-W", "error", PROGRAMS / "run_on_free_port.py", program))
        return Served(started[-1].wait_for_url(), started[-1])

    yield serve
    for program in started:
        assert program.interrupt() == 0, program.output
        assert "Traceback" not in program.output
        assert "Warning" not in program.output


Serve = Callable[[str], Served]


@pytest.mark.skipif(CURL is None, reason="needs the program curl (package curl)")
def test_curl_is_among_the_clients(serve: Serve) -> None:
    assert by_curl("GET", serve("simple").url + "/", b"").text == "Hello, world"


@pytest.mark.parametrize("name", ["simple", "decorators", "handler_functions"])
def test_hello_world(serve: Serve, name: str) -> None:
    got = serve(name)("GET", "/")
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
    served = serve("handlers")
    assert served.text("GET", "/") == ""
    assert served.text("POST", "/post", b"this") == "posted this"
    assert served.text("PUT", "/put", b"that") == "put that"
    assert served("GET", "/post").status == 405
    assert served("GET", "/nowhere").status == 404


def test_decorated_handlers_are_found_by_method_and_path(serve: Serve) -> None:
    served = serve("handler_decorators")
    assert served.text("GET", "/") == "got"
    assert served.text("POST", "/post", b"this") == "posted this"
    assert served.text("PUT", "/put", b"that") == "put that"


@pytest.mark.parametrize("path", ["/path", "/decorated"])
def test_a_wildcard_takes_any_method_and_tells_which(serve: Serve, path: str) -> None:
    served = serve("wildcard")
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"):
        assert served.text(method, path) == method
    assert served("HEAD", path).status == 200


def test_head_has_the_headers_of_get_unless_it_is_denied(serve: Serve) -> None:
    served = serve("head")
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
    served = serve("merged_resources")
    assert served.lines() == ["resources: 2 3"]
    for method, path in [("GET", "1"), ("POST", "1"), ("GET", "2"), ("POST", "2")]:
        assert served.text(method, f"/path{path}") == f"{method.lower()}_{path}"
    for path in ("/path1", "/path2"):
        assert served("PUT", path).headers["allow"] == "GET,HEAD,POST"


def test_variable_parts_are_in_match_info(serve: Serve) -> None:
    served = serve("variable_resources")
    for part in ("b", "1", "etc"):
        assert served.text("GET", f"/a/{part}/c") == part
    assert served("GET", "/a/b/d").status == 404
    assert served("GET", "/a/b/c/d").status == 404
    assert served.text("GET", "/42") == "a number: 42"
    assert served.text("GET", "/Ada") == "Hello, Ada"
    assert served.text("GET", "/J%C3%BCrgen%20M") == "Hello, Jürgen M"


def test_urls_are_made_by_the_name_of_a_resource(serve: Serve) -> None:
    served = serve("named_resources")
    assert served.text("GET", "/root") == "/root?a=b&c=d"
    assert served.text("GET", "/user") == "/john_doe/info?a=b"


def test_handlers_may_be_methods_of_a_class(serve: Serve) -> None:
    served = serve("handler_class")
    assert served.text("GET", "/intro") == "Hello, world"
    assert served.text("GET", "/greet/Ada") == "Hello, Ada"


@pytest.mark.parametrize("path", ["/path/to", "/decorated"])
def test_a_view_answers_its_methods_and_refuses_the_others(serve: Serve, path: str) -> None:
    served = serve("views")
    assert served.text("GET", path) == f"got {path}"
    assert served.text("POST", path, b"this") == "posted this"
    refused = served("DELETE", path)
    assert refused.status == 405
    assert refused.headers["allow"] == "GET,POST"


def test_resources_and_named_resources_can_be_viewed(serve: Serve) -> None:
    lines = serve("resource_views").lines()
    names = lines.index("names:")
    resources, named = lines[:names], lines[names + 1 :]
    paths = ["/plain", "/named", "/{variable}/named"]
    assert len(resources) == len(paths)
    for resource, path in zip(resources, paths, strict=True):
        assert path in resource
    assert sorted(named) == [f"first {resources[1]}", f"second {resources[2]}"]


def test_the_ways_to_register_routes_are_equivalent(serve: Serve) -> None:
    served = serve("route_tables")
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
    served = serve("json")
    got = served("GET", "/")
    assert got.headers["content-type"] == "application/json; charset=utf-8"
    assert json.loads(got.text) == {"some": "data"}
    assert served("GET", "/changed").headers["x-changed"] == "before it is returned"
