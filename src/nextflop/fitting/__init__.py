"""Law and runs in, fit out."""
