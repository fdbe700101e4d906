"""Players that nobody here wrote: programs of their own, asked in their own languages."""
