"""What runs is what was meant to run: the sources as they are, or modules compiled by mypyc.

An extension module beside an edited source would shadow it, and a compiled environment that
fell back to the sources would test nothing new; neither shows in any other test's result.
hatch.toml says through TIDEGATE_BUILD which of the two it is.
"""

from __future__ import annotations

import importlib
import os
from importlib.machinery import EXTENSION_SUFFIXES, SOURCE_SUFFIXES

import pytest
from workspace import ROOT, read_packages

SUFFIXES = {"pure": tuple(SOURCE_SUFFIXES), "compiled": tuple(EXTENSION_SUFFIXES)}
BUILD = os.environ.get("TIDEGATE_BUILD", "pure")
PACKAGES = read_packages()
LEAVES = [leaf for package in PACKAGES.values() for leaf in package.compiled_leaves]


def file_of(module: str) -> str:
    """Import *module* and return the file it came from."""
    file = importlib.import_module(module).__file__
    assert file is not None, f"expected a file behind {module}, got a namespace package"
    return file


def test_the_build_under_test_is_one_of_two() -> None:
    assert BUILD in SUFFIXES, f"expected TIDEGATE_BUILD to be pure or compiled, got {BUILD!r}"


def test_there_are_compiled_leaves_to_look_at() -> None:
    owners = {package.name for package in PACKAGES.values() if package.compiled_leaves}
    assert owners >= {"http-core", "web-routing"}


@pytest.mark.parametrize("leaf", LEAVES)
def test_a_leaf_comes_from_the_build_under_test(leaf: str) -> None:
    file = file_of(leaf)
    assert file.endswith(SUFFIXES[BUILD]), f"testing the {BUILD} build, but {leaf} is {file}"


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_comes_from_where_its_build_is(name: str) -> None:
    package = PACKAGES[name]
    file = file_of(package.module)
    from_sources = file.startswith(str(ROOT / "packages"))
    assert from_sources == (BUILD == "pure"), f"testing the {BUILD} build, but it is {file}"


def test_no_build_product_lies_in_the_sources() -> None:
    products = [
        str(file.relative_to(ROOT))
        for suffix in ("*.so", "*.pyd", "*.c", "*.o")
        for file in (ROOT / "packages").rglob(suffix)
    ]
    assert products == []
