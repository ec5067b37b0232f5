"""The alternative ways to register routes: a table, decorators, views with decorators."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web

app = web.Application()

async def handle_get(request):
    return web.Response(text="got")

async def handle_post(request):
    return web.Response(text="posted")

app.router.add_routes([web.get('/get', handle_get),
                       web.post('/post', handle_post)])

routes = web.RouteTableDef()

@routes.get('/decorated/get')
async def decorated_get(request):
    return web.Response(text="got")

@routes.post('/decorated/post')
async def decorated_post(request):
    return web.Response(text="posted")

app.router.add_routes(routes)

routes = web.RouteTableDef()

@routes.view("/view")
class MyView(web.View):
    async def get(self):
        return web.Response(text="got")

    async def post(self):
        return web.Response(text="posted")

app.router.add_routes(routes)

web.run_app(app)
