"""Errors of an application, shown from its first line on.

Between the command and the application's code stand frames of the command itself, of the import
system and of ``runpy``: they tell the reader of the traceback nothing, and are left out as long as
they come first. What comes after the application's first frame is shown whole.
"""

import os
import traceback
from pathlib import Path
from types import TracebackType
from typing import IO

_OWN = f"{Path(__file__).parent}{os.sep}"
_MACHINERY = f"importlib{os.sep}__init__.py"


def formatted(error: BaseException) -> str:
    """Return the traceback of *error* as text, without the frames that lead to the application."""
    return "".join(traceback.format_exception(error.with_traceback(_of_the_application(error))))


def show_error(error: BaseException, stream: IO[str]) -> None:
    """Write the traceback of *error* to *stream*."""
    stream.write(formatted(error))
    stream.flush()


def place(error: BaseException) -> str:
    """Tell in a few words where *error* comes from: the file and line of its last frame."""
    frames = traceback.extract_tb(_of_the_application(error))
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}, line {error.lineno}"
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else "an unknown place"


def _of_the_application(error: BaseException) -> TracebackType | None:
    whole = at = error.__traceback__
    while at is not None:
        file = at.tb_frame.f_code.co_filename
        if not file.startswith((_OWN, "<frozen ")) and not file.endswith(_MACHINERY):
            return at
        at = at.tb_next
    # A SyntaxError of the application's file has no frame in it, and needs none.
    return None if isinstance(error, SyntaxError) else whole
