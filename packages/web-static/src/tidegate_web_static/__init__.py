"""Static files for tidegate: FileResponse and StaticResource."""

from ._version import __version__ as __version__
