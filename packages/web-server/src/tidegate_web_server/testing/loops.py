"""Event loops by hand, for tests that are not coroutines.

pytest-asyncio and :class:`unittest.IsolatedAsyncioTestCase` do this for tests that are.
"""

import asyncio
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LoopFactory = Callable[[], asyncio.AbstractEventLoop]


@contextmanager
def loop_context(
    loop_factory: LoopFactory = asyncio.new_event_loop, fast: bool = False
) -> Iterator[asyncio.AbstractEventLoop]:
    """Make an event loop, set it as the current one, and close it at the end.

    :param loop_factory: makes the loop.
    :param fast: leave the garbage collection at the end out.
    """
    loop = setup_test_loop(loop_factory)
    try:
        yield loop
    finally:
        teardown_test_loop(loop, fast=fast)


def setup_test_loop(
    loop_factory: LoopFactory = asyncio.new_event_loop,
) -> asyncio.AbstractEventLoop:
    """Make an event loop and set it as the current one of this thread."""
    loop = loop_factory()
    asyncio.set_event_loop(loop)
    return loop


def teardown_test_loop(loop: asyncio.AbstractEventLoop, fast: bool = False) -> None:
    """Close *loop* and leave this thread without one.

    :param fast: leave the garbage collection out, which makes warnings of what was not closed
        come out in the test that they belong to.
    """
    if not loop.is_closed():
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()
    if not fast:
        gc.collect()
    asyncio.set_event_loop(None)
