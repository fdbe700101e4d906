"""Experiments that really run."""
