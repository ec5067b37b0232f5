"""The rules of dev/import_rules.py hold, and a tree that breaks one is found out."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from import_rules import LAYERS, TYPE_CYCLES, violations
from workspace import ROOT, read_packages


def test_the_repository_keeps_the_import_rules() -> None:
    found = violations(ROOT)
    assert not found, "\n".join(found)


def test_every_layer_names_packages_that_exist() -> None:
    assert {name for layer in LAYERS for name in layer} == set(read_packages())


def test_every_exception_for_types_is_still_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    excepted = set(violations(ROOT))
    for pair in TYPE_CYCLES:
        monkeypatch.setattr("import_rules.TYPE_CYCLES", TYPE_CYCLES - {pair})
        assert set(violations(ROOT)) != excepted, f"take {pair} out of TYPE_CYCLES"


class Tree:
    """A made-up repository: the packages of two layers, a file at a time."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def package(self, name: str, *dependencies: str, extras: str = "") -> Tree:
        folder = self.root / "packages" / name
        folder.mkdir(parents=True)
        (folder / "pyproject.toml").write_text(
            f'[project]\nname = "tidegate-{name}"\ndependencies = {list(dependencies)!r}\n{extras}'
        )
        return self.file(name, "__init__.py", "")

    def file(self, package: str, path: str, text: str) -> Tree:
        module = "tidegate_" + package.replace("-", "_")
        file = self.root / "packages" / package / "src" / module / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(textwrap.dedent(text))
        return self

    def violations(self) -> list[str]:
        return violations(self.root)

    def only_violation(self) -> str:
        found = self.violations()
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    """http-core below web-server, which declares it and yarl."""
    tree = Tree(tmp_path)
    tree.package("http-core", "multidict>=6.1,<8")
    tree.package("web-server", "tidegate-http-core>=0.1,<0.2", "yarl>=1.17,<2")
    return tree


def test_declared_downward_and_own_imports_are_accepted(tree: Tree) -> None:
    tree.file("http-core", "parser.py", "import re\nfrom multidict import istr\n")
    tree.file("http-core", "__init__.py", "from .parser import istr as istr\n")
    tree.file("http-core", "deep/inner.py", "from .. import parser\nfrom ..parser import istr\n")
    tree.file("web-server", "server.py", "import tidegate_http_core.parser\nimport yarl\n")
    assert tree.violations() == []


@pytest.mark.parametrize(
    "text",
    [
        "import requests",
        "import requests.adapters as adapters",
        "from requests import get",
        "def late() -> None:\n    import requests",
        "try:\n    import requests\nexcept ImportError:\n    pass",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import requests",
    ],
)
def test_an_undeclared_import_is_found_wherever_it_stands(tree: Tree, text: str) -> None:
    tree.file("http-core", "parser.py", text)
    found = tree.only_violation()
    assert "parser.py:" in found
    assert "imports requests" in found


def test_a_sibling_must_be_declared_too(tree: Tree) -> None:
    tree.package("web-ws", "tidegate-web-server")
    tree.file("web-ws", "frames.py", "from tidegate_http_core import x\n")
    assert "imports tidegate_http_core, which packages/web-ws" in tree.only_violation()


def test_what_an_extra_declares_may_be_imported(tree: Tree) -> None:
    extras = '[project.optional-dependencies]\ntesting = ["aiohttp>=3.10"]\n'
    tree.package("web-cli", "tidegate-web-server", extras=extras)
    tree.file("web-cli", "testing.py", "import aiohttp\n")
    assert tree.violations() == []


def test_mypy_extensions_needs_no_declaration_under_type_checking_only(tree: Tree) -> None:
    guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from {} import i64\n"
    tree.file("http-core", "parser.py", guarded.format("mypy_extensions"))
    assert tree.violations() == []
    tree.file("http-core", "parser.py", "from mypy_extensions import i64\n")
    assert "imports mypy_extensions" in tree.only_violation()


def test_the_else_of_type_checking_is_run_time(tree: Tree) -> None:
    text = """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from mypy_extensions import i64
        else:
            from mypy_extensions import i64
    """
    tree.file("http-core", "parser.py", text)
    assert "parser.py:6" in tree.only_violation()


def test_an_upward_import_is_found(tree: Tree) -> None:
    tree.file("http-core", "parser.py", "def late() -> None:\n    import tidegate_web_server\n")
    found = tree.violations()
    assert any("http-core/src" in line and "web-server is not below" in line for line in found)


def test_an_upward_declaration_is_found_without_any_import(tmp_path: Path) -> None:
    tree = Tree(tmp_path).package("http-core", "tidegate-web-server>=0.1")
    tree.package("web-server")
    assert "web-server is not below http-core" in tree.only_violation()


def test_packages_of_one_layer_are_strangers(tree: Tree) -> None:
    tree.package("web-ws").package("web-static", "tidegate-web-ws")
    tree.file("web-static", "x.py", "import tidegate_web_ws\n")
    found = tree.violations()
    assert len(found) == 2
    assert all("web-ws is not below web-static" in line for line in found)


def test_a_package_without_a_layer_is_found(tree: Tree) -> None:
    tree.package("web-new")
    assert "packages/web-new: has no layer" in tree.only_violation()


@pytest.mark.parametrize(
    "text",
    [
        "from tidegate_http_core import _private",
        "from tidegate_http_core._private import x",
        "import tidegate_http_core._private",
        "import tidegate_http_core\ntidegate_http_core.parser._private",
        "from tidegate_http_core import parser as p\np._private()",
        "from tidegate_http_core.parser import Parser\nclass A:\n    x = Parser._private",
    ],
)
def test_a_private_name_of_another_package_is_found(tree: Tree, text: str) -> None:
    tree.file("http-core", "_private.py", "x = 1\n")
    tree.file("http-core", "parser.py", "")
    tree.file("web-server", "server.py", text)
    found = tree.violations()
    assert found
    assert all("which is private" in line for line in found)


def test_a_package_may_use_its_own_private_names(tree: Tree) -> None:
    tree.file("http-core", "_private.py", "_x = 1\n")
    tree.file("http-core", "parser.py", "from ._private import _x\nfrom . import _private\n")
    tree.file("web-server", "s.py", "import tidegate_http_core\ntidegate_http_core.__version__\n")
    assert tree.violations() == []


@pytest.mark.parametrize(
    "import_a",
    [
        "from .a import x",
        "from . import a",
        "from tidegate_http_core.a import x",
        "import tidegate_http_core.a",
        "def late() -> None:\n    from .a import x",
    ],
)
def test_a_cycle_of_modules_is_found(tree: Tree, import_a: str) -> None:
    tree.file("http-core", "a.py", "from .b import x\n")
    tree.file("http-core", "b.py", "from .c import x\n")
    tree.file("http-core", "c.py", import_a)
    cycle = "tidegate_http_core.a -> tidegate_http_core.b -> tidegate_http_core.c"
    assert tree.only_violation() == f"import cycle at run time: {cycle} -> tidegate_http_core.a"


def test_a_cycle_that_only_types_close_is_found_as_such(tree: Tree) -> None:
    tree.file("http-core", "a.py", "from .b import x\n")
    guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import x\n"
    tree.file("http-core", "b.py", guarded)
    assert tree.only_violation().startswith("import cycle for types: tidegate_http_core.a")


def test_a_module_importing_its_own_package_is_a_cycle(tree: Tree) -> None:
    tree.file("http-core", "__init__.py", "from .a import x as x\n")
    tree.file("http-core", "a.py", "from tidegate_http_core import x\n")
    cycle = "tidegate_http_core -> tidegate_http_core.a"
    assert f"import cycle at run time: {cycle}" in tree.only_violation()


def test_a_cycle_across_packages_is_found(tree: Tree) -> None:
    tree.file("http-core", "a.py", "from tidegate_web_server.b import x\n")
    tree.file("web-server", "b.py", "from tidegate_http_core.a import x\n")
    cycle = "tidegate_http_core.a -> tidegate_web_server.b -> tidegate_http_core.a"
    assert f"import cycle at run time: {cycle}" in tree.violations()


def test_only_request_and_application_may_close_a_circle_for_types(tree: Tree) -> None:
    guarded = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .{} import X\n"
    tree.file("web-server", "request.py", guarded.format("application"))
    tree.file("web-server", "application.py", "from .request import X\n")
    assert tree.violations() == []
    tree.file("web-server", "request.py", "from .application import X\n")
    assert "import cycle at run time" in tree.only_violation()
