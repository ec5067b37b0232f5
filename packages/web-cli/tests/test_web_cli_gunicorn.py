"""gunicorn, for real, runs applications in the workers of this package."""

import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

gunicorn = pytest.importorskip("gunicorn", reason="gunicorn is not installed (extra gunicorn)")

from tidegate_web_cli.gunicorn import GunicornWebWorker  # noqa: E402 - not without gunicorn
from tidegate_web_server import AccessLogger  # noqa: E402 - beside it

pytestmark = pytest.mark.real

PROGRAMS = Path(__file__).with_name("programs")
needs_uvloop = pytest.mark.skipif(find_spec("uvloop") is None, reason="uvloop is not installed")

Start = Callable[..., Any]


@pytest.fixture
def serve(start: Start) -> Start:
    """Return a function that starts gunicorn with one worker; it returns process and port."""

    def serve(target: str = "app", *options: str, worker: str = "GunicornWebWorker") -> Any:
        return start(
            *("-m", "gunicorn", f"gunicorn_app:{target}", "--chdir", str(PROGRAMS)),
            *("--worker-class", f"tidegate_web_cli.gunicorn.{worker}"),
            *("--bind", "127.0.0.1:0", *options),
        )

    return serve


def port_of(process: Any) -> int:
    found = re.search(r"https?://127\.0\.0\.1:(\d+)", process.wait_for("Listening at"))
    assert found is not None
    return int(found[1])


def connect(port: int, context: ssl.SSLContext | None = None) -> http.client.HTTPConnection:
    if context is None:
        return http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    return http.client.HTTPSConnection("127.0.0.1", port, timeout=30, context=context)


def who(port: int, context: ssl.SSLContext | None = None) -> list[str]:
    with closing(connect(port, context)) as connection:
        connection.request("GET", "/who")
        return connection.getresponse().read().decode().split()


@pytest.mark.parametrize("target", ["app", "make_app", "make_app_later", "make_runner"])
def test_it_serves_an_application_and_what_makes_one(serve: Start, target: str) -> None:
    process = serve(target)
    port = port_of(process)
    _, loop, scheme = who(port)
    assert (loop, scheme) == ("asyncio", "http")
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    assert "cleanup" in process.lines


@needs_uvloop
def test_it_serves_on_uvloop(serve: Start) -> None:
    process = serve("app", worker="GunicornUVLoopWebWorker")
    assert who(port_of(process))[1] == "uvloop"
    process.send(signal.SIGTERM)
    assert process.wait() == 0


def test_what_makes_no_application_ends_gunicorn_with_the_reason(serve: Start) -> None:
    process = serve("make_nothing")
    assert process.wait() != 0
    assert any("which made 'nothing'" in line for line in process.lines)


def test_a_request_in_service_is_answered_at_a_stop(serve: Start) -> None:
    process = serve()
    with closing(connect(port_of(process))) as connection:
        connection.putrequest("POST", "/echo")
        connection.putheader("Content-Length", "10")
        connection.endheaders(b"01234")
        process.wait_for("reading")
        process.send(signal.SIGTERM)
        process.wait_for("Handling signal: term")
        connection.send(b"56789")
        assert connection.getresponse().status == 200
    assert process.wait() == 0
    assert "cleanup" in process.lines


def test_a_request_that_does_not_end_is_cancelled_before_gunicorn_kills(serve: Start) -> None:
    process = serve("app", "--graceful-timeout", "4")
    with closing(connect(port_of(process))) as connection:
        connection.request("GET", "/wait")
        process.wait_for("waiting")
        process.send(signal.SIGTERM)
        assert process.wait() == 0
    assert process.lines.index("cancelled") < process.lines.index("cleanup")


def test_a_quick_stop_waits_for_nobody(serve: Start) -> None:
    process = serve("app", "--graceful-timeout", "600", "--timeout", "600")
    with closing(connect(port_of(process))) as connection:
        connection.request("GET", "/wait")
        process.wait_for("waiting")
        process.send(signal.SIGQUIT)
        assert process.wait() == 0
    assert "cancelled" in process.lines


def test_a_worker_is_replaced_after_max_requests(serve: Start) -> None:
    process = serve("app", "--max-requests", "3")
    port = port_of(process)
    pid = who(port)[0]
    for _ in range(3):
        who(port)
    process.wait_for("has answered max_requests")
    wait_until(lambda: who(port)[0] != pid)


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "it did not come to that"
        time.sleep(0.02)


def test_a_stuck_worker_is_replaced_by_gunicorn(serve: Start) -> None:
    process = serve("app", "--timeout", "2")
    port = port_of(process)
    pid = who(port)[0]
    with closing(connect(port)) as connection:
        connection.request("GET", "/block")
        process.wait_for("WORKER TIMEOUT")
        assert who(port)[0] != pid


@pytest.mark.skipif(sys.platform != "linux", reason="a parent's number is asked of /proc")
def test_a_worker_ends_when_gunicorn_is_killed(serve: Start) -> None:
    process = serve()
    pid = int(who(port_of(process))[0])
    process.send(signal.SIGKILL)

    def gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"

    wait_until(gone)


def test_the_access_log_goes_to_gunicorns_in_the_format_of_this_package(serve: Start) -> None:
    process = serve("app", "--access-logfile", "-")
    who(port_of(process))
    assert '"GET /who HTTP/1.1" 200' in process.wait_for("/who")


def test_a_format_of_the_access_log_can_be_given(serve: Start) -> None:
    process = serve("app", "--access-logfile", "-", "--access-logformat", "%s is %r.")
    who(port_of(process))
    assert process.wait_for("/who").strip() == "200 is GET /who HTTP/1.1."


def test_a_format_in_gunicorns_notation_ends_it_with_the_reason(serve: Start) -> None:
    process = serve("app", "--access-logfile", "-", "--access-logformat", "%(h)s")
    assert process.wait() != 0
    assert any("not in gunicorn's notation, %(name)s" in line for line in process.lines)


@pytest.mark.parametrize("source", ["%(h)s", "%s %({x-my}i)s"])
def test_a_format_in_gunicorns_notation_is_a_value_error(source: str) -> None:
    worker = object.__new__(GunicornWebWorker)
    with pytest.raises(ValueError, match="gunicorn's notation"):
        worker._get_valid_log_format(source)


def test_gunicorns_default_format_stands_for_our_own() -> None:
    worker = object.__new__(GunicornWebWorker)
    default = GunicornWebWorker.DEFAULT_GUNICORN_LOG_FORMAT
    assert worker._get_valid_log_format(default) == AccessLogger.LOG_FORMAT
    assert worker._get_valid_log_format("%a %r") == "%a %r"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a certificate of 127.0.0.1 and its key."""
    if shutil.which("openssl") is None:
        pytest.skip("needs the program openssl (package openssl)")
    folder = tmp_path_factory.mktemp("tls")
    cert, key = folder / "cert.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
    command += ["-keyout", str(key), "-out", str(cert)]
    subprocess.run(command, check=True, capture_output=True)
    return cert, key


def test_tls_is_served_from_gunicorns_settings(
    serve: Start, certificate: tuple[Path, Path]
) -> None:
    cert, key = map(str, certificate)
    process = serve("app", "--certfile", cert, "--keyfile", key, "--ciphers", "ECDHE+AESGCM")
    port = port_of(process)
    context = ssl.create_default_context(cafile=cert)
    assert who(port, context)[2] == "https"
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection(("127.0.0.1", port), 30) as sock,
        context.wrap_socket(sock, server_hostname="127.0.0.1") as tls,
    ):
        name, _, _ = tls.cipher() or ("", "", 0)
    assert name.startswith("ECDHE-RSA-AES")
    process.send(signal.SIGTERM)
    assert process.wait() == 0


def test_clients_without_the_certificate_that_is_asked_for_are_refused(
    serve: Start, certificate: tuple[Path, Path]
) -> None:
    cert, key = map(str, certificate)
    process = serve(
        *("app", "--certfile", cert, "--keyfile", key, "--ca-certs", cert, "--cert-reqs", "2")
    )
    port = port_of(process)
    context = ssl.create_default_context(cafile=cert)
    with pytest.raises((ssl.SSLError, OSError)):
        who(port, context)
    context.load_cert_chain(cert, key)
    assert who(port, context)[2] == "https"
