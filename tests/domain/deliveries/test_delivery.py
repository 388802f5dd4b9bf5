import pytest

from domain.deliveries.delivery import Delivery
from domain.errors import ModelBusy, ModelMisconfigured


@pytest.mark.parametrize(
    ("delivery", "error", "is_last"),
    [
        (Delivery(1), ModelBusy("429"), False),
        (Delivery(3, last=True), ModelBusy("429"), True),
        (Delivery(1), ModelMisconfigured("401"), True),
    ],
)
def test_what_only_the_operator_can_mend_is_tried_once(delivery, error, is_last):
    assert delivery.is_last(error) is is_last


@pytest.mark.parametrize(
    ("delivery", "repeated"), [(Delivery(), False), (Delivery(2), True), (Delivery(1, replayed=True), True)]
)
def test_an_earlier_delivery_may_have_left_traces_unless_this_is_the_very_first(delivery, repeated):
    assert delivery.repeated is repeated
