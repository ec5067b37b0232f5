"""Exceptions are answers."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

import tidegate.web

from tidegate import web


async def handler(request):
    raise tidegate.web.HTTPFound('/redirect')

async def not_found(request):
    raise web.HTTPNotFound(headers={'X-Reason': 'none'}, reason='Nowhere', text='nothing here')

async def method_not_allowed(request):
    raise web.HTTPMethodNotAllowed(request.method, ['PUT', 'DELETE'])

async def legal_reasons(request):
    raise web.HTTPUnavailableForLegalReasons('https://example.com/', text='blocked')

app = web.Application()
app.add_routes([web.get('/', handler),
                web.get('/not-found', not_found),
                web.get('/not-allowed', method_not_allowed),
                web.get('/legal', legal_reasons)])

web.run_app(app)
