"""Running one coroutine in an event loop until it is told to stop, and leaving nothing behind.

:func:`run_until_stopped` runs the coroutine of a server as one task. That task is what a stop
cancels, whatever asks for it: a signal (:mod:`.stop_signals`), ``GracefulExit``,
``KeyboardInterrupt`` or ``SystemExit`` raised anywhere in the loop. The task then stops in order
and ends; after it, tasks that were left behind are cancelled and awaited, asynchronous generators
and the executor are shut down, and the loop is closed. A signal during the stop abandons it: all
tasks are cancelled, get a second to end, and GracefulExit goes to the caller.
"""

import asyncio
import signal
from collections.abc import Collection, Coroutine
from contextlib import suppress
from typing import Any

from tidegate_web_server import GracefulExit

from .stop_signals import STOP_SIGNALS, StopSignals

FORCED_STOP_PATIENCE = 1.0  # seconds that cancelled tasks get when a stop is abandoned


def run_until_stopped(
    loop: asyncio.AbstractEventLoop,
    serving: Coroutine[Any, Any, None],
    signals: Collection[signal.Signals] = STOP_SIGNALS,
) -> None:
    """Run *serving* in *loop* until it has ended, and close the loop.

    :param serving: runs until it is cancelled, and then stops in order.
    :param signals: cancel it; none: signals are left alone.
    :raises GracefulExit: a second signal ended it at once.
    :raises BaseException: what *serving* raised, and SystemExit raised in the loop.
    """
    asyncio.set_event_loop(loop)
    try:
        _catch_exits(loop)
        main = loop.create_task(serving)
        stop = StopSignals(loop, main.cancel, signals)
        with stop:
            try:
                _run_until_stopped(loop, main, stop)
            finally:
                stop.begin()
                patience = FORCED_STOP_PATIENCE if stop.forced else None
                _run_to_end(loop, loop.create_task(_shut_down(patience)))
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def _catch_exits(loop: asyncio.AbstractEventLoop) -> None:
    """Let exits go through *loop*, and through it only: an exit is not an error to be logged.

    An exit that a handler raises stays in its task as well, which complains that nobody asked for
    it. And uvloop reports an exit instead of raising it when it comes out of a protocol's
    callback, as it does where tasks start eagerly and where a signal arrives.
    """
    handle = loop.get_exception_handler()

    def leave(error: BaseException) -> None:
        raise error

    def handle_errors(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, SystemExit | KeyboardInterrupt):
            if "future" not in context:
                loop.call_soon(leave, error)
        elif handle is None:
            loop.default_exception_handler(context)
        else:
            handle(loop, context)

    loop.set_exception_handler(handle_errors)


def _run_until_stopped(
    loop: asyncio.AbstractEventLoop, main: "asyncio.Task[None]", stop: StopSignals
) -> None:
    """Run *main*, cancel it when something asks for a stop, and run it to its end.

    SystemExit and KeyboardInterrupt go through an event loop and leave it stopped half-way, with
    *main* none the wiser: the loop is then run again, for the stop in order.
    """
    leaving: BaseException | None = None
    main.add_done_callback(lambda _: loop.stop())
    while not main.done():
        try:
            loop.run_forever()
        except (SystemExit, KeyboardInterrupt) as error:
            if stop.stopping and isinstance(error, KeyboardInterrupt):
                stop.forced = True
            if stop.forced:
                raise
            leaving = leaving or error
        # Here main is done, or something raised through the loop or called loop.stop().
        if stop.begin():
            main.cancel()
    if not main.cancelled():
        leaving = main.exception() or leaving
    if leaving is not None and not isinstance(leaving, GracefulExit | KeyboardInterrupt):
        raise leaving


def _run_to_end(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[None]") -> None:
    """Run *loop* until *task* is done, though somebody else may have called ``loop.stop()``."""
    task.add_done_callback(lambda _: loop.stop())
    while not task.done():
        loop.run_forever()
    task.result()


async def _shut_down(patience: float | None) -> None:
    """Cancel all other tasks and await them, then end asynchronous generators and the executor.

    :param patience: seconds to wait for tasks and generators before they are left; the executor is
        then not waited for at all. None: wait for all of them as long as they take.
    """
    loop = asyncio.get_running_loop()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=patience)
    for task in tasks:
        _report(loop, task)
    with suppress(TimeoutError):
        await asyncio.wait_for(loop.shutdown_asyncgens(), patience)
    if patience is None:
        await loop.shutdown_default_executor()


def _report(loop: asyncio.AbstractEventLoop, task: "asyncio.Task[Any]") -> None:
    if not task.done() or task.cancelled():
        return
    error = task.exception()
    if isinstance(error, Exception):
        loop.call_exception_handler(
            {
                "message": "unhandled exception in a task that was cancelled at the end",
                "exception": error,
                "task": task,
            }
        )
