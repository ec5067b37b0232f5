"""Static files."""

# The documentation's own text, hence untyped and in its own style:
# fmt: off
# ruff: noqa
# mypy: disable-error-code="arg-type"
# mypy: allow-untyped-defs, allow-untyped-calls, allow-incomplete-defs

import pathlib

from tidegate import web

app = web.Application()
folder = pathlib.Path(__file__).parent
resource = app.router.add_static('/prefix/', folder, name='static', chunk_size=256*1024,
                                 show_index=True, follow_symlinks=False, append_version=True)
print(resource.url_for(filename='quickstart_simple.py', append_version=False))
print(resource.url_for(filename='quickstart_simple.py'))

web.run_app(app)
