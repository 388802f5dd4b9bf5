"""An events endpoint with a queue in memory, for the tests of receiving."""

import json
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from adapters.slack.receiving.endpoint import EventsEndpoint
from domain.conversations.place import Scope
from domain.requests import Question, Request

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # the made-up one of Slack's own documentation
ASKED = Question("T061EG9R6", "C0LAN2Q65", "1515449522.000016", "U061F7AUR", "犬の名前は?")


class Queue:
    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.conversations: list[str] = []

    def put(self, request: Request, group: str) -> bool:
        if request.identity in {each.identity for each in self.requests}:
            return False
        self.requests.append(request)
        self.conversations.append(group)
        return True


class EndpointHarness:
    """An endpoint, its queue, and requests signed as Slack signs them."""

    def __init__(self, clock, **settings) -> None:
        self.clock = clock
        self.queue = Queue()
        self.endpoint = EventsEndpoint(
            **{"signing_secret": SECRET, "queue": self.queue, "scope": Scope.THREAD, "clock": clock} | settings
        )

    def post(self, payload: object, **changed: str | None):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        timestamp = str(int(self.clock()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        return self.endpoint.receive({name: value for name, value in headers.items() if value is not None}, body)

    def post_form(self, fields: dict[str, str] | bytes, media_type: str = "application/x-www-form-urlencoded"):
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        return self.post(body, Content_Type=media_type)

    def post_interaction(self, payload: object):
        return self.post_form({"payload": json.dumps(payload)})
