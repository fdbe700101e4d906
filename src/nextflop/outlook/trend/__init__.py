"""Series against time: how fast they grow, whether that slows, and what rows that are missing may hide."""
