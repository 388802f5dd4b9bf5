"""``bot doctor``: what is well is said to be so, and each broken thing is named with how to mend it."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.slack.identity import Identity
from adapters.sqlite import Database
from bench.ports import free_port
from domain.errors import StoreUnavailable
from entrypoints.operator.checks import model_findings, slack_findings
from entrypoints.playground.emulator.workspace.model import BOT_NAME, BOT_USER, TEAM
from tests.entrypoints.operator.bots import DOG
from tests.stand_ins import SOON, Model, SlackServer


@pytest.fixture
def slack() -> SlackServer:
    return SlackServer("http://127.0.0.1:9/", app_token="xapp-own")


@pytest.fixture
def model() -> Model:
    return Model()


@pytest.fixture
def examined(sqlite_bot, slack, model, serve, monkeypatch, run):
    """What the doctor finds of a whole bot, with these variables changed, by part; the exit code is under ``code``."""
    well = {
        "SLACK_API_URL": f"{serve(slack.app)}/api/",
        "SLACK_BOT_TOKEN": "xoxb-own",
        "SLACK_APP_TOKEN": "xapp-own",
        "OPENAI_BASE_URL": f"{serve(model.app)}/v1",
    }

    def examine(**changed: str) -> dict:
        for name, value in (well | changed).items():
            monkeypatch.setenv(name, value)
        code, said, _ = run("doctor", "--json")
        return {"code": code} | {each["part"]: SimpleNamespace(**each) for each in json.loads(said)}

    return examine


def test_a_bot_that_is_well_is_said_to_be_so(examined, sqlite_bot):
    found = examined()
    assert found.pop("code") == 0
    assert all(each.ok and not each.mend for each in found.values())
    assert found["Slack"].what == f"Playground ({TEAM}) as @{BOT_NAME} ({BOT_USER})"
    assert found["model"].what == "gpt-5.4-mini answers as a stream; 20 tokens sent, 8 received"
    assert found["store"].what == f"{sqlite_bot.place} can be read and written"
    assert found["queue"].what == "0 waiting, 0 being worked on, 0 dead letters"


@pytest.mark.parametrize(
    ("changed", "part", "what", "mend"),
    [
        ({"SLACK_TOKEN": "xoxb-1"}, "settings", "SLACK_TOKEN is no setting", "remove the variable"),
        ({"SLACK_BOT_TOKEN": "xoxb-other"}, "Slack", "invalid_auth", "into SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-other"}, "Socket Mode", "invalid_auth", "connections:write"),
        ({"SLACK_APP_TOKEN": "xoxb-own"}, "Socket Mode", "not_allowed_token_type", "connections:write"),
        ({"SLACK_API_URL": "nowhere"}, "Slack", "could not be reached", "SLACK_API_URL"),
        ({"OPENAI_BASE_URL": "nowhere"}, "model", "ModelUnavailable", "OPENAI_BASE_URL"),
    ],
)
def test_a_setting_that_does_not_work_is_named_with_how_to_mend_it(examined, changed, part, what, mend):
    nowhere = f"http://127.0.0.1:{free_port()}/"
    found = examined(**{name: value.replace("nowhere", nowhere) for name, value in changed.items()})
    assert found["code"] == 1
    assert not found[part].ok
    assert what in found[part].what
    assert mend in found[part].mend


def test_scopes_that_the_token_lacks_are_named(examined, slack):
    slack.stand_in.scopes -= {"files:read", "users:read"}
    found = examined()
    assert (found["scopes"].ok, found["scopes"].what) == (False, "the token lacks files:read, users:read")
    assert "bot manifest" in found["scopes"].mend


def test_an_app_that_is_no_agent_needs_no_scope_of_agents(examined, slack):
    slack.stand_in.scopes -= {"assistant:write"}
    assert examined()["scopes"].ok
    assert not examined(SLACK_AGENT_VIEW="true")["scopes"].ok


def test_a_model_that_refuses_the_key_is_named_without_the_key(examined, model):
    model.status = 401
    found = examined(OPENAI_API_KEY="sk-secret")
    assert "ModelMisconfigured" in found["model"].what
    assert "OPENAI_API_KEY" in found["model"].mend
    assert "sk-secret" not in str(found)


def test_a_model_that_is_asked_for_summaries_alone_is_asked_too(examined, model):
    asked = ["gpt-5.4-mini", "pochi-1"]
    found = examined(SUMMARY_MODEL=asked[1])
    assert found["summary model"].what == "pochi-1 answers as a stream; 20 tokens sent, 8 received"
    assert [model.requests.get(timeout=SOON)["model"] for _ in asked] == asked
    model.status = 404
    assert "OPENAI_BASE_URL and SUMMARY_MODEL" in examined(SUMMARY_MODEL=asked[1])["summary model"].mend


def answering(model: Model, *responses: Response) -> None:
    """Have the model's server answer with these, one after the other."""
    ahead = list(responses)
    routes = model.app.router.routes
    routes[:] = [Route("/v1/chat/completions", lambda _: ahead.pop(0), methods=["POST"])]


WHOLE = {"id": "1", "object": "chat.completion", "created": 0, "model": "gpt-5.4-mini"}
CHOICES = [{"index": 0, "message": {"role": "assistant", "content": "OK"}, "finish_reason": "stop"}]


def test_a_server_that_does_not_stream_or_count_is_said_to_be_so(examined, model):
    refusal = {"error": {"message": "stream is not supported", "type": "x", "code": None, "param": "stream"}}
    answering(model, JSONResponse(refusal, 400), JSONResponse(WHOLE | {"choices": CHOICES}))
    found = examined()
    assert found["model"].ok, found
    assert found["model"].what == (
        "gpt-5.4-mini answers in one piece, since its server does not stream; it does not say how many tokens it took"
    )


def test_an_address_that_shows_a_web_page_is_named(examined, model):
    answering(model, Response("<html>Welcome</html>", media_type="text/html"))
    found = examined()
    assert (found["code"], found["model"].ok) == (1, False)
    assert "OPENAI_BASE_URL" in found["model"].mend


def test_a_model_that_does_not_end_is_named(examined, model, monkeypatch):
    monkeypatch.setattr(model_findings, "MODEL_SECONDS", 0.0)
    assert examined()["model"].what == "gpt-5.4-mini did not end its answer in 0 s"


@pytest.mark.parametrize(
    ("listed", "ok", "what"),
    [
        ({"max_model_len": 131_072}, True, "131,072 tokens; memory and reply may need 6,"),
        ({"meta": {"n_ctx_train": 4_096}}, False, "4,096 tokens"),
        ({"context_window": 0, "context_length": 5_000}, False, "5,000 tokens"),
    ],
)
def test_a_context_that_the_server_tells_is_compared_with_the_memory(examined, model, listed, ok, what):
    models = {"object": "list", "data": [{"id": "another"}, {"id": "gpt-5.4-mini"} | listed]}
    model.app.router.routes.append(Route("/v1/models", lambda _: JSONResponse(models)))
    found = examined(MEMORY_TOKEN_LIMIT="3000", SUMMARY_TOKEN_LIMIT="1000", REPLY_TOKEN_LIMIT="2000")
    assert (found["context"].ok, found["code"]) == (ok, 0 if ok else 1)
    assert found["context"].what.startswith(what)
    assert ("MEMORY_TOKEN_LIMIT" in found["context"].mend) != ok


@pytest.mark.parametrize("models", ["[]", "<html>", '{"data": null}', '{"data": [{"id": "gpt-5.4-mini", "meta": 1}]}'])
def test_a_server_that_does_not_tell_it_is_no_trouble(examined, model, models):
    model.app.router.routes.append(Route("/v1/models", lambda _: Response(models)))
    found = examined()
    assert found["code"] == 0
    assert "context" not in found


def test_dead_letters_are_named_with_the_command_that_puts_them_back(examined, sqlite_bot):
    sqlite_bot.bury(DOG)
    found = examined()
    assert (found["queue"].ok, found["queue"].what) == (False, "0 waiting, 0 being worked on, 1 dead letter")
    assert "bot replay --all" in found["queue"].mend


def test_a_file_that_is_no_database_is_named(examined, tmp_path):
    diary = tmp_path / "diary"
    diary.write_bytes(b"my diary" * 1000)
    found = examined(DATABASE_PATH=str(diary))
    assert str(diary) in found["store"].what
    assert not found["store"].ok
    assert diary.read_bytes() == b"my diary" * 1000


def test_a_database_that_somebody_holds_is_named(examined, sqlite_bot, monkeypatch):
    def locked(_: Database) -> None:
        raise StoreUnavailable("bot.sqlite3: database is locked")

    monkeypatch.setattr(Database, "check_writable", locked)
    found = examined()
    assert (found["code"], found["store"].what) == (1, "bot.sqlite3: database is locked")
    assert "its owner and its disk" in found["store"].mend


def test_a_bot_that_has_never_run_has_no_database_yet_and_gets_none(examined, tmp_path):
    path = tmp_path / "new" / "bot.sqlite3"
    found = examined(DATABASE_PATH=str(path))
    assert found["store"].ok
    assert not Path(path.parent).exists()


def test_a_disk_that_is_nearly_full_is_named(examined, monkeypatch):
    nearly_full = SimpleNamespace(free=2_000_000)
    monkeypatch.setattr("entrypoints.operator.checks.data_findings.shutil.disk_usage", lambda _: nearly_full)
    assert (examined()["disk"].ok, examined()["disk"].what) == (False, "2 MB free")


@pytest.mark.parametrize(("seconds", "ok"), [(30, True), (-90, False), (3600, False)])
def test_a_clock_that_is_set_wrong_is_named(seconds, ok):
    who = Identity("bot", "U1", "Dogs", "T1", now=1_790_000_000.0)
    found = slack_findings._clock(who, lambda: 1_790_000_000.0 + seconds)
    assert (found.ok, found.what) == (ok, f"{seconds:+d} s beside Slack's")


def test_a_slack_that_does_not_say_what_time_it_is_is_no_trouble():
    found = slack_findings._clock(Identity("bot", "U1", "Dogs", "T1", now=None), lambda: 0.0)
    assert (found.ok, found.what) == (True, "Slack does not say what time it is")


def test_stand_ins_need_nothing(sqlite_bot, run):
    code, said, _ = run("doctor")
    assert code == 0
    assert "ok    Slack: none, the playground stands in\n" in said
    assert "ok    model: none, a stand-in answers\n" in said


def test_a_wrong_setting_is_one_sentence(sqlite_bot, run, monkeypatch):
    monkeypatch.setenv("PORT", "many")
    assert run("doctor") == (2, "", "bot: PORT must be a whole number from 1 to 65535, not 'many'\n")
