"""A handler that is no coroutine."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web
from tidegate.web import Response


def handler(request): return Response("All right!")

app = web.Application()
app.router.add_route('GET', '/', handler)

web.run_app(app)
