"""The search index."""

from shop.search import build, find

SHELF = {1: "Tea pot", 2: "Tea cup, glazed", 3: "Green tea", 4: "Honey"}


def test_every_word_of_the_question_must_be_there() -> None:
    """More words find less."""
    index = build(SHELF)
    assert find(index, "tea") == {1, 2, 3}
    assert find(index, "TEA green") == {3}
    assert find(index, "coffee") == set()


def test_the_beginning_of_a_word_is_enough() -> None:
    """People stop typing early."""
    assert find(build(SHELF), "hon") == {4}


def test_an_empty_question_finds_nothing() -> None:
    """Not everything."""
    assert find(build(SHELF), "  ") == set()
