"""Signals stop a served application in order, and at once when they come again.

Each test starts a real process, waits for the line that says how far it is, and sends signals.
"""

import http.client
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any

import pytest

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals to a process"),
]

Start = Callable[..., Any]

LOOPS = [
    "asyncio",
    pytest.param(
        "uvloop",
        marks=pytest.mark.skipif(find_spec("uvloop") is None, reason="uvloop is not installed"),
    ),
]


class Client:
    """Makes connections to a process, and closes them with the test."""

    def __init__(self) -> None:
        self.connections: list[http.client.HTTPConnection] = []

    def connect(self, port: int) -> http.client.HTTPConnection:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self.connections.append(connection)
        connection.connect()
        return connection

    def get(self, process: Any, path: str) -> None:
        """Send a GET request and leave it in service."""
        self.connect(process.wait_for_port()).request("GET", path)

    def half_a_request(self, process: Any) -> http.client.HTTPConnection:
        """Send a request but for the end of its body, and wait until a handler reads it."""
        connection = self.connect(process.wait_for_port())
        connection.putrequest("POST", "/echo")
        connection.putheader("Content-Length", "10")
        connection.endheaders(b"01234")
        process.wait_for("reading")
        return connection


@pytest.fixture
def client() -> Iterator[Client]:
    client = Client()
    yield client
    for connection in client.connections:
        connection.close()


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_an_idle_server_in_order(
    start_serving: Start, signum: int, loop: str
) -> None:
    process = start_serving(loop=loop)
    process.wait_for("CTRL+C")
    process.send(signum)
    assert process.wait() == 0
    assert process.lines[-3:] == ["shutdown", "cleanup", "returned"]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_a_request_in_service_is_answered_and_nothing_new_is_accepted(
    start_serving: Start, client: Client, signum: int, loop: str
) -> None:
    process = start_serving(loop=loop)
    connection = client.half_a_request(process)
    process.send(signum)
    process.wait_for("shutdown")
    with pytest.raises(ConnectionError):
        client.connect(connection.port)
    connection.send(b"56789")
    response = connection.getresponse()
    assert (response.status, response.read()) == (200, b"0123456789")
    assert response.headers["Connection"] == "close"
    assert process.wait() == 0
    assert process.lines[-2:] == ["cleanup", "returned"]


def test_a_request_that_does_not_end_is_cancelled_after_the_shutdown_timeout(
    start_serving: Start,
    client: Client,
) -> None:
    process = start_serving(shutdown_timeout=0.1)
    client.get(process, "/endless")
    process.wait_for("waiting")
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    assert process.lines[-4:] == ["shutdown", "cancelled", "cleanup", "returned"]


def test_a_stop_that_takes_long_says_what_it_waits_for(
    start_serving: Start, client: Client
) -> None:
    process = start_serving()
    client.half_a_request(process)
    process.send(signal.SIGINT)
    process.wait_for("Waiting for requests in service")


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (signal.SIGINT, signal.SIGINT),
        (signal.SIGTERM, signal.SIGTERM),
        (signal.SIGINT, signal.SIGTERM),
    ],
)
def test_a_second_signal_ends_it_at_once(
    start_serving: Start, client: Client, first: int, second: int, loop: str
) -> None:
    process = start_serving(loop=loop)
    client.get(process, "/endless")
    process.wait_for("waiting")
    process.send(first)
    process.wait_for("shutdown")
    process.send(second)
    assert process.wait() == 1
    # The handler's own finally ran; nothing was left to complain about, and nobody waited.
    assert process.lines[-2:] == ["shutdown", "cancelled"]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_second_signal_ends_it_even_while_a_handler_ignores_being_cancelled(
    start_serving: Start, client: Client, loop: str
) -> None:
    process = start_serving(loop=loop)
    client.get(process, "/stubborn")
    process.wait_for("waiting")
    process.send(signal.SIGINT)
    process.wait_for("shutdown")
    process.send(signal.SIGINT)
    assert process.wait() == 1


@pytest.mark.parametrize("loop", LOOPS)
def test_a_second_signal_ends_it_even_while_a_handler_blocks_the_loop(
    start_serving: Start, client: Client, loop: str
) -> None:
    process = start_serving(loop=loop)
    client.get(process, "/blocking")
    process.wait_for("blocking")
    process.send(signal.SIGINT)
    process.send(signal.SIGTERM)
    assert process.wait() == 1
    assert not [line for line in process.lines if "Traceback" in line]


@pytest.mark.parametrize("loop", LOOPS)
def test_a_signal_ends_a_start_up_that_hangs(start_serving: Start, loop: str) -> None:
    process = start_serving(loop=loop, slow_startup=True)
    process.wait_for("starting")
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    assert process.lines[-2:] == ["cleanup", "returned"]


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(
    ("path", "code", "end"),
    [
        ("/graceful-exit", 0, ["shutdown", "cleanup", "returned"]),
        ("/system-exit", 7, ["shutdown", "cleanup"]),
    ],
)
def test_an_exit_that_a_handler_raises_stops_the_server_in_order(
    start_serving: Start, client: Client, path: str, code: int, end: list[str], loop: str
) -> None:
    process = start_serving(loop=loop)
    client.get(process, path)
    assert process.wait() == code
    assert process.lines[-len(end) :] == end


def test_without_handle_signals_an_interrupt_stops_it_in_order(start_serving: Start) -> None:
    process = start_serving(handle_signals=False)
    process.wait_for("CTRL+C")
    process.send(signal.SIGINT)
    assert process.wait() == 0
    assert process.lines[-3:] == ["shutdown", "cleanup", "returned"]


def test_without_handle_signals_a_second_interrupt_ends_it_at_once(
    start_serving: Start, client: Client
) -> None:
    process = start_serving(handle_signals=False)
    client.half_a_request(process)
    process.send(signal.SIGINT)
    process.wait_for("shutdown")
    process.send(signal.SIGINT)
    process.wait_for("KeyboardInterrupt")
    assert process.wait() == -signal.SIGINT
    assert "cleanup" not in process.lines


def test_without_handle_signals_the_other_signal_keeps_its_effect(start_serving: Start) -> None:
    process = start_serving(handle_signals=False)
    process.wait_for("CTRL+C")
    process.send(signal.SIGTERM)
    assert process.wait() == -signal.SIGTERM


def test_a_port_that_was_just_served_can_be_served_again(start_serving: Start) -> None:
    process = start_serving()
    port = process.wait_for_port()
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    with socket.create_server(("127.0.0.1", port)):
        pass
