"""``make deploy``: what it looks for and asks before Terraform is started. The programs it calls are scripts here."""

import os
import pty
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "terraform/deploy.sh"
PROGRAM = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'
FAILS = "#!/bin/sh\nexit 1\n"
# Where the tests run in the background of a script, they and their children are told to ignore Ctrl-C.
AT_A_TERMINAL = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.login_tty(0); os.execv(sys.argv[1], sys.argv[1:])"
)
ADDRESS = "pochi@example.com"


class Machine:
    """A machine with these programs, and a clone's folder of Terraform."""

    def __init__(self, folder: Path) -> None:
        self.programs, self.terraform = folder / "bin", folder / "terraform"
        self.programs.mkdir()
        self.terraform.mkdir()
        self.calls = folder / "calls"
        self.calls.touch()
        shutil.copy(DEPLOY, self.terraform)
        for name in ("sh", "grep", "dirname", "basename"):
            (self.programs / name).symlink_to(str(shutil.which(name)))
        for name in ("terraform", "docker", "aws"):
            self.install(name)
        self.environment = {"PATH": str(self.programs), "CALLS": str(self.calls), "AWS_REGION": "ap-northeast-1"}

    def install(self, name: str, text: str = PROGRAM) -> None:
        (self.programs / name).write_text(text)
        (self.programs / name).chmod(0o755)

    def applied(self) -> bool:
        return "terraform apply" in self.calls.read_text()

    def deploy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Without a terminal."""
        return subprocess.run(
            [self.terraform / "deploy.sh", *arguments],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def deploy_at_a_terminal(self, typed: bytes) -> int:
        """Type this when it asks; returns the exit code, the negative number of a signal that ended it."""
        screen, terminal = pty.openpty()
        command = [sys.executable, "-c", AT_A_TERMINAL, str(self.terraform / "deploy.sh")]
        process = subprocess.Popen(command, env=self.environment, stdin=terminal)
        os.close(terminal)
        shown = b""
        while b"for none): " not in shown:
            shown += os.read(screen, 1000)
        os.write(screen, typed)
        with suppress(OSError):  # so Linux ends what is read of a terminal
            while os.read(screen, 1000):
                pass
        os.close(screen)
        return process.wait()


@pytest.fixture
def machine(tmp_path) -> Machine:
    return Machine(tmp_path)


def without(name: str) -> Callable[[Machine], None]:
    return lambda machine: (machine.programs / name).unlink()


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (without("terraform"), "needs Terraform 1.11"),
        (without("docker"), "there is no docker on the PATH"),
        (lambda machine: machine.install("docker", FAILS), "docker version gets no answer"),
        (lambda machine: machine.environment.pop("AWS_REGION"), "needs a region"),
        (lambda machine: machine.install("aws", FAILS), "needs credentials"),
    ],
)
def test_what_an_apply_needs_is_missed_before_terraform_is_started(machine, broken, complaint):
    broken(machine)
    done = machine.deploy()
    assert (done.returncode, complaint in done.stderr) == (1, True)
    assert "terraform" not in machine.calls.read_text()


def test_an_image_that_is_given_needs_no_docker_and_arguments_are_passed_on(machine):
    without("docker")(machine)
    machine.environment["TF_VAR_image_uri"] = "registry.test/bot:v1"
    done = machine.deploy("-auto-approve", "-var=name=pochi")
    assert done.returncode == 0
    assert "terraform apply -auto-approve -var=name=pochi\n" in machine.calls.read_text()
    assert "slack_install_link" in done.stdout


def test_the_address_of_alarms_is_asked_for_once_and_kept(machine):
    assert machine.deploy_at_a_terminal(f"{ADDRESS}\n".encode()) == 0
    assert machine.applied()
    assert f'alarm_email = "{ADDRESS}"' in (machine.terraform / "terraform.tfvars").read_text()
    assert "first e-mail" in machine.deploy().stdout


def test_enter_is_kept_as_nobody(machine):
    assert machine.deploy_at_a_terminal(b"\n") == 0
    assert "alarm_email = null" in (machine.terraform / "terraform.tfvars").read_text()


@pytest.mark.parametrize("address", ["pochi", 'a"b@example.com', "${var.name}@example.com"])
def test_what_is_no_address_is_refused_and_not_kept(machine, address):
    assert machine.deploy_at_a_terminal(f"{address}\n".encode()) == 1
    assert not (machine.terraform / "terraform.tfvars").exists()
    assert not machine.applied()


def test_ctrl_c_at_the_question_ends_it_there(machine):
    assert machine.deploy_at_a_terminal(b"\x03") in (-signal.SIGINT, 128 + signal.SIGINT)
    assert not machine.applied()
