"""An application inside another."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def handler(request):
    return web.Response(text=f"{request.path} {request.app['name']} {request.config_dict['shared']}")

admin = web.Application()
admin['name'] = 'admin'
admin.router.add_get('/resource', handler, name='resource')

app = web.Application()
app['name'] = 'app'
app['shared'] = 'shared'
app.router.add_get('/resource', handler)
subapp = app.add_subapp('/admin/', admin)
print(admin.router['resource'].url_for())

web.run_app(app)
