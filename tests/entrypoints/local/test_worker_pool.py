import logging
import threading
import time
from dataclasses import replace
from queue import SimpleQueue

import pytest

from adapters.sqlite import SqliteDeadLetters, SqliteQueue
from domain.deliveries import retries
from domain.deliveries.delivery import Delivery
from domain.deliveries.retries import Attempts, Cause
from domain.errors import (
    ModelBusy,
    ModelMisconfigured,
    PersonNotNotified,
    SlackRefused,
    SlackUnavailable,
    StoreUnavailable,
)
from domain.requests import Apology, Question, Vote
from entrypoints.local import worker_pool
from entrypoints.local.worker_pool import WorkerPool
from tests.stand_ins import SOON

DOG = Question("T1", "C1", "1000.000001", "USAKURA", "犬の名前は?")
WALK = replace(DOG, ts="1000.000002", text="散歩は?")
WEATHER = replace(DOG, channel="C2", ts="1000.000003", text="天気は?")


@pytest.fixture(autouse=True)
def _no_delays(monkeypatch):
    delays = {cause: (0.0,) * min(len(each), 4) for cause, each in retries.DELAYS.items()}
    monkeypatch.setattr(retries, "DELAYS", delays)
    monkeypatch.setattr(retries, "PERSISTENT", (0.0,) * 9)
    monkeypatch.setattr(worker_pool, "QUEUE_RETRY", 0.0)


@pytest.fixture
def queue(tmp_path, clock, open_database):
    return SqliteQueue(open_database(tmp_path / "bot.sqlite3"), clock=clock)


@pytest.fixture
def run(queue, clock):
    """Starts workers that answer with the given function, and stops them at the end."""
    started = []

    def start(answer, count=2, queue=queue) -> WorkerPool:
        workers = WorkerPool(queue, answer, count, clock)
        started.append(workers)
        workers.start()
        return workers

    yield start
    for workers in started:
        workers.stop(SOON)


def put(queue, *questions):
    for question in questions:
        queue.put(question, f"T1/{question.channel}")


def test_a_question_is_answered_as_soon_as_it_is_put(queue, run):
    answered = threading.Event()
    run(lambda question, delivery: answered.set())
    put(queue, DOG)
    assert answered.wait(SOON)


def test_questions_that_waited_before_the_start_are_answered_in_order(queue, run):
    put(queue, DOG, WALK)
    answered, done = [], threading.Event()

    def answer(question, delivery):
        answered.append(question.text)
        if len(answered) == 2:
            done.set()

    run(answer)
    assert done.wait(SOON)
    assert answered == ["犬の名前は?", "散歩は?"]


def test_another_conversation_does_not_wait_for_a_slow_one_and_the_same_one_does(queue, run):
    slow_goes_on, weather_told, walk_told = threading.Event(), threading.Event(), threading.Event()
    walk_told_too_early = []

    def answer(question, delivery):
        if question == DOG:
            assert slow_goes_on.wait(SOON)
            walk_told_too_early.append(walk_told.is_set())
        elif question == WEATHER:
            weather_told.set()
        else:
            walk_told.set()

    run(answer)
    put(queue, DOG, WALK, WEATHER)
    assert weather_told.wait(SOON)
    slow_goes_on.set()
    assert walk_told.wait(SOON)
    assert walk_told_too_early == [False]


def test_a_question_that_fails_is_tried_three_times_and_then_kept_as_a_dead_letter(queue, run):
    deliveries, next_told = [], threading.Event()

    def answer(question, delivery):
        if question == WALK:
            next_told.set()
            return
        deliveries.append(delivery)
        raise ModelBusy("429")

    put(queue, DOG, WALK)
    run(answer)
    assert next_told.wait(SOON)
    assert deliveries == [Delivery(number, attempts=Attempts(model=number - 1)) for number in (1, 2, 3)]
    assert queue.recover() == (0, 0)


def test_a_vote_is_seen_to_like_a_question(queue, run):
    vote, seen = Vote("T1", "C1", "1000.000009", "USAKURA", DOG.identity, good=True), []
    done = threading.Event()

    def serve(request, delivery):
        seen.append((request, delivery.number))
        if delivery.number == 1:
            raise StoreUnavailable("locked")
        done.set()

    run(serve)
    queue.put(vote, "votes/T1/C1")
    assert done.wait(SOON)
    assert seen == [(vote, 1), (vote, 2)]


def test_a_retry_is_not_held_up_by_questions_that_wait_behind_it(open_database, tmp_path, monkeypatch):
    monkeypatch.setattr(retries, "DELAYS", dict.fromkeys(Cause, (0.05, 0.05)))
    queue = SqliteQueue(open_database(tmp_path / "real-time.sqlite3"), clock=time.time)
    answered = threading.Event()

    def answer(question, delivery):
        if question == DOG and delivery.number == 1:
            raise ModelBusy("429")
        if question == WALK:
            answered.set()

    put(queue, DOG, WALK)
    workers = WorkerPool(queue, answer, 1, time.time)
    workers.start()
    assert answered.wait(SOON)
    workers.stop(SOON)


def test_of_a_question_that_is_given_up_the_log_has_what_failed_once(queue, run, caplog):
    vote, seen = Vote("T1", "C1", "1000.000009", "USAKURA", DOG.identity, good=True), SimpleQueue()

    def fail(request, delivery):
        seen.put(request)
        raise SlackRefused("not_in_channel")

    with caplog.at_level(logging.INFO):
        workers = run(fail)
        queue.put(vote, "votes/T1/C1")
        put(queue, DOG)
        assert {seen.get(timeout=SOON), seen.get(timeout=SOON)} == {DOG, vote}
        workers.stop(SOON)
    (line,) = [record.getMessage() for record in caplog.records if "dead letter" in record.getMessage()]
    assert vote.reference in line  # the event log has the question's
    assert line.endswith(f"a dead letter now, once that is mended: bot replay {vote.reference}")


def test_a_bug_in_one_answer_does_not_end_the_worker(queue, run):
    told = threading.Event()

    def answer(question, delivery):
        if question == DOG:
            raise ZeroDivisionError
        told.set()

    run(answer, count=1)
    put(queue, DOG, WEATHER)
    assert told.wait(SOON)


def test_stopping_waits_for_the_answers_under_way_and_leaves_the_rest_queued(queue, run):
    begun, goes_on, finished = threading.Event(), threading.Event(), []

    def answer(question, delivery):
        begun.set()
        assert goes_on.wait(SOON)
        finished.append(question.text)

    workers = run(answer, count=1)
    put(queue, DOG, WALK)
    assert begun.wait(SOON)
    stopper = threading.Thread(target=workers.stop, args=(SOON,))
    stopper.start()
    goes_on.set()
    stopper.join(SOON)
    assert finished == ["犬の名前は?"]
    assert queue.claim().request == WALK


def test_a_start_goes_on_with_what_was_interrupted(queue, run):
    put(queue, DOG)
    queue.claim()
    delivered, seen = [], threading.Event()

    def answer(question, delivery):
        delivered.append(delivery)
        seen.set()

    run(answer)
    assert seen.wait(SOON)
    assert delivered == [Delivery(2, attempts=Attempts(other=1))]


def test_a_start_buries_what_was_interrupted_every_time_and_says_so(queue, run, caplog):
    put(queue, DOG, WALK)
    for _ in range(3):
        queue.recover()
        queue.claim()
    delivered, seen = [], threading.Event()

    def answer(request, delivery):
        delivered.append((request, delivery))
        if len(delivered) == 2:
            seen.set()

    run(answer, count=1)
    assert seen.wait(SOON)
    assert delivered == [(Apology.to(DOG), Delivery(1)), (WALK, Delivery(1))]
    assert "1 questions are dead letters now" in caplog.text


def test_an_idle_worker_soon_finds_what_another_process_puts_back(queue, run, open_database, tmp_path):
    put(queue, DOG)
    queue.move_to_dead_letters(queue.claim().request, "ModelBusy")
    next_due, idle, answered = queue.next_due, threading.Event(), threading.Event()
    queue.next_due = lambda: (next_due(), idle.set())[0]
    run(lambda question, delivery: answered.set(), count=1)
    assert idle.wait(SOON)
    others = SqliteDeadLetters(open_database(tmp_path / "bot.sqlite3"))
    assert [others.replay(letter) for letter in others.letters()] == [True]
    assert answered.wait(SOON)


def test_a_queue_that_is_locked_for_a_while_neither_ends_the_worker_nor_loses_the_outcome(queue, run):
    trouble = [StoreUnavailable("locked")] * 2
    finish, claim = queue.finish, queue.claim
    finished = threading.Event()

    def locked_at_first(call):
        def attempt(*args):
            if trouble:
                raise trouble.pop()
            return call(*args)

        return attempt

    queue.claim = locked_at_first(claim)
    queue.finish = locked_at_first(lambda question: (finish(question), finished.set()))
    run(lambda question, delivery: trouble.append(StoreUnavailable("locked again")), count=1)
    put(queue, DOG)
    assert finished.wait(SOON)
    assert not queue.put(DOG, "T1/C1")


def test_more_conversations_are_answered_at_once_than_hang(queue, run):
    goes_on, told = threading.Event(), threading.Event()

    def answer(question, delivery):
        if question.channel.startswith("H"):
            assert goes_on.wait(SOON)
        else:
            told.set()

    workers = run(answer, count=12)
    put(queue, *(replace(DOG, channel=f"H{number}") for number in range(11)), WEATHER)
    assert told.wait(SOON)
    goes_on.set()
    workers.stop(SOON)


def test_one_question_of_another_person_does_not_wait_for_a_flood_of_two_hundred(open_database, tmp_path, clock, run):
    goes_on, pochi = threading.Event(), threading.Event()
    queue = SqliteQueue(open_database(tmp_path / "flood.sqlite3"), clock=clock, most_of_one=4)

    def answer(question, delivery):
        if question.person == "UFLOOD":
            goes_on.wait()
        else:
            pochi.set()

    workers = run(answer, count=8, queue=queue)
    put(queue, *(replace(DOG, channel=f"F{number}", person="UFLOOD") for number in range(200)), WEATHER)
    is_told = pochi.wait(6 * SOON)
    goes_on.set()
    assert is_told
    workers.stop(SOON)


def test_no_more_threads_work_than_may(queue, run):
    goes_on, at_work, most, done = threading.Event(), [], [], threading.Event()

    def answer(question, delivery):
        at_work.append(question)
        most.append(len(at_work))
        if len(most) == 3:
            goes_on.set()
        assert goes_on.wait(SOON)
        at_work.remove(question)
        if len(most) == 8:
            done.set()

    run(answer, count=3)
    put(queue, *(replace(DOG, channel=f"C{number}") for number in range(8)))
    assert done.wait(SOON)
    assert max(most) == 3


def test_an_outage_does_not_count_as_one_of_the_models_tries(queue, run):
    errors, deliveries, answered = [SlackUnavailable("502")] * 3 + [ModelBusy("429")] * 2, [], threading.Event()

    def answer(question, delivery):
        deliveries.append(delivery.attempts)
        if errors:
            raise errors.pop(0)
        answered.set()

    run(answer)
    put(queue, DOG)
    assert answered.wait(SOON)
    assert deliveries[-1] == Attempts(outage=3, model=2)


def test_what_the_operator_must_mend_is_tried_once_and_kept(queue, run, open_database, tmp_path):
    deliveries, next_told = [], threading.Event()

    def answer(question, delivery):
        deliveries.append(question)
        if question == WALK:
            next_told.set()
        else:
            raise ModelMisconfigured("401")

    put(queue, DOG, WALK)
    run(answer, count=1)
    assert next_told.wait(SOON)
    assert deliveries == [DOG, WALK]
    (letter,) = SqliteDeadLetters(open_database(tmp_path / "bot.sqlite3")).letters()
    assert (letter.reference, letter.reason) == (DOG.reference, "ModelMisconfigured: 401")


def test_a_person_who_could_not_be_told_is_told_when_slack_is_back(queue, run, open_database, tmp_path):
    told, away = threading.Event(), [SlackUnavailable("502")] * 6

    def answer(request, delivery):
        if request == DOG:
            raise PersonNotNotified("later") from ModelBusy("429")
        if away:
            raise away.pop()
        assert request == Apology.to(DOG)
        told.set()

    run(answer)
    put(queue, DOG)
    assert told.wait(SOON)
    (letter,) = SqliteDeadLetters(open_database(tmp_path / "bot.sqlite3")).letters()
    assert letter.reference == DOG.reference


def test_an_apology_that_slack_refuses_is_no_second_dead_letter(queue, run, open_database, tmp_path):
    next_told = threading.Event()

    def answer(request, delivery):
        if request == DOG:
            raise PersonNotNotified("later") from ModelBusy("429")
        if isinstance(request, Apology):
            raise SlackRefused("is_archived")
        next_told.set()

    run(answer, count=1)
    put(queue, DOG)
    put(queue, replace(WEATHER, ts="1000.000009"))
    assert next_told.wait(SOON)
    database = open_database(tmp_path / "bot.sqlite3")
    assert [letter.reference for letter in SqliteDeadLetters(database).letters()] == [DOG.reference]
