"""An upload, read whole."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

from multidict import MultiDict

from tidegate import web


async def store_mp3_handler(request):

    # WARNING: don't do that if you plan to receive large files!
    data = await request.post()

    mp3 = data['mp3']

    # .filename contains the name of the file in string format.
    filename = mp3.filename

    # .file contains the actual file data that needs to be stored somewhere.
    mp3_file = data['mp3'].file

    content = mp3_file.read()

    # The documentation has the file itself as the field's value, which no field can hold.
    return web.Response(body=content,
                        headers=MultiDict(
                            {'CONTENT-DISPOSITION': filename}))

app = web.Application()
app.add_routes([web.post('/store/mp3', store_mp3_handler)])

web.run_app(app)
