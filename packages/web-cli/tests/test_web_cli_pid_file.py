"""A pid file belongs to one process while that runs, and to nobody afterwards."""

import importlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli import pid_file
from tidegate_web_cli.pid_file import PidFile, PidFileError

posix = pytest.mark.skipif(os.name != "posix", reason="locks of files are POSIX's")


@posix
def test_it_holds_the_pid_and_is_removed_at_the_end(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    with PidFile(path):
        assert path.read_text() == f"{os.getpid()}\n"
    assert not path.exists()


@posix
def test_a_file_that_a_running_process_holds_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    with PidFile(path):
        with pytest.raises(PidFileError, match=f"process {os.getpid()} runs with the pid file"):
            PidFile(path).__enter__()
        assert path.read_text() == f"{os.getpid()}\n"


@posix
def test_a_file_that_a_dead_process_left_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    program = (
        f"from tidegate_web_cli.pid_file import PidFile; PidFile({str(path)!r}).__enter__(); "
    )
    subprocess.run([sys.executable, "-c", program + "import os; os._exit(0)"], check=True)
    assert path.read_text() != ""
    with PidFile(path):
        assert path.read_text() == f"{os.getpid()}\n"


@posix
def test_a_file_that_somebody_put_in_its_place_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    with PidFile(path):
        path.unlink()
        path.write_text("another\n")
    assert path.read_text() == "another\n"


@posix
def test_a_file_that_was_removed_meanwhile_is_no_error(tmp_path: Path) -> None:
    with PidFile(tmp_path / "pid"):
        (tmp_path / "pid").unlink()


@posix
def test_a_file_that_goes_away_while_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fcntl = importlib.import_module("fcntl")  # not at the top: Windows has none
    path = tmp_path / "pid"
    flock: Callable[..., Any] = fcntl.flock
    calls: list[int] = []

    def flock_after_removal(fd: int, operation: int) -> None:
        if not calls:
            path.unlink()
        calls.append(fd)
        flock(fd, operation)

    monkeypatch.setattr(fcntl, "flock", flock_after_removal)
    with PidFile(path):
        assert path.read_text() == f"{os.getpid()}\n"
    assert len(calls) == 2


@posix
def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PidFileError, match=r"no such file or directory; choose a path"):
        PidFile(tmp_path / "none" / "pid").__enter__()


@posix
def test_a_disk_that_is_full_is_refused_and_nothing_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(fd: int, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    path = tmp_path / "pid"
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(PidFileError, match="no space left"):
            PidFile(path).__enter__()
    with PidFile(path):
        pass


def test_a_system_without_locks_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pid_file, "fcntl", None)
    with pytest.raises(PidFileError, match="Windows"):
        PidFile(tmp_path / "pid").__enter__()
