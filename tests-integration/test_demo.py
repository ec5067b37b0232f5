"""``hatch run demo``: it serves, says what runs, ends at Ctrl-C, and needs no compiler."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from workspace import ROOT

BUILD = os.environ.get("TIDEGATE_BUILD", "pure")
DEMO = ROOT / "dev" / "demo.py"

Start = Callable[..., Any]


@pytest.fixture
def port() -> int:
    """Return a port of this machine that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetch(url: str, body: bytes | None = None) -> tuple[int, str, str]:
    """Return the status, content type and text of an answer, errors included."""
    try:
        with urllib.request.urlopen(url, body, timeout=30) as answer:
            return answer.status, answer.headers.get_content_type(), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers.get_content_type(), error.read().decode()


def test_the_application_answers(port: int, start_program: Start) -> None:
    # -W error::DeprecationWarning: an example shows nobody a deprecated way.
    options = ("-W", "error::DeprecationWarning")
    running = start_program(*options, ROOT / "examples" / "demo" / "app.py", PORT=str(port))
    url = running.wait_for_url()

    status, kind, page = fetch(url + "/")
    assert (status, kind) == (200, "text/html")
    links = re.findall(r'href="(/[^"]*)"', page)
    assert "/hello/Ada" in links
    expected = {link: 404 if link == "/nowhere" else 200 for link in links}
    assert {link: fetch(url + link)[0] for link in links} == expected

    assert "&lt;b&gt;" in fetch(url + "/hello/%3Cb%3E")[2]
    assert "(2)" in fetch(url + "/hello/Ada")[2]

    status, kind, text = fetch(url + "/api/status?from=test")
    assert (status, kind) == (200, "application/json")
    assert json.loads(text)["you"]["query"] == {"from": "test"}

    assert fetch(url + "/api/add", b"[1, 2.5]")[2] == '{"sum": 3.5}'
    assert fetch(url + "/api/add", b'{"a": 1}')[0] == 400
    assert fetch(url + "/api/add", b"[1,")[0] == 400
    assert running.interrupt() == 0, running.output


def test_it_says_what_runs_and_ends_cleanly(port: int, start_program: Start) -> None:
    running = start_program(DEMO, "--pure", "--port", str(port))
    url = running.wait_for_url()
    assert fetch(url + "/")[0] == 200
    assert running.interrupt() == 0, running.output
    # --pure takes the environment it was started in, and in this one that is what is tested.
    speed = {"pure": "pure Python", "compiled": "compiled"}[BUILD]
    assert re.search(rf"tidegate \d\S* \({speed}, (uvloop|asyncio)\)", running.output)
    assert "Traceback" not in running.output


def test_a_taken_port_is_one_clear_line(start_program: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        number = taken.getsockname()[1]
        running = start_program(DEMO, "--port", str(number))
        assert running.wait() == 1
    assert len(running.lines) == 1
    assert f"port {number} is taken" in running.output


def test_without_a_compiler_it_runs_as_it_is(port: int, start_program: Start) -> None:
    running = start_program(DEMO, "--port", str(port), CC="no-such-compiler")
    url = running.wait_for_url()
    assert "no C compiler found" in running.lines[0]
    assert fetch(url + "/")[0] == 200
    assert running.interrupt() == 0, running.output


@pytest.mark.wheels
@pytest.mark.skipif(sys.platform == "win32", reason="needs the command false")
def test_a_compile_that_fails_is_one_line(port: int, start_program: Start) -> None:
    running = start_program(DEMO, "--port", str(port), CC="false")
    url = running.wait_for_url(seconds=300)
    told = [line for line in running.lines if line.startswith("demo: ")]
    assert "the compile failed (see build" in told[-1]
    assert "Traceback" not in running.output
    assert fetch(url + "/")[0] == 200
    assert running.interrupt() == 0, running.output


@pytest.mark.wheels
def test_with_a_compiler_it_runs_compiled(port: int, start_program: Start) -> None:
    from build_wheels import why_not_compiled

    if reason := why_not_compiled():
        pytest.skip(f"this machine can't compile: {reason}")
    running = start_program(DEMO, "--port", str(port))
    url = running.wait_for_url(seconds=600)
    assert fetch(url + "/")[0] == 200
    assert running.interrupt() == 0, running.output
    assert re.search(r"tidegate \d\S* \(compiled, ", running.output)
