"""What the stand-in says of itself, in each language."""

import re
from dataclasses import dataclass

from domain.texts.english import ENGLISH
from domain.texts.japanese import JAPANESE
from domain.texts.language import Language


@dataclass(frozen=True)
class Voice:
    """The stand-in's own words in one language, and the pieces in which it streams them."""

    language: Language
    disclaimer: str
    found: str
    nothing: str
    excerpt: str
    blind: str
    record: str
    empty: str
    pieces: re.Pattern[str]


VOICES = {
    "ja": Voice(
        JAPANESE,
        disclaimer="(APIキーがないため、AIの代わりの簡易な応答です。覚えている発言を探すことだけができます。)",
        found="記憶の中に、近い発言がありました。",
        nothing="覚えている範囲には、これに関する発言が見つかりませんでした。いまの発言は、このあと記憶に加わります。",
        excerpt="ファイルから、目立つ文を抜き出します。",
        blind="画像を見ることはできません。",
        record="記録",
        empty="(書き留める発言はありませんでした)",
        pieces=re.compile(r".{1,3}", re.DOTALL),
    ),
    "en": Voice(
        ENGLISH,
        disclaimer="(A stand-in answers because there is no API key. It is no AI: it can only look up what was said.)",
        found="This is what I remember that comes close:",
        nothing="I find nothing about this in what I remember. What you just wrote will be remembered too.",
        excerpt="These sentences stand out in the file:",
        blind="I cannot look at pictures.",
        record="Record",
        empty="(nothing was said that needs noting)",
        pieces=re.compile(r"\S+\s*"),
    ),
}
