"""The stand-in without a key: honest, deterministic, and with a memory that can be watched working."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.offline import OfflineLanguageModel
from domain.attachments import Document, Picture, ResolvedQuestion
from domain.condensation.applying_edits import revised
from domain.condensation.condensation import Condensation
from domain.condensation.edit_lines import Add, Drop, read_edits
from domain.condensation.note_text import key
from domain.conversations.conversation import Conversation, Message, Speaker
from domain.memory import Memory
from domain.ports.model import Completed
from domain.prompts import Part, Prompt, Prompts, Role
from domain.requests import Question
from domain.spending.usage import Usage
from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from domain.turn_events import Condensed, Event
from tests.fakes import InMemoryConversations, InMemoryReplies, answering
from tests.notes import notes, texts

LANGUAGES = {"ja": JAPANESE, "en": ENGLISH}


def model_of(language: str = "ja", count_tokens=len, sleep=lambda seconds: None, **settings) -> OfflineLanguageModel:
    return OfflineLanguageModel(language=language, count_tokens=count_tokens, sleep=sleep, **settings)


def says(*texts: str, speaker: Speaker = Speaker.PERSON) -> tuple[Message, ...]:
    return tuple(Message(speaker, text, len(text)) for text in texts)


def spoken(prompt: Prompt, language: str = "ja") -> str:
    return "".join(piece for piece in model_of(language).reply(prompt) if isinstance(piece, str))


def answer(question: str, *said: str, summary: str = "", language: str = "ja") -> str:
    conversation = Conversation(notes=notes(summary) if summary else (), buffer=says(*said))
    return spoken(Prompts(LANGUAGES[language]).reply(conversation, ResolvedQuestion(question)), language)


def quoted(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.startswith("- ")]


def summary_of(*folded: Message, summary: str = "", limit: int = 1000, language: str = "ja") -> list[str]:
    """The texts of the notes after a condensation. A new note takes 16 tokens more than its text has characters."""
    known = notes(summary) if summary else ()
    condensation = Condensation(known, folded, limit, (Part(Role.INSTRUCTION, "Summarise."),))
    answer = model_of(language).summarise(condensation)[0]
    revision = revised(known, read_edits(answer, limit), folded, lambda number, note: len(note.text) + 16)
    return texts(revision.notes) if revision else []


# Honest


@pytest.mark.parametrize(("language", "admission"), [("ja", "APIキーがない"), ("en", "there is no API key")])
@pytest.mark.parametrize("question", ["犬の名前は?", "What is my dog's name?", "", "?!"])
def test_every_answer_begins_with_what_it_is(language: str, admission: str, question: str) -> None:
    for said in [(), ("私の犬の名前はポチです。",), ("My dog's name is Pochi.",)]:
        assert admission in answer(question, *said, language=language).splitlines()[0]


@pytest.mark.parametrize(
    ("language", "question", "regret"),
    [("ja", "量子力学とは何ですか?", "見つかりませんでした"), ("en", "What is quantum mechanics?", "I find nothing")],
)
def test_it_says_so_when_it_finds_nothing(language: str, question: str, regret: str) -> None:
    said = ("私の犬の名前はポチです。", "My dog's name is Pochi.")
    assert regret in answer(question, *said, language=language)
    assert quoted(answer(question, *said, language=language)) == []


def test_another_language_is_an_error_that_names_it() -> None:
    with pytest.raises(ValueError, match="ja and en, not 'fr'"):
        model_of("fr")


# Recalling


@pytest.mark.parametrize("question", ["犬の名前は?", "犬は?", "いぬの名前は", "私の犬の名前は何だったか教えてください"])
def test_it_recalls_what_was_said_and_by_whom(question: str) -> None:
    said = ("昨日は鍋を食べました。", "私の犬の名前はポチです。雨でした。", "コーヒーが好きです。")
    assert quoted(answer(question, *said)) == ["- 私: 私の犬の名前はポチです。"]


@pytest.mark.parametrize(
    "question",
    [
        "What is my dog's name?",
        "What's my dog called?",
        "Do you remember what the name of my dog was?",
        "DOG?",
        "ＤＯＧ?",
    ],
)
def test_it_recalls_in_english_too_without_stumbling_over_little_words(question: str) -> None:
    said = ("It is cold.", "My dog's name is Pochi. The weather was what it was.", "I like coffee, do you?")
    assert quoted(answer(question, *said, language="en")) == ["- Person: My dog's name is Pochi."]


def test_it_recalls_from_the_summary_who_said_it_as_far_as_the_summary_tells() -> None:
    summary = "私: 犬の名前はポチです。\nAI: 犬の名前はよい名前です。\n二人は犬の名前の話をした。"
    assert sorted(quoted(answer("犬の名前は?", summary=summary))) == [
        "- AI: 犬の名前はよい名前です。",
        "- 私: 犬の名前はポチです。",
        "- 記録: 二人は犬の名前の話をした。",
    ]


def test_the_wrapping_of_the_record_is_not_recalled() -> None:
    assert quoted(answer("これまでのやりとりの記録は?", summary="私: 猫はタマです。")) == []


def test_the_instruction_is_not_recalled() -> None:
    assert quoted(answer("標準的な Markdown は?")) == []


def test_of_equally_near_sentences_the_latest_comes_first_and_no_more_than_three_come() -> None:
    said = [f"犬の名前は{name}です。" for name in ("ポチ", "ハチ", "タロ", "ジロ")]
    assert quoted(answer("犬の名前は?", *said)) == [f"- 私: {sentence}" for sentence in reversed(said[1:])]


def test_the_nearest_comes_first_however_long_ago_it_was() -> None:
    said = ("うちの犬の名前はポチです。", "犬の名前ならハチがよい。")
    assert quoted(answer("犬の名前は?", *said)) == [f"- 私: {sentence}" for sentence in said]


def test_what_is_much_further_off_than_the_best_is_left_out() -> None:
    assert quoted(answer("犬の名前は?", "猫の名前はタマです。", "犬の名前はポチです。")) == [
        "- 私: 犬の名前はポチです。"
    ]


def test_sharing_nothing_but_grammar_is_not_near() -> None:
    assert quoted(answer("会議の資料はどこにありますか?", "駅前にパン屋があります。")) == []


def test_what_every_sentence_has_makes_none_of_them_near() -> None:
    assert quoted(answer("私の誕生日は?", *(f"私の{thing}です。" for thing in ("犬", "猫", "車", "家", "庭")))) == []


def test_what_was_said_twice_is_quoted_once() -> None:
    assert len(quoted(answer("犬の名前は?", "犬の名前はポチです。", "犬の名前はポチです。"))) == 1


@pytest.mark.parametrize("earlier", ["犬の名前は?", "犬の名前は何ですか。", "犬の名前は何だっけ", "犬の名前を教えて"])
def test_an_earlier_question_is_no_answer(earlier: str) -> None:
    assert quoted(answer("犬の名前は?", earlier)) == []


def test_its_own_earlier_answers_are_not_recalled_in_either_language() -> None:
    own = [answer("犬の名前は?", "犬の名前はポチです。", language=language) for language in LANGUAGES]
    prompt = (*(Part(Role.BOT, text) for text in own), Part(Role.PERSON, "犬の名前は?"))
    assert quoted(spoken(prompt)) == []


@pytest.mark.parametrize("mark", ["- ", "  * ", "## ", "> ", "1. ", "> - "])
def test_markdown_of_an_earlier_answer_does_not_nest_in_the_quotation(mark: str) -> None:
    prompt = (Part(Role.BOT, f"{mark}犬の名前はポチです。"), Part(Role.PERSON, "犬の名前は?"))
    assert quoted(spoken(prompt)) == ["- AI: 犬の名前はポチです。"]


# Several people


def test_it_says_by_name_who_said_what_where_the_name_is_known() -> None:
    said = (Message(Speaker.PERSON, "犬の名前はポチです。", 9, "花子"), *says("猫の名前はタマです。"))
    prompt = Prompts(JAPANESE).reply(Conversation(buffer=said), ResolvedQuestion("犬の名前と猫の名前は?", "太郎"))
    assert sorted(quoted(spoken(prompt))) == ["- 私: 猫の名前はタマです。", "- 花子: 犬の名前はポチです。"]


def test_a_summary_keeps_names_and_they_are_told_from_it_again() -> None:
    (line,) = summary_of(Message(Speaker.PERSON, "犬の名前はポチです。", 9, "花子"))
    assert line == "花子: 犬の名前はポチです。"
    prompt = Prompts(JAPANESE).reply(Conversation(notes=notes(line)), ResolvedQuestion("犬の名前は?", "花子"))
    assert quoted(spoken(prompt)) == ["- 花子: 犬の名前はポチです。"]
    other = Prompts(JAPANESE).reply(Conversation(notes=notes(line)), ResolvedQuestion("犬の名前は?", "太郎"))
    assert quoted(spoken(other)) == ["- 記録: 花子: 犬の名前はポチです。"]


def test_a_summary_that_was_condensed_twice_still_names_whoever_said_it() -> None:
    hanako = Message(Speaker.PERSON, "犬の名前はポチです。", 9, "花子")
    (once,) = summary_of(hanako)
    assert summary_of(*says("空が青い。"), summary=once) == [once, "私: 空が青い。"]


# Files

NOTES = Document("覚え書き.txt", "散歩は朝です。\n犬の名前はポチです。\n餌は 200 グラムです。")


@pytest.mark.parametrize("asked_in", LANGUAGES)
def test_it_answers_from_a_document_that_comes_with_the_question(asked_in: str) -> None:
    prompt = Prompts(LANGUAGES[asked_in]).reply(
        Conversation(), ResolvedQuestion("犬の名前は?", "太郎", documents=(NOTES,))
    )
    assert quoted(spoken(prompt, asked_in)) == ["- 覚え書き.txt: 犬の名前はポチです。"]


@pytest.mark.parametrize("asked_in", LANGUAGES)
def test_it_answers_from_a_document_that_came_earlier_whatever_the_language_was_then(asked_in: str) -> None:
    earlier = says(Prompts(JAPANESE).question_text(ResolvedQuestion("読んでおいて。"), (NOTES,)))
    prompt = Prompts(LANGUAGES[asked_in]).reply(Conversation(buffer=earlier), ResolvedQuestion("犬の名前は?"))
    assert quoted(spoken(prompt, asked_in)) == ["- 覚え書き.txt: 犬の名前はポチです。"]


def test_where_nothing_in_a_document_is_near_its_most_telling_sentences_stand_for_it() -> None:
    said = spoken(Prompts(JAPANESE).reply(Conversation(), ResolvedQuestion("要約して", documents=(NOTES,))))
    assert "ファイルから" in said
    assert quoted(said)[0] == "- 覚え書き.txt: 餌は 200 グラムです。"


def test_a_summary_keeps_what_a_document_said_and_leaves_its_wrapping_out() -> None:
    folded = says(Prompts(JAPANESE).question_text(ResolvedQuestion("読んでおいて。"), (NOTES,)))
    assert summary_of(*folded) == [
        "私: 読んでおいて。",
        "覚え書き.txt: 散歩は朝です。",
        "覚え書き.txt: 犬の名前はポチです。",
        "覚え書き.txt: 餌は 200 グラムです。",
    ]


@pytest.mark.parametrize(("language", "regret"), [("ja", "画像を見ることはできません。"), ("en", "I cannot look at")])
def test_it_says_that_it_cannot_look_at_a_picture_and_answers_the_rest(language: str, regret: str) -> None:
    picture = Picture("犬.png", "image/png", b"\x89PNG")
    conversation = Conversation(buffer=says("犬の名前はポチです。"))
    prompt = Prompts(LANGUAGES[language]).reply(conversation, ResolvedQuestion("犬の名前は?", pictures=(picture,)))
    said = spoken(prompt, language)
    assert regret in said
    assert quoted(said)[0].endswith("犬の名前はポチです。")
    assert regret not in spoken(
        Prompts(LANGUAGES[language]).reply(conversation, ResolvedQuestion("犬の名前は?")), language
    )


def test_the_name_of_a_picture_is_no_part_of_what_is_asked() -> None:
    picture = Picture("ポチ.png", "image/png", b"\x89PNG")
    conversation = Conversation(buffer=says("ポチは走ります。"))
    assert quoted(spoken(Prompts(JAPANESE).reply(conversation, ResolvedQuestion("何色?", pictures=(picture,))))) == []


# Streaming


@pytest.mark.parametrize(("language", "longest"), [("ja", 3), ("en", 16)])
def test_it_speaks_piece_by_piece_with_a_pause_between_two_and_none_before_the_first(
    language: str, longest: int
) -> None:
    pauses: list[float] = []
    pieces = model_of(language, sleep=pauses.append, pace=0.5).reply((Part(Role.PERSON, "Hi"),))
    assert len(str(next(pieces))) <= longest
    assert pauses == []
    *rest, _ = pieces
    assert pauses == [0.5] * len(rest)
    assert all(0 < len(str(piece)) <= longest for piece in rest)


def test_it_is_called_what_it_is() -> None:
    assert model_of().name == "offline"


def test_usage_is_counted_by_the_counter_it_was_given_and_only_after_the_last_word() -> None:
    counted: list[str] = []

    def count_tokens(text: str) -> int:
        counted.append(text)
        return 7

    pieces = model_of(count_tokens=count_tokens).reply((Part(Role.INSTRUCTION, "Be kind."), Part(Role.PERSON, "犬は?")))
    words = []
    for piece in pieces:
        if isinstance(piece, Completed):
            assert piece == Completed(Usage(sent=14, received=7, cached=0))
        else:
            assert counted == []
            words.append(piece)
    assert counted == ["Be kind.", "犬は?", "".join(words)]


# Summaries


def test_a_summary_says_who_said_what_in_the_order_it_was_said() -> None:
    folded = (*says("私の犬の名前はポチです。昨日は雨でした。"), *says("よい名前です。", speaker=Speaker.BOT))
    assert summary_of(*folded, summary="私: 京都へ行きます。") == [
        "私: 京都へ行きます。",
        "私: 私の犬の名前はポチです。",
        "私: 昨日は雨でした。",
        "AI: よい名前です。",
    ]
    assert summary_of(*says("I like tea."), language="en") == ["Person: I like tea."]


@pytest.mark.parametrize(
    "fact",
    [
        "11月30日に行きます。",
        "三月に行きます。",
        "妹はハナコです。",
        "彼は「茜」にいる。",
        "茶が好きです。",
        "I met Hanako.",
    ],
)
def test_numbers_dates_names_and_likings_are_kept_before_idle_talk(fact: str) -> None:
    talk = ("今日は寒いですね。", "のんびりしています。", "そうでしたか?")
    assert summary_of(*says(fact, *talk), limit=45)[0] == f"私: {fact}"


def test_what_the_earlier_summary_had_survives_newer_talk() -> None:
    talk = ("今日は寒いですね。", "のんびりしています。", "空が青い。")
    assert "私: 犬はポチです。" in summary_of(*says(*talk), summary="私: 犬はポチです。", limit=25)


def test_of_two_equally_telling_sentences_the_newer_is_kept() -> None:
    assert summary_of(*says("空が青い。", "海が広い。"), limit=30) == ["私: 海が広い。"]


def test_what_the_earlier_summary_had_is_as_good_as_new() -> None:
    talk = says("海が広い。", "山が高い。")
    assert summary_of(*talk, summary="私: 空が青い。", limit=40) == ["私: 空が青い。", "私: 山が高い。"]


def test_an_idle_question_goes_before_idle_talk_does() -> None:
    assert summary_of(*says("空が青い。", "海が広い?"), limit=30) == ["私: 空が青い。"]


def test_a_shorter_sentence_takes_the_room_that_a_longer_one_does_not_fit() -> None:
    talk = says("お茶。", "のんびりしています。", "犬は8歳。")
    assert summary_of(*talk, limit=50) == ["私: お茶。", "私: 犬は8歳。"]


def test_what_is_known_already_is_not_written_twice() -> None:
    folded = says("私の犬の名前はポチです。", "私の犬の名前はポチですよ。")
    assert len(summary_of(*folded, summary="私: 私の犬の名前はポチです。")) == 1


def test_its_own_answers_and_empty_summaries_leave_no_trace_in_a_summary() -> None:
    own = says(*(answer("犬は?", "犬はポチです。", language=language) for language in LANGUAGES), speaker=Speaker.BOT)
    assert summary_of(*own, *says("空が青い。")) == ["私: 空が青い。"]
    empty = summary_of(*own)
    assert empty == ["(書き留める発言はありませんでした)"]
    assert summary_of(*says("空が青い。"), summary=empty[0]) == ["私: 空が青い。"]


def test_a_text_without_a_full_stop_is_taken_in_lengths() -> None:
    endless = "".join(chr(0x4E00 + number) for number in range(400))
    lines = summary_of(*says(endless))
    assert lines == [f"私: {endless[:160]}", f"私: {endless[160:320]}", f"私: {endless[320:]}"]


def test_where_no_sentence_fits_the_best_ones_beginning_stands_for_it() -> None:
    assert summary_of(*says("空が青い。", "私の犬の名前はポチです。"), limit=23) == ["私: 私の犬の"]
    model = model_of(count_tokens=lambda text: 3 * len(text))
    assert model.summarise(Condensation((), says("空が青い。"), 2, ()))[0] == "ADD 私"


def test_a_count_that_grows_where_lines_meet_still_keeps_to_the_limit() -> None:
    model = model_of(count_tokens=lambda text: len(text) + 50 * text.rstrip().count("\n"))
    condensation = Condensation((), says("犬は8歳。", "空が青い。", "茶。"), 40, (Part(Role.PERSON, "?"),))
    assert model.summarise(condensation)[0] == "ADD 私: 犬は8歳。"


@given(
    st.lists(st.text(alphabet="犬猫はが。?\n 1ポチ「」Ab.-", max_size=60), max_size=8),
    st.text(alphabet="私: 犬猫。\n1ポ", max_size=60),
    st.integers(20, 120),
)
def test_a_summary_is_never_over_its_limit_or_empty(said: list[str], summary: str, limit: int) -> None:
    condensation = Condensation(notes(summary) if summary else (), says(*said), limit, ())
    answer = model_of().summarise(condensation)[0]
    edits = read_edits(answer, limit).edits
    assert answer
    standing = len(summary) * bool(summary and Drop((1,)) not in edits)
    added = [each.text for each in edits if isinstance(each, Add) and key(each.text) != key(summary)]
    assert standing + sum(len(each) + 16 for each in added) <= limit or added == ["(書き留める発言はありませんでした)"]


# The whole of it


@pytest.mark.parametrize(
    ("language", "fact", "talk", "question", "recalled"),
    [
        (
            "ja",
            "私の犬の名前はポチです",
            "今日は寒いですね。風も強いです。",
            "犬の名前は?",
            "- 私: 私の犬の名前はポチです",
        ),
        ("en", "My dog's name is Pochi.", "It is cold.", "What is my dog's name?", "- Person: My dog's name is Pochi."),
    ],
)
def test_what_was_told_before_a_condensation_is_recalled_from_the_summary(
    language: str, fact: str, talk: str, question: str, recalled: str
) -> None:
    conversations, replies, events = InMemoryConversations(), InMemoryReplies(), list[Event]()
    bot = answering(
        conversations=conversations,
        model=model_of(language),
        replies=replies,
        memory=Memory(limit=600, keep=300, summary=120),
        prompts=Prompts(LANGUAGES[language]),
        report=events.append,
    )

    def ask(ts: int, text: str) -> str:
        question = Question("T1", "C1", f"{ts}.0", "U1", text, thread="1.0")
        bot.answer(question)
        return replies.of[question.identity].text

    ask(1, fact)
    for ts in range(2, 12):
        ask(ts, talk)
    remembered = conversations.load("T1/C1/1.0").conversation
    assert sum(isinstance(event, Condensed) for event in events) >= 2
    assert all(not event.trimmed for event in events if isinstance(event, Condensed))
    assert any(fact in note.text for note in remembered.notes)
    assert all(fact not in message.text for message in remembered.buffer)
    assert recalled in ask(12, question).splitlines()


# What stands above, and what people take back


@pytest.mark.parametrize(
    ("language", "name", "said", "question"),
    [
        ("ja", "花子", "ポチの散歩は七時です", "散歩は何時?"),
        ("en", "Hana", "Pochi is walked at seven", "When is Pochi walked?"),
    ],
)
def test_what_stands_above_in_the_thread_is_found_with_who_said_it(language, name, said, question) -> None:
    above = Message(Speaker.THREAD, said, 1, name)
    prompt = Prompts(LANGUAGES[language]).reply(Conversation(buffer=(above,)), ResolvedQuestion(question))
    assert quoted(spoken(prompt, language)) == [f"- {name}: {said}"]


@pytest.mark.parametrize(
    ("removed", "expected"),
    [("私の犬の名前はポチです。", "DROP 1"), ("散歩は七時です。", "KEEP"), ("猫の名前はタマです。", "KEEP")],
)
def test_withheld_notes_that_repeat_what_was_removed_are_dropped(removed: str, expected: str) -> None:
    withheld, shown = notes("私の犬の名前はポチです。"), notes("猫の名前はタマです。")
    known = (*(replace(each, withheld=True) for each in withheld), *shown)
    condensation = Condensation(known, (), 1000, (Part(Role.INSTRUCTION, "Redact."),), (removed,))
    assert model_of().summarise(condensation)[0] == expected


# In a channel with a language of its own


def test_whichever_model_a_channel_has_chosen_it_is_the_stand_in_that_answers():
    assert model_of().name_of("gpt-5.4") == model_of().name == "offline"


def test_a_prompt_in_the_other_language_is_answered_in_that():
    conversation = Conversation(notes=notes("Pochi is three."), buffer=says("Pochi likes rice."))
    prompt = Prompts(ENGLISH, instructions="Be brief.").reply(conversation, ResolvedQuestion("What does Pochi like?"))
    answered = spoken(prompt, "ja")
    assert answered == spoken(prompt, "en")
    assert answered.startswith("(A stand-in answers")
    assert "<record>" not in answered
