"""What a budget buys that is not text: reinforcement learning, self-play, search, on the ledger of the rest."""
