"""A WebSocket that asks first."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: disable-error-code="arg-type"
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from tidegate import web


def cannot_start_websocket():
    raise web.HTTPBadRequest(text="this is for WebSockets")

async def handler(request):
    ws = web.WebSocketResponse(protocols=('chat',))
    if not await ws.can_prepare(request): cannot_start_websocket()
    await ws.prepare(request)
    await ws.send_str(ws.ws_protocol)
    await ws.close()
    return ws

app = web.Application()
app.router.add_route('GET', '/', handler)

web.run_app(app)
