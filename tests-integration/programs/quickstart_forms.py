"""Forms: urlencoded and multipart."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def do_login(request):
    data = await request.post()
    login = data['login']
    password = data['password']
    # Beyond the documentation's text, to see what came:
    return web.Response(text=f"{login} {password}")

app = web.Application()
app.add_routes([web.post('/login', do_login)])

web.run_app(app)
