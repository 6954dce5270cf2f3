"""The ports of a shop: taken once by whoever starts it, and handed down to those who serve."""

import errno
import socket

from src.cli.complaint import Complaint

BACKLOG_CONNECTIONS = 2048


def bind(host: str, port: int, variable: str) -> socket.socket:
    """Take a port; raises Complaint naming the variable when that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Complaint(_because(error, host, port, variable)) from error
    return listening


def handed_down(fd: int) -> socket.socket:
    """Return the port that our parent took."""
    return socket.socket(fileno=fd)


def port_of(listening: socket.socket) -> int:
    port: int = listening.getsockname()[1]
    return port


def _because(error: OSError, host: str, port: int, variable: str) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"{variable}: another program listens on {host}:{port}. Stop it, or set {variable} "
            "to a free port (0 takes any)."
        )
    if error.errno == errno.EACCES:
        return f"{variable}: this user may not listen on port {port}; choose one above 1023."
    return f"KHATA_HOST: nothing can listen on {host} here ({error.strerror})."
