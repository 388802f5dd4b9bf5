"""Ports for servers that start later: nobody else may have taken one by then."""

import random
import socket
import subprocess
import sys
from contextlib import closing, suppress

import pytest

from bench import ports
from bench.ports import HIGHEST, LOWEST, free_port
from tests.repository import ROOT
from tests.stand_ins import SOON

OTHER_PROCESS = """
import sys
from bench import ports
ports.LOWEST, ports.HIGHEST = int(sys.argv[1]), int(sys.argv[1]) + 1
print(ports.free_port())
"""


@pytest.fixture
def lower() -> int:
    """The lower of two ports that nobody has, neither for TCP nor for UDP."""
    while True:
        port = random.SystemRandom().randrange(LOWEST, HIGHEST)
        with suppress(OSError):
            for each in (port, port + 1):
                for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                    with socket.socket(type=kind) as free:
                        free.bind(("127.0.0.1", each))
            return port


def test_another_process_gets_another_port_before_anything_listens(lower, monkeypatch):
    monkeypatch.setattr(ports, "LOWEST", lower)
    monkeypatch.setattr(ports, "HIGHEST", lower)
    assert free_port() == lower
    command = [sys.executable, "-c", OTHER_PROCESS, str(lower)]
    assert int(subprocess.check_output(command, cwd=ROOT, text=True, timeout=SOON)) == lower + 1


def test_a_port_on_which_something_listens_is_not_given(lower, monkeypatch):
    monkeypatch.setattr(ports, "LOWEST", lower)
    monkeypatch.setattr(ports, "HIGHEST", lower + 1)
    with closing(socket.create_server(("127.0.0.1", lower))):
        assert free_port() == lower + 1


def test_a_port_is_none_that_the_system_gives_to_others():
    with closing(socket.create_server(("127.0.0.1", 0))) as anyone:
        assert free_port() < 32_768 <= anyone.getsockname()[1]


def test_a_server_can_start_on_its_port_again_and_again():
    port = free_port()
    for _ in range(3):
        with closing(socket.create_server(("127.0.0.1", port))) as server:
            assert server.getsockname()[1] == port
