"""Matches: who plays, from which openings, and how they end."""
