"""AWS on this machine: the project's own Terraform, applied to an emulator that runs the project's own image.

MiniStack answers for AWS and runs the functions' containers by a Docker engine; moto answers for
CloudWatch, whose alarms MiniStack returns incompletely. Nothing of the Terraform is changed: the
environment points the provider and the functions here.

MiniStack works off a FIFO queue with one worker at a time, since a batch of several messages may span groups. Here a
batch is one message, and MiniStack hands out one message of a group at a time; so it is started with the concurrency
that the event source mapping asks for. It deletes a stage whose settings of one route are deleted; here those alone.
The queues refuse whoever comes without TLS, and so does MiniStack. Here it takes each request for one whose TLS ended
in front of it.
"""

import http.client
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
from slack_sdk.signature import SignatureVerifier

from bench.ports import free_port

ROOT = Path(__file__).parents[2]
EMULATOR = ROOT / ".venv-emulator/bin/python"
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
BOT_TOKEN = "xoxb-own"
CLIENT_ID, CLIENT_SECRET = "1234567890.1234567890", "a-client-secret-of-pochi"
OPENAI_KEY = "sk-a-recognisable-key"
REGION, ACCOUNT = "us-east-1", "000000000000"
SOURCES = ("domain", "adapters", "entrypoints", "requirements", "terraform")
MINISTACK = """
import sys
from urllib.parse import unquote
from ministack import app
from ministack.services import apigateway, lambda_svc

of_any_queue = lambda_svc._sqs_esm_concurrency

def concurrency(mapping, function, config, queue=None):
    return of_any_queue(mapping, function, config, None if mapping.get("BatchSize") == 1 else queue)

lambda_svc._sqs_esm_concurrency = concurrency
of_any_path = apigateway.handle_request

async def handle_request(method, path, *request):
    stage, _, route = unquote(path).partition("/routesettings/")
    if method != "DELETE" or not route:
        return await of_any_path(method, path, *request)
    *_, api, _, name = stage.split("/")
    apigateway._stages[api][name]["routeSettings"].pop(route, None)
    return 204, {}, b""

apigateway.handle_request = handle_request
pin_origin = app.pin_request_origin
app.pin_request_origin = lambda source_ip, _secure: pin_origin(source_ip, True)
sys.argv = ["ministack"]
sys.exit(app.main())
"""
REATTACH = re.compile(r"TF_REATTACH_PROVIDERS='(.*)'")
"""What a provider that runs by itself prints for Terraform's environment."""
EMULATORS_POLICY = "emulator"
AT_LARGE = frozenset(
    {
        *("dynamodb:ListTagsOfResource", "dynamodb:TagResource", "dynamodb:UntagResource"),
        *("ecr:DescribeRepositories", "ecr:ListTagsForResource", "ecr:PutLifecyclePolicy", "ecr:TagResource"),
        "ecr:UntagResource",
        *("lambda:CreateFunction", "resource-groups:DeleteGroup", "resource-groups:GetGroup"),
        *("resource-groups:GetGroupConfiguration", "resource-groups:GetGroupQuery", "resource-groups:GetTags"),
        *("resource-groups:Tag", "resource-groups:Untag"),
        *("sns:ListTagsForResource", "sns:TagResource", "sns:UntagResource"),
    }
)
"""What the emulator authorises against ``*`` where AWS names the resource."""
DOCKER = """#!/bin/sh
# The emulated registry has no data plane and the engine holds the image already: login and push do nothing.
case "$1" in login) cat >/dev/null ;; push) ;; *) exec "$REAL_DOCKER" "$@" ;; esac
"""


def missing() -> str:
    """What this machine lacks to run the stack; empty where it lacks nothing."""
    if not shutil.which("terraform"):
        return "terraform is not installed"
    if not shutil.which("docker") or subprocess.run(["docker", "version"], capture_output=True, check=False).returncode:
        return "no Docker engine answers"
    return "" if EMULATOR.exists() else "the emulator is not installed (make emulator)"


def bare_environment() -> dict[str, str]:
    """This process's environment without what somebody exported for a deployment of their own."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("TF_VAR_", "AWS_"))}


class Emulated:
    """One deployment on one emulator, with the stand-ins for OpenAI and Slack outside it."""

    def __init__(self, folder: Path, model_port: int, slack_port: int) -> None:
        self.folder = folder
        for name in SOURCES:
            ignored = shutil.ignore_patterns(
                "__pycache__", ".terraform*", "*.tfstate*", "terraform.tfvars", "backend.tf"
            )
            shutil.copytree(ROOT / name, folder / name, ignore=ignored)
        for name in ("Dockerfile", ".dockerignore"):
            shutil.copy(ROOT / name, folder)
        wrapper = folder / "bin/docker"
        wrapper.parent.mkdir()
        wrapper.write_text(DOCKER)
        wrapper.chmod(0o755)

        # A name of its own lets two of these run beside each other on one Docker engine.
        self._name = f"bot-{secrets.token_hex(4)}"
        self.port, cloudwatch = free_port(), free_port()
        self._url = f"http://127.0.0.1:{self.port}"
        settings = {
            "OPENAI_BASE_URL": f"http://host.docker.internal:{model_port}/v1",
            "SLACK_API_URL": f"http://host.docker.internal:{slack_port}/api/",
        }
        self._env = bare_environment() | {
            "PATH": f"{wrapper.parent}{os.pathsep}{os.environ['PATH']}",
            "REAL_DOCKER": str(shutil.which("docker")),
            "AWS_ENDPOINT_URL": self._url,
            "AWS_ENDPOINT_URL_CLOUDWATCH": f"http://127.0.0.1:{cloudwatch}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_ARGS": "-no-color",
            "GOGC": "400",  # as in terraform/test.sh
            "TF_VAR_name": self._name,
            "TF_VAR_deletion_protection": "false",
            "TF_VAR_openai_api_key": OPENAI_KEY,
            "TF_VAR_slack_token": BOT_TOKEN,
            "TF_VAR_slack_signing_secret": SIGNING_SECRET,
            "TF_VAR_memory_token_limit": "60",
            "TF_VAR_memory_keep_tokens": "30",
            "TF_VAR_settings": json.dumps(settings),
        }
        if base_image := os.environ.get("LAMBDA_BASE_IMAGE"):
            self._env["TF_VAR_base_image"] = base_image
        # AUTH has the emulator enforce the functions' policies; its MQTT port is fixed unless it is given.
        ports = {"GATEWAY_PORT": str(self.port), "IOT_MTLS_PORT": str(free_port()), "AUTH": "true"}
        self._outputs: dict[str, Any] = {}
        self._variables: dict[str, str] = {}
        self._servers = [
            self._start("ministack", [str(EMULATOR), "-c", MINISTACK], self._env | ports),
            self._start("moto", [sys.executable, "-m", "moto.server", "-p", str(cloudwatch)], self._env),
        ]
        for port in (self.port, cloudwatch):
            self._wait_for(lambda port=port: _listens(port), f"nothing listens on port {port}")
        self._env |= self._deployer()

    def _deployer(self) -> dict[str, str]:
        """Credentials of somebody who may do what the deployer's policy says, and nothing else."""
        iam, allowed = self.client("iam"), set()
        iam.create_user(UserName="deployer")
        for file in ("deployer", "several_workspaces"):
            policy = (ROOT / f"terraform/policies/{file}.json").read_text()
            for name, value in {"name": self._name, "partition": "aws", "region": REGION, "account": ACCOUNT}.items():
                policy = policy.replace(f"${{{name}}}", value)
            iam.put_user_policy(UserName="deployer", PolicyName=file, PolicyDocument=policy)
            allowed |= {action for each in json.loads(policy)["Statement"] for action in each["Action"]}
        assert allowed >= AT_LARGE
        statement = {"Effect": "Allow", "Action": sorted(AT_LARGE), "Resource": "*"}
        at_large = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="deployer", PolicyName=EMULATORS_POLICY, PolicyDocument=at_large)
        key = iam.create_access_key(UserName="deployer")["AccessKey"]
        return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}

    def _start(self, name: str, command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
        log = (self.folder / f"{name}.log").open("wb")
        with log:
            return subprocess.Popen(command, env=env, cwd=self.folder, stdout=log, stderr=log)

    def _wait_for(self, look: Callable[[], Any], otherwise: str) -> Any:
        """Look again and again while all servers run. ``otherwise`` says what is wrong where one of them ends."""
        pause = threading.Event()
        while all(server.poll() is None for server in self._servers):
            if found := look():
                return found
            pause.wait(0.05)
        logs = "".join(log.read_text() for log in self.folder.glob("*.log"))
        raise AssertionError(f"{otherwise}: {logs[-4000:]}")

    def serve_provider(self) -> None:
        """Start the AWS provider once for all commands, in the way that its developers start it for a debugger.

        Each command that starts it by itself first compares its 700 MB with the lock file, and starts it anew in each
        phase: that is more than half of the CPU time of a plan. It is what `terraform init` has installed.
        https://developer.hashicorp.com/terraform/plugin/debugging
        """
        installed = "terraform/.terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws_*"
        (program,) = self.folder.glob(installed)
        self._servers.append(
            self._start("provider", [str(program), "-debug"], self._env | {"TMPDIR": str(self.folder)})
        )
        log = self.folder / "provider.log"
        address = self._wait_for(lambda: REATTACH.search(log.read_text()), "the provider gives no address")
        self._env["TF_REATTACH_PROVIDERS"] = address[1]

    def terraform(self, *arguments: str) -> str:
        done = subprocess.run(
            ["terraform", *arguments],
            cwd=self.folder / "terraform",
            env=self._env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"terraform {arguments[0]}: {done.stdout[-4000:]}{done.stderr}"
        return done.stdout

    def apply(self, *options: str, **variables: str) -> dict[str, list[str]]:
        """Apply with these variables besides, or with others in their places.

        Returns what was done to each resource that was not left alone, in order.
        """
        given = (f"-var={name}={value}" for name, value in variables.items())
        printed = self.terraform("apply", "-auto-approve", "-json", *options, *given)
        self._outputs = self.state()["outputs"]
        self._variables = variables
        events = [json.loads(line) for line in printed.splitlines()]
        # Data that the plan itself has read has begun, too, but was not planned.
        done: dict[str, list[str]] = {
            each["change"]["resource"]["addr"]: [] for each in events if each["type"] == "planned_change"
        }
        for begun in (each["hook"] for each in events if each["type"] == "apply_start"):
            if begun["resource"]["addr"] in done:
                done[begun["resource"]["addr"]].append(begun["action"])
        return done

    def have_applied(self, **variables: str) -> None:
        """Apply with these variables, where the last apply had others. Nobody but Terraform has changed anything."""
        if variables != self._variables:
            self.apply("-refresh=false", **variables)
            self.allow_reading_parameters()

    def state(self) -> dict[str, Any]:
        return json.loads((self.folder / "terraform/terraform.tfstate").read_text())

    def output(self, name: str) -> Any:
        return self._outputs[name]["value"]

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=self._url, region_name=REGION, aws_access_key_id="test", aws_secret_access_key="test"
        )

    def bot(self, *arguments: str, **env: str) -> str:
        """What a command of the operator's prints, whatever its exit code. The account's root gives it."""
        command = [sys.executable, "-m", "entrypoints.operator", *arguments]
        env = self._env | {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"} | env
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        assert done.stdout, done.stderr
        return done.stdout

    def allow_reading_parameters(self) -> None:
        """Make up for the emulator, which authorises GetParameters against ``*`` and never the parameters' ARNs."""
        statement = {"Effect": "Allow", "Action": "ssm:GetParameters", "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        for role in self.output("function_names").values():
            self.client("iam").put_role_policy(RoleName=role, PolicyName=EMULATORS_POLICY, PolicyDocument=policy)

    def forbid_reading_parameters(self, function: str) -> None:
        """Take that back. A role that has more than Terraform gave it would not be deleted with its function."""
        role = self.output("function_names")[function]
        self.client("iam").delete_role_policy(RoleName=role, PolicyName=EMULATORS_POLICY)

    def may_read(self, function: str, parameter: str) -> bool:
        """What IAM says to the function's own policy, without the one above."""
        iam, role = self.client("iam"), self.output("function_names")[function]
        self.forbid_reading_parameters(function)
        try:
            (answer,) = iam.simulate_principal_policy(
                PolicySourceArn=iam.get_role(RoleName=role)["Role"]["Arn"],
                ActionNames=["ssm:GetParameters"],
                ResourceArns=[self.client("ssm").get_parameter(Name=parameter)["Parameter"]["ARN"]],
            )["EvaluationResults"]
        finally:
            self.allow_reading_parameters()
        return bool(answer["EvalDecision"] == "allowed")

    def logged(self, function: str, reference: str) -> list[str]:
        """What the function has logged of the request with this reference."""
        group = f"/aws/lambda/{self.output('function_names')[function]}"
        pages = self.client("logs").get_paginator("filter_log_events").paginate(logGroupName=group)
        return [each["message"] for page in pages for each in page["events"] if reference in each["message"]]

    def post(self, payload: object, signing_secret: str = SIGNING_SECRET) -> int:
        """Post a signed event to the API's own endpoint; returns the status."""
        body, timestamp = json.dumps(payload).encode(), str(int(time.time()))
        signature = SignatureVerifier(signing_secret).generate_signature(timestamp=timestamp, body=body)
        headers = {
            "Content-Type": "application/json",
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": str(signature),
        }
        return self.ask("POST", self.output("events_url"), body, **headers).status

    def ask(self, method: str, url: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        """Ask the API, or whoever else is at this address, as a browser does that follows no redirect."""
        address = urlsplit(url)
        port = self.port if address.netloc == urlsplit(self.output("events_url")).netloc else address.port
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        connection.request(
            method, address._replace(scheme="", netloc="").geturl(), body, {"Host": address.netloc, **headers}
        )
        response = connection.getresponse()
        response.read()
        connection.close()
        return response

    def cool_down(self) -> None:
        """End the functions' warm containers, so that the next question meets a cold start."""
        listed = _docker("ps", "--all", "--format", "{{.ID}} {{.Image}}").splitlines()
        if warm := [line.split()[0] for line in listed if self._name in line]:
            _docker("rm", "--force", *warm)

    def end(self) -> None:
        """Leave nothing behind: no server, no container, no image."""
        for server in self._servers:
            server.terminate()
        for server in self._servers:
            server.wait(30)
        self.cool_down()
        listed = _docker("images", "--format", "{{.Repository}}:{{.Tag}}").splitlines()
        if images := [each for each in listed if self._name in each]:
            _docker("rmi", "--force", *images)


@contextmanager
def emulated(model_port: int, slack_port: int) -> Iterator[Emulated]:
    """A deployment that has been applied, for as long as it is needed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        deployment = Emulated(Path(folder), model_port, slack_port)
        try:
            deployment.terraform("init")
            deployment.serve_provider()
            deployment.apply()
            deployment.allow_reading_parameters()
            yield deployment
        finally:
            deployment.end()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _docker(*arguments: str) -> str:
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout
