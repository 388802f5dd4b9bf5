"""Twenty conversations at once, in a Slack that enforces the rates it promises."""

import pytest

from domain.conversations.place import Scope
from domain.requests import Question
from entrypoints.playground.emulator.server import RATES
from entrypoints.playground.emulator.workspace.model import BOT_USER, TEAM
from tests.adapters.slack.replies_harness import RECEIPT, Slack

CONVERSATIONS, ROUNDS, SECONDS = 20, 3, 10


@pytest.mark.parametrize("sessions", [True, False])
def test_twenty_conversations_that_ask_again_and_again_hit_no_rate_limit(serve, clock, waits, sessions):
    slack = Slack(serve, clock, rates=RATES, sessions=sessions)
    person, channels = slack.question.person, [each for each in slack.workspace.directory.channels if not each.direct]
    threads: dict[int, str] = {}
    for number in range(ROUNDS):
        live = []
        for each in range(CONVERSATIONS):
            channel = channels[each % len(channels)].id
            said = slack.workspace.say(person, channel, "犬は?", threads.get(each, ""))
            question = Question(TEAM, channel, said.ts, person, "犬は?", thread=threads.setdefault(each, said.ts))
            live.append(slack.replies.open(question, question.place(Scope.THREAD)))
            clock.pass_by(0.4)  # each channel is asked once in more than a second
        for second in range(SECONDS):
            for each, reply in enumerate(live):
                reply.write(f"{each}-{number}-{second} ")
            clock.pass_by(1)
        for reply in live:
            reply.close(RECEIPT)
    assert slack.rate_limited == waits == []
    assert set(slack.calls) >= {"chat.startStream", "chat.update"}, "streams where they are to be had"
    words = [word for post in slack.workspace.messages.posts() if post.user == BOT_USER for word in post.text.split()]
    expected = [f"{e}-{n}-{s}" for e in range(CONVERSATIONS) for n in range(ROUNDS) for s in range(SECONDS)]
    assert sorted(words) == sorted(expected)
