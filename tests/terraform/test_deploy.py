"""``make deploy``: what it looks for and asks before Terraform is started. The programs it calls are scripts here."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[2] / "terraform/deploy.sh"
POLICIES = [DEPLOY.with_name("policies") / name for name in ("deployer.json", "several_workspaces.json")]
PROGRAM = '#!/bin/sh\necho "$(basename "$0") $*" >>"$CALLS"\n'
FAILS = "#!/bin/sh\nexit 1\n"
HANGS = f"""#!{sys.executable}
import os, signal, sys
call = " ".join([os.path.basename(sys.argv[0]), *sys.argv[1:]])
open(os.environ["CALLS"], "a").write(call + "\\n")
if call.startswith(os.environ.get("HANGS_AT", "nowhere")):
    # Like Terraform and the AWS CLI, it ends at Ctrl-C by itself, with an exit code.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(1))
    os.write(os.open("/dev/tty", os.O_WRONLY), b"It hangs.")  # whatever becomes of its own output
    signal.pause()
"""
AWS = f"""#!{sys.executable}
import os, sys
words = sys.argv[1:]
if "get-caller-identity" in words:
    print(os.environ.get("PRINCIPAL", "arn:aws:iam::123456789012:user/pochi"))
elif "get-role" in words:
    print("arn:aws:iam::123456789012:role/dogs/walker")
elif "simulate-principal-policy" in words:
    action, resource = (words[words.index(option) + 1] for option in ("--action-names", "--resource-arns"))
    principal = words[words.index("--policy-source-arn") + 1]
    open(os.environ["CALLS"], "a").write(f"may {{principal}} {{action}} {{resource}}\\n")
    if os.environ.get("DENIED") == "iam:SimulatePrincipalPolicy":
        sys.exit("AccessDenied")
    print("implicitDeny" if action == os.environ.get("DENIED") else "allowed")
"""
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
        for name in ("sh", "grep", "dirname", "basename", "mktemp", "cat", "rm"):
            (self.programs / name).symlink_to(str(shutil.which(name)))
        for name in ("terraform", "docker", "aws"):
            self.install(name)
        self.install("make")
        self.install("bot", folder=folder / ".venv/bin")
        self.environment = {"PATH": str(self.programs), "CALLS": str(self.calls), "AWS_REGION": "ap-northeast-1"}

    def install(self, name: str, text: str = PROGRAM, folder: Path | None = None) -> None:
        program = (folder or self.programs) / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(text)
        program.chmod(0o755)

    def applied(self) -> bool:
        return "terraform apply" in self.calls.read_text()

    def deploy(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Without a terminal."""
        return subprocess.run(
            [self.terraform / "deploy.sh", *arguments],
            env=self.environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip

    def deploy_at_a_terminal(self, typed: bytes, *, where: bytes = b"for none): ") -> int:
        """Type this when it asks; returns the exit code, the negative number of a signal that ended it."""
        with self._at_a_terminal(where) as (process, screen, _):
            os.write(screen, typed)
            with suppress(OSError):  # so Linux ends what is read of a terminal
                while os.read(screen, 1000):
                    pass
        return process.wait()

    def kill_at_a_terminal(self, where: bytes) -> None:
        """End all its programs at once when it shows this, as a machine that loses its power does."""
        with self._at_a_terminal(where) as (process, _, __):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    @contextmanager
    def _at_a_terminal(self, where: bytes) -> Iterator[tuple[subprocess.Popen[bytes], int, bytes]]:
        screen, terminal = pty.openpty()
        command = [sys.executable, "-c", AT_A_TERMINAL, str(self.terraform / "deploy.sh")]
        process = subprocess.Popen(command, env=self.environment, stdin=terminal)
        os.close(terminal)
        shown = b""
        while where not in shown:
            shown += os.read(screen, 1000)
        yield process, screen, shown
        os.close(screen)


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
    assert "parameter_commands" in done.stdout
    assert "bot" not in machine.calls.read_text().replace("registry.test/bot", "")


def test_make_passes_its_arguments_on():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}  # of make check
    shown = subprocess.run(
        ["make", "-n", "deploy", "ARGUMENTS=-auto-approve -var=name=pochi"],
        cwd=DEPLOY.parents[1], env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert shown.stdout == "terraform/deploy.sh -auto-approve -var=name=pochi\n"


def test_it_says_what_it_will_cost_before_anything_is_made(machine):
    done = machine.deploy()
    assert re.search(r"about \$\d\.\d\d a month idle and \$\d\.\d\d with 10,000 questions", done.stderr)


def test_the_key_of_several_workspaces_is_paid_and_asked_for_only_where_they_are_switched_on(machine):
    machine.install("aws", AWS)
    variables = machine.terraform / "terraform.tfvars"
    for written, is_on in (("several_workspaces = false", False), ("several_workspaces = true", True), ("", False)):
        variables.write_text(written)
        machine.calls.write_text("")
        said = machine.deploy().stderr
        assert ("key of several workspaces is another $1.00" in said) is is_on
        assert ("kms:CreateKey" in machine.calls.read_text()) is is_on


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


STEPS = ("docker version", "aws sts", "terraform init", "terraform apply", "terraform output", "make ", "bot secret")


@pytest.fixture
def hanging(machine) -> Machine:
    """A machine whose programs can be made to hang. Nobody is asked for an address."""
    machine.environment["TF_VAR_alarm_email"] = ADDRESS
    for name in ("terraform", "docker", "aws", "make"):
        machine.install(name, HANGS)
    machine.install("bot", HANGS, machine.terraform.parent / ".venv/bin")
    return machine


def finished(machine: Machine) -> bool:
    """It has gone through every step, in this order, with nothing after them."""
    calls = machine.calls.read_text().splitlines()
    steps = [next((step for step in STEPS if call.startswith(step)), "") for call in calls]
    return [step for number, step in enumerate(steps) if step and step not in steps[:number]] == list(STEPS)


@pytest.mark.parametrize("step", STEPS)
def test_ctrl_c_ends_it_at_every_step_and_it_can_be_run_again(hanging, step):
    hanging.environment["HANGS_AT"] = step
    assert hanging.deploy_at_a_terminal(b"\x03", where=b"It hangs.") != 0
    assert hanging.calls.read_text().splitlines()[-1].startswith(step)

    del hanging.environment["HANGS_AT"]
    hanging.calls.write_text("")
    assert hanging.deploy_at_a_terminal(b"", where=b"Enter leaves one for later") == 0
    assert finished(hanging)


@pytest.mark.parametrize("step", STEPS)
def test_when_everything_is_killed_at_a_step_it_can_be_run_again(hanging, step):
    hanging.environment["HANGS_AT"] = step
    hanging.kill_at_a_terminal(b"It hangs.")

    del hanging.environment["HANGS_AT"]
    hanging.calls.write_text("")
    assert hanging.deploy_at_a_terminal(b"", where=b"Enter leaves one for later") == 0
    assert finished(hanging)


def test_after_the_apply_the_secrets_of_this_deployment_are_asked_for(machine):
    machine.environment["TF_VAR_alarm_email"] = ADDRESS
    machine.install("terraform", f'{PROGRAM}case "$*" in *parameters_prefix) echo /pochi ;; esac\n')
    machine.install(
        "bot", PROGRAM + 'echo "for $PARAMETERS_PREFIX" >>"$CALLS"\n', machine.terraform.parent / ".venv/bin"
    )
    assert machine.deploy_at_a_terminal(b"", where=b"Enter leaves one for later") == 0
    assert machine.calls.read_text().endswith("bot secret\nfor /pochi\n")


def test_an_apply_that_fails_says_how_to_go_on_and_asks_for_no_secret(machine):
    machine.install("terraform", f'{PROGRAM}[ "$1" != apply ]\n')
    done = machine.deploy()
    assert (done.returncode, "Run it again" in done.stderr) == (1, True)
    assert machine.calls.read_text().endswith("terraform apply\n")


CREATED = (
    ("apigateway:POST", "arn:aws:apigateway:ap-northeast-1::/apis"),
    ("dynamodb:CreateTable", "arn:aws:dynamodb:ap-northeast-1:123456789012:table/pochi"),
    ("ecr:CreateRepository", "arn:aws:ecr:ap-northeast-1:123456789012:repository/pochi"),
    ("iam:CreateRole", "arn:aws:iam::123456789012:role/pochi-worker"),
    ("ssm:PutParameter", "arn:aws:ssm:ap-northeast-1:123456789012:parameter/pochi/SlackToken"),
)


@pytest.mark.parametrize(("action", "resource"), CREATED)
def test_a_permission_that_is_missing_is_missed_before_terraform_is_started(machine, action, resource):
    (machine.terraform / "terraform.tfvars").write_text('name = "pochi"')
    machine.install("aws", AWS)
    machine.environment["DENIED"] = action
    done = machine.deploy()
    assert (done.returncode, f"permission to {action} on {resource}" in done.stderr) == (1, True)
    assert "terraform" not in machine.calls.read_text()


def test_what_is_asked_of_iam_is_what_the_deployers_policy_allows(machine):
    machine.install("aws", AWS)
    machine.environment["TF_VAR_several_workspaces"] = "true"
    assert machine.deploy("-var=name=pochi").returncode == 0
    asked = [line.split()[2:] for line in machine.calls.read_text().splitlines() if line.startswith("may ")]
    place = {"name": "pochi", "account": "123456789012", "region": "ap-northeast-1", "partition": "aws"}
    policies = [re.sub(r"\$\{(\w+)\}", lambda found: place[found[1]], policy.read_text()) for policy in POLICIES]
    statements = [statement for policy in policies for statement in json.loads(policy)["Statement"]]
    assert len(asked) > len(CREATED)
    for action, resource in asked:
        assert [
            each for each in statements
            if action in each["Action"] and any(fnmatch(resource, pattern) for pattern in each["Resource"])
        ], action  # fmt: skip


@pytest.mark.parametrize(
    ("caller", "asked_of"),
    [
        ("arn:aws:sts::123456789012:assumed-role/walker/pochi", "arn:aws:iam::123456789012:role/dogs/walker"),
        ("arn:aws:iam::123456789012:user/pochi", "arn:aws:iam::123456789012:user/pochi"),
        ("arn:aws:iam::123456789012:root", ""),
    ],
)
def test_iam_is_asked_about_whoever_deploys(machine, caller, asked_of):
    machine.install("aws", AWS)
    machine.environment["PRINCIPAL"] = caller
    assert machine.deploy().returncode == 0
    asked = {line.split()[1] for line in machine.calls.read_text().splitlines() if line.startswith("may ")}
    assert asked == ({asked_of} if asked_of else set())


def test_where_iam_may_not_be_asked_terraform_is_started_and_it_is_said_once(machine):
    machine.install("aws", AWS)
    machine.environment["DENIED"] = "iam:SimulatePrincipalPolicy"
    done = machine.deploy()
    assert (done.returncode, done.stderr.count("The permissions are not checked")) == (0, 1)
    assert machine.applied()


LEFT_OVER = """#!/bin/sh
echo "terraform $*" >>"$CALLS"
[ "$1" = apply ] || exit 0
[ ! -f left-over.tf ] || { cat left-over.tf >>"$CALLS"; exit 0; }
cat >&2 <<END
╷
│ Error: creating IAM Role (pochi-worker): EntityAlreadyExists: Role with name pochi-worker already exists.
│
│   with module.worker.aws_iam_role.function,
│   on modules/function/main.tf line 1
╵
│ Error: creating SSM Parameter (/pochi/SlackToken): ParameterAlreadyExists: The parameter already exists.
│
│   with module.parameters.aws_ssm_parameter.secrets["SlackToken"],
╵
│ Error: creating SNS Topic (pochi-alarms): AuthorizationError
│
│   with module.observability.aws_sns_topic.alarms,
╵
END
exit 1
"""
IMPORTS = """import {
  to = module.worker.aws_iam_role.function
  id = "pochi-worker"
}
import {
  to = module.parameters.aws_ssm_parameter.secrets["SlackToken"]
  id = "/pochi/SlackToken"
}
"""


@pytest.fixture
def killed(machine) -> Machine:
    """A machine on which an apply was killed: two things exist that its Terraform does not know of."""
    machine.environment |= {"TF_VAR_alarm_email": ADDRESS, "TF_VAR_name": "pochi"}
    machine.install("terraform", LEFT_OVER)
    return machine


def test_what_a_killed_apply_left_is_taken_over_after_a_yes(killed):
    assert killed.deploy_at_a_terminal(b"yes\n", where=b"(yes): ") == 0
    calls = killed.calls.read_text()
    assert IMPORTS in calls
    assert "aws_sns_topic" not in calls
    assert calls.endswith("bot secret\n")
    assert not (killed.terraform / "left-over.tf").exists()


@pytest.mark.parametrize(
    ("address", "id_"),
    [
        ("module.install[0].aws_lambda_function.function", "pochi-install"),
        ("module.install[0].aws_cloudwatch_log_group.function", "/aws/lambda/pochi-install"),
        ("module.token_key[0].aws_kms_alias.tokens", "alias/pochi-tokens"),
    ],
)
def test_what_several_workspaces_need_is_taken_over_too(killed, address, id_):
    killed.install("terraform", LEFT_OVER.replace("module.worker.aws_iam_role.function", address))
    assert killed.deploy_at_a_terminal(b"yes\n", where=b"(yes): ") == 0
    assert f'  to = {address}\n  id = "{id_}"\n' in killed.calls.read_text()


def test_without_a_yes_nothing_is_taken_over(killed):
    assert killed.deploy_at_a_terminal(b"\n", where=b"(yes): ") == 1
    assert "import" not in killed.calls.read_text()


def test_without_a_terminal_nothing_is_taken_over_and_the_errors_are_shown(killed):
    done = killed.deploy()
    assert (done.returncode, killed.calls.read_text().count("terraform apply")) == (1, 1)
    assert "EntityAlreadyExists" in done.stderr
    assert not (killed.terraform / "left-over.tf").exists()


def test_every_thing_that_may_be_taken_over_is_one_that_terraform_makes():
    script = DEPLOY.read_text()
    types = set(re.findall(r"\.(aws_\w+)\.", script))
    made = "".join(path.read_text() for path in DEPLOY.parent.glob("modules/*/*.tf"))
    assert types
    assert types <= set(re.findall(r'^resource "(\w+)"', made, re.MULTILINE))
