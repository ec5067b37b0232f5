"""Handlers for several methods, in a list."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def handler(request):
    return web.Response()

async def post_handler(request):
    return web.Response(text="posted " + await request.text())

async def put_handler(request):
    return web.Response(text="put " + await request.text())

app = web.Application()
app.add_routes([web.get('/', handler),
                web.post('/post', post_handler),
                web.put('/put', put_handler)])

web.run_app(app)
