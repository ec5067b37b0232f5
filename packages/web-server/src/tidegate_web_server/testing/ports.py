"""Sockets on free loopback ports."""

import socket

LOOPBACK = "127.0.0.1"


def get_port_socket(host: str, port: int, family: socket.AddressFamily) -> socket.socket:
    """Return a socket bound to *port* of *host*; it does not listen yet.

    :param port: 0 for a free one.
    """
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        # A server that starts again at once finds its port free, though connections to the one
        # before it are still dying.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


def get_unused_port_socket(
    host: str, family: socket.AddressFamily = socket.AF_INET
) -> socket.socket:
    """Return a socket bound to a free port of *host*; it does not listen yet."""
    return get_port_socket(host, 0, family)


def unused_port() -> int:
    """Return a TCP port of the loopback interface that was free a moment ago.

    Another program may take it before you do; ``port=0`` and asking the server for its port
    afterwards has no such gap.
    """
    with get_unused_port_socket(LOOPBACK) as sock:
        port: int = sock.getsockname()[1]
        return port
