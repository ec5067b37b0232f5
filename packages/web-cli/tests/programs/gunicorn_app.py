"""What gunicorn serves in tests."""

import asyncio
import os
import time

from tidegate_web_server import AccessLogger, Application, AppRunner, Request, Response


async def who(request: Request) -> Response:
    loop = type(asyncio.get_running_loop()).__module__.partition(".")[0]
    return Response(text=f"{os.getpid()} {loop} {request.scheme}")


async def echo(request: Request) -> Response:
    """In service until the client has sent the whole body."""
    await request.content.readany()
    print("reading", flush=True)  # noqa: T201 - the test reads it
    return Response(body=await request.read())


async def block(request: Request) -> Response:
    while True:
        time.sleep(0.01)


async def wait(request: Request) -> Response:
    print("waiting", flush=True)  # noqa: T201 - the test reads it
    try:
        await asyncio.Event().wait()
    finally:
        print("cancelled", flush=True)  # noqa: T201 - the test reads it
    return Response()


def make_app() -> Application:
    app = Application()
    app.router.add_get("/who", who)
    app.router.add_post("/echo", echo)
    app.router.add_get("/block", block)
    app.router.add_get("/wait", wait)

    async def cleanup(app: Application) -> None:
        print("cleanup", flush=True)  # noqa: T201 - the test reads it

    app.on_cleanup.append(cleanup)
    return app


async def make_app_later() -> Application:
    await asyncio.sleep(0)
    return make_app()


async def make_runner() -> AppRunner:
    return AppRunner(make_app(), access_log_class=AccessLogger)


async def make_nothing() -> str:
    return "nothing"


app = make_app()
