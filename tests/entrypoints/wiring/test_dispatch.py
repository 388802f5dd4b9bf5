"""Every kind of request reaches its handler."""

import pytest

from domain.channels.settings_requests import ChangeSettings, OpenSettings
from domain.correction.edits_and_deletions import Deletion, Edit, Redact
from domain.deliveries.delivery import FIRST_DELIVERY
from domain.requests import Apology, Condense, Question, Request, Stop, Tab, Uninstall, Visit, Vote
from entrypoints.wiring.dispatch import Dispatcher, StopsFirst

QUESTION = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")
VOTE = Vote("T1", "C1", "1000.000002", "USAKURA", QUESTION.identity, good=True)
STOP = Stop("T1", "C1", "1000.000004", "USAKURA", "1000.000001")
VISIT = Visit("T1", "D1", "1000.000003", "USAKURA", Tab.HOME)
EDIT = Edit("T1", "C1", "1000.000005", "USAKURA", QUESTION)
DELETION = Deletion("T1", "C1", "1000.000006", "USAKURA", QUESTION)
OPEN = OpenSettings("T1", "C1", "1000.000007", "USAKURA", trigger="1.2.3")
CHANGE = ChangeSettings("T1", "C1", "1000.000008", "USAKURA", texts={"language": "ja"})
REDACT = Redact("T1", "C1", "1000.000006", "USAKURA", "T1/C1/1000.000001")
CONDENSE = Condense("T1", "C1", "1000.000001", "USAKURA", "T1/C1/1000.000001")


class Handlers:
    """All handlers in one; it records its calls."""

    def __init__(self) -> None:
        self.calls = []

    def answer(self, question, delivery):
        self.calls.append(("answer", question, delivery))

    def apologise(self, question):
        self.calls.append(("apologise", question))

    def condense(self, request, delivery):
        self.calls.append(("condense", request, delivery))

    def correct(self, request, delivery):
        self.calls.append(("correct", request, delivery))

    def redact(self, request, delivery):
        self.calls.append(("redact", request, delivery))

    def handle(self, request):
        self.calls.append(("handle", request))

    def keep(self, vote):
        self.calls.append(("keep", vote))

    def show(self, visit):
        self.calls.append(("show", visit))


def dispatcher_of(handlers: Handlers) -> Dispatcher:
    roles = (
        *("answering", "apologising", "condensing", "changing_settings", "correcting", "redacting"),
        *("feedback", "app_home", "stops"),
    )
    return Dispatcher(**dict.fromkeys(roles, handlers))


@pytest.mark.parametrize(
    ("request_", "call"),
    [
        (QUESTION, ("answer", QUESTION, FIRST_DELIVERY)),
        (Apology.to(QUESTION), ("apologise", QUESTION)),
        (OPEN, ("handle", OPEN)),
        (CHANGE, ("handle", CHANGE)),
        (VOTE, ("keep", VOTE)),
        (VISIT, ("show", VISIT)),
        (STOP, ("keep", STOP)),
        (EDIT, ("correct", EDIT, FIRST_DELIVERY)),
        (DELETION, ("correct", DELETION, FIRST_DELIVERY)),
        (REDACT, ("redact", REDACT, FIRST_DELIVERY)),
        (CONDENSE, ("condense", CONDENSE, FIRST_DELIVERY)),
    ],
)
def test_every_kind_of_request_reaches_its_handler(request_, call):
    handlers = Handlers()
    dispatcher_of(handlers).dispatch(request_)
    assert handlers.calls == [call]


def test_a_request_without_a_handler_is_not_taken_for_done():
    request = Request("T1", "C1", "1.000001", "U1")
    handlers = Handlers()
    with pytest.raises(TypeError, match="no handler for a Request"):
        dispatcher_of(handlers).dispatch(request)


def test_a_stop_waits_in_no_queue_where_one_process_does_all():
    put, handlers = [], Handlers()

    class Queue:
        def put(self, request, group):
            put.append((request, group))
            return False

    queue = StopsFirst(Queue(), handlers)
    assert queue.put(STOP, "stops/T1/C1/1000.000001")
    assert not queue.put(QUESTION, "T1/C1/1000.000001")
    assert handlers.calls == [("keep", STOP)]
    assert put == [(QUESTION, "T1/C1/1000.000001")]


def test_the_only_workspace_is_forgotten_by_its_operator_alone(caplog):
    handlers = Handlers()
    dispatcher_of(handlers).dispatch(Uninstall("T1", "A1", "1000.000000", "", "app_uninstalled"))
    assert handlers.calls == []
    assert caplog.messages == ["T1 has removed the app: bot forget T1 deletes what is kept"]
