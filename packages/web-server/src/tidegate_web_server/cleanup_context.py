"""What an application sets up when it starts and tears down when it ends, in one function.

::

    async def database(app):
        app[DB] = await connect()
        yield
        await app[DB].close()

    app.cleanup_ctx.append(database)

A function is an async generator function with one ``yield``, or one that is decorated with
``contextlib.asynccontextmanager``; any function that takes the application and returns an
asynchronous context manager will do.

They are entered in their order and left in reverse, like an exit stack. When one fails to start,
those that had started are left, the last one first, before the failure goes on: nothing stays
open. A context is never told of a failure elsewhere, so what stands after its ``yield`` runs
without ``try`` and ``finally``. One that fails to leave does not keep the others from leaving.

All of it runs in the task, and so in the context, of who calls it: variables that are set before
a ``yield`` are there after it, and in every handler.
"""

from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from frozenlist import FrozenList

#: ``async def context(app): … yield …``, decorated with ``asynccontextmanager`` or not.
ContextFunction = Callable[[Any], AsyncIterator[None] | AbstractAsyncContextManager[Any]]


class CleanupError(RuntimeError):
    """Several things failed while an application started or ended."""

    def __init__(self, message: str, exceptions: Sequence[BaseException]) -> None:
        """Gather what failed.

        :param exceptions: the failures, in the order in which they happened.
        """
        super().__init__(message, list(exceptions))

    @property
    def exceptions(self) -> list[BaseException]:
        """What failed, in the order in which it happened."""
        found: list[BaseException] = self.args[1]
        return found

    def __str__(self) -> str:
        """Name each failure, because a traceback shows one cause at most."""
        return f"{self.args[0]}: {', '.join(map(repr, self.exceptions))}"


def raise_together(message: str, found: Iterable[BaseException]) -> None:
    """Raise what *found* comes to; nothing when it is empty.

    One is raised as it is. Of several, one that is no ``Exception``, a cancellation for instance,
    goes before the others; else they are raised as one :class:`CleanupError`.
    """
    failures: list[BaseException] = []
    for failure in found:
        failures += failure.exceptions if isinstance(failure, CleanupError) else [failure]
    for failure in failures:
        if not isinstance(failure, Exception):
            raise failure
    if len(failures) > 1:
        raise CleanupError(message, failures) from failures[0]
    for failure in failures:
        raise failure


class CleanupContext(FrozenList[ContextFunction]):
    """The functions of ``app.cleanup_ctx``, and which of them have started."""

    def __init__(self) -> None:
        """Begin with none."""
        super().__init__()
        self._started: list[tuple[ContextFunction, Any]] = []

    async def enter(self, app: Any) -> None:
        """Start each function with *app*, in order.

        What had started when one fails stays so: :meth:`leave` is the caller's to await.

        :raises TypeError: when a function gives neither an async generator nor an asynchronous
            context manager.
        """
        for function in self:
            context = function(app)
            # A generator first: one that was decorated is a context manager, and nothing else.
            if isinstance(context, AsyncIterator):
                await _first_step(function, context)
            elif isinstance(context, AbstractAsyncContextManager):
                await context.__aenter__()
            else:
                raise TypeError(_unfit(function, context))
            self._started.append((function, context))

    async def leave(self) -> list[BaseException]:
        """End what has started, the last one first; return what failed."""
        failures: list[BaseException] = []
        while self._started:
            function, context = self._started.pop()
            try:
                if isinstance(context, AsyncIterator):
                    await _last_step(function, context)
                else:
                    await context.__aexit__(None, None, None)
            except BaseException as exc:
                failures.append(exc)
        return failures


async def _first_step(function: ContextFunction, generator: AsyncIterator[None]) -> None:
    try:
        await anext(generator)
    except StopAsyncIteration:
        raise RuntimeError(
            f"{function!r} of cleanup_ctx should yield once, between starting and cleaning up, "
            "and did not yield"
        ) from None


async def _last_step(function: ContextFunction, generator: AsyncIterator[None]) -> None:
    try:
        await anext(generator)
    except StopAsyncIteration:
        return
    # Closed, so that it is not left to the garbage collector.
    close = getattr(generator, "aclose", None)
    if close is not None:
        await close()
    raise RuntimeError(
        f"{function!r} of cleanup_ctx should yield once, between starting and cleaning up, and "
        "yielded again"
    )


def _unfit(function: ContextFunction, context: object) -> str:
    # Called without being awaited, a coroutine warns when it is collected.
    close = getattr(context, "close", None)
    if close is not None:
        close()
    return (
        "cleanup_ctx takes async generator functions (async def with one yield) and functions "
        f"decorated with contextlib.asynccontextmanager, got {function!r}, which returned "
        f"{type(context).__name__}"
    )
