import pytest

from domain.timestamp import Timestamp


def test_timestamps_have_the_order_of_time_and_not_of_their_letters():
    early, late = Timestamp("999.000001"), Timestamp("1000.000001")
    assert early < late <= late
    assert late > early >= early
    assert late > "999.000001"
    assert max(early, late) == "1000.000001"


@pytest.mark.parametrize("text", ["", "犬", "nan", "inf", "1.2.3"])
def test_what_is_no_time_is_no_timestamp(text):
    with pytest.raises(ValueError):  # noqa: PT011 - float() says it in its own words
        Timestamp(text)
