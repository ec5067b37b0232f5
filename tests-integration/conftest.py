"""What the tests here share: the scripts in dev/, and programs that serve until they are ended."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
# The modules of these folders import each other by name.
sys.path[:0] = [str(HERE), str(HERE / "blackbox"), str(HERE.parent / "dev")]

from clients import Served  # noqa: E402 - found through the path above

URL = re.compile(r"https?://[\w.\[\]:-]+:\d+")


class Program:
    """A running program whose output is read line by line."""

    def __init__(self, command: list[str], variables: dict[str, str]) -> None:
        self.lines: list[str] = []
        self.process = subprocess.Popen(
            command,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._unread: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def output(self) -> str:
        """All that it printed so far, on either stream."""
        return "".join(self.lines)

    def wait_for_url(self, seconds: float = 60) -> str:
        """Return the first URL that it prints: then it serves."""
        while True:
            try:
                line = self._unread.get(timeout=seconds)
            except queue.Empty:
                pytest.fail(f"no URL within {seconds} s of the last line:\n{self.output}")
            if line is None:
                pytest.fail(f"it ended before it printed a URL:\n{self.output}")
            if found := URL.search(line):
                return found[0]

    def interrupt(self, seconds: float = 30) -> int:
        """Press Ctrl-C, wait for the end, return the exit code."""
        self.process.send_signal(signal.SIGINT)
        return self.wait(seconds)

    def wait(self, seconds: float = 60) -> int:
        """Wait for the end; return the exit code."""
        code = self.process.wait(seconds)
        self._reader.join(seconds)
        return code

    def close(self) -> None:
        """End it, if it still runs."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _read(self) -> None:
        if self.process.stdout is not None:
            for line in self.process.stdout:
                self.lines.append(line)
                self._unread.put(line)
        self._unread.put(None)


def _starting() -> Iterator[Callable[..., Program]]:
    started: list[Program] = []

    def start(*arguments: object, **variables: str) -> Program:
        program = Program([sys.executable, *map(str, arguments)], variables)
        started.append(program)
        return program

    yield start
    for program in started:
        program.close()


@pytest.fixture
def start_program() -> Iterator[Callable[..., Program]]:
    """Return a function that starts ``python ARGUMENTS`` with variables; it is ended after."""
    yield from _starting()


@pytest.fixture(scope="module")
def start_module_program() -> Iterator[Callable[..., Program]]:
    """Return what start_program is, for a program that all tests of a module share."""
    yield from _starting()


@pytest.fixture
def serve(start_program: Callable[..., Program]) -> Iterator[Callable[..., Served]]:
    """Return a function that starts programs/NAME.py; in the end Ctrl-C ends it.

    It takes the warnings that the program has to cause, and then has caused.
    """
    started: list[tuple[Program, tuple[str, ...]]] = []
    programs = Path(__file__).with_name("programs")

    def serve(name: str, *warnings: str) -> Served:
        options = [f"-W{'always' if warnings else 'error'}", programs / "run_on_free_port.py"]
        program = start_program(*options, programs / f"{name}.py")
        started.append((program, warnings))
        return Served(program.wait_for_url(), program)

    yield serve
    for program, warnings in started:
        assert program.interrupt() == 0, program.output
        assert "Traceback" not in program.output
        for warning in warnings:
            assert warning in program.output
        if not warnings:
            assert "Warning" not in program.output
