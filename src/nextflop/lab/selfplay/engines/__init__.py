"""What plays many games at once: rules and search behind one interface, in two programs."""
