"""Handlers for several methods, with route decorators."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web

app = web.Application()

routes = web.RouteTableDef()

@routes.get('/')
async def get_handler(request):
    return web.Response(text="got")

@routes.post('/post')
async def post_handler(request):
    return web.Response(text="posted " + await request.text())

@routes.put('/put')
async def put_handler(request):
    return web.Response(text="put " + await request.text())

app.add_routes(routes)

web.run_app(app)
