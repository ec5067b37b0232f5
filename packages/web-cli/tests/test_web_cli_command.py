"""The tidegate command, as a real process: it serves, stops, and says what it can't carry out."""

import http.client
import json
import os
import pty
import signal
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

COMMAND = "import sys; from tidegate_web_cli.command import main; main()"
PATIENCE = 30.0

APP = """
import os, sys
from tidegate_web_server import Application, Response

async def hello(request):
    return Response(text=f"{request.scheme} {request.remote} {os.environ.get('NAME')} {ARGV}")

async def lost(request):
    return Response()

def middleware_of_nothing():
    pass

ARGV = None

def create_app(argv):
    global ARGV
    ARGV = argv
    app = Application()
    app.router.add_get("/", hello, name="hello")
    app.router.add_get("/{anything:.*}", lost)
    return app

def double():
    app = Application()
    app.router.add_get("/a", hello)
    app.router.add_get("/{x}", hello)
    sub = Application()
    sub.router.add_get("/x", lost)
    sub.router.add_get("/z", lost)
    sub.router.add_get("/x", lost)
    app.add_subapp("/sub", sub)
    app.router.add_get("/sub/y", lost)
    app.router.add_post("/{x}", hello)
    return app
"""
FAILING = "x = 1\nraise LookupError('no configuration')\n"

Start = Callable[..., Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "failing.py").write_text(FAILING)
    return tmp_path


@pytest.fixture
def tidegate(start: Start, folder: Path) -> Start:
    """Return a function that starts the command in the folder of the applications."""

    def tidegate(*arguments: str, **options: Any) -> Any:
        return start("-c", COMMAND, *arguments, cwd=folder, **options)

    return tidegate


def get(port: int, headers: dict[str, str] | None = None) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", "/", headers=headers or {})
        return connection.getresponse().read().decode()
    finally:
        connection.close()


def said(process: Any) -> tuple[int, str]:
    code = process.wait()
    return code, "\n".join(process.lines)


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_run_serves_what_it_finds_until_a_signal(tidegate: Start, signum: int) -> None:
    running = tidegate("run", "--port", "0", env={"NAME": "x"})
    assert get(running.wait_for_port()) == "http 127.0.0.1 x []"
    running.wait_for('"GET / HTTP/1.1" 200')
    running.send(signum)
    assert running.wait() == 0


def test_options_and_arguments_are_obeyed(tidegate: Start) -> None:
    running = tidegate(
        *("run", "app:create_app", "--port", "0", "--no-access-log", "--loop", "asyncio"),
        *("--timeout-keep-alive", "5", "--", "a", "--b"),
    )
    running.wait_for("asyncio")
    port = int(running.lines[0].rpartition(":")[2].split()[0])
    assert get(port).endswith("['a', '--b']")
    running.send(signal.SIGTERM)
    code, text = said(running)
    assert code == 0
    assert "HTTP/1.1" not in text


def test_the_environment_and_a_file_of_it_are_obeyed(tidegate: Start, folder: Path) -> None:
    (folder / "env").write_text("NAME=file\nTIDEGATE_ACCESS_LOG=false\nTIDEGATE_PORT=1\n")
    running = tidegate(
        "run", "--env-file", "env", env={"TIDEGATE_PORT": "0", "TIDEGATE_HOST": "127.0.0.1"}
    )
    assert " file " in get(running.wait_for_port())
    running.send(signal.SIGTERM)
    assert "HTTP/1.1" not in said(running)[1]


def test_a_platform_that_sets_port_is_served_on_every_interface(tidegate: Start) -> None:
    running = tidegate("run", env={"PORT": "0"})
    assert "http://0.0.0.0:" in running.wait_for("Running on")
    running.send(signal.SIGTERM)
    assert running.wait() == 0


def test_a_trusted_proxy_is_believed_and_others_are_not(tidegate: Start) -> None:
    headers = {"X-Forwarded-For": "192.0.2.7"}
    running = tidegate("run", "--port", "0")
    assert "192.0.2.7" in get(running.wait_for_port(), headers)
    for options in (["--no-proxy-headers"], ["--forwarded-allow-ips", "10.0.0.0/8"]):
        running = tidegate("run", "--port", "0", *options)
        assert "127.0.0.1" in get(running.wait_for_port(), headers)
    running = tidegate("run", "--port", "0", env={"FORWARDED_ALLOW_IPS": "*"})
    assert "192.0.2.7" in get(running.wait_for_port(), headers)


def test_tls_is_served(tidegate: Start, certificates: Path) -> None:
    running = tidegate(
        *("run", "--port", "0", "--ssl-certfile", str(certificates / "certificate.pem")),
        *("--ssl-keyfile", str(certificates / "key.pem")),
    )
    line = running.wait_for("Running on https://")
    context = ssl.create_default_context(cafile=str(certificates / "certificate.pem"))
    port = int(line.rpartition(":")[2].split()[0])
    connection = http.client.HTTPSConnection("127.0.0.1", port, context=context, timeout=PATIENCE)
    connection.request("GET", "/")
    assert connection.getresponse().read().startswith(b"https")
    connection.close()


def test_sockets_of_systemd_are_served_and_it_is_told(tidegate: Start, folder: Path) -> None:
    # sd_listen_fds(3): the sockets are 3 and up, for the process of that number, which this
    # program becomes.
    script = (
        "import os, sys; os.dup2(int(os.environ['SOCKET']), 3); "
        "os.environ['LISTEN_PID'] = str(os.getpid()); os.execv(sys.executable, sys.argv[1:])"
    )
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
    ):
        manager.bind("\0tidegate-command-test-" + str(os.getpid()))
        manager.settimeout(PATIENCE)
        environment = {
            **os.environ,
            "LISTEN_FDS": "1",
            "SOCKET": str(listener.fileno()),
            "NOTIFY_SOCKET": "@tidegate-command-test-" + str(os.getpid()),
        }
        running = subprocess.Popen(
            [sys.executable, "-c", script, sys.executable, "-c", COMMAND, "run"],
            env=environment,
            cwd=folder,
            pass_fds=[listener.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            assert manager.recv(100) == f"READY=1\nMAINPID={running.pid}".encode()
            assert get(listener.getsockname()[1]).startswith("http")
            running.send_signal(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"
            assert running.wait(PATIENCE) == 0
        finally:
            running.kill()
            running.wait()


def test_an_inherited_socket_is_served(tidegate: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = tidegate("run", "--fd", str(listener.fileno()), pass_fds=[listener.fileno()])
        assert running.wait_for_port() == listener.getsockname()[1]
    assert get(listener_port(running)).startswith("http")


def listener_port(running: Any) -> int:
    return int(running.lines[0].rpartition(":")[2].split()[0])


def test_a_process_stops_after_the_requests_it_was_given(tidegate: Start) -> None:
    running = tidegate("run", "--port", "0", "--limit-max-requests", "1")
    get(running.wait_for_port())
    assert running.wait() == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "--prot", "1"], 2, "No such option '--prot'"),
        (["run", "--port", "x"], 2, "'x' is not a valid int"),
        (["run", "--workers", "0"], 2, "--workers is at least 1, not 0"),
        (["run", "none:app"], 2, "no module named 'none'"),
        (["run", "--ssl-certfile", "none.pem"], 2, "cannot read none.pem: no such file"),
        (["run", "--fd", "999"], 1, "cannot listen on file descriptor 999: bad file descriptor"),
        (["run", "--env-file", "none"], 2, "--env-file: cannot read none: no such file"),
        (["run", "--log-config", "none.ini"], 2, "--log-config: cannot read none.ini"),
        (["run", "--forwarded-allow-ips", "x"], 2, "--forwarded-allow-ips: "),
        (["run", "--reload", "-w", "2"], 2, "--reload is for one process"),
        (["dev", "--reload-dir", "none"], 2, "--reload-dir: no such folder"),
        (["routes", "failing"], 1, "failing raised LookupError, see above"),
        (["swim"], 2, "No such command 'swim'"),
    ],
)
def test_what_cannot_be_carried_out_is_one_line_with_an_exit_code(
    tidegate: Start, arguments: list[str], code: int, message: str
) -> None:
    ended, text = said(tidegate(*arguments))
    assert ended == code
    last = text.splitlines()[-1]
    assert last.startswith("tidegate: error: ")
    assert message in last
    if arguments[0] != "routes":
        assert "Traceback" not in text


@pytest.mark.parametrize("command", ["run", "dev"])
def test_a_port_in_use_is_said_in_one_line(tidegate: Start, command: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, text = said(tidegate(command, "--port", str(taken.getsockname()[1])))
    assert code == 1
    assert "address already in use; stop the process that listens there" in text
    assert "Traceback" not in text


def test_an_application_that_fails_shows_its_own_frames_alone(tidegate: Start) -> None:
    code, text = said(tidegate("run", "failing.py"))
    assert code == 1
    assert text.splitlines()[-1] == "LookupError: no configuration"
    assert 'failing.py", line 2' in text
    assert "importlib" not in text
    assert "tidegate_web_cli" not in text


# -- Looking at applications --------------------------------------------------------------------


def test_routes_shows_the_tree(tidegate: Start) -> None:
    code, text = said(tidegate("routes", "app:double", "-v"))
    assert code == 0
    assert text.startswith("app:double (")
    assert "GET, HEAD app.hello app.py:5" in text
    assert "unreachable: " in text
    assert "\x1b" not in text


def test_routes_finds_what_is_never_reached(tidegate: Start) -> None:
    code, text = said(tidegate("routes", "--check", "app:double"))
    assert code == 1
    assert "duplicate: GET /sub/x -> app.lost (app.py:8)" in text
    assert "unreachable: GET /sub/y -> app.lost (app.py:8): /sub comes first" in text
    assert said(tidegate("routes", "--check")) == (0, "")


def test_routes_is_json_for_programs(tidegate: Start) -> None:
    code, text = said(tidegate("routes", "--json", "app:double"))
    assert code == 0
    tree = json.loads(text)
    assert [node["path"] for node in tree["resources"]][:3] == ["/a", "/{x}", "/sub"]
    handler = {"name": "app.hello", "file": "app.py", "line": 5}
    assert tree["resources"][0]["routes"] == [{"methods": ["GET", "HEAD"], "handler": handler}]
    assert {p["kind"] for p in tree["problems"]} == {"duplicate", "unreachable"}


def test_check_reports_options_and_routes(tidegate: Start) -> None:
    assert said(tidegate("check")) == (0, "Nothing to complain about.")
    code, text = said(tidegate("check", "app:double", "--ssl-certfile", "none.pem"))
    assert code == 1
    assert "cannot read none.pem" in text
    assert "duplicate: GET /sub/x" in text


def test_info_says_what_is_installed(tidegate: Start) -> None:
    code, text = said(tidegate("info", "--json", env={"TIDEGATE_SSL_KEYFILE_PASSWORD": "hush"}))
    facts = json.loads(text)
    assert code == 0
    assert facts["tidegate"]["build"] in ("compiled", "partly compiled", "pure Python")
    assert facts["Python"]["implementation"].startswith(sys.implementation.name.title()[:1])
    assert "hush" not in text
    assert "event loop" in said(tidegate("info"))[1]


@pytest.mark.parametrize("command", ["", "run", "dev", "routes", "check", "info"])
def test_help_has_examples_and_exit_codes(tidegate: Start, command: str) -> None:
    code, text = said(tidegate(*command.split(), "--help"))
    assert code == 0
    assert "Example" in text
    assert "Exit codes:" in text
    assert all(len(line) <= 100 for line in text.splitlines())


def test_without_a_command_there_is_help(tidegate: Start) -> None:
    assert "Examples:" in said(tidegate())[1]
    assert said(tidegate("--version"))[1].startswith("tidegate")


# -- Colours ------------------------------------------------------------------------------------


def in_terminal(folder: Path, *arguments: str, **environment: str) -> str:
    """Run the command in a terminal of its own; return all that it wrote."""
    ours, theirs = pty.openpty()
    running = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *arguments],
        cwd=folder,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm", **environment},
    )
    os.close(theirs)
    written = b""
    # The end of a terminal is an error to read it (Linux), or nothing.
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:
            break
        if not piece:
            break
        written += piece
    os.close(ours)
    running.wait(PATIENCE)
    return written.decode()


def test_a_terminal_has_colours_unless_they_are_unwanted(folder: Path) -> None:
    assert "\x1b[" in in_terminal(folder, "routes")
    assert "\x1b[3" not in in_terminal(folder, "routes", NO_COLOR="1")
    assert "\x1b[3" not in in_terminal(folder, "routes", "--no-use-colors")
    assert "\x1b[3" not in in_terminal(folder, "routes", TERM="dumb")
