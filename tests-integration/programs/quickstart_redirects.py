"""Redirects: to a path, and to a view by its name."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def redirecting_handler(request):
    raise web.HTTPFound('/redirect')

async def handler(request):
    location = request.app.router['login'].url_for()
    raise web.HTTPFound(location=location)

async def login_handler(request):
    return web.Response(text="log in here")

app = web.Application()
router = app.router
router.add_get('/to/path', redirecting_handler)
router.add_get('/handler', handler)
router.add_get('/login', login_handler, name='login')

web.run_app(app)
