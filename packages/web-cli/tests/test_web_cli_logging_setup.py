"""Logging is configured as the options say, or it is said why not."""

import io
import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli.console import ConsoleAccessLogger, LineFormatter, colors_wanted, styled
from tidegate_web_cli.logging_setup import TRACE, LoggingError, set_up_logging
from tidegate_web_cli.settings import RunSettings


@pytest.fixture(autouse=True)
def root() -> Iterator[logging.Logger]:
    """Return the root logger, put back as it was afterwards."""
    root = logging.getLogger()
    before = root.level, list(root.handlers)
    root.handlers.clear()
    yield root
    root.setLevel(before[0])
    root.handlers[:] = before[1]
    logging.getLogger("asyncio").setLevel(logging.NOTSET)


def test_lines_go_to_standard_error(
    root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logging(RunSettings(use_colors=True))
    logging.getLogger("shop").info("sold %d", 2)
    logging.getLogger("shop").debug("hidden")
    logging.getLogger("tidegate.access").info("a line of its own")
    sold, access = capsys.readouterr().err.splitlines()
    assert sold.endswith("\x1b[32mINFO\x1b[0m shop: sold 2")
    assert access == "a line of its own"


def test_trace_is_below_debug(root: logging.Logger) -> None:
    set_up_logging(RunSettings(log_level="trace"))
    assert root.level == TRACE < logging.DEBUG


CONFIG = {"version": 1, "root": {"level": "ERROR"}, "loggers": {"shop": {"level": "WARNING"}}}
INI = """
[loggers]
keys=root
[handlers]
keys=
[formatters]
keys=
[logger_root]
level=ERROR
handlers=
"""


@pytest.mark.parametrize("name", ["c.json", "c.yaml", "c.yml", "c.ini", "c.conf"])
def test_a_file_configures_everything(root: logging.Logger, tmp_path: Path, name: str) -> None:
    if name.startswith("c.y"):
        pytest.importorskip("yaml")
    file = tmp_path / name
    file.write_text(INI if name.endswith(("ini", "conf")) else json.dumps(CONFIG))
    early = logging.getLogger("test_web_cli.early")
    set_up_logging(RunSettings(log_config=str(file)))
    assert root.level == logging.ERROR
    assert not early.disabled
    set_up_logging(RunSettings(log_config=str(file), log_level="debug"))
    assert root.level == logging.DEBUG


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.json", "{", "configures no logging"),
        ("c.json", "[]", "is to hold a mapping"),
        ("c.json", '{"version": 2}', "configures no logging"),
        ("c.ini", "nothing", "configures no logging"),
    ],
)
def test_a_file_that_configures_nothing_is_an_error(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(LoggingError, match=message):
        set_up_logging(RunSettings(log_config=str(tmp_path / name)))


def test_yaml_needs_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    (tmp_path / "c.yaml").write_text("version: 1")
    with pytest.raises(LoggingError, match="needs PyYAML: pip install pyyaml"):
        set_up_logging(RunSettings(log_config=str(tmp_path / "c.yaml")))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_colours_are_for_terminals_and_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert colors_wanted(None, Terminal())
    assert not colors_wanted(None, io.StringIO())
    assert not colors_wanted(False, Terminal())
    assert colors_wanted(True, io.StringIO())
    monkeypatch.setenv("NO_COLOR", "")
    assert colors_wanted(None, Terminal())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not colors_wanted(None, Terminal())
    assert styled("x", None, colors=True) == "x"


class Message:
    method = "GET"
    raw_path = "/a\x1b[2J"
    status = 404
    output_length = 2048


@pytest.mark.parametrize("log_format", ["", ConsoleAccessLogger.COLORS])
def test_a_request_is_one_line_that_no_client_can_colour(
    log_format: str, root: logging.Logger, capsys: pytest.CaptureFixture[str]
) -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(colors=False))
    root.addHandler(handler)
    access: Any = ConsoleAccessLogger(logging.getLogger("tidegate.access"), log_format)
    root.setLevel(logging.WARNING)
    assert not access.enabled
    root.setLevel(logging.INFO)
    assert access.enabled
    access.log(Message, Message, 2.5)
    line = capsys.readouterr().err
    assert r"/a\x1b[2J" in line
    assert ("\x1b" in line) is bool(log_format)
    if not log_format:
        assert line.endswith(" GET /a\\x1b[2J 404 2.0 KiB 2500.0 ms\n")
