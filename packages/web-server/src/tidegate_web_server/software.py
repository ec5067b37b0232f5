"""The Server field of every response; it names the software and, on purpose, not its version."""

from typing import Final

SERVER_SOFTWARE: Final = "tidegate"
