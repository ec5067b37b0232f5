"""HEAD goes with GET, unless it is denied."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def handler(request):
    return web.Response(text="some text", headers={"X-Called": request.method})

app = web.Application()
app.add_routes([web.get('/with', handler),
                web.get('/', handler, allow_head=False)])

web.run_app(app)
