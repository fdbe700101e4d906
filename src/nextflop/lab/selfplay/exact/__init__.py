"""Perfect play as a judge: games solved by listing or by search, and agents measured against it."""
