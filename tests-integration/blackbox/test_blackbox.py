"""What the server does with whatever comes over a socket, case by case, each with its rule.

The server runs in a process of its own with its default settings (the time-outs of the last tests
are shortened), on each event loop that is installed. The cases are in ``cases_*.py``; how they are
played, and what may come back, in :mod:`exchange`.

A suite that nothing fails shows nothing: :mod:`naive` is a server that is wrong in most of the
ways that are known, and each group of cases has to find that out.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import cases_bodies
import cases_chunked
import cases_conditional
import cases_connection
import cases_fields
import cases_forms
import cases_framing
import cases_request_line
import cases_responses
import cases_static
import cases_websocket
import pytest
from exchange import WAIT, Case, Connection, Failed, play

HERE = Path(__file__).parent
GROUPS = {
    "framing": cases_framing.cases(),
    "chunked": cases_chunked.cases(),
    "fields": cases_fields.cases(),
    "request line": cases_request_line.cases(),
    "connection": cases_connection.cases(),
    "responses": cases_responses.cases(),
    "static": cases_static.cases(),
    "conditional": cases_conditional.cases(),
    "forms": cases_forms.cases(),
    "bodies": cases_bodies.cases(),
    "websocket": cases_websocket.cases(),
}
CASES = [
    pytest.param(case, id=f"{group}: {case.name}")
    for group, found in GROUPS.items()
    for case in found
]
LOOPS = ["asyncio", *(["uvloop"] if find_spec("uvloop") else [])]

pytestmark = pytest.mark.real

Address = tuple[str, int]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory to serve, with what is dangerous about directories."""
    top = tmp_path_factory.mktemp("blackbox")
    (top / "secret.txt").write_text("secret")
    served = top / "static"
    (served / "directory").mkdir(parents=True)
    (served / "page.txt").write_text("page")
    os.utime(served / "page.txt", (cases_conditional.CHANGED_AT, cases_conditional.CHANGED_AT))
    (served / "outside-link").symlink_to(top / "secret.txt")
    (served / "outside-directory").symlink_to(top)
    os.mkfifo(served / "pipe")
    return served


class Server:
    """A server in a process of its own."""

    def __init__(self, program: Any) -> None:
        self.program = program
        url = urlsplit(program.wait_for_url())
        self.address: Address = (url.hostname or "", url.port or 0)


@pytest.fixture(scope="module", params=LOOPS)
def server(
    request: pytest.FixtureRequest, start_module_program: Callable[..., Any], files: Path
) -> Iterator[Server]:
    """Run the server under test."""
    program = start_module_program(HERE / "served.py", "--loop", request.param, "--static", files)
    started = Server(program)
    yield started
    # A client's fault is a quiet line. What handlers here do wrong is loud, and is expected.
    for line in program.output.splitlines():
        if line.startswith(("ERROR", "CRITICAL")):
            assert any(path in line for path in ("/short", "/long", "/broken", "/split")), line
    assert program.interrupt() == 0, program.output


@pytest.mark.parametrize("case", CASES)
def test_case(server: Server, case: Case) -> None:
    play(case, *server.address)


@pytest.mark.parametrize("group", GROUPS)
def test_a_naive_server_fails(
    start_module_program: Callable[..., Any],
    group: str,
    files: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("exchange.WAIT", 0.5)
    naive = Server(start_module_program(HERE / "naive.py", files))

    def fails(case: Case) -> bool:
        try:
            play(case, *naive.address)
        except (Failed, OSError):
            return True
        return False

    with ThreadPoolExecutor(max_workers=16) as pool:
        failed = sum(pool.map(fails, GROUPS[group]))
    assert failed >= len(GROUPS[group]) / 4, f"only {failed} of {len(GROUPS[group])} failed"


# --- what a handler does wrong ---


Dial = Callable[..., Connection]


@pytest.fixture
def dial() -> Iterator[Dial]:
    """Return a function that connects to a server, and sends it something."""
    opened: list[Connection] = []

    def dial(server: Server, *pieces: bytes) -> Connection:
        connection = Connection(*server.address)
        opened.append(connection)
        connection.send(pieces)
        return connection

    yield dial
    for connection in opened:
        connection.close()


def get(path: str, version: str = "1.1") -> bytes:
    """Return a GET request."""
    return f"GET {path} HTTP/{version}\r\nHost: a\r\n\r\n".encode()


def test_a_body_shorter_than_its_length_ends_the_connection(dial: Dial, server: Server) -> None:
    connection = dial(server, get("/short"))
    response = connection.response()
    assert response is not None
    assert (response.body, response.complete) == (b"12345", False)


def test_a_body_longer_than_its_length_is_cut_and_ends_the_connection(
    dial: Dial, server: Server
) -> None:
    connection = dial(server, get("/long"))
    response = connection.response()
    assert response is None or response.body == b"12345"
    assert connection.rest() == b""


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_a_handler_that_fails_in_a_body_is_seen_to_fail(
    dial: Dial, server: Server, version: str
) -> None:
    connection = dial(server, get("/broken", version))
    if version == "1.0":
        # The end of the connection ends the body, so it has to be an end like no other.
        reset = select.poll()
        reset.register(connection.socket, 0)
        assert reset.poll(WAIT * 1000)
        return
    response = connection.response()
    assert response is None or not response.complete


# --- what a client may rely on ---


def test_100_is_sent_once_and_only_when_the_body_is_asked_for(dial: Dial, server: Server) -> None:
    head = b"POST %s HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    asked = dial(server, head % b"/echo")
    assert asked.socket.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
    asked.send((b"hello",))
    assert asked.socket.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")
    ignored = dial(server, head % b"/ignore")
    assert ignored.socket.recv(65536).startswith(b"HTTP/1.1 200 OK\r\n")


def test_responses_say_when_and_by_whom_and_how_long(dial: Dial, server: Server) -> None:
    response = dial(server, get("/alive")).response()
    assert response is not None
    assert {"date", "content-length", "content-type"} <= set(response.fields)


def test_405_lists_what_is_allowed(dial: Dial, server: Server) -> None:
    connection = dial(server, b"PUT /alive HTTP/1.1\r\nHost: a\r\n\r\n")
    response = connection.response()
    assert response is not None
    assert (response.status, response.fields["allow"]) == (405, "GET,HEAD")


# --- waiting ---

SHORT = 0.5
"""Seconds that each time-out takes in what follows."""


@pytest.fixture(scope="module", params=LOOPS)
def impatient(
    request: pytest.FixtureRequest, start_module_program: Callable[..., Any]
) -> Iterator[Server]:
    """Run the server with short time-outs."""
    options = ["--loop", request.param, "--timeouts", SHORT]
    program = start_module_program(HERE / "served.py", *options)
    yield Server(program)
    assert "ERROR" not in program.output
    assert "Traceback" not in program.output
    assert program.interrupt() == 0, program.output


def test_a_client_that_says_nothing_is_let_go(dial: Dial, impatient: Server) -> None:
    assert dial(impatient).rest() == b""


def test_a_head_that_stops_is_refused(dial: Dial, impatient: Server) -> None:
    connection = dial(impatient, b"GET / HTTP/1.1\r\nHo")
    response = connection.response()
    assert response is None or response.status == 408
    assert connection.rest() == b""


def test_a_head_that_drips_is_refused_all_the_same(dial: Dial, impatient: Server) -> None:
    connection = dial(impatient, b"GET / HTTP/1.1\r\nX-Drip: ")
    connection.socket.settimeout(0.05)
    waited = 0.0
    while waited < WAIT:
        try:
            connection.socket.sendall(b"a")
            if not connection.socket.recv(65536):
                return
            break  # a refusal
        except TimeoutError:
            waited += 0.05
        except OSError:
            return
    assert waited < WAIT


def test_a_body_that_stops_is_refused(dial: Dial, impatient: Server) -> None:
    connection = dial(
        impatient, b"POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhello"
    )
    response = connection.response()
    assert response is None or response.status == 408
    assert connection.rest() == b""


def test_a_connection_that_rests_is_closed(dial: Dial, impatient: Server) -> None:
    connection = dial(impatient, get("/alive"))
    response = connection.response()
    assert response is not None
    assert response.body == b"alive"
    assert connection.rest() == b""


def test_a_client_that_reads_nothing_is_let_go(dial: Dial, impatient: Server) -> None:
    connection = dial(impatient, get("/endless"))
    # With no event asked for, only a reset is told.
    reset = select.poll()
    reset.register(connection.socket, 0)
    assert reset.poll(WAIT * 1000)


# --- the end ---


@pytest.mark.parametrize("loop", LOOPS)
def test_nothing_that_goes_on_for_ever_holds_up_the_end(
    dial: Dial, start_program: Callable[..., Any], loop: str
) -> None:
    program = start_program(HERE / "served.py", "--loop", loop)
    server = Server(program)
    idle = dial(server, get("/alive"))
    assert idle.response() is not None
    events = dial(server, get("/events"))
    assert b"data: tick" in events.socket.recv(65536) + events.socket.recv(65536)
    poll = dial(server, get("/poll"))
    socket = dial(server, cases_websocket.GOOD_HANDSHAKE, cases_websocket.frame(1, b"hello"))
    assert socket.response() is not None
    assert socket.exactly(7) == b"\x81\x05hello"
    program.process.send_signal(signal.SIGTERM)
    assert idle.rest() == b""
    assert events.rest().endswith(b"0\r\n\r\n")
    answer = poll.response()
    assert answer is not None
    assert (answer.body, answer.fields["connection"]) == (b"nothing new", "close")
    # Going away (RFC 6455 section 7.4.1), and the client agrees.
    assert socket.exactly(4) == b"\x88\x02\x03\xe9"
    socket.send((cases_websocket.frame(8, cases_websocket.code(1001)),))
    # The grace time is a minute: who waited for it would be found out.
    assert program.wait(seconds=WAIT) == 0, program.output
    assert "Traceback" not in program.output
