"""Class based views, in a list and as a decorator."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def get_resp(request):
    return web.Response(text=f"got {request.path}")

async def post_resp(request):
    return web.Response(text=f"posted {await request.text()}")

class MyView(web.View):
    async def get(self):
        return await get_resp(self.request)

    async def post(self):
        return await post_resp(self.request)

app = web.Application()
app.add_routes([web.view('/path/to', MyView)])

routes = web.RouteTableDef()

@routes.view('/decorated')
class MyOtherView(web.View):
    async def get(self):
        return await get_resp(self.request)

    async def post(self):
        return await post_resp(self.request)

app.add_routes(routes)

web.run_app(app)
