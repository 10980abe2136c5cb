"""Open answers judged by another model."""
