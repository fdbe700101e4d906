"""A lab's measurements turned into fits and answers."""
