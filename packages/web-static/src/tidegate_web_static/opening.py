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
from typing import Final

_logger = logging.getLogger("tidegate.static")

# Whether directories can be gone down without following links.
WALKS: Final = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")

_NOFOLLOW: Final = getattr(os, "O_NOFOLLOW", 0)
_FILE: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)
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
    """

    def __init__(self, status: int) -> None:
        """Say which status answers the request."""
        super().__init__(status)
        self.status = status


class OpenFile:
    """A regular file, open for reading: its size and time, and the bytes at its start.

    A request may be cancelled while a thread reads for it. The descriptor then is closed by that
    thread, when it has read: closed at once, its number could be given to another file or socket,
    and the thread would read from that.

    A response that is never sent closes its file with the last reference to it.

    :ivar size: the length in bytes, as it was when the file was opened.
    :ivar mtime_ns: the time of the last modification, in nanoseconds since 1970.
    :ivar start: the first bytes; None until :meth:`read_start`.
    """

    __slots__ = ("_closing", "_fd", "_reading", "mtime_ns", "size", "start")

    def __init__(self, fd: int) -> None:
        """Take the descriptor *fd* over.

        :raises FileRefused: with 403, when it is no regular file.
        """
        self._fd = fd
        self._closing = False
        self._reading = threading.Lock()
        self.start: bytes | None = None
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode):
            self.close()
            raise FileRefused(403)
        self.size = status.st_size
        self.mtime_ns = status.st_mtime_ns

    def __del__(self) -> None:
        """Close the descriptor."""
        self.close()

    def close(self) -> None:
        """Close the descriptor, or let the read that is running do it; never waits."""
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

    def read(self, size: int) -> bytes:
        """Read the next *size* bytes; fewer only when the file ends before."""
        try:
            with self._reading:
                data = os.read(self._fd, size)
                while len(data) < size and (more := os.read(self._fd, size - len(data))):
                    data += more
                return data
        finally:
            self._close_unless_reading()

    def read_start(self, limit: int) -> None:
        """Read :attr:`start`, the first *limit* bytes; close the file when these are all."""
        wanted = min(self.size, limit)
        self.start = self.read(wanted)
        if len(self.start) < wanted:
            # Cut since it was opened. What has been read is the whole file, as it is now.
            self.size = len(self.start)
            self.mtime_ns = os.fstat(self._fd).st_mtime_ns
        if len(self.start) == self.size:
            self.close()


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
    path = os.path.join(root, name)
    try:
        fd = os.open(path, _FILE) if follow_symlinks else _open_inside(root, name, path)
    except (OSError, ValueError) as exc:
        raise _refused(exc, path) from None
    file = OpenFile(fd)
    if name != filename:
        file.close()
        raise FileRefused(404)
    return file


def _open_inside(root: str, name: str, path: str) -> int:
    """Open *path*, which is *name* below *root*, unless it really lies elsewhere."""
    if WALKS:
        try:
            return _walk(root, name)
        except OSError as exc:
            if exc.errno not in _LINK_IN_THE_WAY:
                raise
    resolved = os.path.realpath(path)
    inside = os.path.join(root, "")
    if not os.path.join(resolved, "").startswith(inside):
        raise FileRefused(404)
    if not WALKS:
        return os.open(resolved, _FILE)
    return _walk(root, resolved[len(inside) :])


def _walk(root: str, name: str) -> int:
    """Open *name* below *root* and follow no link on the way."""
    if "/" not in name:
        # The root itself has no name below it; a name of its own follows no link.
        return os.open(os.path.join(root, name) if name else root, _FILE | _NOFOLLOW)
    *directories, last = name.split("/")
    parent = os.open(os.path.join(root, directories[0]), _DIRECTORY)
    try:
        for directory in directories[1:]:
            child = os.open(directory, _DIRECTORY, dir_fd=parent)
            os.close(parent)
            parent = child
        return os.open(last, _FILE | _NOFOLLOW, dir_fd=parent)
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
