"""The reader of a body: what it returns, when it waits, when it pauses its connection."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_server import EMPTY_PAYLOAD, LineTooLong, PayloadAccessError, StreamReader
from tidegate_web_server.abc import ReadingControl


class Wire(ReadingControl):
    """Counts what a reader asks of its connection."""

    def __init__(self) -> None:
        self.paused = False
        self.calls: list[str] = []

    def pause_reading(self) -> None:
        self.paused = True
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.paused = False
        self.calls.append("resume")


def make(*pieces: bytes, limit: int = 2**16, eof: bool = True) -> StreamReader:
    reader = StreamReader(Wire(), limit, loop=asyncio.get_running_loop())
    for piece in pieces:
        reader.feed_data(piece)
    if eof:
        reader.feed_eof()
    return reader


async def test_read_returns_the_whole_body() -> None:
    assert await make(b"ab", b"", b"c" * 2000, b"d").read() == b"ab" + b"c" * 2000 + b"d"


async def test_read_at_the_end_returns_nothing_again_and_again() -> None:
    reader = make(b"ab")
    assert await reader.read() == b"ab"
    assert await reader.read() == b""
    assert await reader.readany() == b""
    assert reader.at_eof()


async def test_read_n_takes_no_more_than_asked_for() -> None:
    reader = make(b"abcdef", b"gh")
    assert await reader.read(4) == b"abcd"
    assert await reader.read(0) == b""
    assert await reader.read(100) == b"efgh"


async def test_readchunk_returns_what_arrived_and_says_when_nothing_is_left() -> None:
    reader = make(b"ab", b"c" * 2000)
    assert await reader.readchunk() == (b"ab" + b"c" * 2000, True)
    assert await reader.readchunk() == (b"", False)


async def test_iter_chunks_ends_with_the_body() -> None:
    reader = make(b"ab")
    assert [piece async for piece in reader.iter_chunks()] == [(b"ab", True)]


async def test_data_that_was_put_back_is_read_next() -> None:
    reader = make(b"abc", b"d" * 2000)
    assert await reader.read(2) == b"ab"
    with pytest.warns(DeprecationWarning, match="unread_data"):
        reader.unread_data(b"XY")
    assert await reader.read() == b"XYc" + b"d" * 2000
    with pytest.warns(DeprecationWarning, match="unread_data"):
        reader.unread_data(b"")
    assert reader.at_eof()
    with pytest.warns(DeprecationWarning, match="unread_data"):
        reader.unread_data(b"Z")
    assert await reader.read() == b"Z"


async def test_limits_and_sizes_can_be_looked_at() -> None:
    reader = make(b"abc", limit=100)
    assert reader.get_read_buffer_limits() == (50, 100)
    assert reader.total_raw_bytes == reader.total_bytes == 3


async def test_readexactly_raises_what_it_got_when_the_body_ends_before() -> None:
    reader = make(b"abc")
    with pytest.raises(asyncio.IncompleteReadError) as caught:
        await reader.readexactly(4)
    assert caught.value.partial == b"abc"


async def test_readexactly_gathers_as_many_pieces_as_it_needs() -> None:
    reader = make(b"ab", b"cd" * 1000, b"ef")
    assert await reader.readexactly(3) == b"abc"
    assert await reader.readexactly(0) == b""
    assert await reader.readexactly(2001) == b"d" + b"cd" * 999 + b"ef"


async def test_read_nowait_takes_what_is_there() -> None:
    reader = make(b"abc", b"d" * 2000, eof=False)
    assert reader.read_nowait(2) == b"ab"
    assert reader.read_nowait() == b"c" + b"d" * 2000
    assert reader.read_nowait() == b""


async def test_callbacks_are_called_at_the_end_of_the_body_each_once() -> None:
    calls: list[int] = []
    reader = make(b"x", eof=False)
    reader.on_eof(lambda: calls.append(1))
    reader.on_eof(lambda: calls.append(2))
    assert calls == []
    reader.feed_eof()
    reader.feed_eof()
    reader.on_eof(lambda: calls.append(3))
    assert calls == [1, 2, 3]


async def test_readline_finds_lines_across_pieces_and_returns_the_rest() -> None:
    reader = make(b"on", b"e\ntw", b"o\n", b"three")
    assert await reader.readline() == b"one\n"
    assert [line async for line in reader] == [b"two\n", b"three"]


async def test_readuntil_finds_a_separator_that_is_cut_between_pieces() -> None:
    reader = make(b"one\r", b"\n\r", b"\ntwo")
    assert await reader.readuntil(b"\r\n\r\n") == b"one\r\n\r\n"
    assert await reader.readuntil(b"\r\n\r\n") == b"two"


async def test_readline_refuses_a_line_over_the_limit() -> None:
    reader = make(b"x" * 11 + b"\n")
    with pytest.raises(LineTooLong, match="within 10 bytes"):
        await reader.readline(max_line_length=10)


async def test_readuntil_refuses_an_empty_separator() -> None:
    with pytest.raises(ValueError, match="separator"):
        await make(b"x").readuntil(b"")


async def test_negative_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="0 or more"):
        await make().readexactly(-1)
    with pytest.raises(ValueError, match="1 or more"):
        make().iter_chunked(0)


async def test_iter_chunked_yields_pieces_of_at_most_that_size() -> None:
    assert [p async for p in make(b"abcdef", b"g").iter_chunked(4)] == [b"abcd", b"efg"]


async def test_iter_any_yields_the_body_as_it_arrived() -> None:
    reader = make(b"a" * 3000, eof=False)
    pieces = reader.iter_any()
    assert await anext(pieces) == b"a" * 3000
    reader.feed_data(b"b")
    assert await anext(pieces) == b"b"
    reader.feed_eof()
    with pytest.raises(StopAsyncIteration):
        await anext(pieces)


async def test_a_waiting_reader_wakes_when_bytes_come() -> None:
    reader = make(eof=False)
    task = asyncio.create_task(reader.read(10))
    await asyncio.sleep(0)
    reader.feed_data(b"late")
    assert await task == b"late"


async def test_two_readers_at_once_are_refused() -> None:
    reader = make(eof=False)
    task = asyncio.create_task(reader.read(10))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="another coroutine"):
        await reader.read(1)
    with pytest.raises(RuntimeError, match="another coroutine"):
        reader.read_nowait()
    reader.feed_eof()
    assert await task == b""


async def test_a_failed_body_raises_after_what_came_before_it() -> None:
    reader = make(b"ab", eof=False)
    reader.set_exception(ConnectionResetError("gone"))
    assert await reader.read(10) == b"ab"
    with pytest.raises(ConnectionResetError, match="gone"):
        await reader.read(10)
    with pytest.raises(ConnectionResetError, match="gone"):
        reader.read_nowait()


async def test_a_failure_wakes_a_waiting_reader() -> None:
    reader = make(eof=False)
    task = asyncio.create_task(reader.readany())
    await asyncio.sleep(0)
    reader.set_exception(ConnectionResetError("gone"))
    with pytest.raises(ConnectionResetError):
        await task
    assert isinstance(reader.exception(), ConnectionResetError)


async def test_the_first_failure_is_the_one_that_counts() -> None:
    reader = make(eof=False)
    reader.set_exception(ValueError("first"))
    reader.set_exception(ValueError("second"))
    with pytest.raises(ValueError, match="first"):
        await reader.readany()


async def test_a_body_over_the_limit_pauses_and_resumes_its_connection() -> None:
    wire = Wire()
    reader = StreamReader(wire, 10, loop=asyncio.get_running_loop())
    reader.feed_data(b"x" * 10)
    assert wire.calls == []
    reader.feed_data(b"x")
    assert wire.calls == ["pause"]
    await reader.read(5)
    assert wire.calls == ["pause"]
    await reader.read(1)
    assert wire.calls == ["pause", "resume"]


async def test_discard_forgets_what_is_buffered_and_resumes_the_connection() -> None:
    wire = Wire()
    reader = StreamReader(wire, 10, loop=asyncio.get_running_loop())
    reader.feed_data(b"x" * 100)
    reader.discard()
    assert wire.calls == ["pause", "resume"]
    reader.feed_eof()
    with pytest.raises(PayloadAccessError, match="had been answered"):
        await reader.read()


async def test_a_body_that_was_read_whole_is_not_gone_when_it_is_discarded() -> None:
    reader = StreamReader(Wire(), 10, loop=asyncio.get_running_loop())
    reader.feed_data(b"x")
    reader.feed_eof()
    assert await reader.read() == b"x"
    reader.discard()
    assert await reader.read() == b""


async def test_before_wait_is_called_once_and_only_when_a_reader_waits() -> None:
    asked: list[str] = []
    reader = StreamReader(
        Wire(), 10, loop=asyncio.get_running_loop(), before_wait=lambda: asked.append("go on")
    )
    assert not reader.droppable
    task = asyncio.create_task(reader.read())
    await asyncio.sleep(0)
    assert asked == ["go on"]
    reader.feed_data(b"x")
    reader.feed_eof()
    assert await task == b"x"
    assert asked == ["go on"]
    assert reader.droppable


async def test_wait_eof_returns_when_the_body_has_arrived_unread() -> None:
    reader = make(b"x", eof=False)
    task = asyncio.create_task(reader.wait_eof())
    await asyncio.sleep(0)
    assert not task.done()
    reader.feed_eof()
    await task
    await reader.wait_eof()
    assert reader.is_eof()
    assert not reader.at_eof()


async def test_many_tiny_pieces_are_gathered_instead_of_kept_one_by_one() -> None:
    reader = make(*[b"x"] * 10_000)
    assert len(reader._pieces) < 10
    assert await reader.read() == b"x" * 10_000


async def test_the_empty_body_has_ended_and_cannot_be_fed() -> None:
    assert await EMPTY_PAYLOAD.read() == b""
    assert EMPTY_PAYLOAD.at_eof()
    EMPTY_PAYLOAD.set_exception(ValueError())
    assert await EMPTY_PAYLOAD.readany() == b""
    with pytest.raises(RuntimeError):
        EMPTY_PAYLOAD.feed_data(b"x")


@given(
    pieces=st.lists(st.binary(max_size=3000), max_size=8),
    sizes=st.lists(st.integers(1, 4000), min_size=1, max_size=8),
)
def test_reading_in_any_sizes_gives_the_bytes_that_were_fed(
    pieces: list[bytes], sizes: list[int]
) -> None:
    async def run() -> bytes:
        reader = make(*pieces)
        read = b""
        for size in sizes:
            part = await reader.read(size)
            assert len(part) <= size
            read += part
        return read + await reader.read()

    assert asyncio.run(run()) == b"".join(pieces)


@given(st.lists(st.sampled_from([b"a", b"\r", b"\n", b"\r\n", b"bb"]), max_size=30))
def test_readuntil_splits_as_bytes_split_does_however_pieces_are_cut(pieces: list[bytes]) -> None:
    async def run() -> list[bytes]:
        reader = make(*pieces)
        found = []
        while part := await reader.readuntil(b"\r\n"):
            found.append(part)
        return found

    whole = b"".join(pieces)
    expected = [part + b"\r\n" for part in whole.split(b"\r\n")]
    expected[-1] = expected[-1][:-2]
    assert asyncio.run(run()) == [part for part in expected if part]
