"""Sites: TCP ports, Unix sockets, sockets of one's own, TLS."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    BaseRequest,
    BaseSite,
    NamedPipeSite,
    Response,
    Server,
    ServerRunner,
    SockSite,
    StreamResponse,
    TCPSite,
    UnixSite,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conftest import Log, Until

CLOSE = b"GET /path HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"

unix_sockets = pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX"), reason="this system has no Unix domain sockets"
)


async def describe(request: BaseRequest) -> Response:
    return Response(text=f"{request.scheme} {request.secure} {request.remote!r} {request.url}")


@pytest.fixture
async def runner() -> AsyncIterator[ServerRunner]:
    runner = ServerRunner(Server(describe), shutdown_timeout=0.1)
    await runner.setup()
    yield runner
    await runner.cleanup()


async def fetch(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    writer.write(CLOSE)
    async with asyncio.timeout(3):
        data = await reader.read()
    writer.close()
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK")
    return body.decode()


# --- any site ---


def test_a_site_needs_a_runner_that_was_set_up() -> None:
    async def main() -> None:
        runner = ServerRunner(Server(describe))
        with pytest.raises(RuntimeError, match=r"Call runner.setup\(\)"):
            TCPSite(runner)

    asyncio.run(main())


async def test_a_site_is_not_started_after_its_runner_ended(runner: ServerRunner) -> None:
    site = TCPSite(runner, "127.0.0.1", 0)
    await runner.cleanup()
    with pytest.raises(RuntimeError, match=r"Call runner.setup\(\)"):
        await site.start()
    assert runner.sites == set()


async def test_a_site_starts_once(runner: ServerRunner) -> None:
    site = TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    with pytest.raises(RuntimeError, match="is already registered in runner"):
        await site.start()
    assert runner.sites == {site}
    assert await fetch(*await asyncio.open_connection("127.0.0.1", site.port))


async def test_a_site_that_stopped_does_not_listen_and_can_start_again(
    runner: ServerRunner,
) -> None:
    site = TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site.port
    await site.stop()
    await site.stop()
    assert runner.sites == set()
    assert site.addresses == []
    with pytest.raises(OSError):
        await asyncio.open_connection("127.0.0.1", port)
    await site.start()
    assert await fetch(*await asyncio.open_connection("127.0.0.1", site.port))


async def test_connections_outlive_the_site_they_came_by(runner: ServerRunner) -> None:
    site = TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(CLOSE.replace(b"Connection: close\r\n", b""))
    await reader.readuntil(b"\r\n\r\n")
    await site.stop()
    writer.write(CLOSE)
    async with asyncio.timeout(3):
        assert b"HTTP/1.1 200 OK" in await reader.read()
    writer.close()


# --- TCP ---


async def test_a_free_port_is_found_and_named(runner: ServerRunner) -> None:
    site = TCPSite(runner, "127.0.0.1", 0)
    assert site.port == 0
    assert site.addresses == []
    assert site.name == "http://127.0.0.1:0"
    await site.start()
    assert site.port > 0
    assert site.addresses == [("127.0.0.1", site.port)]
    assert site.name == f"http://127.0.0.1:{site.port}"
    assert repr(site) == f"<TCPSite {site.name}>"
    body = await fetch(*await asyncio.open_connection("127.0.0.1", site.port))
    assert body == "http False '127.0.0.1' http://test/path"


async def test_the_default_ports_are_those_of_the_documentation(runner: ServerRunner) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    assert TCPSite(runner).name == "http://0.0.0.0:8080"
    assert TCPSite(runner, ssl_context=context).name == "https://0.0.0.0:8443"


async def test_a_port_that_is_taken_is_an_error_and_leaves_nothing(runner: ServerRunner) -> None:
    site = TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    other = TCPSite(runner, "127.0.0.1", site.port)
    with pytest.raises(OSError):
        await other.start()
    assert runner.sites == {site}


@pytest.mark.skipif(not hasattr(socket, "SO_REUSEPORT"), reason="this system cannot share ports")
async def test_a_port_can_be_shared(runner: ServerRunner) -> None:
    site = TCPSite(runner, "127.0.0.1", 0, reuse_port=True, backlog=5)
    await site.start()
    other = TCPSite(runner, "127.0.0.1", site.port, reuse_port=True)
    await other.start()
    assert runner.sites == {site, other}


async def test_an_ipv6_site_is_named_with_brackets(runner: ServerRunner) -> None:
    site = TCPSite(runner, "::1", 0)
    try:
        await site.start()
    except OSError:
        pytest.skip("this machine has no IPv6")
    assert site.name == f"http://[::1]:{site.port}"
    body = await fetch(*await asyncio.open_connection("::1", site.port))
    assert body == "http False '::1' http://test/path"


# --- Unix sockets ---


@unix_sockets
async def test_a_unix_site_listens_at_a_path(runner: ServerRunner, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    site = UnixSite(runner, path)
    assert site.name == f"http://unix:{path}:"
    await site.start()
    assert site.addresses == [str(path)]
    body = await fetch(*await asyncio.open_unix_connection(path))
    assert body.startswith("http False ")
    assert body.endswith(" http://test/path")


@unix_sockets
async def test_http_1_0_over_a_unix_site_has_a_valid_url(
    runner: ServerRunner, tmp_path: Path
) -> None:
    path = str(tmp_path / "socket")
    site = UnixSite(runner, path)
    await site.start()
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"GET /path HTTP/1.0\r\n\r\n")
    async with asyncio.timeout(3):
        data = await reader.read()
    writer.close()
    assert b" 200 OK\r\n" in data
    assert data.endswith(b"/path")


# --- sockets of one's own ---


async def test_a_socket_of_one_s_own_is_served(runner: ServerRunner) -> None:
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    host, port = sock.getsockname()
    site = SockSite(runner, sock)
    assert site.name == f"http://{host}:{port}"
    await site.start()
    assert site.addresses == [(host, port)]
    assert await fetch(*await asyncio.open_connection(host, port))


async def test_small_pieces_are_sent_without_delay_over_a_socket_of_one_s_own() -> None:
    delays: list[int] = []

    async def handler(request: BaseRequest) -> Response:
        sock = request.get_extra_info("socket")
        delays.append(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        return Response()

    runner = ServerRunner(Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    await SockSite(runner, sock).start()
    tcp = TCPSite(runner, "127.0.0.1", 0)
    await tcp.start()
    await fetch(*await asyncio.open_connection(*sock.getsockname()))
    await fetch(*await asyncio.open_connection("127.0.0.1", tcp.port))
    await runner.cleanup()
    assert [bool(delay) for delay in delays] == [True, True]


@unix_sockets
async def test_a_unix_socket_of_one_s_own_is_served(runner: ServerRunner, tmp_path: Path) -> None:
    path = str(tmp_path / "socket")
    sock = socket.socket(socket.AF_UNIX)
    sock.bind(path)
    site = SockSite(runner, sock)
    assert site.name == f"http://unix:{path}:"
    await site.start()
    assert await fetch(*await asyncio.open_unix_connection(path))


# --- TLS ---


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a certificate for localhost, in one file with its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl command (package openssl) is missing")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", cert],
        check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    both = folder / "both.pem"
    both.write_bytes(key.read_bytes() + cert.read_bytes())
    return both


@pytest.fixture
def server_tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def client_tls(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=os.fspath(certificate))


async def connect_tls(
    port: int, context: ssl.SSLContext
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(
        "127.0.0.1", port, ssl=context, server_hostname="localhost"
    )


async def tls_site(handler: Any, context: ssl.SSLContext) -> tuple[ServerRunner, TCPSite]:
    runner = ServerRunner(Server(handler), shutdown_timeout=0.1)
    await runner.setup()
    site = TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    return runner, site


async def test_a_tls_site_serves_https(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    runner, site = await tls_site(describe, server_tls)
    assert site.name == f"https://127.0.0.1:{site.port}"
    body = await fetch(*await connect_tls(site.port, client_tls))
    assert body == "https True '127.0.0.1' https://test/path"
    await runner.cleanup()


@pytest.mark.parametrize("kind", ["unix", "socket"])
async def test_other_sites_serve_https_too(
    runner: ServerRunner,
    tmp_path: Path,
    server_tls: ssl.SSLContext,
    client_tls: ssl.SSLContext,
    kind: str,
) -> None:
    if kind == "unix":
        path = str(tmp_path / "socket")
        site: UnixSite | SockSite = UnixSite(runner, path, ssl_context=server_tls)
        await site.start()
        streams = await asyncio.open_unix_connection(
            path, ssl=client_tls, server_hostname="localhost"
        )
    else:
        sock = socket.socket()
        sock.bind(("127.0.0.1", 0))
        site = SockSite(runner, sock, ssl_context=server_tls)
        await site.start()
        streams = await connect_tls(sock.getsockname()[1], client_tls)
    assert site.name.startswith("https://")
    assert (await fetch(*streams)).startswith("https True ")


async def test_a_plain_request_to_a_tls_site_is_no_traceback(
    server_tls: ssl.SSLContext, until: Until
) -> None:
    runner, site = await tls_site(describe, server_tls)
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(CLOSE)
    async with asyncio.timeout(3):
        try:
            data = await reader.read()
        except ConnectionResetError:
            data = b""
    assert b"HTTP/1.1 200" not in data
    writer.close()
    await runner.cleanup()


async def test_a_tls_client_still_sending_gets_its_answer(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext
) -> None:
    runner, site = await tls_site(describe, server_tls)
    reader, writer = await connect_tls(site.port, client_tls)
    writer.write(b"POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 100)
    async with asyncio.timeout(3):
        data = await reader.read()
    assert b"Connection: close" in data
    writer.close()
    await runner.cleanup()


async def test_a_tls_client_that_vanishes_before_its_answer_is_a_quiet_matter(
    server_tls: ssl.SSLContext, client_tls: ssl.SSLContext, until: Until, log: Log
) -> None:
    gone = asyncio.Event()

    async def handler(request: BaseRequest) -> StreamResponse:
        await until(lambda: request.transport is None)
        gone.set()
        return Response()

    runner, site = await tls_site(handler, server_tls)
    _, writer = await connect_tls(site.port, client_tls)
    writer.write(CLOSE)
    server = runner.server
    assert server is not None
    await until(lambda: server.requests_count == 1)
    writer.close()
    await asyncio.wait_for(gone.wait(), 3)
    await runner.cleanup()
    assert log.take() == []


# --- sites of one's own ---


class OtherSite(BaseSite):
    """A site as they are written for aiohttp."""

    __slots__ = ("_host", "_port")

    def __init__(self, runner: Any, host: str, port: int, *, backlog: int = 128) -> None:
        super().__init__(runner, backlog=backlog)
        self._host = host
        self._port = port

    @property
    def name(self) -> str:
        return f"other://{self._host}"

    async def start(self) -> None:
        await super().start()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self._runner.server,  # type: ignore[arg-type]  # set up: asserted by start()
            self._host,
            self._port,
            ssl=self._ssl_context,
            backlog=self._backlog,
        )


async def test_a_site_may_open_its_sockets_when_it_starts(runner: ServerRunner) -> None:
    site = OtherSite(runner, "127.0.0.1", 0)
    assert (site.addresses, repr(site)) == ([], "<OtherSite other://127.0.0.1>")
    await site.start()
    assert runner.sites == {site}
    assert runner.addresses == site.addresses
    port = site.addresses[0][1]
    assert "http://" in await fetch(*await asyncio.open_connection("127.0.0.1", port))
    with pytest.raises(RuntimeError, match="already registered"):
        await site.start()
    await runner.cleanup()
    assert site.addresses == []
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)


async def test_a_site_may_say_how_it_listens(runner: ServerRunner) -> None:
    class Listening(OtherSite):
        async def start(self) -> None:
            await BaseSite.start(self)

        async def _listen(self, server: Server) -> asyncio.Server:
            return await server.loop.create_server(server, self._host, self._port)

    site = Listening(runner, "127.0.0.1", 0)
    await site.start()
    port = site.addresses[0][1]
    assert "http://" in await fetch(*await asyncio.open_connection("127.0.0.1", port))


def test_a_site_says_its_name() -> None:
    unfit: Any = BaseSite
    with pytest.raises(TypeError, match="abstract"):
        unfit(None)


@pytest.mark.parametrize("kind", [TCPSite, UnixSite, SockSite])
async def test_a_time_to_finish_is_the_runner_s(runner: ServerRunner, kind: Any) -> None:
    with pytest.warns(DeprecationWarning, match="shutdown_timeout should be set on") as warned:
        kind(runner, "somewhere", shutdown_timeout=7.0)
    assert warned[0].filename == __file__
    assert runner.shutdown_timeout == 7.0


# --- named pipes ---


async def test_named_pipes_are_refused_where_there_are_none(runner: ServerRunner) -> None:
    if hasattr(asyncio.get_running_loop(), "start_serving_pipe"):
        pytest.skip("this event loop has named pipes")
    with pytest.raises(RuntimeError, match=r"available on Windows only.*use UnixSite elsewhere"):
        NamedPipeSite(runner, r"\\.\pipe\tidegate")


class Pipe:
    """What a proactor event loop gives for a pipe."""

    closed = False

    def close(self) -> None:
        self.closed = True


async def test_a_named_pipe_is_served_where_the_event_loop_has_them(
    runner: ServerRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[Any] = []
    pipe = Pipe()

    async def start_serving_pipe(factory: Any, address: str) -> list[Pipe]:
        served.append((factory, address))
        return [pipe]

    loop = asyncio.get_running_loop()
    if hasattr(loop, "start_serving_pipe"):
        pytest.skip("this event loop has named pipes")
    try:
        monkeypatch.setattr(loop, "start_serving_pipe", start_serving_pipe, raising=False)
    except AttributeError:
        pytest.skip("this event loop takes no attributes")
    path = r"\\.\pipe\tidegate"
    site = NamedPipeSite(runner, path)
    await site.start()
    assert served == [(runner.server, path)]
    assert (site.name, site.addresses) == (path, [])
    await site.stop()
    assert pipe.closed
