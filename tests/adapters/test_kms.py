"""Tokens encrypted by KMS, on two emulators, neither of which is taken for what the other makes of it."""

import os

import pytest
from slack_sdk.oauth.installation_store import Installation
from starlette.applications import Starlette
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.dynamodb import DynamoInstallations
from adapters.installations.store import Installations
from adapters.kms import KmsCipher, kms_client
from domain.errors import StoreCorrupt, StoreUnavailable

TOKEN = b'{"bot_token": "xoxb-pochi"}'


@pytest.fixture(params=["moto", "ministack"])
def aws(request):
    return request.getfixturevalue(request.param)


@pytest.fixture
def key(aws) -> str:
    return aws.create_key()


@pytest.fixture
def cipher(key) -> KmsCipher:
    return KmsCipher(key, kms_client())


def test_what_was_encrypted_for_a_workspace_is_decrypted_for_it(cipher):
    encrypted = cipher.encrypt(TOKEN, "T1")
    assert b"xoxb" not in encrypted
    assert cipher.decrypt(encrypted, "T1") == TOKEN


def test_what_was_encrypted_for_one_workspace_is_not_decrypted_for_another(cipher):
    with pytest.raises(StoreCorrupt, match="InvalidCiphertextException"):
        cipher.decrypt(cipher.encrypt(TOKEN, "T1"), "T2")


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("IncorrectKeyException", StoreCorrupt),
        ("AccessDeniedException", StoreUnavailable),
        ("DisabledException", StoreUnavailable),
    ],
)
def test_kms_own_words_say_whether_another_key_is_to_blame(serve, aws_environment, code, error):
    """Each emulator has others."""

    async def refuse(_request) -> Response:
        return JSONResponse({"__type": code}, 400)

    aws_environment.setenv("AWS_ENDPOINT_URL", serve(Starlette(routes=[Route("/", refuse, methods=["POST"])])))
    with pytest.raises(error, match=code):
        KmsCipher("arn:aws:kms:eu-west-1:123456789012:key/1", kms_client()).decrypt(b"of another key", "T1")


def test_what_somebody_changed_is_not_decrypted(cipher):
    with pytest.raises(StoreCorrupt):
        cipher.decrypt(os.urandom(200), "T1")


def test_the_token_of_an_installation_is_in_the_table_as_kms_encrypted_it(aws, cipher):
    store = Installations(DynamoInstallations(aws.create_table()), cipher)
    store.save(Installation(team_id="T1", team_name="ポチの家", bot_token="xoxb-pochi", user_id="USAKURA"))
    assert store.find_bot(enterprise_id=None, team_id="T1").bot_token == "xoxb-pochi"
    stored = aws.item("installations/T1")["installation"]["S"]
    assert "ポチの家" in stored
    assert "xoxb" not in stored


def test_a_key_that_is_not_there_is_unavailability(aws):
    missing = KmsCipher("00000000-0000-0000-0000-000000000000", kms_client())
    with pytest.raises(StoreUnavailable, match="NotFoundException"):
        missing.encrypt(TOKEN, "T1")


def test_a_kms_that_is_out_of_reach_and_a_region_that_is_not_named_are_unavailability(dead_port, aws_environment):
    with pytest.raises(StoreUnavailable, match="could not be reached"):
        KmsCipher("arn:aws:kms:eu-west-1:123456789012:key/1", kms_client()).encrypt(TOKEN, "T1")
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION"):
        aws_environment.delenv(name)
    with pytest.raises(StoreUnavailable, match="NoRegionError"):
        kms_client()
