"""What the tests here share: real processes that are read line by line, and run_app in a test."""

import asyncio
import contextlib
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli import run_app
from tidegate_web_server import Application, GracefulExit

PROGRAMS = Path(__file__).with_name("programs")
PORT = re.compile(r"http://[^ /]+:(\d+)")
PATIENCE = 30.0  # seconds after which a test gives up waiting for a process


class Process:
    """A running process; its output, both streams in one, is read line by line."""

    def __init__(
        self,
        arguments: list[str],
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> None:
        self.lines: list[str] = []
        self._unread: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
            cwd=cwd,
            pass_fds=tuple(pass_fds),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self.lines.append(line.rstrip("\n"))
                self._unread.put(line)
        self._unread.put(None)

    def wait_for(self, text: str) -> str:
        """Return the next line that has *text* in it."""
        while True:
            try:
                line = self._unread.get(timeout=PATIENCE)
            except queue.Empty:
                pytest.fail(f"no line with {text!r} within {PATIENCE} s; there were {self.lines}")
            if line is None:
                pytest.fail(f"it ended without a line with {text!r}; there were {self.lines}")
            if text in line:
                return line

    def wait_for_port(self) -> int:
        """Return the first port of the banner: from then on it serves."""
        return first_port(self.wait_for("Running on"))

    def send(self, signum: int) -> None:
        self._process.send_signal(signum)

    def wait(self) -> int:
        """Wait for the end; return the exit code, negative for a signal that killed it."""
        code = self._process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        self.wait()


def first_port(text: str) -> int:
    """Find the first port in a banner."""
    found = PORT.search(text)
    assert found is not None, text
    return int(found[1])


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    """Return a function that starts Python with arguments; what it starts ends with the test."""
    started: list[Process] = []

    def start(
        *arguments: str | Path,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
        pass_fds: Sequence[int] = (),
    ) -> Process:
        started.append(Process([str(argument) for argument in arguments], cwd, env, pass_fds))
        return started[-1]

    yield start
    for process in started:
        process.close()


@pytest.fixture
def start_serving(start: Callable[..., Process]) -> Callable[..., Process]:
    """Return a function that starts programs/serving.py; its arguments are those of run_app."""

    def start_serving(**options: Any) -> Process:
        return start(PROGRAMS / "serving.py", json.dumps(options))

    return start_serving


class Serving:
    """run_app in the test's own process, with a client in a thread beside it."""

    def __init__(self) -> None:
        self.banners: list[str] = []

    def __call__(
        self, app: Application, client: Callable[[str], Any], *, wrap: Any = None, **options: Any
    ) -> Any:
        """Run *app*; call *client* with the banner once it serves; stop; return what it returned.

        *wrap* makes of the application what run_app gets, such as a coroutine.
        """
        outcome: Future[Any] = Future()
        loops: list[asyncio.AbstractEventLoop] = []

        def leave() -> None:
            raise GracefulExit

        def use() -> None:
            try:
                outcome.set_result(client(self.banners[0]))
            except BaseException as error:
                outcome.set_exception(error)
            loops[0].call_soon_threadsafe(leave)

        thread = threading.Thread(target=use)

        def announce(text: str) -> None:
            loops.append(asyncio.get_running_loop())
            self.banners.append(text)
            if len(self.banners) == 1:
                thread.start()

        run_app(wrap(app) if wrap else app, print=announce, **options)
        thread.join(PATIENCE)
        return outcome.result(0)


@pytest.fixture
def serving() -> Serving:
    """Return a callable that runs an application while a client talks to it."""
    return Serving()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a certificate, its key plain and encrypted, and another key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the program openssl (package openssl)")
    folder = tmp_path_factory.mktemp("certificates")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"]
    for arguments in (
        ["req", "-x509", *curve, *names, "-keyout", "key.pem", "-out", "certificate.pem"],
        ["req", "-x509", *curve, *names, "-keyout", "other_key.pem", "-out", "other.pem"],
        [
            "ec",
            "-in",
            "key.pem",
            "-aes256",
            "-passout",
            "pass:secret",
            "-out",
            "encrypted_key.pem",
        ],
    ):
        subprocess.run([openssl, *arguments], cwd=folder, check=True, capture_output=True)
    return folder
