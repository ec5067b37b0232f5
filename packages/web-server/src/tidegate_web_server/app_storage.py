"""What applications are mappings for: what their handlers share, under typed keys.

Writing belongs to the time before an application starts; what changes later is seen by requests in
service and is nobody's to clean up, so it is deprecated. Keep what changes in an object, and that
object under a key.
"""

import warnings
from abc import abstractmethod
from collections.abc import Iterator, MutableMapping
from typing import Any, TypeVar, overload

from .errors import NotAppKeyWarning
from .keys import AppKey

_T = TypeVar("_T")
_D = TypeVar("_D")


class AppStorage(MutableMapping["str | AppKey[Any]", Any]):
    """A mutable mapping that is always true and equal to itself alone."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._storage: dict[str | AppKey[Any], Any] = {}

    @property
    @abstractmethod
    def frozen(self) -> bool:
        """Whether writing is deprecated."""

    @overload
    def __getitem__(self, key: AppKey[_T]) -> _T: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: str | AppKey[Any]) -> Any:
        """Return what was stored under *key*."""
        return self._storage[key]

    @overload  # type: ignore[override]  # more precise than a mapping can say
    def get(self, key: AppKey[_T], default: None = None) -> _T | None: ...
    @overload
    def get(self, key: AppKey[_T], default: _T | _D) -> _T | _D: ...
    @overload
    def get(self, key: str | AppKey[Any], default: Any = None) -> Any: ...
    def get(self, key: str | AppKey[Any], default: Any = None) -> Any:
        """Return what was stored under *key*, *default* when nothing was."""
        return self._storage.get(key, default)

    @overload
    def __setitem__(self, key: AppKey[_T], value: _T) -> None: ...
    @overload
    def __setitem__(self, key: str, value: Any) -> None: ...
    def __setitem__(self, key: str | AppKey[Any], value: Any) -> None:
        """Store *value* under *key*; deprecated once the application has started."""
        self._warn_when_frozen()
        if not isinstance(key, AppKey):
            warnings.warn(
                "It is recommended to use web.AppKey instances for keys: they are typed and "
                "never collide",
                NotAppKeyWarning,
                stacklevel=2,
            )
        self._storage[key] = value

    def __delitem__(self, key: str | AppKey[Any]) -> None:
        """Remove what was stored under *key*; deprecated once the application has started."""
        self._warn_when_frozen()
        del self._storage[key]

    def __len__(self) -> int:
        """Return how many items are stored."""
        return len(self._storage)

    def __iter__(self) -> Iterator[str | AppKey[Any]]:
        """Iterate over the keys of what is stored."""
        return iter(self._storage)

    def __bool__(self) -> bool:
        """Return True: an application is true even with nothing stored."""
        return True

    def __eq__(self, other: object) -> bool:
        """Compare by identity."""
        return self is other

    __hash__ = object.__hash__

    def _warn_when_frozen(self) -> None:
        if self.frozen:
            warnings.warn(
                "Changing state of started or joined application is deprecated",
                DeprecationWarning,
                stacklevel=3,
            )
