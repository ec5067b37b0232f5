"""Field lines, and the names of fields that were already seen.

`FieldNames` holds names that are checked and made into what the layer above wants. A name is
looked up as it was sent. The first time it is checked against the grammar and made by `make` (for
example `multidict.istr`, so that a multidict is built from ready keys); from then on it costs one
look-up. The table is shared by all parsers that are given it and is bounded in both directions: no
more than `limit` names, none longer than 64 bytes. What does not fit is made again each time, so a
peer that invents names costs time for its own requests and no memory.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, final

from .errors import BadField, excerpt
from .grammar import TOKEN

if TYPE_CHECKING:
    from mypy_extensions import i64

# The fields that decide about the message itself; any other name is ORDINARY.
ORDINARY: Final = 0
HOST: Final = 1
CONNECTION: Final = 2
CONTENT_LENGTH: Final = 3
TRANSFER_ENCODING: Final = 4
UPGRADE: Final = 5
EXPECT: Final = 6

_KINDS: Final = {
    "host": HOST,
    "connection": CONNECTION,
    "content-length": CONTENT_LENGTH,
    "transfer-encoding": TRANSFER_ENCODING,
    "upgrade": UPGRADE,
    "expect": EXPECT,
}

_LONGEST_KEPT: Final = 64


@final
class FieldName:
    """A checked name: `text` as `make` made it, `kind` one of the constants above.

    `prefix` is what a line with this name begins with: the name as sent and the colon.
    """

    __slots__ = ("kind", "prefix", "prefix_size", "text")

    def __init__(self, name: str, text: str, kind: int) -> None:
        """Keep the name as sent, as made, and its kind."""
        self.text = text
        self.kind = kind
        self.prefix = f"{name}:"
        self.prefix_size: i64 = len(name) + 1


@final
class FieldNames:
    """A bounded table of field names, to be shared by the parsers of one server."""

    __slots__ = ("_known", "_limit", "_make")

    def __init__(self, make: Callable[[str], str] = str, limit: int = 1024) -> None:
        """Make names with `make`, a callable from the name as sent to a str (or subclass).

        `limit` is how many names are kept at most.
        """
        self._make = make
        self._limit = limit
        self._known: dict[str, FieldName] = {}

    def __len__(self) -> int:
        """Return how many names are kept."""
        return len(self._known)

    def get(self, name: str) -> FieldName:
        """Return the checked name for `name`.

        Raises BadField when it is not a token (RFC 9110 section 5.1), which includes white space
        before the colon (RFC 9112 section 5.1) and a folded line (section 5.2).
        """
        known = self._known.get(name)
        if known is not None:
            return known
        return self._add(name)

    def _add(self, name: str) -> FieldName:
        if not TOKEN.fullmatch(name):
            if name[:1] in (" ", "\t"):
                raise folded(name)
            raise BadField(f"expected a field name (a token) before ':', got {excerpt(name)}")
        made = FieldName(name, self._make(name), _KINDS.get(name.lower(), ORDINARY))
        if len(self._known) < self._limit and len(name) <= _LONGEST_KEPT:
            self._known[name] = made
        return made


def parse_field_line(line: bytes, names: FieldNames) -> tuple[str, str]:
    """Return the name and the value of a field line (RFC 9112 section 5) without its CRLF.

    The line holds no controls but HTAB, see `lines`. Raises BadField.
    """
    name, colon, value = line.decode("utf-8", "surrogateescape").partition(":")
    if not colon:
        if name[:1] in (" ", "\t"):
            raise folded(name)
        raise BadField(f"expected a field line 'name: value', got {excerpt(line)}")
    return names.get(name).text, value.strip(" \t")


def folded(line: str) -> BadField:
    """Return the error for a line that begins with white space (RFC 9112 section 5.2)."""
    return BadField(f"expected a field name at the start of a line, got a fold {excerpt(line)}")
