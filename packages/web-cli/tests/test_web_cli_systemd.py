"""Sockets of systemd are taken over, and it is told of states."""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tidegate_web_cli import ListenError, systemd
from tidegate_web_cli.systemd import notify, take_sockets


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


def test_sockets_for_this_process_are_taken_once(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    fd = os.dup(listener.fileno())
    monkeypatch.setattr(systemd, "FIRST_FD", fd)
    environ = {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1", "LISTEN_FDNAMES": "x"}
    [taken] = take_sockets(environ)
    with taken:
        assert taken.getsockname() == listener.getsockname()
        assert not taken.get_inheritable()
    assert environ == {}


def test_sockets_for_another_process_are_left() -> None:
    environ = {"LISTEN_PID": "1", "LISTEN_FDS": "1"}
    assert take_sockets(environ) == []
    assert environ == {"LISTEN_PID": "1", "LISTEN_FDS": "1"}
    assert take_sockets({}) == []


def test_what_is_no_socket_is_an_error_and_leaves_none_open(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ListenError, match="LISTEN_FDS is to be the number of sockets, not 'x'"):
        take_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "x"})
    fd = os.dup(listener.fileno())
    monkeypatch.setattr(systemd, "FIRST_FD", fd)
    os.close(os.dup(fd))
    with pytest.raises(ListenError, match="cannot listen on file descriptor"):
        take_sockets({"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "5000"})
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


@pytest.mark.parametrize("abstract", [False, True])
def test_a_state_is_a_datagram(tmp_path: Path, abstract: bool) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        name = f"@tidegate-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
        manager.bind(name.replace("@", "\0", 1) if abstract else name)
        assert notify("READY=1", {"NOTIFY_SOCKET": name})
        assert manager.recv(100) == b"READY=1"


def test_a_manager_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    assert not notify("READY=1", {})
    assert not notify("READY=1", {"NOTIFY_SOCKET": "relative"})
    assert not notify("READY=1", {"NOTIFY_SOCKET": str(tmp_path / "none")})
