"""An application to send signals to; its one argument holds keyword arguments of run_app, as JSON.

It prints what happens to it, a word a line, so that a test can wait for each step.
"""

import asyncio
import contextlib
import json
import signal
import sys
import time

from tidegate_web_cli import run_app
from tidegate_web_server import Application, GracefulExit, Request, Response


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the test reads it


async def echo(request: Request) -> Response:
    """In service until the client has sent the whole body."""
    say("reading")
    return Response(body=await request.read())


async def blocking(request: Request) -> Response:
    """Keep the event loop from running."""
    say("blocking")
    while True:
        time.sleep(0.01)


async def endless(request: Request) -> Response:
    say("waiting")
    try:
        await asyncio.Event().wait()
    finally:
        say("cancelled")
    return Response()


async def stubborn(request: Request) -> Response:
    """Ignore being cancelled."""
    say("waiting")
    while True:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()


async def graceful_exit(request: Request) -> Response:
    raise GracefulExit


async def system_exit(request: Request) -> Response:
    sys.exit(7)


async def cleanup(app: Application) -> None:
    # A task group that fails would cancel this clean-up anew (Python 3.13), were the task of it
    # still one that is being cancelled.
    with contextlib.suppress(ExceptionGroup):
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
    await asyncio.sleep(0)
    say("cleanup")


async def fail() -> None:
    raise LookupError("a clean-up that goes wrong")


async def slow_startup(app: Application) -> None:
    say("starting")
    await asyncio.Event().wait()


async def shutdown(app: Application) -> None:
    say("shutdown")


def main() -> None:
    options = json.loads(sys.argv[1])
    # A shell that starts this in the background may have it ignore SIGINT.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    app = Application()
    app.router.add_post("/echo", echo)
    app.router.add_get("/blocking", blocking)
    app.router.add_get("/endless", endless)
    app.router.add_get("/stubborn", stubborn)
    app.router.add_get("/graceful-exit", graceful_exit)
    app.router.add_get("/system-exit", system_exit)
    if options.pop("slow_startup", False):
        app.on_startup.append(slow_startup)
    app.on_shutdown.append(shutdown)
    app.on_cleanup.append(cleanup)
    run_app(app, host="127.0.0.1", port=0, **options)
    say("returned")


if __name__ == "__main__":
    main()
