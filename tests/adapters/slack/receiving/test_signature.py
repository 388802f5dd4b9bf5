"""Slack's signature, as slack_sdk makes and verifies it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from slack_sdk.signature import Clock, SignatureVerifier

from adapters.slack.receiving.signature import SIGNATURE_SECONDS, is_fresh, is_signed

NOW = 1_531_420_618
POCHI = '{"text": "ポチの話をして"}'.encode()


class Stopped(Clock):
    def now(self) -> float:
        return NOW


@given(secret=st.text(st.characters(codec="utf-8"), min_size=1), body=st.text(st.characters(codec="utf-8")))
def test_what_slack_sdk_signs_is_signed(secret, body):
    signature = SignatureVerifier(secret).generate_signature(timestamp=str(NOW), body=body)
    assert is_signed(secret, str(NOW), body.encode(), signature)


@pytest.mark.parametrize(
    ("secret", "timestamp", "body"),
    [("another", str(NOW), POCHI), ("pochi", str(NOW + 1), POCHI), ("pochi", str(NOW), POCHI + b" "), ("", "", b"")],
)
def test_a_signature_is_of_one_secret_one_time_and_one_body(secret, timestamp, body):
    signature = SignatureVerifier("pochi").generate_signature(timestamp=str(NOW), body=POCHI)
    assert is_signed("pochi", str(NOW), POCHI, signature)
    assert not is_signed(secret, timestamp, body, signature)


@pytest.mark.parametrize("signature", ["", "v0=", "v0=犬", "v0=\ud83d", "v1=" + "0" * 64])
def test_what_is_no_signature_signs_nothing(signature):
    assert not is_signed("pochi", str(NOW), POCHI, signature)


@given(st.integers(NOW - 2 * SIGNATURE_SECONDS, NOW + 2 * SIGNATURE_SECONDS))
def test_a_signature_is_fresh_as_long_as_slack_sdk_takes_it(timestamp):
    verifier = SignatureVerifier("pochi", clock=Stopped())
    signature = verifier.generate_signature(timestamp=str(timestamp), body=POCHI)
    assert is_fresh(str(timestamp), NOW) == verifier.is_valid(POCHI, str(timestamp), signature)


@pytest.mark.parametrize("timestamp", ["", "now", "犬", "\ud83d", "nan", "1e9", "9" * 400, "9" * 5_000])
def test_what_is_no_time_is_not_fresh(timestamp):
    assert not is_fresh(timestamp, NOW)
