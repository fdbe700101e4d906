"""Which domains to train on: shares as decisions, epochs as what follows, a loss for every target."""
