"""Commands in this process: options become settings, and what is wrong is one line."""

import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli import command, serving
from tidegate_web_cli.settings import RunSettings

APP = """
from tidegate_web_server import Application
app = Application()
def fails():
    raise LookupError("no configuration")
async def create():
    return app
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "cli_options_app.py").write_text(APP)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    yield tmp_path
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    logging.getLogger("asyncio").setLevel(logging.NOTSET)
    sys.modules.pop("cli_options_app", None)


def code_of(*arguments: str) -> int:
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    assert isinstance(caught.value.code, int)
    return caught.value.code


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[RunSettings]:
    """Return a list of the settings that ``run`` would serve."""
    asked: list[RunSettings] = []

    def serve(settings: RunSettings, **_: Any) -> int:
        asked.append(settings)
        return 0

    monkeypatch.setattr(serving, "serve", serve)
    return asked


def test_nothing_asked_is_the_default(asked: list[RunSettings]) -> None:
    assert code_of("run") == 0
    assert asked == [RunSettings()]


def test_options_become_settings(asked: list[RunSettings], folder: Path) -> None:
    (folder / "pid").unlink(missing_ok=True)
    code_of(
        *("run", "x:y", "--host", "::1", "--host", "127.0.0.1", "--port", "1", "--no-access-log"),
        *("--forwarded-allow-ips", "10.0.0.1, 10.1.0.0/16", "--pidfile", "pid", "--", "-v"),
    )
    [settings] = asked
    assert settings.host == ("::1", "127.0.0.1")
    assert settings.forwarded_allow_ips == ("10.0.0.1", "10.1.0.0/16")
    assert (settings.target, settings.args, settings.access_log) == ("x:y", ("-v",), False)


@pytest.mark.parametrize(
    ("variables", "host", "port"),
    [
        ({"PORT": "1"}, ("0.0.0.0",), 1),
        ({"PORT": "1", "TIDEGATE_HOST": "::1"}, ("::1",), 1),
        ({"PORT": "1", "TIDEGATE_PORT": "2"}, (), 2),
        ({"PORT": "1", "TIDEGATE_UDS": "s"}, (), 1),
    ],
)
def test_the_environment_is_read(
    asked: list[RunSettings],
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    host: tuple[str, ...],
    port: int,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    code_of("run")
    assert (asked[0].host, asked[0].port) == (host, port)


def test_the_command_line_decides_over_the_environment(
    asked: list[RunSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PORT", "1")
    monkeypatch.setenv("TIDEGATE_LOG_LEVEL", "debug")
    code_of("run", "--port", "2")
    assert (asked[0].host, asked[0].port, asked[0].log_level) == ((), 2, "debug")


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (["check", "cli_options_app"], 0, "Nothing to complain about."),
        (["check", "cli_options_app:create"], 0, "Nothing to complain about."),
        (["check", "cli_options_app:fails"], 1, "raised LookupError, see above"),
        (["check", "cli_options_app", "--ssl-certfile", "no"], 1, "cannot read no"),
        (["routes", "cli_options_app"], 0, "cli_options_app (0 routes)"),
        (["routes", "cli_options_app", "--json"], 0, '"problems": []'),
        (["routes", "cli_options_app", "--check"], 0, ""),
        (["info"], 0, "event loop"),
        (["info", "--json"], 0, '"event loop"'),
        ([], 0, "Exit codes:"),
        (["nonsense"], 2, "(try 'tidegate --help')"),
        (["run", "--ssl-certfile", "no", "-w", "2"], 2, "cannot read no"),
        (["run", "--port", "0", "no_such_module"], 2, "no module named 'no_such_module'"),
        (["run", "cli_options_app:fails"], 1, "LookupError: no configuration"),
    ],
)
def test_commands_say_what_they_found(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, text: str
) -> None:
    assert code_of(*arguments) == code
    written = capsys.readouterr()
    assert text in written.out + written.err
