"""Amounts of money as the ledger counts them: in millionths of the unit of the price list."""

MILLIONTHS = 1_000_000


def money(amount: int) -> str:
    """An amount as people read it: with two decimals, or with four where it is below 1."""
    return f"{amount / MILLIONTHS:,.{2 if amount >= MILLIONTHS else 4}f}"
