"""What an order costs."""

import pytest

from shop.pricing import euros, total_cents


@pytest.mark.parametrize(("quantity", "total"), [(1, 1250), (4, 5000), (5, 5625), (20, 22500)])
def test_five_or_more_are_ten_percent_off(quantity: int, total: int) -> None:
    """The discount starts with the fifth piece."""
    assert total_cents(1250, quantity) == total


@pytest.mark.parametrize("quantity", [-1, 0, 21, 99])
def test_nobody_may_order_none_or_too_many(quantity: int) -> None:
    """The message says what would be fine."""
    with pytest.raises(ValueError, match="between 1 and 20"):
        total_cents(1250, quantity)


def test_amounts_are_written_as_people_write_them() -> None:
    """Thousands are set apart, cents always have two digits."""
    assert euros(123450) == "1,234.50 €"
