"""Quantizing a model to W4A16 (AWQ), and measuring what it costs."""
