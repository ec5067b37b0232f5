"""serve() does what the settings say in this process, and returns the exit code."""

import logging
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli import serving
from tidegate_web_cli.errors import CommandError
from tidegate_web_cli.serving import check_proxies, limit_of_requests, serve, trusted_proxies
from tidegate_web_cli.settings import RunSettings
from tidegate_web_server import Application, GracefulExit, Server, Timeouts

APP = "from tidegate_web_server import Application\napp = Application()\n"
PROGRAM = """
import sys
from tidegate_web_cli import run_app
from tidegate_web_server import Application
if __name__ == "__main__":
    run_app(Application(), port=0, handle_signals=False, keepalive_timeout=9, print=None)
    print("after", *sys.argv[1:])
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "served_app.py").write_text(APP)
    (tmp_path / "served_program.py").write_text(PROGRAM)
    (tmp_path / "served_at_import.py").write_text(PROGRAM.replace("__main__", "served_at_import"))
    (tmp_path / "served_failing.py").write_text("raise LookupError('no configuration')")
    (tmp_path / "served_nothing.py").write_text("if 0:\n    run_app()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "argv", list(sys.argv))
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    yield tmp_path
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    logging.getLogger("asyncio").setLevel(logging.NOTSET)
    for name in [name for name in sys.modules if name.startswith("served_")]:
        del sys.modules[name]


def leave(server: Server) -> None:
    raise GracefulExit


def test_it_says_where_it_serves_and_stops_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    assert serve(RunSettings(target="served_app", port=0), on_tick=leave) == 0
    assert "Running on http://127.0.0.1:" in capsys.readouterr().out


def test_who_starts_it_gives_sockets_and_hears_that_it_is_ready(
    capsys: pytest.CaptureFixture[str],
) -> None:
    heard: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as sock:
        code = serve(
            RunSettings(target="served_app", debug=True, access_log=False, loop="asyncio"),
            sockets=[sock],
            on_ready=lambda: heard.append("ready"),
            on_tick=leave,
            prepare=heard.append,
        )
    assert code == 0
    app, ready = heard
    assert isinstance(app, Application)
    assert (app.debug, ready) == (True, "ready")
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    "settings",
    [
        RunSettings(target="served_program.py", args=("x",)),
        RunSettings(target="served_program", script=True, args=("x",)),
        RunSettings(target="served_program.py", script=True, args=("x",), port=0),
    ],
)
def test_a_program_is_served_in_place_and_goes_on(
    settings: RunSettings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve(settings, on_tick=leave) == 0
    out = capsys.readouterr().out
    assert ("127.0.0.1" in out) is (settings.port == 0)
    assert out.endswith("after x\n")


def test_a_module_that_calls_run_app_while_imported_is_served_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Path("served_at_import.py").open("a") as file:
        file.write("app = 1\n")
    serve(RunSettings(target="served_at_import"), on_tick=leave)
    assert capsys.readouterr().out.count("Running on") == 1


@pytest.mark.parametrize(
    ("target", "code", "text"),
    [
        ("served_failing", 1, "LookupError: no configuration"),
        ("served_none", 2, "tidegate: error: no module named 'served_none'"),
        ("served_nothing", 2, "ended without a call of run_app"),
    ],
)
def test_what_ends_it_is_shown(
    target: str, code: int, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert serve(RunSettings(target=target, port=0)) == code
    assert text in capsys.readouterr().err


def test_a_failure_can_be_somebody_elses() -> None:
    failures: list[Exception] = []

    def take(error: Exception) -> int:
        failures.append(error)
        return 9

    assert serve(RunSettings(target="served_failing"), on_failure=take) == 9
    assert isinstance(failures[0], LookupError)


def test_proxies_are_networks() -> None:
    assert trusted_proxies(RunSettings(proxy_headers=False)) == ()
    assert trusted_proxies(RunSettings(forwarded_allow_ips=("*",))) == ("0.0.0.0/0", "::/0")
    with pytest.raises(CommandError, match="--forwarded-allow-ips: "):
        check_proxies(RunSettings(forwarded_allow_ips=("nowhere",)))


def test_settings_that_were_asked_for_decide_over_a_programs() -> None:
    settings = RunSettings(shutdown_delay=2, proxy_headers=False, access_log=False)
    assert serving.changed_options(settings) == {
        "shutdown_delay": 2,
        "access_log": None,
        "trusted_proxies": (),
    }


async def test_a_limit_of_requests_stops_a_server() -> None:
    assert limit_of_requests(RunSettings()) is None
    check = limit_of_requests(RunSettings(limit_max_requests=1, limit_max_requests_jitter=0))
    assert check is not None

    async def handler(request: Any) -> Any: ...

    server = Server(handler)
    check(server)
    server.requests_count = 1
    with pytest.raises(GracefulExit):
        check(server)


def test_waits_for_a_client_are_the_time_outs_of_the_server() -> None:
    settings = RunSettings(timeout_headers=5.0, timeout_write=0.0)
    assert serving.changed_options(settings) == {"timeouts": Timeouts(head=5.0, write=0.0)}
    assert "timeouts" not in serving.changed_options(RunSettings())
