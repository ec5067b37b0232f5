"""A supervisor; its two arguments hold the settings of the run, and its policy, as JSON."""

import json
import socket
import sys
from pathlib import Path

from tidegate_web_cli.errors import CommandError
from tidegate_web_cli.restarts import RestartPolicy
from tidegate_web_cli.settings import RunSettings
from tidegate_web_cli.supervisor import supervise


def main() -> int:
    options, policy = map(json.loads, sys.argv[1:])
    options = {"target": "workers_app:make_app", "access_log": False, "workers": 2, **options}
    settings = RunSettings(app_dir=str(Path(__file__).parent), **options)
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        try:
            return supervise(settings, [sock], policy=RestartPolicy(**policy))
        except CommandError as error:
            sys.stderr.write(f"{error}\n")
            return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
