"""One application, set up, listening, and stopped in order: what every way of serving shares.

:func:`serve_app` is a coroutine that serves until it is cancelled. It says where it listens,
tells who started it that it is ready, lets it look at the server once a second, and stops the
application in order, however the serving ends.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from tidegate_web_server import Application, AppRunner, Server

from .banner import banner, describe_build
from .listening import Listeners, start

STOP_NOTICE_DELAY = 1.0  # seconds that a stop may last before it says that it waits
STOP_NOTICE = "Waiting for requests in service and for cleanup (CTRL+C again ends at once)"
TICK = 1.0  # seconds between two looks at the server

Print = Callable[..., None]


async def serve_app(
    app: Application | Awaitable[Application],
    runner_options: dict[str, Any],
    listeners: Listeners,
    say: Print | None,
    *,
    prepare: Callable[[Application], None] | None = None,
    on_ready: Callable[[], None] | None = None,
    on_tick: Callable[[Server], None] | None = None,
    on_stop: Callable[[], None] | None = None,
) -> None:
    """Serve until cancelled; stop the application in order, however the serving ends.

    :param app: the application, or an awaitable of it.
    :param runner_options: keyword arguments of :class:`AppRunner`.
    :param listeners: where to listen.
    :param say: what shows the banner; None shows nothing.
    :param prepare: called with the application before it starts.
    :param on_ready: called when it listens everywhere.
    :param on_tick: called with the server about once a second from then on; GracefulExit that it
        raises stops the server in order.
    :param on_stop: called when the stop begins.
    :raises ListenError: a place to listen is refused by the system.
    :raises TypeError: *app* is no application, nor gives one.
    """
    loop = asyncio.get_running_loop()
    made = await _made(app)
    if prepare is not None:
        prepare(made)
    runner = AppRunner(made, **runner_options)
    clock: asyncio.TimerHandle | None = None

    def tick() -> None:
        nonlocal clock
        clock = loop.call_later(TICK, tick)
        if on_tick is not None and runner.server is not None:
            on_tick(runner.server)

    try:
        await runner.setup()
        for site in listeners.sites(runner):
            await start(site)
        if say is not None:
            say(banner((site.name for site in runner.sites), describe_build(loop)))
        if on_ready is not None:
            on_ready()
        if on_tick is not None:
            tick()
        await loop.create_future()
    finally:
        if on_stop is not None:
            on_stop()
        # What stops in here runs to its end: for time-outs and task groups in the application's
        # clean-up, this task is not one that is being cancelled.
        while (task := asyncio.current_task()) is not None and task.cancelling():
            task.uncancel()
        notice = None if say is None else loop.call_later(STOP_NOTICE_DELAY, say, STOP_NOTICE)
        try:
            await runner.cleanup()
        finally:
            for timer in (notice, clock):
                if timer is not None:
                    timer.cancel()


async def _made(app: Any) -> Application:
    made = await app if inspect.isawaitable(app) else app
    if not isinstance(made, Application):
        hint = "; call it: run_app(f())" if callable(made) else ""
        raise TypeError(
            f"run_app() takes a web.Application or an awaitable of one, not {made!r}{hint}"
        )
    return made
