"""The router, call by call."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def handler(request):
    return web.Response(text=str(request.match_info.route.name))

class MyView(web.View):
    async def get(self):
        return web.Response(text='got')
    async def post(self):
        return web.Response(text='posted')

app = web.Application()
app.router.add_resource('/a/b/c', name='abc').add_route('GET', handler)
app.router.add_resource('/a/{var}').add_route('*', handler)
app.router.add_get('/get', handler, name='route')
app.router.add_route('*', '/view', MyView)
app.router.add_routes([web.post('/post', handler), web.delete('/delete', handler)])

print(len(app.router.resources()))
for resource in app.router.resources():
    print(resource)
route = next(iter(app.router.resources()))
print(route in app.router.resources())
print('abc' in app.router.named_resources(), app.router.named_resources()['abc'])
print(app.router['abc'].url_for().with_query({'a': 1, 'b': 2}))
print(app.router['route'].url_for(), len(app.router.routes()))

web.run_app(app)
