"""Two runs of the exam over the same questions."""
