"""Each worker gets sockets of its own where the system spreads connections over them."""

import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tidegate_web_cli.worker_sockets import WorkerSockets

linux = pytest.mark.skipif(sys.platform != "linux", reason="SO_REUSEPORT spreads on Linux")


@pytest.fixture
def bind() -> Iterator[Callable[..., socket.socket]]:
    opened: list[socket.socket] = []

    def bind(family: socket.AddressFamily, address: object) -> socket.socket:
        sock = socket.socket(family)
        opened.append(sock)
        sock.bind(address)  # type: ignore[arg-type] # of the family
        return sock

    yield bind
    for each in opened:
        each.close()


@linux
@pytest.mark.parametrize(
    ("family", "host"), [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
)
def test_connections_are_spread_over_the_sockets_of_all_workers(
    bind: Callable[..., socket.socket], family: socket.AddressFamily, host: str
) -> None:
    if family == socket.AF_INET6 and not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    given = bind(family, (host, 0))
    sockets = WorkerSockets([given])
    own = [sockets.of(number, 3) for number in range(3)]
    assert own[0] == [given]
    assert sockets.of(1, 3) == own[1]
    for (sock,) in own:
        sock.listen(64)
        sock.setblocking(False)
    clients = [socket.create_connection(given.getsockname()[:2]) for _ in range(120)]
    accepted = []
    for (sock,) in own:
        count = 0
        while True:
            try:
                sock.accept()[0].close()
            except BlockingIOError:
                break
            count += 1
        accepted.append(count)
    assert sum(accepted) == 120
    assert min(accepted) > 0
    for client in clients:
        client.close()
    sockets.close()


@linux
def test_a_server_that_is_started_twice_is_still_told_so(
    bind: Callable[..., socket.socket],
) -> None:
    given = bind(socket.AF_INET, ("127.0.0.1", 0))
    sockets = WorkerSockets([given])
    for number in range(2):
        sockets.of(number, 2)[0].listen()
    with pytest.raises(OSError, match="in use"):
        bind(socket.AF_INET, given.getsockname())
    sockets.close()


@linux
def test_the_first_worker_takes_the_sockets_of_those_that_are_no_more(
    bind: Callable[..., socket.socket],
) -> None:
    sockets = WorkerSockets([bind(socket.AF_INET, ("127.0.0.1", 0))])
    own = [sockets.of(number, 3)[0] for number in range(3)]
    assert sockets.of(0, 1) == own
    assert sockets.of(0, 2) == [own[0], own[2]]
    assert sockets.of(1, 2) == [own[1]]
    sockets.close()


@linux
def test_a_socket_that_somebody_listens_on_already_is_shared(
    bind: Callable[..., socket.socket],
) -> None:
    given = bind(socket.AF_INET, ("127.0.0.1", 0))
    given.listen()
    sockets = WorkerSockets([given])
    assert sockets.of(1, 2) == sockets.of(0, 2) == sockets.of(0, 1) == [given]


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="no Unix domain sockets here")
def test_a_unix_domain_socket_is_shared(
    bind: Callable[..., socket.socket], tmp_path: Path
) -> None:
    given = bind(socket.AF_UNIX, str(tmp_path / "socket"))
    assert WorkerSockets([given]).of(1, 2) == [given]


@linux
def test_a_socket_that_can_have_no_sibling_is_shared(
    bind: Callable[..., socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = bind(socket.AF_INET, ("127.0.0.1", 0))

    class Refused(socket.socket):
        def bind(self, address: object) -> None:
            raise OSError("not twice")

    monkeypatch.setattr(socket, "socket", Refused)
    assert WorkerSockets([given]).of(1, 2) == [given]
