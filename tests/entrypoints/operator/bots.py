"""Bots whose deliveries all fail, on both kinds of store."""

from collections.abc import Callable
from dataclasses import replace

from adapters.observability.evidence import evidence
from adapters.serialization.request_records import request_from_json
from adapters.sqlite import Database, SqliteQueue
from adapters.sqs import SqsFailedMessages, SqsQueue, sqs_client
from domain.conversations.place import Scope
from domain.errors import ModelUnavailable
from domain.requests import Question, Vote
from tests.aws_on_loopback import Aws, lambda_record

DOG = Question("T1", "C1", "1700000000.000001", "USAKURA", "犬の名前は?", thread="1600000000.000001")
WALK = replace(DOG, ts="1700000000.000002", text="散歩は?")
WEATHER = replace(DOG, ts="1700000000.000003", text="天気は?", thread="")
BAD = Vote("T1", "C1", "1700000001.000001", "UKENTA", WALK.identity, good=False)
UNREADABLE = [
    "私の秘密", "[]", '{"text":"私の秘密"}', "[" * 100_000,
    '{"team":"T1","channel":"C1","ts":"私の秘密","person":"U1","text":"私の秘密"}',
    '{"team":"\\ud800","channel":"C1","ts":"1.1","person":"U1","text":"私の秘密"}',
]  # fmt: skip


class SqliteBot:
    """A bot on one machine whose deliveries all fail."""

    def __init__(self, database: Database, clock: Callable[[], float]) -> None:
        self.place = str(database.path)
        self._database = database
        self._questions = SqliteQueue(database, clock=clock)

    def bury(self, *asked: Question) -> None:
        for question in asked:
            self._questions.put(question, question.place(Scope.THREAD).conversation)
            self._questions.move_to_dead_letters(self._questions.claim().request, evidence(ModelUnavailable("down")))

    def bury_unreadable(self, body: str) -> None:
        self.bury(DOG)
        with self._database.transaction() as connection:
            connection.execute("UPDATE questions SET content = ? WHERE identity = ?", (body, DOG.identity))

    def waiting(self) -> list[Question]:
        """Takes what is to be delivered, in order."""
        taken = []
        while claim := self._questions.claim():
            assert claim.delivery.number == 1
            self._questions.finish(claim.request)
            taken.append(claim.request)
        return taken

    def dead(self) -> list[str]:
        with self._database.reading() as connection:
            rows = connection.execute("SELECT content FROM questions WHERE state = 'dead' ORDER BY asked_at")
            return [content for (content,) in rows]


class SqsBot:
    """A bot on AWS whose deliveries all fail."""

    def __init__(self, aws: Aws) -> None:
        self._aws = aws
        self.place = aws.dead_letters
        self._questions = SqsQueue(aws.queue, sqs_client(), correlation_id=lambda: "JKJaXmPLvHcESHA=")

    def bury(self, *asked: Question) -> None:
        for question in asked:
            self._questions.put(question, question.place(Scope.THREAD).conversation)
            self._fail()

    def bury_unreadable(self, body: str) -> None:
        self._aws.sqs.send_message(
            QueueUrl=self._aws.queue, MessageBody=body, MessageGroupId="g", MessageDeduplicationId="poison"
        )
        self._fail()

    def waiting(self) -> list[Question]:
        taken = []
        while messages := self._aws.receive(most=1):
            assert messages[0]["Attributes"]["ApproximateReceiveCount"] == "1"
            self._aws.delete(messages[0])
            taken.append(request_from_json(messages[0]["Body"], ""))
        return taken

    def dead(self) -> list[str]:
        messages = self._aws.receive(self._aws.dead_letters)
        for message in messages:
            self._aws.sqs.change_message_visibility(
                QueueUrl=self._aws.dead_letters, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
            )
        return [message["Body"] for message in messages]

    def _fail(self) -> None:
        (message,) = self._aws.receive()
        SqsFailedMessages(self._aws.queue, self._aws.dead_letters, sqs_client()).move_to_dead_letters(
            lambda_record(message), evidence(ModelUnavailable("down"))
        )
        self._aws.delete(message)
