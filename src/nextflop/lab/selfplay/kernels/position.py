"""Where the numbers of a position lie."""

MOVES, WINNER, OVER, BOARD = range(4)
"""Moves played; 1, -1 or 0; whether it is over; the first number of the board."""
