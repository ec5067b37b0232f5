"""Supervisor and worker hear each other, and neither waits for the other."""

import os
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tidegate_web_cli.settings import RunSettings
from tidegate_web_cli.worker_channel import (
    PIPE_BUF,
    ChannelError,
    News,
    Order,
    SupervisorEnd,
    WorkerEnd,
)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="workers need inherited pipes")


class Pair:
    """Both ends in one process."""

    def __init__(self) -> None:
        self.supervisor = SupervisorEnd()
        self.worker_fds = tuple(os.dup(fd) for fd in self.supervisor.worker_ends)
        self.worker = WorkerEnd(*self.worker_fds)
        self.close_supervisor = self.supervisor.close

    def close(self) -> None:
        for fd in self.worker_fds:
            os.close(fd)


@pytest.fixture
def pair() -> Pair:
    return Pair()


ORDER = Order(RunSettings(target="app:app", host=("a", "b"), workers=3), (7, 8))


@pytest.mark.parametrize("args", [(), ("x" * 30_000,)])
def test_an_order_comes_as_it_was_given(pair: Pair, args: tuple[str, ...]) -> None:
    order = Order(RunSettings(target="app:app", args=args), (7, 8))
    pair.supervisor.give(order)
    assert pair.worker.order() == order
    assert order.settings.args == args
    pair.close_supervisor()
    pair.close()


def test_news_come_in_order_and_then_no_more(pair: Pair) -> None:
    pair.supervisor.give(ORDER)
    news = [News(ready=True, build="b", memory=3), News(ready=False, requests=7), News(False)]
    for each in news:
        pair.worker.tell(each)
    assert pair.supervisor.read() == (news, True)
    assert pair.supervisor.read() == ([], True)
    pair.close()
    assert pair.supervisor.read() == ([], False)
    pair.close_supervisor()


def test_the_workers_wait_ends_with_the_supervisor(pair: Pair) -> None:
    pair.supervisor.give(ORDER)
    pair.worker.order()
    waiting = threading.Thread(target=pair.worker.wait_for_death)
    waiting.start()
    assert waiting.is_alive()
    pair.close_supervisor()
    waiting.join(30)
    assert not waiting.is_alive()
    pair.worker.tell(News(ready=True))  # nobody listens, and nobody minds
    pair.close()


def test_a_supervisor_that_does_not_read_holds_nobody_up(pair: Pair) -> None:
    pair.supervisor.give(ORDER)
    for _ in range(10_000):
        pair.worker.tell(News(ready=False, requests=10**9, memory=10**9))
    news, more = pair.supervisor.read()
    assert more
    assert set(news) == {News(ready=False, requests=10**9, memory=10**9)}
    pair.close_supervisor()
    pair.close()


def test_an_order_for_a_worker_that_is_gone_is_no_error(pair: Pair) -> None:
    pair.close()
    pair.supervisor.give(ORDER)
    pair.close_supervisor()


def test_a_supervisor_that_ends_before_its_order_is_an_error(pair: Pair) -> None:
    pair.close_supervisor()
    with pytest.raises(ChannelError, match="ended before it gave an order"):
        pair.worker.order()
    pair.close()


@pytest.mark.parametrize("line", [b"{\n", b"[]\n", b'{"ready": 1, "more": 2}\n', b"\xff\n"])
def test_news_of_another_kind_are_refused(pair: Pair, line: bytes) -> None:
    os.write(pair.worker_fds[1], line)
    with pytest.raises(ChannelError, match="this is no news of a worker"):
        pair.supervisor.read()
    pair.close_supervisor()
    pair.close()


def test_a_line_without_an_end_is_refused(pair: Pair) -> None:
    os.write(pair.worker_fds[1], b"x" * (PIPE_BUF + 1))
    with pytest.raises(ChannelError, match="longer than"):
        pair.supervisor.read()
    pair.close_supervisor()
    pair.close()


@given(st.text())
def test_what_is_no_order_is_refused(text: str) -> None:
    with pytest.raises(ChannelError, match="this is no order"):
        Order.from_json(text)


@pytest.mark.parametrize("text", ["{}", '{"settings": "{}", "fds": 1}', '{"settings": 1}'])
def test_half_an_order_is_refused(text: str) -> None:
    with pytest.raises(ChannelError, match="this is no order"):
        Order.from_json(text)
