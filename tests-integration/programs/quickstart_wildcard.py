"""A wildcard for the HTTP method, in a list and as a decorator."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def all_handler(request):
    return web.Response(text=request.method)

app = web.Application()
app.add_routes([web.route('*', '/path', all_handler)])

routes = web.RouteTableDef()

@routes.route('*', '/decorated')
async def decorated_handler(request):
    return web.Response(text=request.method)

app.add_routes(routes)

web.run_app(app)
