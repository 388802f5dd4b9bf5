"""What keeps the bot running on one machine: the container, Compose and systemd say what the program needs."""

import configparser
import re
import shlex

import pytest
import yaml

from entrypoints.configuration.settings import Settings
from entrypoints.local.start_and_stop import PATIENCE
from tests.repository import ROOT
from tests.variables import known_settings

DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
STAGE = DOCKERFILE[DOCKERFILE.index("AS one-machine") :]
BOT = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))["services"]["bot"]


@pytest.fixture
def unit() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str
    parser.read(ROOT / "systemd/slack-gpt-backend.service", encoding="utf-8")
    return parser


def environment_of_the_image() -> dict[str, str]:
    (line,) = re.findall(r"^ENV (.*)$", STAGE, re.MULTILINE)
    return dict(each.split("=", 1) for each in shlex.split(line))


def test_the_image_listens_beyond_itself_and_keeps_its_data_in_the_volume():
    environment = environment_of_the_image()
    settings = Settings.from_env(environment)
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)
    assert settings.database_path.parent.as_posix() == "/data"
    assert "\nVOLUME /data\n" in STAGE
    assert "\nEXPOSE 8000\n" in STAGE


def test_the_image_runs_the_program_as_nobody_in_particular_and_asks_it_how_it_is():
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", STAGE, re.MULTILINE)
    assert 'ENTRYPOINT ["python3", "-m"]\nCMD ["entrypoints.local"]' in STAGE
    assert "/healthz" in STAGE[STAGE.index("HEALTHCHECK") :]


def test_each_image_leaves_out_only_what_exists():
    for command in re.findall(r"(?<!-exec )rm -rf ((?:(?!&&).)*)", DOCKERFILE.replace("\\\n", "")):
        for path in command.split():
            if not path.startswith("/build/dependencies"):
                assert list(ROOT.glob(path.removeprefix("/build/code/"))), path


def test_compose_sets_what_the_image_expects_whatever_the_file_says():
    told = {name: str(value) for name, value in BOT["environment"].items()}
    assert told.items() <= environment_of_the_image().items()
    assert told.keys() <= known_settings()
    assert BOT["env_file"] == [{"path": ".env", "required": False}]
    assert f"FROM ${{MACHINE_BASE_IMAGE}} AS {BOT['build']['target']}\n" in DOCKERFILE


def test_the_container_may_write_to_its_volume_alone_and_is_reached_from_this_machine_alone():
    assert (BOT["read_only"], BOT["cap_drop"], BOT["tmpfs"]) == (True, ["ALL"], ["/tmp"])
    assert BOT["volumes"] == ["data:/data"]
    assert all(each.startswith("127.0.0.1:") for each in BOT["ports"])


def test_answers_under_way_have_their_time_before_the_bot_is_killed(unit):
    assert int(BOT["stop_grace_period"].removesuffix("s")) > PATIENCE
    assert unit.getfloat("Service", "TimeoutStopSec") > PATIENCE


def test_the_unit_runs_the_program_of_its_clone_and_keeps_the_data_in_its_folder(unit):
    service = unit["Service"]
    assert service["ExecStart"] == f"{service['WorkingDirectory']}/.venv/bin/python -m entrypoints.local"
    name, value = service["Environment"].split("=")
    assert name in known_settings()
    assert value.startswith(f"/var/lib/{service['StateDirectory']}/")
    assert service["RestartPreventExitStatus"] == "2"  # of a wrong setting
