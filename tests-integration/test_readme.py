"""The README's first program runs as it stands there, and its commands exist."""

from __future__ import annotations

import json
import re
import tomllib
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from workspace import ROOT, read_packages

README = (ROOT / "README.md").read_text("utf-8")


def first_program() -> str:
    """Return the README's first Python block."""
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found is not None, "expected a ```python block in README.md"
    return found[1]


def test_the_first_program_serves_what_it_promises(
    tmp_path: Path, start_program: Callable[..., Any]
) -> None:
    address = 'host="localhost", port=8080'
    assert address in first_program()
    # Its port may be taken on the machine that runs the tests: only the address is changed.
    program = tmp_path / "hello.py"
    program.write_text(first_program().replace(address, 'host="127.0.0.1", port=0'))
    running = start_program("-W", "error", program)
    url = running.wait_for_url()
    for path, name in {"/": "world", "/Ada": "Ada", "/caf%C3%A9": "café"}.items():
        with urllib.request.urlopen(url + path, timeout=30) as answer:
            assert json.load(answer) == {"hello": name}
    assert running.interrupt() == 0, running.output
    assert "Traceback" not in running.output


def test_the_first_program_is_short() -> None:
    lines = [line for line in first_program().splitlines() if line.strip()]
    assert len(lines) <= 10


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"])
def test_every_link_leads_to_a_file(file: str) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", (ROOT / file).read_text("utf-8"))
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_every_package_is_linked() -> None:
    missing = [name for name in read_packages() if f"packages/{name}/README.md" not in README]
    assert missing == []


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_every_hatch_command_exists(file: str) -> None:
    environments = tomllib.loads((ROOT / "hatch.toml").read_text("utf-8"))["envs"]
    commands = re.findall(r"hatch run ((?:[a-z][\w-]*:)?[a-z][\w-]*)", (ROOT / file).read_text())
    assert commands
    for command in commands:
        name, _, script = command.rpartition(":")
        name = name or "default"
        scripts = set(environments["default"]["scripts"])
        while True:
            scripts |= set(environments[name].get("scripts", {}))
            template = environments[name].get("template", name)
            if template == name:
                break
            name = template
        assert script in scripts, f"{file}: hatch run {command}"
