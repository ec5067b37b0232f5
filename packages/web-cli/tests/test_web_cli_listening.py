"""host, port, path and sock become the places they name; what fails there is explained."""

import errno
import os
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tidegate_web_cli import ListenError
from tidegate_web_cli.listening import Listeners, inherited, start
from tidegate_web_server import Application, AppRunner, BaseSite, TCPSite, UnixSite

unix_sockets = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="this system has no Unix domain sockets"
)


def listeners(**options: Any) -> Listeners:
    """Give every argument that is not in *options* the value that run_app has for it."""
    defaults: dict[str, Any] = dict.fromkeys(
        ["host", "port", "path", "sock", "ssl_context", "reuse_address", "reuse_port"]
    )
    return Listeners.of(**{**defaults, "backlog": 128, **options})


@pytest.fixture
def sock() -> Iterator[socket.socket]:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        yield sock


@pytest.fixture
async def runner() -> Any:
    runner = AppRunner(Application())
    await runner.setup()
    yield runner
    await runner.cleanup()


def test_without_arguments_it_is_every_interface_on_8080() -> None:
    assert (listeners().hosts, listeners().port) == ((None,), 8080)


def test_with_tls_the_port_is_8443() -> None:
    assert listeners(ssl_context=ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)).port == 8443


def test_a_port_alone_is_every_interface() -> None:
    assert (listeners(port=0).hosts, listeners(port=0).port) == ((None,), 0)


@pytest.mark.parametrize(
    ("host", "hosts"),
    [
        ("localhost", ("localhost",)),
        (["127.0.0.1", "::1"], ("127.0.0.1", "::1")),
        (iter(["a", "b"]), ("a", "b")),
    ],
)
def test_hosts_are_one_or_several(host: Any, hosts: tuple[str, ...]) -> None:
    assert listeners(host=host).hosts == hosts


@pytest.mark.parametrize(
    ("path", "paths"),
    [
        ("/run/a", ("/run/a",)),
        (Path("/run/a"), (Path("/run/a"),)),
        (["/run/a", Path("/run/b")], ("/run/a", Path("/run/b"))),
    ],
)
def test_paths_are_one_or_several_and_mean_no_tcp(path: Any, paths: tuple[Any, ...]) -> None:
    assert (listeners(path=path).paths, listeners(path=path).hosts) == (paths, ())


def test_sockets_are_one_or_several_and_mean_no_tcp(sock: socket.socket) -> None:
    assert (listeners(sock=sock).socks, listeners(sock=sock).hosts) == ((sock,), ())
    assert listeners(sock=[sock]).socks == (sock,)


@pytest.mark.parametrize(("given", "hosts"), [({"port": 0}, (None,)), ({"host": "h"}, ("h",))])
def test_a_path_beside_a_port_or_a_host_is_both(given: Any, hosts: Any) -> None:
    both = listeners(path="/run/a", **given)
    assert (both.paths, both.hosts) == (("/run/a",), hosts)


@pytest.mark.parametrize("nothing", [{"host": []}, {"path": []}, {"sock": []}])
def test_an_empty_list_of_places_is_refused(nothing: Any) -> None:
    with pytest.raises(ValueError, match="nothing to listen on"):
        listeners(**nothing)


@pytest.mark.parametrize("port", [-1, 65536, 99999])
def test_a_port_that_does_not_exist_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match=f"from 0 .* to 65535, not {port}"):
        listeners(port=port)


def test_a_closed_socket_is_refused() -> None:
    sock = socket.socket()
    sock.close()
    with pytest.raises(ValueError, match=r"is closed: give one that is bound"):
        listeners(sock=sock)


def test_a_datagram_socket_is_refused() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(ValueError, match="stream"):
        listeners(sock=sock)


def test_what_is_no_socket_is_refused() -> None:
    with pytest.raises(TypeError, match=r"socket\.socket or several of them, not 3"):
        listeners(sock=[3])


def tcp(runner: AppRunner, host: str, port: int) -> BaseSite:
    return TCPSite(runner, host, port)


def unix(runner: AppRunner, path: object) -> BaseSite:
    return UnixSite(runner, str(path))


async def error_of(site: BaseSite) -> ListenError:
    with pytest.raises(ListenError) as caught:
        await start(site)
    return caught.value


async def test_a_port_in_use_is_explained(runner: AppRunner, sock: socket.socket) -> None:
    sock.listen()
    port = sock.getsockname()[1]
    error = await error_of(tcp(runner, "127.0.0.1", port))
    assert error.errno == errno.EADDRINUSE
    assert str(error).startswith(f"cannot listen on http://127.0.0.1:{port}: address already in")
    assert "choose another port" in str(error)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "l" * 64 + ".invalid"])
async def test_a_host_that_cannot_be_resolved_is_explained(runner: AppRunner, host: str) -> None:
    error = await error_of(tcp(runner, host, 0))
    assert "the host name cannot be resolved; check the spelling" in str(error)


async def test_an_address_of_another_machine_is_explained(runner: AppRunner) -> None:
    # 192.0.2.0/24 is for documentation (RFC 5737): no interface has it.
    error = await error_of(tcp(runner, "192.0.2.1", 0))
    assert error.errno == errno.EADDRNOTAVAIL
    assert "no network interface here has that address" in str(error)


@unix_sockets
@pytest.mark.parametrize(
    ("make_path", "code", "advice"),
    [
        (lambda folder: folder / "missing" / "socket", errno.ENOENT, "create it"),
        (lambda folder: Path(__file__) / "socket", errno.ENOTDIR, "choose another path"),
        (lambda folder: folder, errno.EADDRINUSE, "remove it, or choose another"),
    ],
)
async def test_a_path_that_cannot_be_bound_is_explained(
    runner: AppRunner,
    tmp_path: Path,
    make_path: Callable[[Path], Path],
    code: int,
    advice: str,
) -> None:
    path = make_path(tmp_path)
    error = await error_of(unix(runner, path))
    assert error.errno == code
    assert str(error).startswith(
        f"cannot listen on http://unix:{path}:: {os.strerror(code).lower()}"
    )
    assert advice in str(error)


@unix_sockets
async def test_a_path_that_is_too_long_is_explained(runner: AppRunner, tmp_path: Path) -> None:
    error = await error_of(unix(runner, tmp_path / ("p" * 200)))
    assert "at most about 100 bytes" in str(error)


# -- Sockets for other processes ----------------------------------------------------------------


def test_sockets_are_bound_and_refuse_until_somebody_serves() -> None:
    places = listeners(host=["127.0.0.1", "localhost"], port=0, reuse_port=True)
    sockets = places.bind()
    names = places.names(sockets)
    ports = {sock.getsockname()[1] for sock in sockets}
    assert len(ports) == 1
    assert names[0] == f"http://127.0.0.1:{min(ports)}"
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(sockets[0].getsockname(), 5)
    for each in sockets:
        each.close()


def test_a_port_in_use_leaves_no_socket_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ListenError, match="address already in use; stop the process"):
            listeners(host="127.0.0.1", port=port).bind()
    with pytest.raises(ListenError, match="the host name cannot be resolved"):
        listeners(host="no such host", port=0).bind()


def test_an_abandoned_unix_socket_is_replaced_and_one_in_use_is_not(tmp_path: Path) -> None:
    path = tmp_path / "s"
    [first] = listeners(path=path).bind()
    with first:
        first.listen()
        with pytest.raises(ListenError, match="address already in use"):
            listeners(path=path).bind()
    [second] = listeners(path=path).bind()
    with second:
        assert listeners(path=path).names([second]) == [f"http://unix:{path}:"]
    path.unlink()
    path.touch()
    with pytest.raises(ListenError, match="the path exists and is not an abandoned socket"):
        listeners(path=path).bind()


def test_only_a_stream_socket_is_inherited() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams,
        pytest.raises(ListenError, match="needs a stream socket"),
    ):
        inherited(datagrams.fileno())
