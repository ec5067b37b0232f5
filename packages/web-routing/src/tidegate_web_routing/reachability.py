"""Which routes can never be reached, because an earlier resource takes all their requests.

A route is lost if a resource that comes before its own has every path of it, and has its method
or every method. That is decided exactly for fixed paths. For paths with variable parts it is
decided by the shape of both patterns, and only where there is no doubt: what is reported is
surely lost, what is not reported may be. An application that is nested under a prefix takes
everything under it, because its own 404 is final.

The same tree that finds candidates for a request finds the earlier resources to compare with, so
a table is checked in about the time that as many requests take.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from .pattern import PathShape, SegmentShape
from .resources import (
    AbstractResource,
    DynamicResource,
    PlainResource,
    PrefixResource,
    Resource,
)
from .routes import ANY_METHOD, AbstractRoute
from .subapps import PrefixedSubAppResource

# Stands for a segment with parts in the path that the tree is asked for. No fixed segment is
# equal to it, since a quoted path has no such character.
_ANY_SEGMENT = "\0"


class UnreachableRoute(NamedTuple):
    """A route that no request can reach, and the resource that takes its requests."""

    route: AbstractRoute
    resource: AbstractResource

    def __str__(self) -> str:
        return f"{self.route!r} can't be reached: {self.resource!r} comes first"


def unreachable_routes(
    candidates: Callable[[str], list[int]], by_rank: Mapping[int, AbstractResource]
) -> Iterator[UnreachableRoute]:
    """Find the routes that can't be reached, in the order of lookup.

    :param candidates: the ranks of the resources that can have a path, ascending.
    :param by_rank: the resources by their place in the order of lookup.
    """
    for rank, resource in sorted(by_rank.items()):
        witness = _witness(resource)
        if witness is None:
            continue
        lost: dict[str, AbstractResource] = {}
        found = candidates(witness)
        for earlier in found[: found.index(rank)]:
            other = by_rank[earlier]
            if type(other) is PrefixedSubAppResource:
                # Whatever the witness shows to be under its prefix is the application's.
                lost.setdefault(ANY_METHOD, other)
            elif isinstance(other, Resource) and _covers(other, resource):
                for covered in other:
                    lost.setdefault(covered.method, other)
        for route in resource:
            taker = lost.get(route.method, lost.get(ANY_METHOD))
            if taker is not None:
                yield UnreachableRoute(route, taker)


def _witness(resource: AbstractResource) -> str | None:
    """Give a path that leads the tree to every resource which might cover *resource*."""
    if not isinstance(resource, PlainResource | DynamicResource | PrefixResource):
        return None
    pieces, exact = resource.placement()
    path = "/".join(_ANY_SEGMENT if piece is None else piece for piece in pieces)
    return path if exact else f"{path}/{_ANY_SEGMENT}"


def _covers(resource: Resource, other: AbstractResource) -> bool:
    """Tell whether *resource* surely has every path that *other* has."""
    if isinstance(other, PlainResource):
        # Methods are compared elsewhere; a resource that has the path has one of the two.
        match_info, methods = resource.match(ANY_METHOD, other.canonical or "/")
        return match_info is not None or bool(methods)
    if isinstance(resource, DynamicResource) and isinstance(other, DynamicResource):
        return _path_covers(resource.pattern.shape(), other.pattern.shape())
    return False


def _path_covers(path: PathShape, other: PathShape) -> bool:
    count = len(path.segments)
    if len(other.segments) < count or not all(map(_segment_covers, path.segments, other.segments)):
        return False
    following = other.segments[count:]
    if path.rest is None:
        return not following and other.rest is None
    if path.rest == "(.*)":
        return bool(following) or other.rest is not None
    if path.rest == "(.+)" and following:
        # A slash, or a segment that can't be empty.
        return len(following) > 1 or other.rest is not None or following[0].never_empty
    return not following and path.rest == other.rest


def _segment_covers(segment: SegmentShape, other: SegmentShape) -> bool:
    if segment.regex == other.regex:
        return True
    return segment.is_default_part and other.never_empty
