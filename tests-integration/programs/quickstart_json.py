"""A JSON response."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def handler(request):
    data = {'some': 'data'}
    return web.json_response(data)

async def changed_handler(request):
    response = web.json_response({'some': 'data'})
    response.headers['X-Changed'] = 'before it is returned'
    return response

app = web.Application()
app.add_routes([web.get('/', handler), web.get('/changed', changed_handler)])

web.run_app(app)
