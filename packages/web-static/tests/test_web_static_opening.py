import errno
import logging
import os
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_static import opening
from tidegate_web_static.opening import FileRefused, OpenFile, open_beneath, open_file

if TYPE_CHECKING:
    from conftest import Descriptors


def beneath(root: Path, filename: str, *, follow_symlinks: bool = False) -> bytes:
    """Read a file below *root* as a whole."""
    file = open_beneath(str(root), filename, follow_symlinks=follow_symlinks)
    try:
        return file.read_at(0, 1000)
    finally:
        file.close()


def refusal(opens: Callable[..., object], *args: Any, **kwargs: Any) -> int:
    """Give the status that refuses a file."""
    with pytest.raises(FileRefused) as caught:
        opens(*args, **kwargs)
    return caught.value.status


@pytest.fixture(params=["walking", "resolving"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run a test in both ways of opening, that of this platform and that of the poorer ones."""
    if request.param == "resolving":
        monkeypatch.setattr(opening, "WALKS", False)
    elif not opening.WALKS:
        pytest.skip("this platform can't open relative to a directory")
    return str(request.param)


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("index.html", b"<p>index</p>"),
        ("css/deep/site.css", b"body {}"),
        ("my file.txt", b"with a space"),
        ("empty.txt", b""),
        # Links that stay inside
        ("inner.html", b"<p>index</p>"),
        ("styles/deep/site.css", b"body {}"),
        ("css/up.html", b"<p>index</p>"),
        ("itself/itself/index.html", b"<p>index</p>"),
    ],
)
@pytest.mark.parametrize("follow_symlinks", [False, True])
def test_a_file_below_the_root_is_opened(
    root: Path, way: str, filename: str, content: bytes, follow_symlinks: bool
) -> None:
    assert beneath(root, filename, follow_symlinks=follow_symlinks) == content


@pytest.mark.parametrize(
    ("filename", "status"),
    [
        ("missing.txt", 404),
        ("missing/index.html", 404),
        ("index.html/more", 404),
        ("index.html/", 404),
        ("inner.html/", 404),
        ("missing/", 404),
        ("broken", 404),
        ("loop", 404),
        ("loop/index.html", 404),
        ("x" * 300, 404),
        ("x/" * 3000 + "x", 404),
        ("a\0b", 404),
        ("\ud800", 404),
        # Out of the root, whether or not there is something
        ("leak.txt", 404),
        ("leak-absolute.txt", 404),
        ("leak-beside.txt", 404),
        ("out", 404),
        ("out/", 404),
        ("out/secret.txt", 404),
        ("out/missing.txt", 404),
        ("out-missing", 404),
        ("out-missing/", 404),
        ("out-missing/secret.txt", 404),
        # Directories
        ("", 403),
        ("css", 403),
        ("css/", 403),
        ("css/deep", 403),
        ("styles", 403),
        ("itself", 403),
    ],
)
def test_what_is_no_file_below_the_root_is_refused(
    root: Path, way: str, filename: str, status: int
) -> None:
    assert refusal(beneath, root, filename) == status


def test_links_out_of_the_root_are_followed_when_asked(root: Path) -> None:
    for filename in ("leak.txt", "leak-absolute.txt", "out/secret.txt"):
        assert beneath(root, filename, follow_symlinks=True) == b"outside of the root"
    for filename in ("broken", "out-missing/secret.txt", "leak.txt/"):
        assert refusal(beneath, root, filename, follow_symlinks=True) == 404
    assert refusal(beneath, root, "out", follow_symlinks=True) == 403


def test_the_root_of_the_file_system_can_be_served(root: Path, way: str) -> None:
    name = str((root / "index.html").resolve()).removeprefix("/")
    assert beneath(Path("/"), name) == b"<p>index</p>"


@pytest.mark.skipif(not opening.WALKS, reason="there is no walk here")
@pytest.mark.parametrize("at", ["index.html", "css/deep/site.css"])
def test_a_link_that_appears_after_the_check_is_not_followed(
    root: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    resolve = os.path.realpath
    link = "inner.html" if at == "index.html" else "styles/deep/site.css"
    first = root / at.split("/")[0]

    def resolve_then_swap(path: str) -> str:
        resolved = resolve(path)
        if first.is_file():
            first.unlink()
        else:
            first.rename(root / "moved")
        target = "secret.txt" if at == "index.html" else "outside"
        first.symlink_to(root.parent / target)
        return resolved

    (root.parent / "outside" / "deep").mkdir()
    (root.parent / "outside" / "deep" / "site.css").write_bytes(b"outside of the root")
    monkeypatch.setattr(os.path, "realpath", resolve_then_swap)
    assert refusal(beneath, root, link) == 404
    monkeypatch.undo()
    # The swap has worked: who may follow links reads what lies outside.
    assert beneath(root, at, follow_symlinks=True) == b"outside of the root"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_is_refused_without_waiting_for_a_writer(root: Path, way: str) -> None:
    os.mkfifo(root / "fifo")
    assert refusal(beneath, root, "fifo") == 403
    assert refusal(open_file, root / "fifo") == 403


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no Unix sockets")
def test_a_socket_is_refused(root: Path, way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)  # the name of a socket has to be short
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert refusal(beneath, root, "socket") == 403


@pytest.mark.skipif(not os.path.exists("/dev/null"), reason="this system has no /dev/null")
def test_a_device_is_refused() -> None:
    assert refusal(open_file, "/dev/null") == 403
    assert refusal(open_beneath, "/dev", "null", follow_symlinks=False) == 403


def test_what_can_t_be_read_is_refused_and_logged(
    root: Path, way: str, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "index.html").chmod(0)
    if os.access(root / "index.html", os.R_OK):
        pytest.skip("this user can read everything")
    (root / "css").chmod(0)
    try:
        with caplog.at_level(logging.WARNING, "tidegate.static"):
            assert refusal(beneath, root, "index.html") == 403
            assert refusal(beneath, root, "css/deep/site.css") == 403
    finally:
        (root / "css").chmod(0o755)
    assert len(caplog.records) == 2
    assert "index.html" in caplog.messages[0]
    assert "Permission denied" in caplog.messages[0]


def test_what_the_system_forbids_is_refused_and_logged_once(
    root: Path, way: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def forbidden(*args: object, **kwargs: object) -> int:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", forbidden)
    with caplog.at_level(logging.WARNING, "tidegate.static"):
        assert refusal(beneath, root, "index.html") == 403
    assert len(caplog.records) == 1


def test_what_is_missing_is_not_logged(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    for filename in ("missing.txt", "leak.txt", "css", "a\0"):
        refusal(beneath, root, filename)
    assert caplog.records == []


@pytest.mark.parametrize("follow_symlinks", [False, True])
def test_a_fault_of_the_machine_is_no_refusal(
    root: Path, monkeypatch: pytest.MonkeyPatch, follow_symlinks: bool
) -> None:
    def failing(*args: object, **kwargs: object) -> int:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(os, "open", failing)
    with pytest.raises(OSError, match="Too many open files"):
        beneath(root, "index.html", follow_symlinks=follow_symlinks)
    with pytest.raises(OSError, match="Too many open files"):
        open_file(root / "index.html")


def test_a_path_follows_links(root: Path) -> None:
    for name in ("index.html", "inner.html", "leak.txt"):
        file = open_file(root / name)
        assert file.size == (root / name).stat().st_size
        assert file.mtime_ns == 1_700_000_000_000_000_000
        file.close()
    assert refusal(open_file, root / "missing") == 404
    assert refusal(open_file, "a\0b") == 404
    assert refusal(open_file, root) == 403


def test_an_open_file_is_read_in_pieces(root: Path) -> None:
    file = open_file(root / "index.html")
    assert (file.read_at(0, 4), file.read_at(4, 100), file.read_at(12, 100)) == (
        b"<p>i",
        b"ndex</p>",
        b"",
    )
    file.close()
    file.close()


def test_a_short_read_is_no_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = os.pread
    monkeypatch.setattr(os, "pread", lambda fd, size, offset: read(fd, min(size, 5), offset))
    assert beneath(root, "index.html") == b"<p>index</p>"


def test_the_start_of_a_file(root: Path, open_files: "Descriptors") -> None:
    file = open_file(root / "index.html")
    file.read_start(3)
    assert (file.start, file.size, open_files()) == (b"<p>", 12, 1)
    del file
    assert open_files() == 0


@pytest.mark.parametrize("limit", [12, 13, 1 << 20])
def test_a_file_that_was_read_whole_is_closed(
    root: Path, open_files: "Descriptors", limit: int
) -> None:
    file = open_file(root / "index.html")
    file.read_start(limit)
    assert (file.start, file.size, open_files()) == (b"<p>index</p>", 12, 0)


def test_a_file_that_was_cut_before_its_start_was_read_is_what_is_left(root: Path) -> None:
    file = open_file(root / "index.html")
    os.truncate(root / "index.html", 5)
    os.utime(root / "index.html", (2_000_000_000, 2_000_000_000))
    file.read_start(100)
    assert (file.start, file.size, file.mtime_ns) == (b"<p>in", 5, 2_000_000_000 * 10**9)


def test_a_read_that_runs_keeps_the_file_open(
    root: Path, open_files: "Descriptors", monkeypatch: pytest.MonkeyPatch
) -> None:
    file = open_file(root / "index.html")
    read = os.pread
    begun, go_on = threading.Event(), threading.Event()

    def slow(fd: int, size: int, offset: int) -> bytes:
        begun.set()
        assert go_on.wait(5)
        return read(fd, size, offset)

    monkeypatch.setattr(os, "pread", slow)
    with ThreadPoolExecutor(1) as executor:
        running = executor.submit(file.read_at, 0, 3)
        assert begun.wait(5)
        file.close()
        assert open_files() == 1
        go_on.set()
        assert running.result(5) == b"<p>"
    assert open_files() == 0


def test_a_closed_file_is_not_read(root: Path) -> None:
    file = open_file(root / "index.html")
    file.close()
    # Not from another file that has got the number of its descriptor meanwhile.
    with (root / "my file.txt").open("rb"), pytest.raises(OSError, match="Bad file descriptor"):
        file.read_at(0, 1)


def test_nothing_stays_open_after_a_refusal(root: Path, open_files: "Descriptors") -> None:
    for name in (
        "css",
        "css/deep",
        "styles",
        "out",
        "css/deep/missing",
        "index.html/",
        "leak.txt",
    ):
        refusal(beneath, root, name)
    assert open_files() == 0
    assert isinstance(open_file(root / "index.html"), OpenFile)
    assert open_files() == 0
