"""The three conversations that are compared, each as long as it is wanted: every turn says something of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench import conversation as japanese
from bench.peers.facts import told_in_answer, told_in_question, turn_of, written
from domain.conversations.place import Scope
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from domain.texts.language import Language


@dataclass(frozen=True)
class Conversation:
    """What people ask and what the bot answers, by the number of the turn from 0. ``gist`` is what matters of it."""

    name: str
    language: Language
    people: tuple[str, ...]
    asked: Callable[[int], str]
    answered: Callable[[int], str]
    gist: Callable[[int], str]
    scope: Scope = Scope.THREAD

    def person(self, turn: int) -> str:
        """Who asks. Nobody in a conversation of many asks twice in a row."""
        return self.people[turn * 7 % len(self.people)]

    def question(self, turn: int) -> str:
        return f"{self.asked(turn)} ({told_in_question(turn)})"

    def answer(self, turn: int) -> str:
        return f"{self.answered(turn)} ({told_in_answer(turn)})"

    def fact(self, number: int) -> str:
        """What a model writes of a fact."""
        return written(number, self.person(turn_of(number)), self.gist(number))


def _japanese_gist(number: int) -> str:
    subject = japanese.SUBJECTS[number % 10]
    return f"ポチの{subject}は{number % 50 + 10}分、{number % 7 + 1}回に分けて行い、あとでよくほめると決めた。"


PARTS = ("feeder", "scale", "camera", "door", "collar", "bowl", "lamp", "fountain", "gate", "diary")
"""What Pochi's house is made of, each with a service of its own."""

CODE_EVERY = 3
"""Every third question shows code, and its answer shows it mended."""


def _technical_question(turn: int) -> str:
    part, seconds = PARTS[turn % 10], turn % 50 + 10
    if turn % CODE_EVERY:
        return f"In build {turn} the {part} of Pochi's house still answers after {seconds} s. Where do I look next?"
    return (
        f"Build {turn} of Pochi's {part} loses a reading about every {seconds} s. This is the loop:\n"
        f"```python\ndef poll_{part}(client, every={seconds}):\n    while True:\n"
        f"        reading = client.get('/{part}/{turn}').json()\n"
        f"        if reading['grams'] < {turn % 90 + 5}:\n            queue.put(reading)\n"
        f"        time.sleep(every)\n```\nWhere can it lose one?"
    )


def _technical_answer(turn: int) -> str:
    part, other, seconds = PARTS[turn % 10], PARTS[(turn + 3) % 10], turn % 50 + 10
    if turn % CODE_EVERY:
        return (
            f"First look at the connection pool of the {part}: with {turn % 7 + 2} connections and a timeout of "
            f"{seconds} s, one slow request holds all that come after it. Set the timeout to {turn % 9 + 1} s and let "
            f"a failed request be made once more after {turn % 5 + 1} s.\n\nThen compare it with the {other}, which "
            f"had the same fault in build {max(0, turn - 3)}: there the clock was {turn % 40} ms late, so that the "
            f"queue took two readings for one. `SELECT count(*) FROM readings WHERE part = '{part}'` shows whether "
            f"that is so here. If the numbers agree, it is the network: write down the time of each loss for {seconds} "
            f"minutes and send me the list, and do not restart the {part} meanwhile."
        )
    return (
        f"It is lost where the request fails: the exception ends the loop, and the supervisor starts it anew {seconds} "
        f"s later. Catch it, and keep the last reading until the queue has it:\n"
        f"```python\ndef poll_{part}(client, every={seconds}):\n    waiting = None\n    while True:\n        try:\n"
        f"            response = client.get('/{part}/{turn}', timeout={turn % 9 + 1})\n"
        f"            response.raise_for_status()\n            waiting = response.json()\n"
        f"        except httpx.HTTPError as error:\n            log.warning('no reading of the {part}: %s', error)\n"
        f"        if waiting and waiting['grams'] < {turn % 90 + 5}:\n            queue.put(waiting)\n"
        f"            waiting = None\n        time.sleep(every)\n```\nDeploy it to the {other} too: it has the same "
        f"loop. A reading that waits is replaced by a newer one, which is right for weights, but not for the {other}: "
        f"there append it to a list of at most {turn % 90 + 10} readings."
    )


def _technical_gist(number: int) -> str:
    return (
        f"the {PARTS[number % 10]} has a timeout of {number % 9 + 1} s, tries again after {number % 5 + 1} s and keeps "
        f"the last {number % 90 + 10} readings"
    )


PEOPLE = ("Sakura", "Ken", "Midori", "Jun", "Aoi", "Haruto", "Yui", "Sora", "Hina", "Riku", "Mei", "Daichi")
PLACES = ("river", "park", "station", "school", "shrine", "library", "harbour", "bakery", "market", "hill")


def _channel_question(turn: int) -> str:
    place, hour = PLACES[turn % 10], turn % 12 + 7
    return (
        f"I can walk Pochi to the {place} at {hour}:{turn % 6}0 on day {turn}, but {PEOPLE[turn * 5 % 12]} has the "
        f"leash. Who brings it, and what does Pochi eat before?"
    )


def _channel_answer(turn: int) -> str:
    person, place = PEOPLE[(turn * 5 + 3) % 12], PLACES[(turn + 4) % 10]
    return (
        f"{person} passes the {place} at {turn % 12 + 6}:{turn % 5}5 and can leave the leash there. Before the walk "
        f"Pochi has {turn % 9 * 10 + 40} g of rice without chicken, and water. On day {max(0, turn - 2)} it was too "
        f"warm at noon, so take the way along the {PLACES[(turn + 7) % 10]}, which has shade, and be back after "
        f"{turn % 40 + 20} minutes."
    )


def _channel_gist(number: int) -> str:
    return (
        f"walks Pochi to the {PLACES[number % 10]} at {number % 12 + 7}:{number % 6}0, brings the leash and "
        f"{number % 9 * 10 + 40} g of rice without chicken"
    )


CONVERSATIONS: Mapping[str, Conversation] = {
    each.name: each
    for each in (
        Conversation("chat", JAPANESE, ("さくら",), japanese.question, japanese.answer, _japanese_gist),
        Conversation("code", ENGLISH, ("Ken",), _technical_question, _technical_answer, _technical_gist),
        Conversation(
            "channel", ENGLISH, PEOPLE, _channel_question, _channel_answer, _channel_gist, scope=Scope.CHANNEL
        ),
    )
}
