"""Which pong answers which ping."""

from __future__ import annotations

import asyncio

from tidegate_web_ws.latency import MAX_PINGS, RoundTrips


def test_a_pong_answers_its_ping() -> None:
    trips = RoundTrips()
    trips.sent(b"a", 10.0)
    trips.answered(b"x", 11.0)
    before = trips.last
    assert before is None
    for time in (10.5, 99.0):
        trips.answered(b"a", time)
        assert trips.last == 0.5


async def test_a_pong_answers_the_pings_before_too() -> None:
    # RFC 6455 section 5.5.3.
    trips = RoundTrips()
    waiters = [asyncio.get_running_loop().create_future() for _ in range(3)]
    for number, waiter in enumerate(waiters):
        trips.sent(b"%d" % number, float(number), waiter)
    trips.answered(b"1", 5.0)
    assert [waiter.done() for waiter in waiters] == [True, True, False]
    assert (waiters[0].result(), waiters[1].result(), trips.last) == (5.0, 4.0, 4.0)
    trips.end()
    assert waiters[2].cancelled()


async def test_pings_that_are_never_answered_do_not_pile_up() -> None:
    trips = RoundTrips()
    waiter: asyncio.Future[float] = asyncio.get_running_loop().create_future()
    trips.sent(b"first", 0.0, waiter)
    for _ in range(MAX_PINGS):
        trips.sent(trips.unique(), 0.0)
    assert waiter.cancelled()


def test_payloads_are_unique() -> None:
    trips = RoundTrips()
    assert len({trips.unique() for _ in range(50)}) == 50
