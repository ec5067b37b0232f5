"""Every package has what a package here has, and every environment knows every package."""

from __future__ import annotations

import re
import tomllib

import pytest
from workspace import ROOT, Package, read_packages, requirement_name, siblings

PACKAGES = read_packages()
ENVIRONMENTS = tomllib.loads((ROOT / "hatch.toml").read_text("utf-8"))["envs"]


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> Package:
    return PACKAGES[str(request.param)]


def test_the_folder_names_the_distribution(package: Package) -> None:
    expected = "tidegate" if package.name == "tidegate" else f"tidegate-{package.name}"
    assert package.distribution == expected


@pytest.mark.parametrize("file", ["README.md", "CHANGELOG.md", "LICENSE"])
def test_a_package_has_its_papers(package: Package, file: str) -> None:
    assert (package.folder / file).read_text("utf-8").strip()


def test_a_package_is_typed_and_has_a_version_of_its_own(package: Package) -> None:
    assert (package.source / "py.typed").is_file()
    version = (package.source / "_version.py").read_text("utf-8")
    assert re.search(r'^__version__ = "\d+\.\d+\.\d+\S*"$', version, re.MULTILINE)


def test_compiled_leaves_are_files_of_the_package(package: Package) -> None:
    for leaf in package.compiled_leaves:
        assert (package.folder / "src" / leaf.replace(".", "/")).with_suffix(".py").is_file()


def test_a_package_has_an_environment_of_its_own(package: Package) -> None:
    assert ENVIRONMENTS[f"alone-{package.name}"] == {"template": "alone"}


def test_no_environment_is_left_of_a_package_that_is_gone() -> None:
    alone = {name.removeprefix("alone-") for name in ENVIRONMENTS if name.startswith("alone-")}
    assert alone == set(PACKAGES)


def test_a_package_declares_its_test_tools(package: Package) -> None:
    names = {requirement_name(requirement) for requirement in package.test_requirements}
    # pytest.ini configures both, so that no package's tests can run without.
    assert {"pytest", "pytest-asyncio"} <= names


def test_the_default_environment_has_every_test_tool(package: Package) -> None:
    missing = set(package.test_requirements) - set(ENVIRONMENTS["default"]["dependencies"])
    assert not missing, f"expected in hatch.toml, as packages/{package.name} has them: {missing}"


def test_the_facade_requires_all_the_others() -> None:
    facade = PACKAGES["tidegate"]
    others = {name for name in PACKAGES if name != "tidegate"}
    assert {package.name for package in siblings(facade, PACKAGES.values())} == others
