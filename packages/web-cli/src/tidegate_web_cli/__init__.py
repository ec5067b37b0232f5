"""run_app and the tidegate command."""

from ._version import __version__ as __version__
