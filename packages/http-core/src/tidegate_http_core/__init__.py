"""HTTP/1.1 messages to and from bytes, without I/O: parser, framing, serialiser."""

from ._version import __version__ as __version__
