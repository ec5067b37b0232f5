"""A file that holds the number of the process that serves, for who sends it signals.

While the process lives it holds a lock on the file (flock(2)), which the system lets go of when
the process ends, however it ends. So a file that was left behind is told from one in use by its
lock, not by asking whether some process has its number: numbers are used again.
"""

import os
from pathlib import Path
from types import TracebackType
from typing import Self

from .errors import CommandError

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment] # mypy knows no module that may be missing


class PidFileError(CommandError):
    """The pid file can't be written, or belongs to a process that runs."""


class PidFile:
    """A context in which a file holds this process's number."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Prepare the context; nothing is opened before it is entered."""
        self._path = Path(path)
        self._fd = -1

    def __enter__(self) -> Self:
        """Write the file, over one that a dead process left behind.

        :raises PidFileError: another process holds it, or it can't be written.
        """
        if fcntl is None:
            raise PidFileError("--pidfile needs a system with flock(), which Windows is not")
        try:
            self._fd = self._locked()
            os.ftruncate(self._fd, 0)
            os.write(self._fd, f"{os.getpid()}\n".encode())
        except OSError as error:
            self._close()
            raise PidFileError(
                f"cannot write the pid file {self._path}: {(error.strerror or '').lower()}; "
                "choose a path in a folder that this user may write to"
            ) from error
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove the file, unless somebody has put another one in its place."""
        if self._still_there(self._fd):
            self._path.unlink(missing_ok=True)
        self._close()

    def _locked(self) -> int:
        """Open and lock the file that is at the path."""
        while True:
            fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            try:
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                holder = os.read(fd, 32).decode(errors="replace").strip() or "another"
                os.close(fd)
                raise PidFileError(
                    f"process {holder} runs with the pid file {self._path}: stop it, or choose "
                    "another file"
                ) from error
            if self._still_there(fd):
                return fd
            os.close(fd)  # who held it removed it just now

    def _still_there(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), os.stat(self._path))
        except FileNotFoundError:
            return False

    def _close(self) -> None:
        if self._fd != -1:
            os.close(self._fd)
            self._fd = -1
