"""What Lambda hands a function beside the event. A process that runs a function imports this and no other test."""

from types import SimpleNamespace


def lambda_context(name: str, seconds_left: float = 120) -> SimpleNamespace:
    return SimpleNamespace(
        get_remaining_time_in_millis=lambda: int(seconds_left * 1000),
        function_name=name,
        memory_limit_in_mb=1024,
        invoked_function_arn=f"arn:aws:lambda:ap-northeast-1:123456789012:function:{name}",
        aws_request_id="8fc5c4c4-4d5c-4f0e-9b0b-5c4b4c6f3a11",
    )
