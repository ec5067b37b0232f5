"""Run a program that calls ``web.run_app(app)`` on a free port of this machine.

    python run_on_free_port.py quickstart_simple.py

Left to itself it listens on port 8080 of every interface. Nothing else of it is changed.
"""

import functools
import runpy
import sys

from tidegate import web

vars(web)["run_app"] = functools.partial(web.run_app, host="127.0.0.1", port=0)
runpy.run_path(sys.argv[1], run_name="__main__")
