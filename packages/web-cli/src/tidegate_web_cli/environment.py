r"""Environment variables from a file: ``NAME=value``, a line each.

Empty lines and those that start with ``#`` don't count, ``export`` before a name doesn't either.
A value ends with the line, without the blanks around it and without a comment (a ``#`` after a
blank). In single quotes it is as it stands, in double quotes ``\n``, ``\t``, ``\"`` and ``\\``
mean what they mean in Python; a quoted value may go over several lines. Nothing is substituted,
nothing is executed. A variable that is set already keeps its value: the file holds defaults.
"""

import os
import re
from collections.abc import Iterator, MutableMapping

from .errors import CommandError

_NAME = re.compile(r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.]*)[ \t]*=[ \t]*")
_BLANK = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_SINGLE = re.compile(r"'([^']*)'")
_DOUBLE = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_PLAIN = re.compile(r"[^\n]*")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_MEANINGS = {"n": "\n", "t": "\t", "r": "\r", "\n": ""}


class EnvFileError(CommandError):
    """The file can't be read, or a line of it is no ``NAME=value``."""


def load_env_file(path: str, environ: MutableMapping[str, str] = os.environ) -> None:
    """Set the variables of the file at *path* that are not set.

    :raises EnvFileError: the file can't be read, or understood.
    """
    try:
        with open(path, encoding="utf-8-sig") as file:
            text = file.read()
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise EnvFileError(f"--env-file: cannot read {path}: {reason}") from error
    except UnicodeDecodeError as error:
        raise EnvFileError(f"--env-file: {path} is no text in UTF-8: {error}") from error
    for name, value in _variables(path, text):
        environ.setdefault(name, value)


def _variables(path: str, text: str) -> Iterator[tuple[str, str]]:
    at = 0
    while at < len(text):
        blank = _BLANK.match(text, at)
        if blank is not None:
            at = blank.end()
            continue
        name = _NAME.match(text, at)
        if name is None:
            raise _wrong(path, text, at, "expected NAME=value")
        value, at = _value(path, text, name.end())
        yield name[1], value


def _value(path: str, text: str, at: int) -> tuple[str, int]:
    """Read a value; return it and where the next line starts."""
    quote = text[at : at + 1]
    if quote not in ("'", '"') or not quote:
        line = _PLAIN.match(text, at)
        raw = "" if line is None else line[0]
        return re.split(r"(?:^|[ \t])#", raw, maxsplit=1)[0].strip(), at + len(raw) + 1
    quoted = (_SINGLE if quote == "'" else _DOUBLE).match(text, at)
    if quoted is None:
        raise _wrong(path, text, at, f"no second {quote} ends the value")
    rest = _BLANK.match(text, quoted.end())
    if rest is None:
        raise _wrong(path, text, quoted.end(), "only a comment may follow a quoted value")
    value = quoted[1]
    if quote == '"':
        value = _ESCAPE.sub(lambda found: _MEANINGS.get(found[1], found[1]), value)
    return value, rest.end()


def _wrong(path: str, text: str, at: int, problem: str) -> EnvFileError:
    line = text.count("\n", 0, at) + 1
    return EnvFileError(f"--env-file: {path}, line {line}: {problem}")
