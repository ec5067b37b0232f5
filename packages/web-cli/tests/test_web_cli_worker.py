"""What a worker does without a supervisor, and how it is described by one."""

import os
import signal
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from tidegate_web_cli import supervisor, worker
from tidegate_web_cli.errors import CommandError
from tidegate_web_cli.settings import RunSettings
from tidegate_web_cli.worker_process import interpreter_options, why

posix = pytest.mark.skipif(os.name != "posix", reason="workers need inherited pipes")


@pytest.mark.parametrize("arguments", [[], ["1"], ["x", "y"], ["987654", "987655"]])
def test_started_by_hand_it_says_what_to_do(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert worker.main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("take: tidegate run --workers N")


@posix
def test_a_supervisor_that_is_gone_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    life, closed = os.pipe()
    os.close(closed)
    news, other = os.pipe()
    assert worker.main([str(life), str(other)]) == 2
    assert "ended before it gave an order" in capsys.readouterr().err
    for fd in (life, news, other):
        os.close(fd)


def test_the_time_for_a_stop_covers_what_the_settings_give() -> None:
    settings = RunSettings(shutdown_delay=3, timeout_graceful_shutdown=20)
    assert worker.stop_patience(settings) == 23 + worker.STOP_MARGIN


@posix
@pytest.mark.parametrize(
    ("code", "text"),
    [
        (3, "ended with exit code 3"),
        (-signal.SIGKILL, "was killed by SIGKILL"),
        (-99, "was killed by signal 99"),
    ],
)
def test_an_exit_code_is_told_for_people(code: int, text: str) -> None:
    assert why(code) == text


def test_another_interpreter_gets_the_options_of_this_one() -> None:
    program = (
        "from tidegate_web_cli.worker_process import interpreter_options; "
        "print(*interpreter_options())"
    )
    options = ["-Werror", "-Xutf8=1", "-Xdev", "-OO", "-B"]
    output = subprocess.run(
        [sys.executable, *options, "-c", program], check=True, capture_output=True, text=True
    ).stdout.split()
    assert set(options) - {"-OO"} <= set(output)
    assert output.count("-O") == 2


@pytest.mark.parametrize(
    ("flags", "options"),
    [({"isolated": 1, "ignore_environment": 1}, ["-I"]), ({"ignore_environment": 1}, ["-E"])],
)
def test_an_isolated_interpreter_starts_isolated_ones(
    monkeypatch: pytest.MonkeyPatch, flags: dict[str, int], options: list[str]
) -> None:
    plain: dict[str, Any] = {
        "optimize": 0,
        "isolated": 0,
        "ignore_environment": 0,
        "dont_write_bytecode": 0,
    }
    monkeypatch.setattr(sys, "flags", SimpleNamespace(**(plain | flags)))
    monkeypatch.setattr(sys, "warnoptions", [])
    monkeypatch.setattr(sys, "_xoptions", {})
    assert interpreter_options() == options


def test_a_system_without_signals_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "os", SimpleNamespace(name="nt"))
    with pytest.raises(CommandError, match="take --workers 1"):
        supervisor.supervise(RunSettings(workers=2), [])
