"""Install all packages as wheels into the environment that runs this script.

    python dev/install_wheels.py compiled

The environments ``compiled`` and ``bench`` start with it: what they run is what a user would
have installed, never the sources. Unchanged wheels are left as they are.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from build_wheels import KINDS, BuildError, build_wheels
from environments import pip
from workspace import read_packages


def main() -> int:
    """Build and install; return the exit code."""
    parser = argparse.ArgumentParser(description="Install all packages as wheels.")
    parser.add_argument("kind", choices=KINDS)
    kind = parser.parse_args().kind
    packages = read_packages().values()
    if sys.prefix == sys.base_prefix:
        print("expected to run inside a virtual environment; see CONTRIBUTING.md", file=sys.stderr)
        return 2
    try:
        wheels = build_wheels(packages, kind)
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    # A wheel lies in a folder named by its digest, so the paths say what is in the wheels.
    installed = "\n".join(map(str, wheels))
    marker = Path(sys.prefix, "tidegate-wheels.txt")
    if not marker.is_file() or marker.read_text("utf-8") != installed:
        marker.unlink(missing_ok=True)
        # pip keeps an installed package of the same version, whatever the new wheel holds.
        pip(["uninstall", "--yes", *(package.distribution for package in packages)])
        pip(["install", *wheels])
        marker.write_text(installed, "utf-8")
    print("installed:", ", ".join(wheel.name for wheel in wheels))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
