"""An upload, read as it comes."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

import os
import tempfile

from tidegate import web

# In place of the documentation's /spool/yarrr-media/mp3/:
SPOOL = tempfile.mkdtemp()


async def store_mp3_handler(request):

    reader = await request.multipart()

    # /!\ Don't forget to validate your inputs /!\

    # reader.next() will `yield` the fields of your form

    field = await reader.next()
    assert field.name == 'name'
    name = await field.read(decode=True)

    field = await reader.next()
    assert field.name == 'mp3'
    filename = field.filename
    # You cannot rely on Content-Length if transfer is chunked.
    size = 0
    with open(os.path.join(SPOOL, filename), 'wb') as f:
        while True:
            chunk = await field.read_chunk()  # 8192 bytes by default.
            if not chunk:
                break
            size += len(chunk)
            f.write(chunk)

    return web.Response(text='{} sized of {} successfully stored'
                             ''.format(filename, size))

app = web.Application(client_max_size=10_000_000)
app.add_routes([web.post('/store/mp3', store_mp3_handler)])

web.run_app(app)
