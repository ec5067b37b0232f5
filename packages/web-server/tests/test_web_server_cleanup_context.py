"""Contexts of an application: what starts, what ends, and what happens when one of them fails."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import pytest
from tidegate_web_server import Application, AppRunner, CleanupError, Request, Response

if TYPE_CHECKING:
    from conftest import Serve

Context = Callable[[Application], AsyncIterator[None]]


class Noted:
    """Makes contexts and receivers that note when they run, and may fail."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def context(
        self,
        name: str,
        *,
        enter: BaseException | None = None,
        leave: BaseException | None = None,
    ) -> Context:
        async def context(app: Application) -> AsyncIterator[None]:
            self.notes.append(f"+{name}")
            if enter is not None:
                raise enter
            yield
            self.notes.append(f"-{name}")
            if leave is not None:
                raise leave

        return context

    def receiver(self, name: str, error: BaseException | None = None) -> Any:
        async def receiver(app: Application) -> None:
            self.notes.append(name)
            if error is not None:
                raise error

        return receiver


@pytest.fixture
def noted() -> Noted:
    return Noted()


async def run(app: Application) -> None:
    runner = AppRunner(app)
    await runner.setup()
    await runner.cleanup()


async def test_contexts_are_entered_in_order_and_left_in_reverse(noted: Noted) -> None:
    app = Application()
    app.cleanup_ctx.append(noted.context("a"))
    app.cleanup_ctx.append(noted.context("b"))
    app.on_startup.append(noted.receiver("startup"))
    app.on_shutdown.append(noted.receiver("shutdown"))
    app.on_cleanup.append(noted.receiver("cleanup"))
    await run(app)
    assert noted.notes == ["+a", "+b", "startup", "shutdown", "-b", "-a", "cleanup"]


async def test_context_managers_are_taken_as_they_are(noted: Noted) -> None:
    class Manager:
        async def __aenter__(self) -> None:
            noted.notes.append("+object")

        async def __aexit__(self, *exc_info: object) -> None:
            assert exc_info == (None, None, None)
            noted.notes.append("-object")

    app = Application()
    app.cleanup_ctx.append(asynccontextmanager(noted.context("function")))
    app.cleanup_ctx.append(lambda app: Manager())
    await run(app)
    assert noted.notes == ["+function", "+object", "-object", "-function"]


async def test_what_had_started_is_left_in_reverse_when_a_context_fails(noted: Noted) -> None:
    app = Application()
    failure = OSError("no database")
    for context in (
        noted.context("a"),
        asynccontextmanager(noted.context("b")),
        noted.context("c", enter=failure),
        noted.context("d"),
    ):
        app.cleanup_ctx.append(context)
    app.on_startup.append(noted.receiver("startup"))
    with pytest.raises(OSError, match="no database") as raised:
        await run(app)
    assert raised.value is failure
    assert noted.notes == ["+a", "+b", "+c", "-b", "-a"]


async def test_what_had_started_is_left_when_a_receiver_fails(noted: Noted) -> None:
    app = Application()
    app.cleanup_ctx.append(noted.context("a"))
    app.on_startup.append(noted.receiver("startup", OSError("no port")))
    runner = AppRunner(app)
    with pytest.raises(OSError, match="no port"):
        await runner.setup()
    assert noted.notes == ["+a", "startup", "-a"]
    await runner.cleanup()
    assert noted.notes == ["+a", "startup", "-a"], "it was left twice"


async def test_what_had_started_is_left_when_the_start_is_cancelled(noted: Noted) -> None:
    async def waits(app: Application) -> AsyncIterator[None]:
        await asyncio.sleep(60)
        yield

    app = Application()
    app.cleanup_ctx.append(noted.context("a", leave=OSError("lost")))
    app.cleanup_ctx.append(waits)
    task = asyncio.ensure_future(AppRunner(app).setup())
    while not noted.notes:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert noted.notes == ["+a", "-a"]


async def test_a_start_that_fails_and_an_end_that_fails_are_both_told(noted: Noted) -> None:
    app = Application()
    app.cleanup_ctx.append(noted.context("a", leave=OSError("second")))
    app.cleanup_ctx.append(noted.context("b", enter=OSError("first")))
    with pytest.raises(CleanupError, match="Multiple errors on startup stage") as raised:
        await run(app)
    assert [str(exc) for exc in raised.value.exceptions] == ["first", "second"]
    assert raised.value.__cause__ is raised.value.exceptions[0]
    assert "OSError('first'), OSError('second')" in str(raised.value)


async def test_one_failure_at_the_end_is_raised_as_it_is_and_the_rest_goes_on(
    noted: Noted,
) -> None:
    app = Application()
    app.cleanup_ctx.append(noted.context("a"))
    app.cleanup_ctx.append(noted.context("b", leave=OSError("lost")))
    app.on_cleanup.append(noted.receiver("cleanup"))
    with pytest.raises(OSError, match="lost"):
        await run(app)
    assert noted.notes == ["+a", "+b", "-b", "-a", "cleanup"]


async def test_several_failures_at_the_end_are_raised_together(noted: Noted) -> None:
    app = Application()
    app.cleanup_ctx.append(noted.context("a", leave=OSError("second")))
    app.cleanup_ctx.append(noted.context("b", leave=OSError("first")))
    app.on_cleanup.append(noted.receiver("one", OSError("third")))
    app.on_cleanup.append(noted.receiver("two"))
    with pytest.raises(CleanupError, match="Multiple errors on cleanup stage") as raised:
        await run(app)
    assert [str(exc) for exc in raised.value.exceptions] == ["first", "second", "third"]
    assert noted.notes[-2:] == ["one", "two"]


async def test_a_cancelled_cleanup_leaves_all_contexts_and_calls_nobody_else(
    noted: Noted,
) -> None:
    app = Application()
    app.cleanup_ctx.append(noted.context("a", leave=OSError("lost")))
    app.cleanup_ctx.append(noted.context("b", leave=asyncio.CancelledError()))
    app.on_cleanup.append(noted.receiver("cleanup"))
    app.freeze()
    await app.startup()
    with pytest.raises(asyncio.CancelledError):
        await app.cleanup()
    assert noted.notes == ["+a", "+b", "-b", "-a"]


async def test_a_context_that_yields_twice_is_a_mistake_that_is_told(noted: Noted) -> None:
    closed = False

    async def twice(app: Application) -> AsyncIterator[None]:
        nonlocal closed
        try:
            yield
            yield
        finally:
            closed = True

    app = Application()
    app.cleanup_ctx.append(twice)
    with pytest.raises(RuntimeError, match=r"twice .* should yield once.*yielded again"):
        await run(app)
    assert closed


async def test_an_iterator_that_yields_twice_is_a_mistake_too() -> None:
    class Twice:
        def __aiter__(self) -> AsyncIterator[None]:
            return self

        async def __anext__(self) -> None:
            return None

    app = Application()
    app.cleanup_ctx.append(lambda app: Twice())
    with pytest.raises(RuntimeError, match="yielded again"):
        await run(app)


async def test_a_context_that_does_not_yield_is_a_mistake_that_is_told(noted: Noted) -> None:
    async def never(app: Application) -> AsyncIterator[None]:
        for _ in app:
            yield

    app = Application()
    app.cleanup_ctx.append(noted.context("a"))
    app.cleanup_ctx.append(never)
    with pytest.raises(RuntimeError, match=r"never .* should yield once.*did not yield"):
        await run(app)
    assert noted.notes == ["+a", "-a"]


@pytest.mark.parametrize("returned", ["coroutine", "NoneType"])
async def test_what_is_no_context_is_refused_with_what_to_write(returned: str) -> None:
    async def coroutine(app: Application) -> None:
        raise AssertionError

    unfit: Any = coroutine if returned == "coroutine" else lambda app: None
    app = Application()
    app.cleanup_ctx.append(unfit)
    with pytest.raises(TypeError, match=f"cleanup_ctx takes .* which returned {returned}"):
        await run(app)


async def test_variables_set_by_a_context_are_there_in_handlers_and_at_its_end(
    serve: Serve,
) -> None:
    variable = contextvars.ContextVar("variable", default="unset")
    at_the_end: list[str] = []

    async def context(app: Application) -> AsyncIterator[None]:
        variable.set("set at the start")
        yield
        at_the_end.append(variable.get())

    async def handler(request: Request) -> Response:
        before = variable.get()
        variable.set("set by a handler")
        return Response(text=before)

    app = Application()
    app.cleanup_ctx.append(context)
    app.router.add_get("/", handler)
    served = await serve(app)
    connection = await served.connect()
    for _ in range(2):
        assert (await connection.ask("/")).text == "set at the start"
    connection.close()
    await served.runner.cleanup()
    assert at_the_end == ["set at the start"]


async def test_contexts_of_nested_applications_are_left_before_those_around_them(
    noted: Noted,
) -> None:
    app, first, second, inner = (Application() for _ in range(4))
    for name, one in (("app", app), ("first", first), ("second", second), ("inner", inner)):
        one.cleanup_ctx.append(noted.context(name))
        one.on_cleanup.append(noted.receiver(f"cleanup {name}"))
    second.add_subapp("/inner", inner)
    app.add_subapp("/first", first)
    app.add_subapp("/second", second)
    await run(app)
    assert noted.notes == [
        *("+app", "+first", "+second", "+inner"),
        *("-inner", "-second", "-first", "-app"),
        *("cleanup app", "cleanup first", "cleanup second", "cleanup inner"),
    ]


async def test_all_that_had_started_is_left_when_a_nested_application_fails(
    noted: Noted,
) -> None:
    app, first, second = Application(), Application(), Application()
    app.cleanup_ctx.append(noted.context("app", leave=OSError("3")))
    first.cleanup_ctx.append(noted.context("first"))
    second.cleanup_ctx.append(noted.context("second", leave=OSError("2")))
    second.cleanup_ctx.append(noted.context("fails", enter=OSError("1")))
    app.add_subapp("/first", first)
    app.add_subapp("/second", second)
    with pytest.raises(CleanupError) as raised:
        await run(app)
    assert noted.notes == ["+app", "+first", "+second", "+fails", "-second", "-first", "-app"]
    assert [str(exc) for exc in raised.value.exceptions] == ["1", "2", "3"]


async def test_failures_at_the_end_of_nested_applications_are_told_in_one_list(
    noted: Noted,
) -> None:
    app, nested = Application(), Application()
    nested.on_cleanup.append(noted.receiver("one", OSError("1")))
    nested.on_cleanup.append(noted.receiver("two", OSError("2")))
    app.add_subapp("/nested", nested)
    app.on_cleanup.append(noted.receiver("three", OSError("3")))
    with pytest.raises(CleanupError) as raised:
        await run(app)
    assert [str(exc) for exc in raised.value.exceptions] == ["1", "2", "3"]


async def test_a_start_that_fails_is_cleaned_up_as_far_as_it_came(noted: Noted) -> None:
    app, first, second = Application(), Application(), Application()
    for name, one in (("app", app), ("first", first), ("second", second)):
        one.on_cleanup.append(noted.receiver(f"cleanup {name}"))
    app.on_startup.append(noted.receiver("start"))
    app.add_subapp("/first", first)
    app.on_startup.append(noted.receiver("fails", OSError("no port")))
    app.add_subapp("/second", second)
    runner = AppRunner(app)
    with pytest.raises(OSError, match="no port"):
        await runner.setup()
    await runner.cleanup()
    assert noted.notes == ["start", "fails", "cleanup app", "cleanup first"]


async def test_an_application_starts_and_ends_as_often_as_it_is_run(noted: Noted) -> None:
    app = Application()
    app.cleanup_ctx.append(noted.context("a"))
    await run(app)
    await run(app)
    assert noted.notes == ["+a", "-a", "+a", "-a"]
