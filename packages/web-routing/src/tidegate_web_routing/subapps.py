"""Nested applications: resources that hand their requests to the router of another application.

Of an application nothing is needed but its router, see :class:`~.abc.SubApplication`. Whatever
comes under the prefix, or to the domain, is the nested application's: what its router says is
final, a 404 or 405 as well, and no later resource is asked. The nested application is put on the
match info's stack; who owns the outer router puts the outer application around it.

The resources of the nested router get the prefix: they are matched with the whole path, and their
``url_for()`` gives whole URLs. Nesting goes to any depth, since a nested application's resources
may be nested applications.
"""

from collections.abc import Iterator
from typing import Any, Final, Never, cast

from .abc import AbstractMatchInfo, RoutableRequest, SubApplication
from .domains import AbstractRuleMatching, Domain
from .match_info import UrlMappingMatchInfo
from .resources import NOT_MINE, PrefixResource, Resolved
from .routes import AbstractRoute

_NO_METHODS: Final[frozenset[str]] = frozenset()


class PrefixedSubAppResource(PrefixResource):
    """An application for everything under a prefix.

    :param prefix: ``"/admin"``; ``"/"`` or ``""`` for every path.
    :param app: the nested application. Its router must be able to take a prefix.
    :param name: a name; ``router["name:other"]`` then is ``app.router["other"]``.
    :raises ValueError: *prefix* has parts or does not start with a slash.
    :raises TypeError: *prefix* is not a str, or the router of *app* can't take a prefix.
    """

    def __init__(self, prefix: str, app: SubApplication, *, name: str | None = None) -> None:
        if not isinstance(prefix, str):
            raise TypeError(
                f"a prefix must be a str, got {prefix!r} of type {type(prefix).__name__}"
            )
        super().__init__(prefix.removesuffix("/"), name=name)
        self._app = app
        if self._prefix:
            app.router.add_prefix(self._prefix)

    def __repr__(self) -> str:
        return f"<PrefixedSubAppResource {self.canonical or '/'} -> {self._app!r}>"

    @property
    def app(self) -> SubApplication:
        """The nested application."""
        return self._app

    def add_prefix(self, prefix: str) -> None:
        """Put *prefix* before the one that is there, and before all paths of the application."""
        super().add_prefix(prefix)
        self._app.router.add_prefix(prefix)

    def freeze(self) -> None:
        """Freeze the router of the nested application, too."""
        self._app.router.freeze()

    def get_info(self) -> dict[str, Any]:
        """The application and its prefix: ``{"app": …, "prefix": …}``."""
        return {"app": self._app, "prefix": self._prefix}

    def url_for(self, *args: str, **kwargs: str) -> Never:
        """Never possible.

        :raises RuntimeError: always; ask a resource of the nested application.
        """
        raise RuntimeError(
            f"url_for() is not supported by {self!r}: ask a resource of the application, "
            "app.router['name'].url_for()"
        )

    def match(self, method: str, path: str, host: str | None = None) -> Resolved:
        """Ask the router of the nested application.

        :raises TypeError: that router needs the whole request.
        """
        return self._adopted(self._app.router.match(method, path, host))

    async def resolve(self, request: RoutableRequest) -> Resolved:
        """Ask the router of the nested application."""
        return self._adopted(await self._app.router.resolve(request))

    def _adopted(self, match_info: AbstractMatchInfo) -> Resolved:
        match_info.add_app(self._app)
        # Any router's match info is passed on; it is a mapping where that router makes it one.
        return cast("UrlMappingMatchInfo", match_info), _NO_METHODS

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __iter__(self) -> Iterator[AbstractRoute]:
        # What every UrlDispatcher has, and a router of another kind may have.
        routes = getattr(self._app.router, "routes", None)
        return iter(routes()) if callable(routes) else iter(())


class MatchedSubAppResource(PrefixedSubAppResource):
    """An application for the requests that a rule chooses.

    :param rule: a :class:`Domain`, a :class:`MaskDomain`, or a rule of your own.
    :param app: the nested application.
    :param name: as for :class:`PrefixedSubAppResource`.
    """

    def __init__(
        self, rule: AbstractRuleMatching, app: SubApplication, *, name: str | None = None
    ) -> None:
        super().__init__("", app, name=name)
        self._rule = rule

    def __repr__(self) -> str:
        return f"<MatchedSubAppResource {self.canonical} -> {self._app!r}>"

    @property
    def canonical(self) -> str:
        """The rule as text."""
        return self._rule.canonical

    @property
    def rule(self) -> AbstractRuleMatching:
        """What chooses the requests."""
        return self._rule

    def get_info(self) -> dict[str, Any]:
        """The application and its rule: ``{"app": …, "rule": …}``."""
        return {"app": self._app, "rule": self._rule}

    def match(self, method: str, path: str, host: str | None = None) -> Resolved:
        """Ask the router of the nested application, if *host* is its domain.

        :raises TypeError: the rule or that router needs the whole request.
        """
        if not isinstance(self._rule, Domain):
            raise TypeError(
                f"the rule of {self!r} needs a request: use 'await router.resolve(request)'"
            )
        if host is None or not self._rule.match_domain(host):
            return NOT_MINE
        return super().match(method, path, host)

    async def resolve(self, request: RoutableRequest) -> Resolved:
        """Ask the router of the nested application, if *request* keeps to the rule."""
        if not await self._rule.match(request):
            return NOT_MINE
        return await super().resolve(request)
