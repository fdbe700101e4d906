"""Agents trained by self-play with tree search, and the measurement of their strength."""
