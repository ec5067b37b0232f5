"""Static files come from another distribution, through an entry point."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tidegate_web_routing as web
from tidegate_web_routing import AbstractRoute, PlainResource, PrefixResource, UrlDispatcher
from yarl import URL


class StandIn(PrefixResource):
    """What the entry point of the tests gives."""

    def __init__(self, prefix: str, directory: Any, *, name: str | None, **kwargs: Any) -> None:
        super().__init__(prefix, name=name)
        self.directory = directory
        self.kwargs = kwargs
        self._route = PlainResource("/x").add_route("GET", self._answer)

    async def _answer(self, request: Any) -> Any:
        return request

    def url_for(self, **kwargs: str) -> URL:
        return URL.build(path=f"{self.canonical}/{kwargs['filename']}")

    def get_info(self) -> dict[str, Any]:
        return {"prefix": self.canonical}

    def __len__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[AbstractRoute]:
        return iter([self._route])


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A distribution with the entry point, found before any that is really installed."""
    info = tmp_path / "stand_in-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: stand-in\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        f"[{web.STATIC_RESOURCE_GROUP}]\ndefault = stand_in_module:StandIn\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    module: Any = type(sys)("stand_in_module")
    module.StandIn = StandIn
    monkeypatch.setitem(sys.modules, "stand_in_module", module)


@pytest.mark.usefixtures("installed")
def test_the_resource_class_of_the_entry_point_is_used() -> None:
    router = UrlDispatcher()
    resource = router.add_static("/files/", "directory", name="files", show_index=True, extra=1)
    assert isinstance(resource, StandIn)
    assert (resource.canonical, resource.directory, resource.name) == (
        "/files",
        "directory",
        "files",
    )
    assert resource.kwargs == {
        "expect_handler": None,
        "chunk_size": 256 * 1024,
        "show_index": True,
        "extra": 1,
    }
    assert router["files"] is resource


@pytest.mark.usefixtures("installed")
def test_a_definition_gives_the_routes_of_the_resource() -> None:
    router = UrlDispatcher()
    (route,) = router.add_routes([web.static("/", "directory")])
    assert route.method == "GET"
    assert [resource.canonical for resource in router.resources()] == [""]


@pytest.mark.usefixtures("installed")
def test_the_response_factory_of_old_is_deprecated_and_ignored() -> None:
    with pytest.deprecated_call(match="response_factory of add_static"):
        resource = UrlDispatcher().add_static("/s", "directory", response_factory=object)
    assert isinstance(resource, StandIn)
    assert "response_factory" not in resource.kwargs


def test_without_such_a_distribution_the_error_names_it(tmp_path: Path) -> None:
    # In a process that finds the packages it needs but no metadata of any distribution.
    links = tmp_path / "links"
    links.mkdir()
    for name in ("tidegate_web_routing", "yarl", "multidict", "propcache", "idna"):
        module = __import__(name)
        (links / name).symlink_to(Path(module.__file__ or "").parent)
    compiled = Path(web.__file__).parent.parent.glob("*__mypyc*")
    for library in compiled:
        (links / library.name).symlink_to(library)
    program = textwrap.dedent(
        f"""
        import sys
        sys.path.insert(0, {str(links)!r})
        from tidegate_web_routing import UrlDispatcher
        try:
            UrlDispatcher().add_static("/s", ".")
        except RuntimeError as exc:
            print(exc)
        """
    )
    result = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == (
        "add_static() needs the distribution tidegate-web-static: "
        "run 'pip install tidegate-web-static'\n"
    )
