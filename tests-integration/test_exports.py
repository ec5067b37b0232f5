"""What each package exports is what its documentation says: data/ has it, a name a line.

Adding a public name means adding it to the file; one that vanishes by accident fails here.
``tidegate.web`` is held against the contract besides, the names of aiohttp.web 3.14: those it
does not have yet are listed, and the list can only shrink.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from workspace import Package, read_packages

DATA = Path(__file__).resolve().parent / "data"
PACKAGES = read_packages()


def names_in(file: str) -> list[str]:
    """Return the names in a data file: one a line, comments start with #."""
    lines = (line.partition("#")[0].strip() for line in (DATA / file).read_text().splitlines())
    return [line for line in lines if line]


def exported(module: str) -> list[str]:
    """Return the module's __all__; a module without one may have nothing to export."""
    imported = importlib.import_module(module)
    if not hasattr(imported, "__all__"):
        public = [name for name in vars(imported) if not name.startswith("_")]
        assert not public, f"expected {module}.__all__ to say which of {public} are exported"
        return []
    return list(imported.__all__)


@pytest.fixture(params=PACKAGES)
def package(request: pytest.FixtureRequest) -> Package:
    return PACKAGES[str(request.param)]


@pytest.mark.parametrize("file", sorted(path.name for path in DATA.glob("*.txt")))
def test_a_data_file_is_sorted_and_names_nothing_twice(file: str) -> None:
    names = names_in(file)
    assert names == sorted(set(names))


def test_all_is_the_documented_surface(package: Package) -> None:
    names = exported(package.module)
    assert len(names) == len(set(names))
    documented = set(names_in(f"surface.{package.name}.txt"))
    undocumented, gone = set(names) - documented, documented - set(names)
    assert not undocumented, f"add to data/surface.{package.name}.txt: {sorted(undocumented)}"
    assert not gone, f"exported no longer: {sorted(gone)}"


def test_every_exported_name_is_there(package: Package) -> None:
    module = importlib.import_module(package.module)
    assert [name for name in exported(package.module) if not hasattr(module, name)] == []


def test_every_name_of_web_is_there() -> None:
    web = importlib.import_module("tidegate.web")
    assert [name for name in exported("tidegate.web") if not hasattr(web, name)] == []


def test_web_has_the_contract_but_for_what_is_listed_as_missing() -> None:
    names = set(exported("tidegate.web"))
    contract, missing = set(names_in("contract.web.txt")), set(names_in("missing.web.txt"))
    assert missing <= contract, f"not in the contract at all: {sorted(missing - contract)}"
    landed = missing & names
    assert not landed, f"there now, so take them out of data/missing.web.txt: {sorted(landed)}"
    lost = contract - missing - names
    assert not lost, f"web has these no longer: {sorted(lost)}"


def test_what_web_has_beyond_the_contract_is_listed() -> None:
    beyond = set(exported("tidegate.web")) - set(names_in("contract.web.txt"))
    assert beyond == set(names_in("additions.web.txt"))
