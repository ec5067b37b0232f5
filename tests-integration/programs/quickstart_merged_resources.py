"""Subsequent routes of one path share a resource; others have a resource of their own."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def get_1(request):
    return web.Response(text="get_1")

async def post_1(request):
    return web.Response(text="post_1")

async def get_2(request):
    return web.Response(text="get_2")

async def post_2(request):
    return web.Response(text="post_2")

app = optimized = web.Application()
app.add_routes([web.get('/path1', get_1),
                web.post('/path1', post_1),
                web.get('/path2', get_2),
                web.post('/path2', post_2)])

app = web.Application()
app.add_routes([web.get('/path1', get_1),
                web.get('/path2', get_2),
                web.post('/path2', post_2),
                web.post('/path1', post_1)])

print("resources:", len(optimized.router.resources()), len(app.router.resources()))

web.run_app(app)
