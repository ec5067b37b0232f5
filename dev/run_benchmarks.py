"""Run the benchmarks, one after the other.

    hatch run bench:run                               # all of them
    hatch run bench:run head                          # those with "head" in their path

Each benchmark is a program of its own, ``benchmarks/<folder>/bench_<what>.py``, that says what it
measures; its options are in its docstring, for calling it directly. They never run side by side.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from workspace import ROOT


def main() -> int:
    """Run the chosen benchmarks; return 1 if one failed or none was found."""
    parser = argparse.ArgumentParser(description="Run the benchmarks.")
    parser.add_argument("part", nargs="*", help="a part of a benchmark's path")
    parts = parser.parse_args().part
    programs = [
        program.relative_to(ROOT)
        for program in sorted((ROOT / "benchmarks").rglob("bench_*.py"))
        if not parts or any(part in str(program.relative_to(ROOT)) for part in parts)
    ]
    if not programs:
        print(f"expected a benchmark with one of {parts} in its path, found none", file=sys.stderr)
        return 1
    failed = []
    for program in programs:
        print(f"\n==== {program}", flush=True)
        if subprocess.run([sys.executable, program], cwd=ROOT, check=False).returncode != 0:
            failed.append(str(program))
    if failed:
        print("failed:", ", ".join(failed), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
