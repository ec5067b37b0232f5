"""Typed keys for the dict storage of applications, requests and responses.

``app[AppKey("db", Database)]`` is typed as ``Database`` by a type checker, and two keys never
collide, because a key is equal only to itself (its name serves ``repr`` alone).
"""

import inspect
from typing import Generic, TypeVar

_T = TypeVar("_T")


class _StorageKey(Generic[_T]):
    """What the three kinds of key share: a readable name and the type of the value."""

    __slots__ = ("_name", "_type")

    def __init__(self, name: str, t: type[_T] | None = None) -> None:
        """Make a key.

        :param name: shown by ``repr``, with the module that made the key in front.
        :param t: the type of the value, for readers and type checkers; never checked at run time.
        """
        frame = inspect.currentframe()
        # AppKey[int]("name") is called by typing on behalf of the module that says so.
        while frame is not None and frame.f_globals.get("__name__") in (__name__, "typing"):
            frame = frame.f_back
        module = "<unknown>" if frame is None else frame.f_globals.get("__name__", "<unknown>")
        self._name = f"{module}.{name}"
        self._type = t

    def __lt__(self, other: object) -> bool:
        """Order by name, so that keys of one kind can be sorted for display."""
        if isinstance(other, _StorageKey):
            return self._name < other._name
        return NotImplemented

    def __repr__(self) -> str:
        """Show the kind of key, its name and the type of its value."""
        of = "unknown" if self._type is None else self._type.__qualname__
        return f"<{type(self).__name__}({self._name}, type={of})>"


class AppKey(_StorageKey[_T]):
    """A key of :class:`Application` storage."""

    __slots__ = ()


class RequestKey(_StorageKey[_T]):
    """A key of :class:`BaseRequest` storage."""

    __slots__ = ()


class ResponseKey(_StorageKey[_T]):
    """A key of :class:`StreamResponse` storage."""

    __slots__ = ()
