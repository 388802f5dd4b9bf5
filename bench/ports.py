"""Ports of loopback for servers that start later, or more than once."""

import atexit
import random
import socket

LOWEST, HIGHEST = 16_000, 32_767
"""Below the ports that a system gives to outgoing connections and to port 0: from 32768 on Linux, from 49152 on
macOS."""


def free_port() -> int:
    """Return a TCP port of loopback that stays free for whoever asked for it.

    The UDP port of the same number is bound until this process ends. So no other process that asks here gets the port
    while its server is not running yet, or not running any more.
    """
    while True:
        port = random.SystemRandom().randint(LOWEST, HIGHEST)
        reservation = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            reservation.bind(("127.0.0.1", port))
            socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            reservation.close()
        else:
            atexit.register(reservation.close)
            return port
