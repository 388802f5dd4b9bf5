"""One dog, two dogs."""

import pytest

from entrypoints.counted import counted


@pytest.mark.parametrize(("number", "expected"), [(0, "0 dogs"), (1, "1 dog"), (2, "2 dogs"), (2000, "2,000 dogs")])
def test_a_number_has_the_word_that_fits_it(number, expected):
    assert counted(number, "dog") == expected


def test_a_word_may_have_a_plural_of_its_own():
    assert (counted(1, "puppy", "puppies"), counted(2, "puppy", "puppies")) == ("1 puppy", "2 puppies")
