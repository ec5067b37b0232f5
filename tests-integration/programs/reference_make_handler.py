"""A server of an application, on a socket of one's own."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

import asyncio

from tidegate import web


async def handler(request):
    return web.Response(text="Hello, world")

async def main():
    app = web.Application()
    app.router.add_get('/', handler)
    make_connection = app.make_handler()
    server = await asyncio.get_running_loop().create_server(make_connection, '127.0.0.1', 0)
    await app.startup()
    print('http://%s:%s' % server.sockets[0].getsockname()[:2], flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        server.close()
        await app.shutdown()
        await make_connection.shutdown(1.0)
        await app.cleanup()
        print('requests:', make_connection.requests_count, flush=True)

try:
    asyncio.run(main())
except KeyboardInterrupt:
    pass
