"""What every fork begins with: all modules of the bot, and what each would read, work out or look through anew."""

import functools
import gc

import botocore.session
import httpcore2

from adapters.tiktoken import count_tokens_for
from entrypoints import lambda_events  # noqa: F401 - forks run it
from entrypoints.configuration.settings import Settings
from tests.reliability import killed_bot  # noqa: F401 - forks run it, and what it imports

count_tokens_for(Settings.chat_model)("ポチ")

# All certificates of the system, as in tests/conftest.py.
httpcore2.default_ssl_context = functools.cache(httpcore2.default_ssl_context)
httpcore2.default_ssl_context(_trust_env=True)  # as httpx2 asks for it

# AWS's descriptions of its services, as in tests/aws_on_loopback.py.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)
for service in ("dynamodb", "sqs", "ssm"):
    botocore.session.Session().create_client(
        service, "ap-northeast-1", aws_access_key_id="-", aws_secret_access_key="-"
    )

# None of it is garbage. The first full collection of each fork would walk, and so copy, every page of it.
gc.collect()
gc.freeze()
