"""Build the packages' wheels, pure or compiled by mypyc, and their sdists.

    python dev/build_wheels.py --into dist            # all seven: both kinds of wheel, and sdists
    python dev/build_wheels.py --into x --kind pure --package http-core

Each package is built by hatchling from a copy, so that no build product ever lies beside the
sources, where it would shadow an edited file. The build requirements are read from the
pyproject.toml files and installed once into a virtual environment under build/. A wheel is kept
under build/wheels by a digest of what it was made from: an unchanged package is not built again,
an edited one always is.

A package without compiled modules has one wheel, which serves as both kinds.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

from environments import locked, ready_environment
from workspace import BUILD, ROOT, Package, read_packages

Kind = Literal["pure", "compiled"]
KINDS: tuple[Kind, ...] = ("pure", "compiled")


class BuildError(Exception):
    """A package could not be built; the message ends with the build's own output."""


def why_not_compiled() -> str | None:
    """Say what this machine lacks to compile, a compiler or Python's headers; None: nothing."""
    if platform.python_implementation() != "CPython":
        return f"{platform.python_implementation()} is not CPython"
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    # CC may carry options: "gcc -pthread". On Windows setuptools looks for its own compiler.
    if os.name != "nt" and shutil.which(str(compiler).split()[0]) is None:
        return "no C compiler found"
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        return "Python's headers are not installed"
    return None


def build_wheels(packages: Iterable[Package], kind: Kind) -> list[Path]:
    """Return the wheels of *packages*, building those that are not there yet, two at a time.

    Raises BuildError where a build fails, or where a compiled wheel turns out not to be one.
    """
    with ThreadPoolExecutor(max_workers=2) as builders:
        return list(builders.map(lambda package: build_wheel(package, kind), packages))


def build_wheel(package: Package, kind: Kind) -> Path:
    """Return the package's wheel, from build/wheels if it was built from these very files."""
    folder = wheel_folder(package, kind)
    with locked(folder.parent):
        if found := kept_wheel(package, kind):
            return found
        shutil.rmtree(folder.parent, ignore_errors=True)
        compiled = is_compiled(package, kind)
        built = run_hatchling(package, "wheel", folder.parent / "unfinished", compiled=compiled)
        if compiled:
            check_compiled(package, built)
        (folder.parent / "unfinished").rename(folder)
        return folder / built.name


def kept_wheel(package: Package, kind: Kind) -> Path | None:
    """Return the wheel that was built from these very files, if there is one."""
    return next(wheel_folder(package, kind).glob("*.whl"), None)


def wheel_folder(package: Package, kind: Kind) -> Path:
    """Return where the package's wheel is kept; the folder's name is the digest."""
    compiled = is_compiled(package, kind)
    variant = f"compiled-{sysconfig.get_config_var('SOABI')}" if compiled else "pure"
    digest = digest_of(package, compiled=compiled)
    return BUILD / "wheels" / f"{package.name}-{variant}" / digest


def is_compiled(package: Package, kind: Kind) -> bool:
    """Tell whether the wheel of that kind has compiled modules: the package must list some."""
    return kind == "compiled" and bool(package.compiled_leaves)


def build_sdist(package: Package, into: Path) -> Path:
    """Build the package's source distribution in the folder *into*."""
    return run_hatchling(package, "sdist", into, compiled=False)


def run_hatchling(package: Package, target: str, into: Path, *, compiled: bool) -> Path:
    """Build one target from a copy of the package's sources; return the file it made."""
    python = build_tools()
    with tempfile.TemporaryDirectory(prefix="tidegate-build-") as copies:
        copy = Path(copies, package.name)
        for file in package.source_files():
            place = copy / file.relative_to(package.folder)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
        output = Path(copies, "output")
        done = subprocess.run(
            [python, "-m", "hatchling", "build", "-t", target, "-d", output],
            cwd=copy,
            env=build_variables(python, compiled=compiled),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        made = sorted(output.glob("*.whl" if target == "wheel" else "*.tar.gz"))
        if done.returncode != 0 or len(made) != 1:
            raise BuildError(f"{package.name}: the build of its {target} failed\n{done.stdout}")
        into.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(made[0], into))


def build_variables(python: Path, *, compiled: bool) -> dict[str, str]:
    """Return the environment variables of a build, free of what surrounds this process."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("HATCH_BUILD_") and name not in {"PYTHONPATH", "MYPYPATH"}
    }
    # mypyc's hook looks its commands up on PATH.
    variables["PATH"] = os.pathsep.join([str(python.parent), variables.get("PATH", os.defpath)])
    variables["VIRTUAL_ENV"] = str(python.parent.parent)
    if compiled:
        variables["HATCH_BUILD_HOOK_ENABLE_MYPYC"] = "1"
    return variables


def build_tools() -> Path:
    """Return an interpreter that has the build requirements of every package."""
    requirements = sorted({r for p in read_packages().values() for r in p.build_requirements})
    folder = BUILD / f"tools-{sysconfig.get_config_var('SOABI') or sys.implementation.cache_tag}"
    stamp = "\n".join([sys.version, *requirements])
    return ready_environment(folder, requirements, stamp=stamp)


def check_compiled(package: Package, wheel: Path) -> None:
    """Raise BuildError unless *wheel* has an extension module for every compiled leaf."""
    suffix = str(sysconfig.get_config_var("EXT_SUFFIX"))
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    expected = {leaf.replace(".", "/") + suffix for leaf in package.compiled_leaves}
    if missing := sorted(expected - names):
        raise BuildError(f"{package.name}: expected in {wheel.name}, but missing: {missing}")


def digest_of(package: Package, *, compiled: bool) -> str:
    """Return a short digest of all that goes into a wheel: the files, and who compiles them."""
    digest = hashlib.sha256()
    for part in digested_parts(package, compiled=compiled):
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:16]


def digested_parts(package: Package, *, compiled: bool) -> Iterator[bytes]:
    """Yield what a wheel depends on: tests are not in it, so an edited test builds nothing."""
    for file in package.source_files():
        inside = file.relative_to(package.folder)
        if inside.parts[0] != "tests":
            yield inside.as_posix().encode()
            yield file.read_bytes()
    yield "\n".join(package.build_requirements).encode()
    if compiled:
        # The same ABI from another compiler's options is another wheel.
        yield f"{sys.version} {os.environ.get('CC')} {os.environ.get('CFLAGS')}".encode()


def main() -> int:
    """Build what the command line asks for; return the exit code."""
    packages = read_packages()
    parser = argparse.ArgumentParser(description="Build the packages' wheels and sdists.")
    parser.add_argument("--into", type=Path, default=ROOT / "dist", metavar="FOLDER")
    parser.add_argument("--kind", choices=[*KINDS, "all"], default="all")
    parser.add_argument("--package", choices=list(packages), action="append")
    parser.add_argument("--no-sdist", action="store_true")
    chosen = parser.parse_args()
    selected = [packages[name] for name in chosen.package or packages]
    chosen.into.mkdir(parents=True, exist_ok=True)
    try:
        files: list[Path] = []
        for kind in KINDS if chosen.kind == "all" else (chosen.kind,):
            files += build_wheels(selected, kind)
        made = {Path(shutil.copy(file, chosen.into)) for file in files}
        if not chosen.no_sdist:
            made |= {build_sdist(package, chosen.into) for package in selected}
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    for file in sorted(made):
        print(file)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
