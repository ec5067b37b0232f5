"""Content-Disposition with the functions and warnings that aiohttp's users know.

The parsing is http-core's. A reader of parts is silent about what it can't understand, because a
client's fault belongs in no warning of the program; whoever calls
:func:`parse_content_disposition` is warned.
"""

import warnings
from collections.abc import Mapping

from tidegate_http_core import parse_content_disposition as parse


class BadContentDispositionHeader(RuntimeWarning):
    """A Content-Disposition is invalid as a whole and was taken for none."""


class BadContentDispositionParam(RuntimeWarning):
    """A parameter of a Content-Disposition could not be understood and was left out."""


def parse_content_disposition(header: str | None) -> tuple[str | None, dict[str, str]]:
    """Return the type and the parameters of a Content-Disposition; (None, {}) without a valid one.

    Continuations and ``filename*`` are settled: the parameters are by their plain names. Warns of
    what it leaves out.

    :param header: the value of the field, None when there is none.
    """
    if not header:
        return None, {}
    parsed = parse(header)
    if parsed is None:
        warnings.warn(header, BadContentDispositionHeader, stacklevel=2)
        return None, {}
    for defect in parsed.defects:
        warnings.warn(defect, BadContentDispositionParam, stacklevel=2)
    return parsed.type, dict(parsed.parameters)


def content_disposition_filename(params: Mapping[str, str], name: str = "filename") -> str | None:
    """Return the parameter *name* of what :func:`parse_content_disposition` returned, or None."""
    return params.get(name)
