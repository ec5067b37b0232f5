"""Run the tests on every Python of the matrix that this machine has.

    hatch run test-pythons                            # all of them
    hatch run test-pythons --skip 3.11 -m "not wheels"

The versions are those of the environment ``test`` in hatch.toml. hatch stops at the first version
that is not installed; this script looks first, says what is missing, and runs the others.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from workspace import ROOT


def matrix() -> list[str]:
    """Return the Python versions of the environment ``test``."""
    environments = tomllib.loads((ROOT / "hatch.toml").read_text("utf-8"))["envs"]
    return [version for row in environments["test"]["matrix"] for version in row["python"]]


def find_python(version: str) -> Path | None:
    """Return the interpreter of *version*, or None; one that can't be started is not there."""
    for candidate in candidates(version):
        try:
            # pyenv puts a command on PATH for versions that are not active: it only fails.
            asked = subprocess.run(
                [candidate, "-c", "import sys; print(sys.executable)"],
                capture_output=True,
                text=True,
                timeout=60,
                check=False,
            )
        except OSError:
            continue
        if asked.returncode == 0:
            return Path(asked.stdout.strip())
    return None


def candidates(version: str) -> list[str]:
    """Return the commands that may be Python *version*: on PATH, then pyenv's inactive ones."""
    on_path = shutil.which(f"python{version}")
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv", "versions")
    inactive = sorted(pyenv.glob(f"{version}*/bin/python{version}"))
    return [*([on_path] if on_path else []), *map(str, inactive)]


def main() -> int:
    """Run the tests once a version; return 1 if any run failed."""
    parser = argparse.ArgumentParser(description="Run the tests on every installed Python.")
    parser.add_argument("--skip", action="append", default=[], metavar="VERSION")
    chosen, arguments = parser.parse_known_args()
    hatch = shutil.which("hatch")
    if hatch is None:
        print("expected the command hatch on PATH; see CONTRIBUTING.md", file=sys.stderr)
        return 2
    outcome = {}
    for version in matrix():
        python = None if version in chosen.skip else find_python(version)
        if python is None:
            outcome[version] = "skipped" if version in chosen.skip else "not installed"
            continue
        path = os.pathsep.join([str(python.parent), os.environ.get("PATH", os.defpath)])
        variables = {**os.environ, "PATH": path}
        # Inside a hatch environment hatch would choose that one.
        for name in ("HATCH_ENV", "HATCH_ENV_ACTIVE", "HATCH_PYTHON"):
            variables.pop(name, None)
        run = subprocess.run(
            [hatch, "run", f"+py={version}", "test:test", *arguments],
            cwd=ROOT,
            env=variables,
            check=False,
        )
        outcome[version] = "passed" if run.returncode == 0 else "failed"
    for version, result in outcome.items():
        print(f"Python {version}: {result}")
    return 1 if "failed" in outcome.values() else 0


if __name__ == "__main__":
    raise SystemExit(main())
