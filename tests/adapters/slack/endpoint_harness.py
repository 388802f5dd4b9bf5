"""A door with a queue behind it, for the tests of what comes in."""

import json
from urllib.parse import urlencode

from slack_sdk.signature import SignatureVerifier

from adapters.slack.receiving.endpoint import EventsEndpoint
from domain.requests import Question, Request, Scope

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # the made-up one of Slack's own documentation
ASKED = Question("T061EG9R6", "C0LAN2Q65", "1515449522.000016", "U061F7AUR", "犬の名前は?")


class Queue:
    def __init__(self) -> None:
        self.questions: list[Request] = []
        self.conversations: list[str] = []

    def put(self, question: Request, conversation: str) -> bool:
        if question.identity in {each.identity for each in self.questions}:
            return False
        self.questions.append(question)
        self.conversations.append(conversation)
        return True


class Gate:
    """A door, the queue behind it, and a pen to sign with."""

    def __init__(self, clock, **settings) -> None:
        self.clock = clock
        self.queue = Queue()
        self.door = EventsEndpoint(
            **{"signing_secret": SECRET, "questions": self.queue, "scope": Scope.THREAD, "clock": clock} | settings
        )

    def post(self, payload: object, **changed: str | None):
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        timestamp = str(int(self.clock()))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
        headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": signature}
        headers |= {name.replace("_", "-"): value for name, value in changed.items()}
        return self.door.receive({name: value for name, value in headers.items() if value is not None}, body)

    def post_form(self, fields: dict[str, str] | bytes, media_type: str = "application/x-www-form-urlencoded"):
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        return self.post(body, Content_Type=media_type)

    def post_interaction(self, payload: object):
        return self.post_form({"payload": json.dumps(payload)})
