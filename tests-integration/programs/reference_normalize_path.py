"""Paths are normalised by a middleware."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def handler(request):
    return web.Response(text=request.path_qs)

app = web.Application(middlewares=[web.normalize_path_middleware()])
app.router.add_get('/path/to/', handler)

web.run_app(app)
