"""Payloads of files: what they send, how much of it is in memory, and when it is closed."""

from __future__ import annotations

import asyncio
import gzip
import io
import os
import tempfile
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import pytest
from multidict import CIMultiDict
from tidegate_web_server import (
    AbstractStreamWriter,
    BufferedReaderPayload,
    BytesIOPayload,
    ClientConnectionResetError,
    IOBasePayload,
    TextIOPayload,
    get_payload,
)
from tidegate_web_server.payload_files import READ_STEP

if TYPE_CHECKING:
    from tidegate_web_server import Payload


class Sink(AbstractStreamWriter):
    """Keeps the pieces that are written."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    @property
    def transport(self) -> asyncio.Transport | None:
        return None

    async def write(self, chunk: bytes | bytearray | memoryview) -> None:
        self.pieces.append(bytes(chunk))

    async def write_eof(self, chunk: bytes = b"") -> None: ...

    async def drain(self) -> None: ...

    def enable_chunking(self) -> None: ...

    async def write_headers(self, status_line: str, headers: CIMultiDict[str]) -> None: ...


async def sent(payload: Payload, length: int | None = None) -> bytes:
    sink = Sink()
    await payload.write_with_length(sink, length)
    assert all(sink.pieces), "an empty piece was written"
    return b"".join(sink.pieces)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.txt"
    path.write_bytes(b"0123456789")
    return path


@pytest.mark.parametrize(
    ("mode", "buffering", "kind"),
    [
        ("rb", -1, BufferedReaderPayload),
        ("r+b", -1, BufferedReaderPayload),
        ("rb", 0, IOBasePayload),
    ],
)
async def test_a_file_is_sent_and_can_be_sent_again(
    path: Path, mode: str, buffering: int, kind: type
) -> None:
    payload = get_payload(open(path, mode, buffering=buffering))  # noqa: SIM115 - closed below
    assert type(payload) is kind
    assert payload.size == 10
    assert payload.content_type == "text/plain"
    assert payload.filename == "file.txt"
    assert payload.headers["Content-Disposition"] == 'attachment; filename="file.txt"'
    assert not payload.autoclose
    for _ in range(2):
        assert await sent(payload) == b"0123456789"
    assert await sent(payload, 4) == b"0123"
    assert await sent(payload, 99) == b"0123456789"
    assert await sent(payload, 0) == b""
    assert payload.decode() == "0123456789"
    assert await payload.as_bytes() == b"0123456789"
    await payload.close()
    await payload.close()
    with pytest.raises(ValueError, match="closed file"):
        await sent(payload)


async def test_a_file_is_sent_from_where_it_is(path: Path) -> None:
    with open(path, "rb") as file:
        file.read(3)
        payload = get_payload(file)
        assert payload.size == 7
        file.read(2)
        assert await sent(payload) == b"3456789"


async def test_what_a_file_grows_by_is_left_out(path: Path) -> None:
    with open(path, "rb") as file:
        payload = get_payload(file)
        path.write_bytes(b"0123456789abc")
        assert await sent(payload) == b"0123456789"


async def test_a_file_that_became_shorter_gives_what_it_has(path: Path) -> None:
    with open(path, "rb") as file:
        payload = get_payload(file)
        path.write_bytes(b"012")
        assert payload.size == 10
        assert await sent(payload) == b"012"


async def test_a_file_is_read_in_steps_and_off_the_event_loop(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(2 * READ_STEP + 5))
    threads = set()
    asked = []

    class Watched(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            threads.add(threading.get_ident())
            asked.append(size)
            return super().read(-1 if size is None else size) or b""

    with Watched(path) as file:
        sink = Sink()
        await get_payload(file).write(sink)
    assert [len(piece) for piece in sink.pieces] == [READ_STEP, READ_STEP, 5]
    assert asked == [READ_STEP, READ_STEP, 5]
    assert threading.get_ident() not in threads


async def test_the_next_step_waits_for_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(bytes(3 * READ_STEP))
    with open(path, "rb", buffering=0) as file:

        class Stuck(Sink):
            async def write(self, chunk: bytes | bytearray | memoryview) -> None:
                assert file.tell() == READ_STEP
                raise ClientConnectionResetError("gone")

        with pytest.raises(ClientConnectionResetError):
            await get_payload(file).write(Stuck())
        assert file.tell() == READ_STEP


async def test_a_read_that_fails_is_the_sender_s_to_see(path: Path) -> None:
    class Broken(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the disk is broken")

    with Broken(path) as file, pytest.raises(OSError, match="the disk is broken"):
        await sent(get_payload(file))


async def test_a_pipe_has_no_size_and_is_sent_once() -> None:
    receiving, sending = os.pipe()
    os.write(sending, b"from a pipe")
    os.close(sending)
    with os.fdopen(receiving, "rb") as file:
        payload = get_payload(file)
        assert payload.size is None
        assert payload.filename is None
        assert "Content-Disposition" not in payload.headers
        assert await sent(payload) == b"from a pipe"
        assert payload.consumed
        with pytest.raises(RuntimeError, match="no way back"):
            await sent(payload)


async def test_the_size_of_what_is_unpacked_is_not_that_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(bytes(5000)))
    with gzip.open(path) as file:
        payload = get_payload(file)
        assert payload.size is None
        for _ in range(2):
            assert await sent(payload) == bytes(5000)
        assert await sent(payload, 10) == bytes(10)


async def test_a_device_has_no_size() -> None:
    with open(os.devnull, "rb") as file:
        payload = get_payload(file)
        assert payload.size is None
        assert await sent(payload) == b""


async def test_temporary_files_are_files() -> None:
    for make in (tempfile.TemporaryFile, tempfile.SpooledTemporaryFile):
        with make() as file:
            file.write(b"abc")
            file.seek(1)
            payload = get_payload(file)
            assert isinstance(payload, IOBasePayload)
            assert payload.size == 2
            assert payload.filename is None
            assert await sent(payload) == b"bc"


async def test_what_has_been_written_to_a_file_counts(path: Path) -> None:
    with open(path, "r+b") as file:
        file.seek(0, os.SEEK_END)
        file.write(b"more")
        file.seek(8)
        payload = get_payload(file)
        assert payload.size == 6
        assert await sent(payload) == b"89more"


def test_a_file_that_can_t_be_read_is_refused(path: Path) -> None:
    with open(path, "ab") as file, pytest.raises(ValueError, match="open it for reading"):
        get_payload(file)
    with open(path, "rb") as closed:
        pass
    with pytest.raises(ValueError, match="closed file"):
        get_payload(closed)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("é.txt", "attachment; filename=\"_.txt\"; filename*=UTF-8''%C3%A9.txt"),
        ('a"b.txt', 'attachment; filename="a_b.txt"'),
        ("a\r\nX: 1.txt", 'attachment; filename="a__X_ 1.txt"'),
        (b"\xff.txt", 'attachment; filename="_.txt"'),
    ],
)
async def test_the_name_of_a_file_is_made_fit_for_clients(
    tmp_path: Path, name: str | bytes, header: str
) -> None:
    path = os.path.join(os.fsencode(tmp_path), os.fsencode(name))
    for spelled in (path, os.fsdecode(path)):
        with open(spelled, "w+b") as file:
            assert get_payload(file).headers["Content-Disposition"] == header


def test_the_disposition_can_be_chosen(path: Path) -> None:
    with open(path, "rb") as file:
        assert get_payload(file, "inline").headers["Content-Disposition"].startswith("inline;")
        payload = get_payload(file, disposition="inline", filename="other.html")
        assert payload.headers["Content-Disposition"] == 'inline; filename="other.html"'
        assert payload.content_type == "text/html"
        own = {"Content-Disposition": "form-data"}
        assert get_payload(file, headers=own).headers["Content-Disposition"] == "form-data"


def test_standard_streams_have_no_name_for_clients() -> None:
    class Named(io.BytesIO):
        name = "<stdin>"

    assert get_payload(Named()).filename is None


# --- cancelled while it reads ---


async def test_a_file_is_closed_after_the_read_that_is_under_way(path: Path) -> None:
    reading, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    class Slow(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            reading.set()
            assert go_on.wait(5)
            order.append("read")
            return super().read(-1 if size is None else size) or b""

        def close(self) -> None:
            order.append("close")
            super().close()

    file = Slow(path)
    payload = get_payload(file)
    loop = asyncio.get_running_loop()
    task = asyncio.ensure_future(sent(payload))
    await loop.run_in_executor(None, reading.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    closing_task = asyncio.ensure_future(payload.close())
    await asyncio.sleep(0)
    assert order == []
    go_on.set()
    await closing_task
    assert file.closed
    assert order[:2] == ["read", "close"]


# --- text ---


async def test_a_text_file_is_encoded_on_its_way(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes("é\r\nü".encode("latin-1"))
    with open(path, encoding="latin-1") as file:
        payload = get_payload(file)
        assert type(payload) is TextIOPayload
        assert payload.content_type == "text/plain; charset=utf-8"
        assert payload.encoding == "utf-8"
        assert payload.size is None
        for _ in range(2):
            assert await sent(payload) == "é\nü".encode()
        assert payload.decode() == "é\nü"
        assert await payload.as_bytes() == "é\nü".encode()
        assert await sent(payload, 3) == "é\n".encode()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-7", "iso2022_jp"])
async def test_text_is_encoded_as_one_text_whatever_the_steps(
    tmp_path: Path, encoding: str
) -> None:
    text = "日本" * (READ_STEP // 2 + 7)
    path = tmp_path / "x"
    path.write_text(text, encoding="utf-8")
    with open(path, encoding="utf-8") as file:
        payload = get_payload(file, encoding=encoding)
        for _ in range(2):
            assert (await sent(payload)).decode(encoding) == text
            # One that was cut off leaves nothing behind.
            await sent(payload, 10)


def test_text_takes_the_charset_of_its_type(path: Path) -> None:
    with open(path, encoding="utf-8") as file:
        payload = get_payload(file, content_type="text/csv; charset=latin-1")
        assert payload.encoding == "latin-1"
        assert payload.content_type == "text/csv; charset=latin-1"


# --- BytesIO ---


async def test_a_bytes_io_is_sent_from_where_it_is_and_stays_open() -> None:
    value = io.BytesIO(b"x" + bytes(READ_STEP + 3))
    value.seek(1)
    payload = get_payload(value)
    assert type(payload) is BytesIOPayload
    assert payload.size == READ_STEP + 3
    assert payload.autoclose
    for _ in range(2):
        sink = Sink()
        await payload.write(sink)
        assert [len(piece) for piece in sink.pieces] == [READ_STEP, 3]
    assert await sent(payload, 5) == bytes(5)
    await payload.close()
    assert not value.closed


async def test_a_subclass_of_bytes_io_is_one() -> None:
    class Own(io.BytesIO):
        pass

    value: IO[Any] = Own(b"abc")
    assert await sent(get_payload(value)) == b"abc"
