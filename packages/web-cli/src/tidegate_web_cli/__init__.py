"""Running applications: ``run_app`` and the command line ``python -m tidegate.web``."""

from ._version import __version__ as __version__
from .banner import Build as Build
from .banner import describe_build as describe_build
from .listening import ListenError as ListenError
from .loops import LoopName as LoopName
from .loops import new_event_loop as new_event_loop
from .module_main import main as main
from .run import run_app as run_app

__all__ = (
    "Build",
    "ListenError",
    "LoopName",
    "__version__",
    "describe_build",
    "main",
    "new_event_loop",
    "run_app",
)
