"""Runs a program that cannot follow the machine's network interfaces: ``python unnotified.py PROGRAM [ARGUMENT …]``.

Chromium drops whatever it is loading, from loopback too, when an interface gets or loses an address: the network has
changed (ERR_NETWORK_CHANGED). Containers that start and end beside it do that all the time, and no switch keeps
Chromium from looking. It looks through a netlink socket of the routing family. A filter of system calls refuses such
a socket, as a kernel without netlink would; Chromium then takes the network for one that never changes. No privilege
is needed for a filter of one's own (see ``man 2 seccomp``). Where there is none, the program runs all the same.
"""

import ctypes
import errno
import os
import platform
import struct
import sys

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
AF_NETLINK, NETLINK_ROUTE = 16, 0
ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | errno.EAFNOSUPPORT
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06  # instructions: load a word, go on if it equals a number, return
NUMBER, ARCHITECTURE, DOMAIN, PROTOCOL = 0, 4, 16, 32  # where in struct seccomp_data each stands, little-endian

SOCKET = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""By machine: its audit architecture, and the number of socket(2)."""


class Program(ctypes.Structure):
    """struct sock_fprog."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def instructions(architecture: int, socket: int) -> bytes:
    """Refuses what equals all four, and allows the rest."""
    wanted = ((ARCHITECTURE, architecture), (NUMBER, socket), (DOMAIN, AF_NETLINK), (PROTOCOL, NETLINK_ROUTE))
    code = []
    for at, (place, value) in enumerate(wanted):
        to_allow = 2 * (len(wanted) - at) - 1
        code += [(LOAD, 0, 0, place), (EQUAL, 0, to_allow, value)]
    code += [(RETURN, 0, 0, REFUSE), (RETURN, 0, 0, ALLOW)]
    return b"".join(struct.pack("=HBBI", *each) for each in code)


def refuse_to_follow_interfaces() -> None:
    if sys.platform != "linux" or platform.machine() not in SOCKET:
        return
    code = instructions(*SOCKET[platform.machine()])
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(Program(len(code) // 8, code)), 0, 0)


if __name__ == "__main__":
    refuse_to_follow_interfaces()
    os.execv(sys.argv[1], sys.argv[1:])
