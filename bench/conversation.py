"""One Japanese conversation, as long as it is wanted: every turn says something of its own."""

SUBJECTS = ("散歩", "朝ごはん", "病院", "しつけ", "おもちゃ", "旅行", "雨の日", "誕生日", "友だち", "写真")


def question(number: int) -> str:
    return f"ポチの{SUBJECTS[number % 10]}について、{number}日目はどうすればいいですか?"


def answer(number: int) -> str:
    """About 200 characters."""
    subject = SUBJECTS[number % 10]
    return (
        f"{number}日目の{subject}ですね。まず、ポチの様子をよく見てあげてください。"
        f"{subject}の前には、首輪と水を用意して、時間は{number % 50 + 10}分くらいにすると無理がありません。"
        f"先週の{SUBJECTS[(number + 3) % 10]}のときと同じように、はじめはゆっくり、慣れてきたら少しずつ長くしましょう。"
        f"もし疲れているようなら、{number % 7 + 1}回に分けて休ませてあげるのがいちばんです。"
        f"終わったあとは、たくさんほめてあげてくださいね。きっとポチも喜びますよ。"
    )


NOTES_KEPT = 12
"""As many as stay well below 1,000 tokens."""


def edits(number: int, shown: int) -> str:
    """What a small model answers to a condensation that shows it so many notes: two new ones for the oldest two."""
    added = [
        f"ADD {number}番目の話: ポチの{subject}は{(number + n) % 50 + 10}分、{n + 1}回に分けて行い、あとでほめる。"
        for n, subject in enumerate((SUBJECTS[number % 10], SUBJECTS[(number + 3) % 10]))
    ]
    return "\n".join(added + ["DROP 1 2"] * (shown > NOTES_KEPT))
