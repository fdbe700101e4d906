"""Tree search with a network, many games at once."""
