"""``python -m tidegate.web module:function`` serves what the function makes, or says why not."""

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from tidegate_web_cli import main

MODULE = """
import sys
from tidegate_web_server import Application, Response

not_a_function = 5

def init(argv):
    async def show(request):
        return Response(text=repr(argv))
    app = Application()
    app.router.add_get("/", show)
    return app

async def async_init(argv):
    return init(["async", *argv])

def no_app(argv):
    return argv

async def async_no_app(argv):
    return argv

def failing(argv):
    raise LookupError("no configuration")
"""

PROGRAM = "import sys; from tidegate_web_cli import main; main(sys.argv[1:])"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder with modules, the current directory of the test."""
    (tmp_path / "cli_app.py").write_text(MODULE)
    (tmp_path / "cli_broken.py").write_text("x = 1\nimport cli_missing\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "cli_app", raising=False)
    return tmp_path


def error_of(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Run a command line that can't be carried out; return the last line of what it says."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    return capsys.readouterr().err.splitlines()[-1].removeprefix("python -m tidegate.web: error: ")


NO_SUCH_PORT = "argument -P/--port: a port is a number from 0 to 65535, not"
NOT_THAT_SYNTAX = "expected module:function, such as app.main:init_func, not"
NO_APP = "is to return a web.Application, and returned"


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "the following arguments are required: module:function"),
        (["cli_app"], f"{NOT_THAT_SYNTAX} 'cli_app'"),
        ([":init"], f"{NOT_THAT_SYNTAX} ':init'"),
        (["cli_app:"], f"{NOT_THAT_SYNTAX} 'cli_app:'"),
        ([".cli_app:init"], "relative module names such as '.cli_app' are not supported"),
        (["cli_none:init"], "unable to import cli_none: No module named 'cli_none'"),
        (["cli_none.x:init"], "unable to import cli_none.x: No module named 'cli_none'"),
        (["cli_app:none"], "module 'cli_app' has no attribute 'none'"),
        (["cli_app:not_a_function"], "cli_app:not_a_function is not a function but 5"),
        (["cli_app:no_app", "x"], f"cli_app:no_app {NO_APP} ['x']"),
        (["cli_app:async_no_app"], f"cli_app:async_no_app {NO_APP} []"),
        (["cli_app:init", "-P", "99999"], f"{NO_SUCH_PORT} '99999'"),
        (["cli_app:init", "-P", "-1"], f"{NO_SUCH_PORT} '-1'"),
        (["cli_app:init", "-P", "http"], f"{NO_SUCH_PORT} 'http'"),
    ],
)
def test_what_cannot_be_carried_out_is_one_line_and_code_2(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert error_of(arguments, capsys) == message


def test_an_import_that_fails_inside_the_module_names_the_line(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert error_of(["cli_broken:init"], capsys) == (
        "unable to import cli_broken: No module named 'cli_missing' "
        f"({folder / 'cli_broken.py'}, line 2)"
    )


@pytest.mark.usefixtures("folder")
def test_an_error_of_the_function_keeps_its_traceback() -> None:
    with pytest.raises(LookupError, match="no configuration"):
        main(["cli_app:failing"])


@pytest.mark.usefixtures("folder")
def test_an_address_that_cannot_be_listened_on_is_one_line_and_code_1(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        with pytest.raises(SystemExit) as caught:
            main(["-H", "127.0.0.1", "-P", port, "cli_app:init"])
    assert caught.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(
        f"python -m tidegate.web: error: cannot listen on http://127.0.0.1:{port}"
    )


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert "python -m tidegate.web package.module:init_func" in capsys.readouterr().out


@pytest.mark.real
@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (["cli_app:init"], "[]"),
        (["cli_app:init", "--pa", "x", "-v", "--", "y"], "['--pa', 'x', '-v', '--', 'y']"),
        (["cli_app:async_init", "z"], "['async', 'z']"),
    ],
)
def test_the_function_gets_what_the_command_does_not_know(
    start: Callable[..., Any], folder: Path, arguments: list[str], shown: str
) -> None:
    process = start("-c", PROGRAM, "-H", "127.0.0.1", "-P", "0", *arguments, cwd=folder)
    connection = http.client.HTTPConnection("127.0.0.1", process.wait_for_port(), timeout=30)
    with closing(connection):
        connection.request("GET", "/")
        assert connection.getresponse().read().decode() == shown
    process.send(signal.SIGTERM)
    assert process.wait() == 0
    assert process.lines[-1] == "Stopped"


@pytest.mark.real
@pytest.mark.skipif(which("curl") is None, reason="needs the program curl (package curl)")
def test_a_path_alone_serves_on_the_unix_domain_socket_alone(
    start: Callable[..., Any], folder: Path
) -> None:
    path = folder / "socket"
    process = start("-c", PROGRAM, "-U", path, "cli_app:init", cwd=folder)
    assert process.wait_for("Running on").strip("= \n") == f"Running on http://unix:{path}:"
    command = ["curl", "--silent", "--max-time", "30", "--unix-socket", str(path), "http://h/"]
    assert subprocess.run(command, check=True, capture_output=True).stdout == b"[]"


@pytest.mark.real
def test_a_path_with_a_host_serves_on_both(start: Callable[..., Any], folder: Path) -> None:
    process = start(
        "-c",
        PROGRAM,
        "-U",
        folder / "socket",
        "-H",
        "127.0.0.1",
        "-P",
        "0",
        "cli_app:init",
        cwd=folder,
    )
    line = process.wait_for("Running on")
    assert "http://127.0.0.1:" in line
    assert f"http://unix:{folder / 'socket'}:" in line
