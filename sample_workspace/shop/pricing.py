"""What an order costs. Pure: nothing here knows of the database."""

BULK_FROM = 5
BULK_DISCOUNT_PERCENT = 10
MOST_PER_ORDER = 20


def total_cents(price_cents: int, quantity: int) -> int:
    """Return what so many pieces cost; from five on they are ten percent off, rounded down to the cent.

    Raises:
        ValueError: nobody may order that many.
    """
    if not 1 <= quantity <= MOST_PER_ORDER:
        raise ValueError(f"the quantity must be between 1 and {MOST_PER_ORDER}, not {quantity}")
    total = price_cents * quantity
    return total * (100 - BULK_DISCOUNT_PERCENT) // 100 if quantity >= BULK_FROM else total


def euros(cents: int) -> str:
    """Return an amount as people write it, such as `1,234.50 €`."""
    return f"{cents / 100:,.2f} €"
