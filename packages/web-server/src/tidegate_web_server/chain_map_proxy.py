"""Several mappings looked at as one, read-only: ``request.config_dict``.

A key is looked up in each mapping in turn and the first one that has it wins. The mappings are
not copied, so what is stored in one of them later is seen too.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Never, TypeVar, overload

from .keys import AppKey

_T = TypeVar("_T")
_D = TypeVar("_D")


class ChainMapProxy(Mapping["str | AppKey[Any]", Any]):
    """A read-only view of several mappings, the first one before the others."""

    __slots__ = ("_maps",)

    def __init__(self, maps: Iterable[Mapping[str | AppKey[Any], Any]]) -> None:
        """Chain *maps*; a key that several have is that of the first one."""
        self._maps = tuple(maps)

    def __init_subclass__(cls) -> Never:
        """Refuse subclasses: nothing here is meant to be overridden.

        :raises TypeError: always.
        """
        raise TypeError(f"Inheritance class {cls.__name__} from ChainMapProxy is forbidden")

    @overload
    def __getitem__(self, key: AppKey[_T]) -> _T: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def __getitem__(self, key: str | AppKey[Any]) -> Any:
        """Return what the first mapping that has *key* has under it.

        :raises KeyError: when none has it.
        """
        for mapping in self._maps:
            try:
                return mapping[key]
            except KeyError:
                pass
        raise KeyError(key)

    @overload  # type: ignore[override]  # more precise than a mapping can say
    def get(self, key: AppKey[_T], default: None = None) -> _T | None: ...
    @overload
    def get(self, key: AppKey[_T], default: _T | _D) -> _T | _D: ...
    @overload
    def get(self, key: str | AppKey[Any], default: Any = None) -> Any: ...
    def get(self, key: str | AppKey[Any], default: Any = None) -> Any:
        """Return what is under *key*, *default* when no mapping has it."""
        try:
            return self[key]
        except KeyError:
            return default

    def __contains__(self, key: object) -> bool:
        """Tell whether one of the mappings has *key*."""
        return any(key in mapping for mapping in self._maps)

    def __iter__(self) -> Iterator[str | AppKey[Any]]:
        """Iterate over the keys, each of them once."""
        # A dict and not a set, so that the order is always the same one.
        return iter({key: None for mapping in reversed(self._maps) for key in mapping})

    def __len__(self) -> int:
        """Return how many different keys there are."""
        return len({key for mapping in self._maps for key in mapping})

    def __bool__(self) -> bool:
        """Tell whether there is any key."""
        return any(len(mapping) for mapping in self._maps)

    def __repr__(self) -> str:
        """Show the mappings."""
        return f"ChainMapProxy({', '.join(map(repr, self._maps))})"
