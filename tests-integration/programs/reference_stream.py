"""A streaming response is a state machine."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


async def handler(request):
    resp = web.StreamResponse(status=200, reason='Fine', headers={'X-A': 'b'})
    resp.content_type = 'text/plain'
    resp.charset = 'utf-8'
    resp.set_cookie('name', 'value', max_age=10)
    resp.del_cookie('other')
    resp.last_modified = 1500000000
    resp.enable_chunked_encoding()
    await resp.prepare(request)
    try:
        resp.set_status(404)
    except RuntimeError:
        pass
    data = b'some data'
    await resp.write(data)
    await resp.write_eof()
    return resp

async def compressed(request):
    resp = web.Response(text='compressed ' * 1000)
    resp.enable_compression()
    return resp

async def forced(request):
    resp = web.Response(text='compressed ' * 1000)
    resp.enable_compression(web.ContentCoding.gzip)
    return resp

app = web.Application()
app.router.add_get('/', handler)
app.router.add_get('/compressed', compressed)
app.router.add_get('/forced', forced)

web.run_app(app)
