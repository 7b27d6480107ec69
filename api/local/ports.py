"""
Ports on the loopback interface.

Zero means a free one. Ports that must survive a restart of their server (the database's, the
chain's) are taken from below the range from which the kernel serves outgoing connections, so
that nothing sits on them by chance when the server comes back.
"""

import random
import socket
from collections.abc import Iterator

from api.local.errors import CannotStart, WrongInput

HOST = "127.0.0.1"
LOWEST, HIGHEST = 20_000, 32_000


def is_free(port: int, host: str = HOST) -> bool:
    """Whether a server could listen there now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _candidates(choose: random.Random, attempts: int) -> Iterator[int]:
    for _ in range(attempts):
        yield choose.randint(LOWEST, HIGHEST)


def free_port(choose: random.Random | None = None) -> int:
    """A port that nothing listens on, outside the range of outgoing connections."""
    for port in _candidates(choose or random.SystemRandom(), attempts=200):
        if is_free(port):
            return port
    raise CannotStart("no free port was found on the loopback interface")


def claim(wanted: int, option: str, host: str = HOST) -> int:
    """The port wanted, or a free one for 0; raises `WrongInput` when it is taken."""
    if wanted == 0:
        return free_port()
    if not 0 < wanted < 65_536:
        raise WrongInput(f"{option} {wanted}: a port is a number from 0 to 65535")
    if not is_free(wanted, host):
        raise WrongInput(
            f"port {wanted} is in use: stop what listens there, or choose another by {option} "
            "(0 takes a free one)"
        )
    return wanted


def listen(host: str, port: int, option: str) -> socket.socket:
    """
    A listening socket; raises `WrongInput` when the port is taken.

    The supervisor holds it and the web process inherits it, so that callers wait for a moment
    instead of being turned away when the web process is started again.
    """
    if not 0 <= port < 65_536:
        raise WrongInput(f"{option} {port}: a port is a number from 0 to 65535")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        made.bind((host, port))
        made.listen(1024)
    except PermissionError as error:
        made.close()
        raise WrongInput(f"port {port} may not be used by this user: {option} 8000, say") from error
    except OSError as error:
        made.close()
        raise WrongInput(
            f"port {port} is in use: stop what listens there, or choose another by {option} "
            "(0 takes a free one)"
        ) from error
    return made
