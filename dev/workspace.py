"""What the repository consists of: its packages, read from their pyproject.toml files.

Every other script in this folder, and the layering test, asks this module which packages there
are, what they declare and which of their modules are compiled, so that no list of packages is
written twice. It only reads; it needs nothing but the standard library, because the first of
the scripts to run finds nothing else installed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

BUILD = ROOT / "build"
"""Everything the scripts make: wheels, tools, the demo's environment. Ignored by git."""

_REQUIREMENT_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_BUILD_PRODUCTS = {".pyc", ".so", ".pyd"}


def requirement_name(requirement: str) -> str:
    """Return the normalised distribution name that a requirement (PEP 508) starts with."""
    found = _REQUIREMENT_NAME.match(requirement)
    if found is None:
        raise ValueError(f"expected a requirement such as 'yarl>=1.17,<2', got {requirement!r}")
    return re.sub(r"[-_.]+", "-", found[0]).lower()


@dataclass(frozen=True)
class Package:
    """One folder under packages/ and what its pyproject.toml declares."""

    folder: Path
    pyproject: dict[str, Any] = field(repr=False, compare=False)

    @classmethod
    def read(cls, folder: Path) -> Package:
        """Read the package in *folder*, which has a pyproject.toml."""
        return cls(folder, tomllib.loads((folder / "pyproject.toml").read_text("utf-8")))

    @property
    def name(self) -> str:
        """The folder's name: ``http-core``."""
        return self.folder.name

    @property
    def distribution(self) -> str:
        """The name it is published under: ``tidegate-http-core``."""
        return str(self.pyproject["project"]["name"])

    @property
    def module(self) -> str:
        """The name it is imported by: ``tidegate_http_core``."""
        return self.distribution.replace("-", "_")

    @property
    def source(self) -> Path:
        """The folder of the importable package."""
        return self.folder / "src" / self.module

    @property
    def tests(self) -> Path:
        """The folder of the package's own tests."""
        return self.folder / "tests"

    @property
    def dependencies(self) -> tuple[str, ...]:
        """The run-time requirements, as written."""
        return tuple(self.pyproject["project"].get("dependencies", ()))

    @property
    def optional_dependencies(self) -> dict[str, tuple[str, ...]]:
        """The requirements of each extra, as written."""
        extras = self.pyproject["project"].get("optional-dependencies", {})
        return {extra: tuple(requirements) for extra, requirements in extras.items()}

    @property
    def test_requirements(self) -> tuple[str, ...]:
        """The dependency group ``test`` (PEP 735): what the package's own tests import."""
        return tuple(self.pyproject.get("dependency-groups", {}).get("test", ()))

    @property
    def _mypyc_hook(self) -> dict[str, Any]:
        build = self.pyproject.get("tool", {}).get("hatch", {}).get("build", {})
        hook = build.get("targets", {}).get("wheel", {}).get("hooks", {}).get("mypyc", {})
        return dict(hook)

    @property
    def compiled_leaves(self) -> tuple[str, ...]:
        """The full names of the modules that mypyc compiles; empty for a pure package."""
        return tuple(
            included.removeprefix("/src/").removesuffix(".py").replace("/", ".")
            for included in self._mypyc_hook.get("include", ())
        )

    @property
    def build_requirements(self) -> tuple[str, ...]:
        """What must be installed to build the package, compiled or not, without isolation."""
        backend = self.pyproject["build-system"]["requires"]
        return (*backend, *self._mypyc_hook.get("dependencies", ()))

    def source_files(self) -> Iterator[Path]:
        """Yield the files that builds are made from, sorted, build products left out."""
        for file in sorted(self.folder.rglob("*")):
            inside = file.relative_to(self.folder)
            if "__pycache__" in inside.parts or inside.parts[0] in {"build", "dist"}:
                continue
            if file.is_file() and file.suffix not in _BUILD_PRODUCTS:
                yield file


def read_packages(root: Path = ROOT) -> dict[str, Package]:
    """Return every package of the repository at *root* by its folder's name, sorted."""
    found = sorted((root / "packages").glob("*/pyproject.toml"))
    return {file.parent.name: Package.read(file.parent) for file in found}


def siblings(package: Package, packages: Iterable[Package]) -> list[Package]:
    """Return the packages of this repository that *package* needs, directly or through another."""
    by_distribution = {known.distribution: known for known in packages}
    needed: dict[str, Package] = {}
    waiting = [package]
    while waiting:
        for requirement in waiting.pop().dependencies:
            sibling = by_distribution.get(requirement_name(requirement))
            if sibling is not None and sibling.name not in needed:
                needed[sibling.name] = sibling
                waiting.append(sibling)
    return [needed[name] for name in sorted(needed)]
