"""All resources of a router, and those that have a name."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def handler(request):
    return web.Response()

app = web.Application()
app.add_routes([web.get('/plain', handler),
                web.get('/named', handler, name='first'),
                web.get('/{variable}/named', handler, name='second')])

for resource in app.router.resources():
    print(resource)

print("names:")

for name, resource in app.router.named_resources().items():
    print(name, resource)

web.run_app(app)
