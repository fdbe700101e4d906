"""Dated records of prices and of chips: each with its unit, its source and the digest of where it was read."""
