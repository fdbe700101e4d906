"""One ledger for every way to spend a budget: what each option buys, how sure that is, and what would settle it."""
