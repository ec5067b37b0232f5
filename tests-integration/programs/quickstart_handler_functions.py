"""A handler that is added to the router itself."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web

app = web.Application()

async def hello(request):
    return web.Response(text="Hello, world")

app.router.add_get('/', hello)

web.run_app(app)
