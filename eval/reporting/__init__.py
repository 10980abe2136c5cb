"""The HTML report of an exam."""
