"""Practice: which question comes next, what is kept of its answer, and when what went wrong comes back."""
