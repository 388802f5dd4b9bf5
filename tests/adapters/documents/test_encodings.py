"""Text files in the encodings of the world: right words, or a refusal, and never wrong words."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.documents.encodings import UncertainEncoding, decoded

JAPANESE = (
    "犬の名前はポチです。\n餌は 200 グラム。",
    "散歩 出席者 田中、佐藤",
    "名前,年齢\n田中,31\n佐藤,44\n",
    "ポチ",
    "カタカナ",
    "散歩は朝の七時です。齋藤さんが来ます。",
    "「ポチ」と呼ぶ",
    "犬種名,名義\n柴犬,ﾎﾟﾁ\n秋田犬,ﾊﾁ\n「散歩の時間」の表です。\n",
)
OTHERS = (
    "prénom;âge\nHélène;31\nFrançois;44\n",
    "It’s Pochi’s dog – “Wau”",
    "Größe: Übermut, Straße",
    "ÄÖÜ ÄÖÜ ÄÖÜ",
    "Año nuevo, señor",
    "Zażółć gęślą jaźń",
    "Привет, мир. Мою собаку зовут Почи.",
    "ВОПРОС О СОБАКЕ",
    "Ο σκύλος μου λέγεται Πότσι.",
    "你好，世界。我的狗叫波奇。",
    "狗的名字是波奇\n它每天早上散步。",
    "今天天氣很好，我們去公園散步。",
    "안녕하세요. 제 개 이름은 포치입니다.",
    "東京都千代田区",
    "株式会社　山田商店　御中",
    "こんにちは",
    "のは",
)
ENCODINGS = (
    *("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp932", "euc_jp", "iso2022_jp"),
    *("iso2022_kr", "hz", "gbk", "gb18030", "big5", "euc_kr", "cp949", "cp1251", "koi8-r", "cp866", "iso8859_5"),
    *("mac_cyrillic", "latin-1", "cp1252", "iso8859_15", "mac_roman", "cp437", "cp850", "cp1250", "iso8859_2"),
    *("cp1253", "iso8859_7"),
)
CERTAIN = ("utf-8", "utf-8-sig", "utf-16", "utf-32", "iso2022_jp")
LOOKALIKES = {("gbk", "「ポチ」と呼ぶ"), ("gb18030", "「ポチ」と呼ぶ")}
"""Kana written in China: nothing but the meaning tells them from Japan's."""


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("text", JAPANESE + OTHERS)
def test_a_text_is_read_as_it_was_written_or_refused(text: str, encoding: str):
    if (encoding, text) in LOOKALIKES:
        return
    try:
        data = text.encode(encoding)
    except UnicodeEncodeError:
        return  # nobody can have written it
    try:
        found = decoded(data)
    except UncertainEncoding:
        assert encoding not in CERTAIN
        return
    assert found in (text, "")
    assert found or encoding not in CERTAIN


@pytest.mark.parametrize("encoding", ["cp932", *CERTAIN])
@pytest.mark.parametrize("text", JAPANESE)
def test_what_people_in_japan_save_is_read(text: str, encoding: str):
    if encoding == "iso2022_jp" and "ﾎ" in text:
        encoding = "iso2022_jp_ext"
    assert decoded(text.encode(encoding)) == text


def test_euc_jp_is_read_where_kana_tell_it_from_chinese_and_korean():
    text = "犬の名前はポチです。\n餌は 200 グラム。"
    assert decoded(text.encode("euc_jp")) == text
    with pytest.raises(UncertainEncoding):
        decoded("東京都千代田区、散歩".encode("euc_jp"))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_read_where_a_blank_or_a_line_break_tells_its_order(encoding: str):
    for text in ("犬の名前はポチです。\n餌は 200 グラム。", "Pochi,10\r\nHachi,20\r\n", "100\n"):
        assert decoded(text.encode(encoding)) == text
    with pytest.raises(UncertainEncoding):
        decoded("犬の名前".encode(encoding))


@pytest.mark.parametrize("data", [b"", b"MZ\x90\x00\x03\x00\x00\x00\x04\x00", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"])
def test_bytes_that_are_no_text_are_not_called_text_of_an_uncertain_encoding(data: bytes):
    assert decoded(data) == ""


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\xef\xbb\xbf\xff", b"\xff\xfea\x00\x00\x00"])
def test_what_lies_about_its_mark_is_no_text(data: bytes):
    assert decoded(data) == ""


@given(st.binary(max_size=80))
def test_no_bytes_are_another_error(data: bytes):
    with suppress(UncertainEncoding):
        assert "\0" not in decoded(data)


@given(st.text(st.characters(exclude_categories=("Cc", "Cs"), exclude_characters="\ufeff~"), max_size=40))
def test_utf_8_is_read_whatever_it_says(text: str):
    assert decoded(f"ポチ{text}".encode()) == f"ポチ{text}"
