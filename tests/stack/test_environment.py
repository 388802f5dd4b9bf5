"""The stack on this machine is the same whatever deployment of their own people work on."""

from tests.stack.emulated_aws import bare_environment


def test_what_is_exported_for_ones_own_deployment_does_not_reach_the_stack(monkeypatch):
    for name in ("TF_VAR_alarm_email", "AWS_PROFILE", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "pochi@example.com")
    monkeypatch.setenv("TF_CLI_CONFIG_FILE", "/pochi/terraform.rc")
    reaches = bare_environment()
    assert "pochi@example.com" not in reaches.values()
    assert reaches["TF_CLI_CONFIG_FILE"] == "/pochi/terraform.rc"
