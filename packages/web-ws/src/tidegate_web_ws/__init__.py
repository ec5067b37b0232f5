"""WebSocket (RFC 6455) for tidegate: a codec without I/O and WebSocketResponse."""

from ._version import __version__ as __version__
