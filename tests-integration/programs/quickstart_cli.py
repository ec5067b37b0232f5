"""Command line interface: for python -m tidegate.web quickstart_cli:init_func."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web

# Beyond the documentation's text, to see what came:
received = web.AppKey("received", list)

async def index_handler(request):
    return web.Response(text=" ".join(request.app[received]))

def init_func(argv):
    app = web.Application()
    app.router.add_get("/", index_handler)
    app[received] = argv
    return app
