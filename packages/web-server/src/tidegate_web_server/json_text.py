"""JSON that a client sent: whatever is wrong with it is the client's fault."""

import gc
import json
from collections.abc import Callable
from typing import Any, Final

from .exceptions import InvalidJSON

# Characters of a text that is long enough to keep the collector busy.
_LONG: Final = 2**16


def parse_json(text: str, loads: Callable[[str], Any] = json.loads) -> Any:
    """Return what *text* is as JSON.

    :param loads: decodes the text.
    :raises InvalidJSON: when it is none, or *loads* refuses it with a ``ValueError``.
    """
    try:
        return loads(text) if len(text) < _LONG else _without_collector(loads, text)
    except json.JSONDecodeError as exc:
        raise InvalidJSON(exc.msg, exc.doc, exc.pos) from exc
    except (ValueError, RecursionError) as exc:
        # A number with more digits than Python takes, lists nested deeper than its stack.
        raise InvalidJSON(str(exc), text, 0) from exc


def _without_collector(loads: Callable[[str], Any], text: str) -> Any:
    """Call *loads* while no garbage is collected.

    A text such as ``[[],[],...`` makes objects by the hundred thousand, none of which is garbage.
    To look through all of them for it, again and again, takes longer than to make them, and all of
    it is one pause of the event loop.
    """
    if not gc.isenabled():
        return loads(text)
    gc.disable()
    try:
        return loads(text)
    finally:
        gc.enable()
