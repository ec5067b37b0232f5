"""Serve examples/demo on http://localhost:8080, compiled where this machine can compile.

    hatch run demo                                    # or: hatch run demo --port 9090 --pure

Where a C compiler and Python's headers are found, the packages' compiled wheels are built and
installed into a virtual environment under build/, made again when a source file changed. Where
they are not, or where the compile fails, the demo runs on the environment it was started in:
editable and pure. Either way one line says what was chosen and why.

The application itself is examples/demo/app.py; it knows nothing of this script.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

from build_wheels import BuildError, build_wheels, kept_wheel, why_not_compiled
from environments import ready_environment
from workspace import BUILD, ROOT, read_packages

APP = ROOT / "examples" / "demo" / "app.py"
LOG = BUILD / "demo-build.log"


def say(line: str) -> None:
    """Print a line at once, though the output may go through a pipe."""
    print(line, flush=True)


def is_taken(port: int) -> bool:
    """Tell whether somebody serves on *port* of this machine already.

    Asked before the compile, which takes a minute: the server's own error would come late.
    """
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with contextlib.suppress(OSError), socket.socket(family) as probe:
            probe.settimeout(1)
            if probe.connect_ex((address, port)) == 0:
                return True
    return False


def compiled_python() -> Path | None:
    """Return an interpreter with the compiled wheels, or None having said why there is none."""
    if reason := why_not_compiled():
        say(f"demo: {reason}, so this is the pure-Python version")
        return None
    packages = read_packages().values()
    if not all(kept_wheel(package, "compiled") for package in packages):
        say("demo: compiling the hot modules, which is done again only after an edit")
    try:
        wheels = build_wheels(packages, "compiled")
        folder = BUILD / f"demo-{sysconfig.get_config_var('SOABI')}"
        # A wheel lies in a folder named by its digest: the paths say what is in them.
        stamp = "\n".join([sys.version, *map(str, wheels)])
        return ready_environment(folder, wheels, stamp=stamp)
    except (BuildError, subprocess.CalledProcessError, OSError) as error:
        LOG.parent.mkdir(parents=True, exist_ok=True)
        LOG.write_text(str(error), "utf-8")
        place = LOG.relative_to(ROOT)
        say(f"demo: the compile failed (see {place}), so this is the pure-Python version")
        return None


def serve(python: Path, port: int) -> int:
    """Run the application until it ends; return its exit code."""
    variables = {**os.environ, "PORT": str(port)}
    if os.name == "posix":
        # The application takes this process's place, and with it Ctrl-C and the exit code.
        os.execve(python, [str(python), str(APP)], variables)
    # Ctrl-C goes to both; this process only waits for the application to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return subprocess.run([python, APP], env=variables, check=False).returncode


def main() -> int:
    """Choose the version, say so, serve; return the exit code."""
    parser = argparse.ArgumentParser(description="Serve examples/demo.")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--pure", action="store_true", help="don't compile")
    chosen = parser.parse_args()
    if is_taken(chosen.port):
        print(
            f"demo: port {chosen.port} is taken; end what serves there, "
            "or choose another: hatch run demo --port 8081",
            file=sys.stderr,
        )
        return 1
    python = None if chosen.pure else compiled_python()
    return serve(python or Path(sys.executable), chosen.port)


if __name__ == "__main__":
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        # During the compile there is nothing to end cleanly but the message.
        raise SystemExit(130) from None
