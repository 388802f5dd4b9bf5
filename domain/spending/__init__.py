"""What is spent: tokens, their prices, and the ledger."""
