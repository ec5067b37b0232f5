"""Files through ``sendfile``: whole, in order, counted, and no wait without an end."""

from __future__ import annotations

import asyncio
import errno
import os
import ssl
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    BaseRequest,
    ClientConnectionResetError,
    ResponseWriter,
    StreamResponse,
    Timeouts,
)
from tidegate_web_server import sendfile as module

if TYPE_CHECKING:
    from conftest import Serve, Until

pytestmark = pytest.mark.skipif(not hasattr(os, "sendfile"), reason="this system has no sendfile")

GET = b"GET / HTTP/1.1\r\nHost: test\r\n\r\n"
CONTENT = os.urandom(1 << 20) * 9  # more than the kernel holds for a connection


@pytest.fixture
def fd(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "file").write_bytes(CONTENT)
    fd = os.open(tmp_path / "file", os.O_RDONLY)
    yield fd
    with suppress(OSError):
        os.close(fd)


async def begun(request: BaseRequest, length: int = len(CONTENT)) -> ResponseWriter:
    """Send the head of a response with a body of *length* bytes."""
    response = StreamResponse()
    response.content_length = length
    writer = await response.prepare(request)
    assert isinstance(writer, ResponseWriter)
    request["response"] = response
    return writer


def sending(
    fd: int, *parts: tuple[int, int]
) -> Callable[[BaseRequest], Awaitable[StreamResponse]]:
    """Make a handler that sends parts of a file, each an offset and a number of bytes."""

    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request, sum(count for _, count in parts))
        for offset, count in parts:
            assert await writer.sendfile(fd, offset, count) == count
        response: StreamResponse = request["response"]
        return response

    return handler


def sockets() -> int:
    """Count the sockets of this process."""
    count = 0
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):
            count += os.readlink(f"/proc/self/fd/{name}").startswith("socket:")
    return count


async def test_a_file_is_sent_whole_and_the_connection_goes_on(serve: Serve, fd: int) -> None:
    served = await serve(sending(fd, (0, len(CONTENT))))
    connection = await served.connect()
    connection.send(GET + GET)
    for _ in range(2):
        answer = await connection.answer()
        assert answer.headers["content-length"] == str(len(CONTENT))
        assert answer.body == CONTENT


async def test_parts_of_a_file_and_bytes_come_in_their_order(serve: Serve, fd: int) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request, 300_012)
        await writer.write(b"before")
        assert await writer.sendfile(fd, 1_000_000, 200_000) == 200_000
        await writer.write(b"within")
        assert await writer.sendfile(fd, 7, 100_000) == 100_000
        assert await writer.sendfile(fd, 7, 0) == 0
        assert writer.body_size == 300_012
        assert writer.output_size > 300_012
        response: StreamResponse = request["response"]
        return response

    served = await serve(handler)
    answer = await served.get("/")
    expected = b"before" + CONTENT[1_000_000:1_200_000] + b"within" + CONTENT[7:100_007]
    assert answer.body == expected
    assert os.lseek(fd, 0, os.SEEK_CUR) == 0


async def test_what_was_written_before_goes_first_to_a_slow_client(
    serve: Serve, until: Until, fd: int
) -> None:
    large = os.urandom(1 << 20) * 8

    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request, len(large) + 1000)
        transport = request.transport
        assert transport is not None
        limits = transport.get_write_buffer_limits()
        writer._send_body(large)  # without waiting for the client
        await writer.sendfile(fd, 0, 1000)
        assert transport.get_write_buffer_limits() == limits
        response: StreamResponse = request["response"]
        return response

    served = await serve(handler)
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET)
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    assert (await connection.answer()).body == large + CONTENT[:1000]


async def test_a_slow_client_is_waited_for_and_others_are_served(
    serve: Serve, until: Until, fd: int
) -> None:
    served = await serve(sending(fd, (0, len(CONTENT))))
    slow, other = await served.connect(receive_buffer=2**16), await served.connect()
    slow.send(GET)
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    other.send(GET)
    assert (await other.answer()).body == CONTENT
    assert (await slow.answer()).body == CONTENT


async def test_a_client_that_takes_nothing_is_cut_off(
    serve: Serve, until: Until, fd: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", "tidegate.server")
    before = sockets()
    served = await serve(sending(fd, (0, len(CONTENT))), timeouts=Timeouts(write=0.1))
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET)
    await until(lambda: "takes no bytes" in caplog.text)
    data, reset = await connection.until_lost()
    assert reset
    assert len(data) < len(CONTENT)
    connection.close()
    # Nothing keeps the socket open, for that would keep the client waiting.
    await until(lambda: sockets() <= before + 1)


async def test_a_client_that_takes_a_little_now_and_then_is_not_cut_off(
    serve: Serve, fd: int
) -> None:
    served = await serve(sending(fd, (0, len(CONTENT))), timeouts=Timeouts(write=0.4))
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET)
    await connection.reader.readuntil(b"\r\n\r\n")
    received = 0
    for _ in range(12):
        await asyncio.sleep(0.08)
        received += len(await connection.reader.readexactly(700_000))
    received += len(await connection.reader.readexactly(len(CONTENT) - received))
    assert received == len(CONTENT)


@pytest.mark.parametrize("way", ["reset", "close"])
async def test_a_client_that_goes_away_ends_the_wait(
    serve: Serve, until: Until, fd: int, way: str
) -> None:
    ended: list[BaseException | None] = []

    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request)
        try:
            await writer.sendfile(fd, 0, len(CONTENT))
        except BaseException as exc:
            ended.append(exc)
            raise
        raise AssertionError("the client has not taken all of it")

    served = await serve(handler)
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET)
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    getattr(connection, way)()
    await until(lambda: bool(ended))
    assert isinstance(ended[0], ClientConnectionResetError)
    await until(lambda: not served.server.connections)


async def test_a_cancelled_transfer_leaves_nothing_behind(
    serve: Serve, until: Until, fd: int
) -> None:
    tasks: list[asyncio.Task[Any]] = []

    async def handler(request: BaseRequest) -> StreamResponse:
        assert request.task is not None
        tasks.append(request.task)
        return await sending(fd, (0, len(CONTENT)))(request)

    before = sockets()
    served = await serve(handler)
    connection = await served.connect(receive_buffer=2**16)
    connection.send(GET)
    await until(lambda: any(c.writing_paused for c in served.server.connections))
    tasks[0].cancel()
    data, reset = await connection.until_lost()
    assert reset
    assert len(data) < len(CONTENT)
    connection.close()
    await until(lambda: sockets() <= before + 1)


async def test_a_file_that_ends_early_is_said_to(serve: Serve, fd: int, tmp_path: Path) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request, 1100)
        os.truncate(tmp_path / "file", 1000)
        assert await writer.sendfile(fd, 0, 1100) == 1000
        await writer.write(b"x" * 100)
        response: StreamResponse = request["response"]
        return response

    served = await serve(handler)
    assert (await served.get("/")).body == CONTENT[:1000] + b"x" * 100


async def test_more_than_the_content_length_is_refused(serve: Serve, fd: int) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request, 5)
        with pytest.raises(RuntimeError, match="longer than its Content-Length"):
            await writer.sendfile(fd, 0, 6)
        await writer.write_eof(b"small")
        with pytest.raises(RuntimeError, match="after write_eof"):
            await writer.sendfile(fd, 0, 1)
        response: StreamResponse = request["response"]
        return response

    served = await serve(handler)
    assert (await served.get("/")).body == b"small"


async def test_a_body_that_is_not_sent_needs_no_file(serve: Serve, fd: int) -> None:
    served = await serve(sending(fd, (0, len(CONTENT))))
    connection = await served.connect()
    answer = await connection.ask("/", method="HEAD")
    assert answer.headers["content-length"] == str(len(CONTENT))
    assert (await connection.ask("/")).body == CONTENT


async def test_a_chunked_body_is_not_for_sendfile(serve: Serve, fd: int) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        response = StreamResponse()
        await response.prepare(request)
        with pytest.raises(asyncio.SendfileNotAvailableError):
            await request.writer.sendfile(fd, 0, 1)
        await response.write(b"copied")
        return response

    served = await serve(handler)
    assert (await served.get("/")).body == b"copied"


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EOPNOTSUPP])
async def test_a_file_that_the_system_refuses_can_still_be_copied(
    serve: Serve, fd: int, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refused(*args: int) -> int:
        raise OSError(number, "no")

    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request, 6)
        assert writer.can_sendfile
        monkeypatch.setattr(os, "sendfile", refused)
        with pytest.raises(asyncio.SendfileNotAvailableError, match="refused"):
            await writer.sendfile(fd, 0, 6)
        await writer.write(b"copied")
        response: StreamResponse = request["response"]
        return response

    served = await serve(handler)
    assert (await served.get("/")).body == b"copied"


async def test_a_file_that_fails_halfway_fails_the_transfer(
    serve: Serve, fd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    call = os.sendfile
    seen: list[BaseException] = []

    def failing(out: int, file: int, offset: int, count: int) -> int:
        if offset:
            # Not a refusal: a part has been sent.
            raise OSError(errno.EINVAL, "broken")
        return call(out, file, offset, 1000)

    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request)
        monkeypatch.setattr(os, "sendfile", failing)
        with pytest.raises(OSError, match="broken") as caught:
            await writer.sendfile(fd, 0, len(CONTENT))
        seen.append(caught.value)
        request.protocol.abort()
        raise ClientConnectionResetError("given up")

    served = await serve(handler)
    connection = await served.connect()
    connection.send(GET)
    await connection.until_lost()
    assert len(seen) == 1


# --- what is not in memory ---


class Disk:
    """Makes a file look as if it was not in memory until it was read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.read: list[int] = []
        self.known: set[int] = set()
        self.failure: OSError | None = None
        self._pread = os.pread
        monkeypatch.setattr(module, "_NOWAIT", 8)
        monkeypatch.setattr(os, "preadv", self.preadv)
        monkeypatch.setattr(os, "pread", self.pread)

    def preadv(self, fd: int, buffers: Any, offset: int, flags: int) -> int:
        if offset not in self.known:
            raise BlockingIOError(errno.EAGAIN, "would wait")
        return 1

    def pread(self, fd: int, size: int, offset: int) -> bytes:
        if self.failure is not None:
            raise self.failure
        self.read.append(offset)
        self.known.add(offset + size - 1)
        return self._pread(fd, size, offset)


async def test_what_is_not_in_memory_is_read_in_by_a_thread(
    serve: Serve, fd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = await serve(sending(fd, (0, len(CONTENT))))
    connection = await served.connect()
    disk = Disk(monkeypatch)
    connection.send(GET)
    assert (await connection.answer()).body == CONTENT
    assert disk.read[0] == 0
    assert len(disk.read) >= 5


async def test_a_disk_that_fails_fails_the_transfer(
    serve: Serve, fd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = Disk(monkeypatch)
    disk.failure = OSError(errno.EIO, "Input/output error")
    seen: list[OSError] = []

    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request)
        with pytest.raises(OSError, match="Input/output error") as caught:
            await writer.sendfile(fd, 0, len(CONTENT))
        seen.append(caught.value)
        request.protocol.abort()
        raise ClientConnectionResetError("given up")

    served = await serve(handler)
    connection = await served.connect()
    connection.send(GET)
    await connection.until_lost()
    assert seen == [disk.failure]


async def test_a_transfer_can_be_cancelled_while_the_disk_is_read(
    serve: Serve, until: Until, fd: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    Disk(monkeypatch)
    reading: list[asyncio.Future[bytes]] = []
    tasks: list[asyncio.Task[Any]] = []

    async def handler(request: BaseRequest) -> StreamResponse:
        assert request.task is not None
        tasks.append(request.task)
        return await sending(fd, (0, len(CONTENT)))(request)

    class Slow:
        """The loop, with an executor that takes its time."""

        def __getattr__(self, name: str) -> Any:
            return getattr(loop, name)

        def run_in_executor(self, *args: Any) -> asyncio.Future[bytes]:
            reading.append(loop.create_future())
            return reading[-1]

    served = await serve(handler)
    connection = await served.connect()
    monkeypatch.setattr("tidegate_web_server.sendfile.asyncio.get_running_loop", Slow)
    connection.send(GET)
    await until(lambda: bool(reading))
    monkeypatch.undo()
    tasks[0].cancel()
    await connection.until_lost()
    reading[0].set_result(b"")
    # What comes too late is dropped.
    await asyncio.sleep(0)


@pytest.mark.parametrize("flag", [0, 1 << 30])
async def test_where_nobody_knows_what_is_in_memory_files_are_sent(
    serve: Serve, fd: int, monkeypatch: pytest.MonkeyPatch, flag: int
) -> None:
    monkeypatch.setattr(module, "_NOWAIT", flag)
    served = await serve(sending(fd, (0, len(CONTENT))))
    assert (await served.get("/")).body == CONTENT


# --- where it is not used ---


def test_nothing_is_sent_without_a_connection() -> None:
    assert not module.can_sendfile(None)


async def test_a_connection_that_is_gone_has_no_sendfile(serve: Serve, fd: int) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        writer = await begun(request)
        request.protocol.abort()
        while request.transport is not None:
            await asyncio.sleep(0)
        with pytest.raises((ClientConnectionResetError, asyncio.SendfileNotAvailableError)):
            await writer.sendfile(fd, 0, len(CONTENT))
        raise ClientConnectionResetError("gone")

    served = await serve(handler)
    connection = await served.connect()
    connection.send(GET)
    await connection.until_lost()


class Encrypted:
    """A transport with TLS."""

    def get_extra_info(self, name: str) -> Any:
        return ssl.create_default_context() if name == "sslcontext" else object()


def test_tls_has_no_sendfile() -> None:
    assert not module.can_sendfile(Encrypted())  # type: ignore[arg-type]  # as much as is asked


@pytest.mark.parametrize("name", ["TIDEGATE_NOSENDFILE", "AIOHTTP_NOSENDFILE", "OTHER"])
def test_the_environment_switches_it_off(name: str) -> None:
    program = "from tidegate_web_server import sendfile; print(sendfile._EXISTS)"
    result = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, name: "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.strip() == str(name == "OTHER")
