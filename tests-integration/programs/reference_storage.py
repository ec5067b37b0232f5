"""An application is a dict, a request too."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


class Engine:
    def __enter__(self):
        return self
    def __exit__(self, *exc):
        return None
    def execute(self, text):
        return text

async def create_engine():
    return Engine()

async def engine_of(app):
    app['database'] = create_engine

async def handler(request):
    with (await request.app['database']()) as conn:
        return web.Response(text=conn.execute("DELETE * FROM table"))

app = web.Application()
app.on_startup.append(engine_of)
app.router.add_get('/', handler)

web.run_app(app)
