"""One person's questions wait behind their own, and for nobody else's."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from queue import SimpleQueue
from threading import Event, Thread

import pytest

from domain.deliveries.deadline import Deadline
from domain.deliveries.delivery import FIRST_DELIVERY, Delivery
from domain.deliveries.retries import DELAYS, Attempts, Cause, cause_of
from domain.errors import ModelUnavailable, TooManyUnderWay
from domain.limits.allowance import Allowance
from domain.limits.under_way import UnderWay, spread
from domain.requests import Question
from domain.spending.usage import Usage
from tests.domain.desk import Desk, raising
from tests.fakes import ScriptedModel

WORKERS = 5
ANSWER_SECONDS = 5.0
HANDING_BACK_SECONDS = 0.1
PATIENCE = 60
"""Seconds to wait for a thread, on a machine that is busy."""

FLOOD = [Question("T1", "C1", f"{1000 + number}.000001", "USAKURA", f"ポチは{number}歳ですか") for number in range(200)]
HARU = Question("T1", "C1", "1300.000001", "UHARU", "ポチはどこですか")


class Worker(Thread):
    """Answers one question. ``at`` has what it does next: it ``asks`` the model, or has ``ended``."""

    def __init__(self, made: Desk, question: Question, delivery: Delivery) -> None:
        super().__init__(daemon=True)
        self.question, self.error = question, None
        self.at, self._goes_on, self._made, self._delivery = SimpleQueue(), Event(), made, delivery

    def run(self) -> None:
        try:
            self._made.answer(self.question, self._delivery)
        except Exception as error:  # noqa: BLE001 - the queue looks at it
            self.error = error
        self.at.put("ended")

    def ask(self) -> None:
        self.at.put("asks")
        self._goes_on.wait(PATIENCE)

    def go_on(self) -> None:
        self._goes_on.set()
        assert self.at.get(timeout=PATIENCE) == "ended"


class SlowModel(ScriptedModel):
    """Has each worker wait in the midst of its answer, until it is told to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.workers: dict[str, Worker] = {}

    def reply(self, prompt, *args) -> Iterator:
        self.workers[prompt[-1].text].ask()
        yield from super().reply(prompt, *args)


class Fifo:
    """A FIFO queue of SQS and the workers of its event source, in a time of their own: one at a time does something.

    The oldest message that is visible is taken, of each group one at a time.
    """

    def __init__(self, made: Desk) -> None:
        self.made = made
        self.waiting: dict[Question, tuple[float, Attempts]] = {}
        self.busy: dict[float, Worker] = {}
        self.ended: dict[Question, float] = {}
        self.receives: Counter[Question] = Counter()
        self._ends = count()

    def put(self, *questions: Question) -> None:
        self.waiting |= dict.fromkeys(questions, (self.made.clock.now, Attempts()))

    def run(self) -> None:
        while self.waiting:
            end = min(self.busy, default=float("inf"))
            if end <= self.made.clock.now:
                worker = self.busy.pop(end)
                worker.go_on()
                self._settle(worker)
            elif len(self.busy) < WORKERS and (question := self._visible()):
                self._receive(question)
            else:
                due = (due for due, _ in self.waiting.values() if due > self.made.clock.now)
                self.made.clock.now = min(end, *due)

    def _visible(self) -> Question | None:
        return next((each for each, (due, _) in self.waiting.items() if due <= self.made.clock.now), None)

    def _receive(self, question: Question) -> None:
        self.receives[question] += 1
        _, attempts = self.waiting[question]
        worker = Worker(self.made, question, Delivery(self.receives[question], attempts=attempts))
        self.made.model.workers[question.text] = worker
        self.waiting[question] = (float("inf"), attempts)
        worker.start()
        if worker.at.get(timeout=PATIENCE) == "asks":
            self.busy[self.made.clock.now + ANSWER_SECONDS + next(self._ends) / 1_000_000] = worker
        else:
            self._settle(worker)

    def _settle(self, worker: Worker) -> None:
        _, attempts = self.waiting.pop(worker.question)
        if worker.error is None:
            self.ended[worker.question] = self.made.clock.now
            return
        cause = cause_of(worker.error)
        self.made.clock.now += HANDING_BACK_SECONDS / (WORKERS - len(self.busy))  # the free ones do so side by side
        delay = spread(attempts.delay(cause), worker.question.identity, self.receives[worker.question])
        due = self.made.clock.now + delay
        # Back in its place: a message keeps its turn while it is invisible.
        self.waiting = dict(sorted([*self.waiting.items(), (worker.question, (due, attempts.after(cause)))], key=_ts))


def _ts(waiting) -> float:
    return waiting[0].ts.seconds


def test_who_floods_the_bot_delays_nobody_else():
    made = Desk(SlowModel(), most_of_one=WORKERS // 2)
    queue = Fifo(made)
    began = made.clock.now
    queue.put(*FLOOD, HARU)
    queue.run()
    once = HANDING_BACK_SECONDS * len(FLOOD) / (WORKERS - WORKERS // 2)  # what is before hers is looked at once
    assert queue.ended[HARU] - began == pytest.approx(once + ANSWER_SECONDS, rel=0.5)
    assert sorted(queue.ended, key=lambda each: each.ts) == [*FLOOD, HARU]
    assert Counter(prompt[-1].text for prompt in made.model.prompts) == Counter(each.text for each in [*FLOOD, HARU])
    assert all(made.replies.of[each.identity].closed for each in [*FLOOD, HARU])
    assert max(queue.receives.values()) < 40  # SQS makes a hundred deliveries
    assert made.clock.now - began < 2 * ANSWER_SECONDS * len(FLOOD) / (WORKERS // 2)  # it hardly ever pauses


class Interrupted(ScriptedModel):
    """Does this in the midst of its first answer."""

    def __init__(self, meanwhile) -> None:
        super().__init__()
        self.meanwhile = [meanwhile]

    def reply(self, prompt, *args) -> Iterator:
        if self.meanwhile:
            self.meanwhile.pop()()
        yield from super().reply(prompt, *args)


def waits(made: Desk, question: Question, delivery: Delivery = FIRST_DELIVERY) -> None:
    with pytest.raises(TooManyUnderWay):
        made.answer(question, delivery)


def test_a_question_that_waits_has_no_reply_yet_and_is_no_failure():
    made = Desk(Interrupted(lambda: waits(made, FLOOD[1])), most_of_one=1)
    made.answer(FLOOD[0])
    assert list(made.replies.of) == [FLOOD[0].identity]
    assert len(made.events) == 1
    made.answer(FLOOD[1], Delivery(2))
    assert len(made.model.prompts) == 2


@pytest.mark.parametrize("text", ["メモリ", "使用量", ""])
def test_what_asks_no_model_waits_too_since_it_takes_a_worker(text):
    made = Desk(Interrupted(lambda: waits(made, replace(FLOOD[1], text=text))), most_of_one=1)
    made.answer(FLOOD[0])
    assert made.model.meanwhile == []
    assert list(made.replies.of) == [FLOOD[0].identity]
    made.answer(replace(FLOOD[1], text=text))
    made.answer(FLOOD[2])
    assert list(made.replies.of) == [each.identity for each in FLOOD[:3]]


def test_another_person_waits_for_nobody():
    made = Desk(Interrupted(lambda: made.answer(HARU)), most_of_one=1)
    made.answer(FLOOD[0])
    assert len(made.model.prompts) == 2


def test_who_was_overtaken_while_the_reply_was_opened_finishes_that_reply_later():
    made = Desk(most_of_one=1)
    other = UnderWay("T1/USAKURA", FLOOD[1].identity, made.clock.now + 60)
    made.replies.on_open = lambda _: made.store.under_way.add(other)
    waits(made, FLOOD[0])
    made.store.under_way.clear()
    made.answer(FLOOD[0], Delivery(2))
    assert len(made.replies.by_ts) == 1
    assert made.replies.of[FLOOD[0].identity].closed


def test_a_failed_attempt_leaves_room_for_others_and_waits_like_them_when_it_comes_again():
    made = Desk(ScriptedModel(ModelUnavailable("503").after(Usage(sent=9))), most_of_one=1)
    with pytest.raises(ModelUnavailable):
        made.answer(FLOOD[0])
    assert made.store.under_way == set()
    other = UnderWay("T1/USAKURA", FLOOD[1].identity, made.clock.now + 60)
    made.store.under_way.add(other)
    waits(made, FLOOD[0], Delivery(2, attempts=Attempts(model=1)))
    made.store.under_way.clear()
    made.answer(FLOOD[0], Delivery(3, attempts=Attempts(model=1, waiting=1)))
    assert made.store.under_way == set()


def test_a_killed_worker_s_question_is_under_way_until_its_worker_must_have_ended():
    made = Desk(most_of_one=1)
    delivery = Delivery(deadline=Deadline(made.clock).within(255))
    made.model.reply = raising(KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        made.answer(FLOOD[0], delivery)
    waits(made, FLOOD[1])
    del made.model.reply
    made.clock.now += 255 + 30
    made.answer(FLOOD[1])
    made.answer(FLOOD[0], Delivery(2))  # which takes its place again
    assert made.store.under_way == set()


def test_a_question_that_has_waited_for_hours_waits_no_longer():
    spent = Attempts(waiting=len(DELAYS[Cause.WAITING]))
    made = Desk(Interrupted(lambda: made.answer(FLOOD[1], Delivery(99, attempts=spent))), most_of_one=1)
    made.answer(FLOOD[0])
    assert len(made.model.prompts) == 2


def test_the_waiting_fits_into_what_sqs_delivers_beside_the_worst_of_the_failures():
    assert sum(map(len, DELAYS.values())) < 90
    assert sum(DELAYS[Cause.WAITING]) > 6 * 3_600


def test_a_flood_above_the_rate_is_refused_and_a_refusal_is_under_way_too():
    made = Desk(Interrupted(lambda: waits(made, FLOOD[1])), most_of_one=1, allowance=Allowance(questions=1))
    made.answer(replace(FLOOD[1], ts="1000.000002", text="ポチは何歳ですか"))
    made.answer(FLOOD[1])
    assert len(made.model.prompts) == 1
    assert made.store.under_way == set()


def test_on_one_machine_where_the_queue_sees_to_it_nothing_is_noted():
    made = Desk(Interrupted(lambda: made.answer(FLOOD[1])))
    made.answer(FLOOD[0])
    assert made.store.under_way == set()
