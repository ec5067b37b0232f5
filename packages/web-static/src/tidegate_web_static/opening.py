"""Opening files to serve; all of it blocks, so all of it runs in the executor.

There is no check before use. A file is opened first, and everything known about it (that it is a
regular file, its size, its time) is asked of the descriptor. FIFOs are opened without waiting for
a writer, terminals without becoming the controlling one, and both are refused right after.

:func:`open_beneath` never leaves its root, whatever happens to the directory meanwhile:

1. It goes down from the root, one directory descriptor after the other, and follows no symbolic
   link. Without links that opens the file, with one system call a segment.
2. Where a link is in the way, the path is resolved. If it leads out of the root that is a 404, the
   same as if nothing were there. If not, step 1 is done again with the resolved path, which has no
   links; should one have been put there in between, it is not followed either.

Where the platform can't open relative to a directory, the resolved path is checked and then
opened; there, who may write below the root could win a race.

What can't be served is a :class:`FileRefused` that carries the status. Any other exception is a
fault of the machine (no descriptors left, a broken disk) and is for the server's log.
"""

import errno
import logging
import os
import stat
import threading
import time
from typing import Final, NamedTuple

_logger = logging.getLogger("tidegate.static")

# Whether directories can be gone down without following links.
WALKS: Final = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")

# The coarsest clock that a file system has: FAT counts in two seconds.
CLOCK_STEP_NS: Final = 2_000_000_000

_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_FILE: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
_LISTED: Final = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
# O_PATH needs no permission to list the directory.
_DIRECTORY: Final = getattr(os, "O_PATH", os.O_RDONLY) | getattr(os, "O_DIRECTORY", 0) | _NOFOLLOW

_STATUS: Final = {
    errno.ENOENT: 404,
    errno.ENOTDIR: 404,
    errno.ENAMETOOLONG: 404,
    errno.ELOOP: 404,
    errno.EINVAL: 404,  # a name that the file system can't have
    errno.EILSEQ: 404,
    errno.EACCES: 403,
    errno.EPERM: 403,
    errno.ENXIO: 403,  # a socket, or a device that is not there
    errno.ENODEV: 403,
    errno.EOPNOTSUPP: 403,
}
# What opening a link with O_NOFOLLOW fails with: Linux and macOS, with O_DIRECTORY, the BSDs.
_LINK_IN_THE_WAY: Final = frozenset(
    (errno.ELOOP, errno.ENOTDIR, errno.EMLINK, getattr(errno, "EFTYPE", errno.ELOOP))
)


class FileRefused(Exception):
    """A file that is not served.

    :ivar status: 404 when it is not there, 403 when it can't be read or is no regular file.
    :ivar directory: whether it is a directory.
    """

    def __init__(self, status: int, *, directory: bool = False) -> None:
        """Say which status answers the request."""
        super().__init__(status)
        self.status = status
        self.directory = directory


class Stamp(NamedTuple):
    """What tells two states of a file apart without reading it."""

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Stamp":
        """Take the stamp out of what ``stat`` or ``fstat`` gave."""
        return cls(
            status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
        )


class OpenFile:
    """A regular file, open for reading: its size and time, and the bytes at its start.

    A request may be cancelled while a thread reads for it. The descriptor then is closed by that
    thread, when it has read: closed at once, its number could be given to another file or socket,
    and the thread would read from that.

    A response that is never sent closes its file with the last reference to it.

    :ivar size: the length in bytes, as it was when the file was opened.
    :ivar mtime_ns: the time of the last modification, in nanoseconds since 1970.
    :ivar start: the first bytes; None until :meth:`read_start`.
    :ivar stamp: what the file was like when it was opened.
    :ivar settled: whether nothing had changed it for so long then that the next change is sure to
        give it another stamp.
    """

    __slots__ = ("_closing", "_fd", "_reading", "mtime_ns", "settled", "size", "stamp", "start")

    def __init__(self, fd: int) -> None:
        """Take the descriptor *fd* over.

        :raises FileRefused: with 403, when it is no regular file.
        """
        self._fd = fd
        self._closing = False
        self._reading = threading.Lock()
        self.start: bytes | None = None
        now = time.time_ns()
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise FileRefused(403, directory=stat.S_ISDIR(status.st_mode))
        self.size = status.st_size
        self.mtime_ns = status.st_mtime_ns
        self.stamp = Stamp.of(status)
        changed = max(self.stamp.mtime_ns, self.stamp.ctime_ns)
        self.settled = now - changed >= CLOCK_STEP_NS

    def __del__(self) -> None:
        """Close the descriptor."""
        self.close()

    def close(self) -> None:
        """Close the descriptor, or let the read that is running do it; never waits."""
        if self._closing:
            return
        self._closing = True
        self._close_unless_reading()

    def _close_unless_reading(self) -> None:
        # Whoever comes last, this or the end of the read, finds both the flag and the lock free.
        if self._closing and self._reading.acquire(blocking=False):
            try:
                fd, self._fd = self._fd, -1
                if fd >= 0:
                    os.close(fd)
            finally:
                self._reading.release()

    def fileno(self) -> int:
        """Return the descriptor.

        :raises ValueError: when it is closed.
        """
        if self._fd < 0:
            raise ValueError("the file is closed")
        return self._fd

    def read_at(self, offset: int, size: int) -> bytes:
        """Read *size* bytes from *offset* on; fewer only when the file ends before."""
        try:
            with self._reading:
                data = _read_at(self._fd, offset, size)
                while len(data) < size and (
                    more := _read_at(self._fd, offset + len(data), size - len(data))
                ):
                    data += more
                return data
        finally:
            self._close_unless_reading()

    def read_start(self, limit: int) -> None:
        """Read :attr:`start`, the first *limit* bytes; close the file when these are all."""
        wanted = min(self.size, limit)
        self.start = self.read_at(0, wanted)
        if len(self.start) < wanted:
            # Cut since it was opened. What has been read is the whole file, as it is now.
            self.size = len(self.start)
            self.mtime_ns = os.fstat(self._fd).st_mtime_ns
        if len(self.start) == self.size:
            self.close()


def _read_at(fd: int, offset: int, size: int) -> bytes:
    if hasattr(os, "pread"):
        return os.pread(fd, size, offset)
    os.lseek(fd, offset, os.SEEK_SET)
    return os.read(fd, size)


def open_file(path: str | os.PathLike[str]) -> OpenFile:
    """Open the regular file at *path*; symbolic links are followed.

    :raises FileRefused: when it can't be served.
    """
    try:
        fd = os.open(path, _FILE)
    except (OSError, ValueError) as exc:
        raise _refused(exc, path) from None
    return OpenFile(fd)


def open_beneath(root: str, filename: str, *, follow_symlinks: bool) -> OpenFile:
    """Open a regular file below a directory.

    :param root: the directory, an absolute path without symbolic links.
    :param filename: plain names joined by slashes, as
        :func:`~tidegate_web_static.served_path.filename_of` gives them; with a slash at the end
        only a directory is meant.
    :param follow_symlinks: whether links may lead out of *root*.
    :raises FileRefused: when there is none or it can't be served.
    """
    name = filename.rstrip("/")
    file = OpenFile(_open_beneath(root, name, _FILE, follow_symlinks=follow_symlinks))
    if name != filename:
        file.close()
        raise FileRefused(404)
    return file


def open_directory(root: str, name: str, *, follow_symlinks: bool) -> int:
    """Open a directory below *root*, or *root* itself, and give its descriptor.

    :param name: plain names joined by slashes; ``""`` is the root.
    :raises FileRefused: when there is none or it can't be read.
    """
    return _open_beneath(root, name.rstrip("/"), _LISTED, follow_symlinks=follow_symlinks)


def _open_beneath(root: str, name: str, flags: int, *, follow_symlinks: bool) -> int:
    path = os.path.join(root, name)
    try:
        return os.open(path, flags) if follow_symlinks else _open_inside(root, name, path, flags)
    except (OSError, ValueError) as exc:
        raise _refused(exc, path) from None


def _open_inside(root: str, name: str, path: str, flags: int) -> int:
    """Open *path*, which is *name* below *root*, unless it really lies elsewhere."""
    if WALKS:
        try:
            return _walk(root, name, flags)
        except OSError as exc:
            if exc.errno not in _LINK_IN_THE_WAY:
                raise
    resolved = os.path.realpath(path)
    inside = os.path.join(root, "")
    if not os.path.join(resolved, "").startswith(inside):
        raise FileRefused(404)
    if not WALKS:
        return os.open(resolved, flags)
    return _walk(root, resolved[len(inside) :], flags)


def _walk(root: str, name: str, flags: int) -> int:
    """Open *name* below *root* and follow no link on the way."""
    if "/" not in name:
        # The root itself has no name below it; a name of its own follows no link.
        return os.open(os.path.join(root, name) if name else root, flags | _NOFOLLOW)
    *directories, last = name.split("/")
    parent = os.open(os.path.join(root, directories[0]), _DIRECTORY)
    try:
        for directory in directories[1:]:
            child = os.open(directory, _DIRECTORY, dir_fd=parent)
            os.close(parent)
            parent = child
        return os.open(last, flags | _NOFOLLOW, dir_fd=parent)
    finally:
        os.close(parent)


def _refused(exc: OSError | ValueError, path: str | os.PathLike[str]) -> Exception:
    """Find the refusal that *exc* stands for; a fault of the machine stands for itself."""
    if not isinstance(exc, OSError):
        return FileRefused(404)  # NUL, or characters that the file system can't have
    status = _STATUS.get(exc.errno or 0)
    if status is None:
        return exc
    if status == 403:
        _logger.warning("can't serve %r: %s", os.fspath(path), exc.strerror)
    return FileRefused(status)
