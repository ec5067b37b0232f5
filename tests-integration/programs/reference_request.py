"""What a request tells, and its body in the ways that there are."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web

buffer = b'0123456789'


async def peer(request):
    peername = request.transport.get_extra_info('peername')
    if peername is not None:
        host, port = peername
    return web.Response(text=host)

async def attribute_range(request):
    rng = request.http_range
    return web.Response(body=buffer[rng.start:rng.start + rng.stop - rng.start])

async def slice_range(request):
    return web.Response(body=buffer[request.http_range])

async def json(request):
    return web.json_response(await request.json())

async def multipart(request):
    reader = await request.multipart()
    names = []
    while (part := await reader.next()) is not None:
        names.append(part.name)
    return web.Response(text=' '.join(names))

app = web.Application()
app.add_routes([web.get('/peer', peer),
                web.get('/attribute', attribute_range),
                web.get('/slice', slice_range),
                web.post('/json', json),
                web.post('/multipart', multipart)])

web.run_app(app)
