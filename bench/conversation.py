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


def summary(number: int) -> str:
    """About 400 characters: what a small model writes when it is asked to stay well below 1,000 tokens."""
    return f"第{number}版の要約。私は犬のポチを飼っている。" + "".join(
        f"{subject}は{(number + n) % 50 + 10}分くらい、{n + 1}回に分けて行い、終わったらほめると決めた。"
        for n, subject in enumerate(SUBJECTS)
    )
