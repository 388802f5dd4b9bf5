import pytest

from domain.conversations.place import conversation_key, parts_of_key


@pytest.mark.parametrize("parts", [("T1", "C1", "1.0"), ("T1", "D1", "")])
def test_a_key_says_team_channel_and_thread(parts):
    assert parts_of_key(conversation_key(*parts)) == parts


def test_a_key_of_another_form_is_no_place():
    assert parts_of_key("犬") == ("犬", "", "")
