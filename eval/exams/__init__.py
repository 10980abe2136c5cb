"""The exam: what is asked, how, and what came of it."""
