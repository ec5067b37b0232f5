"""Read-only views over a router's table, which show what is registered later, too."""

from collections.abc import Container, Iterable, Iterator, Sequence, Sized

from .resources import AbstractResource
from .routes import AbstractRoute


class ResourcesView(Sized, Iterable[AbstractResource], Container[AbstractResource]):
    """All resources of a router, in the order of registration."""

    def __init__(self, resources: Sequence[AbstractResource]) -> None:
        self._resources = resources

    def __len__(self) -> int:
        return len(self._resources)

    def __iter__(self) -> Iterator[AbstractResource]:
        return iter(self._resources)

    def __contains__(self, resource: object) -> bool:
        return resource in self._resources


class RoutesView(Sized, Iterable[AbstractRoute], Container[AbstractRoute]):
    """All routes of a router, resource by resource."""

    def __init__(self, resources: Sequence[AbstractResource]) -> None:
        self._resources = resources

    def __len__(self) -> int:
        return sum(map(len, self._resources))

    def __iter__(self) -> Iterator[AbstractRoute]:
        for resource in self._resources:
            yield from resource

    def __contains__(self, route: object) -> bool:
        return any(route is known for known in self)
