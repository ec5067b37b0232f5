"""What workers serve in tests: who answers, work that is counted, and ways to go wrong."""

import asyncio
import os
import sys
import time

from tidegate_web_server import AppKey, Application, Request, Response

MEMORY = AppKey("memory", list[bytes])


async def who(request: Request) -> Response:
    return Response(text=f"{os.getpid()} {os.environ.get('APP_VERSION', '')}")


async def work(request: Request) -> Response:
    """Work for a moment, and count what was done in a file that all workers share."""
    await asyncio.sleep(0.01)
    fd = os.open(os.environ["APP_DONE"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(fd, b"x")
    os.close(fd)
    return Response(text="done")


async def block(request: Request) -> Response:
    """Keep the event loop from running."""
    while True:
        time.sleep(0.01)


async def wait(request: Request) -> Response:
    await asyncio.Event().wait()
    return Response()


async def grow(request: Request) -> Response:
    request.app[MEMORY].append(b"x" * (200 * 2**20))
    return Response(text=str(os.getpid()))


async def leave(request: Request) -> Response:
    os._exit(9)


async def deaf(app: Application) -> None:
    """Stop for ever."""
    if os.environ.get("APP_DEAF"):
        await asyncio.Event().wait()


async def start_up(app: Application) -> None:
    if os.environ.get("APP_SLOW_START"):
        await asyncio.Event().wait()


def make_app() -> Application:
    # A file that makes the next workers fail, while those that run go on.
    broken = os.environ.get("APP_BROKEN")
    if broken and os.path.exists(broken):
        sys.exit("broken on purpose")
    app = Application()
    app[MEMORY] = []
    for handler in (who, work, block, wait, grow, leave):
        app.router.add_get(f"/{handler.__name__}", handler)
    app.on_cleanup.append(deaf)
    app.on_startup.append(start_up)
    return app


if __name__ == "__main__":
    from tidegate_web_cli import run_app

    run_app(make_app(), host="127.0.0.1", port=0, workers=2, access_log=None)
    # In one piece: print() writes the line end by itself, and several processes write here.
    sys.stdout.write("returned\n")
    sys.stdout.flush()
