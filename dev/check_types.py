"""Run mypy --strict over everything in the repository.

    hatch run types:check

One run of mypy a package (its sources with its tests), one an example, and one for each of the
other folders: in a single run, modules of one name in two places, such as two conftest.py files,
would be taken for the same. The runs share mypy's cache. Options are in mypy.ini.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from workspace import ROOT, read_packages


def groups() -> Iterator[tuple[str, list[Path]]]:
    """Yield what is checked together: a name, and the folders."""
    for package in read_packages().values():
        yield f"packages/{package.name}", [package.folder / "src", package.tests]
    for example in sorted((ROOT / "examples").iterdir()):
        if example.is_dir() or example.suffix == ".py":
            yield f"examples/{example.name}", [example]
    for folder in ("tests-integration", "benchmarks", "dev"):
        yield folder, [ROOT / folder]


def has_python(path: Path) -> bool:
    """Tell whether mypy would find something to check; it takes an empty folder for an error."""
    return path.suffix == ".py" or any(path.rglob("*.py"))


def main() -> int:
    """Check every group; return 1 if mypy complained about any."""
    failed = []
    for name, folders in groups():
        checked = [str(folder.relative_to(ROOT)) for folder in folders if has_python(folder)]
        if not checked:
            print(f"{name}: no Python files")
            continue
        print(f"{name}: ", end="", flush=True)
        run = subprocess.run([sys.executable, "-m", "mypy", *checked], cwd=ROOT, check=False)
        if run.returncode != 0:
            failed.append(name)
    if failed:
        print("mypy found errors in:", ", ".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
