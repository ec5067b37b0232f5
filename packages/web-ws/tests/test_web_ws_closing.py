"""The server ends the conversation: close(), a handler that ends or fails, a shutdown."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import (
    BaseRequest,
    ClientConnectionResetError,
    HTTPBadRequest,
    Response,
    StreamResponse,
)
from tidegate_web_ws import WebSocketResponse, WSCloseCode, WSMessage, WSMsgType
from tidegate_web_ws.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT

if TYPE_CHECKING:
    from conftest import Masked, Serve, Served

WAIT = 5.0
GOODBYE = b"\x03\xe8"


async def echo(request: BaseRequest) -> WebSocketResponse:
    ws = WebSocketResponse()
    await ws.prepare(request)
    async for message in ws:
        if message.type is WSMsgType.TEXT:
            await ws.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await ws.send_bytes(message.data)
    return ws


async def collect(ws: WebSocketResponse) -> list[WSMessage]:
    """Receive up to and with the first CLOSED."""
    messages: list[WSMessage] = []
    while not messages or messages[-1].type is not WSMsgType.CLOSED:
        messages.append(await ws.receive())
    return messages


def kinds(messages: list[WSMessage]) -> list[str]:
    return [message.type.name for message in messages]


async def until(condition: Callable[[], object]) -> None:
    """Wait until *condition* holds."""
    async with asyncio.timeout(WAIT):
        while not condition():
            await asyncio.sleep(0.001)


# --- the server closes ---


async def test_close_waits_for_the_client_and_drops_what_comes_before(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> list[object]:
        await ws.receive()
        first = await ws.close(code=4000, message="enough")
        return [first, await ws.close(), (await ws.receive()).type]

    talk = serve.talk(close)
    peer = await (await serve(talk)).open()
    peer.send_frame(TEXT, b"go")
    assert await peer.frame() == (CLOSE, (4000).to_bytes(2) + b"enough")
    peer.send_frame(TEXT, b"dropped")
    peer.send_frame(BINARY, b"dropped", fin=False)
    assert not talk.ended.is_set()
    peer.send_frame(CLOSE, (4000).to_bytes(2) + b"fine")
    assert await peer.rest() == b""
    assert await talk.outcome() == [True, False, WSMsgType.CLOSED]
    # No timer outlives the connection.
    session: Any = talk.ws._session
    assert session._deadline.cancelled()
    assert (talk.ws.close_code, talk.ws.close_reason) == (4000, "fine")
    assert talk.ws.exception() is None


async def test_close_drops_what_was_not_received(serve: Serve, masked: Masked) -> None:
    go_on = asyncio.Event()

    async def close(ws: WebSocketResponse) -> list[WSMessage]:
        await go_on.wait()
        await ws.close()
        return await collect(ws)

    talk = serve.talk(close)
    peer = await (await serve(talk)).open()
    peer.send(masked(BINARY, bytes(1000)) * 1000)
    session: Any = talk.ws._session
    await until(lambda: session.reading_paused)
    go_on.set()
    await peer.settled()
    assert kinds(await talk.outcome()) == ["CLOSED"]


async def test_a_client_that_does_not_answer_is_waited_for_no_longer_than_the_timeout(
    serve: Serve,
) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        return await ws.close()

    talk = serve.talk(close, timeout=0.05)
    peer = await (await serve(talk)).open()
    assert await talk.outcome() is True
    assert talk.ws.close_code == 1006
    assert isinstance(talk.ws.exception(), TimeoutError)
    with contextlib.suppress(ConnectionResetError):
        assert await peer.rest() == b"\x88\x02\x03\xe8"


async def test_a_client_that_takes_no_bytes_is_waited_for_no_longer_either(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                while True:
                    await ws.send_bytes(bytes(1_000_000))
        return await ws.close()

    talk = serve.talk(close, timeout=0.05)
    await (await serve(talk)).open()
    assert await talk.outcome() is True
    assert talk.ws.close_code == 1006


async def test_a_client_that_talks_on_is_waited_for_no_longer_either(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        return await ws.close()

    talk = serve.talk(close, timeout=0.1)
    peer = await (await serve(talk)).open()
    assert (await peer.frame())[0] == CLOSE
    async with asyncio.timeout(WAIT):
        while not talk.ended.is_set():
            peer.send_frame(BINARY, bytes(1000))
            await asyncio.sleep(0.005)
    assert await talk.outcome() is True
    assert talk.ws.close_code == 1006


async def test_without_draining_a_client_that_takes_no_bytes_is_aborted(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.1):
                while True:
                    await ws.send_bytes(bytes(1_000_000))
        return await ws.close(drain=False)

    talk = serve.talk(close, timeout=1000)
    await (await serve(talk)).open()
    assert await talk.outcome() is True
    assert talk.ws.close_code == 1006


async def test_a_violation_instead_of_an_answer_ends_it(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        return await ws.close()

    talk = serve.talk(close)
    peer = await (await serve(talk)).open()
    assert (await peer.frame())[0] == CLOSE
    peer.send(b"\x83\x80\0\0\0\0")
    assert await peer.rest() == b""
    assert await talk.outcome() is True
    assert talk.ws.close_code == 1006


async def test_a_close_from_another_task_wakes_the_receiver(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        return await collect(ws)

    talk = serve.talk(receive)
    peer = await (await serve(talk)).open()
    session: Any = talk.ws._session
    await until(lambda: session._waiter is not None)
    closing = asyncio.create_task(talk.ws.close(code=4003, message=b"kept"))
    # The handler may end before close() does: its code and reason are sent all the same.
    assert await peer.frame() == (CLOSE, (4003).to_bytes(2) + b"kept")
    peer.send_frame(CLOSE, (4003).to_bytes(2))
    assert await peer.rest() == b""
    assert await closing is True
    assert kinds(await talk.outcome()) == ["CLOSING", "CLOSED"]
    assert talk.ws.close_code == 4003


async def test_a_handler_that_returns_closes_with_1000(serve: Serve) -> None:
    async def goodbye(ws: WebSocketResponse) -> None:
        await ws.send_str("bye")

    peer = await (await serve(serve.talk(goodbye))).open()
    assert await peer.frame() == (TEXT, b"bye")
    assert await peer.frame() == (CLOSE, GOODBYE)
    peer.send_frame(CLOSE, GOODBYE)
    assert await peer.rest() == b""


async def test_a_handler_that_raises_after_its_own_close_is_answered_nothing_else(
    serve: Serve,
) -> None:
    async def handler(request: BaseRequest) -> StreamResponse:
        ws = WebSocketResponse()
        await ws.prepare(request)
        await ws.close(code=WSCloseCode.POLICY_VIOLATION)
        raise HTTPBadRequest

    peer = await (await serve(handler)).open()
    opcode, payload = await peer.frame()
    assert (opcode, payload) == (CLOSE, (1008).to_bytes(2))
    peer.send_frame(CLOSE, payload)
    assert await peer.rest() == b""


async def test_the_server_s_shutdown_closes_with_1001(serve: Serve) -> None:
    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        messages = await collect(ws)
        with pytest.raises(ClientConnectionResetError):
            await ws.send_str("late")
        return messages

    talk = serve.talk(receive)
    served: Served = await serve(talk, shutdown_timeout=WAIT)
    peer = await served.open()
    session: Any = talk.ws._session
    await until(lambda: session._waiter is not None)
    cleaning = asyncio.create_task(served.runner.cleanup())
    assert await peer.frame() == (CLOSE, (1001).to_bytes(2))
    peer.send_frame(CLOSE, (1001).to_bytes(2))
    assert await peer.rest() == b""
    await cleaning
    assert kinds(await talk.outcome()) == ["CLOSING", "CLOSED"]
    assert talk.ws.close_code == 1001


async def test_messages_received_before_a_shutdown_are_delivered(serve: Serve) -> None:
    go_on = asyncio.Event()

    async def receive(ws: WebSocketResponse) -> list[WSMessage]:
        await go_on.wait()
        return await collect(ws)

    talk = serve.talk(receive)
    served = await serve(talk, shutdown_timeout=WAIT)
    peer = await served.open()
    peer.send_frame(TEXT, b"before")
    session: Any = talk.ws._session
    await until(lambda: session._messages)
    cleaning = asyncio.create_task(served.runner.cleanup())
    await peer.settled()
    go_on.set()
    await cleaning
    assert kinds(await talk.outcome()) == ["TEXT", "CLOSED"]


async def test_a_client_that_does_not_answer_a_shutdown_gets_the_grace_time_and_no_more(
    serve: Serve,
) -> None:
    async def receive(ws: WebSocketResponse) -> None:
        async for _ in ws:
            pass

    talk = serve.talk(receive, timeout=1000)
    served = await serve(talk, shutdown_timeout=0.1)
    peer = await served.open()
    async with asyncio.timeout(WAIT):
        await served.runner.cleanup()
    assert await peer.frame() == (CLOSE, (1001).to_bytes(2))
    session: Any = talk.ws._session
    async with asyncio.timeout(WAIT):
        await session._ended.wait()
    assert talk.ws.close_code == 1006


async def test_a_shutdown_leaves_a_closing_connection_alone(serve: Serve) -> None:
    async def close(ws: WebSocketResponse) -> bool:
        return await ws.close(code=4004)

    talk = serve.talk(close)
    served = await serve(talk, shutdown_timeout=WAIT)
    peer = await served.open()
    assert await peer.frame() == (CLOSE, (4004).to_bytes(2))
    cleaning = asyncio.create_task(served.runner.cleanup())
    await asyncio.sleep(0)
    peer.send_frame(CLOSE, (4004).to_bytes(2))
    assert await peer.rest() == b""
    await cleaning
    assert await talk.outcome() is True


async def test_fragments_of_a_message_come_as_one(serve: Serve) -> None:
    peer = await (await serve(echo)).open()
    peer.send_frame(TEXT, b"\xc3", fin=False)
    peer.send_frame(PING, b"between")
    peer.send_frame(CONTINUATION, b"\xa9")
    assert await peer.frame() == (PONG, b"between")
    assert await peer.frame() == (TEXT, "é".encode())


# --- what else can end it ---


async def test_a_handler_that_fails_closes_with_1011(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    ws = WebSocketResponse()

    async def handler(request: BaseRequest) -> StreamResponse:
        await ws.prepare(request)
        await ws.receive()
        raise LookupError("secret")

    peer = await (await serve(handler)).open()
    peer.send_frame(TEXT, b"go")
    assert await peer.frame() == (CLOSE, b"\x03\xf3")
    peer.send_frame(CLOSE, b"\x03\xf3")
    assert await peer.rest() == b""
    assert ws.close_code == 1011
    assert "secret" in caplog.text


@pytest.mark.parametrize("returned", [None, Response(text="too late")])
async def test_a_handler_that_returns_something_else_closes_with_1011(
    serve: Serve, returned: Any
) -> None:
    async def handler(request: BaseRequest) -> Any:
        await WebSocketResponse().prepare(request)
        return returned

    peer = await (await serve(handler)).open()
    assert await peer.frame() == (CLOSE, b"\x03\xf3")
    peer.send_frame(CLOSE, b"\x03\xf3")
    assert await peer.rest() == b""


async def test_the_code_of_another_task_survives_the_handler_s_end(serve: Serve) -> None:
    ws = WebSocketResponse()
    tasks = []

    async def handler(request: BaseRequest) -> StreamResponse:
        await ws.prepare(request)
        tasks.append(asyncio.ensure_future(ws.close(code=4001, message="mine")))
        await asyncio.sleep(0)
        return ws

    peer = await (await serve(handler)).open()
    assert await peer.frame() == (CLOSE, b"\x0f\xa1mine")
    peer.send_frame(CLOSE, b"\x0f\xa1")
    assert await peer.rest() == b""
    assert await tasks[0] is True
