"""The command line ``python -m tidegate.web module:function``: serve what a function makes.

Its own options come first in spirit, anywhere in fact: whatever is no option of its own is
handed to the function, in a list, and what the function returns (an application, or an awaitable
of one: it may be a coroutine function) is served. It is meant for development: the root logger
shows everything, access log included.

Exit codes, the same for every way of serving from a command line:

====  ======================================================================
0     stopped in order, by a signal or by the application
1     ended otherwise: an error of the application (with its traceback), an
      address that can't be listened on, a second signal during the stop
2     the command line can't be carried out: no such option, module, function
====  ======================================================================
"""

import argparse
import importlib
import inspect
import logging
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from traceback import extract_tb
from typing import Any, cast

from tidegate_web_server import Application

from .listening import PORT, ListenError
from .run import run_app

PROG = "python -m tidegate.web"

MakeApp = Callable[[list[str]], Any]

EXAMPLES = """\
examples:
  python -m tidegate.web package.module:init_func
  python -m tidegate.web -H 0.0.0.0 -P 8000 package.module:init_func --config dev.toml
  python -m tidegate.web -U /run/app.sock package.module:init_func
"""


def main(argv: list[str]) -> None:
    """Serve the application that a function makes, and exit.

    :param argv: the command line without the program: ``sys.argv[1:]``.
    :raises SystemExit: always; its code is one of the module's table.
    """
    parser = _parser()
    options, unparsed = parser.parse_known_args(argv)
    make_app = _load(parser, options.entry_func)
    host = options.hostname
    if host is None and options.path is None:
        host = "localhost"
    logging.basicConfig(level=logging.DEBUG)
    try:
        # Without a host a port would open TCP beside the Unix socket that alone was asked for.
        run_app(
            _checked(parser, options.entry_func, make_app(unparsed)),
            host=host,
            port=options.port if host is not None else None,
            path=options.path,
        )
    except ListenError as error:
        parser.exit(1, f"{parser.prog}: error: {error}\n")
    parser.exit(0, "Stopped\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=PROG,
        description="Serve the application that a function makes, for development.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        # An abbreviation would take an option from the function: --pa is not --path.
        allow_abbrev=False,
    )
    parser.add_argument(
        "entry_func",
        metavar="module:function",
        help="the function that makes the web.Application; it gets a list of all arguments that "
        "are not options of this command, and may be a coroutine function",
    )
    parser.add_argument(
        "-H",
        "--hostname",
        "--host",
        metavar="HOSTNAME",
        help="TCP/IP host name to serve on (default: localhost, or none when there is a --path)",
    )
    parser.add_argument(
        "-P",
        "--port",
        type=_port,
        default=PORT,
        help="TCP/IP port to serve on; 0: the system chooses (default: %(default)s)",
    )
    parser.add_argument(
        "-U",
        "--path",
        help="path of a Unix domain socket to serve on; with --hostname, serve on both",
    )
    return parser


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"a port is a number from 0 to 65535, not {text!r}")
    return int(text)


def _load(parser: argparse.ArgumentParser, entry_func: str) -> MakeApp:
    """Import the function that *entry_func* names, or end the program with what is wrong."""
    module_name, _, name = entry_func.partition(":")
    if not module_name or not name:
        parser.error(f"expected module:function, such as app.main:init_func, not {entry_func!r}")
    if module_name.startswith("."):
        parser.error(f"relative module names such as {module_name!r} are not supported")
    if not {"", str(Path.cwd())} & set(sys.path):
        sys.path.insert(0, str(Path.cwd()))
    try:
        module = import_module(module_name)
    except ImportError as error:
        parser.error(f"unable to import {module_name}: {error}{_where(error)}")
    function = getattr(module, name, None)
    if function is None:
        parser.error(f"module {module_name!r} has no attribute {name!r}")
    if not callable(function):
        parser.error(f"{entry_func} is not a function but {function!r}")
    return cast("MakeApp", function)


def _where(error: ImportError) -> str:
    """Name the line of the application that could not import something, if it is one."""
    *_, last = [f for f in extract_tb(error.__traceback__) if not f.filename.startswith("<")]
    if last.filename in {__file__, importlib.__file__}:
        return ""
    return f" ({last.filename}, line {last.lineno})"


async def _checked(parser: argparse.ArgumentParser, entry_func: str, app: Any) -> Application:
    made = await app if inspect.isawaitable(app) else app
    if not isinstance(made, Application):
        parser.error(f"{entry_func} is to return a web.Application, and returned {made!r}")
    return made
