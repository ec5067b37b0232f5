"""URLs made by the name of a resource."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web
from yarl import URL

routes = web.RouteTableDef()

@routes.get('/root', name='root')
async def handler(request):
    url = request.app.router['root'].url_for().with_query({"a": "b", "c": "d"})
    assert url == URL('/root?a=b&c=d')
    return web.Response(text=str(url))

@routes.get('/user')
async def user(request):
    url = request.app.router['user-info'].url_for(user='john_doe')
    url_with_qs = url.with_query("a=b")
    # The documentation compares the URL itself, which in yarl does not equal a str.
    assert str(url_with_qs) == '/john_doe/info?a=b'
    return web.Response(text=str(url_with_qs))

app = web.Application()
app.add_routes(routes)
app.router.add_resource(r'/{user}/info', name='user-info')

web.run_app(app)
