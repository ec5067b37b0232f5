"""A URL router that needs no server: resources, routes, patterns, url_for."""

from ._version import __version__ as __version__
