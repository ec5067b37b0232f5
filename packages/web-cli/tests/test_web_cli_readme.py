"""The README's program runs as it stands there, as an application of the package alone."""

import http.client
import re
import signal
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

README = Path(__file__).parent.parent.joinpath("README.md").read_text("utf-8")


@pytest.mark.real
def test_the_program_serves_what_it_promises(start: Callable[..., Any], tmp_path: Path) -> None:
    found = re.search(r"```python\n(.*?)```", README, re.DOTALL)
    assert found is not None, "expected a ```python block in README.md"
    assert "port=8080" in found[1]
    # Port 8080 may be taken on the machine that runs the tests.
    program = tmp_path / "program.py"
    program.write_text(found[1].replace("port=8080", "port=0"))
    process = start("-W", "error", program)
    connection = http.client.HTTPConnection("127.0.0.1", process.wait_for_port(), timeout=30)
    with closing(connection):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b"Hello, world"
    process.send(signal.SIGTERM)
    assert process.wait() == 0
