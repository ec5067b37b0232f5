"""The pieces of aiohttp's old web reference, made programs of, do what it says.

They lie in programs/reference_*.py. What later versions dropped works with a warning that names
the new way; each test names the warnings that its program has to cause.
"""

from __future__ import annotations

import asyncio
import gzip
import http.client
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from clients import Served

PROGRAMS = Path(__file__).with_name("programs")

pytestmark = pytest.mark.real

Serve = Callable[..., Served]


def test_a_request_tells_its_peer_ranges_and_body(serve: Serve) -> None:
    served = serve("reference_request")
    assert served.text("GET", "/peer") == "127.0.0.1"
    for path in ("/attribute", "/slice"):
        assert served("GET", path, fields={"Range": "bytes=2-4"}).text == "234"
    assert served("GET", "/slice", fields={"Range": "bytes=-3"}).text == "789"
    assert served("GET", "/slice", fields={"Range": "bytes=7-"}).text == "789"
    assert served("POST", "/json", b'{"a": [1]}', "application/json").text == '{"a": [1]}'
    body = b"".join(
        b'--edge\r\nContent-Disposition: form-data; name="%s"\r\n\r\nx\r\n' % name
        for name in (b"first", b"second")
    )
    content_type = "multipart/form-data; boundary=edge"
    got = served("POST", "/multipart", body + b"--edge--\r\n", content_type)
    assert got.text == "first second"


def test_a_plain_function_may_be_a_handler_and_a_body_come_first(serve: Serve) -> None:
    served = serve("reference_plain_handler", "DeprecationWarning")
    assert served.text("GET", "/") == "All right!"


def test_a_websocket_may_ask_whether_it_can_start(serve: Serve) -> None:
    served = serve("reference_can_prepare", "DeprecationWarning")
    assert served("GET", "/").status == 400

    async def chat() -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(served.url, protocols=("chat",)) as ws,
        ):
            return await ws.receive_str(timeout=30)

    assert asyncio.run(chat()) == "chat"


def test_an_application_is_a_dict(serve: Serve) -> None:
    served = serve("reference_storage", "NotAppKeyWarning")
    assert served.text("GET", "/") == "DELETE * FROM table"


def test_the_router_is_what_the_reference_says(serve: Serve) -> None:
    served = serve("reference_router")
    lines = served.lines()
    assert lines[0] == "6"
    assert [path in line for path, line in zip(["/a/b/c", "/a/{var}"], lines[1:], strict=False)]
    assert lines[7] == "True"
    assert lines[8].startswith("True ")
    assert lines[9] == "/a/b/c?a=1&b=2"
    assert lines[10] == "/get 7"
    assert served.text("GET", "/a/b/c") == "abc"
    assert served.text("PUT", "/a/anything") == "None"
    assert served.text("POST", "/view") == "posted"
    assert served("DELETE", "/view").status == 405


def test_static_files_have_urls_with_versions(serve: Serve) -> None:
    served = serve("reference_static")
    plain, versioned = served.lines()
    assert plain == "/prefix/quickstart_simple.py"
    assert versioned.startswith(plain + "?v=")
    expected = (PROGRAMS / "quickstart_simple.py").read_text()
    assert served.text("GET", versioned) == expected
    assert "quickstart_simple.py" in served.text("GET", "/prefix/")
    assert served("GET", "/prefix/nowhere").status == 404


def test_paths_are_normalised(serve: Serve) -> None:
    served = serve("reference_normalize_path")
    for path in ("/path/to", "//path//to", "//path//to/"):
        got = served("GET", path + "?a=b")
        assert (got.status, got.headers["location"]) == (308, "/path/to/?a=b")
    assert served.text("GET", "/path/to/?a=b") == "/path/to/?a=b"
    assert served("GET", "/other").status == 404


def test_make_handler_makes_what_create_server_takes(start_program: Callable[..., Any]) -> None:
    program = start_program("-W", "always", PROGRAMS / "reference_make_handler.py")
    served = Served(program.wait_for_url(), program)
    assert served.text("GET", "/") == "Hello, world"
    assert program.interrupt() == 0, program.output
    assert "DeprecationWarning" in program.output
    assert "requests: " in program.output


def test_an_application_may_be_inside_another(serve: Serve) -> None:
    served = serve("reference_subapp", "NotAppKeyWarning")
    assert served.lines()[-1] == "/admin/resource"
    assert served.text("GET", "/resource") == "/resource app shared"
    assert served.text("GET", "/admin/resource") == "/admin/resource admin shared"


def test_a_stream_is_a_state_machine(serve: Serve) -> None:
    served = serve("reference_stream")
    url = urlsplit(served.url)
    connection = http.client.HTTPConnection(url.hostname or "", url.port, timeout=30)
    try:
        connection.request("GET", "/")
        got = connection.getresponse()
        assert (got.status, got.reason, got.read()) == (200, "Fine", b"some data")
        assert got.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert got.headers["Last-Modified"] == "Fri, 14 Jul 2017 02:40:00 GMT"
        assert got.headers["Transfer-Encoding"] == "chunked"
        first, second = got.headers.get_all("Set-Cookie") or ("", "")
        assert first.startswith("name=value;")
        assert "Max-Age=0" in second
        for path, coding in [("/compressed", "deflate"), ("/forced", "gzip")]:
            connection.request("GET", path, headers={"Accept-Encoding": "deflate"})
            got = connection.getresponse()
            assert got.headers["Content-Encoding"] == coding
            data = got.read()
            text = gzip.decompress(data) if coding == "gzip" else zlib.decompress(data)
            assert text == b"compressed " * 1000
        connection.request("GET", "/compressed")
        got = connection.getresponse()
        assert got.headers["Content-Encoding"] is None
        assert got.read() == b"compressed " * 1000
    finally:
        connection.close()
