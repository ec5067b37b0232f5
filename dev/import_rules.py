"""The rules of who may import whom, checked by reading the sources.

Asked for a repository's root, :func:`violations` parses every file under ``packages/*/src`` and
returns one sentence for each broken rule:

- *declared*: what a package imports is in the standard library, its own, or a distribution that
  its pyproject.toml declares (an extra's counts), and a name it declares exists below it;
- *downward*: a package imports only packages of a lower layer (:data:`LAYERS`);
- *private*: nothing imports or reaches for a ``_private`` module or name of another package;
- *acyclic*: modules don't import each other in a circle. An import inside a function counts, and
  so does one under TYPE_CHECKING, but for the few listed in :data:`TYPE_CYCLES`.

Nothing is imported or executed. Dynamic imports (importlib, entry points) are not seen: they are
how an upper layer may plug into a lower one.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from workspace import Package, read_packages, requirement_name

LAYERS: tuple[tuple[str, ...], ...] = (
    ("http-core", "web-routing"),
    ("web-server",),
    ("web-static", "web-ws", "web-cli"),
    ("tidegate",),
)
"""The packages from the bottom up; those of one layer don't know each other."""

TYPE_CYCLES = frozenset(
    {
        ("tidegate_web_server.request", "tidegate_web_server.application"),
        ("tidegate_web_server.response", "tidegate_web_server.request"),
        ("tidegate_web_server.stream_response", "tidegate_web_server.request"),
    }
)
"""The imports (by, of) that may close a circle when they stand under TYPE_CHECKING.

Why these and no others: docs/decisions/0006-what-a-request-and-a-response-know-of-each-other.md.
"""

TYPING_ONLY = frozenset({"_typeshed", "mypy_extensions"})
"""Known to every type checker: under TYPE_CHECKING they need no declared distribution."""


@dataclass(frozen=True)
class Import:
    """One imported module or name."""

    module: str
    """The module it is taken from, absolute."""
    name: str | None
    """The name taken from it; None for ``import module``."""
    line: int
    type_checking: bool
    """Whether only a type checker sees it."""
    bound: str
    """The name it has in the importing module."""


@dataclass(frozen=True)
class Module:
    """A parsed source file."""

    name: str
    package: Package
    path: Path
    tree: ast.Module

    def where(self, line: int) -> str:
        """Return the place as ``packages/x/src/…/y.py:3``."""
        return f"{self.path.relative_to(self.package.folder.parent.parent).as_posix()}:{line}"

    def imports(self) -> Iterator[Import]:
        """Yield everything the module imports, at whatever depth of its code."""
        yield from self._imports(self.tree, type_checking=False)

    def _imports(self, node: ast.AST, *, type_checking: bool) -> Iterator[Import]:
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                yield Import(alias.name, None, node.lineno, type_checking, bound)
        elif isinstance(node, ast.ImportFrom):
            source = self._absolute(node)
            for alias in node.names:
                bound = alias.asname or alias.name
                yield Import(source, alias.name, node.lineno, type_checking, bound)
        elif isinstance(node, ast.If) and is_type_checking(node.test):
            for guarded in node.body:
                yield from self._imports(guarded, type_checking=True)
            for otherwise in node.orelse:
                yield from self._imports(otherwise, type_checking=type_checking)
        else:
            for child in ast.iter_child_nodes(node):
                yield from self._imports(child, type_checking=type_checking)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        # One dot is the package that the module is in; an __init__ is in itself.
        steps = node.level - (self.path.name == "__init__.py")
        parts = self.name.split(".")
        parents = parts[: len(parts) - steps]
        return ".".join([*parents, node.module] if node.module else parents)


def is_type_checking(test: ast.expr) -> bool:
    """Tell whether *test* is ``TYPE_CHECKING`` or ``typing.TYPE_CHECKING``."""
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", None)
    return name == "TYPE_CHECKING"


def parse(package: Package) -> Iterator[Module]:
    """Yield every module of *package*."""
    for path in sorted(package.source.rglob("*.py")):
        inside = path.relative_to(package.source.parent).with_suffix("")
        parts = inside.parts[:-1] if inside.name == "__init__" else inside.parts
        tree = ast.parse(path.read_bytes(), filename=str(path))
        yield Module(".".join(parts), package, path, tree)


def violations(root: Path) -> list[str]:
    """Return a sentence for every broken rule in the repository at *root*, sorted."""
    packages = read_packages(root)
    modules = [module for package in packages.values() for module in parse(package)]
    found = {*unplaced(packages), *cycles(modules)}
    for module in modules:
        found |= {*undeclared(module), *upward(module, packages), *private(module, packages)}
    return sorted(found)


def layer_of(name: str) -> int:
    """Return the number of the layer that the package *name* is in; 0 is the lowest."""
    return next(number for number, layer in enumerate(LAYERS) if name in layer)


def unplaced(packages: Mapping[str, Package]) -> Iterator[str]:
    """Find packages without a layer, and requirements on packages that aren't below."""
    placed = {name for layer in LAYERS for name in layer}
    by_distribution = {package.distribution: package for package in packages.values()}
    for package in packages.values():
        if package.name not in placed:
            yield f"packages/{package.name}: has no layer in LAYERS of dev/import_rules.py"
            continue
        for requirement in declared_requirements(package):
            sibling = by_distribution.get(requirement_name(requirement))
            if sibling is None or sibling.name not in placed:
                continue
            if layer_of(sibling.name) >= layer_of(package.name):
                yield (
                    f"packages/{package.name}/pyproject.toml: declares {requirement!r}, "
                    f"but {sibling.name} is not below {package.name}"
                )


def declared_requirements(package: Package) -> list[str]:
    """Return the requirements of the package and of its extras."""
    extras = package.optional_dependencies.values()
    return [*package.dependencies, *(requirement for extra in extras for requirement in extra)]


def undeclared(module: Module) -> Iterator[str]:
    """Find imports of distributions that the package doesn't declare."""
    declared = {
        requirement_name(requirement).replace("-", "_")
        for requirement in declared_requirements(module.package)
    }
    for imported in module.imports():
        top = imported.module.partition(".")[0]
        if top in sys.stdlib_module_names or top in declared or top == module.package.module:
            continue
        if imported.type_checking and top in TYPING_ONLY:
            continue
        yield (
            f"{module.where(imported.line)}: imports {top}, "
            f"which packages/{module.package.name}/pyproject.toml does not declare"
        )


def upward(module: Module, packages: Mapping[str, Package]) -> Iterator[str]:
    """Find imports of a package in the same layer or above."""
    placed = {package.module: package for package in packages.values() if is_placed(package)}
    own = placed.get(module.package.module)
    for imported in module.imports():
        other = placed.get(imported.module.partition(".")[0])
        if own is None or other is None or other.name == own.name:
            continue
        if layer_of(other.name) >= layer_of(own.name):
            yield (
                f"{module.where(imported.line)}: imports {imported.module}, "
                f"but {other.name} is not below {own.name}"
            )


def is_placed(package: Package) -> bool:
    """Tell whether the package has a layer."""
    return any(package.name in layer for layer in LAYERS)


def private(module: Module, packages: Mapping[str, Package]) -> Iterator[str]:
    """Find uses of another package's ``_private`` modules and names."""
    others = {package.module for package in packages.values()} - {module.package.module}
    taken: set[str] = set()
    for imported in module.imports():
        if imported.module.partition(".")[0] not in others:
            continue
        taken.add(imported.bound)
        path = [*imported.module.split("."), *([imported.name] if imported.name else [])]
        if any(is_private(part) for part in path):
            yield f"{module.where(imported.line)}: imports {'.'.join(path)}, which is private"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            root = node.value
            while isinstance(root, ast.Attribute):
                root = root.value
            if isinstance(root, ast.Name) and root.id in taken:
                reached = ast.unparse(node)
                yield f"{module.where(node.lineno)}: reaches for {reached}, which is private"


def is_private(name: str) -> bool:
    """Tell whether *name* starts with an underscore and is no special name such as __all__."""
    return name.startswith("_") and not (name.startswith("__") and name.endswith("__"))


def cycles(modules: list[Module]) -> Iterator[str]:
    """Find circles of modules that import each other; one sentence for each knot of circles."""
    run_time = knots(import_graph(modules, with_types=False))
    for knot in run_time:
        circle = shortest_circle(import_graph(modules, with_types=False), knot)
        yield f"import cycle at run time: {' -> '.join(circle)}"
    graph = import_graph(modules, with_types=True)
    for knot in knots(graph):
        if not any(inner <= knot for inner in run_time):
            yield f"import cycle for types: {' -> '.join(shortest_circle(graph, knot))}"


def import_graph(modules: list[Module], *, with_types: bool) -> dict[str, set[str]]:
    """Return which of *modules* each module imports, by name.

    ``from package import name`` leads to the submodule of that name where there is one. That a
    submodule's import runs its package's __init__ first is not counted: __init__ may re-export.
    Imports under TYPE_CHECKING count only *with_types*, and those in TYPE_CYCLES never.
    """
    known = {module.name for module in modules}
    graph: dict[str, set[str]] = {name: set() for name in sorted(known)}
    for module in modules:
        for imported in module.imports():
            submodule = f"{imported.module}.{imported.name}"
            target = submodule if submodule in known else imported.module
            if imported.type_checking and (not with_types or (module.name, target) in TYPE_CYCLES):
                continue
            if target in known and target != module.name:
                graph[module.name].add(target)
    return graph


def knots(graph: Mapping[str, set[str]]) -> list[set[str]]:
    """Return the sets of modules that all reach each other (two modules or more)."""
    reach = {start: reachable(graph, start) for start in graph}
    found: list[set[str]] = []
    for start in graph:
        knot = {end for end in reach[start] if start in reach[end]}
        if knot and knot not in found:
            found.append(knot)
    return found


def reachable(graph: Mapping[str, set[str]], start: str) -> set[str]:
    """Return the modules that *start* imports, directly or through others."""
    seen: set[str] = set()
    waiting = [start]
    while waiting:
        for target in graph[waiting.pop()] - seen:
            seen.add(target)
            waiting.append(target)
    return seen


def shortest_circle(graph: Mapping[str, set[str]], knot: set[str]) -> list[str]:
    """Return a shortest way from the knot's first module back to it."""
    start = min(knot)
    ways = [[start]]
    for way in ways:
        for target in sorted(graph[way[-1]] & knot):
            if target == start:
                return [*way, start]
            if target not in way:
                ways.append([*way, target])
    raise ValueError(f"expected a circle in {sorted(knot)}")
