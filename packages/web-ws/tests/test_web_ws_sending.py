"""Who may send when: lines, large messages in the executor, fragments, gathering, compression."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import BaseRequest, ClientConnectionResetError
from tidegate_web_ws import DeflateSettings, WebSocketResponse, WSMsgType, prepare_message
from tidegate_web_ws.deflate import deflate_message
from tidegate_web_ws.frames import BINARY, CLOSE, PING, TEXT

if TYPE_CHECKING:
    from conftest import Masked, Peer, Serve

WAIT = 5.0
OFFER = "Sec-WebSocket-Extensions: permessage-deflate"
SMALL = DeflateSettings(threshold=0)
Conversation = Callable[[WebSocketResponse], Awaitable[object]]


class Talk:
    """A handler that runs one conversation and keeps its outcome."""

    def __init__(self, conversation: Conversation, **options: Any) -> None:
        self.ws = WebSocketResponse(**options)
        self.done: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._conversation = conversation

    async def __call__(self, request: BaseRequest) -> WebSocketResponse:
        await self.ws.prepare(request)
        try:
            self.done.set_result(await self._conversation(self.ws))
        except Exception as exc:
            self.done.set_exception(exc)
        return self.ws

    async def outcome(self) -> object:
        async with asyncio.timeout(WAIT):
            return await self.done


class Inflating:
    """Reads a server's messages, compressed or not."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.decompressor = zlib.decompressobj(-15)
        self.firsts: list[int] = []

    async def message(self) -> bytes:
        """Return the next message, all its fragments joined and inflated."""
        first, data = await self.peer.raw_frame()
        self.firsts = [first]
        compressed = first & 0x40
        while not first & 0x80:
            first, more = await self.peer.raw_frame()
            self.firsts.append(first)
            data += more
        return self.decompressor.decompress(data + b"\0\0\xff\xff") if compressed else data


async def test_what_was_agreed_on_is_used(serve: Serve) -> None:
    async def conversation(ws: WebSocketResponse) -> None:
        await ws.send_str("x" * 1000)
        await ws.send_str("short")

    talk = Talk(conversation)
    peer = await (await serve(talk)).open("/", OFFER)
    assert "Sec-WebSocket-Extensions: permessage-deflate\r\n" in peer.head
    client = Inflating(peer)
    assert await client.message() == b"x" * 1000
    assert client.firsts == [0xC1]
    # Under the threshold.
    assert await client.message() == b"short"
    assert client.firsts == [0x81]
    assert talk.ws.compress == 12


@pytest.mark.parametrize("compress", [None, 0, 1, 9, 15])
async def test_without_agreement_nothing_is_compressed(serve: Serve, compress: int | None) -> None:
    async def conversation(ws: WebSocketResponse) -> None:
        await ws.send_str("x" * 1000, compress)
        await ws.send_bytes(b"x" * 1000, compress)
        await ws.send_json("x" * 1000, compress)
        await ws.send_frame(b"x" * 1000, WSMsgType.TEXT, compress)

    talk = Talk(conversation)
    peer = await (await serve(talk)).open()
    for _ in range(4):
        assert len((await peer.frame())[1]) in (1000, 1002)
    assert talk.ws.compress == 0


async def test_compression_can_be_declined(serve: Serve) -> None:
    async def conversation(ws: WebSocketResponse) -> None:
        await ws.send_str("x" * 1000, 9)

    peer = await (await serve(Talk(conversation, compress=False))).open("/", OFFER)
    assert "Sec-WebSocket-Extensions" not in peer.head
    assert await peer.frame() == (TEXT, b"x" * 1000)


async def test_a_message_s_own_level_disturbs_no_other(serve: Serve) -> None:
    texts = [random.Random(n).randbytes(150) * 2 for n in (1, 2, 1, 2, 1, 1)]
    levels = [None, 9, None, 0, 9, None]

    async def conversation(ws: WebSocketResponse) -> None:
        for text, level in zip(texts, levels, strict=True):
            await ws.send_bytes(text, level)

    client = Inflating(await (await serve(Talk(conversation))).open("/", OFFER))
    for text, level in zip(texts, levels, strict=True):
        assert await client.message() == text
        assert client.firsts == [0x82 if level == 0 else 0xC2]


@pytest.mark.parametrize("compress", [-1, 16])
async def test_what_is_no_level_is_refused(serve: Serve, compress: int) -> None:
    async def conversation(ws: WebSocketResponse) -> None:
        with pytest.raises(ValueError, match="compress"):
            await ws.send_str("x", compress)
        with pytest.raises(ValueError, match="compress"):
            await ws.send_bytes(b"x", compress)
        with pytest.raises(ValueError, match="compress"):
            await ws.send_frame(b"x", WSMsgType.BINARY, compress)

    talk = Talk(conversation)
    await (await serve(talk)).open()
    await talk.outcome()


async def test_large_messages_are_compressed_elsewhere_and_keep_their_order(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads = set()

    def compress(compressor: Any, payload: bytes) -> bytes:
        threads.add(threading.current_thread())
        return original(compressor, payload)

    original = deflate_message
    monkeypatch.setattr("tidegate_web_ws.sending.deflate_message", compress)
    messages = [b"%d " % n * (100_000 if n % 3 == 0 else 10) for n in range(12)]

    async def conversation(ws: WebSocketResponse) -> None:
        # At once: one that is small does not overtake one that is large.
        async with asyncio.TaskGroup() as group:
            for message in messages:
                group.create_task(ws.send_bytes(message))

    client = Inflating(await (await serve(Talk(conversation))).open("/", OFFER))
    assert [await client.message() for _ in messages] == messages
    assert threads
    assert threading.current_thread() not in threads


async def test_a_ping_passes_a_message_that_is_being_compressed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()

    def compress(compressor: Any, payload: bytes) -> bytes:
        assert go_on.wait(WAIT)
        return original(compressor, payload)

    original = deflate_message
    monkeypatch.setattr("tidegate_web_ws.sending.deflate_message", compress)

    async def conversation(ws: WebSocketResponse) -> bool:
        large = asyncio.ensure_future(ws.send_bytes(bytes(200_000)))
        await asyncio.sleep(0)
        skipped = not ws.send_now(prepare_message("now"))
        await ws.ping(b"first")
        go_on.set()
        await large
        return skipped

    talk = Talk(conversation)
    peer = await (await serve(talk)).open("/", OFFER)
    assert await peer.raw_frame() == (0x80 | PING, b"first")
    assert await Inflating(peer).message() == bytes(200_000)
    assert await talk.outcome() is True


async def test_a_cancelled_send_leaves_the_compression_in_step(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    noise = random.Random(5).randbytes(1500)

    def compress(compressor: Any, payload: bytes) -> bytes:
        data = original(compressor, payload)
        assert go_on.wait(WAIT)
        return data

    original = deflate_message
    monkeypatch.setattr("tidegate_web_ws.sending.deflate_message", compress)

    async def conversation(ws: WebSocketResponse) -> None:
        await ws.send_bytes(b"before " * 20)
        large = asyncio.ensure_future(ws.send_bytes(noise * 100))
        waiting = asyncio.ensure_future(ws.send_bytes(b"waiting " * 20))
        await asyncio.sleep(0.01)
        large.cancel()
        go_on.set()
        await waiting
        # Would refer to what was never sent.
        await ws.send_bytes(noise)

    client = Inflating(await (await serve(Talk(conversation))).open("/", OFFER))
    assert await client.message() == b"before " * 20
    assert await client.message() == b"waiting " * 20
    assert await client.message() == noise


async def test_a_close_overtakes_what_is_being_compressed(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on = threading.Event()
    original = deflate_message

    def compress(compressor: Any, payload: bytes) -> bytes:
        assert go_on.wait(WAIT)
        return original(compressor, payload)

    monkeypatch.setattr("tidegate_web_ws.sending.deflate_message", compress)

    async def conversation(ws: WebSocketResponse) -> BaseException | None:
        large = asyncio.ensure_future(ws.send_bytes(bytes(200_000)))
        await asyncio.sleep(0.01)
        closing = asyncio.ensure_future(ws.close())
        await asyncio.sleep(0.01)
        go_on.set()
        await asyncio.wait([large])
        await closing
        return large.exception()

    talk = Talk(conversation)
    peer = await (await serve(talk)).open("/", OFFER)
    assert await peer.frame() == (CLOSE, b"\x03\xe8")
    peer.send_frame(CLOSE, b"\x03\xe8")
    assert isinstance(await talk.outcome(), ClientConnectionResetError)


async def test_a_message_can_be_sent_in_fragments(serve: Serve) -> None:
    async def pieces() -> AsyncIterator[str]:
        for piece in ("na\u00efve ", "", "\u20ac"):
            yield piece
            await asyncio.sleep(0)

    async def conversation(ws: WebSocketResponse) -> None:
        await ws.send_fragments(pieces())
        await ws.send_fragments([b"a", b"b"])
        await ws.send_fragments([])
        await ws.send_str("end")

    client = Inflating(await (await serve(Talk(conversation))).open())
    assert await client.message() == "na\u00efve \u20ac".encode()
    assert client.firsts == [0x01, 0x00, 0x00, 0x80]
    assert await client.message() == b"ab"
    assert client.firsts == [0x02, 0x00, 0x80]
    assert await client.message() == b"end"


async def test_fragments_are_compressed_as_one_message(serve: Serve) -> None:
    async def conversation(ws: WebSocketResponse) -> None:
        await ws.send_str("whole", 5)
        await ws.send_fragments(["one ", "two"])
        await ws.send_str("one two", 5)

    client = Inflating(await (await serve(Talk(conversation, compress=SMALL))).open("/", OFFER))
    assert await client.message() == b"whole"
    assert await client.message() == b"one two"
    assert client.firsts == [0x41, 0x00, 0x80]
    assert await client.message() == b"one two"


async def test_nothing_but_pings_comes_between_fragments(serve: Serve) -> None:
    go_on = asyncio.Event()

    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        await go_on.wait()
        yield b"b"

    async def conversation(ws: WebSocketResponse) -> None:
        streaming = asyncio.ensure_future(ws.send_fragments(pieces()))
        await asyncio.sleep(0)
        others = [
            asyncio.ensure_future(ws.send_str("other")),
            asyncio.ensure_future(ws.send_prepared(prepare_message("prepared"))),
        ]
        await asyncio.sleep(0)
        await ws.ping()
        go_on.set()
        await asyncio.gather(streaming, *others)

    peer = await (await serve(Talk(conversation))).open()
    frames = [await peer.raw_frame() for _ in range(6)]
    assert frames == [
        (0x02, b"a"),
        (0x89, b""),
        (0x00, b"b"),
        (0x80, b""),
        (0x81, b"other"),
        (0x81, b"prepared"),
    ]


async def test_a_message_that_fails_half_way_closes_with_1011(serve: Serve) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"a"
        raise LookupError("no more")

    async def conversation(ws: WebSocketResponse) -> None:
        await ws.send_fragments(pieces())

    talk = Talk(conversation)
    peer = await (await serve(talk)).open()
    assert await peer.raw_frame() == (0x02, b"a")
    opcode, payload = await peer.frame()
    assert (opcode, payload[:2]) == (CLOSE, b"\x03\xf3")
    with pytest.raises(LookupError):
        await talk.outcome()


async def test_pieces_of_another_kind_are_refused(serve: Serve) -> None:
    single: list[Any] = ["one str", b"bytes"]
    strange: list[Any] = [[1], [None]]

    async def conversation(ws: WebSocketResponse) -> None:
        for pieces in single:
            with pytest.raises(TypeError, match="iterable"):
                await ws.send_fragments(pieces)
        for pieces in strange:
            with pytest.raises(TypeError, match="pieces"):
                await ws.send_fragments(pieces)
        assert ws.open  # nothing had been sent
        mixed: Any = ["a", b"b"]
        with pytest.raises(TypeError, match="all"):
            await ws.send_fragments(mixed)
        assert not ws.open

    talk = Talk(conversation)
    await (await serve(talk)).open()
    await talk.outcome()


async def test_the_answers_to_a_burst_go_out_together(serve: Serve, masked: Masked) -> None:
    writes: list[int] = []

    async def conversation(ws: WebSocketResponse) -> None:
        upgraded: Any = ws._session and ws._session._upgraded
        transport = upgraded._transport

        class Counting:
            def __getattr__(self, name: str) -> Any:
                return getattr(transport, name)

            def write(self, data: bytes) -> None:
                writes.append(len(data))
                transport.write(data)

        upgraded._transport = Counting()
        async for message in ws:
            await ws.send_bytes(message.data)

    peer = await (await serve(Talk(conversation))).open()
    peer.send(masked(BINARY, b"x") * 40)
    for _ in range(40):
        assert await peer.frame() == (BINARY, b"x")
    assert len(writes) < 10
    # One that comes alone is answered alone, and a Close never overtakes what was gathered.
    peer.send(masked(BINARY, b"y") * 3 + masked(CLOSE, b"\x03\xe8"))
    frames = [await peer.frame() for _ in range(4)]
    assert frames == [(BINARY, b"y")] * 3 + [(CLOSE, b"\x03\xe8")]


async def test_what_was_gathered_goes_out_when_the_handler_waits(
    serve: Serve, masked: Masked
) -> None:
    go_on = asyncio.Event()

    async def conversation(ws: WebSocketResponse) -> None:
        async for message in ws:
            await ws.send_bytes(message.data)
            await go_on.wait()

    peer = await (await serve(Talk(conversation))).open()
    peer.send(masked(BINARY, b"1") + masked(BINARY, b"2"))
    assert await peer.frame() == (BINARY, b"1")
    go_on.set()
    assert await peer.frame() == (BINARY, b"2")


@pytest.mark.parametrize("limit", [0, 1000, 1_000_000])
async def test_the_limit_of_what_waits_can_be_set(serve: Serve, limit: int) -> None:
    async def conversation(ws: WebSocketResponse) -> int:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.2):
                while True:
                    await ws.send_bytes(bytes(10_000), 0)
        session: Any = ws._session
        size: int = session.transport.get_write_buffer_size()
        peer.vanish()
        return size

    talk = Talk(conversation, writer_limit=limit)
    served = await serve(talk)
    peer = await served.open()
    size = await talk.outcome()
    assert isinstance(size, int)
    assert limit < size <= limit + 20_100


async def test_latency_is_measured(serve: Serve) -> None:
    async def conversation(ws: WebSocketResponse) -> tuple[float, float | None]:
        return await ws.measure_latency(), ws.latency

    talk = Talk(conversation)
    peer = await (await serve(talk)).open()
    opcode, payload = await peer.frame()
    assert opcode == PING
    peer.send_frame(0xA, payload)
    outcome: Any = await talk.outcome()
    measured, latest = outcome
    assert 0 < measured < WAIT
    assert measured == latest


async def test_a_latency_that_can_t_be_measured_is_an_error(serve: Serve) -> None:
    async def conversation(ws: WebSocketResponse) -> float:
        return await ws.measure_latency()

    talk = Talk(conversation)
    peer = await (await serve(talk)).open()
    assert (await peer.frame())[0] == PING
    peer.vanish()
    with pytest.raises(ClientConnectionResetError):
        await talk.outcome()


async def test_a_message_does_not_overtake_what_stands_in_line(serve: Serve) -> None:
    async def conversation(ws: WebSocketResponse) -> None:
        async def first() -> None:
            await ws.send_str("a" * 1000)
            await ws.send_str("small")

        await asyncio.gather(first(), ws.send_str("b" * 1000))

    talk = Talk(conversation, compress=DeflateSettings(threshold=0, executor_threshold=500))
    peer = await (await serve(talk)).open("/", OFFER)
    inflating = Inflating(peer)
    received = [await inflating.message() for _ in range(3)]
    assert received == [b"a" * 1000, b"b" * 1000, b"small"]
    await talk.outcome()
