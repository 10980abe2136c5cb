"""Which letter a model's reply means."""

from eval.extraction.reading import Reading, read_letter

__all__ = ["Reading", "read_letter"]
