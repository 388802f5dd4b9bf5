"""Storms: four deliveries of each of 200 questions in 20 conversations, for eight workers, in both modes."""

import queue
import socket
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from dependency_injector import providers

from adapters.slack.receiving.endpoint import EventsEndpoint
from bench.ports import free_port
from domain.conversations.conversation import Conversation
from domain.turn_events import Answered, Event
from entrypoints import lambda_worker
from entrypoints.configuration.settings import Settings
from entrypoints.local import start_and_stop
from entrypoints.local.container import Container
from entrypoints.playground.emulator.signed_requests import over_http
from tests.aws_on_loopback import Aws, lambda_record
from tests.entrypoints.conftest import Deployment, api_gateway_event
from tests.reliability.conftest import Tabulate
from tests.reliability.lambda_runtime import Environment, Failed
from tests.reliability.storm_report import AT_ONCE, CONVERSATIONS, Delivery, Echo, Storm
from tests.stand_ins import SOON, SlackServer

SEED = 1515449522
WORKERS = 8
RETRIES = 30
"""Attempts of one delivery. Slack waits minutes between them; here they follow one another at once."""

SETTINGS = {
    # Small enough for several condensations in ten turns.
    "MEMORY_TOKEN_LIMIT": "100",
    "MEMORY_KEEP_TOKENS": "50",
    "SUMMARY_TOKEN_LIMIT": "30",
    # Direct messages are one conversation each, with replies that are edited.
    "SLACK_AGENT_VIEW": "false",
}


@pytest.fixture
def echo() -> Echo:
    return Echo()


def deliver(storm: Storm, deliveries: list[Delivery], send: Callable[[Delivery], None]) -> None:
    """Post them all, each volley at one moment."""
    with ThreadPoolExecutor(AT_ONCE) as threads:
        for volley in storm.volleys(deliveries):
            list(threads.map(send, volley))


def judge(storm: Storm, echo: Echo, conversations: dict[int, Conversation], name: str, tabulate: Tabulate) -> None:
    """Whether every person has the one reply to each of their questions, and the bot every turn in its memory."""
    tally = storm.tally()
    tabulate(storm=name, **tally, **{"folded": len(echo.folded), "model calls": sum(echo.asked.values())})
    questions = len(storm.questions)
    assert tally == {
        "questions": questions,
        "deliveries": questions * 4,
        "replies": questions,
        "doubled": 0,
        "lost": 0,
        "misplaced": 0,
        "out of order": 0,
    }
    assert len(conversations) == CONVERSATIONS
    assert storm.misremembered(conversations, echo.folded) == []
    assert echo.folded, "a storm without condensations proves less"
    assert set(echo.asked.values()) == {1}, "nobody pays twice for an answer"


class Machine:
    """One machine, the whole of it in this process, with a Slack and a model of its own around it."""

    def __init__(self, tmp_path, serve, open_database, echo: Echo) -> None:
        port = free_port()
        self.slack = SlackServer(f"http://127.0.0.1:{port}/events")
        self.settings = Settings.from_env(
            SETTINGS
            | {
                "PORT": str(port),
                "DATABASE_PATH": str(tmp_path / "bot.sqlite3"),
                "CONCURRENT_CONVERSATIONS": str(WORKERS),
                "OPENAI_BASE_URL": f"{serve(echo.app)}/v1",
                "SUMMARY_MODEL": echo.SUMMARY_MODEL,
                "SLACK_API_URL": f"{serve(self.slack.app)}/api/",
                "SLACK_BOT_TOKEN": "xoxb-own",
                "SLACK_SIGNING_SECRET": "own-secret",
            }
        )
        self.database = open_database(self.settings.database_path)
        self.container = Container(settings=self.settings, database=self.database)
        self.events: queue.Queue[Event] = queue.Queue()
        self.container.report.override(providers.Object(self.events.put))
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        arguments = self.container, self._listener, self._stop.wait
        self._thread = threading.Thread(target=start_and_stop.serve, args=arguments)

    def start(self) -> None:
        self._thread.start()

    def wait_for_answers(self, number: int) -> None:
        for _ in range(number):
            event = self.events.get(timeout=SOON)
            while not isinstance(event, Answered):
                event = self.events.get(timeout=SOON)

    def end(self) -> None:
        """As Ctrl-C does: what is under way is finished."""
        self._stop.set()
        if self._thread.ident is None:
            self._listener.close()
        else:
            self._thread.join(2 * SOON)
            assert not self._thread.is_alive()

    def queued(self) -> dict[str, int]:
        """The questions in each state. Condensations stand beside them."""
        with self.database.reading() as connection:
            return dict(
                connection.execute(
                    "SELECT state, count(*) FROM questions WHERE identity NOT LIKE '%/condense' GROUP BY state"
                )
            )

    def memory(self, ids: dict[int, str]) -> dict[int, Conversation]:
        conversations = self.container.conversations()
        return {number: conversations.load(each).conversation for number, each in ids.items()}


@pytest.fixture
def machine(tmp_path, serve, open_database, echo) -> Iterable[Machine]:
    machine = Machine(tmp_path, serve, open_database, echo)
    yield machine
    machine.end()


def test_one_machine_answers_each_question_of_a_storm_once_and_in_order(machine: Machine, echo, tabulate):
    storm = Storm(machine.slack.workspace, SEED)
    send = over_http(f"http://127.0.0.1:{machine.settings.port}/events", "own-secret", machine.container.clock())
    machine.start()

    def post(delivery: Delivery) -> None:
        reasons = (send(delivery.payload, delivery.retry, "http_timeout") for _ in range(RETRIES))
        # Only on a machine that is busy with other things does an answer take three seconds.
        assert next((each for each in reasons if each != "http_timeout"), "http_timeout") == ""

    deliver(storm, storm.as_asked(), post)
    machine.wait_for_answers(len(storm.questions))
    machine.end()
    assert machine.queued() == {"done": len(storm.questions)}
    judge(storm, echo, machine.memory(storm.conversation_ids()), "one machine, while it works", tabulate)


def test_what_came_in_disorder_before_the_start_is_answered_as_it_was_asked(machine: Machine, echo, tabulate):
    storm = Storm(machine.slack.workspace, SEED + 1)
    endpoint: EventsEndpoint = machine.container.endpoint()
    deliver(storm, storm.shuffled(), lambda delivery: endpoint.accept(delivery.payload))
    machine.start()
    machine.wait_for_answers(len(storm.questions))
    machine.end()
    assert machine.queued() == {"done": len(storm.questions)}
    judge(storm, echo, machine.memory(storm.conversation_ids()), "one machine, before its start", tabulate)


class Pollers:
    """What Lambda does between a FIFO queue and its function: each poller hands one message on at a time.

    moto holds a group back while a message of it is in flight, as SQS does, but two of moto's threads
    may take the same message; so the pollers receive one after the other.
    """

    def __init__(self, aws: Aws, functions: list[Environment]) -> None:
        self._aws = aws
        self._changed = threading.Condition()
        self._arriving = True
        self._pool = ThreadPoolExecutor(len(functions))
        self._done = [self._pool.submit(self._poll, each) for each in functions]

    def _poll(self, function: Environment) -> None:
        while message := self._next():
            try:
                function.invoke({"Records": [lambda_record(message)]})
            except Failed:
                # On a machine so busy that even loopback times out. SQS waits for the visibility timeout first.
                self._aws.give_back(message)
            else:
                self._aws.delete(message)

    def _next(self) -> dict | None:
        with self._changed:
            while True:
                received = self._aws.receive(most=1)
                if received:
                    return received[0]
                if not self._arriving and not self._waiting():
                    return None
                self._changed.wait(1)

    def _waiting(self) -> int:
        """Questions in the queue, those in flight too."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        counts = self._aws.sqs.get_queue_attributes(QueueUrl=self._aws.queue, AttributeNames=names)["Attributes"]
        return sum(int(counts[name]) for name in names)

    def arrived(self) -> None:
        with self._changed:
            self._changed.notify()

    def drain(self) -> None:
        """Nothing more arrives; returns when nothing is left."""
        with self._changed:
            self._arriving = False
            self._changed.notify_all()
        for each in self._done:
            each.result()
        self._pool.shutdown()


def test_the_functions_on_aws_answer_each_question_of_a_storm_once_and_in_order(
    deployment: Deployment, echo, serve, aws_environment, start_lambda, tabulate
):
    for name, value in SETTINGS.items():
        aws_environment.setenv(name, value)
    aws_environment.setenv("SUMMARY_MODEL", echo.SUMMARY_MODEL)
    aws_environment.setenv("OPENAI_BASE_URL", f"{serve(echo.app)}/v1")
    doors: queue.SimpleQueue = queue.SimpleQueue()
    for _ in range(2):
        doors.put(start_lambda("events", forked=True))
    pollers = Pollers(deployment.aws, [start_lambda("worker", forked=True) for _ in range(4)])
    storm = Storm(deployment.workspace, SEED)

    def post(delivery: Delivery) -> None:
        door = doors.get()
        try:
            statuses = (door.invoke(api_gateway_event(delivery.payload, "r"))["statusCode"] for _ in range(RETRIES))
            assert 200 in statuses  # it asks to come again where it could not queue the question in time
        finally:
            doors.put(door)
        pollers.arrived()

    try:
        deliver(storm, storm.as_asked(), post)
    finally:
        pollers.drain()
    assert deployment.aws.receive() == []
    assert deployment.aws.receive(deployment.aws.dead_letters) == []
    conversations = lambda_worker.current().conversations()
    memory = {number: conversations.load(each).conversation for number, each in storm.conversation_ids().items()}
    judge(storm, echo, memory, "AWS, with moto", tabulate)
