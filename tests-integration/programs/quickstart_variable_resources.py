"""Variable resources, with the default pattern and with one of its own."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web

routes = web.RouteTableDef()

async def a_b_c(request):
    return web.Response(text=request.match_info['name'])

async def handler(request):
    return web.Response(text="a number: " + request.match_info['name'])

app = web.Application()
app.add_routes([web.get('/a/{name}/c', a_b_c),
                web.get(r'/{name:\d+}', handler)])

@routes.get('/{name}')
async def variable_handler(request):
    return web.Response(
        text="Hello, {}".format(request.match_info['name']))

app.add_routes(routes)

web.run_app(app)
