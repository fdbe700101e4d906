"""Verifiable tasks: Countdown, its teacher, reinforcement learning, sampling and search."""
