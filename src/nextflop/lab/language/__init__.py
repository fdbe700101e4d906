"""Language models: a small transformer, cached generation, supervised training, and what each costs."""
