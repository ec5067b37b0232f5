"""What the options say about logging, done to Python's logging.

Without a file the root logger writes to standard error: a line each, at the level that was asked
for, in colours where that is a terminal (:mod:`.console` knows the formats). A file configures
everything instead, in the form that its name tells: JSON or YAML for
``logging.config.dictConfig``, else an ini file for ``logging.config.fileConfig``; the level, if
it is not the default, is set on top of it.
"""

import json
import logging
import os
import sys
from importlib import import_module
from types import ModuleType
from typing import Any

from .console import LineFormatter, colors_wanted
from .errors import CommandError
from .settings import RunSettings

TRACE = 5
"""The level below debug that ``--log-level trace`` shows."""


class LoggingError(CommandError):
    """A file that is to configure logging, and can't."""


def set_up_logging(settings: RunSettings) -> None:
    """Configure logging as *settings* ask for.

    :raises LoggingError: the file can't be read, or logging refuses it.
    """
    logging.addLevelName(TRACE, "TRACE")
    level = TRACE if settings.log_level == "trace" else settings.log_level.upper()
    root = logging.getLogger()
    if settings.log_config is not None:
        _configure(settings.log_config)
        if settings.log_level != "info":
            root.setLevel(level)
        return
    handler = logging.StreamHandler()
    handler.setFormatter(LineFormatter(colors=colors_wanted(settings.use_colors, sys.stderr)))
    root.addHandler(handler)
    root.setLevel(level)
    # asyncio's own debug lines tell of its internals, and drown the rest.
    if settings.log_level != "trace":
        logging.getLogger("asyncio").setLevel(logging.INFO)


def _configure(path: str) -> None:
    from logging.config import dictConfig, fileConfig

    try:
        if path.endswith((".json", ".yaml", ".yml")):
            dictConfig(_read(path))
        else:
            with open(path, encoding="utf-8") as file:
                fileConfig(file, disable_existing_loggers=False)
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise LoggingError(f"--log-config: cannot read {path}: {reason}") from error
    # What the two functions raise for a bad configuration is not documented to be of any class.
    except CommandError:
        raise
    except Exception as error:
        cause = error.__cause__ or error
        raise LoggingError(f"--log-config: {path} configures no logging: {cause!r}") from error


def _read(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        if path.endswith(".json"):
            read: Any = json.load(file)
        else:
            try:
                yaml: ModuleType = import_module("yaml")
            except ImportError as error:
                raise LoggingError(
                    f"--log-config: {path} needs PyYAML: pip install pyyaml, or write JSON"
                ) from error
            read = yaml.safe_load(file)
    if not isinstance(read, dict):
        raise LoggingError(f"--log-config: {path} is to hold a mapping for dictConfig")
    # Else loggers that modules made at their import would fall silent.
    return {"disable_existing_loggers": False, **read}
