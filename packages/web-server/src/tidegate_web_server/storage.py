"""What requests and responses are mappings for: data of one request that its parts share.

The dict is made with the first item, since most requests and responses never get one. Keys are
strings or typed keys (:mod:`.keys`); subclasses say which kind of typed key is theirs.
"""

from collections.abc import Iterator, MutableMapping
from typing import Any, TypeVar

_K = TypeVar("_K")


class Storage(MutableMapping[_K, Any]):
    """A mutable mapping that is always true and equal to itself alone."""

    _items_stored: dict[_K, Any] | None = None

    def __getitem__(self, key: _K) -> Any:
        """Return what was stored under *key*."""
        if self._items_stored is None:
            raise KeyError(key)
        return self._items_stored[key]

    def __setitem__(self, key: _K, value: Any) -> None:
        """Store *value* under *key* for as long as this object lives."""
        if self._items_stored is None:
            self._items_stored = {}
        self._items_stored[key] = value

    def __delitem__(self, key: _K) -> None:
        """Remove what was stored under *key*."""
        if self._items_stored is None:
            raise KeyError(key)
        del self._items_stored[key]

    def __len__(self) -> int:
        """Return how many items are stored."""
        return 0 if self._items_stored is None else len(self._items_stored)

    def __iter__(self) -> Iterator[_K]:
        """Iterate over the keys of what is stored."""
        return iter(self._items_stored or ())

    def __bool__(self) -> bool:
        """Return True, with nothing stored too."""
        return True

    def __eq__(self, other: object) -> bool:
        """Compare by identity: two requests, or responses, are never the same one."""
        return self is other

    __hash__ = object.__hash__
