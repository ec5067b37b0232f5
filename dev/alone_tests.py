"""Test one package with nothing installed but itself and what it declares.

    python dev/alone_tests.py alone-http-core         # in the hatch environment of that name

First the package's wheel is installed with its declared dependencies, those of this repository as
wheels too, and every one of its modules is imported: an import that is not declared fails here,
before any test tool could have brought the missing distribution along. Then come the test tools
that the package declares (dependency group ``test``), and its tests.

The environment is emptied and filled again when a wheel or a requirement changed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

from build_wheels import BuildError, build_wheels
from environments import pip
from workspace import ROOT, Package, read_packages, requirement_name, siblings

IMPORT_EVERY_MODULE = """
import importlib, pkgutil, sys
package, *optional = sys.argv[1:]
for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
    # Importing a __main__ runs the program.
    if module.name.endswith(".__main__"):
        continue
    try:
        importlib.import_module(module.name)
    except ModuleNotFoundError as error:
        # What an extra declares is not installed here; its modules are for those who have it.
        if (error.name or "").partition(".")[0] not in optional:
            raise
"""


def fill_environment(package: Package, wheels: list[Path]) -> bool:
    """Make the running environment hold *wheels*, their dependencies and the test tools.

    Return False, having printed why, where the package imports what it does not declare.
    """
    contents = "\n".join([*map(str, wheels), *package.test_requirements])
    marker = Path(sys.prefix, "tidegate-alone.txt")
    if marker.is_file() and marker.read_text("utf-8") == contents:
        return True
    marker.unlink(missing_ok=True)
    if others := installed_distributions():
        pip(["uninstall", "--yes", *others])
    pip(["install", *wheels])
    # -I: neither the current folder nor PYTHONPATH may lend a module.
    optional = [name.replace("-", "_") for name in optional_names(package)]
    imported = subprocess.run(
        [sys.executable, "-I", "-c", IMPORT_EVERY_MODULE, package.module, *optional], check=False
    )
    if imported.returncode != 0:
        print(f"{package.name}: a module can't be imported; is a dependency undeclared?")
        return False
    if package.test_requirements:
        pip(["install", *package.test_requirements])
    marker.write_text(contents, "utf-8")
    return True


def optional_names(package: Package) -> set[str]:
    """Return the distributions that the extras of *package* bring, those of its siblings too."""
    packages = {each.distribution: each for each in read_packages().values()}
    names: set[str] = set()
    for requirements in package.optional_dependencies.values():
        for requirement in requirements:
            name = requirement_name(requirement)
            names.add(name)
            # tidegate-web-server[testing]
            if name in packages and "[" in requirement:
                names |= optional_names(packages[name])
    return names


def installed_distributions() -> list[str]:
    """Return what is installed in the running environment, but for pip."""
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "freeze", "--all", "-qq"],
        check=True,
        capture_output=True,
        text=True,
    )
    lines = [line for line in listed.stdout.splitlines() if line and not line.startswith("#")]
    names = [line.replace(" @ ", "==").partition("==")[0] for line in lines]
    return [name for name in names if name != "pip"]


def main() -> int:
    """Fill the environment and run the tests; return the exit code."""
    packages = read_packages()
    parser = argparse.ArgumentParser(description="Test one package alone.")
    parser.add_argument("environment", choices=[f"alone-{name}" for name in packages])
    chosen, arguments = parser.parse_known_args()
    package = packages[chosen.environment.removeprefix("alone-")]
    try:
        wheels = build_wheels([package, *siblings(package, packages.values())], "pure")
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if not fill_environment(package, wheels):
        return 1
    if not any(package.tests.rglob("test_*.py")):
        print(f"{package.name}: every module imports; the package has no tests yet")
        return 0
    command = [sys.executable, "-m", "pytest", str(package.tests.relative_to(ROOT)), *arguments]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
