"""Exam questions that stand in what a model was trained on, or in what it retrieves from."""

from eval.contamination.overlap import GRAM, NEAR, Overlap, overlaps, seen_questions
from eval.contamination.texts import Text, store_texts, training_texts

__all__ = ["GRAM", "NEAR", "Overlap", "Text", "overlaps", "seen_questions", "store_texts", "training_texts"]
