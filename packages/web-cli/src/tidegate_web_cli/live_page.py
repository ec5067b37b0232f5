"""Pages that reload themselves in the browser when the program or a file of theirs has changed.

A page of ``tidegate dev`` ends with a small script. It listens, on a second port, to the process
that watches the files and outlives every restart: an event stream (Server-Sent Events) that names
the generation of the program, first at once and then whenever it changes. A page of another
generation reloads itself. So no change is missed, even one between the answer and the script.

The script is put into answers that are whole pages: a :class:`Response` of type text/html that
is not encoded, and has no policy (Content-Security-Policy) that would forbid scripts. Files and
streamed pages are left as they are; :func:`script` is what to put into those by hand.

The stream says nothing but a number, so every origin may read it.
"""

import asyncio
from collections.abc import Awaitable, Callable

from tidegate_web_server import (
    Application,
    AppRunner,
    Request,
    Response,
    StreamResponse,
    TCPSite,
    middleware,
)

_SCRIPT = (
    '<script>(()=>{{const s=new EventSource("http://"+location.hostname+":{port}/");'
    's.onmessage=e=>{{if(e.data!=="{generation}"){{s.close();location.reload()}}}};'
    'addEventListener("pagehide",()=>s.close())}})()</script>'
)
_HEARTBEAT = 15.0  # seconds between two signs of life, by which a vanished page is noticed

Handler = Callable[[Request], Awaitable[StreamResponse]]


def script(port: int, generation: int) -> str:
    """Return the script, an HTML element.

    :param port: where the event stream is.
    :param generation: of the program that makes the page.
    """
    return _SCRIPT.format(port=port, generation=generation)


class LiveState:
    """What the pages of a process are told: the port of the stream, and the generation."""

    def __init__(self, port: int, generation: int) -> None:
        """Start at *generation*."""
        self.port = port
        self.generation = generation

    def install(self, app: Application) -> None:
        """Let *app* put the script into its pages."""

        @middleware
        async def live_page(request: Request, handler: Handler) -> StreamResponse:
            response = await handler(request)
            if isinstance(response, Response) and not response.prepared:
                self._extend(response)
            return response

        app.middlewares.insert(0, live_page)

    def _extend(self, response: Response) -> None:
        body = response.body
        if (
            response.content_type != "text/html"
            or not isinstance(body, bytes)
            or "Content-Encoding" in response.headers
            or "Content-Security-Policy" in response.headers
        ):
            return
        try:
            added = script(self.port, self.generation).encode(response.charset or "utf-8")
        except LookupError:
            return
        end = body.lower().rfind(b"</body>")
        end = len(body) if end < 0 else end
        response.body = body[:end] + added + body[end:]


class LiveServer:
    """The event stream: tells pages the generation, on a port of its own."""

    def __init__(self, host: str, port: int) -> None:
        """Prepare the server.

        :param port: 0 lets the system choose.
        """
        self._generation = 0
        self._changed = asyncio.Condition()
        self._host = host
        self._port = port
        app = Application()
        app.router.add_get("/", self._stream)
        self._runner = AppRunner(
            app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1
        )

    async def start(self) -> int:
        """Listen; return the port.

        :raises OSError: when the port can't be listened on.
        """
        await self._runner.setup()
        site = TCPSite(self._runner, self._host, self._port)
        await site.start()
        return site.port

    async def stop(self) -> None:
        """End all streams."""
        await self._runner.cleanup()

    async def tell(self, generation: int) -> None:
        """Tell all pages that the program is of another generation now."""
        async with self._changed:
            self._generation = generation
            self._changed.notify_all()

    async def _stream(self, request: Request) -> StreamResponse:
        response = StreamResponse(
            headers={
                "Content-Type": "text/event-stream",
                "Cache-Control": "no-store",
                "Access-Control-Allow-Origin": "*",
            }
        )
        await response.prepare(request)
        told = None
        while True:
            if told != self._generation:
                told = self._generation
                await response.write(f"data: {told}\n\n".encode())
            else:
                await response.write(b":\n\n")
            async with self._changed:
                if told == self._generation:
                    try:
                        await asyncio.wait_for(self._changed.wait(), _HEARTBEAT)
                    except TimeoutError:
                        continue
