"""Virtual environments that the scripts make for themselves, outside hatch's.

They are made with ``venv --without-pip`` and filled by the pip that runs the script
(``pip --python``): that works where Debian has split ensurepip off, and it is quicker.
A folder is never half ready: a stamp file is written last, and a folder whose stamp says
something else is made anew.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator
from pathlib import Path

STAMP = "ready.txt"


def python_of(environment: Path) -> Path:
    """Return the interpreter inside *environment*."""
    if os.name == "nt":
        return environment / "Scripts" / "python.exe"
    return environment / "bin" / "python"


def pip(arguments: Iterable[str | Path], *, python: Path | None = None) -> None:
    """Run pip quietly for *python* (by default the running one); its errors are shown.

    Raises subprocess.CalledProcessError when pip fails.
    """
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    if python is not None:
        command += ["--python", str(python)]
    # Its warnings are about the machine's own pip configuration, not about us.
    command += [*map(str, arguments), "-qq"]
    subprocess.run(command, check=True)


def make_environment(folder: Path) -> Path:
    """Make an empty virtual environment in *folder*, replacing it; return its interpreter."""
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    return python_of(folder)


def ready_environment(folder: Path, contents: Iterable[str | Path], *, stamp: str) -> Path:
    """Return the interpreter of *folder*, holding *contents* (pip's arguments) and nothing else.

    *stamp* names the contents: where the folder has it already, nothing is done.
    """
    with locked(folder):
        marker = folder / STAMP
        if marker.is_file() and marker.read_text("utf-8") == stamp:
            return python_of(folder)
        python = make_environment(folder)
        pip(["install", *contents], python=python)
        marker.write_text(stamp, "utf-8")
        return python


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one process at a time fill *folder*; a second one waits. Not enforced on Windows."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(folder.name + ".lock").open("w") as lock:
        if sys.platform != "win32":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
